"""The values in the cells of a spending file: amounts of money, and the months of dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from matcher.core.amount_marks import either_of, is_in_doubt, with_british_marks, without_spaces
from matcher.core.cell_words import whole_number
from matcher.law.buyers import is_department, kind_of_buyer
from matcher.law.types import BuyerKind
from matcher.sources.formats.days import FINANCIAL_YEAR, days_in

_TWO_NUMBERS = re.compile(r"(\d\d?)([/.-])(\d\d?)(?=[/.-]\d)")
_NAMES = ("apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "jan", "feb", "mar")
"""The months of a financial year."""
_PERIOD = re.compile(
    r"\b(?:p|per|pd|period|m|month)\.?\s?(?P<number>\d{1,2})\b"
    r"|(?<![\w/-])(?P<alone>\d{1,2})(?![\w/-])|\b(?P<name>" + "|".join(_NAMES) + ")",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"(?<![a-z])(?:{'|'.join(_NAMES)})", re.IGNORECASE)
_MONTH, _YEAR = re.compile(r"0?[1-9]|1[0-2]"), re.compile(r"20\d\d")
_APRIL = 4
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_LARGEST = 10**15
_CENTS = 2
_NO_THOUSANDS = re.compile(r",(?!\d{3}(?!\d))|\.\d*,")
"""A comma that is not between thousands, as other countries write one before pence."""


def pence_in(text: str) -> int | None:
    """An amount of pounds in pence; None where the text is not an amount, or may be two.

    >>> pence_in("£1,234.5"), pence_in("(20.00)"), pence_in("£12.30 CR"), pence_in("n/a")
    (123450, -2000, -1230, None)
    >>> pence_in("12.500")  # £12.50 or £12,500
    """
    text = text.replace("Â£", "").replace("£", "").strip()
    if "," in text:
        text = with_british_marks(text)
        if _NO_THOUSANDS.search(text):
            return None
        text = text.replace(",", "")
    whole, _, part = text.partition(".")
    if whole.isdecimal() and (not part or (part.isdecimal() and len(part) <= _CENTS)):
        return int(whole) * 100 + (int(part.ljust(_CENTS, "0")) if part else 0)
    return _signed(without_spaces(text.translate(_MINUS)).upper())


_MINUS = str.maketrans("−–—", "---")


def _signed(text: str) -> int | None:
    """An amount with a sign or the mark of a credit (CR), a debit (DR) or pounds (GBP)."""
    text = text.removeprefix("GBP").removesuffix("GBP").removesuffix("DR")
    negative = text.startswith("(") and text.endswith(")")
    if negative:
        text = text[1:-1].removeprefix("GBP")
    elif text.endswith(("-", "CR")):
        negative, text = True, text.removesuffix("-").removesuffix("CR")
    if is_in_doubt(text):
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) > _LARGEST:
        return None
    pence = int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))
    return -pence if negative else pence


def month_in(text: str) -> int | None:
    """The month of a date as year * 12 + month - 1; None where the text is not a date.

    Reads days first, as the British write them, also with two digits for the year; months such
    as 2021-11, 202111 and Nov-21; and the day numbers of spreadsheets.

    A period is counted from April in a financial year; a year alone is not a month.

    >>> [divmod(month_in(t), 12) for t in ("2021-11-29", "29/11/2021", "29-Nov-21", "44529")]
    [(2021, 10), (2021, 10), (2021, 10), (2021, 10)]
    >>> divmod(month_in("2025/26 P12"), 12), month_in("2025/26")
    ((2026, 2), None)
    """
    if year := FINANCIAL_YEAR.search(text):
        return _period(int(year[1]), text[: year.start()] + " " + text[year.end() :])
    days = days_in(text)
    if days is None or not _FIRST_YEAR <= days[0].year <= _LAST_YEAR:
        return None
    if days[0].month != days[1].month:
        return None
    return days[0].year * 12 + days[0].month - 1


def month_of_year(month: str, year: str, *, is_period: bool, is_financial: bool) -> str:
    """The month of two cells as one text that `month_in` reads; '' where they do not tell it.

    A number counts from January in a calendar year, and as a period from April in a financial one.
    `is_period` and `is_financial` are what the headers say.

    >>> month_of_year("April", "2026", is_period=False, is_financial=False)
    'apr 2026'
    >>> month_of_year("4", "2026.0", is_period=False, is_financial=False)
    '2026-04'
    >>> month_of_year("P1", "2025/26", is_period=True, is_financial=True)
    '2025/26 P1'
    """
    year, named = whole_number(year.strip()), _NAMED.search(month)
    if FINANCIAL_YEAR.fullmatch(year):
        is_told = named or is_period or not whole_number(month.strip()).isdecimal()
        return f"{year} {month}" if is_told else ""
    if is_financial or not _YEAR.fullmatch(year):
        return ""
    if named:
        return f"{named[0].lower()} {year}"
    number = _MONTH.fullmatch(whole_number(month.strip()))
    return f"{year}-{int(number[0]):02}" if number and not is_period else ""


def _period(year: int, beside: str) -> int | None:
    """The month of a period or month that is named beside a financial year, None without one.

    Periods after the twelfth are those in which accounts are closed.
    """
    match = _PERIOD.search(beside)
    if match and match["name"]:
        number = _NAMES.index(match["name"].lower()) + 1
    else:
        number = int(match["number"] or match["alone"]) if match else 0
    if not number or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    return year * 12 + _APRIL - 1 + min(number, len(_NAMES)) - 1


def swapped(text: str) -> str:
    """A date with its first two numbers exchanged, as where the month is written first.

    >>> swapped("02/28/2026 00:00"), swapped("2026-02-28")
    ('28/02/2026 00:00', '2026-02-28')
    """
    match = _TWO_NUMBERS.match(text.strip())
    if match is None:
        return text
    return f"{match[3]}{match[2]}{match[1]}{text.strip()[match.end() :]}"


_MOST_FIT = 0.6
"""The least share of a column's values that must be amounts or dates."""
_SOME_FIT = 0.2
"""The least share where no other column has them."""
_LEAST_NAMED = 0.2
"""The least share of suppliers with letters: some are called 3663 or 118118."""
_AREA = re.compile(r"[EWSN]\d{8}")
_LETTERS = re.compile(r"[^\W\d_]{2}")


