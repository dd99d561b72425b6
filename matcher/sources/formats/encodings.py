"""Tells the encoding of a text from its first bytes, and reads the bytes that do not fit it."""

from __future__ import annotations

import codecs
import re

WINDOWS = "windows-1252"
"""The error handler that reads bytes that are not UTF-8 as Windows-1252."""
MARK = "\ufeff"
"""The byte order mark, which files that were joined have in the middle as well."""
MARK_AS_WINDOWS = "ï»¿"
"""The mark, where a program read it as Windows-1252."""
MS_DOS = re.compile(rb"(?<=[A-Za-z])\x82(?=[A-Za-z\s,;\"]|\Z)|(?<=[a-z])\x8a(?=[a-z])|\x9c(?=\d)")
"""Signs of MS-DOS: é, è within a word, £ before an amount.  There Windows-1252 has another sign."""
HEAD = 4
"""How many bytes tell the encoding."""


def encoding_of(start: bytes) -> str:
    """The encoding of a text that starts with these bytes: UTF-32, UTF-16 or UTF-8.

    UTF-16 needs no byte order mark where its first two characters are those of English.

    >>> encoding_of("name".encode("utf-16-be")), encoding_of(b"name")
    ('utf-16-be', 'utf-8-sig')
    """
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = start[0:HEAD:2], start[1:HEAD:2]
    if odd and not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if odd and not any(even) and all(odd) else "utf-8-sig"


def decoded(content: bytes) -> str:
    """The text of a whole file, in any encoding that `encoding_of` tells."""
    return content.decode(encoding_of(content[:HEAD]), WINDOWS)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """What bytes that are not UTF-8 are in Windows-1252, or of MS-DOS where they show that."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    if error.encoding.lower().startswith("utf-8"):
        around = error.object[max(0, error.start - 1) : error.end + 1]
        return bad.decode("cp850" if MS_DOS.search(around) else "cp1252", "replace"), error.end
    is_half = error.end == len(error.object)  # a character at the end that is not whole
    return "" if is_half else "\ufffd", error.end


codecs.register_error(WINDOWS, _as_windows)
