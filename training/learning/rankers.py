"""Learn a ranker from examples, and the relevance floor under which it lists no provider."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from matcher.law.types import Signal
from matcher.ranking.features.feature import PAID
from matcher.ranking.features.registry import BY_ENCODER, FEATURES
from models.calibrated_ranker import CalibratedRanker, Floor
from models.ranker import LinearRanker
from models.saved_rankers import usual_prefilter
from models.trees import TreeSettings, TreesRanker
from training.learning.examples import Example

ALIKE = (
    *("encoded_offer", "encoded_past"),
    *("told_words", "name_words", "name_meaning", "profile_meaning"),
    *("past_words", "past_meaning", "past_category"),
)
"""Features that show whether a provider does this kind of work."""
_ENCODED = "encoded_best_standing"
"""What joins the prefilter where there is an encoder."""
_KEPT = 0.99
"""The share of winners among the first `_FIRST` that the floor keeps."""
_FIRST = 10
_PULL = 1e-3
_REPEATED = frozenset({"past_words_together"})
"""Repeated in `record_together`."""
_JUDGED = frozenset({"seldom_sells"})
"""Taught by people's judgements alone: awards would teach who wins, not who does such work."""


def features_for(purpose_counts: frozenset[Signal], *, encoder: bool = False) -> tuple[str, ...]:
    """The features that draw only on these signals, in their order.

    Features that need an encoder are left out unless the bundle has one.
    Where the whole record counts, features that repeat it are left out.  Size is never learned:
    only registers of providers that seldom win have it, so a ranker would learn that a known
    small size is a disadvantage.  Officers filter by size instead.  Nor are payments: a rule of
    its own adds them to the scores of any ranker (`matcher.ranking.engagement`).
    """
    repeated = _REPEATED if Signal.RECORD in purpose_counts else frozenset()
    counts = purpose_counts - {Signal.SIZE}
    read = (n for n, f in FEATURES.items() if f.signal in counts and f.reason != PAID)
    kept = set(read) - repeated - _JUDGED
    if not encoder:
        kept -= BY_ENCODER
    return tuple(n for n in FEATURES if n in kept)


def learn(
    taught: Sequence[Example], names: tuple[str, ...], settings: TreeSettings, seed: int
) -> CalibratedRanker:
    """A ranker over the features `names`, the columns of the examples."""
    x, won = [e.x for e in taught], np.concatenate([e.won for e in taught])
    weights = np.repeat([e.weight for e in taught], [len(e.won) for e in taught])
    ranker = TreesRanker.learn(x, won, weights, names, settings=settings, seed=seed)
    floor = _floor(taught, names, ranker)
    prefilter = (*usual_prefilter(names), *(n for n in names if n == _ENCODED))
    return CalibratedRanker(ranker, floor, prefilter=prefilter)


def _floor(taught: Sequence[Example], names: tuple[str, ...], ranker: TreesRanker) -> Floor:
    """Weights of zero or more that separate winners from others, and the floor on their sum."""
    kept = [n for n in ALIKE if n in names]
    columns = [names.index(n) for n in kept]
    x = np.concatenate([e.x[:, columns] for e in taught]).astype(np.float64)
    won = np.concatenate([e.won for e in taught])
    scale = x.std(axis=0) + 1e-9
    weights = _fit(x / scale, won) / scale
    alike = LinearRanker(tuple(kept), tuple(np.round(weights, 4).tolist()))
    found = np.concatenate([_won_first(e, ranker, alike, columns) for e in taught])
    least = float(np.quantile(found, 1 - _KEPT)) if len(found) else 0.0
    return Floor(alike, round(least, 4))


def _won_first(
    one: Example, ranker: TreesRanker, alike: LinearRanker, columns: Sequence[int]
) -> npt.NDArray[np.float64]:
    """The relevance of the winners among the ranker's first `_FIRST`."""
    x = one.x.astype(np.float64)
    first = np.argsort(-ranker.score(x), kind="stable")[:_FIRST]
    found = first[one.won[first]]
    return alike.score(x[found][:, columns])


def _fit(x: npt.NDArray[np.float64], won: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Logistic regression with weights of zero or more; both outcomes have equal total weight."""
    share = np.where(won, 0.5 / max(won.sum(), 1), 0.5 / max((~won).sum(), 1))
    sign = np.where(won, 1.0, -1.0)
    x1 = np.hstack([x, np.ones((len(x), 1))])

    def loss(w: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margin = sign * (x1 @ w)
        slope = -sign * share / (1 + np.exp(np.clip(margin, -30, 30)))
        pull = np.append(w[:-1], 0)
        total = float((share * np.logaddexp(0, -margin)).sum() + _PULL * pull @ pull)
        return total, x1.T @ slope + 2 * _PULL * pull

    width = x.shape[1]
    bounds = [(0, None)] * width + [(None, None)]
    start = np.full(width + 1, 0.1)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    weights: npt.NDArray[np.float64] = best.x[:-1]
    return weights
