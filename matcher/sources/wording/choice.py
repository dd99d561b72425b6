"""Which of the amounts in a text is the value of the contract, or which ones leave it open.

The amounts are ranked by what the text says of them. Each of the others must have a reason to be
there: it is the same in other words, a part, an option, a cost that is paid once, an earlier price.
One without a reason is a rival, and with a rival no value is known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from matcher.core.amount_marks import either_of
from matcher.sources.wording.amount_joins import Join
from matcher.sources.wording.amount_roles import Role
from matcher.sources.wording.number_words import UNIT
from matcher.sources.wording.stated_values import SAME, StatedValue, with_sums
from matcher.sources.wording.vat import with_vat

_SMALL, _SMALL_SHARE = 1_000.0, 0.02
"""Pounds, and share of another amount, under which one that no word calls the value is no rival."""
_EITHER = re.compile(rf"£ ?([1-9]\d{{0,2}}\.\d{{3}})(?!\d|[.,]\d| ?(?:{UNIT})\b)", re.IGNORECASE)
"""An amount whose point may stand before pence or between thousands."""
_ADDED = frozenset({Join.SUM, Join.THEN, Join.NEXT})
_MOST_YEARS = 25
"""Years over which an amount for each of them may be summed up in the same text."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The value of the contract, or None and why it is not known, in words for an officer."""

    value: StatedValue | None
    why_not: str = ""


def choice_of(found: Sequence[StatedValue], every: Iterable[StatedValue] = ()) -> Choice:
    """The value of the contract, or of a period of it, with what is added to it.

    What the text calls the value comes first, then what is for the whole contract.  What a project
    or programme is worth leaves it open beside a smaller one of `every` amount of the text.
    """
    if found and all(value.of_option for value in found):
        return Choice(None, f"“{found[0].words}” is what an option to extend costs")
    found = _without_parts(_without_small(_of_this_alone(with_sums(found))))
    more = list(_paid_once(found))
    found = _without_parts_of_year([value for value in found if value not in more])
    best = min(found, key=_order, default=None)
    if best is None:
        return Choice(None)
    best = _beside_larger(best, found)
    if why_not := _why_open(best, found, every):
        return Choice(None, why_not)
    best = _with_whole(best, found)
    if not (best.period or best.join in _ADDED):
        more = []  # the whole holds what is paid once
    if Role.OF_FIRST_YEAR in best.roles and (yearly := _of_later_years(best, found)):
        more.append(replace(best, pounds=best.pounds - yearly.pounds, period=""))
        best = yearly
    largest = _with_extensions(found, best)
    if largest and not best.period and largest.pounds >= best.pounds:
        return Choice(largest)
    if option := _option_after(best, found):
        more.append(option)
    best = _with_vat_of_pair(best, found)
    whole = [] if best.period else [one for one in more if not one.period]
    roles = best.roles - {Role.OF_INITIAL} if whole else best.roles
    if any(one.of_option for one in whole):
        roles |= {Role.WITH_EXTENSIONS}
    return Choice(
        replace(
            best,
            pounds=best.pounds + sum(one.pounds for one in whole),
            roles=roles,
            for_years=0.0 if whole else best.for_years,
            added=(*best.added, *(one for one in more if one not in whole)),
        )
    )


def in_doubt(choice: Choice, text: str) -> Choice:
    """A choice; without its value where the point of that may be before pence or thousands."""
    for found in _EITHER.finditer(text) if choice.value else ():
        pounds, pence = either_of(found[1]) or ("0", "0")
        if choice.value and choice.value.pounds in (float(pounds), float(pence)):
            return Choice(None, f"“{found[0]}” may be £{pounds} or £{pence}")
    return choice


def are_one(amounts: Collection[float]) -> bool:
    """Whether there are amounts, and they are the same, with VAT or without."""
    return bool(amounts) and _is_same_but_for_vat(max(amounts), min(amounts))


def _is_same_but_for_vat(one: float, other: float) -> bool:
    same = (1.0, with_vat(), 1 / with_vat())
    return any(abs(one / other - ratio) <= SAME for ratio in same)


def _order(value: StatedValue) -> tuple[bool, ...]:
    return value.of_option, not value.is_called_so, value.perhaps_past, value.period != ""


# --- rivals ------------------------------------------------------------------------------------


def _why_open(best: StatedValue, found: Sequence[StatedValue], every: Iterable[StatedValue]) -> str:
    """Why the text leaves open whether an amount is the value; '' where it does not."""
    if best.join is Join.OPEN and Role.TOTAL not in best.roles:
        return f"“{best.words}” adds an amount that is not known"
    rivals = [one for one in found if _is_rival(one, best)]
    if Role.OF_LARGER in best.roles:
        rivals += _beside(best, every)
    return _which(best, rivals[0]) if rivals else ""


