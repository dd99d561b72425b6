"""Reads a few columns of a large CSV table in parts, several times faster than whole rows.

The rows and cells are those that `tables.csv_rows` reads.  A line in which every cell is quoted,
as Companies House writes them, is split by what stands between two cells; the csv module reads
all others.  It needs no library and little memory: on one core Arrow and Polars took
longer to read the same columns, and over 100 MB more (`docs/notes/2026-11-28-builds.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from io import BytesIO
from itertools import chain, zip_longest
from operator import itemgetter
from typing import IO, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints
from matcher.sources.formats.encodings import HEAD, encoding_of
from matcher.sources.formats.layouts import Layout
from matcher.sources.formats.tables import FIELD_LIMIT, WRONG_NUMBER, QuotedRows
from matcher.sources.formats.text_files import TextFile, decode, divided

_ROWS_AT_ONCE = 5000
"""Rows of a file that is not divided into pieces which are read before they are passed on."""
Cells: TypeAlias = tuple[str, ...]
Find: TypeAlias = Callable[[npt.NDArray[np.uint64]], Ints]
"""The number by which each of some lines is known, by their digests; -1 where one is not."""


class Picked(NamedTuple):
    """A row of which the cells were picked."""

    number: int
    """from 0 in its part, the header included"""
    cells: Cells
    """stripped, in the columns that were asked for; '' in one that is lost"""
    digest: int = 0
    """of its line and of the layout; 0 where the row is not a line with each cell quoted"""


@dataclass(slots=True)
class PickedRows:
    """The rows of a part of a table."""

    known: list[int] = field(default_factory=list)
    """the number by which each row is known, in order; -1 for the next of `read`"""
    read: list[Picked] = field(default_factory=list)
    dropped: list[tuple[str, int]] = field(default_factory=list)
    """why rows were set aside, and their numbers"""
    size: int = 0
    """how many rows there are, with the header, blank ones and those that are set aside"""


class TablePart(Protocol):
    """A part of a table; it can be pickled."""

    def rows(self, find: Find) -> PickedRows:
        """Its rows.  The cells of lines that `find` knows are not read."""
        ...


def table_parts(file: TextFile, names: Sequence[str], found: Layout) -> Iterator[TablePart]:
    """The rows below the header of a table, a part at a time, in order.

    The cells are those in the columns `names`; of two with one name the first value counts.
    Raises BadSource where the file is damaged.
    """
    table = _Table(found, tuple(names))
    header = found.row
    for piece in pieces(file, table.is_row):
        if isinstance(piece, Piece):
            yield _LinesPart(table, piece, header)
        else:
            yield from _parts_read(table, piece, header)
        header = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    layout: Layout
    names: tuple[str, ...]

    def cells_of(self, line: str) -> list[str] | None:
        """The cells of a line of which each is quoted; None for another line."""
        width = len(self.layout.columns)
        if line.count('"') != 2 * width or len(line) >= FIELD_LIMIT:
            return None
        end = line.rstrip("\r\n")
        if end[:1] != '"' or end[-1:] != '"' or len(end) < 2:
            return None
        cells = end[1:-1].split(f'"{self.layout.delimiter}"')
        return cells if len(cells) == width else None

    def is_row(self, line: bytes) -> bool:
        """Whether a line is a row, whatever stands before it.

        Where a quote is open, its first quote would close it, and no letter may follow: then
        `QuotedRows` sets the line with the open quote aside, and reads this one.
        """
        cells = None if b"\r" in line[:-2] else self.cells_of(decode(line))
        return cells is not None and len(cells) > 1 and cells[0][:1].isalnum()

    def columns(self) -> list[list[int]]:
        """Where the cells of each name are."""
        every = self.layout.columns
        return [[at for at, name in enumerate(every) if name == one] for one in self.names]

    def digests(self, lines: Sequence[bytes]) -> npt.NDArray[np.uint64]:
        """A digest of each line and of what gives its cells their meaning."""
        said = repr((self.layout.columns, self.layout.delimiter, self.names))
        layout = blake2b(said.encode(), digest_size=blake2b.PERSON_SIZE).digest()
        every = [blake2b(line, digest_size=8, person=layout).digest() for line in lines]
        return np.frombuffer(b"".join(every), "<u8").astype(np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class _LinesPart:
    """A piece of a file, of which no row was read."""

    table: _Table
    piece: Piece
    header: int
    """how many rows there are up to the header of the table, with which the piece begins"""

    def rows(self, find: Find) -> PickedRows:
        lines = self.piece.lines()
        last = len(lines) - bool(self.piece.after)
        digests = self.table.digests(lines)
        known, cursor = find(digests).tolist(), _Cursor(lines)
        reader = _Reader(self.table, cursor, self.header)
        while (at := cursor.at - reader.quoted.waiting) < last:
            if known[at] < 0:
                reader.read(digests[at])
            elif reader.quoted.waiting:
                reader.quoted.line()
                reader.add_known(known[at : at + 1])
            else:
                cursor.at = next((n for n in range(at, last) if known[n] < 0), last)
                reader.add_known(known[at : cursor.at])
        return reader.found


@dataclass(frozen=True, slots=True, eq=False)
class _ReadPart:
    """Rows that were read while the file was divided."""

    found: PickedRows

    def rows(self, find: Find) -> PickedRows:
        return self.found


def _parts_read(table: _Table, lines: Iterator[str], header: int) -> Iterator[TablePart]:
    reader = _Reader(table, lines, header)
    while reader.read():
        if reader.found.size >= _ROWS_AT_ONCE:
            yield _ReadPart(reader.found)
            reader.found = PickedRows()
    yield _ReadPart(reader.found)


@dataclass(slots=True)
class _Cursor:
    """Lines as texts, of which some may be left out."""

    lines: Sequence[bytes]
    at: int = 0

    def __iter__(self) -> _Cursor:
        return self

    def __next__(self) -> str:
        if self.at == len(self.lines):
            raise StopIteration
        self.at += 1
        return decode(self.lines[self.at - 1])


class _Reader:
    """Reads rows from lines, one by one, below so many of a header."""

    def __init__(self, table: _Table, lines: Iterator[str], header: int) -> None:
        self._table = table
        self._width = len(table.layout.columns)
        columns = table.columns()
        self._pick = itemgetter(*[at[0] if at else self._width for at in columns], self._width)
        self._twice = {n: at for n, at in enumerate(columns) if len(at) > 1}
        self.quoted = QuotedRows(lines, table.layout.delimiter, self._width)
        self.found = PickedRows(size=header)
        for _ in range(header):
            self.quoted.next()

    def add_known(self, numbers: Sequence[int]) -> None:
        """Add lines that are known."""
        self.found.known += numbers
        self.found.size += len(numbers)

    def read(self, digest: int = 0) -> bool:
        """Read the next row, from a line with this digest.  Returns False where there is none."""
        found, width = self.found, self._width
        line = self.quoted.line()
        if line is None:
            return False
        number, cells = found.size, self._table.cells_of(line)
        found.size += 1
        if cells is None:
            digest = 0
            self.quoted.put_back(line)
            cells = self.quoted.next()
            if self.quoted.reason:
                found.dropped.append((self.quoted.reason, number))
                return True
        if not any(map(str.strip, cells)):
            return True
        if any(map(str.strip, cells[width:])):
            found.dropped.append((WRONG_NUMBER, number))
            return True
        found.known.append(-1)
        found.read.append(Picked(number, self._picked(_padded(cells, width)), int(digest)))
        return True

    def _picked(self, cells: list[str]) -> Cells:
        cells.append("")  # of a column that is lost
        picked = list(map(str.strip, self._pick(cells)))[:-1]
        for n, at in self._twice.items():
            picked[n] = next(filter(None, (cells[column].strip() for column in at)), "")
        return tuple(picked)


def _padded(cells: list[str], width: int) -> list[str]:
    if len(cells) == width:
        return cells
    return [cell for cell, _ in zip_longest(cells[:width], range(width), fillvalue="")]


_BYTES = 8_000_000
"""Bytes of a piece, at least: a Dask cluster warns of tasks of over 10 MB."""
_LINES_LOOKED_AT = 2000
"""Lines of which one must be a row by itself, or the rest of the file is not divided."""
IsRow: TypeAlias = Callable[[bytes], bool]
"""Whether a line, wherever it stands, is a row by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Whole lines of a file, the first of which begins a row; the other lines may not."""

    content: bytes
    after: bytes
    """the line after them, which is a row by itself; b"" at the end of the file"""

    def lines(self) -> list[bytes]:
        """The lines with their ends, as `TextFile.lines` divides them; `after` is the last."""
        lines = BytesIO(self.content).readlines()
        if _has_other_ends(self.content):
            lines = [text.encode() for line in lines for text in divided(line)]
        return [*lines, self.after] if self.after else lines


def _has_other_ends(content: bytes) -> bool:
    """Whether a line ends as those of an old Mac did; to count them would take longer."""
    signs = np.frombuffer(content + b"\n", np.uint8)
    return bool((signs[np.flatnonzero(signs == ord("\r")) + 1] != ord("\n")).any())


def pieces(file: TextFile, is_row: IsRow) -> Iterator[Piece | Iterator[str]]:
    """The file in pieces, in order; last the lines of what cannot be divided, if there are any.

    That is the whole file where its text is UTF-16 or has the line ends of an old Mac, and else
    what follows the last line that is a row by itself.  Raises BadSource as `TextFile.lines` does.
    """
    with file.opened() as stream:
        first = file.next_line(stream)
        if encoding_of(first[:HEAD]) != "utf-8-sig" or b"\r" in first.rstrip(b"\r\n"):
            yield file.lines()
            return
        start: bytes | None = first
        while start:
            content = start + stream.read(_BYTES)
            if not content.endswith(b"\n"):
                content += file.next_line(stream)
            between, start = _up_to_row(file, stream, is_row)
            if start is None:
                rest = chain(BytesIO(content), between, iter(lambda: file.next_line(stream), b""))
                yield (text for line in rest for text in divided(line))
                return
            yield Piece(b"".join((content, *between)), start)


def _up_to_row(
    file: TextFile, stream: IO[bytes], is_row: IsRow
) -> tuple[list[bytes], bytes | None]:
    """The lines before the next that is a row by itself, and that line.

    It is b"" at the end of the file, and None where too many lines are no such row.
    """
    between: list[bytes] = []
    while len(between) < _LINES_LOOKED_AT:
        line = file.next_line(stream)
        if not line or is_row(line):
            return between, line
        between.append(line)
    return between, None
