"""Linkage: are the records of one organisation found, and only they, without its number?

    python -m benchmarks.clusters --awards AWARDS.jsonl.gz --providers PROFILES.jsonl.gz

The truth is the registers' own numbers and cross-references: a charity's record that gives its
company number makes the two numbers one organisation's.  Suppliers in award notices that give a
number are records, one for each name and postcode; the number is hidden from the linker.  Records
of registers keep their own number, as in use; the cross-reference is hidden.  Suppliers without a
number take part and are not scored.

Notices give wrong numbers: one mistyped, a charity's as a company's, that of a sister firm.  Two
organisations are contested where their numbers are given with one full company name, with one name
at one postcode, or with one name and differ in one digit; so are two that are contested with a
third.  Pairs between contested organisations
are not scored; the figures "as the notices have it" score them too.

Two records are of one organisation where their numbers are, and of two where they have different
numbers of one register; a charity number and a company number without a cross-reference say nothing
about each other, so such pairs are not scored.

Printed: precision and recall of pairs and B-cubed, with bootstrap 95% intervals over
organisations; the pairs that were compared; the share of true pairs that any block holds; the time.
With --write FILE the records go into a CSV file, for other linkers.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from matcher.core.identifiers import scheme
from matcher.core.org_ids import equivalents, form_of
from matcher.core.types import Provider
from matcher.geo.national_grid import km
from matcher.geo.postcodes import PostcodeTable
from matcher.register.linkage import name_similarity
from matcher.register.linkage.company_names import full_names, name_key
from matcher.register.linkage.resolve import Resolution, Resolver
from matcher.register.linkage.spelling import parts
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table

REPLICATES = 1000
_MOST_PAIRS = 200
"""Pairs of one organisation that are counted."""


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
    for i, ((_, written, _), record) in enumerate(records.items()):
        labels.append(label.get(_usual(record.id), ""))
        hidden = written and scheme(record.id)
        shown.append(replace(record, id=f"XX-hidden-{i}" if hidden else record.id, ids=()))
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


def linked(records: Sequence[Provider], *, trust_ids: bool = False) -> Resolution:
    """What the product makes of the records."""
    resolver = Resolver(trust_ids=trust_ids)
    for record in records:
        resolver.add(record)
    table = PostcodeTable.open(PostcodeTable.cached(lambda _, __: None))

    def distance(a: str, b: str) -> float | None:
        one, other = table.find(a), table.find(b)
        if one is None or other is None:
            return None
        return km(one.east, one.north, other.east, other.north)

    return resolver.resolve(records.__getitem__, distance)


@dataclass(frozen=True)
class Scores:
    """Counts of each organisation: pairs, and B-cubed sums over its records."""

    found: npt.NDArray[np.float64]
    false: npt.NDArray[np.float64]
    true: npt.NDArray[np.float64]
    records: npt.NDArray[np.float64]
    b_precision: npt.NDArray[np.float64]
    b_recall: npt.NDArray[np.float64]

    def values(self, drawn: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """(4,) precision and recall of pairs and B-cubed; each organisation is `drawn` so often."""
        found, false, true = (float(drawn @ x) for x in (self.found, self.false, self.true))
        each = float(drawn @ self.records)
        return np.array(
            [
                found / max(found + false, 1),
                found / max(true, 1),
                float(drawn @ self.b_precision) / each,
                float(drawn @ self.b_recall) / each,
            ]
        )


def scored(data: Labelled, leaders: npt.NDArray[np.int64]) -> tuple[Scores, list[tuple[int, int]]]:
    """The counts, and the pairs that were merged and are of two organisations."""
    labels = data.labels
    index = {label: i for i, label in enumerate(sorted(set(labels) - {""}))}
    order = ("found", "false", "true", "each", "precision", "recall")
    count = {key: np.zeros(len(index)) for key in order}
    by_label, by_leader = _members(labels), defaultdict(list)
    for i, label in enumerate(labels):
        if label:
            by_leader[int(leaders[i])].append(i)
    for label, members in by_label.items():
        pairs, at = list(combinations(members[:_MOST_PAIRS], 2)), index[label]
        count["true"][at] = len(pairs)
        count["found"][at] = sum(leaders[a] == leaders[b] for a, b in pairs)
        for i in members:
            mine = by_leader[int(leaders[i])]
            same = sum(labels[j] == label for j in mine)
            count["each"][at] += 1
            count["precision"][at] += same / sum(data.comparable(i, j) for j in mine)
            count["recall"][at] += same / len(members)
    wrong = [
        (a, b)
        for members in by_leader.values()
        for a, b in combinations(members, 2)
        if labels[a] != labels[b] and data.comparable(a, b)
    ]
    for i in chain.from_iterable(wrong):
        count["false"][index[labels[i]]] += 0.5
    return Scores(*(count[key] for key in order)), wrong


def _members(labels: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for i, label in enumerate(labels):
        if label:
            found[label].append(i)
    return found


def blocked(data: Labelled) -> float:
    """The share of true pairs that share a key of a name, or a name and a postcode."""
    keys = {
        i: frozenset[str]().union(*(name_similarity.keys(n) for n in (r.name, *r.aliases)))
        for i, r in enumerate(data.records)
        if data.labels[i]
    }
    held = [
        not keys[a].isdisjoint(keys[b])
        for members in _members(data.labels).values()
        for a, b in combinations(members[:_MOST_PAIRS], 2)
    ]
    return float(np.mean(held))


def report(scores: Scores) -> Iterator[tuple[str, float, float, float]]:
    """Each figure with its interval."""
    size = len(scores.true)
    random = np.random.default_rng(0)
    drawn = random.multinomial(size, np.full(size, 1 / size), REPLICATES)
    replicates = np.array([scores.values(one) for one in drawn])
    low, high = np.quantile(replicates, [0.025, 0.975], axis=0)
    names = ("pairs: precision", "pairs: recall", "B-cubed: precision", "B-cubed: recall")
    yield from zip(names, scores.values(np.ones(size, np.int64)), low, high, strict=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--awards", type=Path, nargs="+", required=True)
    parser.add_argument("--providers", type=Path, nargs="+", required=True)
    parser.add_argument("--write", type=Path, help="CSV file for the records")
    parser.add_argument("--score", type=Path, help="CSV file of another linker: record, cluster")
    parser.add_argument("--wrong", type=int, default=0, help="how many false merges to print")
    parser.add_argument("--json", type=Path, help="file for the figures")
    given = parser.parse_args()
    data = labelled(given.awards, given.providers)
    print(f"{len(data.records)} records, {len(set(data.labels)) - 1} organisations with a number")
    if given.write:
        _write(given.write, data)
    if given.score:
        leaders = _leaders(given.score, len(data.records))
        figures: dict[str, object] = {}
    else:
        start = time.process_time()
        resolution = linked(data.records)
        leaders = resolution.leaders
        figures = {
            "processor seconds": round(time.process_time() - start, 1),
            "pairs compared": resolution.compared,
            "true pairs in a block": round(blocked(data), 4),
            "merges": Counter(
                m.reason.split(" (")[0].split(" GB-")[0].split(",")[0].split(";")[0]
                for m in resolution.merges
            ),
            "related": sum(map(len, resolution.related.values())) // 2,
        }
    scores, wrong = scored(data, leaders)
    for name, value, low, high in report(scores):
        figures[name] = [round(float(v), 4) for v in (value, low, high)]
    figures["false pairs"] = len(wrong)
    every, all_wrong = scored(replace(data, contested=frozenset()), leaders)
    for name, value, low, high in report(every):
        figures[f"{name}, as the notices have it"] = [
            round(float(v), 4) for v in (value, low, high)
        ]
    figures["false pairs, as the notices have it"] = len(all_wrong)
    figures["contested pairs of organisations"] = len(data.contested)
    for key, figure in figures.items():
        print(f"{key}: {figure}")
    for a, b in wrong[: given.wrong]:
        one, other = data.records[a], data.records[b]
        print(f"  {data.labels[a]} {one.name} | {data.labels[b]} {other.name}", end=" | ")
        print(*(s.postcode for s in (*one.sites, *other.sites)))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def _write(path: Path, data: Labelled) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("record", "name", "plain", "postcode", "number"))
        for i, record in enumerate(data.records):
            place = record.sites[0].postcode if record.sites else ""
            number = record.id if scheme(record.id) else ""
            plain = name_similarity.normalise(record.name)
            out.writerow((i, record.name, plain, place, number))


def _leaders(path: Path, size: int) -> npt.NDArray[np.int64]:
    leaders = np.arange(size) + size
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            leaders[int(row["record"])] = int(row["cluster"])
    return leaders


if __name__ == "__main__":
    main()