def _is_rival(other: StatedValue, best: StatedValue) -> bool:
    """Whether another amount may be the value as well, as far as the text says."""
    if other is best or other.of_option:
        return False
    if _goes_on(other, best):
        return True
    if _says_again(other, best) or _has_own_place(other, best):
        return False
    if other.words == best.words and _is_larger(other, best) and not _is_all(other, best):
        return True
    if best.is_called_so:
        is_of_this = Role.OF_THIS in other.roles - best.roles
        return is_of_this or (other.is_called_so and _is_rival_of_named(other, best))
    is_too_large = other.period == "year" and not best.period and other.pounds > best.pounds
    return is_too_large or _order(other) == _order(best)


def _is_all(other: StatedValue, best: StatedValue) -> bool:
    """Whether one is a total, or a larger one holds VAT or options as well."""
    holds_vat = other.gross and not best.gross
    return holds_vat or Role.TOTAL in best.roles or Role.WITH_EXTENSIONS in other.roles


def _is_rival_of_named(other: StatedValue, best: StatedValue) -> bool:
    """Whether one of two amounts that the text calls the value is no part of the other."""
    of_best = best.roles - other.roles
    if other.perhaps_past > best.perhaps_past or Role.OF_THIS in of_best:
        return False
    if _is_larger(other, best):
        return True
    is_part = Role.TOTAL in of_best or (
        not other.period and other.for_years not in (0, best.for_years)
    )
    return not is_part and other.period == best.period and other.named >= best.named


def _which(one: StatedValue, other: StatedValue) -> str:
    """The reason why the value is not known: either of two amounts may be the value."""
    if one.words == other.words:
        return f"“{one.words}” gives several amounts and does not say which is the value"
    return f"“{one.words}” and “{other.words}” may each be the value"


def _goes_on(other: StatedValue, best: StatedValue) -> bool:
    """Whether another amount goes on with a list or a sum that the first one begins."""
    if other.words != best.words or Role.TOTAL in best.roles:
        return False
    if Join.LISTED in (other.join, best.join) and not _says_again(other, best):
        return True
    if Role.OF_FIRST_YEAR in best.roles - other.roles and other.period == "year":
        return False
    is_period = other.period and (best.for_years or best.period)
    follows = is_period and not _says_again(other, best)
    more = follows or (Role.ONCE in other.roles and not best.period)
    return other.join in _ADDED and bool(more or _order(other) == _order(best))


def _says_again(other: StatedValue, best: StatedValue) -> bool:
    """Whether an amount is another in other words: with VAT, or for the whole of its years."""
    one, two = (each.yearly or each.pounds for each in (other, best))
    vat_said = other.vat_stated or best.vat_stated
    is_same = abs(one - two) < 1 or (vat_said and _is_same_but_for_vat(one, two))
    return is_same or _is_whole_of(other, best) or _is_whole_of(best, other)


def _is_whole_of(whole: StatedValue, each: StatedValue) -> bool:
    """Whether an amount for the whole contract is one for each period over several years."""
    if whole.period or not each.yearly:
        return False
    years = round(whole.pounds / each.yearly)
    return 1 < years <= _MOST_YEARS and _is_same_but_for_vat(whole.pounds, each.yearly * years)


def _has_own_place(other: StatedValue, best: StatedValue) -> bool:
    """Whether the text says of an amount what it is beside the value."""
    only_best, only_other = best.roles - other.roles, other.roles - best.roles
    if Role.ONCE in other.roles or (best.is_called_so and Role.OF_LARGER in only_other):
        return True
    if Role.OF_INITIAL in only_best | only_other:
        return bool({Role.WITH_EXTENSIONS, Role.TOTAL} & (other.roles | best.roles)) or best.named
    return Role.OF_FIRST_YEAR in only_best | only_other


def _beside(whole: StatedValue, every: Iterable[StatedValue]) -> Iterator[StatedValue]:
    """Smaller amounts of other sentences, each of which may be a part of a whole."""
    smaller = (one for one in every if one.pounds < whole.pounds and one.words != whole.words)
    return (one for one in smaller if not _says_again(one, whole))


def _is_larger(one: StatedValue, other: StatedValue) -> bool:
    if bool(one.period) == bool(other.period):
        return (one.yearly or one.pounds) > (other.yearly or other.pounds)
    return bool(one.period) and (one.yearly or 0.0) > other.pounds


