"""Finds the header of a table, and what separates its cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from matcher.core.errors import BadSource
from matcher.sources.formats.markup import without_markup
from matcher.sources.formats.text_files import TextFile

_HEAD_LINES, _MOST_BLANK = 40, 10_000
"""The lines that are not blank in which a header is sought, and how many lines that may be."""
_BLANK = ' \t\r\n,;|"\ufeff'
"""What a line of blank cells has."""
_SEPARATOR = re.compile(r"\s*\"?sep=(.)\"?[\s,;]*$", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*(?:"|$)|\[[^\[\]]*\]')
"""What stands in quotes or brackets: 'Supplier [Name|Address]' is one header."""
_DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the header of a table is, and what separates its cells.

    `row` is the number of rows up to the header, the header included.  `nested` tables have each
    row in one pair of quotes, as where a CSV that was opened in one column is saved again.
    """

    columns: tuple[str, ...]
    delimiter: str
    row: int
    nested: bool = False
    above: str = ""
    """the rows above the header, as written"""


def layout(file: TextFile, score: Callable[[Sequence[str]], int] | None = None) -> Layout:
    """The layout of a table: its header is the row with the best score of the first rows.

    Without a score it is the first row with several cells, or else the first one.  With one, the
    header may be in two rows: "Post" above "code".  A line such as `sep=;` names the delimiter;
    else it is the tab, comma, semicolon or bar that the header has.  Raises BadSource where no row
    can be a header.
    """
    lines = list(_head(file.lines()))
    separator = _SEPARATOR.match(lines[0])
    delimiters = [separator[1]] if separator else _delimiters(lines, by_score=score is not None)
    best, best_score = None, 0
    try:
        for delimiter in delimiters:
            for row, names in _headers(lines, delimiter, separator is not None, score is not None):
                value = score(names) if score else _has_several(names) + 1
                if value > best_score:
                    best, best_score = Layout(names, delimiter, row), value
    except csv.Error as error:
        if best is None:
            message = f"{file.path} is not a table: its first line is not a header"
            raise BadSource(message) from error
    if best is None and score is not None:
        return _nested_layout(lines, score) or layout(file)
    return replace(best, above="".join(lines[: best.row - 1])) if best else Layout((), ",", 1)


def _head(lines: Iterator[str]) -> Iterator[str]:
    """The lines up to the one with which enough are not blank."""
    filled = 0
    for line in islice(lines, _MOST_BLANK):
        yield line
        filled += bool(line.strip(_BLANK))
        if filled == _HEAD_LINES:
            return


def _headers(
    lines: Sequence[str], delimiter: str, skip_first: bool, join: bool
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each row that has a cell, with its number; with `join`, also together with the one above."""
    above: tuple[str, ...] = ()
    rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    for row, cells in enumerate(rows, 1):
        names = tuple(map(_tidy, cells))
        is_cut = any(name.count("[") != name.count("]") for name in names)
        if any(names) and not is_cut and not (skip_first and row == 1):
            yield row, names
            if join:
                yield row, _joined(above, names)
            above = names


def _tidy(cell: str) -> str:
    """A cell with single spaces, and with its signs restored where they were read wrongly: Â£."""
    return " ".join((cell if cell.isascii() else without_markup(cell)).split())


def _has_several(names: Sequence[str]) -> bool:
    return len(list(filter(None, names))) > 1


def _joined(above: Sequence[str], below: Sequence[str]) -> tuple[str, ...]:
    """The cells of two rows, one below the other, as one row; of two equal ones it has one."""
    pairs = zip_longest(above, below, fillvalue="")
    return tuple(" ".join(dict.fromkeys(filter(None, pair))) for pair in pairs)


def _nested_layout(lines: Sequence[str], score: Callable[[Sequence[str]], int]) -> Layout | None:
    """The layout of a table that has each row in one pair of quotes; None where it is none."""
    for delimiter in _DELIMITERS:
        for row, line in enumerate(lines, 1):
            cells = _inside(line.strip().rstrip(delimiter), delimiter)
            if cells and score(cells):
                return Layout(tuple(" ".join(cell.split()) for cell in cells), delimiter, row, True)
    return None


def _inside(line: str, delimiter: str) -> list[str]:
    """The cells of a line that is in quotes as a whole; [] for another line."""
    if not (line.startswith('"') and line.endswith('"')):
        return []
    try:
        (whole,) = next(csv.reader([line], delimiter=delimiter))
        return next(csv.reader([whole], delimiter=delimiter), [])
    except (csv.Error, ValueError):
        return []


def _delimiters(lines: Sequence[str], *, by_score: bool) -> Sequence[str]:
    """The delimiters to try; the first that a line has, unless a score can tell."""
    if by_score:
        return _DELIMITERS
    bare = (_QUOTED.sub("", line) for line in lines)
    found = (d for line in bare for d in ("\t", ",", ";", "|") if d in line)
    return [next(found, ",")]
