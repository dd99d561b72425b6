"""Decides which records are of one organisation.

Three rules, in this order:
1. Records with the same own id are one organisation.
2. Records that share any id are one organisation.
3. Records with similar names are one organisation if they share a postcode, or if the name is
   distinctive and the same, and they are within 40 km or one has no postcode (`match_reason`).

Rules 2 and 3 never merge two groups with different numbers of one official register, or a pair
that the user keeps apart.  With `trust_ids`, only rule 1 applies.

Records need not fit in memory: only hashes of their ids and blocking keys are kept, and records
are read and compared only if they share a key.  Every merge has a reason, and can be undone with
a file of pairs.
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
"""Keys that more records share are too common to compare their records."""
_NEAR_KM = 40.0


def keep_apart(path: Path | None) -> frozenset[tuple[str, str]]:
    """The pairs of ids in a CSV with columns kept and merged, which must not be merged.

    Raises BadSource where the file cannot be read or a row lacks an id.
    """
    if path is None:
        return frozenset()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            columns, rows = table.fieldnames or (), list(table)
    except OSError as error:
        raise BadSource(f"--keep-apart {path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadSource(f"--keep-apart {path}: is not a CSV file in UTF-8 ({error})") from error
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
    """The id in a cell, without the apostrophe that stops spreadsheets from reading a formula."""
    text = cell.strip()
    return text[1:] if text.startswith(("'=", "'+", "'-", "'@")) else text


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)


class Groups:
    """Groups of records, one for each organisation, as a union-find over record numbers.

    The record with the lowest number in a group is its leader.
    """

    def __init__(self, size: int) -> None:
        self._leader = array("q", range(size))

    def leader(self, record: int) -> int:
        """The leader of the group of `record`."""
        leader = self._leader
        while leader[record] != record:
            leader[record] = leader[leader[record]]
            record = leader[record]
        return record

    def join(self, a: int, b: int) -> None:
        """Join the groups of two records."""
        a, b = self.leader(a), self.leader(b)
        if a != b:
            self._leader[max(a, b)] = min(a, b)

    def leaders(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The leader of every record, shape (records,)."""
        return np.array([self.leader(i) for i in range(len(self._leader))], np.int64)


class BlockingKeys:
    """(key, record) pairs: only records that share a key are compared."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._records = array("q")

    def add(self, key: str, record: int) -> None:
        """Add `key` of `record`."""
        self._keys.append(fingerprint(key))
        self._records.append(record)

    def arrays(
        self,
    ) -> tuple[
        np.ndarray[tuple[int], np.dtype[np.uint64]], np.ndarray[tuple[int], np.dtype[np.int64]]
    ]:
        """The hash of each key, and its record."""
        return np.array(self._keys, np.uint64), np.array(self._records, np.int64)

    def blocks(self) -> Iterator[list[int]]:
        """The records of each key that two or more share."""
        keys, records = self.arrays()
        order = np.lexsort((records, keys))
        keys, records = keys[order], records[order]
        edges = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1], [True]]))
        for start, stop in pairwise(edges.tolist()):
            if stop - start > 1:
                yield list(dict.fromkeys(records[start:stop].tolist()))


@dataclass(frozen=True, slots=True)
class Resolution:
    """The leader of each record's group, and the merges with their reasons."""

    leaders: np.ndarray[tuple[int], np.dtype[np.int64]]
    merges: tuple[Merge, ...]


Read = Callable[[int], Provider]
Distance = Callable[[str, str], float | None]


class Resolver:
    """Collects the keys of all records, then decides which records are one organisation."""

    def __init__(self, *, trust_ids: bool, apart: frozenset[tuple[str, str]]) -> None:
        self._trust_ids = trust_ids
        self._apart = apart
        self._own_ids = BlockingKeys()
        self._ids = BlockingKeys()
        self._names = BlockingKeys()
        self._size = 0

    def add(self, record: Provider) -> None:
        """Add the keys of the next record."""
        number, self._size = self._size, self._size + 1
        self._own_ids.add(record.id, number)
        if self._trust_ids:
            return
        for org_id in {record.id, *record.ids}:
            self._ids.add(org_id, number)
        for name in (record.name, *record.aliases):
            for key in name_similarity.keys(name):
                self._names.add(key, number)
            for site in record.sites:
                self._names.add(f"{name_similarity.normalise(name)}@{site.postcode}", number)

    def resolve(self, read: Read, km: Distance) -> Resolution:
        """Decide which records are one organisation.

        `read` returns a record by number, `km` the distance between two postcodes, None if unknown.
        """
        groups = Groups(self._size)
        merges: list[Merge] = []
        cached = lru_cache(maxsize=50_000)(read)
        group_ids = _GroupIds(groups, cached, self._apart)
        for block in self._own_ids.blocks():
            for other in block[1:]:
                group_ids.join(block[0], other)
        for block in self._ids.blocks():
            merges.extend(_merge_by_id(block, groups, group_ids, cached))
        for block in self._names.blocks():
            if len(block) <= _LARGEST_BLOCK:
                merges.extend(_merge_by_name(block, groups, group_ids, cached, km))
        return Resolution(groups.leaders(), tuple(merges))


