"""The keys of many records as arrays, in memory or in files by their first bits.

Each process reads a part of the keys of all records, and nobody holds all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints, mapped, save_joined, slices, starts_of
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
NOT_ITS_OWN = "not_its_own"
"""A column: whether the number of each record is another organisation's; may be missing."""
STARTS = "-starts"
"""What the names of files end in that say where the hashes of each record start."""
_JOINED = "joined"
"""The folder of the keys of all parts."""
_OF_KEYS = ("keys", "records")
"""The arrays of it, by kind: the keys by partition, and the record of each."""
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
    """what records have several of: the hashes of each record in turn, and (size + 1,) where those
    of each start"""

    @classmethod
    def open(cls, folder: Path) -> KeyTable:
        """The table in `folder`, memory-mapped."""
        arrays = {path.stem: mapped(path) for path in sorted(folder.glob("*.npy"))}
        ragged = {
            name: (arrays.pop(name), arrays.pop(f"{name}{STARTS}"))
            for name in (*(kind.file for kind in KeyKind), SPELLINGS)
        }
        return cls(len(arrays["marks"]), arrays, ragged)

    def save(self, folder: Path) -> None:
        """Write it into `folder`, where `open` finds it."""
        folder.mkdir()
        for name, values in self.columns.items():
            np.save(folder / f"{name}.npy", values)
        for name, (hashes, starts) in self.ragged.items():
            np.save(folder / f"{name}.npy", hashes)
            np.save(folder / f"{name}{STARTS}.npy", starts)

    def is_whole(self) -> bool:
        """Whether there are as many facts as records, and as many hashes as these have."""
        return all(len(values) == self.size for values in self.columns.values()) and all(
            len(starts) == self.size + 1 and starts[-1] == len(hashes)
            for hashes, starts in self.ragged.values()
        )

    def take(self, records: Ints) -> KeyTable:
        """The table of some of the records."""
        ragged = {}
        for name, (hashes, starts) in self.ragged.items():
            first = starts[records]
            sizes = starts[records + 1] - first
            ragged[name] = hashes[slices(first, sizes)[1]], starts_of(sizes)
        columns = {name: values[records] for name, values in self.columns.items()}
        return KeyTable(len(records), columns, ragged)

    def followed_by(self, *others: KeyTable) -> KeyTable:
        """This table, and then the records of others."""
        every = (self, *others)
        columns = {name: np.concatenate([t.columns[name] for t in every]) for name in self.columns}
        ragged = {
            name: (
                np.concatenate([t.ragged[name][0] for t in every]),
                starts_of(np.concatenate([np.diff(t.ragged[name][1]) for t in every])),
            )
            for name in self.ragged
        }
        return KeyTable(sum(t.size for t in every), columns, ragged)

    def save_part(self, folder: Path, part: range, partitions: int) -> None:
        """Write it as the part of `KeyFiles` with the records of these numbers."""
        keys, records, sizes = [], [], []
        for kind in KeyKind:
            hashes, starts = self.ragged[kind.file]
            numbers = np.repeat(np.arange(part.start, part.stop, dtype=np.int32), np.diff(starts))
            at = partition_of(hashes, partitions)
            order = np.argsort(at.astype(np.uint16), kind="stable")  # quick for small numbers
            keys.append(hashes[order])
            records.append(numbers[order])
            sizes.append(np.bincount(at, minlength=partitions))
        ends = starts_of(np.concatenate(sizes))
        spellings, starts = self.ragged[SPELLINGS]
        found: dict[str, npt.NDArray[Any]] = {
            "keys": np.concatenate(keys),
            "records": np.concatenate(records),
            "ends": ends,
            SPELLINGS: spellings,
            SPELT: np.diff(starts).astype(np.int32),
        }
        for name, values in (found | self.columns).items():
            np.save(folder / f"{part.start}.{name}.npy", values)


def one_after_the_other(starts: Sequence[Ints]) -> list[Ints]:
    """The parts of the starts of runs that lie one after the other, from those of each part.

    >>> np.concatenate(one_after_the_other([np.array([0, 2]), np.array([0, 1, 4])])).tolist()
    [0, 2, 3, 6]
    """
    before = starts_of(np.array([part[-1] for part in starts]))
    return [np.zeros(1, np.int64), *(part[1:] + b for part, b in zip(starts, before, strict=False))]


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
        """The keys of a kind in a partition, and the record of each; once the parts are joined."""
        if not self.parts:
            return np.empty(0, np.uint64), np.empty(0, np.int64)
        folder = self.folder / _JOINED / kind.file
        start, stop = mapped(folder / "starts.npy")[partition : partition + 2].tolist()
        keys, records = (mapped(folder / f"{name}.npy")[start:stop] for name in _OF_KEYS)
        return np.array(keys), records.astype(np.int64)

    def _part(self, part: range, name: str) -> npt.NDArray[Any]:
        array: npt.NDArray[Any] = mapped(self.folder / f"{part.start}.{name}.npy")
        return array

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """(records,) each fact by its name, memory-mapped."""
        return {path.stem: mapped(path) for path in sorted(self.folder.glob("[a-z]*.npy"))}

    def share(self, name: str, values: npt.NDArray[Any]) -> None:
        """Add a column that tasks read."""
        np.save(self.folder / f"{name}.npy", values)

    def join(self) -> None:
        """Put the keys and columns of all parts together, once all are written."""
        for name in (*COLUMNS, "marks", SPELT, SPELLINGS, SPOTS) if self.parts else ():
            self.share(name, np.concatenate([self._part(part, name) for part in self.parts]))
            self._unlink(name)
        if self.parts:
            self._join_keys()

    def _join_keys(self) -> None:
        """Put the keys of each kind together by partition, so that each is read from one place."""
        ends = np.stack([self._part(part, "ends") for part in self.parts])
        for name in _OF_KEYS:
            arrays = [self._part(part, name) for part in self.parts]
            for kind in KeyKind:
                edges = ends[:, kind * self.partitions : (kind + 1) * self.partitions + 1]
                folder = self.folder / _JOINED / kind.file
                folder.mkdir(parents=True, exist_ok=True)
                np.save(folder / "starts.npy", starts_of(np.diff(edges).sum(axis=0)))
                pieces = [
                    array[start:stop]
                    for starts, stops in zip(edges.T[:-1], edges.T[1:], strict=True)
                    for array, start, stop in zip(arrays, starts, stops, strict=True)
                ]
                save_joined(folder / f"{name}.npy", pieces)
            self._unlink(name)
        self._unlink("ends")

    def _unlink(self, name: str) -> None:
        for part in self.parts:
            (self.folder / f"{part.start}.{name}.npy").unlink()


def columns_of(keys: Keys) -> Mapping[str, npt.NDArray[Any]]:
    """The columns; a number that is not a record's own is none."""
    columns = keys.columns()
    if NOT_ITS_OWN not in columns:
        return columns
    its_own = ~columns[NOT_ITS_OWN]
    return {**columns, **{name: columns[name] * its_own for name in ("form", "number")}}


def all_with(keys: Keys, own_id: str) -> list[int]:
    """The records with an own id, or with one that is this without its place or number."""
    sought = np.array([fingerprint(own_id)], np.uint64)
    hashes, records = keys.of(KeyKind.OWN_ID, int(partition_of(sought, keys.partitions)[0]))
    return sorted({int(record) for record in records[hashes == sought[0]]})
