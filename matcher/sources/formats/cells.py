"""Reads a few columns of a large CSV table, several times faster than whole rows.

The rows and cells are those that `tables.csv_rows` reads.  A line in which every cell is quoted,
as Companies House writes them, is split by what stands between two cells; the csv module reads
all others.  It needs no library and little memory: on one core Arrow and Polars took
longer to read the same columns, and over 100 MB more (`docs/notes/2026-11-28-builds.md`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from operator import itemgetter
from typing import TypeAlias

from matcher.core.types import Tally
from matcher.sources.formats.layouts import layout
from matcher.sources.formats.tables import FIELD_LIMIT, WRONG_NUMBER, QuotedRows, csv_rows
from matcher.sources.formats.text_files import TextFile

Cells: TypeAlias = tuple[str, ...]


def picked_cells(file: TextFile, tally: Tally, names: Sequence[str]) -> Iterator[tuple[int, Cells]]:
    """Each row as (its number, its cells in the columns `names`, stripped); '' for a lost column.

    Blank rows are skipped, and rows with too many cells set aside, as `csv_rows` does.  Counts each
    row in `tally.read`.
    """
    found = layout(file)
    columns = found.columns
    if len(set(columns)) < len(columns):
        for where, row in csv_rows(file, tally, found):
            yield int(where.rpartition(" ")[2]), tuple(row.get(name, "") for name in names)
        return
    lost = len(columns)
    at = [columns.index(name) if name in columns else lost for name in names]
    picked = itemgetter(*at, lost)  # two at least, so that it always gives a tuple
    for number, cells in _rows(file, tally, found.delimiter, found.row, len(columns)):
        cells.append("")
        yield number, tuple(map(str.strip, picked(cells)))[:-1]


def _rows(
    file: TextFile, tally: Tally, delimiter: str, header: int, width: int
) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with `width` cells."""
    rows = QuotedRows(file.lines(), delimiter, width)
    for _ in range(header):
        rows.next()
    between, quotes, number = f'"{delimiter}"', 2 * width, header
    while (line := rows.line()) is not None:
        number += 1
        cells: list[str] | None = None
        if line.count('"') == quotes and len(line) < FIELD_LIMIT:
            end = line.rstrip("\r\n")
            if end[:1] == '"' and end[-1:] == '"' and len(end) > 1:
                cells = end[1:-1].split(between)
        if cells is None or len(cells) != width:
            rows.put_back(line)
            cells = rows.next()
            if rows.reason:
                tally.read += 1
                tally.drop(rows.reason, f"{file.name} row {number}")
                continue
        if not any(map(str.strip, cells)):
            continue
        tally.read += 1
        if len(cells) > width and any(map(str.strip, cells[width:])):
            tally.drop(WRONG_NUMBER, f"{file.name} row {number}")
            continue
        yield number, _padded(cells, width)


def _padded(cells: list[str], width: int) -> list[str]:
    if len(cells) == width:
        return cells
    return [cell for cell, _ in zip_longest(cells[:width], range(width), fillvalue="")]
