"""A value that a specification states in words, and what other amounts in it add to that value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from matcher.sources.documents.amount_periods import per_year
from matcher.sources.documents.amount_roles import Role

_NEARLY = 0.05
"""Share by which a value for the whole contract may differ from its yearly value over its years."""


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
    roles: frozenset[Role] = field(default=frozenset(), repr=False, compare=False)
    added: tuple[StatedValue, ...] = field(default=(), repr=False, compare=False)
    """what options to extend, or costs that are paid once, add to the amount"""

    @property
    def yearly(self) -> float | None:
        """Pounds a year, or None where the amount is for the whole contract."""
        return self.pounds * per_year(self.period) if self.period else None

    @property
    def of_option(self) -> bool:
        """Whether an option to extend adds the amount to the one before it."""
        return Role.OF_OPTION in self.roles

    def of_contract(self, years: float | None, options: float = 0.0) -> float | None:
        """Pounds for a contract of `years` and its options; None where that is not known.

        Options count with the amount that is stated for them, or else as the years before.
        """
        own_years = years or 0.0
        if not any(more.of_option for more in self.added):
            own_years += options
        own = self._over(own_years)
        more = [one._over(options) for one in self.added if not one._says_again(own)]
        return None if own is None or None in more else round(own + sum(filter(None, more)), 2)

    def _says_again(self, pounds: float | None) -> bool:
        """Whether a value of the whole contract is that of a period in other words."""
        same = pounds is not None and abs(self.pounds - pounds) <= _NEARLY * pounds
        return same and not self.period and not self.roles & {Role.ONCE, Role.OF_OPTION}

    def _over(self, years: float) -> float | None:
        if self.yearly is None:
            return self.pounds
        return self.yearly * years if years else None


def value_with_more(found: Sequence[StatedValue]) -> StatedValue | None:
    """The first value of the whole contract, or of a period, with what is added to it."""
    found = _beside_others(found)
    more = list(_paid_once(found))
    found = [value for value in found if value not in more]
    best = min(found, key=lambda value: (value.of_option, value.period != ""), default=None)
    if best is None:
        return None
    if not best.period:
        more = []  # the whole holds what is paid once
    if Role.OF_FIRST_YEAR in best.roles and (yearly := _of_later_years(best, found)):
        more.append(replace(best, pounds=best.pounds - yearly.pounds, period=""))
        best = yearly
    largest = _with_extensions(found)
    if largest and not best.period and largest.pounds >= best.pounds:
        return largest
    if option := _option_after(best, found):
        more.append(option)
    whole = [] if best.period else [one for one in more if not one.period]
    return replace(
        best,
        pounds=best.pounds + sum(one.pounds for one in whole),
        added=tuple(one for one in more if one not in whole),
    )


def _beside_others(found: Sequence[StatedValue]) -> list[StatedValue]:
    """The values; where each is that of an option, the first is the value of the contract."""
    if not found or not all(value.of_option for value in found):
        return list(found)
    first, *others = found
    return [replace(first, roles=first.roles - {Role.OF_OPTION}), *others]


def _paid_once(found: Sequence[StatedValue]) -> Iterator[StatedValue]:
    """Amounts that are paid once, beside others for each period: for setting up, for building."""
    if not any(value.period and not value.of_option for value in found):
        return
    for value, following in zip(found, [*found[1:], None], strict=True):
        is_sum = following and following.period and Role.ADDED in following.roles
        if not value.period and (
            Role.ONCE in value.roles or (is_sum and Role.TOTAL not in value.roles)
        ):
            yield value


def _of_later_years(first: StatedValue, found: Sequence[StatedValue]) -> StatedValue | None:
    """The value of each year after the first, which has a value of its own."""
    later = found[found.index(first) + 1 :]
    return next((one for one in later if one.period == "year" and not one.of_option), None)


def _with_extensions(found: Sequence[StatedValue]) -> StatedValue | None:
    """The largest value of the whole contract beside one that is said to be with extensions."""
    if not any(Role.WITH_EXTENSIONS in value.roles for value in found):
        return None
    all_there_is = {Role.WITH_EXTENSIONS, Role.TOTAL}
    extended = (
        value
        for value in found
        if value.roles & all_there_is and not (value.period or value.of_option)
    )
    return max(extended, key=lambda value: value.pounds, default=None)


def _option_after(value: StatedValue, found: Sequence[StatedValue]) -> StatedValue | None:
    """The amount that an option to extend adds to a value, unless the value holds it already.

    It does where it is a total, or the sum of another and the option: '£5k (£3k, extension £2k)'.
    """
    option = next((one for one in found[found.index(value) + 1 :] if one.of_option), None)
    if option is None or value.period:
        return option
    sums = (
        other.pounds + option.pounds for other in found if not (other.period or other.of_option)
    )
    holds = not option.period and any(abs(value.pounds - each) < 1 for each in sums)
    return None if holds or Role.TOTAL in value.roles else option
