"""What is needed of every record to find duplicates and places, made in several processes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from matcher.core import workers
from matcher.core.arrays import Ints
from matcher.core.types import Provider
from matcher.geo.postcodes import PostcodeTable
from matcher.register.columns import SQUARE
from matcher.register.linkage.attach import NameIndex
from matcher.register.linkage.resolve import Resolver
from matcher.register.record_file import RecordFile
from matcher.sources.feed import Progress

_AT_ONCE = 20_000
"""Records that one process reads before it returns their keys."""


@dataclass(frozen=True, slots=True)
class RecordKeys:
    """The keys of some consecutive records, by which duplicates and payees are found."""

    resolver: Resolver
    names: NameIndex
    squares: Ints
    """(records, 2) the square of each"""


def collect(
    records: Path, places: Path, resolver: Resolver, *, with_names: bool, progress: Progress
) -> RecordKeys:
    """The keys of the records in a file; `resolver` has none yet, and gets theirs.

    `places` is the postcode table. Only `with_names` are there the names, which remarks are
    attached by.
    """
    count = len(RecordFile(records, Provider))
    parts = [range(at, min(at + _AT_ONCE, count)) for at in range(0, count, _AT_ONCE)]
    work = partial(_keys_of, records.absolute(), places.absolute(), resolver.fresh(), with_names)
    names, squares, done = NameIndex(), [], 0
    jobs = workers.ALL_CORES if len(parts) > 1 else 1
    for keys in workers.in_order(work, parts, jobs):
        resolver.extend(keys.resolver)
        names.extend(keys.names, done)
        squares.append(keys.squares)
        done += len(keys.squares)
        progress("reading names", done, count)
    return RecordKeys(resolver, names, np.concatenate([np.empty((0, 2), np.int64), *squares]))


def _keys_of(
    path: Path, places: Path, rules: Resolver, with_names: bool, part: range
) -> RecordKeys:
    records: RecordFile[Provider] = RecordFile(path, Provider)
    table = PostcodeTable.open(places)
    resolver, names = rules.fresh(), NameIndex()
    squares = np.empty((len(part), 2), np.int64)
    for at, number in enumerate(part):
        record = records[number]
        resolver.add(record)
        if with_names:
            names.add(record, at)
        squares[at] = square_of(record, table)
    records.free()
    return RecordKeys(resolver, names, squares)


def square_of(provider: Provider, table: PostcodeTable) -> tuple[int, int]:
    """The square of the provider's first site with a known place; (-1, -1) if none has one."""
    spot = next((p for s in provider.sites if (p := table.find(s.postcode))), None)
    return (spot.east // SQUARE, spot.north // SQUARE) if spot else (-1, -1)
