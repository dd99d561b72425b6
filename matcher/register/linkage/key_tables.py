"""The keys of many records as arrays, in memory or in files by their first bits.

Each process reads a part of the keys of all records, and nobody holds all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints, slices
from matcher.core.identifiers import fingerprint

Hashes: TypeAlias = npt.NDArray[np.uint64]

NONE, SEVERAL = 0, 1
"""A record without a postcode, and one with several; likewise names and official numbers."""
SPOTS = "spots"
"""A column: (records, 2) east and north, -1 where the postcode is unknown; may be missing."""
SPELT, SPELLINGS = "spelt", "spellings"
"""Columns: how many spellings each record has that has several; and these, one after the other."""
ROLE, GONE = 1, 2
"""Marks: its name has a word of related organisations; it is no longer registered."""
_KEYS_AT_ONCE = 50_000
"""Records whose keys of one kind a process sorts at the same time."""


class KeyKind(IntEnum):
    """What records with a key share."""

    OWN_ID = 0
    ID = 1
    COMPANY = 2
    """a full company name"""
    NAME = 3
    """a whole name"""
    TRADING = 4
    """a trading name, and whole names that may be one"""
    CANDIDATE = 5
    """something in their names that makes comparing them worth while"""

    @property
    def file(self) -> str:
        """The name of the file that such keys are kept in."""
        return f"keys-{self.name.lower()}"


class Keys(Protocol):
    """The keys of all records, and one value of some facts for each record."""

    @property
    def partitions(self) -> int:
        """How many parts the keys are in, by their first bits."""
        ...

    @property
    def records(self) -> int:
        """How many records there are."""
        ...

    def of(self, kind: KeyKind, partition: int) -> tuple[Hashes, Ints]:
        """The keys of a kind in a partition, and the record of each."""
        ...

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """(records,) each fact by its name; SPELLINGS are more."""
        ...

    def share(self, name: str, values: npt.NDArray[Any]) -> None:
        """Add a column that tasks read."""
        ...


COLUMNS: dict[str, str] = {"place": "Q", "name": "Q", "same": "Q", "form": "Q", "number": "Q"}


@dataclass(frozen=True, slots=True)
class KeyTable:
    """The keys of some records, and facts of each, as arrays that can be kept."""

    size: int
    columns: dict[str, npt.NDArray[Any]]
    ragged: dict[str, tuple[Hashes, Ints]]
    """what records have several of: the hashes of each record in turn, and how many each has"""

    @classmethod
    def open(cls, folder: Path) -> KeyTable:
        """The table in `folder`, memory-mapped."""
        arrays = {path.stem: _mapped(path) for path in sorted(folder.glob("*.npy"))}
        ragged = {
            name: (arrays.pop(name), arrays.pop(f"{name}-sizes"))
            for name in (*(kind.file for kind in KeyKind), SPELLINGS)
        }
        return cls(len(arrays["marks"]), arrays, ragged)

    def save(self, folder: Path) -> None:
        """Write it into `folder`, where `open` finds it."""
        folder.mkdir()
        for name, values in self.columns.items():
            np.save(folder / f"{name}.npy", values)
        for name, (hashes, sizes) in self.ragged.items():
            np.save(folder / f"{name}.npy", hashes)
            np.save(folder / f"{name}-sizes.npy", sizes.astype(np.uint32))

    def is_whole(self) -> bool:
        """Whether there are as many facts and numbers of keys as records."""
        sizes = (many for _, many in self.ragged.values())
        return all(len(values) == self.size for values in (*self.columns.values(), *sizes))

    def take(self, records: Ints) -> KeyTable:
        """The table of some of the records."""
        ragged = {}
        for name, (hashes, sizes) in self.ragged.items():
            starts = np.cumsum(sizes, dtype=np.int64) - sizes
            mine = sizes[records].astype(np.int64)
            ragged[name] = hashes[slices(starts[records], mine)[1]], mine
        columns = {name: values[records] for name, values in self.columns.items()}
        return KeyTable(len(records), columns, ragged)

    def followed_by(self, *others: KeyTable) -> KeyTable:
        """This table, and then the records of others."""
        every = (self, *others)
        columns = {name: np.concatenate([t.columns[name] for t in every]) for name in self.columns}
        ragged = {
            name: (
                np.concatenate([t.ragged[name][0] for t in every]),
                np.concatenate([t.ragged[name][1].astype(np.int64) for t in every]),
            )
            for name in self.ragged
        }
        return KeyTable(sum(t.size for t in every), columns, ragged)

    def save_part(self, folder: Path, part: range, partitions: int) -> None:
        """Write it as the part of `KeyFiles` with the records of these numbers."""
        keys, records, sizes = [], [], []
        for kind in KeyKind:
            hashes, many = self.ragged[kind.file]
            numbers = np.repeat(np.arange(part.start, part.stop, dtype=np.int32), many)
            at = partition_of(hashes, partitions)
            order = np.argsort(at, kind="stable")
            keys.append(hashes[order])
            records.append(numbers[order])
            sizes.append(np.bincount(at, minlength=partitions))
        ends = np.cumsum(np.concatenate([[0], *sizes])).astype(np.int64)
        spellings, spelt = self.ragged[SPELLINGS]
        found: dict[str, npt.NDArray[Any]] = {
            "keys": np.concatenate(keys),
            "records": np.concatenate(records),
            "ends": ends,
            SPELLINGS: spellings,
            SPELT: spelt.astype(np.int32),
        }
        for name, values in (found | self.columns).items():
            np.save(folder / f"{part.start}.{name}.npy", values)


def partition_of(keys: Hashes, partitions: int) -> Ints:
    """(n,) the partition of each key; `partitions` is a power of two."""
    bits = partitions.bit_length() - 1
    if not bits:
        return np.zeros(len(keys), np.int64)
    return (keys >> np.uint64(64 - bits)).astype(np.int64)


def partitions_for(records: int) -> int:
    """Into how many partitions the keys of so many records go."""
    return 1 << max(0, (records // _KEYS_AT_ONCE).bit_length())


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """The keys of all records, in the files of parts that `KeyTable.save_part` wrote."""

    folder: Path
    parts: tuple[range, ...]
    """the numbers of the records of each part"""
    partitions: int
    """how many parts the keys are in, by their first bits"""

    @property
    def records(self) -> int:
        """How many records there are."""
        return self.parts[-1].stop if self.parts else 0

    def of(self, kind: KeyKind, partition: int) -> tuple[Hashes, Ints]:
        """The keys of a kind in a partition, and the record of each."""
        keys, records = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
        at = kind * self.partitions + partition
        for part in self.parts:
            start, stop = self._part(part, "ends")[at : at + 2].tolist()
            if start < stop:
                keys.append(self._part(part, "keys")[start:stop])
                records.append(self._part(part, "records")[start:stop])
        return np.concatenate(keys), np.concatenate(records)

    def _part(self, part: range, name: str) -> npt.NDArray[Any]:
        return _mapped(self.folder / f"{part.start}.{name}.npy")

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """(records,) each fact by its name, memory-mapped."""
        return {path.stem: _mapped(path) for path in sorted(self.folder.glob("[a-z]*.npy"))}

    def share(self, name: str, values: npt.NDArray[Any]) -> None:
        """Add a column that tasks read."""
        np.save(self.folder / f"{name}.npy", values)

    def join_columns(self) -> None:
        """Put the columns of all parts together, once all are written."""
        for name in (*COLUMNS, "marks", SPELT, SPELLINGS, SPOTS) if self.parts else ():
            self.share(name, np.concatenate([self._part(part, name) for part in self.parts]))
            for part in self.parts:
                (self.folder / f"{part.start}.{name}.npy").unlink()


def all_with(keys: Keys, own_id: str) -> list[int]:
    """The records with an own id, or with one that is this without its place or number."""
    sought = np.array([fingerprint(own_id)], np.uint64)
    hashes, records = keys.of(KeyKind.OWN_ID, int(partition_of(sought, keys.partitions)[0]))
    return sorted({int(record) for record in records[hashes == sought[0]]})


def _mapped(path: Path) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array
