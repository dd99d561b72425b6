"""Anchors: heads of the chain, kept in a file outside the database.

Each line gives the number of an entry and the hash that it had at a time.  To cut off or rewrite
the end of the records unseen, a person would have to change this file as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from api.records.chain_key import ChainKey
from matcher.core import atomic
from matcher.core.disk import why_not_written
from matcher.core.errors import BadInput
from matcher.core.parser_words import in_words

_BEGINNING = b'{"seq":'


@dataclass(frozen=True, slots=True)
class Anchor:
    """The hash of the last entry, `seq`, at a moment in UTC.

    `keyed_from` is the first entry with a code made with the chain key, 0 for none.  `code` is
    made with the key and covers the other fields; '' without a key.
    """

    seq: int
    hash: str
    at: str
    keyed_from: int = 0
    code: str = ""

    def signed(self, key: ChainKey | None) -> Anchor:
        """The anchor with its code."""
        return replace(self, code=key.code("anchor", self._text())) if key else self

    def is_signed(self, key: ChainKey) -> bool:
        """Whether its code was made with the key."""
        return key.matches(self.code, "anchor", self._text())

    def _text(self) -> str:
        return f"{self.seq} {self.hash} {self.at} {self.keyed_from}"


def read(path: Path) -> list[Anchor]:
    """The anchors in a file, oldest first; none where it does not exist.

    A line that was cut short is left out: `cut_short` says which.
    Raises BadInput where it is not a file of anchors.
    """
    return [anchor for _, anchor in _lines(path) if anchor is not None]


def cut_short(path: Path) -> list[int]:
    """The numbers of the lines that were cut short, as a power cut leaves them.

    Raises BadInput where it is not a file of anchors.
    """
    return [number for number, anchor in _lines(path) if anchor is None]


def _lines(path: Path) -> list[tuple[int, Anchor | None]]:
    """Each line with its number, from 1; None for one that was cut short."""
    try:
        lines = path.read_bytes().splitlines() if path.exists() else []
        return [(n, _anchor(line)) for n, line in enumerate(lines, 1) if line.strip(b" \0")]
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: is not a file of anchors ({in_words(error)})") from error


def _anchor(line: bytes) -> Anchor | None:
    try:
        return msgspec.json.decode(line, type=Anchor)
    except msgspec.DecodeError:
        if line.startswith(_BEGINNING[: len(line)]) and not line.rstrip(b"\0").endswith(b"}"):
            return None
        raise


def append(path: Path, anchor: Anchor) -> None:
    """Add a line to a file and flush it to the disk, unless the last line has the same head.

    Raises BadInput where it cannot be written.
    """
    last = next(reversed(read(path)), None)
    if not anchor.seq or (
        last is not None and replace(last, at="", code="") == replace(anchor, at="", code="")
    ):
        return
    new_line = b"" if not path.exists() or path.read_bytes()[-1:] in (b"", b"\n") else b"\n"
    try:
        atomic.append(path, new_line + msgspec.json.encode(anchor) + b"\n")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({why_not_written(error)})") from error
