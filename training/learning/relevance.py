"""Learn from people's grades how likely an officer would call a provider at least closely related.

A logistic model of few weights, so that it can be read and checked. Its measures are of lots that
were held back: the lots are divided into five parts, and each part is scored by a model of the
other four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from models.errors import BundleError
from models.ranker import LinearRanker
from models.relevance import Relevance
from models.trees import TreesRanker
from training.evaluation.metrics import estimate

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

READ = (
    *("encoded_best", "told_words", "past_words", "past_title"),
    *("named_like_winners", "past_meaning_usual", "seldom_sells", "same_services"),
)
"""The features that it weighs: what providers say and did, never where or how often."""
FEWEST = 30
"""The fewest lots with a provider that fits and one that does not."""
_LOWERS = frozenset({"seldom_sells"})
"""Features that can only lower the odds; all others can only raise them."""
_PULL = 1e-3
_PARTS = 5
_EDGES = (0, 0.03, 0.06, 0.1, 0.2, 0.4, 0.6, 1.01)


@dataclass(frozen=True)
class GradedRows:
    """The graded providers of one lot: their features and grades."""

    x: Floats
    """(n, features)"""
    grades: Floats
    """(n,) from 0 to 3"""


@dataclass(frozen=True)
class Levels:
    """The probabilities from which a provider is a strong and a possible match."""

    strong: float
    possible: float


def learn(
    lots: Sequence[GradedRows],
    names: Sequence[str],
    fits: float,
    levels: Levels,
    work: TreesRanker | None,
) -> tuple[Relevance, dict[str, Any]]:
    """The model of the graded lots, and a report on lots that were held back.

    `names` are the columns of the rows. A provider fits from the grade `fits` on. `work` is a
    ranker that reads only what providers do; its score is one more thing to weigh.
    Raises BundleError where too few lots tell providers apart.
    """
    telling = [lot for lot in lots if 0 < (lot.grades >= fits).sum() < len(lot.grades)]
    if len(telling) < FEWEST:
        raise BundleError(
            f"--judgements: {len(telling)} of {len(lots)} lots have both a provider that fits and "
            f"one that does not; relevance needs {FEWEST}"
        )
    read = [name for name in READ if name in names]
    x = [_columns(lot.x, names, read, work) for lot in lots]
    y = [lot.grades >= fits for lot in lots]
    lower = np.array([name in _LOWERS for name in read] + [False] * (work is not None))
    held = [np.zeros(0)] * len(lots)
    for part in range(_PARTS):
        taught = [i for i in range(len(lots)) if i % _PARTS != part]
        weights = _fit([x[i] for i in taught], [y[i] for i in taught], lower)
        for i in range(part, len(lots), _PARTS):
            held[i] = _probability(x[i], weights)
    weights = np.round(_fit(x, y, lower), 4)
    odds = LinearRanker(tuple(read), tuple(weights[: len(read)].tolist()), float(weights[-1]))
    weight = float(weights[len(read)]) if work else 0.0
    model = Relevance(odds, levels.strong, levels.possible, work if weight else None, weight)
    return model, _report(lots, y, held)


def _columns(
    x: Floats, names: Sequence[str], read: Sequence[str], work: TreesRanker | None
) -> Floats:
    parts = [x[:, [names.index(name) for name in read]]]
    if work:
        parts.append(work.score(x[:, [names.index(name) for name in work.features]])[:, None])
    return np.hstack(parts)


def _fit(x: Sequence[Floats], y: Sequence[Flags], lower: Flags) -> Floats:
    """(features + 1,) weights of the right sign, and the base."""
    rows, fit = np.concatenate(x), np.concatenate(y)
    scale = rows.std(axis=0) + 1e-9
    rows1 = np.hstack([rows / scale, np.ones((len(rows), 1))])
    sign = np.where(fit, 1.0, -1.0)

    def loss(w: Floats) -> tuple[float, Floats]:
        margin = sign * (rows1 @ w)
        slope = -sign / (1 + np.exp(np.clip(margin, -30, 30))) / len(fit)
        pull = np.append(w[:-1], 0)
        total = float(np.logaddexp(0, -margin).mean() + _PULL * pull @ pull)
        return total, rows1.T @ slope + 2 * _PULL * pull

    bounds = [(None, 0) if down else (0, None) for down in lower] + [(None, None)]
    best = minimize(loss, np.zeros(rows1.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    weights: Floats = best.x
    weights[:-1] /= scale
    return weights


def _probability(x: Floats, weights: Floats) -> Floats:
    odds: Floats = 1 / (1 + np.exp(-np.clip(x @ weights[:-1] + weights[-1], -30, 30)))
    return odds


def _report(
    lots: Sequence[GradedRows], y: Sequence[Flags], held: Sequence[Floats]
) -> dict[str, Any]:
    """How well held-back lots are told apart, and what each range of probability holds."""
    p, fits = np.concatenate(held), np.concatenate(y)
    grades = np.concatenate([lot.grades for lot in lots])
    clear = [area_under_curve(f, q) for f, q in zip(y, held, strict=True)]
    ranges = []
    for low, high in pairwise(_EDGES):
        here = (p >= low) & (p < high)
        if here.any():
            ranges.append(
                {
                    "from": low,
                    "rows": int(here.sum()),
                    "fit": round(float(fits[here].mean()), 4),
                    "nothing to do with the lot": round(float((grades[here] == 0).mean()), 4),
                }
            )
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    log_loss = -np.where(fits, np.log(clipped), np.log(1 - clipped)).mean()
    return {
        "lots": len(lots),
        "rows": len(p),
        "area under the curve, in a lot": estimate([one for one in clear if one is not None]),
        "area under the curve, all rows": round(float(area_under_curve(fits, p) or 0), 4),
        "log loss": round(float(log_loss), 4),
        "probability": ranges,
    }


def area_under_curve(fits: Flags, score: Floats) -> float | None:
    """The share of pairs, one that fits and one that does not, in the right order.

    Pairs with equal scores count half. None where there is no such pair.
    """
    yes, no = np.sort(score[fits]), np.sort(score[~fits])
    if not len(yes) or not len(no):
        return None
    below = np.searchsorted(no, yes, "left") + np.searchsorted(no, yes, "right")
    return float(below.sum()) / (2 * len(yes) * len(no))
