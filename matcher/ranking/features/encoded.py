"""Features of relevance that a sentence encoder gives: what a lot, a name and a contract mean."""

from __future__ import annotations

import numpy as np

from matcher.core.arrays import Floats
from matcher.law.types import Signal
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.feature import DONE, NEAR, SAYS, feature
from matcher.ranking.features.place import distance_likely
from matcher.ranking.features.positions import Values
from matcher.ranking.retrieval import DISTANCE_WEIGHT


@feature(Signal.RELEVANCE, SAYS)
def encoded_offer(context: FeatureContext) -> Values:
    """How near in meaning what it is called and says it does is to the lot, read as sentences."""
    return context.candidates.encoded


@feature(Signal.RELEVANCE, SAYS)
def encoded_offer_behind_best(context: FeatureContext) -> Values:
    """The same, less the best candidate's."""
    return _behind_best(encoded_offer.values(context))


@feature(Signal.RELEVANCE, DONE)
def encoded_past(context: FeatureContext) -> Values:
    """How near in meaning its nearest past contract is, read as a sentence."""
    return context.max_over_wins(award_likeness(context))


@feature(Signal.RELEVANCE, DONE)
def encoded_past_usual(context: FeatureContext) -> Values:
    """How near in meaning its past contracts are on average, read as sentences."""
    return context.mean_over_wins(award_likeness(context))


@feature(Signal.RELEVANCE, SAYS)
def encoded_best(context: FeatureContext) -> Values:
    """The nearest in meaning of what it says and of its past contracts, read as sentences."""
    best: Values = np.maximum(encoded_offer.values(context), encoded_past.values(context))
    return best


@feature(Signal.RELEVANCE, SAYS)
def encoded_best_behind_best(context: FeatureContext) -> Values:
    """The same, less the best candidate's."""
    return _behind_best(encoded_best.values(context))


@feature(Signal.RELEVANCE, SAYS)
def same_services(context: FeatureContext) -> Values:
    """How far what it says, or a past contract, is about the services that the lot asks for."""
    lot, (_, award) = context.query.encoded, context.wins
    if lot is None or lot.services is None:
        return np.zeros(len(context.candidates.rows), np.float32)
    different, at = np.unique(award, return_inverse=True)
    did = lot.texts.awards_sharing(lot.services, different)[at]
    says = lot.texts.rows_sharing(lot.services, context.candidates.rows)
    best: Values = np.maximum(says, context.max_over_wins(did))
    return best


@feature(Signal.PLACE, NEAR)
def encoded_and_place(context: FeatureContext) -> Values:
    """Likeness read as sentences, and how likely winners come from there, together."""
    together: Values = encoded_best.values(context) + np.float32(
        DISTANCE_WEIGHT
    ) * distance_likely.values(context)
    return together


def award_likeness(context: FeatureContext) -> Floats:
    """(awards won,) how near each award that a candidate won is to the lot; 0 without encoder."""
    lot, (_, award) = context.query.encoded, context.wins
    if lot is None or not len(award):
        return np.zeros(len(award), np.float32)
    if "award likeness" not in context.computed:
        different, at = np.unique(award, return_inverse=True)
        like = np.maximum(lot.texts.awards_like(lot.vector, different), 0)
        context.computed["award likeness"] = like[at]
    likeness: Floats = context.computed["award likeness"]
    return likeness


def _behind_best(values: Values) -> Values:
    behind: Values = values - values.max(initial=-1)
    return behind


FEATURES = (
    encoded_offer,
    encoded_offer_behind_best,
    encoded_past,
    encoded_past_usual,
    encoded_best,
    encoded_best_behind_best,
    same_services,
    encoded_and_place,
)
