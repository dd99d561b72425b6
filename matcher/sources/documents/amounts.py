"""What a contract is worth, as a specification states it in words.

One small grammar: amounts of money with their unit, range, period and VAT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from matcher.sources.documents.amount_periods import (
    is_apiece,
    is_in_all,
    period_of,
    without_payments,
)
from matcher.sources.documents.amount_roles import Role, is_of_option, roles_of
from matcher.sources.documents.money import (
    AMOUNT,
    CLAUSE,
    NOT_OF_CONTRACT,
    OF_NEXT,
    UNIT_PRICE,
    pounds_of,
    with_rises,
    without_repeats,
)
from matcher.sources.documents.stated_values import StatedValue, value_with_more
from matcher.sources.documents.vat import vat_said
from matcher.sources.documents.year_amounts import YearAmounts, amounts_of_years
from matcher.sources.notices.tender_value import stands_for_none
from matcher.sources.wording.number_words import (
    NUMBER,
    UNIT,
    in_digits,
    in_plain_signs,
    sentences,
    short,
)

_BARE = 1_000.0
"""Least pounds of an amount without context for it to be read as the contract's value."""

_BARE_NUMBER = re.compile(rf"(?:{NUMBER})(?: ?(?:{UNIT})\b)?", re.IGNORECASE)
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
    r"(?:for|over|across|throughout) (?:an? |the )?(?:(?:period|term) of )?"
    r"\d{1,2} (?:years|months)\b",
    re.IGNORECASE,
)
"""After an amount for the whole of a length: '£50,000 for 2 years'."""
_TIME = re.compile(r"\b(?:years?|yrs?|months?)\b", re.IGNORECASE)
_LENGTH_BEFORE = re.compile(
    r"\bfor (?:the |all )?\d{1,2} (?:years|months)\b[^£]{0,30}\Z", re.IGNORECASE
)
_OF_CONTRACT = re.compile(
    r"\b(?:annual|budget|ceiling|contract|cost|costs|estimated?|expenditure|fee|funding|maximum|monthly"
    r"|not exceed(?:ing)?|overall|price|spend|sum|thereafter|total|up to|valued?|worth"
    r"|(?:with|including) (?:all |the )?extensions)\b",
    re.IGNORECASE,
)
_UNCLEAR = re.compile(r"\b(?:budget|costs?|fee|funding|(?<!contract )price|spend)\b", re.IGNORECASE)
"""Words for an amount that may be for a year or for the whole contract."""
_VALUE_CLAUSE = re.compile(
    r"(?:[,;]|\band|\bbut) (?:the |an? )?(?:(?:total|overall|estimated|annual|maximum) ){0,2}"
    r"(?:contract (?:value|price|sum|budget)|value of (?:the|this) contract|budget)"
    r"(?: (?:is|of|at|to|up|be|will|about|circa|approximately|around|set)){0,4} ?$",
    re.IGNORECASE,
)
"""A clause of its own about the contract's value, right before an amount."""
_WHOLE = re.compile(r"\b(?:value|worth|total|overall)\b", re.IGNORECASE)
"""Words for what the whole contract is worth."""


def stated_value(text: str, *, expected: bool = False, heading: str = "") -> StatedValue | None:
    """The value of the contract, or None; insurance cover and prices per visit are not its value.

    `expected`: the text is where a value is usual, such as a table cell, and need not contain a
    word for value.  `heading` is the heading of that cell.  Prefers an amount for the whole
    contract to one for a period, then one with extensions, then the first.

    >>> stated_value("Cover of £5m is needed. The budget is £60k a year.")
    StatedValue(pounds=60000.0, period='year', gross=False, words='The budget is £60k a year',
                of_range=False, unclear=False)
    """
    if expected and _BARE_NUMBER.fullmatch(text.strip()):
        text = f"£{text.strip()}"
    text = _POUND_LABEL.sub("", text)
    text = _LABELLED.sub(r"\1\3£\2\4", in_plain_signs(text))
    years = amounts_of_years(text)
    found = list(_all_values(years.rest if years else text, heading, expected=expected))
    if years and not any(_is_whole(value, years.largest) for value in found):
        text = years.rest
        if not stands_for_none(years.pounds) and (
            expected or years.pounds >= _BARE or _OF_CONTRACT.search(years.before)
        ):
            return _of_years(years, heading)
    if not expected and all(value.of_option for value in found):
        bare = [value for value in _all_values(text, "", expected=True) if value.pounds >= _BARE]
        found = bare if len({value.pounds for value in bare if not value.of_option}) == 1 else found
    return value_with_more(found)


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
    end = 0
    for at, amount in enumerate(found):
        if amount.start() < end:
            continue  # the upper end of the range before
        pounds, until = pounds_of(digits, amount)
        of_range = until > amount.end()
        before = (
            UNIT_PRICE.sub("", digits[end : amount.start()]) if at else digits[: amount.start()]
        )
        later = [value.start() for value in found[at + 1 :] if value.start() >= until]
        after = OF_NEXT.sub("", digits[until : later[0]]) if later else digits[until:]
        end = until
        near = CLAUSE.split(after, maxsplit=1)[0]
        of_what = CLAUSE.split(_IN_BRACKETS.sub("", after), maxsplit=1)[0]
        said = _VALUE_CLAUSE.search(before)
        clause = said[0] if said else before
        if (
            stands_for_none(pounds)
            or NOT_OF_CONTRACT.search(clause)
            or NOT_OF_CONTRACT.search(of_what)
        ):
            continue
        period, times = period_of(before, after, near, heading)
        if not period and is_apiece(after):
            continue
        roles = roles_of(before, after, digits)
        period = period or ("year" if Role.OF_FIRST_YEAR in roles else "")
        context, vat = f"{heading} {before}", vat_said(after, before, heading)
        yield StatedValue(
            pounds=pounds * times,
            period=period,
            gross=bool(vat),
            words=short(sentence),
            of_range=of_range,
            unclear=not period
            and bool(_UNCLEAR.search(context))
            and not (is_in_all(context) or is_in_all(near))
            and not (_FOR_LENGTH.search(after) or _LENGTH_BEFORE.search(before)),
            vat_stated=vat is not None,
            roles=roles,
        )
