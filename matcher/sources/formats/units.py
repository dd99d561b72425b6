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
    """An amount with the unit of its column, unless it has one of its own.

    >>> with_unit("£60", "Value (£000)"), with_unit("£60k", "Value (£000)")
    ('£60 thousand', '£60k')
    """
    unit = unit_of(column) if amount else ""
    return amount if not unit or re.search(r"[A-Za-z]", amount) else f"{amount} {unit}"
