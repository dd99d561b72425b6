"""Features: a lot and its candidates into numbers, one small function a feature.

The one encoder of learning and of answering.  Each function's docstring is what the user
is shown; each says which signal it draws on, because the gate decides by signal, and which
reason it belongs to, because people read reasons, not features.

A feature that draws on relevance reads only words and codes: what a provider says it does,
what it is called, and what its past contracts were about.
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

_PROMISING = ("told_words", "meaning_and_place", "record_together", "name_meaning", "past_words")
"""By whose places in line it is seen who may come to stand among the first at all."""
_PROMISING_BY = 3


def promising(
    x: npt.NDArray[np.float64], names: Sequence[str], most: int, drawn: npt.NDArray[np.uint64]
) -> Ints:
    """Which rows of `x`, whose columns are `names`, a ranker is asked to put in order.

    Those who stand foremost by what they say, where and how near in meaning they are, and what
    they did before, as far as the ranker reads of these; the draw decides among equals.
    """
    at = [names.index(f"{n}{POSITION}") for n in _PROMISING if f"{n}{POSITION}" in names]
    if len(x) <= most or not at:
        return np.arange(len(x))
    places = x[:, at[:_PROMISING_BY]].sum(axis=1)
    return np.sort(best((1 + places.max() - places).astype(np.float32), most, drawn.take))


def compute(context: FeatureContext, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """The features named, in that order, shape (candidates, features), to six digits."""
    _rank_together(context, names)
    x = np.empty((len(context.candidates.rows), len(names)))
    for at, name in enumerate(names):
        x[:, at] = FEATURES[name].values(context)
    return exact.rounded(x)


def _rank_together(context: FeatureContext, names: Sequence[str]) -> None:
    """Work out all rank positions among `names` in one go, which is quicker than one by one."""
    of = list(dict.fromkeys(FEATURES[name].of for name in names if FEATURES[name].of))
    if not of:
        return
    positions = RankPositions.of(np.array([FEATURES[name].values(context) for name in of]))
    every = [name for name in of if f"{name}{POSITION}" in names]
    newer = [name for name in of if f"{name}{POSITION_NEW}" in names]
    ahead = positions.some([of.index(name) for name in every]).ahead()
    ahead_new = positions.some([of.index(name) for name in newer]).ahead_of(context.newcomers)
    context.computed.update(zip((f"{name}{POSITION}" for name in every), ahead, strict=True))
    context.computed.update(
        zip((f"{name}{POSITION_NEW}" for name in newer), ahead_new, strict=True)
    )
