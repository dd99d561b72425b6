"""Reads lots from a Word file, a PDF, plain text, a table or an OCDS notice.

The file type comes from the content, and the name must match it.  Only text is read: nothing in
the file is run, and no link is followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from matcher.core.errors import BadInput, BadLot, BadSource
from matcher.core.identifiers import notice_id
from matcher.core.leftovers import scratch_folder
from matcher.core.types import Lot, Tally
from matcher.sources.documents import docx, pdf
from matcher.sources.documents.extracted_lots import ExtractedLot
from matcher.sources.documents.lot_extraction import lots_in
from matcher.sources.documents.passages import Passage, of_lines
from matcher.sources.formats.encodings import HEAD, encoding_of
from matcher.sources.formats.json_values import Fields
from matcher.sources.formats.quoted_json import is_quoted, without_quotes
from matcher.sources.formats.text_files import decode_8_bit
from matcher.sources.notices.lot_tally import LotTally, is_unusable
from matcher.sources.notices.lots import made_id, parse_lots, read_lots
from matcher.sources.notices.single_lot import single_lot, without_unread
from matcher.sources.notices.tender import LONGEST_TEXT
from matcher.sources.notices.whole_value import NOT_STATED, wholes_of

LARGEST_FILE = 16_000_000
"""Most bytes that a file may have."""

TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
"""File name endings of tables, which have one lot a row."""

KINDS = (".docx", ".pdf", ".txt", ".json", *TABLES)
"""File name endings of the types that can be read."""

DOCUMENTS = (".docx", ".pdf", ".txt")
"""Those of files that a person wrote, in which lots are looked for."""

_ZIP, _PDF, _OLD_WORD = b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 1024
_MOST_TOLD = 20
"""Lots left out that are told one by one."""
_LONGEST_CELL = 1_000
"""Most characters of a cell that cannot be read that are shown."""
_LONGEST_NAME = 200
"""Most bytes of the name of a file that is written."""
_ACCEPTED = (
    "give a .docx, .pdf, .txt or OCDS .json file, a table of lots (.csv, .xlsx), or paste the text"
)


def read_document(content: bytes, name: str) -> list[ExtractedLot]:
    """The lots found in a file called `name`.

    Raises BadSource where the file is too large, of another type, damaged or locked, and BadLot
    where it has no usable lot.
    """
    kind = _kind_of_name(name)
    check_size(len(content), name)
    if not content.strip():
        raise BadSource(f"{name}: is empty; {_ACCEPTED}")
    if is_table(name):
        with as_file(content, name) as path:
            return read_table(path)
    _check_kind(content, name, kind)
    if kind in _READERS:
        return lots_in(_READERS[kind](content, name), name)
    text = without_quotes(_decode(content, name))
    return _notice(text, name) if kind == ".json" else read_text(text, name)


def is_table(name: str) -> bool:
    """Whether a file of this name is read as a table."""
    return _kind_of_name(name) in TABLES


@contextmanager
def as_file(content: bytes, name: str) -> Iterator[Path]:
    """A file with this content, removed when the block ends, whose name ends as `name` does."""
    with scratch_folder("upload") as folder:
        end = name.encode(errors="replace")[-_LONGEST_NAME:].decode(errors="ignore")
        path = folder / end.replace("/", " ")
        path.write_bytes(content)
        yield path


def read_table(path: Path) -> list[ExtractedLot]:
    """The lots of a table, one a row; what was left out is noted with each.

    A lot with cells that cannot be read is kept without them, to be corrected.
    Raises BadSource where the file cannot be read, and BadLot where it has no usable lot.
    """
    unread: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {}
    ids = set[object]()

    def mend(where: str, fields: Fields) -> Fields:
        given = fields.get("id", where)
        is_again = given in ids  # such a row is left out
        ids.add(given)
        left, faults = without_unread(fields)
        if not faults or is_again:
            return fields
        id_ = single_lot(left, made_id(where)).id
        cells = {name: _as_text(fields[name])[:_LONGEST_CELL] for name in faults}
        unread[id_] = cells, tuple(f"Not read: {where}: {fault}." for fault in faults.values())
        return {**left, "id": id_}

    try:
        found = _with_notes(*read_lots(path, mend=mend))
    except BadInput as error:
        raise type(error)(str(error).replace(str(path), path.name)) from error
    own = [(each, *unread.get(each.lot.id, ({}, ()))) for each in found]
    return [replace(each, unread=cells, notes=(*each.notes, *why)) for each, cells, why in own]


def _as_text(cell: object) -> str:
    return ", ".join(map(str, cell)) if isinstance(cell, list) else str(cell)


def _kind_of_name(name: str) -> str:
    return name[name.rfind(".") :].lower() if "." in name else ""


def kind_of(content: bytes) -> str:
    """The file name ending of a content without a name, '.txt' for what is nothing else."""
    if content.startswith(_ZIP):
        return ".docx"
    if _PDF in content[:_HEAD]:
        return ".pdf"
    text = content.lstrip(b"\xef\xbb\xbf \r\n\t")
    is_json = (
        text.startswith(b"{")
        or (text.startswith(b"[") and text[1:].lstrip()[:1] in {b"{", b"["})
        or is_quoted(text[:_HEAD].decode(errors="replace"))
    )
    return ".json" if is_json else ".txt"


def check_size(size: int, name: str) -> None:
    """Raises BadSource where a file has more than LARGEST_FILE bytes."""
    if size > LARGEST_FILE:
        raise BadSource(
            f"{name}: is {size / 1e6:,.0f} MB; a file may have {LARGEST_FILE / 1e6:,.0f} MB. "
            "Remove its pictures, or paste the part that describes what you want to buy"
        )


def read_text(text: str, name: str) -> list[ExtractedLot]:
    """The lots found in pasted text, or in a notice pasted as JSON.

    Raises BadLot where no lot is found or the text is too long.
    """
    text = without_quotes(text)
    if text.lstrip().startswith(("{", "[{")):
        return _notice(text, name)
    if len(text) > LONGEST_TEXT:
        raise BadLot(
            f"{name}: has {len(text):,} characters; give at most {LONGEST_TEXT:,}. Use only the "
            "part that describes what you want to buy"
        )
    return lots_in(of_lines(text.splitlines()), name)


def _notice(text: str, name: str) -> list[ExtractedLot]:
    lots, tally = parse_lots(text, name)
    if not text.lstrip("\ufeff \r\n\t").startswith(("{", "[")):
        raise BadLot(f"{name}: is not JSON; {_ACCEPTED}")
    return _with_notes(lots, tally)


def _with_notes(lots: Sequence[Lot], tally: Tally) -> list[ExtractedLot]:
    """The lots of a notice or a table, each with all that was left out or noted."""
    notes, wholes = tuple(_notes(tally)), wholes_of(lots)
    return [ExtractedLot(lot, notes, wholes.get(notice_id(lot.id), NOT_STATED)) for lot in lots]


def _notes(tally: Tally) -> Iterator[str]:
    left_out = tally.unusable if isinstance(tally, LotTally) else []
    yield from (f"Left out: {each}." for each in left_out[:_MOST_TOLD])
    if len(left_out) > _MOST_TOLD:
        yield f"Left out: {len(left_out) - _MOST_TOLD:,} more that cannot be used."
    for reason, number in tally.set_aside.items():
        if left_out and is_unusable(reason):
            continue
        more = f", and {number - 1:,} more" if number > 1 else ""
        what = "Left out" if is_unusable(reason) else "Noted"
        yield f"{what}: {reason} ({tally.examples[reason]}{more})."


def _check_kind(content: bytes, name: str, kind: str) -> None:
    if content.startswith(_OLD_WORD):
        raise BadSource(
            f"{name}: is an old Word file (.doc), or is locked with a password; save it as .docx "
            "without a password"
        )
    if kind not in KINDS:
        raise BadSource(f"{name}: is not a type of file that can be read; {_ACCEPTED}")
    is_pdf, is_zip = _PDF in content[:_HEAD], content.startswith(_ZIP)
    is_wrong = {".docx": not is_zip, ".pdf": not is_pdf}.get(kind, is_pdf or is_zip)
    if is_wrong:
        content_type = "a PDF" if is_pdf else "a zip or Word file" if is_zip else "something else"
        raise BadSource(f"{name}: is named {kind} but is {content_type}; {_ACCEPTED}")


def _decode(content: bytes, name: str) -> str:
    """The text of a file in UTF-8, UTF-16, Windows-1252 or Mac Roman."""
    encoding = encoding_of(content[:HEAD])
    if encoding != "utf-8-sig":
        return content.decode(encoding, errors="replace")
    if b"\0" in content:
        raise BadSource(f"{name}: is not text; {_ACCEPTED}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return decode_8_bit(content)


_READERS: dict[str, Callable[[bytes, str], Iterator[Passage]]] = {
    ".docx": docx.passages,
    ".pdf": pdf.passages,
}
