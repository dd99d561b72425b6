"""The criteria a market is counted by: who is credible, which lots fit, which are thin."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.core.errors import BadInput

LEAST_FLOOR = 0.001
"""A win about once in eighty years.  A lower floor would make counting slow."""


@dataclass(frozen=True, slots=True)
class MarketCriteria:
    """The criteria a market is counted by; each may be set.

    `floor`: the probability from which a provider is credible, at least 0.001.  The usual 0.02
    means about one such contract in four years, the usual length of one.
    `value_to_income`: a lot fits a provider if its yearly value is at most this share of the
    provider's yearly income.  The usual 0.5 mirrors the cap on minimum turnover, twice the
    contract's value (Public Contracts Regulations 2015, reg. 58(9)).
    `fewest`: a lot with fewer credible providers than this is thin.
    Raises BadInput for values out of range.
    """

    floor: float = 0.02
    value_to_income: float = 0.5
    fewest: int = 3

    def __post_init__(self) -> None:
        """Check that each criterion is in its range."""
        if not 0 < self.floor < 1:
            raise BadInput(
                f"floor {self.floor:g} is not a probability between 0 and 1: give a number "
                "such as 0.02"
            )
        if self.floor < LEAST_FLOOR:
            raise BadInput(
                f"floor {self.floor:g} is too low: it would count providers that win less than "
                f"once in eighty years; give at least {LEAST_FLOOR:g}, such as 0.02"
            )
        if not 0 < self.value_to_income <= 10:
            raise BadInput(
                f"value_to_income {self.value_to_income:g} is out of range: give the largest share "
                "of a provider's yearly income that a lot may be worth in a year, above 0 and at "
                "most 10, such as 0.5"
            )
        if not 1 <= self.fewest <= 1000:
            raise BadInput(
                f"fewest {self.fewest} is out of range: give a number of providers from 1 to 1000"
            )


USUAL = MarketCriteria()