def _share(cells: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, cells)) / len(cells) if cells else 0.0


def _has_letters(cell: str) -> bool:
    return bool(_LETTERS.search(cell)) and not cell.startswith(("http:", "https:"))


def names(cells: Sequence[str]) -> bool:
    """Names of organisations, most of which have letters; numbers of suppliers have few."""
    return _share(cells, _has_letters) >= 0.6


def is_amount(cell: str) -> bool:
    """Whether a cell is an amount of pounds, or may be one of two."""
    return pence_in(cell) is not None or either_of(cell) is not None


def _numbers(cells: Sequence[str], least: float = _MOST_FIT) -> bool:
    return _share(cells, is_amount) >= least


def days(cells: Sequence[str], least: float = _MOST_FIT) -> bool:
    """Dates, with the day or with the month first."""
    fit = _share(cells, lambda cell: month_in(cell) is not None)
    return max(fit, _share(cells, lambda cell: month_in(swapped(cell)) is not None)) >= least


def _texts(cells: Sequence[str]) -> bool:
    """Words, or nothing: a column may be blank in the first rows and filled in later ones."""
    return not cells or _share(cells, _has_letters) >= 0.5


def departments(cells: Sequence[str]) -> bool:
    """Names of departments, not of bodies: most are, and none is of a council or a ministry."""
    names = {cell.casefold() for cell in cells}
    others = [name for name in names if not is_department(name)]
    bodies = {BuyerKind.COUNCIL, BuyerKind.CENTRAL}.intersection(map(kind_of_buyer, others))
    return 2 * len(others) < len(names) and not bodies


def _any(cells: Sequence[str]) -> bool:
    return bool(cells)


FITS: Mapping[str, Callable[[Sequence[str]], bool]] = {
    "number": _any,
    "supplier": lambda cells: _share(cells, _has_letters) >= _LEAST_NAMED,
    "amount": _numbers,
    "date": days,
    "year": _any,
    "first": days,
    "last": days,
    "count": _numbers,
    "body": lambda cells: names(cells) and not departments(cells),
    "area": lambda cells: _share(cells, lambda cell: bool(_AREA.fullmatch(cell))) == 1.0,
    "department": names,
    "service": names,
    "category": _texts,
}
"""Whether the values of a column may have each meaning."""
FITS_IN_PART: Mapping[str, Callable[[Sequence[str]], bool]] = {
    "amount": lambda cells: _numbers(cells, _SOME_FIT),
    "date": lambda cells: days(cells, _SOME_FIT),
}
"""Whether some of the values of a column may have a meaning that no other column has."""
