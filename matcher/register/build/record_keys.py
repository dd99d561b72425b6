"""What is needed of every record to find duplicates and places, made in several processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core import workers
from matcher.core.arrays import AnyInts, Ints, Mask, mapped
from matcher.core.types import Provider
from matcher.geo import national_grid
from matcher.geo.postcodes import PostcodePlacement, PostcodeTable
from matcher.register.build import known_records
from matcher.register.build.intake_records import IntakeRecords
from matcher.register.build.known_records import NOT_LISTED, KnownRecords
from matcher.register.columns import SQUARE
from matcher.register.linkage.attach import NameIndex
from matcher.register.linkage.groups import Read
from matcher.register.linkage.key_tables import SPOTS, KeyFiles, KeyTable, partitions_for
from matcher.register.linkage.keys import RecordKeys
from matcher.register.linkage.matching import Distance
from matcher.register.record_file import RecordFileWriter
from matcher.sources.feed import Progress

FOLDER = "intake-keys"
SQUARES = "squares"
NAME_KEYS = "intake-names"
"""The file of the keys that the names of each record are found by, as lists of texts."""
_NUMBERS = "intake-numbers.npy"
"""The file of the numbers of records in the snapshot before, as far as they are known."""
_AT_ONCE = 20_000
"""Records that one process reads before it returns their keys."""
_POSTCODES = 1 << 14
"""Postcodes whose points are kept in memory once they were found."""


@dataclass(frozen=True, slots=True)
class BuildKeys:
    """The keys of all records, by which duplicates and payees are found."""

    keys: KeyFiles
    names: NameIndex
    squares: Ints
    """(records, 2) the square of each"""
    not_listed: Mask
    """(records,) whether it has whole postcodes, and none of them is in the list of postcodes"""
    before: npt.NDArray[np.int32]
    """(records,) the number of each in the snapshot before; -1 where it is not there"""


class _Part(NamedTuple):
    names: NameIndex
    squares: Ints
    not_listed: Mask
    name_keys: bytes
    sizes: Ints
    before: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What reads a part of the records in a folder; a cluster hashes it, so it has no equal."""

    folder: Path
    keys: KeyFiles
    trust_ids: bool
    with_names: bool
    before: KnownRecords | None

    def __call__(self, part: range) -> _Part:
        before = old = np.full(len(part), -1, np.int64)
        if self.before is not None:
            before = self._before(self.before, part)
            old = old if self.with_names else before
        new, known = np.flatnonzero(old < 0), np.flatnonzero(old >= 0)
        records = IntakeRecords(self.folder)
        read = _Read(
            PostcodeTable.open(self.folder / "places"), RecordKeys(trust_ids=self.trust_ids)
        )
        lines, encode = [b"[]\n"] * len(part), msgspec.json.Encoder().encode
        for at in new.tolist():
            record = records[part.start + at]
            lines[at] = encode(read.add(record)) + b"\n"
            if self.with_names:
                read.names.add(record, at)
        records.free()
        table = read.table()
        if self.before is not None and len(known):
            every = table.followed_by(self.before.keys.take(old[known]))
            table = every.take(np.argsort(np.concatenate([new, known]), kind="stable"))
        table.save_part(self.keys.folder, part, self.keys.partitions)
        table.save(self.keys.folder / str(part.start))
        sizes = np.array(list(map(len, lines)), np.int64)
        squares = table.columns[SQUARES].astype(np.int64)
        not_listed = table.columns[NOT_LISTED]
        name_keys, numbers = b"".join(lines), before.astype(np.int32)
        return _Part(read.names, squares, not_listed, name_keys, sizes, numbers)

    def _before(self, known: KnownRecords, part: range) -> Ints:
        """The number of each record in the snapshot before; -1 where it is not there."""
        numbers: AnyInts = mapped(self.folder / _NUMBERS)
        found = numbers[part.start : part.stop].astype(np.int64)
        new = np.flatnonzero(found < 0)
        found[new] = known.numbers_of(self.folder, part.start + new)
        return found


