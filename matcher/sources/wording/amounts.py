"""What a contract is worth, as a specification states it in words.

One small grammar: amounts of money with their unit, range, period and VAT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from matcher.sources.wording.amount_periods import (
    is_apiece,
    is_in_all,
    period_of,
    times_a_year,
    without_payments,
)
from matcher.sources.wording.amount_roles import Role, is_of_option, roles_of
from matcher.sources.wording.lengths import in_years
from matcher.sources.wording.money import (
    AMOUNT,
    CLAUSE,
    NEW,
    NOT_OF_CONTRACT,
    OF_FUND,
    OF_NEXT,
    PAST_AFTER,
    PERHAPS_PAST,
    UNIT_PRICE,
    is_named,
    is_past,
    last_clause,
    own_clause,
    pounds_of,
    with_rises,
    without_repeats,
)
from matcher.sources.wording.nominal import is_nominal
from matcher.sources.wording.number_words import (
    NUMBER,
    UNIT,
    in_digits,
    in_plain_signs,
    sentences,
    short,
)
from matcher.sources.wording.stated_values import StatedValue, value_with_more
from matcher.sources.wording.vat import OF_NEXT_VAT, vat_said
from matcher.sources.wording.year_amounts import YearAmounts, amounts_of_years

_BARE = 1_000.0
"""Least pounds of an amount without context for it to be read as the contract's value."""

_BARE_YEARLY = 10_000.0
"""Least pounds a year of an amount for each of a period, without context."""
_SEASONAL = ("week", "month", "quarter", "school term")
"""Periods of which a year may have fewer than the calendar has."""

_BARE_NUMBER = re.compile(rf"(?:{NUMBER})(?: ?(?:{UNIT})\b)?", re.IGNORECASE)
_LARGE = rf"\d{{1,3}}(?:,\d{{3}}){{1,3}}|\d{{5,9}}|\d{{1,4}}(?:\.\d{{1,3}})? ?(?:{UNIT})"
_BARE_RANGE = re.compile(rf"({_LARGE}) ?(?:-|–|to) ?({_LARGE})", re.IGNORECASE)
_LABELLED = re.compile(
    r"\b((?:value|budget|price|costs?|sum|spend)\b"
    r"(?! (?:code|line|ref|reference|number|no|centre)\b)"
    r"[^\n.:;£$€\d]{0,40}[:=] ?)"
    rf"(\d{{1,3}}(?:,\d{{3}}){{1,3}}\b|\d{{1,6}}(?:\.\d{{1,3}})? ?(?:{UNIT})\b"
    r"|\d{5,9}(?:\.\d\d)?(?![\d.,/-]))"
    r"|\b((?:value|budget|costs?|spend)\b(?: \w{1,12}){0,3}"
    r"(?: (?:is|of|about|approximately|circa))? )"
    rf"(\d{{1,6}}(?:\.\d{{1,3}})? ?(?:{UNIT})\b(?! ?[a-z]{{3,20}}s\b))",
    re.IGNORECASE,
)
"""A number after a label of money: 'Annual value (ex VAT): 65,000', 'the budget is 65k'."""
_POUND_LABEL = re.compile(r"\(£\)(?= ?[:=|]| \d)|£(?= ?[:=])")
"""The unit in a label: 'Contract value (£): 60,000'."""
_IN_BRACKETS = re.compile(r"^ ?\([^()]{0,40}\)")
_FOR_LENGTH = re.compile(
    r"^ ?(?:\([^()]{0,60}\) ?)?(?:(?!(?:and|but|with)\b)[\w+]{1,10} ){0,4}?"
    r"(?:for|over|across|throughout) (?:an? |its |the )?(?:(?:period|term) of )?"
    r"(?:(?:1st|first|initial) )?(?P<n>\d{1,2}) (?P<unit>years|months)\b",
    re.IGNORECASE,
)
"""After an amount for the whole of a length: '£50,000 for 2 years'."""
_TIME = re.compile(r"\b(?:years?|yrs?|months?|adds?|adding|additional|further)\b", re.IGNORECASE)
_LENGTH_BEFORE = re.compile(
    r"(?:\bfor (?:the |all )?(?:(?:1st|first|initial) )?|\A\W{0,3})"
    r"(?P<n>\d{1,2}) (?P<unit>years?|months)\b"
    r"[^£]{0,30}\Z",
    re.IGNORECASE,
)
_OF_CONTRACT = re.compile(
    r"\b(?:annual|budget|ceiling|contract|cost|costs|estimated?|expenditure|fee|funding|maximum|monthly"
    r"|not exceed(?:ing)?|overall|price|spend|sum|thereafter|total|up to|valued?|worth"
    r"|(?:with|including) (?:all |the )?extensions"
    r"|if (?:[\w-]{1,12} ){0,3}(?:extended|extensions?|optional|options))\b",
    re.IGNORECASE,
)
_UNCLEAR = re.compile(r"\b(?:budget|costs?|fee|funding|(?<!contract )price|spend)\b", re.IGNORECASE)
"""Words for an amount that may be for a year or for the whole contract."""
_WHOLE = re.compile(r"\b(?:value|worth|total|overall)\b", re.IGNORECASE)
"""Words for what the whole contract is worth."""


