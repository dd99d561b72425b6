"""What a contract is worth, as a specification states it in words.

One small grammar: amounts of money with their unit, range, period and VAT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from matcher.sources.documents.money import (
    AMOUNT,
    CLAUSE,
    NOT_OF_CONTRACT,
    WITH_EXTENSIONS,
    is_of_option,
    pounds_of,
)
from matcher.sources.documents.vat import vat_said
from matcher.sources.documents.year_amounts import amounts_of_years
from matcher.sources.notices.tender_value import stands_for_none
from matcher.sources.wording.number_words import (
    NUMBER,
    UNIT,
    in_digits,
    in_plain_signs,
    sentences,
    short,
)

PERIODS = {
    "week": 52.0,
    "fortnight": 26.0,
    "four weeks": 13.0,
    "month": 12.0,
    "quarter": 4.0,
    "school term": 3.0,
    "half-year": 2.0,
    "year": 1.0,
    "two years": 1 / 2,
    "three years": 1 / 3,
}
"""Period that an amount may be for → number of such periods in a year."""
_BARE = 1_000.0
"""Least pounds of an amount without context for it to be read as the contract's value."""

_BARE_NUMBER = re.compile(rf"(?:{NUMBER})(?: ?(?:{UNIT})\b)?", re.IGNORECASE)
_PAYMENT = re.compile(
    r",? ?(?:to be )?(?:(?:paid|payable) (?:in|by) (?:equal )?\w{4,10} instalments"
    r"|(?:invoiced|billed) (?:weekly|monthly|quarterly|annually))\b",
    re.IGNORECASE,
)
"""How an amount is paid, which is not the period that it is for."""
_ASIDE = re.compile(
    r"\b(?:extend\w{0,4}|extensions?|renew\w{0,4})"
    r"(?: (?:it|by|for|of|up|to|an?|one|further|another|additional|more)){1,4} ?(?:\d{1,2} )?"
    r"(?:weeks?|months?|years?)\b"
    r"|\b(?:reviewed|reported|monitored|audited) (?:weekly|monthly|quarterly|annually|yearly"
    r"|(?:every|each) (?:week|month|quarter|year))\b"
    r"|\b(?:weekly|monthly|quarterly|annual|yearly) "
    r"(?:contract |progress |performance )?(?:reviews?|meetings?|reports?|reporting|monitoring)\b"
    r"|\breports? (?:is |are )?due (?:every|each) (?:week|month|quarter|year)\b",
    re.IGNORECASE,
)
"""Extensions, reviews and reports, whose time is not the period that an amount is for."""
_PAID = re.compile(r"\b(?:paid|payable|payments?|instalments?|invoiced|billed)\b", re.IGNORECASE)
_LABELLED = re.compile(
    r"\b((?:value|budget|price|costs?|sum|spend)\b"
    r"(?! (?:code|line|ref|reference|number|no|centre)\b)"
    r"[^\n.:;£$€\d]{0,40}[:=] ?)"
    rf"(\d{{1,3}}(?:,\d{{3}}){{1,3}}\b|\d{{1,6}}(?:\.\d{{1,3}})? ?(?:{UNIT})\b"
    r"|\d{5,9}(?:\.\d\d)?(?![\d.,/-]))"
    r"|\b((?:value|budget|costs?|spend)\b(?: \w{1,12}){0,3}"
    r" (?:is|of|about|approximately|circa) )"
    rf"(\d{{1,6}}(?:\.\d{{1,3}})? ?(?:{UNIT})\b(?! ?[a-z]{{3,20}}s\b))",
    re.IGNORECASE,
)
"""A number after a label of money: 'Annual value (ex VAT): 65,000', 'the budget is 65k'."""
_LONGER = (
    r"(?<![\d,.])(?:(?P<{0}four>(?:4|four)[ -]?week(?:s|ly)?(?: period)?)"
    r"|(?P<{0}fort>fortnight(?:ly)?|(?:2|two) weeks)"
    r"|(?P<{0}half>half[- ]year(?:ly)?|(?<!for )(?:6|six) months|bi-?annual(?:ly)?|six-monthly"
    r"|6-monthly)"
    r"|(?P<{0}two>(?<=every )2 years|(?<=each )2 years|biennial(?:ly)?)"
    r"|(?P<{0}three>(?<=every )3 years|(?<=each )3 years|triennial(?:ly)?)"
    r"|(?P<{0}term>(?:school |academic )term\b|term\b(?=[^.]{{0,20}}\bterms a year)))"
)
_EACH = re.compile(
    r"(?:per|an?|each|every|/) ?(?:calendar |financial |academic |school |contract )?"
    rf"(?:(?P<each>week|wk|month|mth|quarter|qtr|annum|year|yr)\b|{_LONGER.format('e')})"
    rf"|\b(?P<ly>weekly|monthly|quarterly|annually|yearly)\b|{_LONGER.format('l')}"
    r"|\bp[./]? ?(?P<pa>[amw])\b|\bp\.? ?(?P<pcm>c)\.? ?m\b"
    r"|(?<!\d)(?<!\d )(?:\bx|×|\*) ?\d{1,3} ?(?P<by>years?|months?|weeks?|quarters?)\b"
    r"|(?:for|in) each of (?:the |these )?\d{1,3} (?P<of>years?|months?|weeks?|quarters?)\b"
    r"|\b(?P<cy>(?:y|bob|pob|yr) (?:flwyddyn|blwyddyn|mis|wythnos|chwarter))\b"
    r"|(?:for|in) (?:the |its )?(?P<first>(?:first|1st) year|year (?:1|one))\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"\b(?:(?P<ly>weekly|monthly|quarterly|annual|annually|yearly)\b|{_LONGER.format('l')})",
    re.IGNORECASE,
)
_NAMED_PERIODS = {
    **{"four": "four weeks", "fort": "fortnight", "half": "half-year", "term": "school term"},
    **{"two": "two years", "three": "three years"},
    "first": "year",
}
_WELSH = {"f": "year", "b": "year", "m": "month", "w": "week", "c": "quarter"}
"""Periods in Welsh by their first letters: 'y mis'."""
_FIRST_LETTERS = {"w": "week", "m": "month", "c": "month", "q": "quarter"}
_IN_ALL = re.compile(
    r"\b(?:in all|in total|total|overall|whole|aggregate|lifetime"
    r"|(?:over|across|for|during|throughout) (?:the|its|a) (?:full |whole |entire |initial )?"
    r"(?:\d{1,2}[ -](?:year|month) )?(?:contract |maximum )?(?:term|period|life|duration)"
    r"|over \d{1,2} (?:years|months))\b",
    re.IGNORECASE,
)
_FOR_LENGTH = re.compile(
    r"^ ?(?:\([^()]{0,60}\) ?)?(?:(?!(?:and|but|with)\b)[\w+]{1,10} ){0,4}?"
    r"(?:for|over|across|throughout) (?:an? |the )?(?:(?:period|term) of )?"
    r"\d{1,2} (?:years|months)\b",
    re.IGNORECASE,
)
"""After an amount for the whole of a length: '£50,000 for 2 years'."""
_OF_CONTRACT = re.compile(
    r"\b(?:annual|budget|ceiling|contract|cyllideb|gwerth"
    r"|cost|costs|estimated?|expenditure|fee|funding|maximum|monthly"
    r"|not exceed(?:ing)?|overall|price|spend|sum|total|up to|valued?|worth"
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
    of_option: bool = field(default=False, repr=False, compare=False)
    """whether an option to extend adds the amount to the one before it"""

    @property
    def yearly(self) -> float | None:
        """Pounds a year, or None where the amount is for the whole contract."""
        return self.pounds * PERIODS[self.period] if self.period else None


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
    text = _LABELLED.sub(r"\1\3£\2\4", in_plain_signs(text))
    found = list(_all_values(text, heading, expected=expected))
    if years := amounts_of_years(text):
        stated = list(_all_values(years.rest, heading, expected=expected))
        if any(_is_whole(value, years.largest) for value in stated):
            found = stated
        elif not stands_for_none(years.pounds) and (
            expected or years.pounds >= _BARE or _OF_CONTRACT.search(years.before)
        ):
            vat = vat_said(years.after, years.before, heading)
            found = [
                StatedValue(
                    years.pounds,
                    "",
                    bool(vat),
                    short(years.words),
                    years.of_range,
                    vat_stated=vat is not None,
                )
            ]
    if not found and not expected:
        bare = [value for value in _all_values(text, "", expected=True) if value.pounds >= _BARE]
        found = bare if len({value.pounds for value in bare}) == 1 else []
    return _with_options(found)


def _with_options(found: Sequence[StatedValue]) -> StatedValue | None:
    """The first value of the whole contract, or of a period, with its options to extend."""
    best = min(found, key=lambda value: (value.of_option, value.period != ""), default=None)
    if best is None or best.period:
        return best
    whole = [value for value in found if not value.period]
    extended = [value for value in whole if WITH_EXTENSIONS.search(value.words)]
    largest = max(extended, key=lambda value: value.pounds, default=None)
    if largest is not None and largest.pounds >= best.pounds:
        return largest
    following = next(iter(found[found.index(best) + 1 :]), None)
    if following is None or following.period or not following.of_option:
        return best
    return replace(best, pounds=best.pounds + following.pounds)


def _is_whole(value: StatedValue, largest: float) -> bool:
    """Whether a value that is stated beside amounts of years is that of the whole contract."""
    return not value.period and (value.pounds >= largest or bool(_WHOLE.search(value.words)))


def _all_values(text: str, heading: str, *, expected: bool) -> Iterator[StatedValue]:
    for sentence in sentences(text):
        yield from _values(sentence, heading, expected=expected)


def _values(sentence: str, heading: str, *, expected: bool) -> Iterator[StatedValue]:
    digits = _ASIDE.sub("", _PAYMENT.sub("", in_digits(sentence)))
    if not expected and not _OF_CONTRACT.search(digits):
        return
    found = list(AMOUNT.finditer(digits))
    end = 0
    for at, amount in enumerate(found):
        if amount.start() < end:
            continue  # the upper end of the range before
        pounds, until = pounds_of(digits, amount)
        of_range = until > amount.end()
        until = _repeated_amount_end(digits, found[at + 1 :], pounds, until)
        before = digits[end : amount.start()]
        later = [value.start() for value in found[at + 1 :] if value.start() >= until]
        after = digits[until : later[0] if later else len(digits)]
        end = until
        near = CLAUSE.split(after, maxsplit=1)[0]
        said = _VALUE_CLAUSE.search(before)
        clause = said[0] if said else before
        if (
            stands_for_none(pounds)
            or NOT_OF_CONTRACT.search(clause)
            or NOT_OF_CONTRACT.search(near)
        ):
            continue
        period = _period(before, after, near, heading)
        context, vat = f"{heading} {before}", vat_said(after, before, heading)
        yield StatedValue(
            pounds=pounds,
            period=period,
            gross=bool(vat),
            words=short(sentence),
            of_range=of_range,
            unclear=not period
            and bool(_UNCLEAR.search(context))
            and not (_IN_ALL.search(context) or _IN_ALL.search(near) or _FOR_LENGTH.search(after)),
            vat_stated=vat is not None,
            of_option=is_of_option(before),
        )


def _repeated_amount_end(
    digits: str, later: Sequence[re.Match[str]], pounds: float, until: int
) -> int:
    """The end of an amount, after its repetition: 'sixty thousand pounds (£60,000)'."""
    repeat = next(iter(later), None)
    if (
        repeat
        and digits[until : repeat.start()].strip() == "("
        and pounds_of(digits, repeat)[0] == pounds
    ):
        return repeat.end()
    return until


def _period(before: str, after: str, near: str, heading: str) -> str:
    """The period that an amount is for, or '' for the whole contract."""
    interval = _EACH.search(after)
    if interval and _PAID.search(after[: interval.start()]) and (named := _BEFORE.search(before)):
        return _period_of(named)  # 'the annual budget is £36,000, paid every month'
    if interval is None and (_IN_ALL.search(before) or _IN_ALL.search(near)):
        named = _BEFORE.search(before)
        return _period_of(named) if named and not _IN_ALL.search(near) else ""
    if interval is not None and not _IN_ALL.search(after[: interval.start()]):
        return _period_of(interval)
    named = _BEFORE.search(before) or _EACH.search(before)
    if named is None and heading:
        named = _BEFORE.search(heading) or _EACH.search(heading)
    return _period_of(named) if named else ""


def _period_of(found: re.Match[str]) -> str:
    """The period that a match of `_EACH` or `_BEFORE` names."""
    name, word = next((name, word) for name, word in found.groupdict().items() if word)
    if name == "cy":
        return _WELSH[word.split()[1][0].lower()]
    special = _NAMED_PERIODS.get(name) or _NAMED_PERIODS.get(name[1:])
    return special or _FIRST_LETTERS.get(word[0].lower(), "year")
