"""Features of what public bodies paid a provider, from the payments in the register.

Rankers do not learn them: few registers have payments.  A rule of its own adds them to the score
(`matcher.ranking.engagement`).  Only payments of earlier months than the lot's count.
"""

from __future__ import annotations

import numpy as np

from matcher.core.arrays import Ints, Mask
from matcher.law.types import Signal
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.feature import PAID, Feature, feature
from matcher.ranking.features.positions import Values
from matcher.ranking.payers import buying_bodies, neighbouring_bodies
from matcher.register.payments import Payments, month_of
from models import exact

LATELY = 24
"""Months before the lot in which a payment is recent."""


@feature(Signal.RECORD, PAID)
def paid_by_buyer(context: FeatureContext) -> Values:
    """Whether this buyer paid it."""
    return _any_of(context, _by_buyer(context)[0])


@feature(Signal.RECORD, PAID)
def paid_by_buyer_lately(context: FeatureContext) -> Values:
    """Whether this buyer paid it in the two years before."""
    candidate, cell = _by_buyer(context)
    payments = context.register.payments
    if payments is None:
        return _any_of(context, candidate)
    return _any_of(context, candidate[payments.month[cell] >= _month(context, payments) - LATELY])


@feature(Signal.RECORD, PAID)
def paid_by_buyer_months(context: FeatureContext) -> Values:
    """In how many different months this buyer paid it (logarithm)."""
    candidate, cell = _by_buyer(context)
    payments = context.register.payments
    n = len(context.candidates.rows)
    if payments is None:
        return np.zeros(n, np.float32)
    pairs = np.unique(candidate << 32 | payments.month[cell])
    return exact.log1p(np.bincount(pairs >> 32, minlength=n))


@feature(Signal.RECORD, PAID)
def paid_by_buyer_amount(context: FeatureContext) -> Values:
    """How many pounds this buyer paid it in all (logarithm)."""
    candidate, cell = _by_buyer(context)
    payments = context.register.payments
    n = len(context.candidates.rows)
    if payments is None:
        return np.zeros(n, np.float32)
    pounds = np.bincount(candidate, payments.pence[cell], n) / 100
    return exact.log1p(np.maximum(pounds, 0))


@feature(Signal.RECORD, PAID)
def paid_alike_by_buyer(context: FeatureContext) -> Values:
    """How similar to the lot what this buyer paid it for is, relative to the best candidate."""
    return _alike(context, *_by_buyer(context))


@feature(Signal.RECORD, PAID)
def paid_alike(context: FeatureContext) -> Values:
    """How similar to the lot what any body paid it for is, relative to the best candidate."""
    return _alike(context, *_cells(context))


@feature(Signal.RECORD, PAID)
def paid_by_neighbours(context: FeatureContext) -> Values:
    """How many bodies in bordering areas paid it (logarithm)."""
    payments = context.register.payments
    n = len(context.candidates.rows)
    if payments is None:
        return np.zeros(n, np.float32)
    candidate, cell = _cells(context)
    body = payments.body_of(cell)
    near = np.isin(body, neighbouring_bodies(context.query, payments))
    pairs = np.unique(candidate[near] << 32 | body[near])
    return exact.log1p(np.bincount(pairs >> 32, minlength=n))


@feature(Signal.RECORD, PAID)
def newcomer_paid_by_buyer(context: FeatureContext) -> Values:
    """Whether this buyer paid it, if it has no known award."""
    return _newcomers(context, paid_by_buyer)


@feature(Signal.RECORD, PAID)
def newcomer_paid_by_buyer_lately(context: FeatureContext) -> Values:
    """Whether this buyer paid it in the two years before, if it has no known award."""
    return _newcomers(context, paid_by_buyer_lately)


@feature(Signal.RECORD, PAID)
def newcomer_paid_alike_by_buyer(context: FeatureContext) -> Values:
    """How similar to the lot what this buyer paid it for is, if it has no known award."""
    return _newcomers(context, paid_alike_by_buyer)


@feature(Signal.RECORD, PAID)
def newcomer_paid_by_neighbours(context: FeatureContext) -> Values:
    """How many bodies in bordering areas paid it (logarithm), if it has no known award."""
    return _newcomers(context, paid_by_neighbours)


FEATURES = (
    newcomer_paid_by_buyer,
    newcomer_paid_by_buyer_lately,
    newcomer_paid_alike_by_buyer,
    newcomer_paid_by_neighbours,
    paid_by_buyer,
    paid_by_buyer_lately,
    paid_by_buyer_months,
    paid_by_buyer_amount,
    paid_alike_by_buyer,
    paid_alike,
    paid_by_neighbours,
)


def _newcomers(context: FeatureContext, of: Feature) -> Values:
    """A feature for candidates without a known award; 0 for all others."""
    values = context.cached(of.name, of.compute)
    return np.where(context.newcomers, values, np.float32(0)).astype(np.float32)


def _cells(context: FeatureContext) -> tuple[Ints, Ints]:
    """(candidate, cell) for all visible payments to the candidates."""
    payments = context.register.payments
    if payments is None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return payments.cells_of(context.candidates.rows)


def _by_buyer(context: FeatureContext) -> tuple[Ints, Ints]:
    """(candidate, cell) for the payments by this lot's buyer."""
    candidate, cell = _cells(context)
    payments = context.register.payments
    if payments is None:
        return candidate, cell
    own: Mask = np.isin(payments.body_of(cell), buying_bodies(context.query, payments))
    return candidate[own], cell[own]


def _any_of(context: FeatureContext, candidate: Ints) -> Values:
    return (np.bincount(candidate, minlength=len(context.candidates.rows)) > 0).astype(np.float32)


def _month(context: FeatureContext, payments: Payments) -> int:
    """The month that "lately" counts back from: the lot's, or that after the last payment."""
    return min(month_of(context.query.on), payments.until, payments.last + 1)


def _alike(context: FeatureContext, candidate: Ints, cell: Ints) -> Values:
    payments = context.register.payments
    likeness = context.query.paid_likeness
    best = np.zeros(len(context.candidates.rows), np.float32)
    if payments is None or likeness is None:
        return best
    category = payments.category_of(cell)
    named = category >= 0
    np.maximum.at(best, candidate[named], likeness[category[named]])
    return context.share_of_best(best)
