"""The passages of a Word document (.docx).

Read from the document's own XML, since much of a council's template stands where a plain
reading passes over it: content controls, accepted insertions, text boxes.  Deleted text is
left out, and nothing that the document links to is fetched.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from matcher.errors import BadSource
from matcher.sources.passages import Passage

LARGEST_UNPACKED = 100_000_000
"""Bytes that a document may unpack to, pictures included."""
LARGEST_PART = 20_000_000
"""Bytes that one part of its text may unpack to."""
MOST_PARTS = 5_000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOLD_LINE = 9
_LONGEST_BOLD = 150


def passages(content: bytes, name: str) -> Iterator[Passage]:
    """Each paragraph and row of the document `content`, which was called `name`.

    Raises BadSource where it is damaged, locked with a password, no Word document, or one
    that unpacks to more than the limits above.
    """
    _check(content, name)
    document = _opened(content, name)
    levels = _levels(document)
    yield from _blocks(document.element.body, levels)


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


def _blocks(parent: Any, levels: dict[str, int]) -> Iterator[Passage]:  # noqa: ANN401
    """The paragraphs and rows under `parent`, through whatever wraps them."""
    for child in parent:
        if child.tag == f"{_W}p":
            yield from _paragraph(child, levels)
        elif child.tag == f"{_W}tbl":
            for row in child.iter(f"{_W}tr"):
                yield Passage.row(_cell(cell) for cell in row.iter(f"{_W}tc"))
        elif child.tag in _WRAPPERS:
            yield from _blocks(child, levels)


_WRAPPERS = frozenset(f"{_W}{each}" for each in ("sdt", "sdtContent", "ins", "customXml"))
_PASSED_OVER = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", _FALLBACK})
_BREAKS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}


def _paragraph(paragraph: Any, levels: dict[str, int]) -> Iterator[Passage]:  # noqa: ANN401
    said = "".join(_said(paragraph))
    lines = said.split("\n") if said.strip() else []
    level = levels.get(_style(paragraph), 0)
    if not level and 0 < len(said) <= _LONGEST_BOLD and _is_bold(paragraph):
        level = _BOLD_LINE
    if level:
        lines = [" ".join(said.split())]
    yield from (Passage(line.strip(), level) for line in lines)
    for box in paragraph.iter(f"{_W}txbxContent"):
        if not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
            yield from _blocks(box, levels)


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
