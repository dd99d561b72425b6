"""Reads the marks in amounts of pounds: '12.500,00', "12'500", '12 500'; and which are in doubt."""

from __future__ import annotations

import re

OWN_UNIT = re.compile(r"\d ?(?:k|m|mn|bn|thousands?|millions?|billions?)(?![^\W_])", re.IGNORECASE)
_COMMA_BEFORE_PENCE = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+|\d{4,}),(\d\d?)(?![\d.,])")
_POINTS = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d.,])")
_GROUPS = re.compile(r"(?<![\d.,'’])(?<!\d\s)\d{1,3}(?:[\s'’]\d{3})+(?![\d'’]|\s\d)")
"""Thousands with spaces, which may be thin, or as the Swiss write them."""
_EITHER = re.compile(r"(?<![\d.,])[1-9]\d{0,2}\.\d{3}(?!\d)")
"""A number whose point may stand before pence or between thousands."""
_APART = re.compile(r"\d[.,]?\s+[.,]?\d")


def with_british_marks(amount: str) -> str:
    """An amount that other countries write so, with a point before its pence; others unchanged.

    >>> with_british_marks("£12.500,00"), with_british_marks("1.250.000"), with_british_marks("1.5")
    ('£12500.00', '1250000', '1.5')
    >>> with_british_marks("12'500.00"), with_british_marks("1 250 000,50")
    ('12500.00', '1250000.50')
    >>> with_british_marks("12,50"), with_british_marks("12.500")  # may lack a digit, or be pence
    ('12,50', '12.500')
    """
    joined = _GROUPS.sub(lambda m: re.sub(r"\D", "", m[0]), amount)
    pence = _COMMA_BEFORE_PENCE.sub(lambda m: f"{m[1].replace('.', '')}.{m[2]}", joined)
    return _POINTS.sub(lambda m: m[0].replace(".", ""), pence)


def without_spaces(amount: str) -> str:
    """An amount in British marks without spaces; '' where they stand between two numbers.

    >>> without_spaces("£ 12 500 a year"), without_spaces("12 50")
    ('£12500ayear', '')
    """
    marked = with_british_marks(amount)
    return "" if _APART.search(marked) else re.sub(r"\s", "", marked)


def is_in_doubt(number: str) -> bool:
    """Whether the point of a number may stand before pence or between thousands.

    >>> is_in_doubt("-12.500"), is_in_doubt("1234.500"), is_in_doubt("0.125"), is_in_doubt("12.50")
    (True, False, False, False)
    """
    return _EITHER.fullmatch(number.lstrip("+-")) is not None


def either_of(amount: str) -> tuple[str, str] | None:
    """The two amounts that one in pounds may be, by its point; None where it is clear.

    >>> either_of("£12.500 a year"), either_of("£12.500m"), either_of("12.500 in 2026")
    (('12500', '12.50'), None, None)
    """
    found = _EITHER.search(amount)
    if not found or OWN_UNIT.search(amount) or len(re.findall(r"\d+", amount)) > 2:
        return None
    return found[0].replace(".", ""), found[0][:-1]
