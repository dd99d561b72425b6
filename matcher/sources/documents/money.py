"""Amounts of money in a text: their numbers, ranges and the words of other amounts."""

from __future__ import annotations

import re

from matcher.sources.wording.number_words import NUMBER, UNIT, value_of

AMOUNT = re.compile(
    rf"(?:£|\bgbp) ?(?P<pounds>{NUMBER})(?: ?(?P<unit>{UNIT})\b)?"
    rf"|\b(?P<words>{NUMBER})(?: ?(?P<wunit>{UNIT})\b)? ?(?:pounds|gbp)\b",
    re.IGNORECASE,
)
_UPPER = re.compile(
    rf" ?(?:-|to|and|or) ?(?P<sign>£|gbp)? ?(?P<number>{NUMBER})(?: ?(?P<unit>{UNIT})\b)?",
    re.IGNORECASE,
)
NOT_OF_CONTRACT = re.compile(
    r"\b(?:bond|call-offs|individual (?:call-?off|order)s?|cover|(?:day|daily) rate"
    r"|damages|deposit|fined?|grant of|hourly|indemnity|insur\w{1,8}|liability"
    r"|penalt\w{1,3}|salar\w{1,4}|threshold|turnover|wages?"
    r"|(?:per|an?|each|every) (?:bed|child|client|day|head|hour|item|journey|meal|mile|person"
    r"|place|pupil|resident|session|tonne|trip|unit|visit))\b",
    re.IGNORECASE,
)
WITH_EXTENSIONS = re.compile(
    r"\b(?:with|incl|including|inclusive of) (?:(?:all|any|the|both|possible) ){0,2}"
    r"(?:extensions?|options?\b(?! to\b))",
    re.IGNORECASE,
)
"""Words for an amount that covers the whole contract and the options to extend it."""
_OPTION = re.compile(r"\b(?:options?|optional|extend\w{0,4}|extensions?)\b", re.IGNORECASE)
_FURTHER = re.compile(
    r"\b(?:further|additional|another|extra) (?:sum of )?(?:up to )?\Z", re.IGNORECASE
)
_PART = re.compile(r"\b(?:includ\w{1,4}|inclusive|of which|compris\w{1,4})\b", re.IGNORECASE)
CLAUSE = re.compile(r"[,(;]| and | but | with ", re.IGNORECASE)


def is_of_option(before: str) -> bool:
    """Whether the text before an amount says that an option adds it to the amount before.

    >>> is_of_option("with an option to extend worth a further "), is_of_option("is a further ")
    (True, False)
    """
    return bool(_FURTHER.search(before) and _OPTION.search(before) and not _PART.search(before))


def pounds_of(digits: str, amount: re.Match[str]) -> tuple[float, int]:
    """The amount, or the upper end of its range, and where it ends."""
    number = amount["pounds"] or amount["words"]
    unit = amount["unit"] or amount["wunit"]
    lower = value_of(number, unit)
    upper = _UPPER.match(digits, amount.end())
    if upper and (upper["sign"] or upper["unit"] or "," in upper["number"]):
        value = value_of(upper["number"], upper["unit"])
        if not unit and upper["unit"] and lower < 1000:
            lower = value_of(number, upper["unit"])
        if value > lower:
            return value, upper.end()
    return lower, amount.end()
