"""How a spending file writes its dates, its amounts and the names of payees."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matcher.sources.payments.values import month_in, pence_in, swapped

_NUMBER_FIRST = re.compile(r"^[A-Z]{0,3}\d{3,12}\s*[-–:_/|]\s*(?=\S)")
_NUMBER_LAST = re.compile(r"(?<=\S)\s*(?:\([A-Z]{0,3}\d{3,12}\)|[-–:_/|]\s*[A-Z]{0,3}\d{3,12})$")
_MOST_HAVE = 0.6
_THREE_PLACES = re.compile(r"(?<![\d.,])(?:0|\d{4,}|\d{1,3}(?:,\d{3})+)\.\d{3}(?!\d)")
"""An amount that can only be pounds with three places of decimals."""
_AT_END = re.compile(r"(?<=\.\d{3})(?!\d)")
_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>20\d\d)[-_. ]?(?P<month>0[1-9]|1[0-2])(?!\d)"
    r"|(?<!\d)(?P<month2>0[1-9]|1[0-2])[-_. ](?P<year2>20\d\d)(?!\d)"
    r"|(?<![a-z])(?P<named>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
    r"[-_. ,]{0,2}(?P<year3>20\d\d|\d\d)(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CellForms:
    """How the cells of one table are written.

    `month` is that of the file's name, for a table without a column of dates.
    """

    month_first: bool = False
    numbered: bool = False
    three_places: bool = False
    month: int | None = None

    @classmethod
    def of(
        cls, names: Sequence[str], dates: Sequence[str], amounts: Sequence[str], title: str
    ) -> CellForms:
        """The forms of a sample of names, dates and amounts, in a table with a title."""
        return cls(
            month_first=_share(dates, _is_month_first) > 0 and not any(map(_is_day_first, dates)),
            numbered=max(_share(names, _NUMBER_FIRST.search), _share(names, _NUMBER_LAST.search))
            >= _MOST_HAVE,
            three_places=any(map(_THREE_PLACES.search, amounts)),
            month=None if dates else month_of_name(title),
        )

    def month_of(self, written: str) -> int | None:
        """The month of a date."""
        return month_in(swapped(written) if self.month_first else written)

    def pence_of(self, written: str) -> int | None:
        """An amount in pence: 45.000 is £45 where another amount shows what the point means."""
        return pence_in(_AT_END.sub("0", written) if self.three_places else written)

    def name_of(self, written: str) -> str:
        """A name, without the body's own number before or after it."""
        return _NUMBER_LAST.sub("", _NUMBER_FIRST.sub("", written)) if self.numbered else written


PLAIN = CellForms()
"""Dates with the day first, and names without numbers."""


def _share(cells: Sequence[str], has: Callable[[str], object]) -> float:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return sum(bool(has(cell)) for cell in filled) / len(filled) if filled else 0.0


def _is_month_first(cell: str) -> bool:
    """Whether a date can be read with the month first alone."""
    return month_in(cell) is None and month_in(swapped(cell)) is not None


def _is_day_first(cell: str) -> bool:
    """Whether a date can be read with the day first alone."""
    return month_in(cell) is not None and swapped(cell) != cell and month_in(swapped(cell)) is None


def month_of_name(name: str) -> int | None:
    """The only month that the name of a file or sheet says; None where it says none or several.

    >>> divmod(month_of_name("payments-over-500-february-2026.csv"), 12)
    (2026, 1)
    """
    found = {month for match in _IN_NAME.finditer(name) if (month := _month(match)) is not None}
    return found.pop() if len(found) == 1 else None


def _month(match: re.Match[str]) -> int | None:
    year = match["year"] or match["year2"] or match["year3"]
    month = match["month"] or match["month2"]
    written = f"{match['named'][:3]}-{year}" if match["named"] else f"{year}-{month}"
    return month_in(written)
