"""A specification as an officer has it: a Word file, a PDF, plain text, or an OCDS notice.

What a file is is told by its content, and its name has to agree.  Whatever it holds is text
to be read: nothing in it is run, followed or fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matcher.core.errors import BadLot, BadSource
from matcher.sources.documents import docx, pdf
from matcher.sources.documents.lot_extraction import ExtractedLot, lots_in
from matcher.sources.documents.passages import Passage, of_lines
from matcher.sources.notices.lots import parse_lots
from matcher.sources.notices.tender import LONGEST_TEXT

LARGEST_FILE = 16_000_000
"""Bytes of a file that is read."""

KINDS = (".docx", ".pdf", ".txt", ".json")
"""What a specification may be, by the end of its name."""

_ZIP, _PDF, _OLD_WORD = b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 1024
_GIVE = "give a .docx, .pdf, .txt or OCDS .json file, or paste the text"


def read_document(content: bytes, name: str) -> list[ExtractedLot]:
    """Every lot found in a file called `name`.

    Raises BadSource where it is too large, of another kind, damaged or locked, and BadLot
    where nothing in it can be asked about.
    """
    kind = name[name.rfind(".") :].lower() if "." in name else ""
    check_size(len(content), name)
    if not content.strip():
        raise BadSource(f"{name}: is empty; {_GIVE}")
    _check_kind(content, name, kind)
    if kind in _READERS:
        return lots_in(_READERS[kind](content, name), name)
    said = _decoded(content, name)
    return _notice(said, name) if kind == ".json" else read_text(said, name)


def check_size(size: int, name: str) -> None:
    """Refuse a file of more bytes than are read."""
    if size > LARGEST_FILE:
        raise BadSource(
            f"{name}: is {size / 1e6:,.0f} MB; a file may have {LARGEST_FILE / 1e6:,.0f} MB. "
            "Leave its pictures out, or paste the part that says what is wanted"
        )


def read_text(said: str, name: str) -> list[ExtractedLot]:
    """Every lot found in a text that was pasted, or in a notice pasted as JSON.

    Raises BadLot where nothing is found or the text is too long.
    """
    if said.lstrip().startswith(("{", "[{")):
        return _notice(said, name)
    if len(said) > LONGEST_TEXT:
        raise BadLot(
            f"{name}: holds {len(said):,} characters; give at most {LONGEST_TEXT:,}, the part that "
            "says what is wanted"
        )
    return lots_in(of_lines(said.splitlines()), name)


def _notice(said: str, name: str) -> list[ExtractedLot]:
    lots, tally = parse_lots(said, name)
    if not said.lstrip("\ufeff \r\n\t").startswith(("{", "[")):
        raise BadLot(f"{name}: is not JSON; {_GIVE}")
    aside = tuple(f"Set aside: {n} {reason}." for reason, n in tally.set_aside.items())
    return [ExtractedLot(lot, aside) for lot in lots]


def _check_kind(content: bytes, name: str, kind: str) -> None:
    if content.startswith(_OLD_WORD):
        raise BadSource(
            f"{name}: is an old Word file (.doc), or is locked with a password; save it as .docx "
            "without a password"
        )
    if kind not in KINDS:
        raise BadSource(f"{name}: is of a kind that is not read; {_GIVE}")
    is_pdf, is_zip = _PDF in content[:_HEAD], content.startswith(_ZIP)
    wrong = {".docx": not is_zip, ".pdf": not is_pdf}.get(kind, is_pdf or is_zip)
    if wrong:
        what = "a PDF" if is_pdf else "a zip or Word file" if is_zip else "something else"
        raise BadSource(f"{name}: is named {kind} and holds {what}; {_GIVE}")


def _decoded(content: bytes, name: str) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise BadSource(f"{name}: is not text; {_GIVE}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


_READERS: dict[str, Callable[[bytes, str], Iterator[Passage]]] = {
    ".docx": docx.passages,
    ".pdf": pdf.passages,
}
