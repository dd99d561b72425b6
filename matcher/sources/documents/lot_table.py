"""Tables that list lots, one a row: which column is what, and what each row says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from matcher.sources.documents.passages import Passage

_COLUMNS = {
    "id": r"\A(?:lot(?:\s*(?:no\.?|number|ref\w*|id))?|no\.?)\Z",
    "value": r"\b(?:value|budget|cost|price)(?!\w)|£",
    "cpv": r"\bcpv\b",
    "place": r"\b(?:area|district|location|place|postcode|where|ward)s?\b",
    "description": r"\b(?:description|details?|scope|specification|summary|what)\b",
    "title": r"\b(?:title|name|service|category|requirement|subject|lot)s?\b",
}
_AS_COLUMN = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _COLUMNS.items()}
_LOT_CELL = re.compile(
    r"(?:lot\s*+(?:no\b\.?\s*+)?)?(?P<id>\d{1,3}[a-z]?|[a-z])\b\s*+[:.)–—-]*+\s*+(?P<title>.*)",
    re.IGNORECASE | re.DOTALL,
)
_YEAR = re.compile(r"\b20\d\d(?:[/-]\d\d(?:\d\d)?)?\b")
_LOT_WORD = re.compile(r"lot\s*+(?:no\b\.?\s*+)?(?:\d|[a-z]\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """What one row of a table says of a lot; no id where it only heads the others."""

    id: str = ""
    title: str = ""
    description: str = ""
    values: tuple[tuple[str, str], ...] = ()
    """(heading, cell) of each column of values: one may be for a year, another for all"""
    cpv: str = ""
    place: str = ""
    said: str = ""


def rows_of(read: Sequence[Passage]) -> Mapping[int, Row]:
    """The rows that list lots, by their place among the passages; heads of such tables too."""
    return dict(_rows(read))


def _rows(read: Sequence[Passage]) -> Iterator[tuple[int, Row]]:
    columns: tuple[str, ...] = ()
    headings: Sequence[str] = ()
    for at, one in enumerate(read):
        if not one.cells:
            columns = ()
            continue
        if heads := _heads(one.cells):
            columns, headings = heads, one.cells
            yield at, Row()
        elif row := _row(one, columns, headings):
            yield at, row


def _heads(cells: Sequence[str]) -> tuple[str, ...]:
    """The columns that a row heads, () where it is no heading of a table of lots."""
    named = tuple(_column(cell) for cell in cells)
    is_lots = any(re.match(r"lots?\b", cell, re.IGNORECASE) for cell in cells)
    counted = any(re.search(r"\d", _YEAR.sub("", cell)) for cell in cells)
    known = [name for name in named if name]
    return named if is_lots and not counted and len(known) > 1 else ()


def _column(cell: str) -> str:
    head = " ".join(cell.split())
    return next((name for name, like in _AS_COLUMN.items() if like.search(head)), "")


def _row(one: Passage, columns: tuple[str, ...], headings: Sequence[str]) -> Row | None:
    first = next(iter(one.cells), "")
    match = _LOT_CELL.fullmatch(first)
    if match is None or not (columns[:1] in {("id",), ("title",)} or _LOT_WORD.match(first)):
        return None
    row = Row(id=match["id"], title=_line(match["title"]), said=one.text)
    if not columns:
        beside = list(filter(None, one.cells[1:]))
        return replace(
            row,
            title=row.title or _line(beside[0] if beside else ""),
            description="\n".join(beside if row.title else beside[1:]),
        )
    cells = list(zip(columns[1:], headings[1:], one.cells[1:], strict=False))
    row = replace(row, values=tuple((head, cell) for name, head, cell in cells if name == "value"))
    told = {name: cell for name, _, cell in cells if name not in ("", "id", "value") and cell}
    told["title"] = row.title or _line(told.get("title", "")) or _line(told.get("description", ""))
    return replace(
        row,
        title=told["title"],
        description=told.get("description", ""),
        cpv=told.get("cpv", ""),
        place=told.get("place", ""),
    )


def _line(text: str) -> str:
    return text.partition("\n")[0].strip()
