"""Show the rankers providers that have a profile and no record, though awards hardly tell of any.

Those who won contracts before seldom come with a profile in the data, and those with a
profile have seldom won.  Learned from that alone, a ranker would take no notice of profiles.
So of every lot some candidates that have a record are disguised as newcomers: what their past
contracts were about becomes their profile, and the record is taken from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.features import DONE, FEATURES, LOT, RECORD, Look
from matcher.rules import Signal

Matrix: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

ONE_IN = 4
_NEVER = {"months_since_win": 10.0}
"""What features say of who never won, where it is not 0."""
_FROM_RECORD = frozenset(
    {"won_near", "won_alike_near", "local_votes", "beyond_reach", "past_words_here"}
)
"""Features of place that a record says."""


def disguised(x: Matrix, names: Sequence[str], look: Look) -> Matrix:
    """`x`, (candidates, features), with some candidates as they would be without a record.

    Who is drawn by the seeded draw of the lot, one in `ONE_IN`.
    """
    chosen = _drawn(look)
    if not chosen.any():
        return x
    as_new = x.copy()
    for column, name in enumerate(names):
        if _of_record(name):
            as_new[chosen, column] = _NEVER.get(name, 0.0)
    words = look.together(look.register.past, look.question.past)
    for name, values in {
        "profile_words": words,
        "told_words": words,
        "profile_meaning": _centre(look, chosen),
    }.items():
        if name in names:
            column = list(names).index(name)
            as_new[chosen, column] = np.maximum(x[chosen, column], values[chosen])
    return as_new


def _of_record(name: str) -> bool:
    feature = FEATURES[name]
    told = feature.reason == DONE or feature.signal is Signal.RECORD or feature.reason == RECORD
    return (told and feature.reason != LOT) or name in _FROM_RECORD


def _drawn(look: Look) -> Mask:
    candidate, _ = look.won
    won = np.zeros(len(look.found.rows), bool)
    won[candidate] = True
    won &= look.found.drawn % np.uint64(ONE_IN) == 0
    return won


def _centre(look: Look, chosen: Mask) -> npt.NDArray[np.float32]:
    """(n,) how near the lot the middle of each chosen candidate's awards lies."""
    near = np.zeros(len(chosen), np.float32)
    lot = look.question.meaning
    if lot is None:
        return near
    candidate, award = look.won
    kept = chosen[candidate]
    middle = np.zeros((len(chosen), len(lot.vector)), np.float32)
    np.add.at(middle, candidate[kept], lot.vectors.awards[award[kept]])
    length = np.linalg.norm(middle, axis=1)
    near[chosen] = (middle[chosen] @ lot.vector) / np.maximum(length[chosen], 1e-6)
    return np.maximum(near, 0)
