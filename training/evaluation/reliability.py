"""Reliability: whether what a run's probabilities say comes true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from training.evaluation.qrels import Qrels
from training.evaluation.runs import Run

_BINS = 10


def reliability(runs: Sequence[Run], qrels: Qrels) -> Iterator[dict[str, Any]]:
    """Probabilities compared with the share judged relevant, for runs that have any."""
    for run in runs:
        pairs = [
            (details.probability, provider in qrels.relevant(lot))
            for lot, by_provider in run.details.items()
            if lot in qrels.grades
            for provider, details in by_provider.items()
            if details.probability is not None
        ]
        if pairs:
            given, relevant = np.array(pairs, np.float64).T
            order = np.argsort(given, kind="stable")
            bins = [part for part in np.array_split(order, _BINS) if len(part)]
            yield {
                "run": run.name,
                "suggestions": len(pairs),
                "brier": float(np.mean((given - relevant) ** 2)),
                "bins": [
                    {
                        "suggestions": len(part),
                        "told": float(given[part].mean()),
                        "relevant": float(relevant[part].mean()),
                    }
                    for part in bins
                ],
            }
