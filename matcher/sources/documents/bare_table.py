"""Reads a text that is nothing but a table and has no column of lots.

People paste rows from a spreadsheet, with or without headings. Each row is a lot where it has a
place or an amount of its own. What no heading says is left open: a figure without '£' is no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from matcher.geo.postcode_parsing import find_in_text
from matcher.sources.documents.lot_table import column_of
from matcher.sources.documents.passages import Passage

_AMOUNT = re.compile(r"£ ?\d|\d ?(?:pounds|GBP)\b|\bGBP ?\d", re.IGNORECASE)
_FIGURE = re.compile(r"\d[\d,]{0,15}(?:\.\d\d)?")
_LARGE = 1000
_LETTERS = re.compile(r"[^\W\d_]{3}")
_TOTAL = re.compile(r"\W*(?:grand |sub-?)?totals?\b", re.IGNORECASE)
_QUANTITY = re.compile(r"\b(?:each|qty|quantit\w*|rates?|units?)\b", re.IGNORECASE)
"""The heading of a column of goods with a price each, which are bought in one contract."""
_NOTE = "The text is a table without a column of lots. Each row was taken for a lot."


def with_lots(passages: Sequence[Passage]) -> tuple[list[Passage], str]:
    """The rows of such a table with their lots in the first column, and what to check.

    They stay as they are, and the note is '', where the passages are something else.
    """
    rows = [one.cells for one in passages if not _TOTAL.match(one.text)]
    width = len(rows[0]) if rows else 0
    if width < 2 or any(len(cells) != width for cells in rows):
        return list(passages), ""
    headings, note = _headings(rows[0]), ""
    below = rows[1:] if headings else rows
    if not headings:
        headings, note = _likely_headings(rows)
    if not headings or len(below) < 2:
        return list(passages), ""
    first = 1 if column_of(headings[0]) == "id" else 0
    lots = ((str(number), *cells[first:]) for number, cells in enumerate(below, 1))
    table = [("Lot", *headings[first:]), *lots]
    return list(map(Passage.row, table)), " ".join(filter(None, (_NOTE, note)))


def _headings(cells: Sequence[str]) -> Sequence[str]:
    """The cells of a row of headings that name a title, and a place or a value; else ()."""
    columns = set(map(column_of, cells))
    named = "title" in columns and columns & {"place", "value"}
    goods = any(map(_QUANTITY.search, cells))
    return cells if named and not goods and not any(map(_has_content, cells)) else ()


def _has_content(cell: str) -> bool:
    return bool(_AMOUNT.search(cell) or _FIGURE.fullmatch(cell) or _is_place(cell))


def _likely_headings(rows: Sequence[Sequence[str]]) -> tuple[Sequence[str], str]:
    """Headings by what all cells of a column are, and what is open; none where rows are no lots."""
    columns = list(zip(*rows, strict=True))
    headings = [_likely(cells, at == 0) for at, cells in enumerate(columns)]
    if "Details" not in headings:
        return (), ""
    headings[headings.index("Details")] = "Title"
    figures = [cells[0] for cells in columns if all(map(_is_large, cells))]
    if not (figures or {"Place", "Value"} & set(headings)):
        return (), ""
    return headings, (
        f"Figures such as {figures[0]} were not taken for values, because no heading says what "
        "they are. Put a row of headings above them, such as “Lot”, “Title” and “Value”."
        if figures
        else ""
    )


def _likely(cells: Sequence[str], is_first: bool) -> str:
    if is_first and list(cells) == [str(number) for number in range(1, len(cells) + 1)]:
        return "Lot"
    kinds: dict[str, Callable[[str], object]] = {
        "Place": _is_place,
        "Value": _AMOUNT.search,
        "Details": _LETTERS.search,
    }
    return next((name for name, is_one in kinds.items() if all(map(is_one, cells))), "")


def _is_place(cell: str) -> bool:
    return len(cell) < 10 and bool(find_in_text(cell))


def _is_large(cell: str) -> bool:
    return bool(_FIGURE.fullmatch(cell)) and float(cell.replace(",", "")) >= _LARGE
