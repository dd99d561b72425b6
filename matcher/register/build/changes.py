"""The differences between two snapshots of a register: new, gone, renamed and moved providers.

A provider in one snapshot is the same as one in the other if they share an id.  Names and the
first postcodes are compared.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core import atomic
from matcher.core.arrays import Ints, places_in
from matcher.core.identifiers import without_place
from matcher.core.types import Organisation, Provider
from matcher.register.build.suppression_list import Suppressions
from matcher.register.build.unchanged import Before
from matcher.register.linkage.name_similarity import normalise
from matcher.register.manifest import DAMAGE, FORMAT
from matcher.register.manifest import FILE as MANIFEST
from matcher.register.record_file import RecordFile
from matcher.sources.feed import Progress

FILE = "changes.jsonl"


class ChangeKind(StrEnum):
    """What happened to a provider."""

    NEW = "new"
    GONE = "gone"
    RENAMED = "renamed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """A change to one provider; `was` and `now` are names, or postcodes if it moved."""

    what: ChangeKind
    id: str
    name: str
    was: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The providers of a snapshot, the hashes of their ids, ascending, and the row of each id."""

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
        """(rows,) a row of the other snapshot that shares an id; -1 where none does."""
        rows = np.full(len(self.organisations), -1, np.int64)
        at = places_in(self.ids, other.ids)
        rows[self.rows[at >= 0]] = other.rows[at[at >= 0]]
        return rows


def write_changes(
    folder: Path, before: Path | None, suppressed: Suppressions, progress: Progress
) -> dict[str, int]:
    """Compare the snapshot in `folder` with the one in `before`, and write the changes into it.

    Organisations that asked to be left out are in no change.  Returns the number of changes by
    kind; {} if there is no snapshot before that can be compared.
    """
    was = _open(before) if before else None
    if was is None:
        return {}
    counts: Counter[str] = Counter({kind.value: 0 for kind in ChangeKind})
    with (folder / FILE).open("wb") as file:
        other = _differ(folder, before) if before else None
        for change in _changes(_Snapshot.open(folder), was, other, suppressed, progress):
            counts[change.what.value] += 1
            file.write(msgspec.json.encode(change) + b"\n")
    return dict(counts)


def _open(folder: Path) -> _Snapshot | None:
    """The snapshot in `folder`; None if it has another format or is damaged."""
    try:
        if json.loads((folder / MANIFEST).read_text())["format"] != FORMAT:
            return None
        return _Snapshot.open(folder)
    except DAMAGE:
        return None


def read_changes(folder: Path, limit: int) -> list[RegisterChange]:
    """The first `limit` changes in the snapshot in `folder`."""
    try:
        return list(islice(_every_change(folder), limit))
    except FileNotFoundError:
        return []


def rewrite_without(
    source: Path, target: Path, ids: Collection[str], names: Collection[str]
) -> None:
    """Write the changes in the snapshot in `source` into `target`, which may be the same folder.

    Changes of a provider with one of `ids` are left out.  So are those that contain one of
    `names`, or a name that a change of one of `ids` gives, in any spelling.
    """
    if not (source / FILE).is_file():
        return
    hidden = {normalise(name) for name in names}
    for change in _every_change(source):
        if not _forms(change.id).isdisjoint(ids):
            hidden |= {normalise(name) for name in _names_in(change)}
    hidden.discard("")
    with atomic.replacing(target / FILE) as fresh, fresh.open("wb") as file:
        for change in _every_change(source):
            other = _forms(change.id).isdisjoint(ids)
            if other and hidden.isdisjoint(map(normalise, _names_in(change))):
                file.write(msgspec.json.encode(change) + b"\n")


def _forms(org_id: str) -> set[str]:
    """An id, and the same without its place if it is made from a name."""
    return {org_id, without_place(org_id)}


def _every_change(folder: Path) -> Iterator[RegisterChange]:
    with (folder / FILE).open("rb") as file:
        for line in file:
            yield msgspec.json.decode(line, type=RegisterChange)


def _names_in(change: RegisterChange) -> tuple[str, ...]:
    if change.what is ChangeKind.RENAMED:
        return change.name, change.was, change.now
    return (change.name,)


def _differ(folder: Path, before: Path) -> Ints | None:
    """The rows of the snapshot in `folder` that do not say what one in `before` said; None for all.

    Reading the others would take longest, and they have not changed.
    """
    try:
        rows = len(RecordFile(folder / "organisations", Organisation))
        return np.flatnonzero(Before.open(before).rows_of(folder, range(rows)) < 0)
    except DAMAGE:
        return None


def _changes(
    now: _Snapshot,
    was: _Snapshot,
    other: Ints | None,
    suppressed: Suppressions,
    progress: Progress,
) -> Iterator[RegisterChange]:
    rows_before, rows = now.rows_in(was), len(now.organisations)
    for row in range(rows) if other is None else other.tolist():
        provider = now.organisations[row].provider
        if rows_before[row] < 0:
            yield RegisterChange(ChangeKind.NEW, provider.id, provider.name)
        else:
            before = was.organisations[int(rows_before[row])]
            if not _left_out(before, suppressed):
                yield from _compare(provider, before.provider)
        if row % 500 == 0:
            progress("comparing with the last snapshot", row, rows)
    for row in np.flatnonzero(was.rows_in(now) < 0).tolist():
        before = was.organisations[row]
        if not _left_out(before, suppressed):
            provider = before.provider
            yield RegisterChange(ChangeKind.GONE, provider.id, provider.name)


def _left_out(organisation: Organisation, suppressed: Suppressions) -> bool:
    """Whether an organisation asked to be left out, before this snapshot or after it was made."""
    return not organisation.records or any(map(suppressed.cover, organisation.records))


def _compare(now: Provider, was: Provider) -> Iterator[RegisterChange]:
    if now.name != was.name:
        yield RegisterChange(ChangeKind.RENAMED, now.id, now.name, was.name, now.name)
    postcode, postcode_before = _postcode(now), _postcode(was)
    if postcode and postcode_before and postcode != postcode_before:
        yield RegisterChange(ChangeKind.MOVED, now.id, now.name, postcode_before, postcode)


def _postcode(provider: Provider) -> str:
    return provider.sites[0].postcode if provider.sites else ""
