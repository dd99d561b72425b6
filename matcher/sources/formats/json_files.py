"""Reads JSON files of unknown structure, and single values in them.

A file is one JSON document or JSON Lines, plain or gzipped (its content decides).  A value of the
wrong type counts as missing, not as an error.
"""

from __future__ import annotations

import codecs
import gzip
import io
import json
import math
import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TextIO

from matcher.core.errors import BadSource
from matcher.core.types import Tally
from matcher.sources.formats.markup import with_line_breaks, without_markup

LONGEST_DOCUMENT = 50_000_000
"""Most characters of a JSON document."""

_TOO_LONG = f"JSON document is longer than {LONGEST_DOCUMENT:,} characters"
_TRUNCATED = (EOFError, zlib.error, gzip.BadGzipFile)

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f\x80-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u2069\ufeff\ud800-\udfff]"
)
_AMOUNT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", re.ASCII)
_UK_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ ,].*)?", re.ASCII)


def open_text(path: Path) -> TextIO:
    """Open a plain or gzip file as text.

    It is UTF-8 with or without a byte order mark, UTF-16, or Windows-1252 where its bytes are not
    UTF-8.  Raises BadSource where the file does not exist.
    """
    if path.is_dir():
        raise BadSource(f"{path.name}: is a folder; name a file")
    try:
        with path.open("rb") as head:
            gzipped = head.read(2) == b"\x1f\x8b"
        raw = io.BufferedReader(gzip.GzipFile(path) if gzipped else io.FileIO(path))
    except FileNotFoundError as error:
        raise BadSource(f"{path.name}: no such file") from error
    except (OSError, ValueError) as error:
        raise BadSource(f"{path.name}: cannot be opened: {error}") from error
    try:
        start = raw.peek(4)[:4]
    except _TRUNCATED:
        start = b""
    return io.TextIOWrapper(raw, encoding=encoding_of(start), errors=WINDOWS)


def encoding_of(start: bytes) -> str:
    """The encoding of a text that starts with these bytes: UTF-16 or UTF-8."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start[:2] in (b"{\0", b"[\0"):
        return "utf-16-le"
    return "utf-16-be" if start[:2] in (b"\0{", b"\0[") else "utf-8-sig"


def decoded(content: bytes) -> str:
    """The text of a whole file, in any encoding that `open_text` reads."""
    return content.decode(encoding_of(content[:4]), WINDOWS)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """What bytes that are not UTF-8 are in Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    is_utf8 = error.encoding.lower().startswith("utf-8")
    return bad.decode("cp1252", "replace") if is_utf8 else "\ufffd", error.end


WINDOWS = "windows-1252"
"""The error handler that reads bytes that are not UTF-8 as Windows-1252."""
codecs.register_error(WINDOWS, _as_windows)


def beginning(path: Path, limit: int) -> str:
    """The first `limit` characters of a file.  Raises BadSource where it cannot be read."""
    with open_text(path) as handle:
        try:
            return handle.read(limit)
        except _TRUNCATED as error:
            raise BadSource(f"{path.name}: is truncated; fetch it again") from error


def documents(path: Path, tally: Tally) -> Iterator[tuple[str, object]]:
    """Each JSON document of a file, with its position: `name`, or `name:line`.

    JSON Lines are read line by line.  A document that is not JSON, too long or nested too deeply is
    set aside; a truncated file yields the documents before the cut.  Raises BadSource where the
    file does not exist.
    """
    with open_text(path) as handle:
        yield from documents_in(handle, path.name, tally)


def documents_in(handle: TextIO, name: str, tally: Tally) -> Iterator[tuple[str, object]]:
    """Each JSON document of an open text stream, read like a file called `name`."""
    lines = _lines(handle, name, tally)
    first = next(lines, None)
    if first is None:
        return
    if _is_object(first[1]):
        yield from _by_line(chain([first], lines), name, tally)
    else:
        yield from _single_document(first, lines, name, tally)


