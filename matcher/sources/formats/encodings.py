"""Tells the encoding of a text from its first bytes, and reads the bytes that do not fit it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

WINDOWS = "windows-1252"
"""The error handler that reads bytes that are not UTF-8 as Windows-1252."""
_SURE = {"cp850": "ms-dos", "mac_roman": "mac-roman"}
"""The error handlers that read all such bytes as of MS-DOS or in Mac Roman."""
MARK = "\ufeff"
"""The byte order mark, which files that were joined have in the middle as well."""
MARK_AS_WINDOWS = "ï»¿"
"""The mark, where a program read it as Windows-1252."""
_MS_DOS = re.compile(
    rb"(?<=[A-Za-z])\x82(?=[A-Za-z\s,;\"]|\Z)|(?<=[a-z])\x8a|(?<=[A-Za-z])\x81(?=[a-z])"
    rb"|(?<![\x80-\xff])\x9c(?=\d)"
)
"""Signs of MS-DOS: é, è, ü within a word, £ before an amount.  There Windows-1252 has another sign,
such as a capital after a small letter."""
_MAC_ROMAN = re.compile(
    rb"[a-z][\x8d-\x90\x9d\x9f](?![A-Z])|[A-Z][\x8d-\x90\x9d\x9f](?=[a-z])"
    rb"|[a-z]\xd5(?=[a-z]{1,2}\b)"
)
"""Letters of Mac Roman (é è ê ç ü ’) where Windows-1252 has no character, or a capital after a
small letter or before one."""
_OF_UTF8 = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2\x80[\x90-\xbf]")
"""Letters and quotes of UTF-8: a file with them and with others was joined from several."""
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
    return content.decode(encoding_of(content[:HEAD]), errors_of(content))


def errors_of(sample: bytes) -> str:
    r"""The error handler for the bytes of a file that are not UTF-8, by the beginning of the file.

    >>> errors_of(b"Caf\x82"), errors_of(b"Caf\x8e"), errors_of(b"Caf\xe9")
    ('ms-dos', 'mac-roman', 'windows-1252')
    """
    if _OF_UTF8.search(sample):
        return WINDOWS
    return _SURE.get(encoding_8_bit(sample), WINDOWS)


def encoding_8_bit(content: bytes) -> str:
    """The encoding of text that is not UTF-8: MS-DOS or Mac Roman where it shows that."""
    if _MAC_ROMAN.search(content):
        return "mac_roman"
    return "cp850" if _MS_DOS.search(content) else "cp1252"


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """What bytes that are not UTF-8 are in Windows-1252, or of MS-DOS where they show that."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    if error.encoding.lower().startswith("utf-8"):
        around = error.object[max(0, error.start - 1) : error.end + 1]
        return bad.decode("cp850" if _MS_DOS.search(around) else "cp1252", "replace"), error.end
    is_half = error.end == len(error.object)  # a character at the end that is not whole
    return "" if is_half else "\ufffd", error.end


def _as_8_bit(encoding: str) -> Callable[[UnicodeError], tuple[str, int]]:
    def read(error: UnicodeError) -> tuple[str, int]:
        if isinstance(error, UnicodeDecodeError) and error.encoding.lower().startswith("utf-8"):
            return error.object[error.start : error.end].decode(encoding, "replace"), error.end
        return _as_windows(error)

    return read


codecs.register_error(WINDOWS, _as_windows)
for _encoding, _name in _SURE.items():
    codecs.register_error(_name, _as_8_bit(_encoding))