def _of_this_alone(found: Sequence[StatedValue]) -> Sequence[StatedValue]:
    """The values without those of a whole framework or project, where one is said to be of this."""
    if not any(Role.OF_THIS in value.roles for value in found):
        return found
    return [value for value in found if not value.roles & {Role.OF_LARGER, Role.OF_WIDER}]


def _without_small(found: Sequence[StatedValue]) -> Sequence[StatedValue]:
    """The values without amounts that are a small part of another, and that nothing says more of.

    A fee or a fine of £150 beside £9,600 a year is no other value.
    """
    largest = max((one.yearly or one.pounds for one in found), default=0.0)
    least = min(_SMALL, _SMALL_SHARE * largest)
    return [
        one for one in found if one.is_called_so or one.roles or one.period or one.pounds >= least
    ]


def _without_parts(found: Sequence[StatedValue]) -> Sequence[StatedValue]:
    """The values; where one is the sum of all others, that one alone: items and their total."""
    if len(found) < 3 or any(value.period or value.of_option for value in found):
        return found
    total = sum(value.pounds for value in found)
    return [value for value in found if abs(2 * value.pounds - total) < 1] or found


def _paid_once(found: Sequence[StatedValue]) -> Iterator[StatedValue]:
    """Amounts that are paid once, beside others for each period: for setting up, for building."""
    if not any((value.period or _follows(value)) and not value.of_option for value in found):
        return
    for value, following in zip(found, [*found[1:], None], strict=True):
        is_sum = (
            following and (following.period or _follows(following)) and following.join in _ADDED
        )
        is_once = is_sum and Role.TOTAL not in value.roles and not value.for_years
        if not value.period and (is_once or Role.ONCE in value.roles):
            yield value


def _follows(value: StatedValue) -> bool:
    """Whether an amount is for the years after something is set up: 'then £60,000 for 3 years'."""
    return value.join in _ADDED and bool(value.for_years)


def _without_parts_of_year(found: Sequence[StatedValue]) -> Sequence[StatedValue]:
    """The values without those of the whole contract that are less than what a year of it costs.

    A part of a year's price, such as that of the materials, is no value of the contract.
    """
    years = (one.pounds for one in found if one.period == "year" and _is_of_any_year(one))
    least = max(years, default=0.0)
    return [
        one
        for one in found
        if one.period or one.of_option or one.join is Join.LISTED or one.pounds >= least
    ]


def _is_of_any_year(value: StatedValue) -> bool:
    return value.is_called_so and not value.roles & {Role.OF_OPTION, Role.OF_FIRST_YEAR}


def _beside_larger(best: StatedValue, found: Sequence[StatedValue]) -> StatedValue:
    """The value; where it is of a part of the time, the larger one for all of it."""
    all_there_is = {Role.WITH_EXTENSIONS, Role.TOTAL}
    for one in found:
        of_best, of_one = best.roles - one.roles, one.roles - best.roles
        is_all = Role.OF_INITIAL in of_best or 0 < best.for_years < one.for_years
        if all_there_is & (one.roles if best.for_years > one.for_years else of_one):
            is_all = is_all or Role.OF_THIS not in of_best
        if is_all and _order(one) == _order(best) and _is_larger(one, best) and not best.period:
            return one
    return best


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
    before, after = found[: found.index(value)], found[found.index(value) + 1 :]
    places = [*after, *before] if Role.OF_INITIAL in value.roles else after
    option = next((one for one in places if one.of_option), None)
    if option is None or value.period:
        return option
    sums = (
        other.pounds + option.pounds for other in found if not (other.period or other.of_option)
    )
    holds = not option.period and any(abs(value.pounds - each) < 1 for each in sums)
    return None if holds or Role.TOTAL in value.roles else option


def _with_vat_of_pair(value: StatedValue, found: Sequence[StatedValue]) -> StatedValue:
    """The value; where another is the same with or without VAT and says so, with its own VAT."""
    for other in found:
        if other.vat_stated and not value.vat_stated and other.period == value.period:
            rate = with_vat()
            again = other.pounds / rate if other.gross else other.pounds * rate
            if abs(again / value.pounds - 1) < SAME:
                return replace(value, gross=not other.gross, vat_stated=True)
    return value


def _with_whole(value: StatedValue, found: Sequence[StatedValue]) -> StatedValue:
    """A value of each period with the whole that the text says it comes to."""
    said = (one.pounds for one in found if not one.of_option and _is_whole_of(one, value))
    return replace(value, whole=max(said, default=0.0))
