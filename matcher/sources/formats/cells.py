"""Reads a few columns of a large CSV table, several times faster than whole rows.

The rows and cells are those that `tables.csv_rows` reads.  A line in which every cell is quoted,
as Companies House writes them, is split by what stands between two cells; the csv module reads
all others.  It needs no library and little memory: on one core Arrow and Polars took
longer to read the same columns, and over 100 MB more (`docs/notes/2026-11-28-builds.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from operator import itemgetter
from typing import TypeAlias

from matcher.core.types import Tally
from matcher.sources.formats.layouts import Layout, layout
from matcher.sources.formats.tables import FIELD_LIMIT, WRONG_NUMBER, QuotedRows, csv_rows
from matcher.sources.formats.text_files import TextFile

Cells: TypeAlias = tuple[str, ...]
IsKnown: TypeAlias = Callable[[str], bool]
"""Whether the cells of the row in a line are known, if the line is a row."""


def picked_cells(
    file: TextFile,
    tally: Tally,
    names: Sequence[str],
    found: Layout | None = None,
    is_known: IsKnown = lambda line: False,
) -> Iterator[tuple[int, Cells, bool]]:
    """Each row as its number, its cells in the columns `names`, stripped, and whether it is a line.

    Cells of a lost column are empty, and there are none where the line `is_known`.  A row counts as
    a line where each of its cells is quoted, and nothing else in the file has a part in how it is
    read but the layout, which may be given as `found`.  Blank rows are skipped, and rows with too
    many cells set aside, as `csv_rows` does.  Counts each row in `tally.read`.
    """
    found = found or layout(file)
    columns = found.columns
    if len(set(columns)) < len(columns):
        for where, row in csv_rows(file, tally, found):
            yield int(where.rpartition(" ")[2]), tuple(row.get(name, "") for name in names), False
        return
    lost = len(columns)
    at = [columns.index(name) if name in columns else lost for name in names]
    picked = itemgetter(*at, lost)  # two at least, so that it always gives a tuple
    for number, cells, is_line in _rows(file, tally, found, is_known):
        if cells:
            cells.append("")
            yield number, tuple(map(str.strip, picked(cells)))[:-1], is_line
        else:
            yield number, (), is_line


def _rows(
    file: TextFile, tally: Tally, found: Layout, is_known: IsKnown
) -> Iterator[tuple[int, list[str], bool]]:
    """Each row that is not blank, with as many cells as the header; none where it is known."""
    width = len(found.columns)
    rows = QuotedRows(file.lines(), found.delimiter, width)
    for _ in range(found.row):
        rows.next()
    between, quotes, number = f'"{found.delimiter}"', 2 * width, found.row
    while (line := rows.line()) is not None:
        number += 1
        if is_known(line):
            tally.read += 1
            yield number, [], True
            continue
        cells: list[str] | None = None
        if line.count('"') == quotes and len(line) < FIELD_LIMIT:
            end = line.rstrip("\r\n")
            if end[:1] == '"' and end[-1:] == '"' and len(end) > 1:
                cells = end[1:-1].split(between)
        is_line = cells is not None and len(cells) == width
        if cells is None or not is_line:
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
        yield number, _padded(cells, width), is_line


def _padded(cells: list[str], width: int) -> list[str]:
    if len(cells) == width:
        return cells
    return [cell for cell, _ in zip_longest(cells[:width], range(width), fillvalue="")]
