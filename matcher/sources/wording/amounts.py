"""What a contract is worth, as a specification states it: amounts, their period and VAT."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from matcher.core.amount_marks import either_of, with_british_marks
from matcher.sources.wording.amount_clauses import BUYERS_LIMIT, is_named, is_offered, is_priced
from matcher.sources.wording.amount_context import FOR_LENGTH, Amount, TextAround, amounts_in
from matcher.sources.wording.amount_joins import Join, with_items_joined
from matcher.sources.wording.amount_periods import (
    counted,
    is_apiece,
    is_in_all,
    period_of,
    times_a_year,
)
from matcher.sources.wording.amount_roles import (
    WITH_EXTENSIONS,
    Role,
    is_of_option,
    roles_of,
)
from matcher.sources.wording.choice import Choice, are_one, choice_of, in_doubt
from matcher.sources.wording.labels import as_written, with_signs
from matcher.sources.wording.lengths import in_years
from matcher.sources.wording.money import (
    AMOUNT,
    is_unread,
)
from matcher.sources.wording.nominal import is_nominal
from matcher.sources.wording.number_words import (
    NUMBER,
    UNIT,
    in_digits,
    linked_sentences,
    sentences,
    short,
)
from matcher.sources.wording.option_scope import holds_options
from matcher.sources.wording.option_words import EXTENSION
from matcher.sources.wording.other_amounts import OF_PART, OF_RISK, PAST, PERHAPS_PAST, is_past
from matcher.sources.wording.rises import rise_in
from matcher.sources.wording.stated_values import StatedValue, with_sums
from matcher.sources.wording.unaccounted import ready, unaccounted
from matcher.sources.wording.vat import vat_said, with_reduced_vat
from matcher.sources.wording.year_amounts import YearAmounts, amounts_of_years

_BARE = 1_000.0
"""Least pounds of an amount without context for it to be read as the contract's value."""

_BARE_YEARLY = 10_000.0
"""Least pounds a year of an amount for each of a period, without context."""
_LEAST = 100.0
"""Least pounds of an amount that no word calls the value; a smaller one is a fee or a fine."""
_TELLING = {Role.OF_OPTION, Role.WITH_EXTENSIONS, Role.OF_FIRST_YEAR, Role.OF_INITIAL}
"""What an amount may be that tells that it is of a contract."""
_FOLLOWS = (Join.THEN, Join.NEXT)
_SEASONAL = ("week", "month", "quarter", "school term")
"""Periods of which a year may have fewer than the calendar has."""

_BUYS_EXTENSION = re.compile(
    rf"(?:(?!\b(?:options?|with)\b)[^\n.£]){{0,80}}?\b(?:{EXTENSION})\b[^£.]{{0,80}}\n",
    re.IGNORECASE,
)
"""A title by which an extension is what is bought: that of a building, the renewal of a licence."""
_BARE_NUMBER = re.compile(rf"(?:{NUMBER})(?: ?(?:{UNIT})\b)?", re.IGNORECASE)
_LARGE = rf"\d{{1,3}}(?:,\d{{3}}){{1,3}}|\d{{5,9}}|\d{{1,4}}(?:\.\d{{1,3}})? ?(?:{UNIT})"
_BARE_RANGE = re.compile(rf"({_LARGE}) ?(?:-|–|to) ?({_LARGE})", re.IGNORECASE)
_TIME = re.compile(r"\b(?:years?|yrs?|months?|adds?|adding|additional|further)\b", re.IGNORECASE)
_OF_CONTRACT = re.compile(
    r"\b(?:annual|budget|ceiling|contract|cost|costs|envelope|estimated?|expenditure|fees?"
    r"|fortnightly|funding|maximum|monthly|quarterly|weekly|yearly"
    r"|not exceed(?:ing)?|overall|price|spend|sum|thereafter|total|up to|valued?|worth)\b"
    rf"|{BUYERS_LIMIT}|{WITH_EXTENSIONS.pattern}",
    re.IGNORECASE,
)
_UNCLEAR = re.compile(r"\b(?:budget|costs?|fee|funding|(?<!contract )price|spend)\b", re.IGNORECASE)
"""Words for an amount that may be for a year or for the whole contract."""
_WHOLE = re.compile(r"\b(?:value|worth|total|overall)\b", re.IGNORECASE)
"""Words for what the whole contract is worth."""


def stated_value(text: str, *, expected: bool = False, heading: str = "") -> StatedValue | None:
    """The value of the contract, or None; as `value_in` without the reason.

    >>> stated_value("Cover of £5m is needed. The budget is £60k a year.")
    StatedValue(pounds=60000.0, period='year', gross=False, words='The budget is £60k a year',
                of_range=False, unclear=False)
    """
    return value_in(text, expected=expected, heading=heading).value