def _merge_by_id(
    block: Sequence[int], groups: Groups, group_ids: _GroupIds, read: Read
) -> Iterator[Merge]:
    """Join the records of a block, which share an id, except where their groups conflict."""
    block = sorted(block, key=lambda record: _content(read(record)))
    while len(block) > 1:
        first, refused = block[0], []
        for other in block[1:]:
            if groups.leader(first) == groups.leader(other):
                continue
            if group_ids.conflict(first, other):
                refused.append(other)
                continue
            yield from _shared_id(read(first), read(other))
            group_ids.join(first, other)
        block = refused


def _shared_id(a: Provider, b: Provider) -> Iterable[Merge]:
    shared = {a.id, *a.ids} & {b.id, *b.ids}
    if a.id != b.id and shared:
        yield Merge(a.id, b.id, a.name, b.name, f"same official number {min(shared)}")


class _GroupIds:
    """The ids of each group of records, which show whether two groups may be joined."""

    def __init__(self, groups: Groups, read: Read, apart: frozenset[tuple[str, str]]) -> None:
        self._groups = groups
        self._read = read
        self._apart = apart
        self._ids: dict[int, set[str]] = {}
        """leader → the ids of its group, for groups of two or more"""

    def of(self, record: int) -> set[str]:
        """The ids of the group of `record`."""
        provider = self._read(record)
        return self._ids.get(self._groups.leader(record), set()) | {provider.id, *provider.ids}

    def conflict(self, a: int, b: int) -> bool:
        """Whether the groups of two records must stay apart.

        They must if the user says so, or if they have different numbers of one official register.
        """
        ids_a, ids_b = self.of(a), self.of(b)
        if self._apart and any(_pair(x, y) in self._apart for x in ids_a for y in ids_b):
            return True
        for kind in SCHEMES:
            of_a = {i for i in ids_a if i.startswith(kind + "-")}
            of_b = {i for i in ids_b if i.startswith(kind + "-")}
            if of_a and of_b and not of_a & of_b:
                return True
        return False

    def join(self, a: int, b: int) -> None:
        """Join the groups of two records."""
        ids = self.of(a) | self.of(b)
        for record in (a, b):
            self._ids.pop(self._groups.leader(record), None)
        self._groups.join(a, b)
        self._ids[self._groups.leader(a)] = ids


def _merge_by_name(
    block: Sequence[int], groups: Groups, group_ids: _GroupIds, read: Read, km: Distance
) -> Iterator[Merge]:
    """Join those records of a block that match by name, except where their groups conflict."""
    if len({groups.leader(record) for record in block}) == 1:
        return
    for a, b in combinations(sorted(block, key=lambda record: _content(read(record))), 2):
        record_a, record_b = read(a), read(b)
        if not _may_match(record_a, record_b):
            continue
        if groups.leader(a) == groups.leader(b) or group_ids.conflict(a, b):
            continue
        match = match_reason(record_a, record_b, km)
        if match is not None:
            group_ids.join(a, b)
            reason, similar = match
            names = record_a.name, record_b.name
            yield Merge(record_a.id, record_b.id, *names, reason, round(similar, 4))


def _content(record: Provider) -> tuple[object, ...]:
    """The order in which records are compared, so that the order of the sources has no effect."""
    return (
        scheme(record.id) is None,
        record.id,
        record.ids,
        record.name,
        record.aliases,
        tuple(site.postcode for site in record.sites),
    )


def _may_match(a: Provider, b: Provider) -> bool:
    """Whether two records share a postcode or a name, without which `match_reason` is None.

    This is much faster than comparing their names.
    """
    if any(x.postcode == y.postcode for x in a.sites for y in b.sites):
        return True
    return not _spellings(a.name, a.aliases).isdisjoint(_spellings(b.name, b.aliases))


@lru_cache(100_000)
def _spellings(name: str, aliases: tuple[str, ...]) -> frozenset[str]:
    """The normalised forms of an organisation's names, and of the parts of each name."""
    names = (name, *aliases)
    return frozenset(
        name_similarity.normalise(n) for full in names for n in (full, *name_similarity.parts(full))
    )


def match_reason(a: Provider, b: Provider, km: Distance) -> tuple[str, float] | None:
    """Why two records are one organisation by name and place, and the similarity; None if not.

    Similar names match at one postcode.  A distinctive name that is the same once normalised also
    matches within 40 km (the organisation moved), or if one record has no postcode.
    """
    similarities = {
        (x, y): name_similarity.similarity(x, y)
        for x in dict.fromkeys((a.name, *a.aliases))
        for y in dict.fromkeys((b.name, *b.aliases))
    }
    similar = max(similarities.values())
    if similar < name_similarity.SAME:
        return None
    postcodes_a, postcodes_b = {s.postcode for s in a.sites}, {s.postcode for s in b.sites}
    if shared := postcodes_a & postcodes_b:
        return f"alike names at one postcode ({min(shared)})", similar
    same_names = (x for (x, _), similarity in similarities.items() if similarity == 1.0)
    if not any(map(name_similarity.distinctive, same_names)):
        return None
    if not postcodes_a or not postcodes_b:
        return "same name; one record has no postcode", similar
    distances = [d for x in postcodes_a for y in postcodes_b if (d := km(x, y)) is not None]
    if distances and min(distances) <= _NEAR_KM:
        return f"same name, {min(distances):.0f} km apart (a changed postcode)", similar
    return None
