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
"""The usual lot values of a curve, in pounds."""
MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class ValuePoint:
    """How many credible small local providers a lot of this value would fit.

    `unknown` counts those whose income, size or place is not known, and who may fit.
    """

    value: float
    annual: float
    fits: WinCount
    unknown: WinCount


@dataclass(frozen=True, slots=True)
class ValueCurve:
    """How many credible small local providers remain as a lot's value rises.

    `largest` is the highest value that fits `keep` providers of known income; None where there
    are fewer.
    """

    points: tuple[ValuePoint, ...]
    keep: int
    largest: float | None
    rule: str
    local: str


def value_curve(
    assessment: LotAssessment,
    criteria: MarketCriteria = USUAL,
    values: Sequence[float] | None = None,
) -> ValueCurve:
    """The credible small local providers that the lot would fit at each of `values`, ascending.

    The usual values are the default.  The curve keeps `criteria.fewest` providers.
    Raises BadInput for too many values, or values that are not above 0.
    """
    lot_values = _checked(values or VALUES)
    near = assessment.credible(criteria.floor)
    near = near.subset(near.small_local | near.perhaps_small_local)
    enough_income = [near.fits(value, criteria) for value in lot_values]
    no_income = np.isnan(near.income)
    fitting = [fits & near.small_local for fits in enough_income]
    unknown = [no_income | (fits & near.perhaps_small_local) for fits in enough_income]
    counts = win_counts(near.probabilities, [*fitting, *unknown])
    fitting_counts, unknown_counts = counts[: len(lot_values)], counts[len(lot_values) :]
    incomes = np.sort(near.income[near.small_local & ~no_income])[::-1]
    enough = len(incomes) >= criteria.fewest
    return ValueCurve(
        points=tuple(
            ValuePoint(value, value * assessment.yearly_factor, fits, unknown)
            for value, fits, unknown in zip(lot_values, fitting_counts, unknown_counts, strict=True)
        ),
        keep=criteria.fewest,
        largest=_largest(float(incomes[criteria.fewest - 1]), assessment, criteria)
        if enough
        else None,
        rule=(
            f"a lot fits a provider if its yearly value is at most {criteria.value_to_income:g} of "
            f"the provider's yearly income; the yearly value is {assessment.yearly_rule}"
        ),
        local=assessment.local_rule,
    )


def _checked(values: Sequence[float]) -> list[float]:
    """The values in ascending order, each once.  Raises BadInput for values out of range."""
    if len(values) > MOST_VALUES:
        raise BadInput(f"values: there are {len(values)}; give at most {MOST_VALUES}")
    wrong = [value for value in values if not 0 < value < 1e12]
    if wrong:
        raise BadInput(f"values: {wrong[0]:g} is not the value of a lot: give pounds above 0")
    return sorted(set(values))


def _largest(income: float, assessment: LotAssessment, criteria: MarketCriteria) -> float:
    """The highest value in whole pounds that an income is enough for, by `LotAssessment.fits`.

    Division and multiplication round differently, so the neighbouring pounds are tried too.
    """
    enough = income * criteria.value_to_income
    near = float(np.floor(enough / assessment.yearly_factor))
    fitting = (value for value in (near + 1, near) if enough >= value * assessment.yearly_factor)
    return next(fitting, near - 1)
