"""Reads the passages of a Word document (.docx).

It reads the document's XML, because councils' templates hold text that python-docx skips:
content controls, accepted insertions, text boxes, and a 'Lot 1' that Word numbers automatically.
Deleted text is left out, and no link in the document is followed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from matcher.core.errors import BadSource
from matcher.core.formatting import series
from matcher.sources.documents.lot_table import column_of
from matcher.sources.documents.lot_titles import AMOUNT
from matcher.sources.documents.passages import Passage

LARGEST_UNPACKED = 100_000_000
"""Most bytes that a document may unpack to, pictures included."""
LARGEST_PART = 20_000_000
"""Most bytes that one text part may unpack to."""
MOST_PARTS = 5_000
_MOST_COLUMNS = 63
"""Columns that a table in Word can have."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOLD_LINE = 9
_LONGEST_BOLD = 150
_DIGIT = re.compile(r"\d")
_SENTENCE_END = re.compile(r"(?<=[.;!?])\s|\n")
_LOTS = re.compile(r"\s{0,9}lots?\b", re.IGNORECASE)
_LOT_NUMBERING = re.compile(r"\W*lot\s*%1\W*", re.IGNORECASE)


def passages(content: bytes, name: str) -> Iterator[Passage]:
    """Each paragraph and table row of the document `content`, a file called `name`.

    Raises BadSource where the document is damaged, locked with a password, not a Word document,
    or unpacks to more than the limits above.
    """
    _check(content, name)
    document = _open(content, name)
    yield from _Reader(_heading_levels(document), _LotNumbering.of(document)).blocks(
        document.element.body
    )


def _check(content: bytes, name: str) -> None:
    """Refuse a document that would unpack to too much, before it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BadSource(f"{name}: is damaged or truncated; save it again as .docx") from error
    if "word/document.xml" not in {part.filename for part in parts}:
        raise BadSource(f"{name}: is not a Word document; save it as .docx, .pdf or .txt")
    total = sum(part.file_size for part in parts)
    text_sizes = [part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))]
    if len(parts) > MOST_PARTS or total > LARGEST_UNPACKED or max(text_sizes) > LARGEST_PART:
        raise BadSource(
            f"{name}: unpacks to {total / 1e6:,.0f} MB in {len(parts):,} parts; a document may "
            f"unpack to {LARGEST_UNPACKED / 1e6:,.0f} MB, and its text to "
            f"{LARGEST_PART / 1e6:,.0f} MB. Paste the part that describes what you want to buy"
        )


def _open(content: bytes, name: str) -> Any:  # noqa: ANN401 - python-docx has no type for it
    import docx
    from lxml.etree import XMLSyntaxError

    try:
        return docx.Document(io.BytesIO(content))
    except (
        zipfile.BadZipFile,
        zlib.error,
        XMLSyntaxError,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise BadSource(
            f"{name}: cannot be read as a Word document; save it again as .docx, without macros "
            "and without a password"
        ) from error


def _heading_levels(document: Any) -> dict[str, int]:  # noqa: ANN401
    """The heading level of each style that has one; 'Title' is 1."""
    levels = {}
    for style in document.styles:
        word, _, number = str(style.name or "").lower().partition(" ")
        if word == "heading" and number.isdecimal():
            levels[style.style_id] = int(number)
        elif word == "title":
            levels[style.style_id] = 1
    return levels


_WRAPPERS = frozenset(f"{_W}{tag}" for tag in ("sdt", "sdtContent", "ins", "customXml"))
_SKIPPED = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", _FALLBACK})
_BREAKS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}


def _text(element: Any) -> Iterator[str]:  # noqa: ANN401
    """The text inside `element`, without deleted text and without text boxes."""
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag not in _SKIPPED and child.tag != f"{_W}txbxContent":
            yield from _text(child)


def _cell_text(cell: Any) -> str:  # noqa: ANN401
    return "\n".join("".join(_text(paragraph)) for paragraph in cell.iter(f"{_W}p"))


def _table(table: Any) -> Iterator[Passage]:  # noqa: ANN401
    """Each row of a table, and below them what its cells over several rows say of money.

    A cell over several rows is in each of them, but what it says of money is not that of one row.
    """
    rows = [list(_cells(row)) for row in table.iter(f"{_W}tr")]
    texts = [[text for text, _ in row] for row in rows]
    money: list[str] = []
    for first, row in enumerate(rows):
        for at, (text, goes_on) in enumerate(row):
            last = first if goes_on else _last_row(rows, first, at)
            if last == first:
                continue
            heading = texts[0][at] if first and at < len(texts[0]) else ""
            is_money = bool(_DIGIT.search(text)) and _is_of_money(text, heading)
            words = (_without_money(text) if AMOUNT.search(text) else "") if is_money else text
            for below in range(first, last + 1):
                texts[below][at] = words
            ids = _ids(texts, first, last) if is_money else []
            if is_money and len(ids) == 1:
                texts[first][at] = text
            elif is_money:
                lots = "All lots" if (first, last) == (1, len(rows) - 1) else f"Lots {series(ids)}"
                parts = (lots if ids else "", " ".join(heading.split()), " ".join(text.split()))
                money.append(": ".join(filter(None, parts)))
    yield from map(Passage.row, texts)
    yield from map(Passage, money)


def _last_row(rows: Sequence[Sequence[tuple[str, bool]]], first: int, at: int) -> int:
    """The last row into which a cell goes on."""
    last = first
    while last + 1 < len(rows) and at < len(rows[last + 1]) and rows[last + 1][at][1]:
        last += 1
    return last


def _is_of_money(text: str, heading: str) -> bool:
    return bool(AMOUNT.search(text) or column_of(heading) == "value")


def _without_money(text: str) -> str:
    said = (part for part in _SENTENCE_END.split(text) if not AMOUNT.search(part))
    return " ".join(said)


def _ids(texts: Sequence[Sequence[str]], first: int, last: int) -> list[str]:
    """What the first column has in these rows, without repetitions; [] in a table of no lots."""
    if not texts[0] or not _LOTS.match(texts[0][0]):
        return []
    ids = (_LOTS.sub("", row[0]).strip() for row in texts[first : last + 1] if row)
    return list(filter(None, dict.fromkeys(ids)))


def _cells(row: Any) -> Iterator[tuple[str, bool]]:  # noqa: ANN401
    """The text of each column of a row, and whether its cell goes on from the row above.

    A cell over several columns is that of the first.
    """
    for cell in row.iter(f"{_W}tc"):
        merged = cell.find(f"{_W}tcPr/{_W}vMerge")
        yield _cell_text(cell), merged is not None and merged.get(f"{_W}val") != "restart"
        span = cell.find(f"{_W}tcPr/{_W}gridSpan")
        columns = "1" if span is None else str(span.get(f"{_W}val"))
        more = min(int(columns), _MOST_COLUMNS) - 1 if columns.isdecimal() else 0
        yield from [("", False)] * more


def _style(paragraph: Any) -> str:  # noqa: ANN401
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return "" if style is None else str(style.get(f"{_W}val"))


def _is_bold(paragraph: Any) -> bool:  # noqa: ANN401
    """Whether every run that has text is bold."""
    runs = [run for run in paragraph.iter(f"{_W}r") if "".join(_text(run)).strip()]
    return bool(runs) and all(_run_is_bold(run) for run in runs)


def _run_is_bold(run: Any) -> bool:  # noqa: ANN401
    bold = run.find(f"{_W}rPr/{_W}b")
    return bold is not None and bold.get(f"{_W}val") not in {"0", "false", "off"}


@dataclass
class _LotNumbering:
    """Numbers the lots of lists that Word numbers automatically.

    `formats` are the numbering formats ('Lot %1:') by list and level, `style_lists` the list and
    level of a paragraph style, `counts` how many lots of a list were seen.
    """

    formats: Mapping[tuple[str, str], str]
    style_lists: Mapping[str, tuple[str, str]]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, document: Any) -> Self:  # noqa: ANN401
        """Read the numbering and the styles of a document."""
        root = next(
            (rel.target_part.element for rel in document.part.rels.values()
             if rel.reltype.endswith("/numbering") and not rel.is_external),
            (),
        )  # fmt: skip
        formats = dict(_lot_formats(root))
        styles = document.styles.element.iter(f"{_W}style")
        style_lists = {
            str(style.get(f"{_W}styleId")): level
            for style in styles
            if (level := _list_level(style))
        }
        return cls(formats, style_lists)

    def before(self, paragraph: Any) -> str:  # noqa: ANN401
        """The number that Word shows before a lot's paragraph, such as 'Lot 1: ', or ''."""
        at = _list_level(paragraph) or self.style_lists.get(_style(paragraph))
        format_ = self.formats.get(at) if at else None
        if at is None or format_ is None:
            return ""
        self.counts[at] += 1
        return f"{format_.replace('%1', str(self.counts[at]))} "


