"""JSON files of unknown shape: opening them, walking them, and reading one value safely.

A file is one JSON document or JSON Lines, plain or gzip (told by its content).  Whatever a
file holds, a value of the wrong type reads as absent, never as an error.
"""

from __future__ import annotations

import gzip
import html
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

LONGEST_DOCUMENT = 50_000_000
"""The longest JSON document read, in characters."""

_TOO_LONG = f"JSON document is longer than {LONGEST_DOCUMENT:,} characters"
_CUT_OFF = (EOFError, zlib.error, gzip.BadGzipFile)

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f\x80-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u2069\ufeff\ud800-\udfff]"
)
# A feed wrote each line break as the letters "rn".  No English word has it after a stop, twice
# over, or after a consonant at its end, save "prn" (medicine as needed).
_BREAK = re.compile(
    r"(?:rn){2,}"
    r"|(?<=[.,:;!?)\]…”’])rn(?![a-qs-z])"
    r"|(?<=[a-z][bcdfghjklmnpqstvxz])rn(?=\s|$)"
)
_AMOUNT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", re.ASCII)
_UK_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ ,].*)?", re.ASCII)


def open_text(path: Path) -> TextIO:
    """Open a plain or gzip file as UTF-8 text, with or without a byte order mark.

    Bytes that are not UTF-8 become U+FFFD.  Raises BadSource where there is no such file.
    """
    if path.is_dir():
        raise BadSource(f"{path.name}: is a folder; name a file")
    try:
        with path.open("rb") as head:
            zipped = head.read(2) == b"\x1f\x8b"
        raw = gzip.GzipFile(path) if zipped else path.open("rb")
    except FileNotFoundError as error:
        raise BadSource(f"{path.name}: no such file") from error
    except (OSError, ValueError) as error:
        raise BadSource(f"{path.name}: cannot be opened: {error}") from error
    return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace")


def beginning(path: Path, limit: int) -> str:
    """The first `limit` characters of a text.  Raises BadSource where it cannot be read."""
    with open_text(path) as handle:
        try:
            return handle.read(limit)
        except _CUT_OFF as error:
            raise BadSource(f"{path.name}: is cut off; fetch it again") from error


def documents(path: Path, tally: Tally) -> Iterator[tuple[str, object]]:
    """Each JSON document of a file, with where it stands: `name`, or `name:line`.

    JSON Lines are read a line at a time.  What is not JSON, too long or nested too deep is
    set aside; a file that is cut off yields what came before.  Raises BadSource where there
    is no such file.
    """
    with open_text(path) as handle:
        yield from documents_in(handle, path.name, tally)


def documents_in(handle: TextIO, name: str, tally: Tally) -> Iterator[tuple[str, object]]:
    """Each JSON document of an open text, as `documents` reads a file called `name`."""
    lines = _lines(handle, name, tally)
    first = next(lines, None)
    if first is None:
        return
    if _is_object(first[1]):
        yield from _by_line(chain([first], lines), name, tally)
    else:
        yield from _whole(first, lines, name, tally)


def _whole(
    first: tuple[int, str], lines: Iterator[tuple[int, str]], name: str, tally: Tally
) -> Iterator[tuple[str, object]]:
    """The file as one document; as JSON Lines after all where its first line is the bad one."""
    held, size = [first], len(first[1])
    for line in lines:
        held.append(line)
        size += len(line[1])
        if size > LONGEST_DOCUMENT:
            break
    content = "".join(line for _, line in held)
    if any(_is_object(line) for _, line in held[1:10]) and not _is_object(content):
        yield from _by_line(chain(held, lines), name, tally)
    elif size > LONGEST_DOCUMENT:
        _refuse(tally, _TOO_LONG, name)
    else:
        yield from _parsed(content, name, tally)


def _by_line(
    lines: Iterator[tuple[int, str]], name: str, tally: Tally
) -> Iterator[tuple[str, object]]:
    for number_, line in lines:
        yield from _parsed(line, f"{name}:{number_}", tally)


def _parsed(content: str, where: str, tally: Tally) -> Iterator[tuple[str, object]]:
    try:
        document = json.loads(content)
    except RecursionError:
        _refuse(tally, "JSON is nested too deep", where)
    except ValueError as error:
        _refuse(tally, "is not JSON", f"{where}: {error}")
    else:
        yield where, document


def _refuse(tally: Tally, reason: str, where: str) -> None:
    tally.read += 1
    tally.drop(reason, where)


def _lines(handle: TextIO, name: str, tally: Tally) -> Iterator[tuple[int, str]]:
    """The non-blank lines with their numbers, from 1, as far as the file can be read."""
    count = 0
    try:
        while line := handle.readline(LONGEST_DOCUMENT + 1):
            count += 1
            if len(line) > LONGEST_DOCUMENT:
                _skip_line(handle, line)
                _refuse(tally, _TOO_LONG, f"{name}:{count}")
            elif line.strip():
                yield count, line
    except _CUT_OFF:
        tally.drop("file is cut off", f"{name}:{count + 1}")


def _skip_line(handle: TextIO, line: str) -> None:
    while line and not line.endswith("\n"):
        line = handle.readline(LONGEST_DOCUMENT)


def _is_object(content: str) -> bool:
    """Whether a text is a whole JSON object or array."""
    try:
        return isinstance(json.loads(content), dict | list)
    except (ValueError, RecursionError):
        return False


def mapping(value: object) -> Mapping[str, object]:
    """An object as it is; anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Mapping[str, object]]:
    """The objects of a list; none where it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def listed(value: object) -> list[Mapping[str, object]]:
    """As `mappings`, but with an empty object for each element that is none."""
    return [mapping(each) for each in value] if isinstance(value, list) else []


def text(value: object) -> str:
    """A string as plain text: one line break a line, single spaces, nothing unseen.

    HTML entities are read, and the line breaks that a feed wrote as `rn` mended.
    """
    if not isinstance(value, str):
        return ""
    plain = _ENTITY.sub(lambda entity: html.unescape(entity[0]), value) if "&" in value else value
    if "rn" in plain:
        plain = _BREAK.sub("\n", plain)
    if plain.isprintable():
        return " ".join(plain.split())
    lines = (" ".join(line.split()) for line in _UNSEEN.sub("", plain).splitlines())
    return "\n".join(filter(None, lines))


def ident(value: object) -> str:
    """An identifier, which feeds write as text or as a whole number."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return text(value).replace("\n", " ")


def number(value: object) -> float | None:
    """A finite number, or a string that is one ("12,000"); else None."""
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
    """The day that a date or time names as written, zone or none; else None.

    Reads 2026-04-10, 2026-04-10T10:50:13+01:00 and 10/04/2026.  Years outside 1900 to 2199
    are feeds' ways of writing no date.
    """
    written = value.strip() if isinstance(value, str) else ""
    if iso := _ISO_DAY.fullmatch(written):
        year, month, day_ = map(int, iso.groups())
    elif british := _UK_DAY.fullmatch(written):
        day_, month, year = map(int, british.groups())
    else:
        return None
    try:
        return date(year, month, day_) if 1900 <= year < 2200 else None
    except ValueError:
        return None
