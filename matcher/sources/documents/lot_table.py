"""Reads tables that list one lot in each row: finds the columns, then the cells of each lot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from matcher.sources.documents.lot_lines import LOT
from matcher.sources.documents.passages import A_YEAR, Passage
from matcher.sources.formats.units import may_be_pounds, with_unit, without_unit

_IN_UNITS = r"\A(?:contract |no\.? of |number of )?(years|yrs|months|mths)\W*\Z"
"""A heading that names only what lengths are counted in."""
_COLUMNS = {
    "id": r"\A(?:(?:lot\s*)?(?:code|id|item|no\.?|number|ref\w*|#)|lots?)\W*\Z",
    "value": r"\b(?:amount|budget|cost|fee|funding|price|spend|sum|value)(?!\w)|£"
    r"|\Atotal(?:\W{1,3}\w{2,9}\.? vat)?\W*\Z",
    "term": rf"\b(?:duration|extensions?|length|period|term)\b|{_IN_UNITS}",
    "cpv": r"\bcpv\b",
    "place": r"\b(?:area|district|locality|location|neighbourhood|place|postcode|where|ward)s?\b",
    "description": r"\b(?:description|details?|scope|specification|summary|what)\b",
    "title": r"\b(?:title|name|service|category|requirement|route|specialism|subject|lot)s?\b",
}
_COLUMN_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _COLUMNS.items()}
_LOT_CELL = re.compile(
    rf"(?:{LOT})?(?P<id>\d{{1,3}}[a-z]?|[a-z])\b\s*+[:.)–—-]*+\s*+(?P<title>.*)",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCE = re.compile(
    r"(?!lots?\b|lot\d)(?P<id>[a-z]{1,4}[-./ ]?\d{1,4}[a-z]?)(?P<title>)", re.IGNORECASE
)
"""A cell of ids with a reference of the buyer's own, 'CS-04', and not 'Lot 4'."""
_LABEL_AND_FACT = 2
_LETTERS = re.compile(r"[^\W\d_]{3}")
_IN_A_HEADING = re.compile(
    r"\b[Yy](?:ea)?r ?\d\b"
    r"|\b20\d\d(?:[/-]\d\d(?:\d\d)?)?\b|\b\d{1,2}[ -](?:years?|months?|weeks?)\b"
)
"""A year or a length of time, which the heading of a column may have."""
_LOT_WORD = re.compile(rf"{LOT}(?:\d|[a-z]\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a table row for one lot; a header row has no id."""

    id: str = ""
    title: str = ""
    description: str = ""
    values: tuple[tuple[str, str], ...] = ()
    """(heading, cell) of each value column: one may be yearly, another for the whole contract"""
    cpv: str = ""
    place: str = ""
    term: str = ""
    """the cells about how long the contract runs, with their headings"""
    text: str = ""
    prose: str = ""
    """the text without the cells whose headings tell what they are"""


def upright(passages: Sequence[Passage]) -> list[Passage]:
    """The passages; a table that has its lots side by side has them below each other."""
    found: list[Passage] = []
    for width, group in groupby(passages, key=lambda one: len(one.cells)):
        rows = list(group)
        found += _turned(rows) if width > _LABEL_AND_FACT else rows
    return found


def _turned(rows: Sequence[Passage]) -> Sequence[Passage]:
    """The rows of a table with a column for each of its lots, below 'Lot 1', 'Lot 2', in turn.

    It says what each lot is, and not only how bids for it are marked.
    """
    lots = rows[0].cells[1:]
    labels = [row.cells[0] for row in rows[1:]]
    has_titles = all((found := _LOT_CELL.fullmatch(lot)) and found["title"] for lot in lots)
    says_what = has_titles or not {"title", "description"}.isdisjoint(map(column_of, labels))
    is_label = re.fullmatch(r"lots?\W*", rows[0].cells[0], re.IGNORECASE)
    if not says_what or not all(map(is_id if is_label else _LOT_WORD.match, lots)):
        return rows
    lots_first = zip(*(row.cells[1:] for row in rows), strict=True)
    return [Passage.row(("Lot", *labels)), *map(Passage.row, lots_first)]


def lot_rows(passages: Sequence[Passage]) -> Mapping[int, Row]:
    """The rows that list lots, and the header rows of their tables, by index of the passage."""
    return dict(_rows(passages))


def _rows(passages: Sequence[Passage]) -> Iterator[tuple[int, Row]]:
    columns: tuple[str, ...] = ()
    headings: Sequence[str] = ()
    own = ""
    for index, passage in enumerate(passages):
        if not passage.cells:
            columns, own = (), ""
        elif own and (field := _field(passage, own)):
            yield index, field
        elif header := _header_columns(passage.cells):
            columns, headings, own = header, passage.cells, ""
            yield index, Row()
        elif row := _row(passage, columns, headings):
            own = "" if columns else row.id
            yield index, row


def _field(passage: Passage, id_: str) -> Row | None:
    """A fact of one lot, in a table that has its facts below each other: 'Value', '£9,000'."""
    cells = [cell for cell in passage.cells if cell]
    name = column_of(cells[0]) if len(cells) == _LABEL_AND_FACT else ""
    if not name or _LOT_CELL.fullmatch(cells[0]) or _COLUMN_PATTERNS["id"].search(cells[0]):
        return None
    label, fact = cells
    said = f"{label}: {fact}"
    return Row(
        id_,
        title=_line(fact) if name == "title" else "",
        description=fact if name == "description" else "",
        values=((label, _amount(label, fact)),) if name == "value" else (),
        cpv=fact if name == "cpv" else "",
        place=fact if name == "place" else "",
        term=_length(label, fact) if name == "term" else "",
        text=said,
    )


def _header_columns(cells: Sequence[str]) -> tuple[str, ...]:
    """The field of each column, or () where a row is not the header of a table of lots."""
    columns = _with_title([column_of(cell) for cell in cells], cells)
    is_lots = any(re.match(r"lots?\b", cell, re.IGNORECASE) for cell in cells)
    has_numbers = any(re.search(r"\d", _IN_A_HEADING.sub("", without_unit(cell))) for cell in cells)
    recognised = [name for name in columns if name]
    return columns if is_lots and not has_numbers and len(recognised) > 1 else ()


def _with_title(columns: Sequence[str], headings: Sequence[str]) -> tuple[str, ...]:
    """The columns; where none has the titles, the one right after the ids: 'Depot', 'Item'.

    A column without a heading right after the ids has them, as below a heading for both.
    """
    is_open = list(columns[:2]) in (["id", ""], ["id", "id"])
    if not is_open or ("title" in columns and headings[1]):
        return tuple(columns)
    others = ["description" if name == "title" else name for name in columns[2:]]
    return ("id", "title", *others)


def column_of(cell: str) -> str:
    """The field that the heading of a column names, or ''."""
    heading = " ".join(cell.split())
    return next((name for name, pattern in _COLUMN_PATTERNS.items() if pattern.search(heading)), "")


def _row(passage: Passage, columns: tuple[str, ...], headings: Sequence[str]) -> Row | None:
    first = next(iter(passage.cells), "")
    is_reference = columns[:1] == ("id",) and _REFERENCE.fullmatch(first)
    if not columns and (id_ := _labelled_id(passage.cells)):
        return Row(id_)
    match = is_reference or _LOT_CELL.fullmatch(first)
    if match is None or not (columns[:1] in {("id",), ("title",)} or _LOT_WORD.match(first)):
        return None
    row = Row(match["id"], _line(match["title"]), text=passage.text, prose=passage.text)
    if not columns:
        others = list(filter(None, passage.cells[1:]))
        return replace(
            row,
            title=row.title or _line(others[0] if others else ""),
            description="\n".join(others if row.title else others[1:]),
        )
    cells = list(zip(columns[1:], headings[1:], passage.cells[1:], strict=False))
    of_year = {head for head in headings if A_YEAR.fullmatch(head)}
    values = [
        (head, _amount(head, cell))
        for name, head, cell in cells
        if name == "value" and head not in of_year
    ]
    years = [f"{head}: {cell}" for _, head, cell in cells if head in of_year and "£" in cell]
    row = replace(row, values=tuple(values or [("", "\n".join(years))]))
    by_column = {name: cell for name, _, cell in cells if cell}
    description = by_column.get("description", "")
    return replace(
        row,
        title=row.title or _title(by_column.get("title", ""), description),
        description=description,
        prose="\n".join(filter(None, (match["title"], by_column.get("title"), description))),
        cpv=by_column.get("cpv", ""),
        place=by_column.get("place", ""),
        term=". ".join(
            _length(head, cell) for name, head, cell in cells if name == "term" and cell
        ),
    )


def _length(heading: str, cell: str) -> str:
    """What a cell says of the length of the contract, with its heading."""
    unit = re.match(_IN_UNITS, heading, re.IGNORECASE)
    return f"Duration ({unit[1]}): {cell}" if unit else f"{heading}: {cell}"


def _labelled_id(cells: Sequence[str]) -> str:
    """The id in the first row of a table with the facts of one lot: 'Lot number', '1'; or ''."""
    label, *others = filter(None, cells) if any(cells) else ("",)
    is_label = label[:3].casefold() == "lot" and column_of(label) == "id"
    match = _LOT_CELL.fullmatch(others[0]) if is_label and len(others) == 1 else None
    return match["id"] if match and not match["title"] else ""


def _title(title: str, description: str) -> str:
    """The title of a row; one without a word, such as '001' or 'CS-04', only for want of others."""
    lines = [line for line in (_line(title), _line(description)) if line]
    telling = (line for line in lines if _LETTERS.search(line) and not _REFERENCE.fullmatch(line))
    return next(telling, next(iter(lines), ""))


def _amount(heading: str, cell: str) -> str:
    """A cell of amounts in the unit of its heading; '' for one that may be in pounds as well."""
    return "" if may_be_pounds(cell, heading) else with_unit(cell, heading)


def is_id(cell: str) -> bool:
    """Whether a cell is the id of a lot and nothing else: '1', 'Lot 2' or 'CS-04'."""
    match = _REFERENCE.fullmatch(cell) or _LOT_CELL.fullmatch(cell)
    return match is not None and not match["title"]


def joined(first: Row, second: Row) -> Row:
    """Two rows of one lot as one; amounts under the same heading are not those of the lot."""
    headings = {heading for heading, cell in first.values if cell}
    several = headings & {heading for heading, cell in second.values if cell}
    return replace(
        first,
        title=first.title or second.title,
        description=_both(first.description, second.description),
        values=() if several else (*first.values, *second.values),
        cpv=_both(first.cpv, second.cpv),
        place=first.place or second.place,
        term=first.term or second.term,
        text=_both(first.text, second.text),
        prose=_both(first.prose, second.prose),
    )


def _both(first: str, second: str) -> str:
    return "\n".join(dict.fromkeys(filter(None, (first, second))))


def _line(text: str) -> str:
    return text.partition("\n")[0].strip()
