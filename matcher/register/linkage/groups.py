"""What is known of each group of records, which shows whether two groups may be joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

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
from matcher.register.linkage.told_pairs import Pairs, pair_of

Read = Callable[[int], Provider]
"""Returns a record by number."""


class GroupFacts:
    """The ids, the full company names and the end of each group of records."""

    def __init__(self, groups: Groups, read: Read, apart: Pairs) -> None:
        self._groups = groups
        self._read = read
        self._apart = apart
        self._ids: dict[int, set[str]] = {}
        """leader → the ids of its group, for groups of two or more"""
        self._names: dict[int, dict[str, FullName]] = {}
        """leader → key → a company name of its group, for groups of two or more"""
        self._ended: dict[int, bool] = {}
        """leader → whether a record of its group may not rank, for groups of two or more"""

    def ids(self, record: int) -> set[str]:
        """The ids of the group of `record`."""
        return self.ids_in_group(record) or own_ids(self._read(record))

    def ids_in_group(self, record: int) -> set[str]:
        """The ids of the group of `record`; none where it is alone."""
        return self._ids.get(self._groups.leader(record), set())

    def names(self, record: int) -> dict[str, FullName]:
        """The company names of the group of `record`, by their keys."""
        known = self._names.get(self._groups.leader(record))
        return names_of(self._read(record)) if known is None else known

    def conflict(self, a: int, b: int) -> bool:
        """Whether the groups of two records must stay apart.

        They must if the user says so, or if they have different numbers of one official register.
        """
        return conflicting(self.ids(a), self.ids(b), self._apart)

    def two_companies(self, a: int, b: int) -> bool:
        """Whether the groups of two records have the full names of two companies."""
        return not of_one_company(self.names(a).values(), self.names(b).values())

    def ended(self, record: int) -> bool:
        """Whether a record of the group of `record` says that it may not rank, so that none may."""
        known = self._ended.get(self._groups.leader(record))
        return not self._read(record).status.may_rank if known is None else known

    def may_infer(self, a: int, b: int) -> bool:
        """Whether the groups of two records may be joined for a name that is a guess.

        They may not where they conflict, or where only one has ended: the other would not rank.
        """
        return self.ended(a) == self.ended(b) and not self.conflict(a, b)

    def join(self, a: int, b: int) -> None:
        """Join the groups of two records."""
        ended = self.ended(a) or self.ended(b)
        ids = self.ids(a) | self.ids(b)
        names = _by_key((*self.names(a).values(), *self.names(b).values()))
        for record in (a, b):
            self._ids.pop(self._groups.leader(record), None)
            self._names.pop(self._groups.leader(record), None)
            self._ended.pop(self._groups.leader(record), None)
        self._groups.join(a, b)
        self._ids[self._groups.leader(a)] = ids
        self._names[self._groups.leader(a)] = names
        self._ended[self._groups.leader(a)] = ended


def conflicting(ids_a: Set[str], ids_b: Set[str], apart: Pairs) -> bool:
    """Whether groups with these ids must stay apart."""
    if apart and any(pair_of(x, y) in apart for x in ids_a for y in ids_b):
        return True
    numbers_a, numbers_b = registered(ids_a), registered(ids_b)
    return any(numbers_a[form].isdisjoint(numbers_b[form]) for form in numbers_a.keys() & numbers_b)


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
