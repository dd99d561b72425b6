"""All features by name: those of each module, and their rank positions."""

from __future__ import annotations

from matcher.law.types import Signal
from matcher.ranking.features import encoded, payments, place, record, relevance, size
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.feature import Feature
from matcher.ranking.features.positions import RankPositions, Values

POSITION, POSITION_NEW = "_standing", "_standing_new"
"""Endings of the names of rank positions: among all candidates, and among newcomers."""

_RANKED = (
    *("told_words", "profile_meaning", "name_words", "name_meaning", "name_meaning_of_title"),
    *("named_like_winners", "past_words", "past_meaning", "wins", "value_unlike"),
    "past_title",
    *("votes", "meaning_votes", "record_together", "nearness", "distance_likely", "local_votes"),
    *("won_alike_near", "winners_around", "winners_here_around", "buyers_winners_around"),
    "meaning_and_place",
    *("encoded_offer", "encoded_past", "encoded_best", "encoded_and_place"),
)
"""The features whose rank positions among all candidates are features too."""
_RANKED_NEW = (
    *("told_words", "name_words", "name_meaning", "name_meaning_of_title", "distance_likely"),
    *("winners_around", "winners_here_around", "buyers_winners_around", "meaning_and_place"),
    *("encoded_offer", "encoded_and_place"),
)
"""The features whose rank positions among newcomers are features too."""


_VALUES = {
    feature.name: feature
    for feature in (
        *relevance.FEATURES,
        *record.FEATURES,
        *place.FEATURES,
        *size.FEATURES,
        *encoded.FEATURES,
        *payments.FEATURES,
    )
}
_BY_MEANING = (
    relevance.profile_meaning,
    relevance.name_meaning,
    relevance.name_meaning_beside_best,
    relevance.name_meaning_of_title,
    relevance.named_like_winners,
    encoded.encoded_offer,
    encoded.encoded_offer_behind_best,
    encoded.encoded_best,
    encoded.encoded_best_behind_best,
    encoded.same_services,
)


def _position(of: Feature, ending: str, group: str, signal: Signal) -> Feature:
    """The feature that counts how many of `group` have a greater value of the feature `of`."""

    def compute(context: FeatureContext) -> Values:
        positions = RankPositions.of(of.values(context)[None])
        ahead = (
            positions.ahead_of(context.newcomers) if ending == POSITION_NEW else positions.ahead()
        )
        values: Values = ahead[0]
        return values

    words = f"{of.words.removesuffix('.')}: the number of {group} with a greater value (logarithm)."
    return Feature(f"{of.name}{ending}", signal, of.reason, words, compute, of.name)


def _positions() -> list[Feature]:
    every = [
        _position(_VALUES[name], POSITION, "candidates", _VALUES[name].signal) for name in _RANKED
    ]
    newcomers = [
        _position(_VALUES[name], POSITION_NEW, "newcomers", Signal.RECORD) for name in _RANKED_NEW
    ]
    return [*every, *newcomers]


FEATURES: dict[str, Feature] = {**_VALUES, **{feature.name: feature for feature in _positions()}}
"""Feature name → feature. A bundle opens only if all features of its rankers are here."""

BY_MEANING = frozenset(
    name
    for name, feature in FEATURES.items()
    if (feature.of or name) in {f.name for f in _BY_MEANING}
)
"""The features of profile and name that need no shared words with the lot."""

BY_ENCODER = frozenset(
    name
    for name, feature in FEATURES.items()
    if (feature.of or name) in {f.name for f in encoded.FEATURES}
)
"""The features that say nothing where a bundle has no encoder."""
