"""Which records are of one organisation: by official number, else by name and place.

Works on a spool of records too many to hold: only hashes of ids and of blocking keys are
kept in memory, and two records are read and compared only when they share a key.
Every merge by name keeps its reason, and a file of pairs undoes it.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np

from matcher.core.errors import BadSource
from matcher.core.identifiers import SCHEMES, fingerprint, scheme
from matcher.core.types import Merge, Provider
from matcher.register.linkage import name_similarity

_LARGEST_BLOCK = 60
_NEAR_KM = 40.0


def keep_apart(path: Path | None) -> frozenset[tuple[str, str]]:
    """Pairs of ids that must not be merged, from a CSV with columns kept and merged."""
    if path is None:
        return frozenset()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            columns, rows = table.fieldnames or (), list(table)
    except OSError as wrong:
        raise BadSource(f"--keep-apart {path}: cannot be read ({wrong.strerror})") from wrong
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise BadSource(f"--keep-apart {path}: is not a CSV file in UTF-8 ({wrong})") from wrong
    if not {"kept", "merged"} <= set(columns):
        raise BadSource(
            f"--keep-apart {path}: needs the columns 'kept' and 'merged' (as `matcher merges "
            f"--format csv` writes them); found {', '.join(columns) or 'nothing'}"
        )
    for number, row in enumerate(rows, 1):
        if not row["kept"] or not row["merged"]:
            raise BadSource(
                f"--keep-apart {path}: row {number} must name an id under 'kept' and another "
                f"under 'merged'; found {row['kept'] or ''!r} and {row['merged'] or ''!r}"
            )
    return frozenset(_pair(_id_in(row["kept"]), _id_in(row["merged"])) for row in rows)


def _id_in(cell: str) -> str:
    """The id in a cell, without the mark that keeps a spreadsheet from reading a formula."""
    text = cell.strip()
    return text[1:] if text.startswith(("'=", "'+", "'-", "'@")) else text


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)


class Groups:
    """A union of records into organisations; the lowest record number leads each."""

    def __init__(self, size: int) -> None:
        self._leader = array("q", range(size))

    def leader(self, record: int) -> int:
        """The record that stands for `record`'s organisation."""
        leader = self._leader
        while leader[record] != record:
            leader[record] = leader[leader[record]]
            record = leader[record]
        return record

    def join(self, a: int, b: int) -> None:
        """Take two records for one organisation."""
        a, b = self.leader(a), self.leader(b)
        if a != b:
            self._leader[max(a, b)] = min(a, b)

    def leaders(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The leader of every record, shape (records,)."""
        return np.array([self.leader(i) for i in range(len(self._leader))], np.int64)


class Pairs:
    """(key, record) pairs, by which records that may be one organisation are found."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._records = array("q")

    def add(self, key: str, record: int) -> None:
        """Note that `record` has `key`."""
        self._keys.append(fingerprint(key))
        self._records.append(record)

    def blocks(self) -> Iterator[list[int]]:
        """Records that share a key, for each key of two or more."""
        keys = np.array(self._keys, np.uint64)
        records = np.array(self._records, np.int64)
        order = np.lexsort((records, keys))
        keys, records = keys[order], records[order]
        edges = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1], [True]]))
        for start, stop in pairwise(edges.tolist()):
            if stop - start > 1:
                yield list(dict.fromkeys(records[start:stop].tolist()))


@dataclass(frozen=True, slots=True)
class Resolution:
    """The outcome: each record's leading record, and the merges with their reasons."""

    leaders: np.ndarray[tuple[int], np.dtype[np.int64]]
    merges: tuple[Merge, ...]


Read = Callable[[int], Provider]
Distance = Callable[[str, str], float | None]


class Resolver:
    """Collects the keys of records as they pass, then says which are one organisation."""

    def __init__(self, *, trust_ids: bool, apart: frozenset[tuple[str, str]]) -> None:
        self._trust_ids = trust_ids
        self._apart = apart
        self._own = Pairs()
        self._ids = Pairs()
        self._keys = Pairs()
        self._size = 0

    def add(self, record: Provider) -> None:
        """Note the next record."""
        number, self._size = self._size, self._size + 1
        self._own.add(record.id, number)
        if self._trust_ids:
            return
        for org_id in {record.id, *record.ids}:
            self._ids.add(org_id, number)
        for name in (record.name, *record.aliases):
            for key in name_similarity.keys(name):
                self._keys.add(key, number)
            for site in record.sites:
                self._keys.add(f"{name_similarity.normalise(name)}@{site.postcode}", number)

    def resolve(self, read: Read, km: Distance) -> Resolution:
        """Join what belongs together; `read` gives a record, `km` the way between postcodes."""
        groups = Groups(self._size)
        merges: list[Merge] = []
        cached = lru_cache(maxsize=50_000)(read)
        numbers = _Numbers(groups, cached, self._apart)
        for block in self._own.blocks():
            for other in block[1:]:
                numbers.join(block[0], other)
        for block in self._ids.blocks():
            merges.extend(_join(block, groups, numbers, cached))
        for block in self._keys.blocks():
            if len(block) <= _LARGEST_BLOCK:
                merges.extend(_compare(block, groups, numbers, cached, km))
        return Resolution(groups.leaders(), tuple(merges))


