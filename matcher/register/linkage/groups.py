"""What is known of each group of records, which shows whether two groups may be joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from typing import TypeAlias

from matcher.core.identifiers import scheme, without_number, without_place
from matcher.core.org_ids import equivalents
from matcher.core.types import Provider
from matcher.register.linkage.blocks import Groups
from matcher.register.linkage.company_names import (
    FullName,
    full_names,
    name_before_trading,
    of_one_company,
    short_names,
)
from matcher.register.linkage.matching import registered
from matcher.register.linkage.merge import of_notices
from matcher.register.linkage.told_pairs import Pairs, pair_of

Numbers: TypeAlias = dict[str, set[str]]
"""Register and kind of registration → official numbers, as `matching.registered` has them."""

Read = Callable[[int], Provider]
"""Returns a record by number."""


class GroupFacts:
    """The ids, the full company names and the end of each group of records."""

    def __init__(self, groups: Groups, read: Read, apart: Pairs) -> None:
        self._groups = groups
        self._read = read
        self._apart = apart
        self._told = frozenset(org_id for pair in apart for org_id in pair)
        self._ids: dict[int, set[str]] = {}
        """leader → the ids of its group, for groups of two or more"""
        self._numbers: dict[int, Numbers] = {}
        """leader → the official numbers of its group, for groups of two or more"""
        self._names: dict[int, dict[str, FullName]] = {}
        """leader → key → a company name of its group, for groups of two or more"""
        self._ended: dict[int, bool] = {}
        """leader → whether a record of its group may not rank, for groups of two or more"""
        self._known: dict[int, bool] = {}
        """leader → whether a register has a record of its group, for groups of two or more"""

    def ids(self, record: int) -> set[str]:
        """The ids of the group of `record`."""
        known = self._ids.get(self._groups.leader(record))
        return own_ids(self._read(record)) if known is None else known

    def numbers(self, record: int) -> Numbers:
        """The official numbers of the group of `record`."""
        known = self._numbers.get(self._groups.leader(record))
        return registered(own_ids(self._read(record))) if known is None else known

    def numbers_of(self, block: Iterable[int]) -> Numbers:
        """The official numbers of the groups of several records."""
        found: Numbers = {}
        for leader in dict.fromkeys(map(self._groups.leader, block)):
            for form, numbers in self.numbers(leader).items():
                found.setdefault(form, set()).update(numbers)
        return found

    def names(self, record: int) -> dict[str, FullName]:
        """The company names of the group of `record`, by their keys."""
        known = self._names.get(self._groups.leader(record))
        return names_of(self._read(record)) if known is None else known

    def conflict(self, a: int, b: int) -> bool:
        """Whether the groups of two records must stay apart.

        They must if the user says so, or if they have different numbers of one official register.
        """
        return self.told_apart(a, b) or two_numbers(self.numbers(a), self.numbers(b))

    def told_apart(self, a: int, b: int) -> bool:
        """Whether the user says that the groups of two records must stay apart."""
        if not self._told:
            return False
        told_a, told_b = (self.ids(record) & self._told for record in (a, b))
        return told_apart(told_a, told_b, self._apart)

    def two_companies(self, a: int, b: int) -> bool:
        """Whether the groups of two records have the full names of two companies."""
        return not of_one_company(self.names(a).values(), self.names(b).values())

    def ended(self, record: int) -> bool:
        """Whether a record of the group of `record` says that it may not rank, so that none may."""
        known = self._ended.get(self._groups.leader(record))
        return not self._read(record).status.may_rank if known is None else known

    def known(self, record: int) -> bool:
        """Whether a register or a table has a record of the group of `record`."""
        known = self._known.get(self._groups.leader(record))
        return not of_notices(self._read(record)) if known is None else known

    def may_infer(self, a: int, b: int) -> bool:
        """Whether the groups of two records may be joined for a name that is a guess.

        They may not where they conflict, or where only one has ended: the other would not rank.
        """
        return self.ended(a) == self.ended(b) and not self.conflict(a, b)

    def join(self, a: int, b: int) -> None:
        """Join the groups of two records.

        What is known of the smaller group is added to that of the larger, so that many records of
        one group take no more time each than few.
        """
        ended, known = self.ended(a) or self.ended(b), self.known(a) or self.known(b)
        ids = _united(self.ids(a), self.ids(b))
        numbers = _added(self.numbers(a), self.numbers(b))
        names = _named(self.names(a), self.names(b))
        for record in (a, b):
            leader = self._groups.leader(record)
            for facts in (self._ids, self._numbers, self._names, self._ended, self._known):
                facts.pop(leader, None)
        self._groups.join(a, b)
        leader = self._groups.leader(a)
        self._ids[leader], self._numbers[leader] = ids, numbers
        self._names[leader], self._ended[leader] = names, ended
        self._known[leader] = known


def _united(one: set[str], other: set[str]) -> set[str]:
    small, large = sorted((one, other), key=len)
    large |= small
    return large


def _named(one: dict[str, FullName], other: dict[str, FullName]) -> dict[str, FullName]:
    """The names of two groups as `_by_key` gives them of those of one and then the other."""
    if len(one) >= len(other):
        one.update((key, name) for key, name in other.items() if name.form or key not in one)
        return one
    kept = {key: name for key, name in one.items() if key not in other or not other[key].form}
    other.update(kept)
    return other


def _added(one: Numbers, other: Numbers) -> Numbers:
    for form in one.keys() | other:
        one[form] = _united(one.get(form, set()), other.get(form, set()))
    return one


def two_numbers(one: Numbers, other: Numbers) -> bool:
    """Whether two groups have different official numbers of one register."""
    return any(one[form].isdisjoint(other[form]) for form in one.keys() & other)


def told_apart(ids_a: Set[str], ids_b: Set[str], apart: Pairs) -> bool:
    """Whether a person keeps two groups with these ids apart."""
    return bool(apart) and any(pair_of(x, y) in apart for x in ids_a for y in ids_b)


def own_ids(record: Provider) -> set[str]:
    """The ids of a record as it has them, and as a person's decisions name them (`told_pairs`)."""
    return {record.id, without_place(record.id), without_number(record.id)[0], *record.ids}


def ids_of(record: Provider) -> set[str]:
    """All ids of a record, also in the forms that other registers write them."""
    own = {record.id, *record.ids}
    return own.union(*(equivalents(org_id) for org_id in own))


def share_an_id(a: Provider, b: Provider) -> bool:
    """Whether two records have an id in common, in any of its forms."""
    return not ids_of(a).isdisjoint(ids_of(b))


def content(record: Provider) -> tuple[object, ...]:
    """The order in which records are compared, so that the order of the sources has no effect."""
    return (
        scheme(record.id) is None,
        record.id,
        record.ids,
        record.name,
        record.aliases,
        tuple(site.postcode for site in record.sites),
    )


def names_of(record: Provider) -> dict[str, FullName]:
    """The names of a record that two organisations do not share, by their keys.

    These are full company names, their abbreviations, and names before "trading as".
    """
    written = (record.name, *record.aliases)
    kinds = (short_names, name_before_trading, full_names)
    return _by_key(found for name in written for kind in kinds for found in kind(name))


def _by_key(names: Iterable[FullName]) -> dict[str, FullName]:
    """Each name by its key; a full name comes before an abbreviation with the same letters."""
    found: dict[str, FullName] = {}
    for name in names:
        if name.form or name.key not in found:
            found[name.key] = name
    return found
