"""A document as a row of passages: paragraphs, headings and rows of tables, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from matcher.sources.formats.json_files import text

LONGEST_LINE = 20_000
"""Characters of a line that are read as one; a longer line is read in pieces."""
_LONGEST_WORD = 100
_DIGITS = "0123456789"
_PAGE_NUMBER = re.compile(r"\W*(?:page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph, or one row of a table.

    `heading` is 0 for ordinary text, 1 for the widest heading, 9 for a line in bold that
    stands as one.  `cells` are those of a row, whose `text` is then all of them.
    """

    text: str
    heading: int = 0
    cells: tuple[str, ...] = ()

    @classmethod
    def row(cls, cells: Iterable[str]) -> Passage:
        """A row of a table."""
        tidy = tuple(text(cell) for cell in cells)
        return cls("\n".join(filter(None, tidy)), cells=tidy)


def of_lines(lines: Iterable[str]) -> Iterator[Passage]:
    """Plain lines as passages, without those of a contents page; tabs separate cells of a row."""
    for line in chain.from_iterable(map(_pieces, lines)):
        cells = [cell for cell in line.split("\t") if cell.strip()]
        if _is_contents_line(line):
            continue
        yield Passage.row(cells) if len(cells) > 1 else Passage(text(line))


def _pieces(line: str) -> Iterator[str]:
    """A line in pieces of at most LONGEST_LINE characters, cut at a space where there is one."""
    start = 0
    while len(line) - start > LONGEST_LINE:
        limit = start + LONGEST_LINE
        space = line.rfind(" ", limit - _LONGEST_WORD, limit)
        end = space if space > 0 else limit
        yield line[start:end]
        start = end
    yield line[start:]


def readable(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Those that say something: no contents page, no bare page number."""
    for one in passages:
        if one.cells or not (_is_contents_line(one.text) or _PAGE_NUMBER.fullmatch(one.text)):
            yield one


def _is_contents_line(line: str) -> bool:
    """Whether a line ends as in a contents page: leader dots or a tab, then a page number.

    Leader dots are `....`, `. . .` or `……`.  Works from the end of the line, in linear time.
    """
    tail = line.rstrip()
    entry = tail.rstrip(_DIGITS)
    if not 1 <= len(tail) - len(entry) <= 4:
        return False
    title = entry.rstrip()
    gap = entry[len(title) :]
    spaced = title.endswith(". . . .") or (title.endswith(". . .") and gap.startswith(" "))
    return spaced or "\t" in gap or title.endswith(("....", "……"))
