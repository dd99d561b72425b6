"""Features of a provider's record with public buyers."""

from __future__ import annotations

import numpy as np

from matcher.law.types import Signal
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.feature import LOT, RECORD, feature
from matcher.ranking.features.positions import Values


@feature(Signal.RECORD, LOT)
def lot_value(context: FeatureContext) -> Values:
    """The lot's value in pounds (logarithm); 0 where it is not known."""
    return context.all(np.log1p(context.need.lot.value or 0.0))


@feature(Signal.RECORD, LOT)
def buyer_is_known(context: FeatureContext) -> Values:
    """How many past awards of this buyer are known (logarithm)."""
    return context.all(np.log1p(context.same_buyer.sum()))


@feature(Signal.RECORD, LOT)
def newcomers(context: FeatureContext) -> Values:
    """What share of the candidates has no known award."""
    return context.all(float(context.new.mean()) if len(context.new) else 0.0)


@feature(Signal.RECORD, RECORD)
def meaning_votes(context: FeatureContext) -> Values:
    """How many past contracts near in meaning it won: the nearest and this buyer's count most."""
    return np.log1p(4 * context.found.past.meaning_votes)


@feature(Signal.RECORD, RECORD)
def meaning_votes_beside_best(context: FeatureContext) -> Values:
    """The same, as a share of the best candidate's."""
    return context.beside_best(context.found.past.meaning_votes)


@feature(Signal.RECORD, RECORD)
def votes_beside_best(context: FeatureContext) -> Values:
    """Its votes by words in common, as a share of the best candidate's."""
    return context.beside_best(context.found.past.votes)


@feature(Signal.RECORD, RECORD)
def won_alike_from_buyer(context: FeatureContext) -> Values:
    """How near in meaning the nearest contract is that it won from this buyer."""
    known = context.found.past.meaning
    return context.most(np.where(context.same_buyer, known, 0))


@feature(Signal.RECORD, RECORD)
def wins(context: FeatureContext) -> Values:
    """How many past contracts it won (logarithm)."""
    return np.log1p(np.bincount(context.won[0], minlength=len(context.found.rows)))


@feature(Signal.RECORD, RECORD)
def months_since_win(context: FeatureContext) -> Values:
    """Months since its last known contract before this lot (logarithm; 10 where none)."""
    days = context.register.columns.award_day
    latest = context.most(days)
    newest = (
        float(days[context.register.known_awards - 1]) if context.register.known_awards else 0.0
    )
    months = np.maximum(newest - latest, 0) / 30.4
    return np.where(latest > 0, np.log1p(months), 10.0)


@feature(Signal.RECORD, RECORD)
def value_unlike(context: FeatureContext) -> Values:
    """How far the lot's value is from its usual contracts' (logarithm; 0 where not known)."""
    candidate, award = context.won
    worth = context.register.columns.award_value[award]
    told = np.isfinite(worth) & (worth > 0)
    n = len(context.found.rows)
    number = np.bincount(candidate[told], minlength=n)
    mean = np.bincount(candidate[told], np.log(worth[told]), n) / np.maximum(number, 1)
    asked = context.need.lot.value
    if not asked:
        return np.zeros(n)
    return np.where(number > 0, np.log(asked) - mean, 0.0)


@feature(Signal.RECORD, RECORD)
def votes(context: FeatureContext) -> Values:
    """How many past contracts like this one it won: the most alike and this buyer's count most."""
    return np.log1p(4 * context.found.past.votes)


@feature(Signal.RECORD, RECORD)
def record_together(context: FeatureContext) -> Values:
    """How like this lot its past contracts are together: words, places, codes and buyer."""
    return context.record


@feature(Signal.RECORD, RECORD)
def record_together_beside_best(context: FeatureContext) -> Values:
    """The same, as a share of the best candidate's."""
    return context.beside_best(context.record)


@feature(Signal.RECORD, RECORD)
def wins_in_category(context: FeatureContext) -> Values:
    """How many past contracts in the same CPV class it won (logarithm)."""
    return np.log1p(context.count(context.found.past.depth >= 4))


@feature(Signal.RECORD, RECORD)
def won_from_buyer(context: FeatureContext) -> Values:
    """How many past contracts it won from this buyer (logarithm)."""
    return np.log1p(context.count(context.same_buyer))


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
