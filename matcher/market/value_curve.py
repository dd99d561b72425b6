"""The value curve: how many credible small local providers remain as a lot's value rises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.core.errors import BadInput
from matcher.market.assessment import LotAssessment
from matcher.market.criteria import USUAL, MarketCriteria
from matcher.market.win_counts import WinCount, win_counts

VALUES = tuple(float(n * 10**digits) for digits in (4, 5, 6) for n in (1, 2, 5))
"""Lot values that a curve is drawn through, pounds, unless told otherwise."""
MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class ValuePoint:
    """Of the credible small local providers, whom a lot of this value would fit.

    `unknown` are those of whom it is not known: their income, size or place is not, and what is
    known does not speak against them.
    """

    value: float
    annual: float
    fits: WinCount
    unknown: WinCount


@dataclass(frozen=True, slots=True)
class ValueCurve:
    """How many credible small local providers remain as a lot's value rises.

    `largest` is the highest value that fits `keep` of them whose income is known; None where
    there are not so many.
    """

    points: tuple[ValuePoint, ...]
    keep: int
    largest: float | None
    rule: str
    local: str


def value_curve(
    reading: LotAssessment, terms: MarketCriteria = USUAL, values: Sequence[float] | None = None
) -> ValueCurve:
    """The credible small local providers whom the lot would fit at each of `values`, rising.

    Without values, at the usual ones.  `terms.fewest` is how many are to be kept.
    Raises BadInput for values that are none.
    """
    given = _values(values or VALUES)
    near = reading.credible(terms.floor)
    near = near.subset(near.small_local | near.perhaps_small_local)
    rich = [near.fits(value, terms) for value in given]
    silent = np.isnan(near.income)
    sure = [fits & near.small_local for fits in rich]
    unsure = [silent | (fits & near.perhaps_small_local) for fits in rich]
    counted = win_counts(near.probabilities, [*sure, *unsure])
    incomes = np.sort(near.income[near.small_local & ~silent])[::-1]
    enough = len(incomes) >= terms.fewest
    return ValueCurve(
        points=tuple(
            ValuePoint(value, value * reading.yearly_factor, fits, unknown)
            for value, fits, unknown in zip(
                given, counted[: len(given)], counted[len(given) :], strict=True
            )
        ),
        keep=terms.fewest,
        largest=_largest(float(incomes[terms.fewest - 1]), reading, terms) if enough else None,
        rule=(
            f"worth in a year at most {terms.value_to_income:g} of a provider's income; what a "
            f"lot is worth in a year is {reading.yearly_rule}"
        ),
        local=reading.local_rule,
    )


def _values(values: Sequence[float]) -> list[float]:
    if len(values) > MOST_VALUES:
        raise BadInput(f"values: {len(values)} are given; give {MOST_VALUES} at most")
    wrong = [value for value in values if not 0 < value < 1e12]
    if wrong:
        raise BadInput(f"values: {wrong[0]:g} is not a value of a lot: give pounds above 0")
    return sorted(set(values))


def _largest(income: float, reading: LotAssessment, terms: MarketCriteria) -> float:
    """The highest value, in whole pounds, that an income is enough for.

    As `LotAssessment.fits` has it.

    Division and multiplication round differently, so a pound is given or taken.
    """
    enough = income * terms.value_to_income
    near = float(np.floor(enough / reading.yearly_factor))
    fitting = (value for value in (near + 1, near) if enough >= value * reading.yearly_factor)
    return next(fitting, near - 1)
