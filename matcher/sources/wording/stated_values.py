"""A value that a specification states in words, and what other amounts in it add to that value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from matcher.sources.wording.amount_joins import Join
from matcher.sources.wording.amount_periods import per_year
from matcher.sources.wording.amount_roles import Role

_NEARLY = 0.05
"""Share by which a value for the whole contract may differ from its yearly value over its years."""
SAME = 0.0005
"""Share by which two amounts may differ that are the same but for rounding."""


@dataclass(frozen=True, slots=True)
class StatedValue:
    """An amount in pounds for each `period`, or for the whole contract where that is ''.

    `gross`: VAT is included; False where the text does not mention VAT.  `of_range`: the amount
    is the upper end of a range.
    """

    pounds: float
    period: str
    gross: bool
    words: str
    of_range: bool = False
    unclear: bool = False
    """whether the text leaves open if the amount is for a year or for the whole contract"""
    vat_stated: bool = field(default=False, repr=False, compare=False)
    """whether the text beside the amount says if VAT is included"""
    named: bool = field(default=False, repr=False, compare=False)
    """whether the text right before the amount calls it the value of the contract"""
    perhaps_past: bool = field(default=False, repr=False, compare=False)
    """whether it may be the amount of an earlier contract"""
    for_years: float = field(default=0.0, repr=False, compare=False)
    """the years that an amount of the whole contract is said to be for; 0 where none are"""
    roles: frozenset[Role] = field(default=frozenset(), repr=False, compare=False)
    join: Join = field(default=Join.APART, repr=False, compare=False)
    """how it goes on from the amount before it"""
    added: tuple[StatedValue, ...] = field(default=(), repr=False, compare=False)
    """what options to extend, or costs that are paid once, add to the amount"""
    offered: bool = field(default=False, repr=False, compare=False)
    """whether the words right beside it alone suggest a price or a budget"""
    whole: float = field(default=0.0, repr=False, compare=False)
    """pounds that the text says an amount for each period comes to in all; 0 where it does not"""
    rise: float | None = field(default=None, repr=False, compare=False)
    """the share by which an amount for each period rises every year; below 0 where it falls, and
    0 where the text does not say it"""

    @property
    def yearly(self) -> float | None:
        """Pounds a year, or None where the amount is for the whole contract."""
        return self.pounds * per_year(self.period) if self.period else None

    @property
    def of_option(self) -> bool:
        """Whether an option to extend adds the amount to the one before it."""
        return Role.OF_OPTION in self.roles

    @property
    def is_called_so(self) -> bool:
        """Whether the text calls the amount the value of the contract, or a total."""
        return self.named or Role.TOTAL in self.roles

    def rising(self, rise: float | None) -> Self:
        """The amount with its yearly rise: one that rises is no whole, unless it is a total."""
        is_open = rise is not None and not self.period and Role.TOTAL not in self.roles
        return replace(self, rise=rise, unclear=self.unclear or is_open)

    def tells_of_options(self, longest: float) -> bool:
        """Whether the text says of the amount if it holds the options, `longest` years in all."""
        roles = {Role.TOTAL, Role.WITH_EXTENSIONS, Role.OF_INITIAL}
        is_of_all = abs(self.for_years - longest) < SAME
        return bool(
            self.period
            or is_of_all
            or self.roles & roles
            or any(one.of_option for one in self.added)
        )

    def leaves_out(self, years: float, options: float) -> bool:
        """Whether it is the value of the first `years`, without options of so many years."""
        priced = Role.TOTAL in self.roles or any(more.of_option for more in self.added)
        of_first = Role.OF_INITIAL in self.roles or abs(self.for_years - years) < SAME
        return bool(options) and of_first and not (self.period or priced)

    def of_contract(self, years: float | None, options: float = 0.0) -> float | None:
        """Pounds for a contract of `years` and its options; None where that is not known.

        Options count with the amount that is stated for them, or else as the years before.
        """
        own_years = years or 0.0
        if not any(more.of_option for more in self.added):
            own_years += options
        own = max(self._over(own_years) or 0.0, self.whole) or None
        more = [one._over(options) for one in self.added if not one._says_again(own)]
        return None if own is None or None in more else round(own + sum(filter(None, more)), 2)

    def _says_again(self, pounds: float | None) -> bool:
        """Whether a value of the whole contract is that of a period in other words."""
        same = pounds is not None and abs(self.pounds - pounds) <= _NEARLY * pounds
        return same and not self.period and not self.roles & {Role.ONCE, Role.OF_OPTION}

    def _over(self, years: float) -> float | None:
        if self.yearly is None:
            return self.pounds
        return self.yearly * _times(years, self.rise) if years else None


def _times(years: float, rise: float | None) -> float:
    """How many times the first of some years they all cost."""
    if not rise:
        return years
    whole, part = divmod(years, 1)
    times = sum((1 + rise) ** year for year in range(int(whole)))
    return float(times + part * (1 + rise) ** whole)


def with_sums(found: Iterable[StatedValue]) -> list[StatedValue]:
    """The values, each with what is added to it in its sentence: 'made up of £5,000 and £4,000'.

    Their sum, where it follows, is the same.
    """
    kept: list[StatedValue] = []
    is_sum = False
    for value in found:
        last = kept[-1] if kept and kept[-1].words == value.words else None
        if last and _adds(last, value):
            kept[-1] = _sum_of(last, value)
            is_sum = True
        elif not (last and is_sum and _is_same(last, value)):
            kept.append(value)
            is_sum = False
    return kept


def _is_same(one: StatedValue, other: StatedValue) -> bool:
    return one.period == other.period and abs(one.pounds - other.pounds) < 1


def _adds(last: StatedValue, value: StatedValue) -> bool:
    """Whether a value is added to the one before it, unless an option or a later year is."""
    if last.of_option or Role.OF_FIRST_YEAR in last.roles:
        return False
    if value.roles & {Role.OF_OPTION, Role.TOTAL}:
        return False
    is_next = value.join is Join.THEN and not (last.period or value.period)
    return is_next or value.join is Join.SUM


def _sum_of(last: StatedValue, value: StatedValue) -> StatedValue:
    """The sum of two values of one sentence; open where the text does not say how they add up."""
    once, each = (last, value) if value.period else (value, last)
    is_one_length = value.for_years in (0, last.for_years)
    if last.period == value.period and (is_one_length or not last.period):
        years = last.for_years if is_one_length else 0.0
        offered = last.offered or value.offered
        pounds = round(last.pounds + value.pounds, 2)
        return replace(last, pounds=pounds, for_years=years, offered=offered)
    is_once = once is last or Role.ONCE in once.roles
    if once.period or not is_once or once.for_years or Role.TOTAL in once.roles:
        return replace(last, join=Join.OPEN)
    paid = replace(once, roles=once.roles | {Role.ONCE}, added=())
    return replace(each, named=last.named or each.named, added=(*last.added, paid))
