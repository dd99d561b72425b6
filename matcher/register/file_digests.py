"""Digests of the files of a snapshot, by which damage and files of another register are noticed.

A sample of each file is read whenever a register is opened; `damaged` reads all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

CHANGING = "changes."
"""Begins the names of the files that may change in a snapshot: a removal takes a name out."""
_DATA = {".npy", ".npz", ".jsonl", ".json", ".csv"}
_MANIFEST = "manifest.json"
_BLOCK = 4096
_AT_ONCE = 4
"""Files that are read at the same time; a digest lets other threads compute."""
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
        return kept[name] if linked else FileDigest(_sample(path), _whole(path))

    names = list(_names(folder))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return dict(zip(names, threads.map(digest, names), strict=True))


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
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        whole = threads.map(lambda name: _whole(folder / name) == digests[name].whole, both)
        changed = [name for name, same in zip(both, whole, strict=True) if not same]
    return sorted((digests.keys() ^ found).union(changed))


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).as_posix()
        passing = inside == _MANIFEST or path.name.startswith((CHANGING, "."))
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


def _whole(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
