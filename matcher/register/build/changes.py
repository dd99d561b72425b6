"""What changed from one snapshot of a register to the next: providers new, gone, renamed, moved.

A provider is the same in both where any of its ids is.  What changed is read off its name and
the postcode that it is placed by.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.types import Organisation, Provider
from matcher.register.manifest import FORMAT
from matcher.register.record_file import RecordFile
from matcher.sources.feed import Progress

FILE = "changes.jsonl"
_MANIFEST = "manifest.json"


class ChangeKind(StrEnum):
    """What happened to a provider."""

    NEW = "new"
    GONE = "gone"
    RENAMED = "renamed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """One provider that is not as it was: `was` and `now` are its names, or its postcodes."""

    what: ChangeKind
    id: str
    name: str
    was: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The providers of a snapshot, and their ids as numbers with the row of each, ascending."""

    organisations: RecordFile[Organisation]
    ids: npt.NDArray[np.uint64]
    rows: npt.NDArray[np.int32]

    @classmethod
    def open(cls, folder: Path) -> _Snapshot:
        columns = folder / "columns"
        return cls(
            RecordFile(folder / "organisations", Organisation),
            np.load(columns / "id_hash.npy", allow_pickle=False),
            np.load(columns / "id_row.npy", allow_pickle=False),
        )

    def rows_in(self, other: _Snapshot) -> npt.NDArray[np.int64]:
        """For each row here a row of the other snapshot that shares an id; -1 where none does."""
        found = np.full(len(self.organisations), -1, np.int64)
        if len(other.ids):
            at = np.minimum(np.searchsorted(other.ids, self.ids), len(other.ids) - 1)
            shared = other.ids[at] == self.ids
            found[self.rows[shared]] = other.rows[at[shared]]
        return found


def write_changes(folder: Path, before: Path | None, progress: Progress) -> dict[str, int]:
    """Compare the snapshot in `folder` with that of `before`, and write down what changed.

    Gives how many providers changed in which way; nothing where there was no snapshot, or one
    that cannot be compared.
    """
    was = _opened(before) if before else None
    if was is None:
        return {}
    counts: Counter[str] = Counter({what.value: 0 for what in ChangeKind})
    with (folder / FILE).open("wb") as file:
        for change in _changes(_Snapshot.open(folder), was, progress):
            counts[change.what.value] += 1
            file.write(msgspec.json.encode(change) + b"\n")
    return dict(counts)


def _opened(folder: Path) -> _Snapshot | None:
    """The snapshot in `folder`; None where it is of another format or damaged."""
    try:
        if json.loads((folder / _MANIFEST).read_text())["format"] != FORMAT:
            return None
        return _Snapshot.open(folder)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def read_changes(folder: Path, limit: int) -> list[RegisterChange]:
    """The first changes that the snapshot in `folder` was written with."""
    try:
        with (folder / FILE).open("rb") as file:
            return [msgspec.json.decode(line, type=RegisterChange) for line in islice(file, limit)]
    except FileNotFoundError:
        return []


def _changes(now: _Snapshot, was: _Snapshot, progress: Progress) -> Iterator[RegisterChange]:
    found, rows = now.rows_in(was), len(now.organisations)
    for row in range(rows):
        one = now.organisations[row].provider
        if found[row] < 0:
            yield RegisterChange(ChangeKind.NEW, one.id, one.name)
        else:
            yield from _compared(one, was.organisations[int(found[row])].provider)
        if row % 500 == 0:
            progress("comparing with the last snapshot", row, rows)
    for gone in np.flatnonzero(was.rows_in(now) < 0).tolist():
        one = was.organisations[gone].provider
        yield RegisterChange(ChangeKind.GONE, one.id, one.name)


def _compared(now: Provider, was: Provider) -> Iterator[RegisterChange]:
    if now.name != was.name:
        yield RegisterChange(ChangeKind.RENAMED, now.id, now.name, was.name, now.name)
    here, there = _postcode(now), _postcode(was)
    if here and there and here != there:
        yield RegisterChange(ChangeKind.MOVED, now.id, now.name, there, here)


def _postcode(one: Provider) -> str:
    return one.sites[0].postcode if one.sites else ""
