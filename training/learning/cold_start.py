"""Simulate a register without awards, so that a ranker also learns to use profiles.

In the data, past winners seldom have a profile, and providers with a profile have seldom won.  A
ranker that learned from this alone would ignore profiles.  So an actual lot is learned from only
for candidates without a profile, and some lots are asked again as if no provider had a record:
the subject of past contracts becomes the profile, and every feature of the record is removed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Mask
from matcher.core.types import Lot
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.encoded import encoded_past_usual
from matcher.ranking.features.feature import DONE, RECORD
from matcher.ranking.features.positions import Values
from matcher.ranking.features.registry import FEATURES

_NEVER = {"months_since_win": 10.0}
"""The value of features without any past award, where it is not 0."""
_FROM_AWARDS = frozenset(
    (
        *("won_near", "won_alike_near", "local_votes", "beyond_reach", "past_words_here"),
        *("winners_around", "winners_here_around", "buyers_winners_around"),
        *("named_like_winners", "lot_is_usual", "buyer_is_known", "newcomers"),
    )
)
"""Features under other reasons that come from awards."""


@dataclass(frozen=True)
class ColdStartContext(FeatureContext):
    """The candidates of a lot, as if none had a record."""

    @cached_property
    def newcomers(self) -> Mask:
        """(n,) all candidates."""
        return np.ones(len(self.candidates.rows), bool)


def cold_start_context(context: FeatureContext) -> FeatureContext:
    """The context with no record for any candidate; its past contracts become its profile."""
    n = len(context.candidates.rows)
    known: dict[str, Values] = {
        name: np.full(n, _NEVER.get(name, 0.0)) for name in FEATURES if _of_awards(name)
    }
    known_awards = context.register.known_awards
    words = context.bm25_score(context.register.past.postings(context.query.past, known_awards))
    known["newcomers"] = np.ones(n)
    for name, values in {
        "profile_words": words,
        "told_words": words,
        "profile_meaning": _centre(context),
        "encoded_offer": encoded_past_usual.values(context),
    }.items():
        known[name] = np.maximum(FEATURES[name].values(context), values)
    return ColdStartContext(context.query, context.candidates, known)


def without_profile(context: FeatureContext) -> Mask:
    """(n,) which candidates have no profile.

    Only these are learned from in an actual lot.  Profiles are mostly of providers that seldom
    win, so a ranker would learn that having one is a disadvantage.
    """
    vectors = context.register.vectors
    if vectors is None:
        return np.ones(len(context.candidates.rows), bool)
    return ~np.isin(context.candidates.rows, vectors.profile_rows)


def words_only(lot: Lot) -> Lot:
    """The lot with only its words: no code, place, buyer or value."""
    return replace(lot, cpv=(), buyer="", buyer_id="", buyer_postcode="", postcode="", value=None)


def _of_awards(name: str) -> bool:
    feature = FEATURES[name]
    return (feature.reason in {DONE, RECORD} and not feature.of) or name in _FROM_AWARDS


def _centre(context: FeatureContext) -> npt.NDArray[np.float32]:
    """(n,) cosine of the lot and the mean of each candidate's awards, at least 0."""
    n, lot = len(context.candidates.rows), context.query.meaning
    if lot is None:
        return np.zeros(n, np.float32)
    candidate, award = context.wins
    middle = np.zeros((n, len(lot.vector)), np.float32)
    np.add.at(middle, candidate, lot.vectors.awards[award])
    length = np.linalg.norm(middle, axis=1)
    near: npt.NDArray[np.float32] = middle @ lot.vector / np.maximum(length, np.float32(1e-6))
    return np.maximum(near, np.float32(0))
