"""What is needed of every record to find duplicates and places, made in several processes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from matcher.core import workers
from matcher.core.arrays import Ints
from matcher.core.types import Provider
from matcher.geo import national_grid
from matcher.geo.postcodes import PostcodePlacement, PostcodeTable
from matcher.register.columns import SQUARE
from matcher.register.linkage.attach import NameIndex
from matcher.register.linkage.groups import Read
from matcher.register.linkage.keys import SPOTS, KeyFiles, RecordKeys
from matcher.register.linkage.matching import Distance
from matcher.register.record_file import RecordFile, RecordFileWriter
from matcher.sources.feed import Progress

FOLDER = "intake-keys"
NAME_KEYS = "intake-names"
"""The file of the keys that the names of each record are found by, as lists of texts."""
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


class _Part(NamedTuple):
    names: NameIndex
    squares: Ints
    name_keys: bytes
    sizes: Ints


@dataclass(frozen=True, slots=True)
class _Work:
    """What reads a part of the records in a folder."""

    folder: Path
    records: Path
    keys: KeyFiles
    trust_ids: bool
    with_names: bool

    def __call__(self, part: range) -> _Part:
        records: RecordFile[Provider] = RecordFile(self.records, Provider)
        table = PostcodeTable.open(self.folder / "places")
        encode = msgspec.json.Encoder().encode
        keys, names, lines = RecordKeys(trust_ids=self.trust_ids), NameIndex(), []
        first: list[str] = []
        more: list[tuple[int, Provider]] = []
        for at, number in enumerate(part):
            record = records[number]
            lines.append(encode(keys.add(record)) + b"\n")
            if self.with_names:
                names.add(record, at)
            first.append(record.sites[0].postcode if record.sites else "")
            if len(record.sites) > 1:
                more.append((at, record))
        records.free()
        east, north, _, how = table.find_many(first)
        spots = np.stack([east, north], axis=1)
        spots[how == PostcodePlacement.UNKNOWN] = -1
        squares = np.where(spots < 0, -1, spots // SQUARE).astype(np.int64)
        for at, record in more:
            squares[at] = square_of(record, table)
        keys.share(SPOTS, spots)
        keys.save(self.keys.folder, part, self.keys.partitions)
        return _Part(names, squares, b"".join(lines), np.array(list(map(len, lines)), np.int64))


def collect(
    folder: Path, records: Path, *, trust_ids: bool, with_names: bool, progress: Progress
) -> BuildKeys:
    """The keys of the records in a file, written into the snapshot in `folder`.

    Only `with_names` are there the names, which remarks are attached by.
    """
    count = len(RecordFile(records, Provider))
    parts = tuple(range(at, min(at + _AT_ONCE, count)) for at in range(0, count, _AT_ONCE))
    keys = KeyFiles(folder.absolute() / FOLDER, parts)
    keys.folder.mkdir()
    work = _Work(folder.absolute(), records.absolute(), keys, trust_ids, with_names)
    names, squares, done = NameIndex(), [np.empty((0, 2), np.int64)], 0
    jobs = workers.ALL_CORES if len(parts) > 1 else 1
    with RecordFileWriter[list[str]](folder / NAME_KEYS) as out:
        for part in workers.in_order(work, parts, jobs):
            names.extend(part.names, done)
            squares.append(part.squares)
            out.extend(part.name_keys, part.sizes)
            done += len(part.squares)
            progress("reading names", done, count)
    keys.join_columns()
    return BuildKeys(keys, names, np.concatenate(squares))


def opener(records: Path, places: Path) -> partial[tuple[Read, Distance]]:
    """What opens a file of records and a postcode table in any process."""
    return partial(_open, records.absolute(), places.absolute())


def _open(records: Path, places: Path) -> tuple[Read, Distance]:
    read = RecordFile(records, Provider).__getitem__
    return read, distance_in(PostcodeTable.open(places))


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
