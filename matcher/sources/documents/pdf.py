"""Reads the passages of a PDF that contains text.

pdfium is not thread-safe, so a lock lets one document be read at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from threading import Lock

from matcher.core.errors import BadSource
from matcher.sources.documents.passages import Passage, of_lines

MOST_PAGES = 500
"""Most pages that a document may have."""
_FEWEST_LETTERS = 40
_HEADER_REPEATS = 3
_PDFIUM_LOCK = Lock()


def passages(content: bytes, name: str) -> Iterator[Passage]:
    """Each line of the document `content`, a file called `name`.

    Lines at the top or bottom of three or more pages are left out as header and footer.  Raises
    BadSource where the document is damaged, locked with a password, too long or without text.
    """
    pages = _pages(content, name)
    if sum(map(str.isalpha, "".join(pages))) < _FEWEST_LETTERS:
        raise BadSource(
            f"{name}: has no text that can be read; it may be a scan. Give the original document, "
            "or paste the text"
        )
    yield from of_lines(_lines(pages))


def _pages(content: bytes, name: str) -> list[str]:
    import pypdfium2

    with _PDFIUM_LOCK:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            locked = "password" in str(error).lower()
            reason = "is locked with a password; save a copy without one" if locked else _DAMAGED
            raise BadSource(f"{name}: {reason}") from error
        try:
            if len(document) > MOST_PAGES:
                raise BadSource(
                    f"{name}: has {len(document):,} pages; give at most {MOST_PAGES}. Use only "
                    "the pages that describe what you want to buy"
                )
            return [_text(page) for page in document]
        except pypdfium2.PdfiumError as error:
            raise BadSource(f"{name}: {_DAMAGED}") from error
        finally:
            document.close()


_DAMAGED = "is damaged or is not a PDF; save it again"


def _text(page: object) -> str:
    from pypdfium2 import PdfPage

    if not isinstance(page, PdfPage):
        return ""
    text_page = page.get_textpage()
    text: str = text_page.get_text_bounded()
    text_page.close()
    page.close()
    return text.replace("￾", "-").replace("\x02", "-").replace("\r\n", "\n").replace("\r", "\n")


def _lines(pages: list[str]) -> Iterator[str]:
    """The lines of all pages, without headers and footers."""
    page_lines = [[line.rstrip() for line in page.split("\n") if line.strip()] for page in pages]
    edges = Counter(line for page in page_lines for line in {*page[:2], *page[-2:]})
    for page in page_lines:
        for index, line in enumerate(page):
            at_edge = index < 2 or index >= len(page) - 2
            if not (at_edge and edges[line] >= _HEADER_REPEATS):
                yield line
