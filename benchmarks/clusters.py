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
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.labelled_records import Labelled, labelled
from matcher.core.identifiers import scheme
from matcher.core.types import PERHAPS_THE_SAME, Provider
from matcher.geo.national_grid import km
from matcher.geo.postcodes import PostcodeTable
from matcher.register.linkage import name_similarity
from matcher.register.linkage.keys import keys_at_places
from matcher.register.linkage.resolve import Resolution, Rules, resolved

REPLICATES = 1000
_MOST_PAIRS = 200
"""Pairs of one organisation that are counted."""


def linked(records: Sequence[Provider], *, trust_ids: bool = False) -> Resolution:
    """What the product makes of the records."""
    table = PostcodeTable.open(PostcodeTable.cached(lambda _, __: None))

    def distance(a: str, b: str) -> float | None:
        one, other = table.find(a), table.find(b)
        if one is None or other is None:
            return None
        return km(one.east, one.north, other.east, other.north)

    return resolved(records, distance, Rules(trust_ids))


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
    """The share of true pairs that share a key, so that they may be compared."""
    keys = {
        i: keys_at_places(record).union(
            *(name_similarity.keys(name) for name in (record.name, *record.aliases))
        )
        for i, record in enumerate(data.records)
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
        leaders, figures = _of_the_product(data)
    _, wrong = scored(data, leaders)
    figures |= _figures(data, leaders, "")
    figures |= _figures(replace(data, contested=frozenset()), leaders, ", as the notices have it")
    figures["contested pairs of organisations"] = len(data.contested)
    for key, figure in figures.items():
        print(f"{key}: {figure}")
    for a, b in wrong[: given.wrong]:
        one, other = data.records[a], data.records[b]
        print(f"  {data.labels[a]} {one.name} | {data.labels[b]} {other.name}", end=" | ")
        print(*(s.postcode for s in (*one.sites, *other.sites)))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def _of_the_product(data: Labelled) -> tuple[npt.NDArray[np.int64], dict[str, object]]:
    """The leader of each record, and what it took to find them."""
    start = time.process_time()
    resolution = linked(data.records)
    related = chain.from_iterable(resolution.related.values())
    return resolution.leaders, {
        "processor seconds": round(time.process_time() - start, 1),
        "pairs compared": resolution.compared,
        "true pairs in a block": round(blocked(data), 4),
        "merges": Counter(
            m.reason.split(" (")[0].split(" GB-")[0].split(",")[0].split(";")[0]
            for m in resolution.merges
        ),
        "related": sum(r.relation != PERHAPS_THE_SAME for r in related) // 2,
    }


def _figures(data: Labelled, leaders: npt.NDArray[np.int64], when: str) -> dict[str, object]:
    """Precision and recall with their intervals, and the number of false pairs."""
    scores, wrong = scored(data, leaders)
    figures: dict[str, object] = {
        f"{name}{when}": [round(float(v), 4) for v in (value, low, high)]
        for name, value, low, high in report(scores)
    }
    return figures | {f"false pairs{when}": len(wrong)}


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
