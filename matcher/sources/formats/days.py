"""Reads days as people, spreadsheets and databases write them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

A_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
"""A pattern of the name of a month."""
_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
A_DAY = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)|\d{1,2}[/.-]\d{4}"
    rf"|{_NUMBER}[ /.-](?:of )?{A_MONTH}[,.]?[ /.-](?:\d{{4}}|\d\d)"
    rf"|{A_MONTH} {_NUMBER},? \d{{4}}|{A_MONTH}[ -](?:\d{{4}}|\d\d)"
    r"|\d{4}(?:[/-]\d\d){0,2})\b"
)
"""A pattern of a day, month or year within other words."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME, _DAY = rf"(?P<name>{A_MONTH})", r"(?P<day>\d\d?)(?:st|nd|rd|th)?"
_YEAR, _SHORT_YEAR = r"(?P<year>\d{4})(?!\d)", r"['’]?(?P<year>\d\d)(?![\d:])"
_WEEKDAY = r"(?:[a-z]{3,9},? )?"


def _forms(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


_ANYWHERE = _forms(
    rf"(?<![\d./-])(?P<day>\d\d?)([/.-])(?P<month>\d\d?)\2{_YEAR}",
    rf"(?<!\d){_DAY}[ /.-](?:of )?{_NAME}[,.]?[ /.-]{_YEAR}",
    rf"(?<![a-z]){_NAME} {_DAY},? {_YEAR}",
    rf"(?<![a-z]){_NAME}[ ,.-]{{1,2}}{_YEAR}",
    r"(?<!\d)(?P<year>\d{4})([/.-])(?P<month>\d\d?)\2(?P<day>\d\d?)(?!\d)",
    r"(?<!\d)(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?(?!\d)",
)
_AT_START = _forms(
    rf"{_WEEKDAY}(?P<day>\d\d?)([/.-])(?P<month>\d\d?)\2{_SHORT_YEAR}",
    rf"{_WEEKDAY}{_DAY}[ /.-](?:of )?{_NAME}[,.]?[ /.-]{_SHORT_YEAR}",
)
_AMONG_WORDS = _forms(
    rf"(?<![\w./:-])(?P<day>\d\d?)([/.-])(?P<month>\d\d?)\2{_SHORT_YEAR}(?![/.-]\d)",
    rf"(?<![\w./:-]){_DAY}[ /.-](?:of )?{_NAME}[,.]?[ /.-]{_SHORT_YEAR}",
)
_WHOLE = _forms(
    rf"{_NAME}[ .-]{_SHORT_YEAR}",
    rf"(?P<month>\d\d?)[/.-]{_YEAR}",
    r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>\d\d)?",
)
_NEXT = "|".join(f"(?<={year})[/-](?:20)?{year + 1}" for year in range(12, 99))
FINANCIAL_YEAR = re.compile(rf"(?<![\d/-])(20\d\d)(?:{_NEXT})(?![\d/]|-\d)")
"""A financial year, such as 2025/26; 2011-12 is December."""
_SERIAL = re.compile(r"[1-4]\d{4}(?:\.\d*)?")
"""A day as a spreadsheet counts it, from 1927 to 2036."""
_SERIAL_ZERO = date(1899, 12, 30)
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_LAST_SHORT_YEAR = 68
"""Two digits up to these are of this century, others of the last."""


def days_in(cell: str) -> tuple[date, date] | None:
    """The first and the last day that a cell means; None where it has no day, month or year.

    The day comes first in numbers, as the British write them.  A financial year is from April to
    March.

    >>> [str(day) for day in days_in("03-Apr-18") + days_in("April 2018") + days_in("43862.0")]
    ['2018-04-03', '2018-04-03', '2018-04-01', '2018-04-30', '2020-02-01', '2020-02-01']
    """
    text = cell.strip()
    if _SERIAL.fullmatch(text):
        day = _SERIAL_ZERO + timedelta(days=int(text[:5]))
        return day, day
    if year := FINANCIAL_YEAR.search(text):
        return date(int(year[1]), 4, 1), date(int(year[1]) + 1, 3, 31)
    whole = (form.fullmatch(text) for form in _WHOLE)
    start = (form.match(text) for form in _AT_START)
    found = next(filter(None, (*whole, *start)), None) or _found(_ANYWHERE, text)
    return _days(found or _found(_AMONG_WORDS, text))


def day_in(text: str) -> date | None:
    """The first date in a text, or None: 2023-09-07, 07/09/2023, 7 September 2023.

    A month or year without a day (2023-06, 2023) is its first day.
    """
    days = _days(_found(_ANYWHERE, text))
    return days[0] if days and days[0].year <= _LAST_YEAR else None


def has_passed(day: date, today: date | None = None) -> bool:
    """Whether a day is not after `today`, by default the day on which this is called."""
    return day <= (today or date.today())  # noqa: DTZ011 - the day on which the table is read


def _found(forms: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next(filter(None, (form.search(text) for form in forms)), None)


def _days(match: re.Match[str] | None) -> tuple[date, date] | None:
    """The days of a match; None where the calendar does not have them."""
    if match is None:
        return None
    parts = match.groupdict()
    year, name = int(parts["year"]), parts.get("name")
    if len(parts["year"]) == len("18"):
        year += 2000 if year <= _LAST_SHORT_YEAR else 1900
    month = str(_MONTHS.index(name[:3].lower()) + 1) if name else parts.get("month")
    day = parts.get("day")
    try:
        first = date(year, int(month or 1), int(day or 1))
    except ValueError:
        return None
    last = first if day else _last(first, 12 if month is None else first.month)
    return (first, last) if year >= _FIRST_YEAR else None


def _last(first: date, month: int) -> date:
    return date(first.year, month, monthrange(first.year, month)[1])
