"""Reads a text that is nothing but a table and has no column of lots.

People paste rows from a spreadsheet, with or without headings. Each row is a lot where it has a
place or an amount of its own, and no row is a year, an extension or a field of one contract. What
no heading says is left open: a figure without '£' is no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from matcher.geo.postcode_parsing import find_in_text
from matcher.sources.documents.lot_table import column_of, is_id
from matcher.sources.documents.lot_titles import AMOUNT
from matcher.sources.documents.passages import Passage

_FIGURE = re.compile(r"\d[\d,]{0,15}(?:\.\d\d)?")
_LARGE = 1000
_LONGEST_QUOTED = 60
_LETTERS = re.compile(r"[^\W\d_]{3}")
_TOTAL = re.compile(r"\W*(?:grand |sub-?)?totals?\b", re.IGNORECASE)
_NO_LOT = re.compile(
    r"\W{0,3}(?:(?:the )?(?:(?:first|second|third|fourth|fifth|final|last|base|core|initial"
    r"|optional?|additional|further) )?(?:contract |option )?"
    r"(?:years?|months?|quarters?|periods?|terms?|extensions?|options?)|(?:19|20)\d\d(?:[/-]\d{2,4})?"
    r"|(?:fy|m|q|y|yr) ?\d{1,4}|\d{1,2}(?:st|nd|rd|th)? (?:years?|months?)"
    r"|(?:set-?up|mobilisation)(?: costs?)?|contingency|inflation|vat)"
    r"(?=\W{0,3}\Z|\W{1,3}(?:\d|[a-z]\b|(?:one|two|three|four|five|from|of|to)\b))",
    re.IGNORECASE,
)
"""What a row begins with that is a part of the time or the price of one contract."""
_FIELD = re.compile(
    r"(?:(?:annual|approx\w*|closing|contract|delivery|end|estimated|expected|finish|issue|lead|main"
    r"|maximum|project|service|site|start|submission|tender|total|yearly) ){0,3}"
    r"(?:address|area|background|budget|buyer|category|code|contact|cost|cpv|dates?|deadline"
    r"|department|description|details|duration|end|length|location|name|notes?|officer|place"
    r"|postcode|price|procedure|quantity|reference|requirements?|scope|start|subject|summary"
    r"|timescale|title|type|value)(?: (?:code|date|details|number|of [a-z ]{3,30}))?\W{0,3}",
    re.IGNORECASE,
)
"""A cell that names a field of one contract: 'Start date', 'Contract title'."""
_FOR_EACH = re.compile(r"\b(?:each|per (?:head|item|piece|unit))\b", re.IGNORECASE)
_QUANTITY = re.compile(r"\b(?:each|qty|quantit\w*|rates?|units?)\b", re.IGNORECASE)
"""The heading of a column of goods with a price each, which are bought in one contract."""
_NOTE = "The text is a table without a column of lots. Each row was taken for a lot."
_LEFT = (
    "The text is a table without a column of lots. Its rows were not taken for lots, because "
    "{why}. If they are, put the heading “Lot” above a first column with their numbers."
)


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
        return list(passages), _LEFT.format(why=note) if note and not headings else ""
    titles = [at for at, heading in enumerate(headings) if not at or column_of(heading) == "title"]
    named = (cells[at] for cells in below for at in titles)
    if part := next(filter(_is_part, named), ""):
        return list(passages), _LEFT.format(why=f"“{_short(part)}” names no service")
    has_ids = column_of(headings[0]) == "id"
    ids = [cells[0] for cells in below] if has_ids else []
    if not all(map(is_id, ids)) or len(set(ids)) < len(below):
        ids = [str(number) for number in range(1, len(below) + 1)]
    rest = slice(1 if has_ids else 0, None)
    lots = ((id_, *cells[rest]) for id_, cells in zip(ids, below, strict=True))
    table = [("Lot", *headings[rest]), *lots]
    return list(map(Passage.row, table)), " ".join(filter(None, (_NOTE, note)))


def _is_part(cell: str) -> bool:
    """Whether the cell that names a row says that the row is a part of one contract."""
    return bool(_NO_LOT.match(cell) or _FIELD.fullmatch(cell))


def _short(cell: str) -> str:
    return " ".join(cell.split())[:_LONGEST_QUOTED]


def _headings(cells: Sequence[str]) -> Sequence[str]:
    """The cells of a row of headings that name a title, and a place or a value; else ()."""
    columns = set(map(column_of, cells))
    named = "title" in columns and columns & {"place", "value"}
    goods = any(map(_QUANTITY.search, cells))
    return cells if named and not goods and not any(map(_has_content, cells)) else ()


def _has_content(cell: str) -> bool:
    return bool(AMOUNT.search(cell) or _FIGURE.fullmatch(cell) or _is_place(cell))


def _likely_headings(rows: Sequence[Sequence[str]]) -> tuple[Sequence[str], str]:
    """Headings by what all cells of a column are, and what is open; none where rows are no lots."""
    columns = list(zip(*rows, strict=True))
    headings = [_likely(cells, at == 0) for at, cells in enumerate(columns)]
    if "Details" not in headings:
        return (), ""
    if "Value" in headings and any(map(_is_goods, columns[headings[0] == "Lot" :])):
        return (), "they may be goods with a price each"
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


def _is_goods(cells: Sequence[str]) -> bool:
    """Whether a column is quantities, or prices of one each."""
    are_small = all(_FIGURE.fullmatch(cell) and not _is_large(cell) for cell in cells)
    return are_small or any(AMOUNT.search(cell) and _FOR_EACH.search(cell) for cell in cells)


def _likely(cells: Sequence[str], is_first: bool) -> str:
    if is_first and list(cells) == [str(number) for number in range(1, len(cells) + 1)]:
        return "Lot"
    kinds: dict[str, Callable[[str], object]] = {
        "Place": _is_place,
        "Value": AMOUNT.search,
        "Details": _LETTERS.search,
    }
    return next((name for name, is_one in kinds.items() if all(map(is_one, cells))), "")


def _is_place(cell: str) -> bool:
    return len(cell) < 10 and bool(find_in_text(cell))


def _is_large(cell: str) -> bool:
    return bool(_FIGURE.fullmatch(cell)) and float(cell.replace(",", "")) >= _LARGE
