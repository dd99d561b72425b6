"""Reads lots from a table: CSV or a spreadsheet, one lot a row.

Columns are known by their headers (`lot_columns`), which may stand below a title.  A cell is made
what `single_lot` expects, and what cannot be is left as written, so that it is refused by name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, zip_longest
from pathlib import Path

from matcher.core.cell_words import is_blank, shown
from matcher.core.errors import BadLot, BadSource
from matcher.core.types import FIELD_ONLY, Tally
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.law.buyers import is_department
from matcher.sources.formats import workbooks
from matcher.sources.formats.folders import SHEETS
from matcher.sources.formats.json_values import Fields
from matcher.sources.formats.layouts import Layout, layout
from matcher.sources.formats.sheet_files import is_workbook
from matcher.sources.formats.tables import (
    Row,
    columns_there_twice,
    csv_rows,
    refuse_web_page,
)
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.formats.units import unit_in_title
from matcher.sources.notices.lot_cells import (
    PERIODS,
    READ,
    extension_in,
    length_in,
    period_in,
    years_in,
)
from matcher.sources.notices.lot_columns import fits, lot_columns, turned_form
from matcher.sources.notices.lot_values import value_in_cell

TEXT_TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
WORKBOOKS = tuple(SHEETS)
NOT_USED = f"column not used {FIELD_ONLY}"
NO_LENGTH = f"value for a year without a length: that of the contract is not known {FIELD_ONLY}"
NO_FLAG = f"amount or rate of VAT, and not whether the value includes it {FIELD_ONLY}"
NO_EXTENSION = f"extension that cannot be read: the length is not known {FIELD_ONLY}"
NO_DAY = f"date that has no day and no month: not used {FIELD_ONLY}"
_DEPARTMENT = f"department, and no buyer {FIELD_ONLY}"
HEADER_AGAIN, TOTALS = "header once more", "row of totals"
RULED, FOOTNOTE = "row without a letter or a digit", "footnote"
NO_LOT = frozenset({HEADER_AGAIN, TOTALS, RULED, FOOTNOTE})
"""Why a row is set aside that is of no lot."""

_FOOTNOTE = ("*", "†", "‡")
_ONLY_AN_ID = re.compile(r"(?:lot )?(?:\d{1,3}[a-z]?|[a-z])", re.IGNORECASE)
_HEAD_ROWS = 40
_LONGEST_TITLE = 100
_MOST_NAMED = 20
_TOTAL = re.compile(
    r"(?:(?:grand |sub[ -]?|overall )?totals?|sum)"
    r"(?: (?:estimated |annual |contract )*(?:amount|budget|cost|price|spend|value))?"
    r"(?:,? (?:for|of) (?:all |the )*lots)?\W*"
    r"|\(?\d{1,9} rows?(?:\(s\))?(?: (?:affected|returned|selected))?[.)]{0,2}"
)
_AMOUNTS = ("value", "annual value")
_OF_OTHER_FIELDS = ("value", "annual value", "years", "months", "extension", "starts", "ends")
"""Columns that are read together with others."""


def is_table(path: Path) -> bool:
    """Whether a file is a table, by its name; JSON that is named CSV is none.

    A text (`.txt`) is one where its first line has headers, as spreadsheets save one.
    """
    name = path.name.lower()
    if path.is_file() and name.endswith(".txt"):
        return _begins_as_table(TextFile(path))
    if not path.is_file() or not name.endswith((*TEXT_TABLES, *WORKBOOKS)):
        return False
    return name.endswith(WORKBOOKS) or not TextFile(path).is_json()


def _begins_as_table(file: TextFile) -> bool:
    try:
        found = layout(file, fits)
    except BadSource:
        return False
    return found.row == 1 and fits(found.columns) > 1


def table_lots(path: Path, tally: Tally) -> Iterator[tuple[str, Fields]]:
    """The fields of the lot in each row of a table, with its position.

    A row that is no lot is set aside.  Raises BadLot for a table without a title or description,
    and BadSource where the file cannot be read.
    """
    if path.name.lower().endswith(WORKBOOKS) and is_workbook(path):
        yield from _workbook(path, tally)
        return
    for file in text_files([path]):
        found = layout(file, fits)
        refuse_web_page(file, found.columns)
        columns = _checked(file.name, found.columns)
        _refuse_unit_above(file.name, columns, found.above)
        if turned := turned_form(_form(file, found)):
            yield from _lots_below(turned, 0, f"{file.name} column", tally)
            continue
        counted = _Passing(file.name, into=tally)
        for where, row in csv_rows(file, counted, found):
            yield from _lot(where, row, columns, tally)
        _name_unused(found.columns, columns, tally)


class _Passing(Tally):
    """A tally whose rows are counted when their lots are read; what it sets aside is passed on."""

    def __init__(self, source: str, into: Tally) -> None:
        super().__init__(source)
        self._into = into

    def drop(self, reason: str, where: str = "") -> None:
        """Set aside in the tally of the lots."""
        if " row " in where:
            self._into.reject(reason, where)
        else:
            self._into.drop(f"{reason} {FIELD_ONLY}", where)


def _form(file: TextFile, found: Layout) -> Sequence[Sequence[str]]:
    """The first rows of a table whose header has one known column; () of another one."""
    rows: list[list[str]] = []
    if fits(found.columns) == 1:
        with suppress(csv.Error):
            rows += islice(csv.reader(file.lines(), delimiter=found.delimiter), _HEAD_ROWS)
    return [list(map(str.strip, row)) for row in rows]


def _workbook(path: Path, tally: Tally) -> Iterator[tuple[str, Fields]]:
    """The lots of every sheet that has a title or a description in its first rows."""
    try:
        book = workbooks.sheets(path)
    except workbooks.DAMAGED as error:
        raise BadLot(
            f"{path.name}: cannot be read as a spreadsheet ({error}); save the table as CSV, or "
            "again as .xlsx without a password"
        ) from error
    sheets = book.shown
    heads = {name: workbooks.header_in(rows, fits, _HEAD_ROWS) for name, rows in sheets.items()}
    if all(head is None for head in heads.values()):
        seen = [cell for rows in sheets.values() for row in rows[:1] for cell in row if cell]
        _checked(f"{path.name}{book.words}", seen)
    for what, reason in book.not_read.items():
        tally.drop(f"{reason} {FIELD_ONLY}", what)
    several = sum(head is not None for head in heads.values()) > 1
    for name, head in heads.items():
        if head is None:
            continue
        where = f"{path.name}{f' {name}' if several else ''}"
        if fits(sheets[name][head]) == 1 and (turned := turned_form(sheets[name][:_HEAD_ROWS])):
            yield from _lots_below(turned, 0, f"{where} column", tally)
        else:
            yield from _lots_below(sheets[name], head, f"{where} row", tally)


def _lots_below(
    rows: Sequence[Sequence[str]], head: int, where: str, tally: Tally
) -> Iterator[tuple[str, Fields]]:
    """The lots in the rows below the header."""
    names, columns = rows[head], lot_columns(rows[head])
    _refuse_unit_above(where, columns, "\n".join(" ".join(row) for row in rows[:head]))
    for reason in columns_there_twice(names):
        tally.drop(f"{reason} {FIELD_ONLY}", where.rpartition(" ")[0])
    for number, cells in enumerate(rows[head + 1 :], head + 2):
        if not any(cells):
            continue
        row: dict[str, str] = {}
        for column, cell in zip_longest(names, cells[: len(names)], fillvalue=""):
            row[column] = row.get(column) or cell
        yield from _lot(f"{where} {number}", row, columns, tally)
    _name_unused(names, columns, tally)


def _checked(name: str, names: Sequence[str]) -> dict[str, str]:
    """The columns of the fields.  Raises BadLot where there is no title and no description."""
    if not fits(names):
        shown = ", ".join(repr(one[:60]) for one in list(filter(None, names))[:_MOST_NAMED])
        raise BadLot(
            f"{name}: has no column title or description; it has {shown or 'no columns'}. "
            "Name the columns in one row: title, description, postcode, value"
        )
    return lot_columns(names)


def _refuse_unit_above(name: str, columns: Mapping[str, str], above: str) -> None:
    """Raises BadLot where the rows above a header say that its amounts are not in pounds."""
    unit = unit_in_title(above) if "value" in columns or "annual value" in columns else ""
    if unit:
        raise BadLot(
            f"{name}: says {unit!r} above its header; write the unit in the header of the value, "
            "such as 'Value (£000)', and leave it out above"
        )


def _name_unused(names: Sequence[str], columns: Mapping[str, str], tally: Tally) -> None:
    used = set(columns.values())
    if unused := [name for name in dict.fromkeys(names) if name and name not in used]:
        tally.drop(NOT_USED, ", ".join(name[:60] for name in unused[:_MOST_NAMED]))


def _lot(
    where: str, row: Row, columns: Mapping[str, str], tally: Tally
) -> Iterator[tuple[str, Fields]]:
    cells = {field: shown(row.get(column, "")).strip() for field, column in columns.items()}
    cells = {
        field: "" if is_blank(cell) else cell if field in _AMOUNTS else workbooks.without_mark(cell)
        for field, cell in cells.items()
    }
    if is_department(cells.get("buyer", "")):
        cells["buyer"] = ""
        tally.drop(_DEPARTMENT, where)
    cells = _with_id(cells)
    named = ("title", "id") if cells.get("title") or cells.get("id") else ("description",)
    others = [cell for field, cell in cells.items() if field not in named and cell]
    label = next((cells[field] for field in named if cells.get(field)), "")
    reason = ""
    if any(cells.values()) and all(row[name].strip() in (name, "") for name in columns.values()):
        reason = HEADER_AGAIN
    elif _TOTAL.fullmatch(label.casefold()) and not any(re.search(r"[^\W\d_]", c) for c in others):
        reason = TOTALS
    elif any(cells.values()) and not any(map(str.isalnum, "".join(cells.values()))):
        reason = RULED
    elif label[:1] in _FOOTNOTE and not others:
        reason = FOOTNOTE
    if reason:
        tally.reject(reason, where)
    else:
        yield where, _fields(cells, columns, tally, where)


def _with_id(cells: dict[str, str]) -> dict[str, str]:
    """The cells; the number of a lot in a column of titles, such as 'Lot', is its id."""
    is_id = not cells.get("id") and _ONLY_AN_ID.fullmatch(cells.get("title", ""))
    return {**cells, "id": cells["title"], "title": ""} if is_id else cells


def _fields(
    cells: Mapping[str, str], columns: Mapping[str, str], tally: Tally, where: str
) -> dict[str, object]:
    """The fields of a single lot; a cell that cannot be read is left as it is written.

    A short description without a title is the title, and a postcode in a column of places is one.
    """
    cells = _in_their_fields(cells)
    fields = {
        field: READ[field](cell) if field in READ else cell
        for field, cell in cells.items()
        if cell and field not in _OF_OTHER_FIELDS
    }
    if "value_is_gross" in fields and fields["value_is_gross"] is None:
        tally.drop(NO_FLAG, f"{where}: {cells['value_is_gross'][:60]}")
        del fields["value_is_gross"]
    if "day" in fields and fields["day"] is None:
        tally.drop(NO_DAY, f"{where}: {cells['day'][:60]}")
    if extension_in(cells, columns) is None:
        tally.drop(NO_EXTENSION, f"{where}: {cells['extension'][:60]}")
    if years := years_in(cells, columns):
        fields["years"] = years
    which = "value" if cells.get("value") else "annual value"
    if cell := cells.get(which, ""):
        if which == "annual value":
            fields.setdefault("value_period", "year")
        fields |= value_in_cell(cell, columns[which], fields, tally, where)
    return _with_known_value(fields, tally, where)


def _with_known_value(fields: dict[str, object], tally: Tally, where: str) -> dict[str, object]:
    """The fields; without a value for a year where nothing says for how many years it is."""
    is_open = fields.get("value_period") == "year" and not fields.get("years")
    if is_open and fields.pop("value", None) is not None:
        tally.drop(NO_LENGTH, where)
    return fields


def _in_their_fields(cells: Mapping[str, str]) -> Mapping[str, str]:
    moved = dict(cells)
    if not moved.get("title") and 0 < len(moved.get("description", "")) <= _LONGEST_TITLE:
        moved["title"] = moved.pop("description")
    if not moved.get("postcode") and (postcode := tidy_postcode(moved.get("area", ""))):
        moved |= {"area": "", "postcode": postcode}
    period = moved.get("value_period", "")
    is_length = period_in(period) not in PERIODS and isinstance(length_in(period), float)
    if is_length and not moved.get("years"):
        moved |= {"value_period": "", "years": period}
    return moved
