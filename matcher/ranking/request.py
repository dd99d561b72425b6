"""A request: the purpose, the filters, how many to list, and the seed for ties."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from matcher.core.errors import BadInput
from matcher.law.types import Contract, Purpose
from matcher.ranking.filters import Filters

MOST = 1000


@dataclass(frozen=True, slots=True)
class Withheld:
    """A provider that is left out of a list, because it is on as many others as it may be.

    `rank` is the one that it would have; `lots` are the ids of the lots that list it.
    """

    provider: str
    name: str
    rank: int
    lots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, the same for each of its lots.

    `wish` are the filters.  `seed` breaks ties.  Only awards before `before` are known; the
    default is the lot's own day.  `whole_value` is pounds including VAT of all lots together.
    `whole_at_least`: a lot has no value, so they may be worth more; `vat_added`: VAT was added.
    `contract` is the kind of contract, which is otherwise read from category and CPV codes.
    `kinds` are those of all lots of one notice, where they differ.
    `fair`: providers without a known contract get their share of places among near-equals.
    `withheld` are the providers that other lots of the same request list.
    `weak`: providers whose work hardly fits are listed too, after the others.
    `on` is the day whose law applies to lots without a day of their own; the default is today.
    Raises BadInput for values out of range, and for a fair share where records may not count.
    """

    purpose: Purpose = Purpose.ENGAGEMENT
    wish: Filters = field(default_factory=Filters)
    limit: int = 10
    seed: int = 0
    before: date | None = None
    whole_value: float | None = None
    contract: Contract | None = None
    fair: bool = False
    on: date | None = None
    withheld: tuple[Withheld, ...] = ()
    weak: bool = False
    whole_at_least: bool = False
    vat_added: bool = False
    kinds: tuple[Contract, ...] = ()

    def __post_init__(self) -> None:
        """Check the limit, and that a fair share is allowed."""
        if self.fair and self.purpose is not Purpose.ENGAGEMENT:
            raise BadInput(
                f"--fair-share uses records of contracts, which may not count for purpose "
                f"{self.purpose.value}; use it with engagement"
            )
        if not 1 <= self.limit <= MOST:
            raise BadInput(
                f"limit (-k) {self.limit} is out of range: give a number from 1 to {MOST}"
            )
