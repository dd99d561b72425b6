"""Measures of a ranking and their bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import ir_measures
import numpy as np
from ir_measures import RR, Measure, R, Success

MEASURES: tuple[Measure, ...] = (Success @ 1, Success @ 5, Success @ 10, R @ 100, RR @ 100)
DEPTH = 100

Run: TypeAlias = Mapping[str, Sequence[str]]
"""Lot → providers, best first."""


def per_lot(
    qrels: Sequence[ir_measures.Qrel], answers: Run, measures: Sequence[Measure] = MEASURES
) -> dict[str, dict[str, float]]:
    """Measure → lot → value; lots without a list are left out, and count as zero in means."""
    scored = [
        ir_measures.ScoredDoc(lot, doc, -float(rank))
        for lot, docs in answers.items()
        for rank, doc in enumerate(docs)
    ]
    values: dict[str, dict[str, float]] = {str(m): {} for m in measures}
    for metric in ir_measures.iter_calc(measures, qrels, scored):
        values[str(metric.measure)][metric.query_id] = metric.value
    return values


def interval(values: Sequence[float], seed: int = 7, draws: int = 1000) -> tuple[float, float]:
    """Bootstrap 95% interval of the mean over lots; NaN without lots."""
    if not len(values):
        return (float("nan"), float("nan"))
    random = np.random.default_rng(seed)
    array = np.array(values)
    means = [array[random.integers(0, len(array), len(array))].mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def estimate(values: Sequence[float]) -> list[float] | None:
    """[mean, low, high] over lots with a 95% interval, to four places; None without lots."""
    if not len(values):
        return None
    mean = float(np.mean(values))
    return [round(number, 4) for number in (mean, *interval(values))]
