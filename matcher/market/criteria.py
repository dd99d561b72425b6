"""By what a market is counted: who is credible, whom a lot's size fits, when a lot is thin."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.core.errors import BadInput

LEAST_FLOOR = 0.001
"""One such contract in about eighty years; the lower the floor, the more there is to count."""


@dataclass(frozen=True, slots=True)
class MarketCriteria:
    """By what a market is counted; the caller may set each.

    `floor`: whoever is at least so probable counts as credible; 0.001 is the lowest.  The usual
    0.02 is the probability of one such contract in about four years, the length of a usual one.
    `value_to_income`: a lot fits a provider whose yearly income times this is at least what
    the lot is worth in a year.  The usual 0.5 mirrors the turnover of twice the contract that
    buyers long could ask at most (Public Contracts Regulations 2015, reg. 58(9)).
    `fewest`: a lot with fewer credible providers is thin.
    Raises BadInput for what cannot be.
    """

    floor: float = 0.02
    value_to_income: float = 0.5
    fewest: int = 3

    def __post_init__(self) -> None:
        """Refuse what is no probability, no share of an income and no number of providers."""
        if not 0 < self.floor < 1:
            raise BadInput(
                f"floor {self.floor:g} is not a probability that some reach: give a number "
                "between 0 and 1, such as 0.02"
            )
        if self.floor < LEAST_FLOOR:
            raise BadInput(
                f"floor {self.floor:g} is too low: who wins less than once in eighty years is no "
                f"credible provider; give a number from {LEAST_FLOOR:g} on, such as 0.02"
            )
        if not 0 < self.value_to_income <= 10:
            raise BadInput(
                f"value_to_income {self.value_to_income:g} is out of range: give the share of a "
                "provider's yearly income that a lot may be worth in a year, above 0 and at "
                "most 10, such as 0.5"
            )
        if not 1 <= self.fewest <= 1000:
            raise BadInput(
                f"fewest {self.fewest} is out of range: give a number of providers from 1 to 1000"
            )


USUAL = MarketCriteria()
