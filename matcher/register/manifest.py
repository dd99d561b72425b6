"""What a snapshot of a register says about itself: version, counts, sources, digests of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tokenize import TokenError
from typing import TypeVar

import msgspec

from matcher.core.disk import sha256
from matcher.core.errors import RegisterError
from matcher.core.types import Tally

Result = TypeVar("Result")

FORMAT = 10
"""The number of the format that this code reads and writes."""
FILE = "manifest.json"
CHANGING = "changes."
"""Begins the names of the files that may change in a snapshot: a removal takes a name out."""
_DATA = {".npy", ".npz", ".jsonl", ".json", ".csv"}
_BLOCK = 4096
_AT_ONCE = 4
"""Large files that are read at the same time; a digest lets other threads compute."""
_LARGE = 1 << 20
"""Bytes of a file from which on reading it is more work than handing it to a thread."""
_BLOCKS = 8
"""Blocks of a file that are read, the first and the last among them."""


class FileDigest(msgspec.Struct, frozen=True):
    """The BLAKE2b digests of a file: of its size and some blocks, and the SHA-256 of all of it."""

    sample: str
    whole: str


def digests_of(
    folder: Path, before: Path | None = None, known: Mapping[str, FileDigest] | None = None
) -> dict[str, FileDigest]:
    """The digests of every file of data in a snapshot, by its path inside `folder`, in order.

    Files that are links to those of the snapshot `before` keep the digests `known` of these, so
    that a damaged file does not count as whole in a new snapshot.
    """
    kept = known if before and known else {}

    def digest(name: str) -> FileDigest:
        path = folder / name
        linked = name in kept and before is not None and _same(path, before / name)
        return kept[name] if linked else FileDigest(_sample(path), sha256(path))

    return _of_each(folder, list(_names(folder)), digest)


def check_samples(folder: Path, digests: Mapping[str, FileDigest]) -> None:
    """Raise ValueError where a file is missing, new, or not the one that was written.

    Files of more than 32 KB are read in part, so a change between the parts is not noticed.
    """
    if digests:
        found = {name: _sample(folder / name) for name in _names(folder)}
        if found != {name: digest.sample for name, digest in digests.items()}:
            raise ValueError("a file is not the one that was written")


def damaged(folder: Path, digests: Mapping[str, FileDigest]) -> list[str]:
    """The files that are missing, new, or differ in any byte from what was written, in order.

    None without `digests`, which earlier versions did not write.
    """
    if not digests:
        return []
    found = set(_names(folder))
    both = sorted(digests.keys() & found)
    now = _of_each(folder, both, lambda name: sha256(folder / name))
    changed = [name for name, whole in now.items() if whole != digests[name].whole]
    return sorted((digests.keys() ^ found).union(changed))


def _of_each(
    folder: Path, names: Sequence[str], read: Callable[[str], Result]
) -> dict[str, Result]:
    """What `read` gives for each of the files, in order; of large ones, several at a time."""
    large = [name for name in names if (folder / name).stat().st_size >= _LARGE]
    found: dict[str, Result] = {}
    if large:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            found = dict(zip(large, threads.map(read, large), strict=True))
    return {name: found[name] if name in found else read(name) for name in names}


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).as_posix()
        passing = inside == FILE or path.name.startswith((CHANGING, "."))
        if path.suffix in _DATA and not passing:
            yield inside


def _same(path: Path, other: Path) -> bool:
    return other.exists() and path.samefile(other)


def _sample(path: Path) -> str:
    with path.open("rb", buffering=0) as file:
        size = file.seek(0, 2)
        last = max(size - _BLOCK, 0)
        digest = hashlib.blake2b(size.to_bytes(8, "little"), digest_size=8)
        for block in range(_BLOCKS) if size > _BLOCK * _BLOCKS else range(1):
            file.seek(last * block // (_BLOCKS - 1))
            digest.update(file.read(_BLOCK if size > _BLOCK * _BLOCKS else size))
    return digest.hexdigest()


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
    """versions of all that made the vectors, or ''"""
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
