"""A document as a row of passages: paragraphs, headings and rows of tables, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matcher.sources.formats.json_files import text

_LEADER = re.compile(r"\s*(?:\.{4,}|(?:\. ){3,}\.?|…{2,}|\t)\s*\d{1,4}\s*$")
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
    """Plain lines as passages, without those of a contents page; tabs part the cells of a row."""
    for line in lines:
        cells = [cell for cell in line.split("\t") if cell.strip()]
        if _LEADER.search(line):
            continue
        yield Passage.row(cells) if len(cells) > 1 else Passage(text(line))


def readable(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Those that say something: no contents page, no bare page number."""
    for one in passages:
        if one.cells or not (_LEADER.search(one.text) or _PAGE_NUMBER.fullmatch(one.text)):
            yield one
