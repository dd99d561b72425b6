"""A value that a specification states in words, and what other amounts in it add to that value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from matcher.law.rulebook import Rulebook
from matcher.sources.wording.amount_periods import per_year
from matcher.sources.wording.amount_roles import Role

_NEARLY = 0.05
"""Share by which a value for the whole contract may differ from its yearly value over its years."""
_SAME = 0.0005
"""Share by which two amounts may differ that are the same but for rounding."""


@cache
def _with_vat() -> float:
    """What one pound without VAT is with VAT at the standard rate."""
    return 1 + Rulebook.open().vat


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

    @property
    def is_called_so(self) -> bool:
        """Whether the text calls the amount the value of the contract, or a total."""
        return self.named or Role.TOTAL in self.roles

    def leaves_out(self, years: float, options: float) -> bool:
        """Whether it is the value of the first `years`, without options of so many years."""
        priced = Role.TOTAL in self.roles or any(more.of_option for more in self.added)
        of_first = Role.OF_INITIAL in self.roles or abs(self.for_years - years) < _SAME
        return bool(options) and of_first and not (self.period or priced)

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
    """The value of the contract, or of a period of it, with what is added to it.

    What the text calls the value comes first, then what is for the whole contract. None where
    several amounts may be the value and the text calls none of them so.
    """
    found = _without_parts(_beside_others(_of_this_alone(found)))
    more = list(_paid_once(found))
    found = _without_parts_of_year([value for value in found if value not in more])
    best = min(found, key=_order, default=None)
    if best is None:
        return None
    is_rival = _is_listed_with if best.is_called_so else _is_rival
    if any(is_rival(one, best) for one in found):
        return None
    best = _beside_initial(best, found)
    if not best.period:
        more = []  # the whole holds what is paid once
    if Role.OF_FIRST_YEAR in best.roles and (yearly := _of_later_years(best, found)):
        more.append(replace(best, pounds=best.pounds - yearly.pounds, period=""))
        best = yearly
    largest = _with_extensions(found, best)
    if largest and not best.period and largest.pounds >= best.pounds:
        return largest
    if option := _option_after(best, found):
        more.append(option)
    best = _with_vat_of_pair(best, found)
    whole = [] if best.period else [one for one in more if not one.period]
    return replace(
        best,
        pounds=best.pounds + sum(one.pounds for one in whole),
        roles=best.roles - {Role.OF_INITIAL} if whole else best.roles,
        for_years=0.0 if whole else best.for_years,
        added=tuple(one for one in more if one not in whole),
    )


def are_one(amounts: Collection[float]) -> bool:
    """Whether there are amounts, and they are the same, with VAT or without."""
    return bool(amounts) and _is_same_but_for_vat(max(amounts), min(amounts))


def _is_same_but_for_vat(one: float, other: float) -> bool:
    same = (1.0, _with_vat(), 1 / _with_vat())
    return any(abs(one / other - ratio) <= _SAME for ratio in same)


def _order(value: StatedValue) -> tuple[bool, ...]:
    return value.of_option, not value.is_called_so, value.perhaps_past, value.period != ""


def _beside_initial(best: StatedValue, found: Sequence[StatedValue]) -> StatedValue:
    """The value; where it is that of the first years, a larger one that the text calls so."""
    if best.period or Role.OF_INITIAL not in best.roles:
        return best
    larger = (one for one in found if _order(one) == _order(best) and one.pounds > best.pounds)
    return next((one for one in larger if Role.OF_INITIAL not in one.roles), best)


def _of_this_alone(found: Sequence[StatedValue]) -> Sequence[StatedValue]:
    """The values without those of a whole framework or project, where one is said to be of this."""
    if not any(Role.OF_THIS in value.roles for value in found):
        return found
    return [value for value in found if Role.OF_LARGER not in value.roles]


def _without_parts_of_year(found: Sequence[StatedValue]) -> Sequence[StatedValue]:
    """The values without those of the whole contract that are less than what a year of it costs.

    A part of a year's price, such as that of the materials, is no value of the contract.
    """
    years = (one.pounds for one in found if one.period == "year" and _is_of_any_year(one))
    least = max(years, default=0.0)
    kept = {Role.OF_OPTION, Role.LISTED}
    return [one for one in found if one.period or one.roles & kept or one.pounds >= least]


def _is_of_any_year(value: StatedValue) -> bool:
    return value.is_called_so and not value.roles & {Role.OF_OPTION, Role.OF_FIRST_YEAR}


def _is_listed_with(other: StatedValue, best: StatedValue) -> bool:
    """Whether another amount goes on with a list that the first one begins."""
    return (
        Role.LISTED in other.roles
        and Role.TOTAL not in best.roles
        and other.words == best.words
        and other.pounds != best.pounds
    )


def _is_rival(other: StatedValue, best: StatedValue) -> bool:
    """Whether another amount may be the value as well: not the same per period, or with VAT."""
    if _is_listed_with(other, best):
        return True
    is_too_large = other.period == "year" and not (best.period or other.of_option)
    if is_too_large and other.pounds > best.pounds:
        return True  # the whole costs no less than one of its years
    if other is best or _order(other) != _order(best):
        return False
    only_best, only_other = best.roles - other.roles, other.roles - best.roles
    if Role.OF_INITIAL in only_best and Role.WITH_EXTENSIONS in only_other:
        return False
    if Role.ADDED in other.roles and other.words == best.words:
        return True
    return not _is_same_but_for_vat(other.yearly or other.pounds, best.yearly or best.pounds)


def _with_vat_of_pair(value: StatedValue, found: Sequence[StatedValue]) -> StatedValue:
    """The value; where another is the same with or without VAT and says so, with its own VAT."""
    for other in found:
        if other.vat_stated and not value.vat_stated and other.period == value.period:
            rate = _with_vat()
            with_vat = other.pounds / rate if other.gross else other.pounds * rate
            if abs(with_vat / value.pounds - 1) < _SAME:
                return replace(value, gross=not other.gross, vat_stated=True)
    return value


def _beside_others(found: Sequence[StatedValue]) -> list[StatedValue]:
    """The values; where each is that of an option, the first is the value of the contract."""
    if not found or not all(value.of_option for value in found):
        return list(found)
    first, *others = found
    return [replace(first, roles=first.roles - {Role.OF_OPTION}), *others]


def _without_parts(found: Sequence[StatedValue]) -> Sequence[StatedValue]:
    """The values; where one is the sum of all others, that one alone: items and their total."""
    if len(found) < 3 or any(value.period or value.of_option for value in found):
        return found
    total = sum(value.pounds for value in found)
    return [value for value in found if abs(2 * value.pounds - total) < 1] or found


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


def _with_extensions(found: Sequence[StatedValue], best: StatedValue) -> StatedValue | None:
    """The largest value of the whole beside one with extensions, or one without (`best`)."""
    with_them = any(Role.WITH_EXTENSIONS in value.roles for value in found)
    if not (with_them or Role.OF_INITIAL in best.roles):
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
