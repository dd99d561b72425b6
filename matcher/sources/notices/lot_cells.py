"""Reads the cells of a table of lots as the fields of a single lot expect them.

What cannot be read is left as it is written, so that it is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from matcher.core.cell_words import answer
from matcher.sources.formats.days import days_in
from matcher.sources.notices.lot_columns import has_extension
from matcher.sources.notices.periods import years_in_words, years_of_period

_LENGTH = re.compile(
    r"(?:(?P<times>\d{1,2}) ?[x×*] ?)?(?P<number>\d{1,3}(?:\.\d{1,4})?)"
    r" ?(?P<unit>years?|yrs?|months?|mths?)?"
)
_BARE = re.compile(r"(?:1[2-9]|[2-9]\d|\d{3})(?:\.0*)?(?: ?(?:\+|-|to) ?\d{1,2}){0,4}")
"""A length that may be of months, where neither the cell nor the header has a unit."""
_OPTIONS = re.compile(r"\+|\b(?:exten|option)", re.IGNORECASE)
_WITHOUT = re.compile(r"\b(?:before|excl|no|not|without)", re.IGNORECASE)
_CODE = re.compile(r"(?<!\d)\d{8}(?!\d)")
_SHORT_CODE = re.compile(r"(?<![\d-])\d{7}(?!\d)")
"""A code that a spreadsheet keeps as a number, without the zero that it begins with."""
_PERIODS = {
    **dict.fromkeys(
        ("year", "yearly", "annual", "per year", "per annum", "pa", "a year", "annum"), "year"
    ),
    **dict.fromkeys(("whole", "total", "contract", "whole contract", "whole term"), "whole"),
    **dict.fromkeys(("unclear", "unknown", "not known", "not sure"), "unclear"),
}
_CATEGORIES = ("goods", "services", "works")
PERIODS = frozenset(_PERIODS.values())


def years_in(cells: Mapping[str, str], columns: Mapping[str, str]) -> object:
    """The length in years that a row gives, with its extension; None where it gives none.

    Nor is it given where the extension cannot be read: a value for each year would be too low.
    """
    extension = extension_in(cells, columns)
    years = None if extension is None else _without_extension(cells, columns.get("years", ""))
    return round(years + extension, 2) if isinstance(years, float) and extension else years


def extension_in(cells: Mapping[str, str], columns: Mapping[str, str]) -> float | None:
    """The years that a row's own cell for its extension adds; None where it cannot be read."""
    heading, cell = columns.get("extension", "").casefold(), cells.get("extension", "")
    if _has_it(cells, columns) or not cell or answer(cell) == "no":
        return 0.0
    unit = re.search(r"\b(?:month|mth|year|yr)", heading)
    if not unit and not cells.get("months") and _BARE.fullmatch(cell):
        return None
    is_of_years = unit[0].startswith("y") if unit else not cells.get("months")
    found = length_in(cell, "years" if is_of_years else "months")
    return found if isinstance(found, float) else None


def _has_it(cells: Mapping[str, str], columns: Mapping[str, str]) -> bool:
    """Whether the length of a row has its extension in it: '3+1+1', or a 'Maximum term'."""
    if any(has_extension(columns.get(field, "")) for field in ("years", "months")):
        return True
    length = cells.get("years") or cells.get("months", "")
    return bool(_OPTIONS.search(length)) and not _WITHOUT.search(length)


def _without_extension(cells: Mapping[str, str], heading: str) -> object:
    """The length in years that a row gives: in years, in months, or by its two days; else None."""
    if length := cells.get("years", ""):
        is_open = "year" not in heading.casefold() and _BARE.fullmatch(length)
        return f"{length} without years or months" if is_open else length_in(length)
    if length := cells.get("months", ""):
        return length_in(length, "months")
    starts, ends = (days_in(cells.get(field, "")) for field in ("starts", "ends"))
    if not (starts and ends):
        return None
    return years_of_period({"startDate": starts[0].isoformat(), "endDate": ends[1].isoformat()})


def length_in(cell: str, unit: str = "years") -> object:
    """A length with its options in years: of "36 months", "3 years", "3" or "3+1+1"."""
    found = _LENGTH.fullmatch(cell.casefold())
    if not found:
        named = cell if re.search(r"[^\W\d_]{3}", cell) else f"{cell} {unit}"
        return years_in_words(named) or cell
    in_months = (found["unit"] or unit).startswith("m")
    number = float(found["number"]) * int(found["times"] or 1)
    return round(number / (12 if in_months else 1), 2)


def _codes(cell: str) -> object:
    """The codes of a cell, which may have their names beside them."""
    if re.search(r"[^\W\d_]", cell):
        return _CODE.findall(cell) or cell
    return _SHORT_CODE.sub(r"0\g<0>", cell)


def _flag(cell: str) -> object:
    """Whether a cell says yes or no; None for the amount or the rate of VAT."""
    word = cell.casefold()
    if word.startswith(("inc", "ex")):
        return word.startswith("inc")
    is_amount = re.fullmatch(r"£? ?\d[\d,]*(?:\.\d+)? ?%?", cell) and cell not in ("0", "1")
    return None if is_amount else {"yes": True, "no": False}.get(answer(cell), cell)


def _day(cell: str) -> object:
    """The day of a cell, or the first of its month; None for a longer time, such as a quarter."""
    found = days_in(cell)
    if found is None:
        return cell
    is_in_month = (found[0].year, found[0].month) == (found[1].year, found[1].month)
    return found[0].isoformat() if is_in_month else None


def period_in(cell: str) -> object:
    """What a value is for, one of PERIODS; the cell itself where it does not say."""
    return _PERIODS.get(" ".join(re.findall(r"\w+", cell.casefold())), cell)


def _category(cell: str) -> object:
    return cell.casefold() if cell.casefold() in _CATEGORIES else cell


READ: Mapping[str, Callable[[str], object]] = {
    "cpv": _codes,
    "value_is_gross": _flag,
    "fictional": _flag,
    "day": _day,
    "value_period": period_in,
    "category": _category,
}
