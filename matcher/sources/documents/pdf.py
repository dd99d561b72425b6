"""The passages of a PDF that holds text.

pdfium is not made for threads, so one document is read at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from threading import Lock

from matcher.core.errors import BadSource
from matcher.sources.documents.passages import Passage, of_lines

MOST_PAGES = 500
"""Pages of a document that are read."""
_FEWEST_LETTERS = 40
_REPEATED = 3
_ONE_AT_A_TIME = Lock()


def passages(content: bytes, name: str) -> Iterator[Passage]:
    """Each line of the document `content`, which was called `name`.

    Lines that stand at the edge of three pages or more are taken for its header and footer.  Raises
    BadSource where it is damaged, locked with a password, too long, or holds no text.
    """
    pages = _pages(content, name)
    if sum(map(str.isalpha, "".join(pages))) < _FEWEST_LETTERS:
        raise BadSource(
            f"{name}: holds no text that can be read; it may be a scan. Give the document that "
            "it was printed from, or paste the text"
        )
    yield from of_lines(_lines(pages))


def _pages(content: bytes, name: str) -> list[str]:
    import pypdfium2

    with _ONE_AT_A_TIME:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            locked = "password" in str(error).lower()
            why = "is locked with a password; save a copy without one" if locked else _DAMAGED
            raise BadSource(f"{name}: {why}") from error
        try:
            if len(document) > MOST_PAGES:
                raise BadSource(
                    f"{name}: has {len(document):,} pages; give at most {MOST_PAGES}, those that "
                    "say what is wanted"
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
    words = page.get_textpage()
    said: str = words.get_text_bounded()
    words.close()
    page.close()
    return said.replace("￾", "-").replace("\x02", "-").replace("\r\n", "\n").replace("\r", "\n")


def _lines(pages: list[str]) -> Iterator[str]:
    """The lines of all pages, without those that head or foot several."""
    split = [[line.rstrip() for line in page.split("\n") if line.strip()] for page in pages]
    edges = Counter(line for page in split for line in {*page[:2], *page[-2:]})
    for page in split:
        for at, line in enumerate(page):
            at_edge = at < 2 or at >= len(page) - 2
            if not (at_edge and edges[line] >= _REPEATED):
                yield line
