"""Amounts, days and lists of names as text for people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date


def pounds(amount: float) -> str:
    """An amount of pounds: £207,720, or £207,719.99 where there are pence."""
    return f"£{amount:,.2f}".removesuffix(".00")


def count(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun.

    >>> count(1, "lot"), count(1200, "provider"), count(0, "body", "bodies")
    ('1 lot', '1,200 providers', '0 bodies')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def long_date(day: date) -> str:
    """A day as 4 February 2026."""
    return f"{day.day} {day:%B %Y}"


def month_name(month: int) -> str:
    """A month, counted as year * 12 + month - 1, as February 2026.

    >>> month_name(2026 * 12 + 1)
    'February 2026'
    """
    return f"{date(month // 12, month % 12 + 1, 1):%B %Y}"


def series(names: Iterable[str]) -> str:
    """Names as A, B and C.  Raises ValueError where there is none."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
