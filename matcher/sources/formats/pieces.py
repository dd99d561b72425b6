"""Divides a large file into pieces of whole rows, which can be read side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import IO, TypeAlias

import numpy as np

from matcher.sources.formats.encodings import HEAD, encoding_of
from matcher.sources.formats.text_files import TextFile, divided

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
