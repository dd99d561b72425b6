"""Reads JSON files of unknown structure.

A file is one JSON document or JSON Lines, plain, gzipped or several in a zip (its content decides).
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, TextIO

from matcher.core.errors import BadSource
from matcher.core.parser_words import in_words
from matcher.core.types import FIELD_ONLY, Tally
from matcher.sources.formats.encodings import HEAD, MARK, MARK_AS_WINDOWS, encoding_of, errors_of
from matcher.sources.formats.json_shapes import usual_shape
from matcher.sources.formats.quoted_json import is_quoted, whole_number
from matcher.sources.formats.text_files import text_files

LONGEST_DOCUMENT = 50_000_000
"""Most characters of a JSON document."""

_TOO_LONG = f"JSON document is longer than {LONGEST_DOCUMENT:,} characters"
NOT_JSON, TOO_DEEP = "is not JSON", "JSON is nested too deeply"
_DECODER = json.JSONDecoder(strict=False, parse_int=whole_number)
"""It reads line breaks and tabs in a text as well, which some programs leave as they are."""
TWICE = f"key that stands twice in one object: its last value is read {FIELD_ONLY}"
_BETWEEN = f" \t\r\n,\xa0\x1e\x1a\0{MARK}"
"""What may stand between two values: also the marks of records, of joined files and of an end."""
_VALUE = re.compile(f"[^{_BETWEEN}]")
_SURPLUS = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|,(?=\s*+[\]}])|\xa0', re.DOTALL)
"""A text, or what JSON has not: a comma after the last value, and a space that does not break."""
_ESCAPE = re.compile(r'\\(["\\/bfnrt]|u[0-9A-Fa-f]{4})?')
_SAMPLE = 1 << 16
"""Bytes that tell the encoding of a file."""
_FIRST_LINES = 10
_MOST_BROKEN = 100
_TRUNCATED = (EOFError, zlib.error, gzip.BadGzipFile)
_POWERSHELL_LIST = {"value", "Count"}
"""The keys of an object in which Windows PowerShell wraps a list."""
_OF_MONGO = re.compile(r"\$(?:date|oid|number[A-Z][A-Za-z0-9]{1,12})")
"""The key of an object in which MongoDB wraps a value."""


class _Decoder(json.JSONDecoder):
    """Reads as `_DECODER` does, and keeps the keys that stand twice in an object."""

    def __init__(self) -> None:
        super().__init__(strict=False, parse_int=whole_number, object_pairs_hook=self._object)
        self._twice: dict[str, None] = {}

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            self._twice |= dict.fromkeys(k for k, v in pairs if v not in ("", None, found[k]))
        return found

    def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
        """The value at `idx` and where it ends; where it is not JSON, no keys are kept."""
        try:
            return super().raw_decode(s, idx)
        except (ValueError, RecursionError):
            self._twice.clear()
            raise

    def taken(self) -> list[str]:
        """The keys that stood twice, with other values, since this was called before."""
        keys = list(self._twice)
        self._twice.clear()
        return keys


class Lines(Protocol):
    """What lines can be read from: an open text file, or the like."""

    def readline(self, limit: int, /) -> str:
        """The next line with its line end, and of a longer one the beginning; '' at the end."""


def open_text(path: Path) -> TextIO:
    """Open a plain or gzip file as text.

    It is UTF-8 with or without a byte order mark or UTF-16.  Bytes that are not UTF-8 are
    Windows-1252; or of MS-DOS or Mac Roman, where the beginning of the file shows that.  Raises
    BadSource where the file does not exist.
    """
    if path.is_dir():
        raise BadSource(f"{path.name}: is a folder; name a file")
    try:
        with path.open("rb") as head:
            gzipped = head.read(2) == b"\x1f\x8b"
        unpacked = gzip.GzipFile(path) if gzipped else io.FileIO(path)
        raw = io.BufferedReader(unpacked, _SAMPLE)
    except FileNotFoundError as error:
        raise BadSource(f"{path.name}: no such file") from error
    except (OSError, ValueError) as error:
        raise BadSource(f"{path.name}: cannot be opened: {error}") from error
    try:
        start = raw.peek(_SAMPLE)
    except _TRUNCATED:
        start = b""
    return io.TextIOWrapper(raw, encoding=encoding_of(start[:HEAD]), errors=errors_of(start))


def beginning(path: Path, limit: int) -> str:
    """The first `limit` characters of a file.  Raises BadSource where it cannot be read."""
    with open_text(path) as handle:
        try:
            return handle.read(limit).removeprefix(MARK_AS_WINDOWS)
        except _TRUNCATED as error:
            raise BadSource(f"{path.name}: is truncated; fetch it again") from error


def documents(path: Path, tally: Tally) -> Iterator[tuple[str, object]]:
    """Each JSON document of a file, with its position: `name`, or `name line 3`.

    Of a zip, every file in it is read.  JSON Lines are read line by line.  A document that is not
    JSON, too long or nested too deeply is set aside; a truncated file yields the documents before
    the cut.  Raises BadSource where the file does not exist.
    """
    if path.is_file() and zipfile.is_zipfile(path):
        for file in text_files([path]):
            yield from documents_in(file.reader(), file.name, tally)
        return
    with open_text(path) as handle:
        yield from documents_in(handle, path.name, tally)


def documents_in(lines: Lines, name: str, tally: Tally) -> Iterator[tuple[str, object]]:
    """Each JSON document of an open text stream, read like a file called `name`.

    A document comes in its usual shape: `json_shapes.usual_shape`.
    """
    decoder = _Decoder()
    for where, document in _documents_in(lines, name, tally, decoder):
        for key in decoder.taken():
            tally.drop(TWICE, f"{where}: {key[:60]}")
        yield where, usual_shape(document)


def _documents_in(
    lines: Lines, name: str, tally: Tally, decoder: _Decoder
) -> Iterator[tuple[str, object]]:
    numbered = _lines(lines, name, tally)
    first = next(numbered, None)
    if first is None:
        return
    if _is_object(first[1]):
        yield from _by_line(chain([first], numbered), name, tally, decoder)
    else:
        yield from _whole(first, numbered, name, tally, decoder)


def _whole(
    first: tuple[int, str],
    lines: Iterator[tuple[int, str]],
    name: str,
    tally: Tally,
    decoder: _Decoder,
) -> Iterator[tuple[str, object]]:
    """The file as one document; else as several, as JSON Lines, or as what an array has."""
    lines_read, size = [first], len(first[1])
    for line in lines:
        lines_read.append(line)
        size += len(line[1])
        if size > LONGEST_DOCUMENT:
            break
    content = "".join(line for _, line in lines_read)
    is_short = size <= LONGEST_DOCUMENT
    values, wrong = _values(content, decoder) if is_short else (None, None)
    if values is not None:
        yield from ((name, value) for value in values)
    elif any(_is_object(line) for _, line in lines_read[1:_FIRST_LINES]):
        yield from _by_line(chain(lines_read, lines), name, tally, decoder)
    elif not is_short:
        tally.reject(_TOO_LONG, name)
    elif content.lstrip(_BETWEEN).startswith("["):
        yield from _elements(content, name, tally, decoder)
    elif wrong is not None:
        tally.reject(_reason(wrong), f"{name}: {in_words(wrong)}")
    else:
        yield from _parse(content, name, tally, decoder)


def _values(content: str, decoder: _Decoder) -> tuple[list[object] | None, Exception | None]:
    """The objects and lists of a text, one after another; None where it has other parts.

    With it comes why a part is not JSON.  A comma after the last value of a list or an object is
    left out, and so are spaces that do not break, as web pages have them.  A backslash that begins
    no escape is one.
    """
    wrong: Exception | None = None
    for text_ in (content, _without_surplus(content)):
        values: list[object] = []
        at, is_wrapped = _skipped(text_, 0), _has_wrapping(text_)
        try:
            while at < len(text_):
                value, at = decoder.raw_decode(text_, at)
                values.append(_unwrapped(value) if is_wrapped else value)
                at = _skipped(text_, at)
        except (ValueError, RecursionError) as error:
            wrong = wrong or error
            continue
        if all(isinstance(value, dict | list) for value in values):
            return values, None
    return None, wrong


def _skipped(content: str, at: int) -> int:
    """The place of the next value at or after `at`."""
    found = _VALUE.search(content, at)
    return found.start() if found else len(content)


def _without_surplus(content: str) -> str:
    return _SURPLUS.sub(lambda match: _with_backslashes(match[1] or ""), content)


def _with_backslashes(quoted: str) -> str:
    """A text of JSON in which a backslash that begins no escape is written as one."""
    return _ESCAPE.sub(lambda found: found[0] if found[1] else "\\\\", quoted)


def _elements(
    content: str, name: str, tally: Tally, decoder: _Decoder
) -> Iterator[tuple[str, object]]:
    """The values of an array, without those that are not JSON: these are set aside.

    After such a value the next one is looked for on a line that begins as its line does.
    """
    content = _without_surplus(content)
    at, count, broken = _skipped(content, content.index("[") + 1), 0, 0
    while at < len(content) and content[at] != "]":
        count += 1
        try:
            value, end = decoder.raw_decode(content, at)
        except (ValueError, RecursionError) as error:
            broken += 1
            tally.reject(_reason(error), f"{name} value {count}: {in_words(error)}")
            begun = content[content.rfind("\n", 0, at) + 1 : at + 1]
            following = content.find(f"\n{begun}", at) if not begun[:-1].strip() else -1
            if following < 0 or broken >= _MOST_BROKEN:
                return
            at = following + len(begun)
        else:
            yield f"{name} value {count}", value
            at = _skipped(content, end)


def _by_line(
    lines: Iterator[tuple[int, str]], name: str, tally: Tally, decoder: _Decoder
) -> Iterator[tuple[str, object]]:
    for number, line in lines:
        yield from _parse(line, f"{name} line {number}", tally, decoder)


def _parse(
    content: str, where: str, tally: Tally, decoder: _Decoder
) -> Iterator[tuple[str, object]]:
    try:
        document = decoder.decode(content)
        document = _unwrapped(document) if _has_wrapping(content) else document
    except (ValueError, RecursionError) as error:
        values, _ = _values(content, decoder)
        if values is None and content.strip(_BETWEEN) not in ("[", "]"):
            tally.reject(_reason(error), f"{where}: {in_words(error)}")
        yield from ((where, value) for value in values or ())
    else:
        held = document if isinstance(document, str) else ""
        is_json = held.lstrip(_BETWEEN)[:1] in ("{", "[") or is_quoted(held)
        yield from _parse(held, where, tally, decoder) if is_json else [(where, document)]


def _has_wrapping(content: str) -> bool:
    """Whether a text may have values that Windows PowerShell or MongoDB wrapped."""
    return '"Count"' in content or '"$' in content


def _unwrapped(value: object) -> object:
    """A value with the lists that Windows PowerShell wrapped, and what MongoDB did, as they are."""
    if isinstance(value, list):
        return [_unwrapped(one) for one in value]
    if not isinstance(value, dict):
        return value
    plain = {key: _unwrapped(one) for key, one in value.items()}
    if plain.keys() == _POWERSHELL_LIST and isinstance(plain["value"], list):
        return plain["value"]
    key, inner = next(iter(plain.items()), ("", None))
    if len(plain) != 1 or not _OF_MONGO.fullmatch(key):
        return plain
    is_moment = key == "$date" and str(inner).lstrip("-").isdecimal()
    return f"/Date({inner})/" if is_moment else inner


def _reason(error: Exception) -> str:
    return TOO_DEEP if isinstance(error, RecursionError) else NOT_JSON


def _lines(lines: Lines, name: str, tally: Tally) -> Iterator[tuple[int, str]]:
    """The non-blank lines with their numbers, from 1, up to where the file is truncated."""
    count = 0
    try:
        while line := lines.readline(LONGEST_DOCUMENT + 1):
            count += 1
            line = line.removeprefix(MARK_AS_WINDOWS).replace("\0", "")
            if len(line) > LONGEST_DOCUMENT:
                _skip_line(lines, line)
                tally.reject(_TOO_LONG, f"{name} line {count}")
            elif line.strip():
                yield count, line
    except _TRUNCATED:
        tally.drop("file is truncated", f"{name} line {count + 1}")


def _skip_line(lines: Lines, line: str) -> None:
    while line and not line.endswith("\n"):
        line = lines.readline(LONGEST_DOCUMENT)


def _is_object(content: str) -> bool:
    """Whether a text is one complete JSON object or array, or a text of one.

    A comma may follow it.
    """
    try:
        document = _DECODER.decode(content.strip(_BETWEEN))
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict | list) or (
        isinstance(document, str) and is_quoted(content.lstrip(_BETWEEN))
    )
