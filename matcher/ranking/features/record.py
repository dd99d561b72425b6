"""Features of a provider's record with public buyers."""

from __future__ import annotations

import numpy as np

from matcher.law.types import Signal
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.feature import LOT, RECORD, feature
from matcher.ranking.features.positions import Values
from models import exact


@feature(Signal.RECORD, LOT)
def lot_value(context: FeatureContext) -> Values:
    """The lot's value in pounds (logarithm); 0 where it is not known."""
    return context.constant(float(exact.log1p(context.analyzed.lot.value or 0.0)))


@feature(Signal.RECORD, LOT)
def buyer_is_known(context: FeatureContext) -> Values:
    """The number of known past awards of this buyer (logarithm)."""
    return context.constant(float(exact.log1p(context.same_buyer.sum())))


@feature(Signal.RECORD, LOT)
def newcomers(context: FeatureContext) -> Values:
    """The share of candidates without a known award."""
    return context.constant(float(context.newcomers.mean()) if len(context.newcomers) else 0.0)


@feature(Signal.RECORD, RECORD)
def meaning_votes(context: FeatureContext) -> Values:
    """Past contracts close in meaning that it won; the closest and this buyer's count most."""
    return exact.log1p(4 * context.candidates.past.meaning_votes)


@feature(Signal.RECORD, RECORD)
def meaning_votes_beside_best(context: FeatureContext) -> Values:
    """Past contracts close in meaning that it won, relative to the best candidate."""
    return context.share_of_best(context.candidates.past.meaning_votes)


@feature(Signal.RECORD, RECORD)
def votes_beside_best(context: FeatureContext) -> Values:
    """Past contracts similar in words that it won, relative to the best candidate."""
    return context.share_of_best(context.candidates.past.votes)


@feature(Signal.RECORD, RECORD)
def won_alike_from_buyer(context: FeatureContext) -> Values:
    """How close in meaning the closest contract is that it won from this buyer."""
    meaning, (_, award) = context.candidates.past.meaning, context.wins
    return context.max_over_wins(np.where(context.same_buyer[award], meaning[award], 0))


@feature(Signal.RECORD, RECORD)
def wins(context: FeatureContext) -> Values:
    """The number of past contracts that it won (logarithm)."""
    return exact.log1p(np.bincount(context.wins[0], minlength=len(context.candidates.rows)))


@feature(Signal.RECORD, RECORD)
def months_since_win(context: FeatureContext) -> Values:
    """Months since its last known contract (logarithm); 10 where there is none."""
    days = context.register.columns.award_day
    latest = context.max_by_award(days)
    newest = (
        float(days[context.register.known_awards - 1]) if context.register.known_awards else 0.0
    )
    months = np.maximum(newest - latest, 0) / 30.4
    return np.where(latest > 0, exact.log1p(months), 10.0)


@feature(Signal.RECORD, RECORD)
def value_unlike(context: FeatureContext) -> Values:
    """The lot's value relative to its past contracts' values (logarithm); 0 where unknown."""
    candidate, award = context.wins
    value = context.register.columns.award_value[award]
    known = np.isfinite(value) & (value > 0)
    n = len(context.candidates.rows)
    number = np.bincount(candidate[known], minlength=n)
    mean = np.bincount(candidate[known], exact.log(value[known]), n) / np.maximum(number, 1)
    lot_value = context.analyzed.lot.value
    if not lot_value:
        return np.zeros(n)
    return np.where(number > 0, exact.log(lot_value) - mean, 0.0)


@feature(Signal.RECORD, RECORD)
def votes(context: FeatureContext) -> Values:
    """Similar past contracts that it won; the most similar and this buyer's count most."""
    return exact.log1p(4 * context.candidates.past.votes)


@feature(Signal.RECORD, RECORD)
def record_together(context: FeatureContext) -> Values:
    """How similar its past contracts are together, in words, places, codes and buyer."""
    return context.record_score


@feature(Signal.RECORD, RECORD)
def record_together_beside_best(context: FeatureContext) -> Values:
    """How similar its past contracts are together, relative to the best candidate."""
    return context.share_of_best(context.record_score)


@feature(Signal.RECORD, RECORD)
def wins_in_category(context: FeatureContext) -> Values:
    """The number of past contracts in the same CPV class that it won (logarithm)."""
    return exact.log1p(context.count_wins(context.candidates.past.depth >= 4))


@feature(Signal.RECORD, RECORD)
def won_from_buyer(context: FeatureContext) -> Values:
    """The number of past contracts that it won from this buyer (logarithm)."""
    return exact.log1p(context.count_wins(context.same_buyer))


FEATURES = (
    lot_value,
    buyer_is_known,
    newcomers,
    meaning_votes,
    meaning_votes_beside_best,
    votes_beside_best,
    won_alike_from_buyer,
    wins,
    months_since_win,
    value_unlike,
    votes,
    record_together,
    record_together_beside_best,
    wins_in_category,
    won_from_buyer,
)
