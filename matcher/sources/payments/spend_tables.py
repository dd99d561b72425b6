"""Finds the tables of payments in files: where each header is, also one of two rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from matcher.core.cell_words import shown
from matcher.core.errors import BadSource
from matcher.sources.formats import workbooks
from matcher.sources.formats.folders import FolderFiles
from matcher.sources.formats.layouts import layout
from matcher.sources.formats.sheet_files import is_workbook
from matcher.sources.formats.tables import QuotedRows
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.formats.units import unit_in_title
from matcher.sources.payments.columns import recognised
from matcher.sources.payments.values import is_amount

_HEAD_ROWS = 20

Cells: TypeAlias = Sequence[str]


@dataclass(frozen=True)
class Table:
    """The rows of one table, from its header on."""

    path: Path
    name: str
    columns: tuple[str, ...]
    first_row: int
    rows: Callable[[], Iterator[Cells]]
    digest: Callable[[], bytes]
    not_read: Sequence[str] = ()
    """what of its workbook is not read, and why"""


def tables_in(path: Path) -> Iterator[Table]:
    """The tables in a file, folder or zip.

    Raises BadSource where a file is damaged, or a workbook has no sheet with payments.
    """
    if path.is_dir():
        for inside in FolderFiles.with_tables(path).data:
            yield from tables_in(inside)
    elif is_workbook(path):
        yield from _sheets(path)
    else:
        for file in text_files([path]):
            yield _text_table(path, file)


def _text_table(path: Path, file: TextFile) -> Table:
    if file.is_json():
        raise BadSource(f"--spend {path}: {file.name} is JSON, not a table; save it as CSV")
    found = layout(file, recognised)

    def rows(skipped: int = found.row) -> Iterator[Cells]:
        quoted = QuotedRows(file.lines(), found.delimiter, len(found.columns))
        for _ in range(skipped):
            quoted.next()
        return _readable(quoted)

    _refuse_other_unit(path, found.above)
    columns, more = _joined(found.columns, next(rows(), ()))

    def digest() -> bytes:
        whole = hashlib.sha256()
        for piece in file.chunks():
            whole.update(piece.encode())
        return whole.digest()

    first = found.row + more
    return Table(path, file.name, columns, first + 1, lambda: rows(first), digest)


def _refuse_other_unit(path: Path, above: str) -> None:
    """Raises BadSource where the rows above a header say that its amounts are not in pounds."""
    if unit := unit_in_title(above):
        raise BadSource(f"--spend {path}: says {unit!r} above its header; give amounts in pounds")


def _joined(header: Cells, below: Cells) -> tuple[tuple[str, ...], int]:
    """The header, with the row below where both are one header; and how many rows that takes.

    They are if together they say more than the header alone, and no cell below is an amount.
    """
    width = max(len(header), len(below))
    upper, lower = ([*row, *[""] * (width - len(row))] for row in (header, below))
    both = [f"{a} {b}".strip() for a, b in zip(upper, lower, strict=True)]
    is_header = not any(map(is_amount, below))
    if is_header and recognised(both) > recognised(header):
        return tuple(" ".join(cell.split()) for cell in both), 1
    return tuple(header), 0


def _readable(quoted: QuotedRows) -> Iterator[Cells]:
    """The rows; one that is not CSV has one cell, which says why, so that it is set aside."""
    while True:
        try:
            cells = quoted.next()
        except StopIteration:
            return
        yield [quoted.reason] if quoted.reason else list(map(shown, cells))


def _sheets(path: Path) -> Iterator[Table]:
    """The sheets of a workbook that hold payments."""
    try:
        read = workbooks.sheets(path)
    except workbooks.DAMAGED as error:
        raise BadSource(f"--spend {path}: is damaged or not a spreadsheet ({error})") from error
    found = [table for name, cells in read.shown.items() if (table := _sheet(path, name, cells))]
    if not found:
        raise BadSource(
            f"--spend {path}: no sheet has a header with a supplier and an amount in its first "
            f"{_HEAD_ROWS} rows; it has the sheets {', '.join(map(repr, read.shown))}"
            f"{read.words}"
        )
    for number, table in enumerate(found):
        name = table.name if len(found) > 1 else path.name
        told = [f"{reason}: {what}" for what, reason in read.not_read.items()]
        yield replace(table, name=name, not_read=() if number else told)


def _sheet(path: Path, name: str, cells: Sequence[Cells]) -> Table | None:
    best = workbooks.header_in(cells, recognised, _HEAD_ROWS)
    if best is None:
        return None
    _refuse_other_unit(path, "\n".join(" ".join(row) for row in cells[:best]))
    below = cells[best + 1] if best + 1 < len(cells) else []
    header, more = _joined(cells[best], below)
    first = best + 1 + more

    def rows() -> Iterator[Cells]:
        return iter(cells[first:])

    def digest() -> bytes:
        return hashlib.sha256(repr(cells).encode()).digest()

    return Table(path, f"{path.name} {name}", header, first + 1, rows, digest)
