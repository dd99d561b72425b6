"""Which records are worth comparing by name: those that share a key, and a place, name or role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints, Mask, first_of_each, slices
from matcher.register.linkage.key_tables import GONE, ROLE, SEVERAL, Hashes, KeyKind, Keys
from matcher.register.linkage.matching import NEAR_KM

LARGEST_BLOCK = 60
"""Keys that more records share are too common to compare their records."""
_AT_ONCE = 1 << 19
"""Pairs that are made before those that cannot match are left out."""
_SPELT_AT_ONCE = 100_000
"""Pairs of records with several spellings that are looked at together."""
_FAR = round(1000 * NEAR_KM) + 100
"""Metres from which on two records are surely not near each other."""
LEADERS, IN_GROUP = "leaders", "in_group"
"""Columns: the leader of each record's group, and whether that has other records."""


def shared(keys: Hashes, records: Ints) -> tuple[Ints, Ints]:
    """The records of the keys that two or more share, in the order of keys, and how many each has.

    >>> shared(np.array([9, 4, 9, 5], np.uint64), np.array([0, 1, 2, 2]))
    (array([0, 2]), array([2]))
    """
    keys, records = _repeated(keys, records)
    order = np.lexsort((records, keys))
    keys, records = keys[order], records[order]
    once = np.ones(len(keys), bool)
    once[1:] = (keys[1:] != keys[:-1]) | (records[1:] != records[:-1])
    keys, records = keys[once], records[once]
    sizes = np.diff(_edges(keys))
    several = np.repeat(sizes > 1, sizes)
    return records[several], sizes[sizes > 1]


def _repeated(keys: Hashes, records: Ints) -> tuple[Hashes, Ints]:
    """Without the keys that are there once, which are most; those of one key in any order."""
    order = np.argsort(keys)
    sizes = np.diff(_edges(keys[order]))
    kept = order[np.repeat(sizes > 1, sizes)]
    return keys[kept], records[kept].astype(np.int64)


def _edges(keys: Hashes) -> Ints:
    """Where each key starts in sorted `keys`, and last their number."""
    if not len(keys):
        return np.zeros(1, np.int64)
    return np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1], [True]]))


def pairs_in(keys: Keys, partition: int) -> Ints:
    """The pairs of records that share a key in a partition and may match or be related.

    Each is one number, a * records + b with a < b.  Pairs of one key follow each other, so that
    who compares them reads few records anew.
    """
    every: Any = keys.columns()
    columns = _Columns(**{name: every.get(name) for name in _Columns.__dataclass_fields__})
    found = [np.empty(0, np.int64)]
    for pairs in _of_blocks(columns, *keys.of(KeyKind.CANDIDATE, partition)):
        a, b = _may_match(columns, *pairs)
        found.append(first_of_each(np.minimum(a, b) * keys.records + np.maximum(a, b)))
    return first_of_each(np.concatenate(found))


@dataclass(frozen=True)
class _Columns:
    """What is known of each record, (records,) each."""

    place: Hashes
    name: Hashes
    same: Hashes
    form: Hashes
    number: Hashes
    marks: npt.NDArray[np.uint8]
    spelt: npt.NDArray[np.int32]
    spellings: Hashes
    leaders: Ints
    in_group: Mask
    spots: npt.NDArray[np.int32] | None = None

    @cached_property
    def first_spelling(self) -> Ints:
        """(records,) where the spellings of each start."""
        before: Ints = np.cumsum(self.spelt, dtype=np.int64) - self.spelt
        return before