@dataclass(slots=True)
class _Read:
    """What was read of some records."""

    places: PostcodeTable
    keys: RecordKeys
    names: NameIndex = field(default_factory=NameIndex)
    first: list[str] = field(default_factory=list)
    """the first postcode of each"""
    several: dict[int, Provider] = field(default_factory=dict)
    """those with more"""

    def add(self, record: Provider) -> tuple[str, ...]:
        """Add the next record.  Returns the keys that its names are found by."""
        if len(record.sites) > 1:
            self.several[len(self.first)] = record
        self.first.append(record.sites[0].postcode if record.sites else "")
        return self.keys.add(record)

    def table(self) -> KeyTable:
        """The keys and places of all."""
        east, north, _, how = self.places.find_many(self.first)
        spots = np.stack([east, north], axis=1)
        spots[how == PostcodePlacement.UNKNOWN] = -1
        squares = np.where(spots < 0, -1, spots // SQUARE).astype(np.int16)
        not_listed = np.array([" " in postcode for postcode in self.first], bool)
        not_listed &= how != PostcodePlacement.EXACT
        for at, record in self.several.items():
            squares[at] = square_of(record, self.places)
            not_listed[at] = _is_not_listed(record, self.places)
        self.keys.share(SPOTS, spots)
        self.keys.share(SQUARES, squares)
        self.keys.share(NOT_LISTED, not_listed)
        return self.keys.table()


def collect(
    folder: Path,
    *,
    trust_ids: bool,
    with_names: bool,
    progress: Progress,
    before: KnownRecords | None,
    numbers: npt.NDArray[np.int32],
) -> BuildKeys:
    """The keys of the records of the snapshot in `folder`, written there.

    Only `with_names` are there the names, which remarks are attached by.  Keys of records that the
    snapshot `before` had too are copied from there; but not with names, nor where ids are trusted.
    `numbers` (records,) are those that are known of the records there, and -1.
    """
    before = None if trust_ids else before
    count = len(IntakeRecords(folder))
    parts = tuple(range(at, min(at + _AT_ONCE, count)) for at in range(0, count, _AT_ONCE))
    keys = KeyFiles(folder.absolute() / FOLDER, parts, partitions_for(count))
    keys.folder.mkdir()
    np.save(folder / _NUMBERS, numbers)
    work = _Work(folder.absolute(), keys, trust_ids, with_names, before)
    names, squares, done = NameIndex(), [np.empty((0, 2), np.int64)], 0
    before_of, not_listed = [np.empty(0, np.int32)], [np.empty(0, bool)]
    jobs = workers.ALL_CORES if len(parts) > 1 else 1
    with RecordFileWriter[list[str]](folder / NAME_KEYS) as out:
        for part in workers.in_order(work, parts, jobs):
            names.extend(part.names, done)
            squares.append(part.squares)
            not_listed.append(part.not_listed)
            before_of.append(part.before)
            out.extend(part.name_keys, part.sizes)
            done += len(part.squares)
            progress("reading names", done, count)
    keys.join()
    if not trust_ids:
        known_records.save(folder, [keys.folder / str(part.start) for part in parts])
    every = (np.concatenate(parts_of) for parts_of in (squares, not_listed, before_of))
    return BuildKeys(keys, names, *every)


def opener(folder: Path) -> partial[tuple[Read, Distance]]:
    """What opens the records and the postcodes of a snapshot in any process."""
    return partial(_open, folder.absolute())


def _open(folder: Path) -> tuple[Read, Distance]:
    read = IntakeRecords(folder).__getitem__
    return read, distance_in(PostcodeTable.open(folder / "places"))


def distance_in(table: PostcodeTable) -> Distance:
    """What gives the distance between two postcodes in kilometres, None if unknown."""
    find = lru_cache(_POSTCODES)(table.find)

    def km(a: str, b: str) -> float | None:
        point_a, point_b = find(a), find(b)
        if point_a is None or point_b is None:
            return None
        return national_grid.km(point_a.east, point_a.north, point_b.east, point_b.north)

    return km


def square_of(provider: Provider, table: PostcodeTable) -> tuple[int, int]:
    """The square of the provider's first site with a known place; (-1, -1) if none has one."""
    spot = next((p for s in provider.sites if (p := table.find(s.postcode))), None)
    return (spot.east // SQUARE, spot.north // SQUARE) if spot else (-1, -1)


def _is_not_listed(provider: Provider, table: PostcodeTable) -> bool:
    """Whether a provider has whole postcodes, and none of them is in the list of postcodes."""
    points = [table.find(site.postcode) for site in provider.sites if " " in site.postcode]
    is_listed = (point and point.how is PostcodePlacement.EXACT for point in points)
    return bool(points) and not any(is_listed)
