"""The passages of a Word document (.docx).

Read from the document's own XML, since much of a council's template stands where a plain
reading passes over it: content controls, accepted insertions, text boxes, and 'Lot 1' where
Word counts it out by itself.  Deleted text is left out, and nothing that the document links to
is fetched.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from matcher.core.errors import BadSource
from matcher.sources.documents.passages import Passage

LARGEST_UNPACKED = 100_000_000
"""Bytes that a document may unpack to, pictures included."""
LARGEST_PART = 20_000_000
"""Bytes that one part of its text may unpack to."""
MOST_PARTS = 5_000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOLD_LINE = 9
_LONGEST_BOLD = 150
_COUNTS_LOTS = re.compile(r"\W*lot\s*%1\W*", re.IGNORECASE)


def passages(content: bytes, name: str) -> Iterator[Passage]:
    """Each paragraph and row of the document `content`, which was called `name`.

    Raises BadSource where it is damaged, locked with a password, no Word document, or one
    that unpacks to more than the limits above.
    """
    _check(content, name)
    document = _opened(content, name)
    yield from _Reader(_levels(document), _Numbers.of(document)).blocks(document.element.body)


def _check(content: bytes, name: str) -> None:
    """Refuse, before anything is unpacked, what would unpack to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BadSource(f"{name}: is damaged or cut short; save it again as .docx") from error
    if "word/document.xml" not in {part.filename for part in parts}:
        raise BadSource(f"{name}: is not a Word document; save it as .docx, .pdf or .txt")
    whole = sum(part.file_size for part in parts)
    texts = [part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))]
    if len(parts) > MOST_PARTS or whole > LARGEST_UNPACKED or max(texts) > LARGEST_PART:
        raise BadSource(
            f"{name}: unpacks to {whole / 1e6:,.0f} MB in {len(parts):,} parts; a document may "
            f"unpack to {LARGEST_UNPACKED / 1e6:,.0f} MB, and its text to "
            f"{LARGEST_PART / 1e6:,.0f} MB. Paste the part that says what is wanted"
        )


def _opened(content: bytes, name: str) -> Any:  # noqa: ANN401 - python-docx tells no type here
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


def _levels(document: Any) -> dict[str, int]:  # noqa: ANN401
    """The heading level of each style that has one; 'Title' is 1."""
    found = {}
    for style in document.styles:
        word, _, number = str(style.name or "").lower().partition(" ")
        if word == "heading" and number.isdecimal():
            found[style.style_id] = int(number)
        elif word == "title":
            found[style.style_id] = 1
    return found


_WRAPPERS = frozenset(f"{_W}{each}" for each in ("sdt", "sdtContent", "ins", "customXml"))
_PASSED_OVER = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", _FALLBACK})
_BREAKS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}


def _said(element: Any) -> Iterator[str]:  # noqa: ANN401
    """The text under `element`, without what was deleted and without text boxes."""
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag not in _PASSED_OVER and child.tag != f"{_W}txbxContent":
            yield from _said(child)


def _cell(cell: Any) -> str:  # noqa: ANN401
    return "\n".join("".join(_said(paragraph)) for paragraph in cell.iter(f"{_W}p"))


def _style(paragraph: Any) -> str:  # noqa: ANN401
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return "" if style is None else str(style.get(f"{_W}val"))


def _is_bold(paragraph: Any) -> bool:  # noqa: ANN401
    """Whether every run that says something is in bold."""
    runs = [run for run in paragraph.iter(f"{_W}r") if "".join(_said(run)).strip()]
    return bool(runs) and all(_run_is_bold(run) for run in runs)


def _run_is_bold(run: Any) -> bool:  # noqa: ANN401
    bold = run.find(f"{_W}rPr/{_W}b")
    return bold is not None and bold.get(f"{_W}val") not in {"0", "false", "off"}


@dataclass
class _Numbers:
    """The lists of a document that count lots: by list and level, what they write before each."""

    forms: Mapping[tuple[str, str], str]
    of_style: Mapping[str, tuple[str, str]]
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, document: Any) -> Self:  # noqa: ANN401
        """Those that the parts of numbering and of styles define."""
        root = next(
            (rel.target_part.element for rel in document.part.rels.values()
             if rel.reltype.endswith("/numbering") and not rel.is_external),
            (),
        )  # fmt: skip
        forms = dict(_lot_forms(root))
        styles = document.styles.element.iter(f"{_W}style")
        of_style = {str(one.get(f"{_W}styleId")): at for one in styles if (at := _list_of(one))}
        return cls(forms, of_style)

    def before(self, paragraph: Any) -> str:  # noqa: ANN401
        """What Word writes before a paragraph, where that counts a lot."""
        at = _list_of(paragraph) or self.of_style.get(_style(paragraph))
        form = self.forms.get(at) if at else None
        if at is None or form is None:
            return ""
        self.counted[at] += 1
        return f"{form.replace('%1', str(self.counted[at]))} "


def _lot_forms(root: Any) -> Iterator[tuple[tuple[str, str], str]]:  # noqa: ANN401
    """((list, level), 'Lot %1:') of each level of each list that counts lots."""
    levels: dict[str, list[tuple[str, str]]] = {}
    for one in root:
        if one.tag == f"{_W}abstractNum":
            levels[str(one.get(f"{_W}abstractNumId"))] = [
                (str(level.get(f"{_W}ilvl")), str(text.get(f"{_W}val")))
                for level in one.iter(f"{_W}lvl")
                if (text := level.find(f"{_W}lvlText")) is not None
            ]
        elif one.tag == f"{_W}num" and (link := one.find(f"{_W}abstractNumId")) is not None:
            for level, form in levels.get(str(link.get(f"{_W}val")), ()):
                if _COUNTS_LOTS.fullmatch(form):
                    yield (str(one.get(f"{_W}numId")), level), form


def _list_of(holder: Any) -> tuple[str, str] | None:  # noqa: ANN401
    """The list and the level that a paragraph or a style is of."""
    number = holder.find(f"{_W}pPr/{_W}numPr/{_W}numId")
    if number is None:
        return None
    level = holder.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
    return str(number.get(f"{_W}val")), "0" if level is None else str(level.get(f"{_W}val"))


@dataclass(frozen=True)
class _Reader:
    """Reads paragraphs and rows in order."""

    levels: Mapping[str, int]
    numbers: _Numbers

    def blocks(self, parent: Any) -> Iterator[Passage]:  # noqa: ANN401
        """The paragraphs and rows under `parent`, through whatever wraps them."""
        for child in parent:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                for row in child.iter(f"{_W}tr"):
                    yield Passage.row(_cell(cell) for cell in row.iter(f"{_W}tc"))
            elif child.tag in _WRAPPERS:
                yield from self.blocks(child)

    def _paragraph(self, paragraph: Any) -> Iterator[Passage]:  # noqa: ANN401
        number = self.numbers.before(paragraph)
        said = "".join(_said(paragraph))
        lines = f"{number}{said}".split("\n") if said.strip() else []
        level = self.levels.get(_style(paragraph), 0)
        if not level and 0 < len(said) <= _LONGEST_BOLD and (number or _is_bold(paragraph)):
            level = _BOLD_LINE
        if level and lines:
            lines = [" ".join(f"{number}{said}".split())]
        yield from (Passage(line.strip(), level) for line in lines)
        for box in paragraph.iter(f"{_W}txbxContent"):
            if not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
                yield from self.blocks(box)