def _of_blocks(columns: _Columns, keys: Hashes, records: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Arrays of pairs of records that share a key, alike records of one group only once."""
    keys, records = _repeated(keys, records)
    alike, groups = columns.same[records], columns.leaders[records]
    order = np.lexsort((records, alike, groups, keys))
    keys, records, alike, groups = keys[order], records[order], alike[order], groups[order]
    once = np.ones(len(keys), bool)
    once[1:] = (keys[1:] != keys[:-1]) | (groups[1:] != groups[:-1]) | (alike[1:] != alike[:-1])
    keys, records = keys[once], records[once]
    edges = _edges(keys)
    starts, sizes = edges[:-1], np.diff(edges)
    for size in range(2, LARGEST_BLOCK + 1):
        first, second = np.triu_indices(size, 1)
        mine = starts[sizes == size]
        step = max(1, _AT_ONCE // len(first))
        for some in range(0, len(mine), step):
            members = records[mine[some : some + step, None] + np.arange(size)]
            yield members[:, first].ravel(), members[:, second].ravel()


def _may_match(columns: _Columns, a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """The pairs of different groups of which comparing the records may tell something."""
    marks = columns.marks
    related = ((marks[a] | marks[b]) & ROLE).astype(bool) | ((marks[a] ^ marks[b]) & GONE > 0)
    placed = _may_share(columns.place, a, b)
    worth = related | ((placed | _may_share(columns.name, a, b)) & ~_two_numbers(columns, a, b))
    worth &= columns.leaders[a] != columns.leaders[b]
    a, b, related, placed = a[worth], b[worth], related[worth], placed[worth]
    named = _share_a_name(columns, a, b)
    near = named | ((related | placed) & ~_far_apart(columns, a, b))
    return a[near], b[near]


def _share_a_name(columns: _Columns, a: Ints, b: Ints) -> Mask:
    """Whether two records share a spelling of one of their names."""
    x, y = columns.name[a], columns.name[b]
    named: Mask = x == y
    unsure = np.flatnonzero((x == SEVERAL) | (y == SEVERAL))
    for some in np.array_split(unsure, len(unsure) // _SPELT_AT_ONCE + 1):
        mine, theirs = _spellings(columns, a[some]), _spellings(columns, b[some])
        width = mine.sizes * theirs.sizes
        pair, at = slices(np.zeros(len(some), np.int64), width)
        one = mine.hashes[mine.starts[pair] + at // theirs.sizes[pair]]
        other = theirs.hashes[theirs.starts[pair] + at % theirs.sizes[pair]]
        named[some] = np.bincount(pair[one == other], minlength=len(some)) > 0
    return named


class _Spellings(NamedTuple):
    """The spellings of some records: those of each are `sizes` from `starts` on in `hashes`."""

    hashes: Hashes
    starts: Ints
    sizes: Ints


def _spellings(columns: _Columns, records: Ints) -> _Spellings:
    several = columns.spelt[records].astype(np.int64)
    sizes = np.maximum(several, 1)
    starts = np.cumsum(sizes) - sizes
    hashes = np.repeat(columns.name[records], sizes)
    _, index = slices(columns.first_spelling[records], several)
    hashes[np.repeat(several > 0, sizes)] = columns.spellings[index]
    return _Spellings(hashes, starts, sizes)


def _may_share(column: Hashes, a: Ints, b: Ints) -> Mask:
    """Whether two records may share a place, or a name."""
    x, y = column[a], column[b]
    may: Mask = (x == SEVERAL) | (y == SEVERAL)
    may |= (x == y) & (x != 0)
    return may


def _two_numbers(columns: _Columns, a: Ints, b: Ints) -> Mask:
    """Whether two records, each alone in its group, have different numbers of one register."""
    form, number, alone = columns.form, columns.number, ~columns.in_group
    two: Mask = (form[a] == form[b]) & (form[a] != 0) & (number[a] != number[b])
    return two & alone[a] & alone[b]


def _far_apart(columns: _Columns, a: Ints, b: Ints) -> Mask:
    """Whether two records have one postcode each, and these are different and surely not near."""
    if columns.spots is None:
        return np.zeros(len(a), bool)
    x, y = columns.place[a], columns.place[b]
    one_each: Mask = (np.minimum(x, y) > SEVERAL) & (x != y)
    here, there = columns.spots[a].astype(np.int64), columns.spots[b].astype(np.int64)
    unknown = (here[:, 0] < 0) | (there[:, 0] < 0)
    apart = ((here - there) ** 2).sum(axis=1)
    far: Mask = one_each & (unknown | (apart > _FAR * _FAR))
    return far