def _join(block: Sequence[int], groups: Groups, numbers: _Numbers, read: Read) -> Iterator[Merge]:
    """Join all records of a block but those that are to be kept apart or differ in a number."""
    block = sorted(block, key=lambda record: _content(read(record)))
    while len(block) > 1:
        first, refused = block[0], []
        for other in block[1:]:
            if groups.leader(first) == groups.leader(other):
                continue
            if numbers.conflict(first, other):
                refused.append(other)
                continue
            yield from _by_number(read(first), read(other))
            numbers.join(first, other)
        block = refused


def _by_number(a: Provider, b: Provider) -> Iterable[Merge]:
    shared = {a.id, *a.ids} & {b.id, *b.ids}
    if a.id != b.id and shared:
        yield Merge(a.id, b.id, a.name, b.name, f"same official number {min(shared)}")


class _Numbers:
    """The official numbers and ids of each group, so that no two of one kind are joined."""

    def __init__(self, groups: Groups, read: Read, apart: frozenset[tuple[str, str]]) -> None:
        self._groups = groups
        self._read = read
        self._apart = apart
        self._joined: dict[int, set[str]] = {}

    def of(self, record: int) -> set[str]:
        found = self._joined.get(self._groups.leader(record), set())
        one = self._read(record)
        return found | {one.id, *one.ids}

    def apart(self, a: int, b: int) -> bool:
        pairs = (_pair(x, y) for x in self.of(a) for y in self.of(b)) if self._apart else ()
        return any(pair in self._apart for pair in pairs)

    def conflict(self, a: int, b: int) -> bool:
        if self.apart(a, b):
            return True
        ids_a, ids_b = self.of(a), self.of(b)
        for kind in SCHEMES:
            of_a = {i for i in ids_a if i.startswith(kind + "-")}
            of_b = {i for i in ids_b if i.startswith(kind + "-")}
            if of_a and of_b and not of_a & of_b:
                return True
        return False

    def join(self, a: int, b: int) -> None:
        together = self.of(a) | self.of(b)
        for record in (a, b):
            self._joined.pop(self._groups.leader(record), None)
        self._groups.join(a, b)
        self._joined[self._groups.leader(a)] = together


def _compare(
    block: Sequence[int], groups: Groups, numbers: _Numbers, read: Read, km: Distance
) -> Iterator[Merge]:
    if len({groups.leader(record) for record in block}) == 1:
        return
    for a, b in combinations(sorted(block, key=lambda record: _content(read(record))), 2):
        one, other = read(a), read(b)
        if not _may_be_same(one, other):
            continue
        if groups.leader(a) == groups.leader(b) or numbers.conflict(a, b):
            continue
        found = same(one, other, km)
        if found is not None:
            numbers.join(a, b)
            reason, alike = found
            yield Merge(one.id, other.id, one.name, other.name, reason, round(alike, 4))


def _content(record: Provider) -> tuple[object, ...]:
    """What records are ordered by, so that the order of the sources decides no merge."""
    return (
        scheme(record.id) is None,
        record.id,
        record.ids,
        record.name,
        record.aliases,
        tuple(site.postcode for site in record.sites),
    )


def _may_be_same(a: Provider, b: Provider) -> bool:
    """Whether `same` could hold: a postcode or a whole name in common.  Cheap to ask."""
    if any(x.postcode == y.postcode for x in a.sites for y in b.sites):
        return True
    return not _spellings(a.name, a.aliases).isdisjoint(_spellings(b.name, b.aliases))


@lru_cache(100_000)
def _spellings(name: str, aliases: tuple[str, ...]) -> frozenset[str]:
    """The normalised forms of an organisation's names, and of the parts of each."""
    written = (name, *aliases)
    return frozenset(
        name_similarity.normalise(n) for w in written for n in (w, *name_similarity.parts(w))
    )


def same(a: Provider, b: Provider, km: Distance) -> tuple[str, float] | None:
    """Why two records are of one organisation and how alike their names are, or None.

    Alike names at one postcode suffice; a name that is the same but for its spelling
    suffices within 40 km (it moved) or where one of the two has no postcode, if the name
    is rare enough to mean one organisation.
    """
    likeness = {
        (x, y): name_similarity.similarity(x, y)
        for x in dict.fromkeys((a.name, *a.aliases))
        for y in dict.fromkeys((b.name, *b.aliases))
    }
    alike = max(likeness.values())
    if alike < name_similarity.SAME:
        return None
    here, there = {s.postcode for s in a.sites}, {s.postcode for s in b.sites}
    if here & there:
        return f"alike names at one postcode ({min(here & there)})", alike
    if not any(
        found == 1.0 and name_similarity.distinctive(x) for (x, _), found in likeness.items()
    ):
        return None
    if not here or not there:
        return "same name; one record has no postcode", alike
    ways = [way for x in here for y in there if (way := km(x, y)) is not None]
    if ways and min(ways) <= _NEAR_KM:
        return f"same name, {min(ways):.0f} km apart (a changed postcode)", alike
    return None
