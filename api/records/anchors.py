"""Anchors: heads of the chain, kept in a file outside the database.

Each line gives the number of an entry and the hash that it had at a time.  To cut off or rewrite
the end of the records unseen, a person would have to change this file as well.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from api.records.chain_key import ChainKey
from matcher.core.errors import BadInput


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

    Raises BadInput where it is not a file of anchors.
    """
    try:
        lines = path.read_bytes().splitlines() if path.exists() else []
        return [msgspec.json.decode(line, type=Anchor) for line in lines if line.strip()]
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: is not a file of anchors ({error})") from error


def append(path: Path, anchor: Anchor) -> None:
    """Add a line to a file and flush it to the disk, unless the last line has the same head.

    Raises BadInput where it cannot be written.
    """
    last = next(reversed(read(path)), None)
    if not anchor.seq or (
        last is not None and replace(last, at="", code="") == replace(anchor, at="", code="")
    ):
        return
    try:
        with path.open("ab") as out:
            out.write(msgspec.json.encode(anchor) + b"\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from error
