"""Reads amounts in the unit of their column, such as thousands of pounds."""

from __future__ import annotations

import re
from functools import lru_cache

from matcher.core.amount_marks import OWN_UNIT

_UNIT = re.compile(
    r"(?:£ ?|\bin (?=thousand|million)|[(\[][^()\[\]]{0,40}?)(?<!\w)(?<!\d,)['’]?"
    r"(?:(?P<thousand>(?:1,)?000(?:['’]?s)?|k|thousands?)|mn?|millions?)(?!,?\w)",
    re.IGNORECASE,
)
"""What the amounts of a column are counted in: its header has it in brackets or after `£`."""
_SMALL = re.compile(
    r"(?<![\d.,])(?<!year )\d{1,3}(?:\.\d+)?(?: ?[-–] ?£? ?\d{1,3}(?:\.\d+)?)?"
    r"(?![\d,.]| ?(?:%|months?|years?|yrs?))",
    re.IGNORECASE,
)
"""A number that is too small to be pounds where others are thousands, or a range of them."""

_AS_POUNDS = re.compile(r"£? ?(?:\d{2,3}(?:,\d{3}){1,3}|\d(?:,\d{3}){2}|\d{5,12})(?:\.\d*)?")
"""A figure of ten thousand or more, with no word beside it."""


UNIT_OR_POUNDS = " (in pounds, or in the unit of its column)"
"""After a figure that `may_be_pounds`."""
_TITLE = re.compile(
    r"(?<!\w)£ ?['’]?(?:000['’]?s?|[km])(?![\w,])"
    r"|\bin (?:\w+ of )?(?:thousands|millions)\b(?! of (?!£|gbp\b|pounds\b|sterling\b))",
    re.IGNORECASE,
)


def unit_in_title(above: str) -> str:
    """What the rows above a header say that all amounts are counted in, as written; '' for none.

    >>> unit_in_title("Grants 2026 - all figures in £000s"), unit_in_title("Payments over £500")
    ('£000s', '')
    >>> unit_in_title("In thousands of pounds"), unit_in_title("Demand, in thousands of cases")
    ('In thousands', '')
    """
    found = _TITLE.search(above)
    return found[0].strip() if found else ""


@lru_cache(maxsize=1024)
def unit_of(header: str) -> str:
    """What the amounts of a column are counted in, by its header: `thousand`, `million` or ''.

    >>> unit_of("Income (£000s)"), unit_of("Turnover £m"), unit_of("Over £25,000 (or £1,000,000)")
    ('thousand', 'million', '')
    """
    found = _UNIT.search(header)
    return "" if found is None else "thousand" if found["thousand"] else "million"


def without_unit(header: str) -> str:
    """A header without what its amounts are counted in."""
    return _UNIT.sub(" ", header)


def with_unit(amount: str, column: str) -> str:
    """An amount with the unit of its column, unless it has one of its own or is as large as pounds.

    >>> with_unit("£60", "Value (£000)"), with_unit("£60k", "Value (£000)")
    ('£60 thousand', '£60k')
    >>> with_unit("£60 + VAT", "Value (£000)"), with_unit("£60,000 in all", "Value (£000)")
    ('£60 thousand + VAT', '£60,000 in all')
    """
    unit = unit_of(column)
    if not unit or not amount or OWN_UNIT.search(amount):
        return amount
    if not re.search(r"[A-Za-z]", amount):
        return f"{amount} {unit}"
    return _SMALL.sub(rf"\g<0> {unit}", amount, count=1)


def may_be_pounds(amount: str, column: str) -> bool:
    """Whether a figure is so large that it may be pounds, whatever unit its column is in.

    >>> may_be_pounds("60,000", "Value (£000)"), may_be_pounds("£1,250", "Value (£000)")
    (True, False)
    """
    return bool(unit_of(column) and _AS_POUNDS.fullmatch(amount))


def in_unit(amount: str, column: str) -> str:
    """An amount in the unit of its column, or as one that may be in pounds as well."""
    is_open = may_be_pounds(amount, column)
    return f"{amount}{UNIT_OR_POUNDS}" if is_open else with_unit(amount, column)