def value_in(text: str, *, expected: bool = False, heading: str = "") -> Choice:
    """The value of the contract; insurance cover and prices per visit are not its value.

    `expected`: the text is where a value is usual, such as a table cell, and need not contain a
    word for value.  `heading` is the heading of that cell.  Prefers an amount that the
    text calls the contract's, then one for the whole contract to one for a period.

    >>> value_in("Meals cost £5 per meal.").why_not
    '“Meals cost £5 per meal” is the price of a unit'
    """
    bare = with_british_marks(text.strip()) if expected else ""
    if either := either_of(bare):
        return Choice(None, f"“{short(text)}” may be £{either[0]} or £{either[1]}")
    if _BARE_NUMBER.fullmatch(digits := in_digits(bare)):
        text = f"£{digits}"
    elif expected and (ends := _BARE_RANGE.fullmatch(text.strip())):
        text = f"£{ends[1]} - £{ends[2]}"
    signed = with_signs(text)
    choice = _chosen(signed, heading, expected=expected)
    return in_doubt(as_written(choice, text, signed), text)


def _chosen(text: str, heading: str, *, expected: bool) -> Choice:
    """The value of the contract in a text with a pound sign before each amount."""
    years = amounts_of_years(text)
    found = list(_all_values(years.rest if years else text, heading, expected=expected))
    if years and not any(_is_whole(value, years.least) for value in found):
        text = years.rest
        if not is_nominal(years.pounds) and (
            expected or years.pounds >= _BARE or _OF_CONTRACT.search(years.before)
        ):
            value = _of_years(years, heading)
            once = _paid_beside([replace(value, period="year")], text, heading)
            return Choice(replace(value, pounds=value.pounds + sum(one.pounds for one in once)))
        if years.is_price and not (years.pounds or expected):
            return Choice(None, f"“{short(years.words)}” is {OF_PART}")
    if not expected and all(value.of_option for value in found):
        found = _without_context(text) or found
    is_only_one = expected and len({value.pounds for value in found}) == 1
    if _BUYS_EXTENSION.match(text) or (is_only_one and text.startswith("£")):
        found = [replace(one, roles=one.roles - {Role.OF_OPTION}) for one in found]
    found += _paid_beside(found, text, heading)
    in_season = (_in_season(value, f"{text} {heading}") for value in found)
    every = _all_values(text, heading, expected=True)
    choice = choice_of(list(filter(None, in_season)), every)
    if choice.value:
        if why_not := unaccounted(choice.value, text, heading):
            return Choice(None, why_not)
        return Choice(_with_scope(choice.value, text))
    return choice if choice.why_not else Choice(None, _why_not(text, heading))


def _with_scope(value: StatedValue, text: str) -> StatedValue:
    """A value of the whole contract, as another sentence says that it holds the options or not."""
    holds = None if value.period or value.added else holds_options(text)
    if holds is None or (not holds and Role.WITH_EXTENSIONS in value.roles):
        return value
    if holds:
        roles = value.roles - {Role.OF_INITIAL} | {Role.WITH_EXTENSIONS}
        return replace(value, roles=roles, for_years=0.0, unclear=False)
    return replace(value, roles=value.roles - {Role.TOTAL} | {Role.OF_INITIAL}, unclear=False)


def _without_context(text: str) -> list[StatedValue]:
    """The amounts of a text without a word for value, where one may be the contract's, or none."""
    bare = with_sums(_all_values(text, "", expected=True))
    offered = {one.words for one in bare if one.offered}
    kept = [one for one in bare if one.words in offered and _may_be_value(one)]
    once = [one for one in kept if Role.ONCE in one.roles]
    own = [one for one in kept if one not in once or len(once) == len(kept)]
    if any(one.join in (Join.LISTED, Join.OPEN) for one in bare):
        return []
    amounts = {one.pounds for one in own if not one.of_option}
    if len(amounts) != 1 and not (are_one(amounts) and any(one.vat_stated for one in kept)):
        return []
    return [one for one in bare if one in kept or one.of_option or one.join in _FOLLOWS]


def _may_be_value(value: StatedValue) -> bool:
    """Whether an amount without context may be a contract's: it is large, and not of the past."""
    is_large = value.pounds >= _BARE or (value.yearly or 0.0) >= _BARE_YEARLY
    return is_large and not is_past(value.words)


def _in_season(value: StatedValue, text: str) -> StatedValue | None:
    """A value for each of the weeks that the text says a year has, as one for a year.

    None where the weeks are those of term time, and the text does not say how many they are.
    """
    times = times_a_year(in_digits(text), value.period) if value.period in _SEASONAL else None
    if times is None:
        return value
    return replace(value, pounds=value.pounds * times, period="year") if times else None


def _why_not(text: str, heading: str) -> str:
    """Why the first amount of a text is not the value of the contract; '' where there is none."""
    unclear, around = "", TextAround.of(text, heading)
    for sentence in (each for each in sentences(with_items_joined(text)) if "£" in each):
        for one in amounts_in(ready(sentence), around.parts):
            kind = PAST if one.is_past(follows=False) else around.other_kind(one)
            if kind:
                return f"“{short(sentence)}” is {kind}"
            unclear = unclear or short(sentence)
        if is_unread(ready(sentence)):
            return f"“{short(sentence)}” has an amount that is not written as pounds in digits"
    return unclear and f"“{unclear}” does not say that this is what the contract is worth"