def stated_value(text: str, *, expected: bool = False, heading: str = "") -> StatedValue | None:
    """The value of the contract, or None; insurance cover and prices per visit are not its value.

    `expected`: the text is where a value is usual, such as a table cell, and need not contain a
    word for value.  `heading` is the heading of that cell.  Prefers an amount that the
    text calls the contract's, then one for the whole contract to one for a period.

    >>> stated_value("Cover of £5m is needed. The budget is £60k a year.")
    StatedValue(pounds=60000.0, period='year', gross=False, words='The budget is £60k a year',
                of_range=False, unclear=False)
    """
    if expected and _BARE_NUMBER.fullmatch(text.strip()):
        text = f"£{text.strip()}"
    elif expected and (ends := _BARE_RANGE.fullmatch(text.strip())):
        text = f"£{ends[1]} - £{ends[2]}"
    text = _POUND_LABEL.sub("", text)
    text = _LABELLED.sub(r"\1\3£\2\4", in_plain_signs(text))
    years = amounts_of_years(text)
    found = list(_all_values(years.rest if years else text, heading, expected=expected))
    if years and not any(_is_whole(value, years.largest) for value in found):
        text = years.rest
        if not is_nominal(years.pounds) and (
            expected or years.pounds >= _BARE or _OF_CONTRACT.search(years.before)
        ):
            return _of_years(years, heading)
    if not expected and all(value.of_option for value in found):
        bare = [value for value in _all_values(text, "", expected=True) if _is_of_this(value)]
        found = bare if len({value.pounds for value in bare if not value.of_option}) == 1 else found
    in_season = (_in_season(value, f"{text} {heading}") for value in found)
    return value_with_more(list(filter(None, in_season)))


def _is_of_this(value: StatedValue) -> bool:
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


def _of_years(years: YearAmounts, heading: str) -> StatedValue:
    vat = vat_said(years.after, years.before, heading)
    return StatedValue(
        years.pounds,
        "",
        bool(vat),
        short(years.words),
        years.of_range,
        vat_stated=vat is not None,
    )


def _is_whole(value: StatedValue, largest: float) -> bool:
    """Whether a value that is stated beside amounts of years is that of the whole contract."""
    return not value.period and (value.pounds >= largest or bool(_WHOLE.search(value.words)))


def _all_values(text: str, heading: str, *, expected: bool) -> Iterator[StatedValue]:
    for sentence in sentences(text):
        yield from _values(sentence, heading, expected=expected)


def _values(sentence: str, heading: str, *, expected: bool) -> Iterator[StatedValue]:
    digits = with_rises(without_repeats(without_payments(in_digits(sentence))))
    found = list(AMOUNT.finditer(digits))
    if not (expected or _OF_CONTRACT.search(digits)) and not (
        _TIME.search(sentence) and any(is_of_option(digits[: one.start()]) for one in found)
    ):
        return
    end, past = 0, False
    for at, amount in enumerate(found):
        if amount.start() < end:
            continue  # the upper end of the range before
        pounds, until = pounds_of(digits, amount)
        of_range = until > amount.end()
        before = (
            UNIT_PRICE.sub("", digits[end : amount.start()]) if at else digits[: amount.start()]
        )
        later = [value.start() for value in found[at + 1 :] if value.start() >= until]
        after = digits[until : later[0]] if later else digits[until:]
        if later:
            after = OF_NEXT_VAT.sub("", OF_NEXT.sub("", after))
        end = until
        near = CLAUSE.split(after, maxsplit=1)[0]
        of_what = CLAUSE.split(_IN_BRACKETS.sub("", after), maxsplit=1)[0]
        clause = own_clause(before)
        around = (heading, clause, of_what)
        named = is_named(clause)
        past = _is_past(before, after, clause, follows=past)
        is_other = any(map(NOT_OF_CONTRACT.search, around)) or OF_FUND.match(after)
        if is_nominal(pounds) or past or is_other:
            continue
        period = period_of(before, after, near, heading)
        if not period and is_apiece(after):
            continue
        length = _FOR_LENGTH.search(after) or _LENGTH_BEFORE.search(before)
        roles = roles_of(before, after, digits)
        period = period or ("year" if Role.OF_FIRST_YEAR in roles else "")
        context, vat = (
            f"{heading} {before}",
            vat_said(after, last_clause(before) if at else before, heading),
        )
        yield StatedValue(
            pounds=pounds,
            period=period,
            gross=bool(vat),
            words=short(sentence),
            of_range=of_range,
            unclear=not period
            and bool(_UNCLEAR.search(context))
            and not (is_in_all(context) or is_in_all(near))
            and not length,
            vat_stated=vat is not None,
            named=named or bool(_FOR_LENGTH.search(after)),
            perhaps_past=PERHAPS_PAST.search(clause) is not None,
            for_years=int(length["n"]) * in_years(length["unit"]) if length else 0.0,
            roles=roles,
        )


def _is_past(before: str, after: str, clause: str, *, follows: bool) -> bool:
    """Whether an amount is of an earlier contract, or `follows` one that is, and is not new."""
    goes_on = follows and clause == before and not NEW.search(before)
    return goes_on or bool(is_past(clause) or PAST_AFTER.match(after))
