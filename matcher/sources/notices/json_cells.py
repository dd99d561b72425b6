"""Reads notices that stand as JSON in the cells of a table, as a database exports them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from matcher.core.errors import BadSource
from matcher.core.types import Tally
from matcher.sources.formats.quoted_json import held_in
from matcher.sources.formats.tables import Row, csv_rows, rows_of_others
from matcher.sources.formats.text_files import TextFile, text_files

NO_JSON = "row without JSON"
_TABLES = {".csv", ".tsv", ".gz", ".zip"}
_FIRST_ROWS = 5


def has_json_cells(path: Path) -> bool:
    """Whether a file is a table in which one of the first rows has JSON in a cell."""
    if path.suffix.lower() not in _TABLES:
        return False
    try:
        return any(map(_has_json_cells, text_files([path])))
    except (BadSource, ValueError):
        return False


def _has_json_cells(file: TextFile) -> bool:
    if file.is_json():
        return False
    rows = islice(csv_rows(file, Tally("")), _FIRST_ROWS)
    return any(_held_in(row) for _, row in rows)


def _held_in(row: Row) -> Sequence[object]:
    return [held for held in map(held_in, row.values()) if not isinstance(held, str)]


def documents(path: Path, tally: Tally) -> Iterator[tuple[str, object]]:
    """Each object and list in the cells, with the position of its row.

    Raises BadSource where the file cannot be read.
    """
    for file in text_files([path]):
        for where, row in rows_of_others(file, tally):
            held = _held_in(row)
            yield from ((where, one) for one in held)
            if not held:
                tally.reject(NO_JSON, where)
