"""Adds to a score what public bodies paid a provider: a weighted sum of the payments' features.

The rankers of bundles do not read payments, because few registers have any.  Where the register has
payments, and where the record may count, this rule adds to their scores.  Rankers know already who
won awards from this buyer, so payments count most for providers without any award, whose only
record they are.  `python -m benchmarks.payment_weights` fitted the weights, and says what they gain
on councils that they were not fitted on.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints
from matcher.law.types import Signal
from matcher.ranking.features import compute
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.query import Query
from matcher.register.rows import best
from models import exact
from models.ranker import LinearRanker, Matrix, Vector

WEIGHTS = {
    "paid_by_buyer_lately": 0.4,
    "newcomer_paid_by_buyer": 1.6,
    "newcomer_paid_by_buyer_lately": 0.4,
    "newcomer_paid_alike_by_buyer": 1.3,
    "newcomer_paid_by_neighbours": 0.7,
}
ENGAGEMENT = LinearRanker(tuple(WEIGHTS), tuple(WEIGHTS.values()))
PROTECTED = 60
"""Candidates with the most from payments that are ranked whatever the prefilter says."""


def names(query: Query) -> tuple[str, ...]:
    """The features that the rule adds for a query; none where payments do not count.

    They count where the register has some and the law lets the record count.
    """
    if query.register.payments is None or not query.counts(Signal.RECORD):
        return ()
    return ENGAGEMENT.features


def values(context: FeatureContext) -> Matrix:
    """(n, features) the payments' features of each candidate; no column where they do not count."""
    return compute.compute(context, names(context.query))


def added(x: Matrix) -> Vector:
    """(n,) what the rule adds to each score."""
    total: Vector = parts(x).sum(axis=1)
    return total


def parts(x: Matrix) -> Matrix:
    """(n, features) what each feature adds, to six places; none where they do not count."""
    if not x.shape[1]:
        return x
    return exact.to_places(ENGAGEMENT.contributions(x)[:, :-1])


def with_paid(promising: Ints, x: Matrix, tie_keys: npt.NDArray[np.uint64]) -> Ints:
    """The promising candidates, and those for whom payments say most: positions, ascending."""
    if not x.shape[1]:
        return promising
    paid = best(added(x).astype(np.float32), PROTECTED, tie_keys.take)
    return np.union1d(promising, paid)
