"""Finds the organisation that a remark is about: a payee of a public body, or an employer.

A remark joins the organisation with the same official number, or else the one with the same name:

1. Names match as those of records do (`matching.decide`): a distinctive name that is the same
   once normalised, and near each other where both have a postcode.
2. Where several organisations have the name, or where the name is too common to be sure, the only
   one that is in or next to the area of the remark counts.
3. A name with a company's legal form belongs to one company: the only organisation with it counts.
4. Else, of several with the name, the only one with an official number.

Otherwise it joins none. A remark never joins two organisations with each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.core.arrays import Ints
from matcher.core.identifiers import fingerprint, scheme
from matcher.core.types import Provider
from matcher.register.linkage import name_similarity
from matcher.register.linkage.blocks import BlockingKeys
from matcher.register.linkage.groups import Read
from matcher.register.linkage.matching import Distance, decide

NO_MATCH = "no organisation of the register has its number or name"
SEVERAL = "several organisations have its name"
_COMPANY = re.compile(r"\b(?:limited|ltd|l\.t\.d|llp|plc|cic|c\.i\.c|cio)\b", re.IGNORECASE)
_MOST = 40
"""Organisations with one name; a name that more have is too common."""

Near = Callable[[Provider, Provider], bool]
"""Whether a record is in or next to one of the areas of a remark."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """The record whose organisation a remark is about, or None; and why."""

    record: int | None
    reason: str


class NameIndex:
    """The records by their ids and by the normalised forms of their names."""

    def __init__(self) -> None:
        self._names = BlockingKeys()
        self._ids = BlockingKeys()

    def add(self, record: Provider, number: int) -> None:
        """Add a record."""
        for name in spellings(record):
            self._names.add(name, number)
        for org_id in {record.id, *record.ids}:
            if scheme(org_id):
                self._ids.add(org_id, number)

    def extend(self, other: NameIndex, records: int) -> None:
        """Add the next records, which follow the first `records`."""
        self._names.extend(other._names, records)
        self._ids.extend(other._ids, records)

    def attacher(self, leaders: Ints, read: Read, km: Distance, near: Near) -> Attacher:
        """What finds the organisations of remarks; `leaders` are those of the records' groups."""
        return Attacher(_Sorted.of(self._names), _Sorted.of(self._ids), leaders, read, km, near)


def spellings(record: Provider) -> frozenset[str]:
    """The normalised forms of a record's names, and of the parts of each."""
    names = (record.name, *record.aliases)
    every = (n for full in names for n in (full, *name_similarity.parts(full)))
    return frozenset(filter(None, map(name_similarity.normalise, every)))


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Keys in order, with the record of each."""

    keys: np.ndarray[tuple[int], np.dtype[np.uint64]]
    records: Ints

    @classmethod
    def of(cls, keys: BlockingKeys) -> _Sorted:
        hashes, records = keys.arrays()
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], records[order])

    def with_any(self, keys: Iterable[str]) -> Ints:
        """The records that have one of `keys`."""
        found = [np.empty(0, np.int64)]
        for key in keys:
            sought = np.uint64(fingerprint(key))
            start, stop = self.keys.searchsorted(sought), self.keys.searchsorted(sought, "right")
            found.append(self.records[start:stop])
        return np.unique(np.concatenate(found))


@dataclass(frozen=True, slots=True)
class Attacher:
    """Finds the organisations of remarks."""

    names: _Sorted
    ids: _Sorted
    leaders: Ints
    read: Read
    km: Distance
    near: Near

    def attach(self, remark: Provider) -> Attachment:
        """The organisation that a remark is about."""
        numbers = [i for i in (remark.id, *remark.ids) if scheme(i)]
        by_number = self._one_of_each(self.ids.with_any(numbers))
        if len(by_number) == 1:
            return Attachment(by_number[0], "same official number")
        records = self._one_of_each(self.names.with_any(spellings(remark)))
        if not 0 < len(records) <= _MOST:
            return Attachment(None, SEVERAL if records else NO_MATCH)
        return self._by_name(remark, records)

    def _by_name(self, remark: Provider, records: Sequence[int]) -> Attachment:
        members = {number: self.read(number) for number in records}
        matched = [n for n, member in members.items() if self._is_one(remark, member)]
        if len(matched) == 1:
            return Attachment(matched[0], "same name")
        near = [n for n in matched or records if self.near(remark, members[n])]
        if len(near) == 1:
            return Attachment(near[0], "same name, in or next to the area of who pays it")
        if len(records) == 1 and _COMPANY.search(remark.name):
            return Attachment(records[0], "same company name")
        official = [n for n in matched if scheme(members[n].id)]
        if len(official) == 1 and not near:
            return Attachment(official[0], "same name; the only one with an official number")
        return Attachment(None, SEVERAL if len(records) > 1 else NO_MATCH)

    def _is_one(self, remark: Provider, member: Provider) -> bool:
        found = decide(remark, member, self.km)
        return found is not None and found.same

    def _one_of_each(self, records: Ints) -> list[int]:
        """The first of the records of each organisation."""
        _, first = np.unique(self.leaders[records], return_index=True)
        kept: list[int] = records[np.sort(first)].tolist()
        return kept
