"""Computes features: a lot and its candidates as a matrix of numbers.

Training and ranking use the same code.  Each feature belongs to a signal, because the gate
decides by signal, and to a reason, because people read reasons.  Users see its docstring.

A feature of relevance reads only words and codes: the profile, the names, and what past
contracts were about.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    _rank_together(context, names)
    x = np.empty((len(context.candidates.rows), len(names)))
    for at, name in enumerate(names):
        x[:, at] = FEATURES[name].values(context)
    return exact.rounded(x)


def _rank_together(context: FeatureContext, names: Sequence[str]) -> None:
    """Compute all rank positions among `names` in one pass, which is faster than one by one."""
    of = list(dict.fromkeys(FEATURES[name].of for name in names if FEATURES[name].of))
    if not of:
        return
    positions = RankPositions.of(np.array([FEATURES[name].values(context) for name in of]))
    among_all = [name for name in of if f"{name}{POSITION}" in names]
    among_newcomers = [name for name in of if f"{name}{POSITION_NEW}" in names]
    ahead = positions.subset([of.index(name) for name in among_all]).ahead()
    ranked_new = positions.subset([of.index(name) for name in among_newcomers])
    ahead_new = ranked_new.ahead_of(context.newcomers)
    context.computed.update(zip((f"{name}{POSITION}" for name in among_all), ahead, strict=True))
    context.computed.update(
        zip((f"{name}{POSITION_NEW}" for name in among_newcomers), ahead_new, strict=True)
    )
