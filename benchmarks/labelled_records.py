"""Records of registers and of award notices, each with the organisation that its number names.

The numbers of award notices, and the registers' cross-references, are hidden from the linker: a
supplier has the id that a build gives one without a number, from its name and postcode.
`benchmarks.clusters` says which organisations are contested.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from pathlib import Path

from rapidfuzz.distance import OSA

from matcher.core.identifiers import scheme, with_place
from matcher.core.org_ids import equivalents, form_of
from matcher.core.types import Provider
from matcher.register.linkage.company_names import full_names, name_key
from matcher.register.linkage.spelling import parts
from matcher.sources.notices import ocds, parties, suppliers
from matcher.sources.providers import own_table


@dataclass(frozen=True)
class Labelled:
    """Records for the linker, and the organisation of each; '' where it is not known."""

    records: tuple[Provider, ...]
    labels: tuple[str, ...]
    registers: dict[str, frozenset[str]]
    """organisation → the registers in which its number is known"""
    contested: frozenset[tuple[str, str]] = frozenset()
    """pairs of organisations, in order, between which the notices contradict each other"""

    def comparable(self, a: int, b: int) -> bool:
        """Whether it is known if two records are of one organisation."""
        one, other = sorted((self.labels[a], self.labels[b]))
        if one == other:
            return True
        shared = not self.registers[one].isdisjoint(self.registers[other])
        return shared and (one, other) not in self.contested


def labelled(awards: Sequence[Path], providers: Sequence[Path]) -> Labelled:
    """Records of registers with their numbers, and suppliers of awards without."""
    records: dict[tuple[str, str, str], Provider] = {}
    for _, table in own_table.read(providers):
        for record in table:
            records.setdefault((record.id, "", ""), record)
    for _, feed in ocds.read_awards(awards):
        for supplier in chain.from_iterable(award.suppliers for award in feed):
            place = supplier.sites[0].postcode if supplier.sites else ""
            records.setdefault((supplier.id, supplier.name, place), supplier)
    label = _organisations(records.values())
    registers: dict[str, set[str]] = defaultdict(set)
    for org_id, name in label.items():
        registers[name].add(form_of(org_id))
    shown, labels = [], []
    for (_, written, _), record in records.items():
        labels.append(label.get(_usual(record.id), ""))
        hidden = written and scheme(record.id)
        place = record.sites[0].postcode if record.sites else ""
        own = suppliers.name_id(parties.name_key(record.name)) if hidden else record.id
        org_id = with_place(own, place)
        shown.append(replace(record, id=org_id, ids=()))
    found = {name: frozenset(known) for name, known in registers.items()}
    return with_contested(Labelled(tuple(shown), tuple(labels), found))


def with_contested(data: Labelled) -> Labelled:
    """The records, with the organisations between which the notices contradict each other."""
    known = [i for i, label in enumerate(data.labels) if label]
    at: dict[str, set[str]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for i in known:
        record, label = data.records[i], data.labels[i]
        for key in _names(record):
            names[key].add(label)
            for site in record.sites:
                at[f"{key}@{site.postcode}"].add(label)
        for full in full_names(record.name):
            at[full.key].add(label)
    found = {pair for labels in at.values() for pair in combinations(sorted(labels), 2)}
    for labels in names.values():
        pairs = combinations(sorted(labels), 2)
        found.update(pair for pair in pairs if _one_number(*pair))
    return replace(data, contested=frozenset(_closed(found)))


def _closed(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The pairs, and those of two organisations that are contested with a third."""
    near: dict[str, set[str]] = defaultdict(set)
    for a, b in pairs:
        near[a].add(b)
        near[b].add(a)
    left = set(near)
    while left:
        group, edge = set[str](), [left.pop()]
        while edge:
            group.add(one := edge.pop())
            edge += near[one] & left
            left -= near[one]
        yield from combinations(sorted(group), 2)


def _names(record: Provider) -> set[str]:
    return {key for part in (record.name, *parts(record.name)) if (key := name_key(part))}


def _one_number(a: str, b: str) -> bool:
    """Whether one number may be the other mistyped: a digit or two, or the wrong register."""
    x, y = ("".join(re.findall(r"\d", number)).lstrip("0") for number in (a, b))
    return OSA.distance(x, y, score_cutoff=1) <= 1


def _usual(org_id: str) -> str:
    return (*equivalents(org_id), org_id)[0]


def _organisations(records: Iterable[Provider]) -> dict[str, str]:
    """Official number → the lowest number of its organisation."""
    lead: dict[str, str] = {}

    def find(number: str) -> str:
        while lead.setdefault(number, number) != number:
            number = lead[number]
        return number

    for record in records:
        known = [_usual(org_id) for org_id in (record.id, *record.ids) if scheme(org_id)]
        for number in known:
            first, second = sorted((find(known[0]), find(number)))
            lead[second] = first
    return {number: find(number) for number in lead}
