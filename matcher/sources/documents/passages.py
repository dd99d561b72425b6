"""A document as passages: paragraphs, headings and table rows, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from matcher.sources.formats.json_values import text

LONGEST_LINE = 20_000
"""Most characters of a line; a longer line is split."""
_LONGEST_WORD = 100
_DIGITS = "0123456789"
_MOST_PAGES = 999
"""The highest number of a page in a contents page."""
_CELLS_OF_CONTENTS = 2
"""A title and a page; the contents pages of some documents have the number of a part before it."""
_OF_CONTENTS = re.compile(r"\b(?:contents|index|pages?)\W*$", re.IGNORECASE)
_MARK = re.compile(r"\||;(?=\S|$)")
_BETWEEN = re.compile(r"\||;(?=[^\s;])")
"""A bar, or a semicolon as spreadsheets write it, between two cells."""
_GAP = re.compile(r"(?<=[^\s.,:;!?]) {2,}(?=\S)")
"""A gap between two cells, and not after a sentence."""
_BROKEN_FROM = 50
"""The fewest characters of a line that may have been broken at a margin."""
_BEGINS = re.compile(r"\s*+(?!lots?\b)([^\W\d_]|£)", re.IGNORECASE)
_ENDS_WITHIN = re.compile(
    r"(?:,|\b(?:a|about|an|and|at|by|for|from|in|is|of|on|or|our|the|their|to|who|with|worth))\s*$",
    re.IGNORECASE,
)
"""How a line ends that cannot be a whole one."""
_ASKS_FOR_NUMBER = re.compile(
    r"\b(?:duration|extend|extension|length|period|term)\b.{0,40}"
    r"(?:\bin |\()(?:months|years)\b\)?:?\Z",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(r"\W*(?:page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)
A_YEAR = re.compile(
    r"(?:(?:budget|contract|cost|price|spend|value)(?: for| in)? )?(?:(?:year|yr) ?\d{1,2}"
    r"|20\d\d ?[/-] ?(?:20)?\d\d)(?: (?:budget|cost|price|spend|value))?"
    r"(?: ?[(][^()]{1,40}[)])?\W*",
    re.IGNORECASE,
)
"""The heading of a column with what one year costs."""
_TOTAL = re.compile(r"(?:grand )?totals?\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph or one table row.

    `heading` is 0 for ordinary text, 1 for the highest heading level, and 9 for a bold line that
    serves as a heading.  `cells` are those of a table row; its `text` joins them.
    """

    text: str
    heading: int = 0
    cells: tuple[str, ...] = ()

    @classmethod
    def row(cls, cells: Iterable[str]) -> Passage:
        """A table row."""
        tidy = tuple(text(cell) for cell in cells)
        return cls("\n".join(filter(None, tidy)), cells=tidy)


def of_lines(lines: Iterable[str]) -> Iterator[Passage]:
    """Plain lines as passages, without contents pages.

    Tabs separate the cells of a table row, and so do bars, semicolons and gaps in lines that follow
    one another.  A line that a PDF or an e-mail broke at its margin is put together again.
    """
    with_tabs = _with_tabs(list(_with_gaps_as_tabs(list(_unbroken(lines)))))
    pieces = list(_without_contents(list(chain.from_iterable(map(_split_long_line, with_tabs)))))
    tabs = [line.count("\t") for line in pieces]
    for at, line in enumerate(pieces):
        cells = _cells(line)
        if len(cells) < 2:
            yield Passage(text(line))
        else:
            yield Passage.row(line.split("\t") if _is_beside(tabs, at) else cells)


def _without_contents(lines: Sequence[str]) -> Iterator[str]:
    """The lines, without those of a contents page.

    The pages of such lines rise, so rows that end in other numbers are those of a table.  So are
    rows of three cells or more, unless the line above is about pages or contents.
    """
    above = ""
    for is_entry, group in groupby(lines, _is_contents_line):
        entries = list(group)
        ends = (line.rstrip().rpartition("\t")[2] for line in entries)
        pages = [int(end) for end in ends if end.isdecimal()]
        is_table = pages != sorted(pages) or max(pages, default=0) > _MOST_PAGES
        has_rows = any(len(_cells(line)) > _CELLS_OF_CONTENTS for line in entries)
        if not is_entry or is_table or (has_rows and not _OF_CONTENTS.search(above)):
            yield from entries
        above = next((line for line in reversed(entries) if line.strip()), above)


