"""Decides what pairs of records are to each other, some thousands at a time, in any process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, Self, TypeAlias

import msgspec
import numpy as np

from matcher.core.arrays import AnyInts, Ints, Mask, are_in
from matcher.core.types import Provider
from matcher.register.linkage import matching
from matcher.register.linkage.groups import Numbers, Read, content, own_ids, told_apart, two_numbers
from matcher.register.linkage.matching import Decision, Distance, registered
from matcher.register.linkage.told_pairs import Pairs

_CODES, _FOUND = "codes.npy", "found.json"


class _Found(msgspec.Struct, frozen=True):
    """The content of the file of what was found."""

    records: int
    apart: tuple[tuple[str, str], ...]
    found: list[Judged]


@dataclass(frozen=True, slots=True)
class JudgedPairs:
    """Pairs of records of a snapshot that were judged, each record alone in its group."""

    records: int
    """how many records the snapshot has"""
    apart: Pairs
    """the pairs of ids that a person kept apart"""
    codes: Ints
    """(pairs,) each as one number (`code_of`); they ascend"""
    found: list[Judged]
    """what those are to each other that have something in common"""

    @classmethod
    def open(cls, folder: Path) -> JudgedPairs:
        """Those in a folder.  Raises an error of `manifest.DAMAGE` where they are damaged."""
        said = msgspec.json.decode((folder / _FOUND).read_bytes(), type=_Found)
        codes = np.load(folder / _CODES, allow_pickle=False)
        return cls(said.records, frozenset(said.apart), codes, said.found)

    def save(self, folder: Path) -> None:
        """Write them into a new folder."""
        folder.mkdir()
        np.save(folder / _CODES, self.codes)
        said = _Found(self.records, tuple(sorted(self.apart)), self.found)
        (folder / _FOUND).write_bytes(msgspec.json.encode(said))

    def among(self, codes: Ints, before: AnyInts) -> tuple[Mask, list[Judged]]:
        """Which pairs of a later snapshot were judged, and what was found, by its own numbers.

        `before` (records,) is the number here of each of its records; -1 where it is not here.
        """
        a, b = np.divmod(codes, len(before))
        x, y = before[a].astype(np.int64), before[b].astype(np.int64)
        here = np.where(np.minimum(x, y) < 0, -1, code_of(x, y, self.records))
        judged = are_in(here, self.codes)
        mine = codes_of(self.found, self.records)
        decided = dict(zip(mine.tolist(), self.found, strict=True))
        at = np.flatnonzero(judged & are_in(here, np.sort(mine)))
        found = []
        for code, now, then in zip(
            here[at].tolist(), codes[at].tolist(), x[at].tolist(), strict=True
        ):
            first, _, decision = decided[code]
            one, other = divmod(now, len(before))
            found.append((one, other, decision) if first == then else (other, one, decision))
        return judged, found


def codes_of(pairs: Sequence[Judged], records: int) -> Ints:
    """The numbers of pairs."""
    one, other = np.array([pair[:2] for pair in pairs], np.int64).reshape(-1, 2).T
    return code_of(one, other, records)


def code_of(a: Ints, b: Ints, records: int) -> Ints:
    """Pairs of records as one number each, whichever of the two comes first."""
    return np.minimum(a, b) * records + np.maximum(a, b)


PAIRS_AT_ONCE = 10_000
"""Pairs that one process judges before it returns what it found."""
CACHED = 20_000
"""Records that are kept in memory once they were read."""

Open: TypeAlias = Callable[[], tuple[Read, Distance]]
"""Gives what reads a record by number, and the distance between two postcodes; picklable."""
Judged: TypeAlias = tuple[int, int, Decision]
"""Two records and what they are to each other."""


@dataclass(frozen=True, slots=True)
class SomePairs:
    """Pairs as `candidates.pairs_in` gives them, and what is known of the groups they are in."""

    codes: Ints
    group_ids: Mapping[int, AbstractSet[str]]
    """record → the ids of its group, where it has other records"""


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Decides on pairs; other processes get it with its rules."""

    open: Open
    records: int
    apart: Pairs

    def __call__(self, some: SomePairs) -> tuple[list[Judged], int]:
        """Those pairs that have something in common, and how many were compared by name."""
        read, km = self.open()
        known = lru_cache(CACHED)(partial(_Known.of, read, some.group_ids))
        judging = _Judging(known, km, self.apart)
        pairs = (divmod(code, self.records) for code in some.codes.tolist())
        return list(judging.all(pairs)), judging.compared


class _Known(NamedTuple):
    """What is asked of one record for each of its pairs."""

    record: int
    provider: Provider
    order: tuple[object, ...]
    ids: AbstractSet[str]
    numbers: Numbers

    @classmethod
    def of(cls, read: Read, group_ids: Mapping[int, AbstractSet[str]], record: int) -> Self:
        """What is known of a record, with the ids of its group."""
        provider = read(record)
        ids = group_ids.get(record) or own_ids(provider)
        return cls(record, provider, content(provider), ids, registered(ids))


class _Judging:
    def __init__(self, known: Callable[[int], _Known], km: Distance, apart: Pairs) -> None:
        self._known = known
        self._km = km
        self._apart = apart
        self.compared = 0

    def all(self, pairs: Iterator[tuple[int, int]]) -> Iterator[Judged]:
        for pair in pairs:
            a, b = sorted(map(self._known, pair), key=attrgetter("order"))
            if (decision := self._decided(a, b)) is not None:
                yield a.record, b.record, decision

    def _decided(self, a: _Known, b: _Known) -> Decision | None:
        """What two records are to each other; None if they have nothing in common."""
        one, other = a.provider, b.provider
        may_be_related = matching.may_be_related(one, other)
        if told_apart(a.ids, b.ids, self._apart) or two_numbers(a.numbers, b.numbers):
            return self._only_related(one, other) if may_be_related else None
        if not may_be_related and not matching.may_match(one, other):
            return None
        self.compared += 1
        return matching.decide(one, other, self._km)

    def _only_related(self, one: Provider, other: Provider) -> Decision | None:
        """How two organisations with different numbers are related, if they are."""
        self.compared += 1
        if not matching.may_tell_a_relation(one, other):
            return None
        found = matching.successor(one, other, self._km) or matching.decide(one, other, self._km)
        return found if found is not None and found.relation is not None else None


def in_order(read: Read, block: Sequence[int]) -> list[int]:
    """Records in the order of their content, so that the order of the sources has no effect."""
    return sorted(block, key=lambda record: content(read(record)))
