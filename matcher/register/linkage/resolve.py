"""Decides which records are of one organisation.

Rules, in this order:
1. Records with the same own id are one organisation.
2. Pairs that the user joins are one organisation.
3. Records that share an official number, or any other id, are one organisation.
4. Records with alike names and places are one organisation, or two that are related, as
   `matching.decide` has it.

Rules 3 and 4 never merge two groups with different numbers of one official register and kind of
registration (`org_ids.form_of`), or a pair that the user keeps apart.  With `trust_ids`, names are
not compared, and of ids only official numbers count.

Records need not fit in memory: only hashes of their ids and blocking keys are kept, and records
are read and compared only if they share a key.  Every merge has a reason, and can be undone with
a file of pairs.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np

from matcher.core.errors import BadSource
from matcher.core.identifiers import fingerprint, scheme
from matcher.core.org_ids import equivalents
from matcher.core.types import Merge, Provider, Related
from matcher.register.linkage import matching, name_similarity
from matcher.register.linkage.matching import Decision, Distance

_LARGEST_BLOCK = 60
"""Keys that more records share are too common to compare their records."""
_MOST_RELATED = 12
"""Related organisations that are kept of one record."""
_MOST_ALIKE = 5000
"""Alike pairs that are kept for a person to look at."""

Pairs = frozenset[tuple[str, str]]
"""Pairs of ids, the lower first."""


def keep_apart(path: Path | None) -> Pairs:
    """The pairs of ids in a CSV with columns kept and merged, which must not be merged.

    Raises BadSource as `pairs_in` does.
    """
    return pairs_in(path, "--keep-apart")


def pairs_in(path: Path | None, option: str) -> Pairs:
    """The pairs of ids in a CSV with columns kept and merged; `option` names it in errors.

    Raises BadSource where the file cannot be read, or a row does not name two ids.
    """
    if path is None:
        return frozenset()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            columns, rows = table.fieldnames or (), list(table)
    except OSError as error:
        raise BadSource(f"{option} {path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadSource(f"{option} {path}: is not a CSV file in UTF-8 ({error})") from error
    if not {"kept", "merged"} <= set(columns):
        raise BadSource(
            f"{option} {path}: needs the columns 'kept' and 'merged' (as `matcher merges "
            f"--format csv` writes them); found {', '.join(columns) or 'nothing'}"
        )
    for number, row in enumerate(rows, 1):
        if not row["kept"] or not row["merged"]:
            raise BadSource(
                f"{option} {path}: row {number} must name an id under 'kept' and another "
                f"under 'merged'; found {row['kept'] or ''!r} and {row['merged'] or ''!r}"
            )
    return frozenset(pair_of(_id_in(row["kept"]), _id_in(row["merged"])) for row in rows)


def _id_in(cell: str) -> str:
    """The id in a cell, without the apostrophe that stops spreadsheets from reading a formula."""
    text = cell.strip()
    return text[1:] if text.startswith(("'=", "'+", "'-", "'@")) else text


def pair_of(a: str, b: str) -> tuple[str, str]:
    """Two ids, the lower first."""
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

    def extend(self, other: BlockingKeys, records: int) -> None:
        """Add the keys of the next records, which follow the first `records`."""
        self._keys.extend(other._keys)
        self._records.frombytes((other.arrays()[1] + records).tobytes())

    def arrays(
        self,
    ) -> tuple[
        np.ndarray[tuple[int], np.dtype[np.uint64]], np.ndarray[tuple[int], np.dtype[np.int64]]
    ]:
        """The hash of each key, and its record."""
        return np.array(self._keys, np.uint64), np.array(self._records, np.int64)

    def first(self, key: str) -> int | None:
        """The first record with `key`; None where no record has it."""
        found = np.flatnonzero(np.array(self._keys, np.uint64) == np.uint64(fingerprint(key)))
        return self._records[int(found[0])] if len(found) else None

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
    related: dict[int, tuple[Related, ...]] = field(default_factory=dict)
    """leader → the organisations that its own is related to"""
    alike: tuple[Merge, ...] = ()
    """pairs that are alike and were not merged, for a person to look at"""
    compared: int = 0
    """pairs of records whose names were compared"""


Read = Callable[[int], Provider]


class Resolver:
    """Collects the keys of all records, then decides which records are one organisation."""

    def __init__(
        self, *, trust_ids: bool, apart: Pairs = frozenset(), joined: Pairs = frozenset()
    ) -> None:
        self._trust_ids = trust_ids
        self._apart = apart
        self._joined = joined
        self._own_ids = BlockingKeys()
        self._ids = BlockingKeys()
        self._names = BlockingKeys()
        self._size = 0

    def add(self, record: Provider) -> None:
        """Add the keys of the next record."""
        number, self._size = self._size, self._size + 1
        self._own_ids.add(record.id, number)
        for org_id in ids_of(record):
            if not self._trust_ids or scheme(org_id):
                self._ids.add(org_id, number)
        if self._trust_ids:
            return
        for name in (record.name, *record.aliases):
            for key in name_similarity.keys(name):
                self._names.add(key, number)
            for site in record.sites:
                self._names.add(f"{name_similarity.normalise(name)}@{site.postcode}", number)

    def extend(self, other: Resolver) -> None:
        """Add the keys of the next records, which a `fresh` resolver collected."""
        self._own_ids.extend(other._own_ids, self._size)
        self._ids.extend(other._ids, self._size)
        self._names.extend(other._names, self._size)
        self._size += other._size

    def fresh(self) -> Resolver:
        """A resolver with the same rules, which has no records."""
        return Resolver(trust_ids=self._trust_ids, apart=self._apart, joined=self._joined)

    def resolve(self, read: Read, km: Distance) -> Resolution:
        """Decide which records are one organisation.

        `read` returns a record by number, `km` the distance between two postcodes, None if unknown.
        """
        return _Resolving(self._size, lru_cache(maxsize=50_000)(read), km, self._apart).run(
            self._own_ids, self._joined, self._ids, self._names
        )


def ids_of(record: Provider) -> set[str]:
    """All ids of a record, also in the forms that other registers write them."""
    own = {record.id, *record.ids}
    return own.union(*(equivalents(org_id) for org_id in own))


class _Resolving:
    """One run over all records."""

    def __init__(self, size: int, read: Read, km: Distance, apart: Pairs) -> None:
        self._groups = Groups(size)
        self._read = read
        self._km = km
        self._ids = _GroupIds(self._groups, read, apart)
        self._merges: list[Merge] = []
        self._relations: list[tuple[int, int, Decision]] = []
        self._alike: list[tuple[int, int, Decision]] = []
        self._seen: set[tuple[int, int]] = set()
        """pairs that are related or alike"""
        self._compared = 0

    def run(
        self, own: BlockingKeys, joined: Pairs, ids: BlockingKeys, names: BlockingKeys
    ) -> Resolution:
        for block in own.blocks():
            for other in block[1:]:
                self._ids.join(block[0], other)
        self._join(joined, own)
        for block in ids.blocks():
            self._by_id(block)
        for block in names.blocks():
            if len(block) <= _LARGEST_BLOCK:
                self._by_name(block)
        leaders = self._groups.leaders()
        return Resolution(
            leaders,
            tuple(self._merges),
            self._related(),
            tuple(self._left_alike()),
            self._compared,
        )

    def _join(self, joined: Pairs, own: BlockingKeys) -> None:
        """Join the pairs that the user says are one organisation."""
        for id_a, id_b in sorted(joined):
            a, b = own.first(id_a), own.first(id_b)
            if a is None or b is None or self._groups.leader(a) == self._groups.leader(b):
                continue
            self._merge(a, b, "joined by a person")

    def _merge(self, a: int, b: int, reason: str, similar: float | None = None) -> None:
        one, other = self._read(a), self._read(b)
        self._ids.join(a, b)
        self._merges.append(Merge(one.id, other.id, one.name, other.name, reason, similar))

    def _by_id(self, block: Sequence[int]) -> None:
        """Join the records of a block, which share an id, except where their groups conflict."""
        block = self._in_order(block)
        while len(block) > 1:
            first, refused = block[0], []
            for other in block[1:]:
                if self._groups.leader(first) == self._groups.leader(other):
                    continue
                if self._ids.conflict(first, other):
                    refused.append(other)
                    continue
                one, two = self._read(first), self._read(other)
                shared = ids_of(one) & ids_of(two)
                if one.id != two.id and shared:
                    self._merge(first, other, f"same official number {min(shared)}")
                else:
                    self._ids.join(first, other)
            block = refused

    def _by_name(self, block: Sequence[int]) -> None:
        """Join those records of a block that match by name, except where their groups conflict."""
        leader = self._groups.leader
        if len({leader(record) for record in block}) == 1:
            return
        for a, b in combinations(self._in_order(block), 2):
            one, other = self._read(a), self._read(b)
            if leader(a) == leader(b) or (a, b) in self._seen:
                continue
            if self._ids.conflict(a, b):
                self._only_related(a, b)
                continue
            if not matching.may_match(one, other) and not matching.may_be_related(one, other):
                continue
            self._compared += 1
            found = matching.decide(one, other, self._km)
            if found is None:
                continue
            if found.same:
                self._merge(a, b, found.reason, round(found.similarity, 4))
            else:
                self._seen.add((a, b))
                (self._relations if found.relation else self._alike).append((a, b, found))

    def _only_related(self, a: int, b: int) -> None:
        """Note how two organisations with different numbers are related, if they are."""
        one, other = self._read(a), self._read(b)
        if not matching.may_be_related(one, other):
            return
        self._compared += 1
        found = matching.successor(one, other, self._km) or matching.decide(one, other, self._km)
        if found is not None and found.relation is not None:
            self._seen.add((a, b))
            self._relations.append((a, b, found))

    def _in_order(self, block: Sequence[int]) -> list[int]:
        return sorted(block, key=lambda record: _content(self._read(record)))

    def _related(self) -> dict[int, tuple[Related, ...]]:
        """Leader → the organisations that its own is related to, in order."""
        found: dict[int, dict[int, Related]] = {}
        for a, b, decision in self._relations:
            lead_a, lead_b = self._groups.leader(a), self._groups.leader(b)
            if lead_a == lead_b or decision.relation is None:
                continue
            one, other = self._read(a), self._read(b)
            says, turned = decision.relation.says, decision.relation.turned().says
            for lead, far, to, words in (
                (lead_a, lead_b, other, says),
                (lead_b, lead_a, one, turned),
            ):
                item = Related(to.id, to.name, words, decision.reason)
                mine = found.setdefault(lead, {})
                mine[far] = min(mine.get(far, item), item, key=_by_id)
        return {
            lead: tuple(sorted(items.values(), key=_by_id)[:_MOST_RELATED])
            for lead, items in found.items()
        }

    def _left_alike(self) -> Iterator[Merge]:
        """The pairs that are alike and of two organisations, most similar first."""
        ranked = sorted(
            (-decision.similarity, self._read(a).id, self._read(b).id, a, b, decision.reason)
            for a, b, decision in self._alike
            if self._groups.leader(a) != self._groups.leader(b)
        )
        for similar, id_a, id_b, a, b, reason in ranked[:_MOST_ALIKE]:
            names = self._read(a).name, self._read(b).name
            yield Merge(id_a, id_b, *names, reason, round(-similar, 4))


def _by_id(item: Related) -> tuple[str, str]:
    return (item.id, item.relation)


class _GroupIds:
    """The ids of each group of records, which show whether two groups may be joined."""

    def __init__(self, groups: Groups, read: Read, apart: Pairs) -> None:
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
        if self._apart and any(pair_of(x, y) in self._apart for x in ids_a for y in ids_b):
            return True
        numbers_a, numbers_b = matching.registered(ids_a), matching.registered(ids_b)
        return any(
            numbers_a[form].isdisjoint(numbers_b[form]) for form in numbers_a.keys() & numbers_b
        )

    def join(self, a: int, b: int) -> None:
        """Join the groups of two records."""
        ids = self.of(a) | self.of(b)
        for record in (a, b):
            self._ids.pop(self._groups.leader(record), None)
        self._groups.join(a, b)
        self._ids[self._groups.leader(a)] = ids


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
