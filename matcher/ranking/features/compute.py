"""Computes features: a lot and its candidates as a matrix of numbers.

Training and ranking use the same code.  Each feature belongs to a signal, because the gate
decides by signal, and to a reason, because people read reasons.  Users see its docstring.

A feature of relevance reads only words and codes: the profile, the names, and what past
contracts were about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.positions import RankPositions
from matcher.ranking.features.registry import FEATURES, POSITION, POSITION_NEW
from matcher.register.rows import best
from models import exact


def promising(values: npt.NDArray[np.float64], most: int, tie_keys: npt.NDArray[np.uint64]) -> Ints:
    """The candidates, at most `most`, that are worth ranking: those with the lowest sums.

    `values` (candidates, features) are of the ranker's prefilter.  All candidates are worth it
    where the ranker has no prefilter.  `tie_keys` break ties.
    """
    if len(values) <= most or not values.shape[1]:
        return np.arange(len(values))
    sums = values.sum(axis=1)
    return np.sort(best((1 + sums.max() - sums).astype(np.float32), most, tie_keys.take))


def compute(context: FeatureContext, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """(candidates, features) the values of the named features, in that order, to six digits."""
    _rank_together(context, tuple(names))
    x = np.empty((len(names), len(context.candidates.rows)))
    for at, name in enumerate(names):
        x[at] = FEATURES[name].values(context)
    return np.ascontiguousarray(exact.rounded(x).T)


@dataclass(frozen=True, slots=True)
class _Positions:
    """The features with rank positions among some names, and which rank positions are asked."""

    of: tuple[str, ...]
    among_all: tuple[int, ...]
    """the indices in `of` of those ranked among all candidates"""
    among_newcomers: tuple[int, ...]

    def names(self, some: tuple[int, ...], ending: str) -> list[str]:
        """The names of the rank positions of `some`."""
        return [f"{self.of[at]}{ending}" for at in some]


@lru_cache(64)
def _positions(names: tuple[str, ...]) -> _Positions:
    of = tuple(dict.fromkeys(FEATURES[name].of for name in names if FEATURES[name].of))
    known = frozenset(names)
    among_all, among_newcomers = (
        tuple(at for at, name in enumerate(of) if f"{name}{ending}" in known)
        for ending in (POSITION, POSITION_NEW)
    )
    return _Positions(of, among_all, among_newcomers)


def _rank_together(context: FeatureContext, names: tuple[str, ...]) -> None:
    """Compute all rank positions among `names` in one pass, which is faster than one by one."""
    asked = _positions(names)
    if not asked.of:
        return
    ranked = RankPositions.of(np.array([FEATURES[name].values(context) for name in asked.of]))
    ahead = ranked.subset(asked.among_all).ahead()
    ahead_new = ranked.subset(asked.among_newcomers).ahead_of(context.newcomers)
    context.computed.update(zip(asked.names(asked.among_all, POSITION), ahead, strict=True))
    context.computed.update(
        zip(asked.names(asked.among_newcomers, POSITION_NEW), ahead_new, strict=True)
    )