def _single_document(
    first: tuple[int, str], lines: Iterator[tuple[int, str]], name: str, tally: Tally
) -> Iterator[tuple[str, object]]:
    """The file as one document, or as JSON Lines where only the first line is not JSON."""
    lines_read, size = [first], len(first[1])
    for line in lines:
        lines_read.append(line)
        size += len(line[1])
        if size > LONGEST_DOCUMENT:
            break
    content = "".join(line for _, line in lines_read)
    if any(_is_object(line) for _, line in lines_read[1:10]) and not _is_object(content):
        yield from _by_line(chain(lines_read, lines), name, tally)
    elif size > LONGEST_DOCUMENT:
        _set_aside(tally, _TOO_LONG, name)
    else:
        yield from _parse(content, name, tally)


def _by_line(
    lines: Iterator[tuple[int, str]], name: str, tally: Tally
) -> Iterator[tuple[str, object]]:
    for number, line in lines:
        yield from _parse(line, f"{name}:{number}", tally)


def _parse(content: str, where: str, tally: Tally) -> Iterator[tuple[str, object]]:
    try:
        document = json.loads(content)
    except RecursionError:
        _set_aside(tally, "JSON is nested too deeply", where)
    except ValueError as error:
        _set_aside(tally, "is not JSON", f"{where}: {error}")
    else:
        yield where, document


def _set_aside(tally: Tally, reason: str, where: str) -> None:
    tally.read += 1
    tally.drop(reason, where)


def _lines(handle: TextIO, name: str, tally: Tally) -> Iterator[tuple[int, str]]:
    """The non-blank lines with their numbers, from 1, up to where the file is truncated."""
    count = 0
    try:
        while line := handle.readline(LONGEST_DOCUMENT + 1):
            count += 1
            if len(line) > LONGEST_DOCUMENT:
                _skip_line(handle, line)
                _set_aside(tally, _TOO_LONG, f"{name}:{count}")
            elif line.strip():
                yield count, line
    except _TRUNCATED:
        tally.drop("file is truncated", f"{name}:{count + 1}")


def _skip_line(handle: TextIO, line: str) -> None:
    while line and not line.endswith("\n"):
        line = handle.readline(LONGEST_DOCUMENT)


def _is_object(content: str) -> bool:
    """Whether a text is a complete JSON object or array."""
    try:
        return isinstance(json.loads(content), dict | list)
    except (ValueError, RecursionError):
        return False


def mapping(value: object) -> Mapping[str, object]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Mapping[str, object]]:
    """The objects in a list; an empty list where the value is not a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def listed(value: object) -> list[Mapping[str, object]]:
    """As `mappings`, but with an empty object for each item that is not an object."""
    return [mapping(item) for item in value] if isinstance(value, list) else []


def text(value: object) -> str:
    """A string as plain text: without blank lines, repeated spaces and invisible characters.

    HTML is taken out, and line breaks that a feed wrote as `rn` are restored.
    """
    if not isinstance(value, str):
        return ""
    plain = with_line_breaks(without_markup(value))
    if plain.isprintable():
        return " ".join(plain.split())
    lines = (" ".join(line.split()) for line in _INVISIBLE.sub("", plain).splitlines())
    return "\n".join(filter(None, lines))


def ident(value: object) -> str:
    """An identifier, which a feed may give as text or as an integer."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return text(value).replace("\n", " ")


def number(value: object) -> float | None:
    """A finite number, also from a string ("12,000"), or None."""
    if isinstance(value, str):
        value = value.strip().removeprefix("£")
        value = float(value.replace(",", "")) if _AMOUNT.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def day(value: object) -> date | None:
    """The date of a date or time as written, whatever its time zone, or None.

    Reads 2026-04-10, 2026-04-10T10:50:13+01:00 and 10/04/2026.  Feeds use years outside 1900 to
    2199 for no date.
    """
    value_text = value.strip() if isinstance(value, str) else ""
    if iso := _ISO_DAY.fullmatch(value_text):
        year, month, day_ = map(int, iso.groups())
    elif british := _UK_DAY.fullmatch(value_text):
        day_, month, year = map(int, british.groups())
    else:
        return None
    try:
        return date(year, month, day_) if 1900 <= year < 2200 else None
    except ValueError:
        return None
