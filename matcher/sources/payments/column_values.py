"""Tells what the values of a column of a spending file may be: amounts, dates, names and others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from matcher.law.buyers import is_department, kind_of_buyer
from matcher.law.types import BuyerKind
from matcher.sources.payments.values import month_in, pence_in, swapped

_MOST_FIT = 0.6
"""The least share of a column's values that must be amounts or dates."""
_AREA = re.compile(r"[EWSN]\d{8}")
_LETTERS = re.compile(r"[^\W\d_]{2}")


def _share(cells: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, cells)) / len(cells) if cells else 0.0


def _has_letters(cell: str) -> bool:
    return bool(_LETTERS.search(cell)) and not cell.startswith(("http:", "https:"))


def _names(cells: Sequence[str]) -> bool:
    return _share(cells, _has_letters) >= 0.6


def _numbers(cells: Sequence[str]) -> bool:
    return _share(cells, lambda cell: pence_in(cell) is not None) >= _MOST_FIT


def days(cells: Sequence[str]) -> bool:
    """Dates, with the day or with the month first."""
    fit = _share(cells, lambda cell: month_in(cell) is not None)
    return max(fit, _share(cells, lambda cell: month_in(swapped(cell)) is not None)) >= _MOST_FIT


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
    "supplier": _names,
    "amount": _numbers,
    "date": days,
    "year": _any,
    "first": days,
    "last": days,
    "count": _numbers,
    "body": lambda cells: _names(cells) and not departments(cells),
    "area": lambda cells: _share(cells, lambda cell: bool(_AREA.fullmatch(cell))) == 1.0,
    "department": _names,
    "service": _names,
    "category": _texts,
}
"""Whether the values of a column may have each meaning."""