def _lot_formats(root: Any) -> Iterator[tuple[tuple[str, str], str]]:  # noqa: ANN401
    """((list, level), 'Lot %1:') of each list level that numbers lots."""
    levels: dict[str, list[tuple[str, str]]] = {}
    for element in root:
        if element.tag == f"{_W}abstractNum":
            levels[str(element.get(f"{_W}abstractNumId"))] = [
                (str(level.get(f"{_W}ilvl")), str(text.get(f"{_W}val")))
                for level in element.iter(f"{_W}lvl")
                if (text := level.find(f"{_W}lvlText")) is not None
            ]
        elif element.tag == f"{_W}num" and (link := element.find(f"{_W}abstractNumId")) is not None:
            for level, format_ in levels.get(str(link.get(f"{_W}val")), ()):
                if _LOT_NUMBERING.fullmatch(format_):
                    yield (str(element.get(f"{_W}numId")), level), format_


def _list_level(holder: Any) -> tuple[str, str] | None:  # noqa: ANN401
    """The list and level of a paragraph or style, or None where it is not in a list."""
    number = holder.find(f"{_W}pPr/{_W}numPr/{_W}numId")
    if number is None:
        return None
    level = holder.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
    return str(number.get(f"{_W}val")), "0" if level is None else str(level.get(f"{_W}val"))


@dataclass(frozen=True)
class _Reader:
    """Reads paragraphs and table rows in document order."""

    levels: Mapping[str, int]
    numbers: _LotNumbering

    def blocks(self, parent: Any) -> Iterator[Passage]:  # noqa: ANN401
        """The paragraphs and table rows inside `parent`, including those in wrapper elements."""
        for child in parent:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from _table(child)
            elif child.tag in _WRAPPERS:
                yield from self.blocks(child)

    def _paragraph(self, paragraph: Any) -> Iterator[Passage]:  # noqa: ANN401
        number = self.numbers.before(paragraph)
        text = "".join(_text(paragraph))
        lines = f"{number}{text}".split("\n") if text.strip() else []
        level = self.levels.get(_style(paragraph), 0)
        if not level and 0 < len(text) <= _LONGEST_BOLD and (number or _is_bold(paragraph)):
            level = _BOLD_LINE
        if level and lines:
            lines = [" ".join(f"{number}{text}".split())]
        yield from (Passage(line.strip(), level) for line in lines)
        for box in paragraph.iter(f"{_W}txbxContent"):
            if not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
                yield from self.blocks(box)
