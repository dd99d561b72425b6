"""Opens spreadsheets, and refuses those that would fill the memory."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from matcher.core.amount_marks import is_in_doubt
from matcher.core.errors import BadSource
from matcher.sources.formats.formulas import NO_RESULT, named, without_results

HIDDEN = "hidden sheet (not read)"
DAMAGED = (CalamineError, OSError)
"""What opening raises where a workbook is damaged, as one is whose parts are larger than it states,
or is a document of another kind."""
_OF_A_NUMBER = "0" * 9
"""After a number such as 1.125, which as a text might be 1,125: a number has no other point."""
_MARKED = re.compile(rf"^(-?\d{{1,3}}\.\d{{3}}){_OF_A_NUMBER}$")
LARGEST_UNPACKED = 1_000_000_000
"""Most bytes that the parts of a workbook may unpack to; in memory they take about twice that."""


def open_workbook(path: Path) -> CalamineWorkbook:
    """The workbook at `path`.

    Raises BadSource where it unpacks to more than LARGEST_UNPACKED bytes, and what is DAMAGED.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile:
        unpacked = 0  # an old workbook, which is not packed, or a damaged one
    if unpacked > LARGEST_UNPACKED:
        raise BadSource(
            f"{path}: unpacks to {unpacked / 1e6:,.0f} MB, and a spreadsheet may unpack to "
            f"{LARGEST_UNPACKED / 1e6:,.0f} MB; save the sheet that is needed as CSV"
        )
    return CalamineWorkbook.from_path(path)


class Sheets(NamedTuple):
    """The sheets of a workbook."""

    shown: Mapping[str, list[list[str]]]
    """the texts of the cells of each, from its first row on, also where that is blank"""
    not_read: Mapping[str, str]
    """why what is not read: hidden sheets, as who sends the workbook may not know of them, and
    formulas without a result"""

    @property
    def words(self) -> str:
        """What is not read, for a refusal; '' where everything is."""
        told = {HIDDEN: "hidden sheets are not read"}
        return "".join(f" ({told.get(why, why)}: {what})" for what, why in self.not_read.items())


def sheets(path: Path, *, repeat_merged: bool = False) -> Sheets:
    """The sheets of a workbook.  Raises as `open_workbook` does.

    With `repeat_merged`, the text of cells merged down a column stands in each of their rows.
    """
    book = open_workbook(path)
    hidden = [
        sheet.name for sheet in book.sheets_metadata if sheet.visible != SheetVisibleEnum.Visible
    ]
    shown = {
        name: _texts(book, name, repeat_merged) for name in book.sheet_names if name not in hidden
    }
    lacking = {one: cells for one, cells in without_results(path).items() if one in shown}
    not_read = {", ".join(hidden): HIDDEN} if hidden else {}
    return Sheets(shown, not_read | {named(*one): NO_RESULT for one in lacking.items()})


def _texts(book: CalamineWorkbook, name: str, repeat_merged: bool) -> list[list[str]]:
    sheet = book.get_sheet_by_name(name)
    rows = [list(map(cell_text, row)) for row in sheet.to_python(skip_empty_area=False)]
    for (first, column), (last, last_column) in (repeat_merged and sheet.merged_cell_ranges) or ():
        if column == last_column:
            for row in rows[first + 1 : last + 1]:
                row[column] = rows[first][column]
    return rows


def header_in(
    rows: Sequence[Sequence[str]], score: Callable[[Sequence[str]], int], most: int
) -> int | None:
    """Which row, from 0, scores best of the first `most` with a cell; None where none scores."""
    filled = islice((at for at, row in enumerate(rows) if any(row)), most)
    best = max(filled, key=lambda at: (score(rows[at]), -at), default=None)
    return None if best is None or not score(rows[best]) else best


def cell_text(cell: object) -> str:
    """The text of a cell on one line: days as 2026-04-01, whole numbers without a point."""
    if isinstance(cell, date):
        return (cell.date() if isinstance(cell, datetime) else cell).isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, float) and is_in_doubt(str(cell)):
        return f"{cell}{_OF_A_NUMBER}"
    return "" if cell is None else re.sub(r"\s+", " ", str(cell)).strip()


def without_mark(text: str) -> str:
    """The text of a cell that is read as words, as its sheet shows it.

    >>> cell_text(1.125), without_mark(cell_text(1.125)), without_mark("1.1250")
    ('1.125000000000', '1.125', '1.1250')
    """
    return _MARKED.sub(r"\1", text)