def _cells(line: str) -> Sequence[str]:
    return [cell for cell in line.split("\t") if cell.strip()]


def _with_tabs(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with tabs for the marks of a table: of lines in a row with as many of them."""
    marks = [len(_MARK.findall(line)) * bool(_BETWEEN.search(line)) for line in lines]
    for at, line in enumerate(lines):
        if not _is_beside(marks, at):
            yield line
        elif line.strip("|-:= \t"):
            bare = line.strip()
            bare = bare[1:].removesuffix("|") if bare.startswith("|") else bare
            yield _MARK.sub("\t", bare)


def _is_beside(counts: Sequence[int], at: int) -> bool:
    """Whether a line has as many of something as the line above or below it, and not none."""
    around = (*counts[max(0, at - 1) : at], *counts[at + 1 : at + 2])
    return counts[at] > 0 and counts[at] in around


def _with_gaps_as_tabs(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with tabs for the wide gaps of those that have as many throughout a paragraph."""
    for _, group in groupby(lines, lambda line: bool(line.strip())):
        paragraph = list(group)
        gaps = [len(_GAP.findall(line)) for line in paragraph]
        rows = [at for at, count in enumerate(gaps) if count]
        is_table = len(rows) > 1 and rows[-1] - rows[0] == len(rows) - 1
        is_table = is_table and len({gaps[at] for at in rows}) == 1 and gaps[rows[0]] > 1
        yield from (_GAP.sub("\t", line) if is_table else line for line in paragraph)


def _unbroken(lines: Iterable[str]) -> Iterator[str]:
    """The lines, with one that goes on in the next put together with it."""
    parts: list[str] = []
    for line in lines:
        if parts and not _goes_on(parts[-1], line):
            yield _joined(parts)
            parts = []
        parts.append(line)
    if parts:
        yield _joined(parts)


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else " ".join(part.strip() for part in parts)


def _goes_on(line: str, following: str) -> bool:
    """Whether a line goes on in the following one: a long one that ends within a sentence."""
    if len(line) < _BROKEN_FROM or any(mark in line + following for mark in "\t|"):
        return False
    begins = _BEGINS.match(following)
    if begins is None or line.rstrip().endswith((".", ":", ";", "!", "?")):
        return False
    return begins[1].islower() or _ENDS_WITHIN.search(line[-_LONGEST_WORD:]) is not None


def _split_long_line(line: str) -> Iterator[str]:
    """A line in pieces of at most LONGEST_LINE characters, split at a space if possible."""
    start = 0
    while len(line) - start > LONGEST_LINE:
        limit = start + LONGEST_LINE
        space = line.rfind(" ", limit - _LONGEST_WORD, limit)
        end = space if space > 0 else limit
        yield line[start:end]
        start = end
    yield line[start:]


def readable(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The passages without contents pages and page numbers.

    A number below a label that asks for one, such as 'Duration in months', is no page number.
    """
    above = ""
    for passage in passages:
        is_page = _PAGE_NUMBER.fullmatch(passage.text) and not _ASKS_FOR_NUMBER.search(above)
        if passage.cells or not (is_page or _is_contents_line(passage.text)):
            yield passage
        above = passage.text[-_LONGEST_WORD:]


def with_years(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The passages; in a table with a column for each year, an amount follows the year of it."""
    years: Sequence[str] = ()
    for passage in passages:
        label, *cells = passage.cells or ("",)
        if len(cells) > 1 and all(A_YEAR.fullmatch(one) or _TOTAL.fullmatch(one) for one in cells):
            years = cells
        elif len(cells) == len(years) and any("£" in cell for cell in cells):
            said = (f"{year}: {cell}" for year, cell in zip(years, cells, strict=True) if cell)
            yield replace(passage, text="\n".join(filter(None, (label, *said))))
            continue
        elif not cells:
            years = ()
        yield passage


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
    if title[-1:].isdecimal() and "\t" in gap:
        return False  # a row of numbers
    spaced = title.endswith(". . . .") or (title.endswith(". . .") and gap.startswith(" "))
    return spaced or "\t" in gap or title.endswith(("....", "……"))
