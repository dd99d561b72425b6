"""What a snapshot of a register says about itself: its version, settings, counts and sources."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from matcher.core.types import Tally

FORMAT = 7
"""The number of the format that this code reads and writes."""
FILE = "manifest.json"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `manifest.json`.

    `version` is a digest of the facts: the same sources and code give the same version, on
    every processor.
    """

    format: int = FORMAT
    version: str = ""
    records: int = 0
    providers: int = 0
    awards: int = 0
    merges: int = 0
    inactive: int = 0
    """providers that are removed, dissolved or insolvent"""
    active_without_place: int = 0
    suppressed: int = 0
    """organisations taken out at their own request since the register was built"""
    tallies: tuple[Tally, ...] = ()
    """what was read, kept and set aside of each source"""
    changes: dict[str, int] = {}
    """how many providers differ from the snapshot before, by what happened"""
    licences: tuple[dict[str, str], ...] = ()
    trust_ids: bool = False
    fetched: bool = False
    """whether nothing was read except fetched files, so that it can be built again from them"""
    locality: tuple[str, ...] = ()
    """codes of the areas that the sources were narrowed to"""
    bundle: str = ""
    """name of the bundle whose embedder made the vectors, or ''"""
    meaning: str = ""
    """version of that embedder, or ''"""

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of the snapshot in `folder`. Raises ValueError where it is damaged."""
        return msgspec.json.decode((folder / FILE).read_bytes(), type=cls)

    def write(self, folder: Path) -> None:
        """Write it into the snapshot in `folder`."""
        text = json.dumps(msgspec.to_builtins(self), indent=1, sort_keys=True)
        (folder / FILE).write_text(text, encoding="utf-8")
