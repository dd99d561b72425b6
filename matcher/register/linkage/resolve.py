"""Decides which records are of one organisation.

Rules, in this order:
1. Records with the same own id are one organisation.
2. Pairs that the user joins are one organisation.
3. Records that share an official number, or any other id, are one organisation.
4. Records with the same full company name are one organisation; so are those with the same name
   where only one organisation has it.
5. Records with alike names and places are one organisation, or two that are related, as
   `matching.decide` has it.  The surest pairs come first.

Rules 3 to 5 never merge two groups with different numbers of one official register and kind of
registration (`org_ids.form_of`), or a pair that the user keeps apart; rule 5 also not two groups
with the full names of two companies.  With `trust_ids`, names are not compared, and of ids only
official numbers count.

Records need not fit in memory: only hashes are kept, and records are read and compared only if
they share a key.  Every merge has a reason, and can be undone with a file of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from matcher.core.identifiers import scheme
from matcher.core.org_ids import equivalents
from matcher.core.types import Merge, Provider, Related
from matcher.register.linkage import matching, name_similarity
from matcher.register.linkage.blocks import BlockingKeys, Groups
from matcher.register.linkage.candidates import Candidates
from matcher.register.linkage.company_names import full_names, name_key
from matcher.register.linkage.comparisons import read as read_name
from matcher.register.linkage.groups import GroupFacts, Read, names_of
from matcher.register.linkage.matching import Decision, Distance, registered
from matcher.register.linkage.told_pairs import Pairs

_MOST_RELATED = 12
"""Related organisations that are kept of one record."""
_MOST_ALIKE = 5000
"""Alike pairs that are kept for a person to look at."""
_TELLING = 1.0
"""The rarity of a company's words from which on its name without the legal form is its own."""


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


@dataclass(slots=True)
class _Keys:
    """Keys of all records: records that share one are compared, or joined."""

    own_ids: BlockingKeys = field(default_factory=BlockingKeys)
    ids: BlockingKeys = field(default_factory=BlockingKeys)
    companies: BlockingKeys = field(default_factory=BlockingKeys)
    """full company names"""
    names: BlockingKeys = field(default_factory=BlockingKeys)
    """whole names"""
    candidates: Candidates = field(default_factory=Candidates)

    def extend(self, other: _Keys, records: int) -> None:
        """Add the keys of the next records, which follow the first `records`."""
        self.own_ids.extend(other.own_ids, records)
        self.ids.extend(other.ids, records)
        self.companies.extend(other.companies, records)
        self.names.extend(other.names, records)
        self.candidates.extend(other.candidates)


class Resolver:
    """Collects the keys of all records, then decides which records are one organisation."""

    def __init__(
        self, *, trust_ids: bool, apart: Pairs = frozenset(), joined: Pairs = frozenset()
    ) -> None:
        self._trust_ids = trust_ids
        self._apart = apart
        self._joined = joined
        self._keys = _Keys()
        self._size = 0

    def add(self, record: Provider) -> None:
        """Add the keys of the next record."""
        number, self._size = self._size, self._size + 1
        keys = self._keys
        keys.own_ids.add(record.id, number)
        for org_id in ids_of(record):
            if not self._trust_ids or scheme(org_id):
                keys.ids.add(org_id, number)
        if self._trust_ids:
            return
        for full in names_of(record).values():
            keys.companies.add(f"{full.key} {full.form}", number)
        for key in _keys_of(record):
            keys.names.add(key, number)
        keys.candidates.add(record)

    def extend(self, other: Resolver) -> None:
        """Add the keys of the next records, which a `fresh` resolver collected."""
        self._keys.extend(other._keys, self._size)
        self._size += other._size

    def fresh(self) -> Resolver:
        """A resolver with the same rules, which has no records."""
        return Resolver(trust_ids=self._trust_ids, apart=self._apart, joined=self._joined)

    def resolve(self, read: Read, km: Distance) -> Resolution:
        """Decide which records are one organisation.

        `read` returns a record by number, `km` the distance between two postcodes, None if unknown.
        """
        return _Resolving(self._size, lru_cache(maxsize=50_000)(read), km, self._apart).run(
            self._keys, self._joined
        )


def ids_of(record: Provider) -> set[str]:
    """All ids of a record, also in the forms that other registers write them."""
    own = {record.id, *record.ids}
    return own.union(*(equivalents(org_id) for org_id in own))


def _keys_of(record: Provider) -> dict[str, str]:
    """The key of each whole name of a record, and the name."""
    found = {name_key(name): name for name in (record.name, *record.aliases)}
    found.pop("", None)
    return found


