"""Reads amounts that the header of their column says are in thousands or millions."""

from __future__ import annotations

import re
from functools import lru_cache

_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,40})[)\]]")
_UNITS = {
    **dict.fromkeys(("000", "000s", "k", "thousand", "thousands"), "thousand"),
    **dict.fromkeys(("m", "mn", "million", "millions"), "million"),
}
"""What the amounts of a column may be counted in, as its header has it in brackets."""
_OWN_UNIT = re.compile(r"\d ?(?:k|m|mn|bn|thousands?|millions?|billions?)(?![^\W_])", re.IGNORECASE)
_SMALL = re.compile(
    r"(?<![\d.,])(?<!year )\d{1,3}(?:\.\d+)?(?: ?[-–] ?£? ?\d{1,3}(?:\.\d+)?)?"
    r"(?![\d,.]| ?(?:%|months?|years?|yrs?))",
    re.IGNORECASE,
)
"""A number that is too small to be pounds where others are thousands, or a range of them."""


@lru_cache(maxsize=1024)
def unit_of(header: str) -> str:
    """What the amounts of a column are counted in, by its header: `thousand`, `million` or ''.

    >>> unit_of("Income (£000s)"), unit_of("Turnover (£m)"), unit_of("Income (£)")
    ('thousand', 'million', '')
    """
    beside = " ".join(_BRACKETS.findall(header.lower()))
    words = re.findall(r"\w+", beside)
    return next((_UNITS[word] for word in words if word in _UNITS), "")


def with_unit(amount: str, column: str) -> str:
    """An amount with the unit of its column, unless it has one of its own or is as large as pounds.

    >>> with_unit("£60", "Value (£000)"), with_unit("£60k", "Value (£000)")
    ('£60 thousand', '£60k')
    >>> with_unit("£60 + VAT", "Value (£000)"), with_unit("£60,000 in all", "Value (£000)")
    ('£60 thousand + VAT', '£60,000 in all')
    """
    unit = unit_of(column)
    if not unit or not amount or _OWN_UNIT.search(amount):
        return amount
    if not re.search(r"[A-Za-z]", amount):
        return f"{amount} {unit}"
    return _SMALL.sub(rf"\g<0> {unit}", amount, count=1)
