"""Ask a lot as a register would that knows no award: whom would what they say of themselves find?

Those who won contracts before seldom come with a profile in the data, and those with a
profile have seldom won.  Learned from that alone, a ranker would take no notice of profiles.
So a lot as it was teaches of those without a profile alone, and some lots are also asked as
if nobody had a record: what somebody's past contracts were about becomes its profile, and all
that a record tells is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Mask
from matcher.core.types import Lot
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.feature import DONE, RECORD
from matcher.ranking.features.positions import Values
from matcher.ranking.features.registry import FEATURES

_NEVER = {"months_since_win": 10.0}
"""What features say where nobody won anything, if it is not 0."""
_FROM_AWARDS = frozenset(
    (
        *("won_near", "won_alike_near", "local_votes", "beyond_reach", "past_words_here"),
        *("winners_around", "winners_here_around", "buyers_winners_around"),
        *("named_like_winners", "lot_is_usual", "buyer_is_known", "newcomers"),
    )
)
"""Features of other reasons that awards say."""


@dataclass(frozen=True)
class ColdStartContext(FeatureContext):
    """A look in which nobody has a record."""

    @cached_property
    def newcomers(self) -> Mask:
        """(n,) all of them."""
        return np.ones(len(self.candidates.rows), bool)


def disguised(look: FeatureContext) -> FeatureContext:
    """The look with everybody as it would be without a record, its contracts as its profile."""
    n = len(look.candidates.rows)
    known: dict[str, Values] = {
        name: np.full(n, _NEVER.get(name, 0.0)) for name in FEATURES if _of_awards(name)
    }
    known_awards = look.register.known_awards
    words = look.bm25_score(look.register.past.held(look.query.past, known_awards))
    known["newcomers"] = np.ones(n)
    for name, values in {
        "profile_words": words,
        "told_words": words,
        "profile_meaning": _centre(look),
    }.items():
        known[name] = np.maximum(FEATURES[name].values(look), values)
    return ColdStartContext(look.query, look.candidates, known)


def silent(look: FeatureContext) -> Mask:
    """(n,) which candidates say nothing of what they do.

    Only they teach from a lot as it was: a profile is known mostly of those who seldom win, and
    to have one would speak against a provider.
    """
    vectors = look.register.vectors
    if vectors is None:
        return np.ones(len(look.candidates.rows), bool)
    return ~np.isin(look.candidates.rows, vectors.profile_rows)


def bare(lot: Lot) -> Lot:
    """The lot with its words alone: no code, place, buyer or value."""
    return replace(lot, cpv=(), buyer="", buyer_id="", buyer_postcode="", postcode="", value=None)


def _of_awards(name: str) -> bool:
    feature = FEATURES[name]
    return (feature.reason in {DONE, RECORD} and not feature.of) or name in _FROM_AWARDS


def _centre(look: FeatureContext) -> npt.NDArray[np.float32]:
    """(n,) how near the lot the middle of each candidate's awards lies."""
    n, lot = len(look.candidates.rows), look.query.meaning
    if lot is None:
        return np.zeros(n, np.float32)
    candidate, award = look.wins
    middle = np.zeros((n, len(lot.vector)), np.float32)
    np.add.at(middle, candidate, lot.vectors.awards[award])
    length = np.linalg.norm(middle, axis=1)
    near: npt.NDArray[np.float32] = middle @ lot.vector / np.maximum(length, np.float32(1e-6))
    return np.maximum(near, np.float32(0))
