"""What a snapshot of a register says about itself: its version, settings, counts and sources."""

from __future__ import annotations

import json
from pathlib import Path
from tokenize import TokenError

import msgspec

from matcher.core.errors import RegisterError
from matcher.core.types import Tally
from matcher.register.file_digests import FileDigest

FORMAT = 10
"""The number of the format that this code reads and writes."""
FILE = "manifest.json"
DAMAGE = (
    *(RegisterError, OSError, ValueError, LookupError, TypeError, EOFError),
    *(SyntaxError, TokenError),
)
"""What reading a damaged snapshot may raise; the last two come from an array's header."""


class PaymentTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot holds of payments, and how much of it was paid to its organisations."""

    bodies: tuple[str, ...] = ()
    lines: int = 0
    cells: int = 0
    payees: int = 0
    """different payees, without those that are redacted or may be people"""
    joined_payees: int = 0
    ambiguous: int = 0
    """payees and employers that joined none, because several organisations have their name"""
    pence: int = 0
    joined_pence: int = 0
    """paid to organisations of the register"""
    left_out_pence: int = 0
    """paid to payees that are redacted or may be people"""
    first: int = 0
    """the first month, as year * 12 + month - 1"""
    last: int = 0


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
    payments: PaymentTotals | None = None
    made_by: str = ""
    """a digest of the code and the model that read the organisations; '' if they differ"""
    planned: int = 0
    """contracts that are announced and not tendered yet"""
    command: str = ""
    """the command that built it, as it was typed, without its folder; '' for another program"""
    files: dict[str, FileDigest] = {}
    """the digests of its files; empty in registers that were built before 28 November 2026"""

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of the snapshot in `folder`. Raises ValueError where it is damaged."""
        return msgspec.json.decode((folder / FILE).read_bytes(), type=cls)

    def write(self, folder: Path) -> None:
        """Write it into the snapshot in `folder`."""
        text = json.dumps(msgspec.to_builtins(self), indent=1, sort_keys=True)
        (folder / FILE).write_text(text, encoding="utf-8")