class _Resolving:
    """One run over all records."""

    def __init__(self, size: int, read: Read, km: Distance, apart: Pairs) -> None:
        self._groups = Groups(size)
        self._read = read
        self._km = km
        self._facts = GroupFacts(self._groups, read, apart)
        self._merges: list[Merge] = []
        self._relations: list[tuple[int, int, Decision]] = []
        self._alike: list[tuple[int, int, Decision]] = []
        self._compared = 0

    def run(self, keys: _Keys, joined: Pairs) -> Resolution:
        for block in keys.own_ids.blocks():
            for other in block[1:]:
                self._facts.join(block[0], other)
        self._join(joined, keys.own_ids)
        for block in keys.ids.blocks():
            self._by_id(block)
        for block in keys.companies.blocks():
            self._by_company(block)
        for block in keys.names.blocks():
            self._by_only_name(block)
        self._by_names(keys.candidates)
        return Resolution(
            self._groups.leaders(),
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
        self._facts.join(a, b)
        self._merges.append(Merge(one.id, other.id, one.name, other.name, reason, similar))

    def _agreeing(self, block: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Pairs of records of a block to join, whose groups do not conflict."""
        block = self._in_order(block)
        while len(block) > 1:
            first, refused = block[0], []
            for other in block[1:]:
                if self._groups.leader(first) == self._groups.leader(other):
                    continue
                if self._facts.conflict(first, other):
                    refused.append(other)
                else:
                    yield first, other
            block = refused

    def _by_id(self, block: Sequence[int]) -> None:
        """Join the records of a block, which share an id, except where their groups conflict."""
        for first, other in self._agreeing(block):
            one, two = self._read(first), self._read(other)
            shared = ids_of(one) & ids_of(two)
            if one.id != two.id and shared:
                self._merge(first, other, f"same official number {min(shared)}")
            else:
                self._facts.join(first, other)

    def _by_company(self, block: Sequence[int]) -> None:
        """Join the records of a block, which share a full company name, unless they conflict."""
        if len({self._groups.leader(record) for record in block}) > 1:
            for first, other in self._agreeing(block):
                self._merge(first, other, f"same company name{self._where(first, other)}", 1.0)

    def _by_only_name(self, block: Sequence[int]) -> None:
        """Join the records of a block, which share a name, where one organisation has it.

        The name must tell much, and none of the groups may have a number or a legal form that
        another group does not have.
        """
        if len({self._groups.leader(record) for record in block}) == 1:
            return
        every = [_keys_of(self._read(record)) for record in block]
        shared = sorted(set(every[0]).intersection(*every[1:]))
        if not shared or not _tells_much([names[shared[0]] for names in every]):
            return
        numbers = registered({org_id for record in block for org_id in self._facts.ids(record)})
        if any(len(of_form) > 1 for of_form in numbers.values()):
            return
        if not numbers and not any(full_names(names[shared[0]]) for names in every):
            return
        for first, other in self._agreeing(block):
            reason = f"same name, which no other organisation has{self._where(first, other)}"
            self._merge(first, other, reason, 1.0)

    def _where(self, a: int, b: int) -> str:
        """How near two records are, to go on a reason with."""
        where = matching.place(self._read(a), self._read(b), self._km)
        return f"{where.join}{where.words}"

    def _by_names(self, candidates: Candidates) -> None:
        """Join pairs of records that match by name and place, the surest first."""
        leader, found = self._groups.leader, list[tuple[int, int, Decision]]()
        for pair in candidates.pairs(self._groups.leaders()):
            a, b = self._in_order(pair)
            decision = self._decided(a, b)
            if decision is None:
                continue
            if decision.same:
                found.append((a, b, decision))
            else:
                (self._relations if decision.relation else self._alike).append((a, b, decision))
        for a, b, decision in sorted(found, key=self._surest):
            if leader(a) == leader(b) or self._facts.conflict(a, b):
                continue
            if self._facts.two_companies(a, b):
                self._alike.append((a, b, decision.left("two full company names")))
            else:
                self._merge(a, b, decision.reason, round(decision.similarity, 4))

    def _surest(self, found: tuple[int, int, Decision]) -> tuple[object, ...]:
        a, b, decision = found
        return (-decision.similarity, _content(self._read(a)), _content(self._read(b)))

    def _decided(self, a: int, b: int) -> Decision | None:
        """What two records are to each other; None if they have nothing in common."""
        one, other = self._read(a), self._read(b)
        may_be_related = matching.may_be_related(one, other)
        if self._facts.conflict(a, b):
            return self._only_related(one, other) if may_be_related else None
        if not may_be_related and not matching.may_match(one, other):
            return None
        self._compared += 1
        return matching.decide(one, other, self._km)

    def _only_related(self, one: Provider, other: Provider) -> Decision | None:
        """How two organisations with different numbers are related, if they are."""
        self._compared += 1
        found = matching.successor(one, other, self._km) or matching.decide(one, other, self._km)
        return found if found is not None and found.relation is not None else None

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


def _tells_much(names: Sequence[str]) -> bool:
    """Whether spellings of one name are of one organisation, wherever it is."""
    forms = {full.form for name in names for full in full_names(name)}
    if forms:
        return len(forms) == 1 and read_name(names[0]).total >= _TELLING
    return all(name_similarity.distinctive(name) for name in names)


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