def _paid_beside(found: Sequence[StatedValue], text: str, heading: str) -> list[StatedValue]:
    """What is paid once beside values of a period, or in each period beside what is paid once.

    There no word need say that it is of the contract: 'Set-up: £8,000. The price is £9,000 a year.'
    """
    is_once = all(_is_once(one) for one in found)
    if not found or not (is_once or any(one.period for one in found)):
        return []
    known = {one.words for one in found}
    others = (one for one in _all_values(text, heading, expected=True) if one.words not in known)
    planned = (one for one in others if not PERHAPS_PAST.search(one.words))
    return [one for one in planned if (one.period if is_once else _is_once(one))]


def _is_once(value: StatedValue) -> bool:
    return Role.ONCE in value.roles and not (value.period or value.is_called_so)


def _of_years(years: YearAmounts, heading: str) -> StatedValue:
    vat = vat_said(years.after, years.before, heading)
    return StatedValue(
        years.pounds,
        "",
        bool(vat),
        short(years.words),
        years.of_range,
        vat_stated=vat is not None,
        for_years=years.years,
    )


def _is_whole(value: StatedValue, least: float) -> bool:
    """Whether a value that is stated beside amounts of years is that of the whole contract."""
    return not value.period and (value.pounds >= least or bool(_WHOLE.search(value.words)))


def _all_values(text: str, heading: str, *, expected: bool) -> Iterator[StatedValue]:
    in_context, around = expected, TextAround.of(text, heading)
    for sentence, goes_on in linked_sentences(with_items_joined(text)):
        digits = ready(sentence)
        in_context = expected or (goes_on and in_context) or _is_of_value(digits, sentence)
        for value in _values(digits, around) if in_context else ():
            yield replace(value, words=short(sentence)).rising(rise_in(in_digits(sentence)))


def _is_of_value(digits: str, sentence: str) -> bool:
    """Whether a sentence has a word for value, and says so of one of its amounts."""
    if _TIME.search(in_digits(sentence)) and _prices_option(digits):
        return True
    return _OF_CONTRACT.search(digits) is not None and any(
        is_priced(one.before, one.near)
        or _is_offered(one)
        or roles_of(one.before, one.after, digits) & _TELLING
        or one.join in (Join.SUM, Join.LISTED)
        for one in amounts_in(digits)
    )


def _is_offered(one: Amount) -> bool:
    """Whether the words beside an amount alone suggest a price or a budget."""
    is_whole = one.length or is_in_all(one.near) or vat_said(one.after) is not None
    return bool(is_whole or period_of("", one.after, one.near, "")) or is_offered(
        one.before, one.near
    )


def _values(digits: str, around: TextAround) -> Iterator[StatedValue]:
    """The values in a sentence, without its words."""
    past, kind, other = False, "", ""
    found: list[StatedValue] = []
    if is_unread(digits):
        return
    for one in amounts_in(digits, around.parts):
        last, past, join = other, one.is_past(follows=past), one.join
        kind = around.other_kind(one, kind)
        other = PAST if past else kind
        if join is Join.SUM and (not last) != (not other) and OF_RISK not in (last, other):
            join, found = Join.OPEN, [replace(value, join=Join.OPEN) for value in found]
        value = None if other else _value(replace(one, join=join), digits, around.heading)
        is_value = value and (value.is_called_so or value.period or around.heading)
        if value and (is_value or value.pounds >= _LEAST or value.join is Join.SUM):
            found.append(value)
    yield from found


def _prices_option(digits: str) -> bool:
    """Whether a sentence gives what an option to extend costs, without a word for value."""
    return any(is_of_option(digits[: one.start()]) for one in AMOUNT.finditer(digits))


def _value(one: Amount, digits: str, heading: str) -> StatedValue | None:
    """The value that an amount in a sentence (`digits`) is; None where it is for one of several."""
    period = period_of(one.own_before, one.after, one.near, heading)
    if not period and is_apiece(one.after):
        return None
    length, context = one.length, f"{heading} {one.before}"
    roles = roles_of(one.before, one.after, digits)
    period = period or ("year" if Role.OF_FIRST_YEAR in roles else "")
    vat, pounds = vat_said(one.after, one.beside, heading), one.pounds
    if vat is False and (reduced := with_reduced_vat(one.after)):
        vat, pounds = True, round(pounds * reduced, 2)
    if times := counted(one.before, one.after):
        pounds, period = pounds * times, ""
    is_whole = period or length or is_in_all(context) or is_in_all(one.near)
    return StatedValue(
        pounds=pounds,
        period=period,
        gross=bool(vat),
        words="",
        of_range=one.of_range,
        unclear=bool(times) or not (is_whole or Role.ONCE in roles or not _UNCLEAR.search(context)),
        vat_stated=vat is not None,
        named=is_named(one.clause) or bool(FOR_LENGTH.search(one.after)),
        perhaps_past=PERHAPS_PAST.search(one.clause) is not None,
        for_years=int(length["n"]) * in_years(length["unit"]) if length else 0.0,
        roles=roles,
        join=one.join,
        offered=_is_offered(one),
    )
