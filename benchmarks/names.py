"""Organisation names: can a comparison tell whether two spellings are of one organisation?

    python -m benchmarks.names --names NAMES.csv

The file has columns company_id and name; the same company_id is the same organisation.
Positive pairs are all pairs of different spellings of one organisation.  Negative pairs are
each name with its ten nearest different names of other organisations, nearest by the cosine
of TF-IDF weighted letter trigrams, which is not among the comparisons measured.  Each
comparison runs on the names as written and on the names as
`matcher.register.linkage.name_similarity.normalise` returns
them.  Intervals are bootstrap 95% over organisations, at the threshold that is best on all
pairs.  "Each organisation once" gives the pairs of an organisation a total weight of 1, because
a few large groups have most of the pairs.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz
from scipy import sparse

from matcher.register.linkage import name_similarity

NEAREST = 10
REPLICATES = 1000

Comparison = Callable[[str, str], float]
Floats = npt.NDArray[np.float64]


def _token_set(a: str, b: str) -> float:
    return fuzz.token_set_ratio(a, b) / 100


def _weighted(a: str, b: str) -> float:
    return fuzz.WRatio(a, b) / 100


COMPARISONS: dict[str, Comparison] = {
    "matcher.register.linkage.name_similarity": name_similarity.similarity,
    "token_set_ratio": _token_set,
    "WRatio": _weighted,
}


@dataclass(frozen=True)
class Spelling:
    """One spelling of an organisation's name."""

    organisation: str
    name: str


@dataclass(frozen=True)
class Pairs:
    """Pairs of names, positives and negatives: (n,) arrays in step with `pairs`."""

    pairs: list[tuple[str, str]]
    same: npt.NDArray[np.bool_]
    organisation: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Best:
    """The threshold with the best F1, and what it reaches."""

    f1: float
    precision: float
    recall: float
    threshold: float


def spellings(path: Path) -> list[Spelling]:
    """The different spellings of the file, sorted."""
    with path.open(encoding="utf-8", newline="") as file:
        found = {(row["company_id"], row["name"]) for row in csv.DictReader(file)}
    return [Spelling(*one) for one in sorted(found)]


def pairs_of(rows: Sequence[Spelling]) -> Pairs:
    """Every positive pair, then every negative one once."""
    number = {org: i for i, org in enumerate(sorted({row.organisation for row in rows}))}
    by_org: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_org[row.organisation].append(row.name)
    positive = [(o, a, b) for o, ns in by_org.items() for a, b in combinations(ns, 2)]
    negative = list(_negatives(rows))
    both = positive + negative
    return Pairs(
        [(a, b) for _, a, b in both],
        np.arange(len(both)) < len(positive),
        np.array([number[org] for org, _, _ in both]),
    )


def _negatives(rows: Sequence[Spelling]) -> Iterator[tuple[str, str, str]]:
    alike = _cosines([row.name for row in rows])
    seen = set()
    for i, row in enumerate(rows):
        near = alike[i]
        others = (rows[j] for j in near.indices[np.argsort(-near.data, kind="stable")])
        differ = (o for o in others if row.organisation != o.organisation and row.name != o.name)
        for other, _ in zip(differ, range(NEAREST), strict=False):
            pair = frozenset((row, other))
            if pair not in seen:
                seen.add(pair)
                yield row.organisation, row.name, other.name


def _cosines(texts: Sequence[str]) -> sparse.csr_matrix:
    """(n, n) cosines of the texts' letter trigrams, TF-IDF weighted."""
    counts = [Counter(_trigrams(text)) for text in texts]
    column = {g: i for i, g in enumerate(dict.fromkeys(g for count in counts for g in count))}
    rows = np.repeat(np.arange(len(texts)), [len(count) for count in counts])
    columns = np.array([column[g] for count in counts for g in count])
    idf = np.log((1 + len(texts)) / (1 + np.bincount(columns)))
    values = np.array([n for count in counts for n in count.values()]) * idf[columns]
    norms = np.sqrt(np.bincount(rows, values**2, len(texts)))
    unit = sparse.csr_matrix((values / norms[rows], (rows, columns)))
    return (unit @ unit.T).tocsr()


def _trigrams(text: str) -> Iterator[str]:
    padded = " ".join(["", *re.findall(r"\w+", text.lower()), ""])
    return (padded[i : i + 3] for i in range(max(1, len(padded) - 2)))


def best(scores: Floats, same: npt.NDArray[np.bool_], weights: Floats | None = None) -> Best:
    """The best F1 over all thresholds, ties taken together."""
    weight = np.ones(len(scores)) if weights is None else weights
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(np.where(same, weight, 0.0)[order])
    precision, recall = hits / np.cumsum(weight[order]), hits / hits[-1]
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    ranked = scores[order]
    f1[:-1][ranked[:-1] == ranked[1:]] = 0.0
    at = int(f1.argmax())
    return Best(float(f1[at]), float(precision[at]), float(recall[at]), float(ranked[at]))


def f1_at(scores: Floats, pairs: Pairs, threshold: float) -> tuple[float, float, float]:
    """F1 at `threshold`, with its 95% interval over organisations."""
    said = scores >= threshold
    size = int(pairs.organisation.max()) + 1
    hit, made, real = (
        np.bincount(pairs.organisation[mask], minlength=size).astype(float)
        for mask in (said & pairs.same, said, pairs.same)
    )
    drawn = np.random.default_rng(0).multinomial(size, np.full(size, 1 / size), REPLICATES)
    low, high = np.quantile(2 * (drawn @ hit) / (drawn @ (made + real)), [0.025, 0.975])
    return float(2 * hit.sum() / (made + real).sum()), float(low), float(high)


def _once(pairs: Pairs) -> Floats:
    """Weights by which an organisation's positives weigh 1, negatives scaled alike."""
    positive = np.bincount(pairs.organisation[pairs.same], minlength=pairs.organisation.max() + 1)
    ratio = np.count_nonzero(positive) / np.count_nonzero(pairs.same)
    return np.where(pairs.same, 1 / np.maximum(positive[pairs.organisation], 1), ratio)


def report(name: str, pairs: Pairs, compare: Comparison, half: npt.NDArray[np.bool_]) -> None:
    """Print one comparison's line."""
    start = time.perf_counter()
    scores = np.array([compare(a, b) for a, b in pairs.pairs])
    rate = len(scores) / (time.perf_counter() - start)
    top = best(scores, pairs.same)
    _, low, high = f1_at(scores, pairs, top.threshold)
    once = best(scores, pairs.same, _once(pairs)).f1
    tuned = best(scores[half], pairs.same[half])
    checked = Pairs([], pairs.same[~half], pairs.organisation[~half])
    other, other_low, other_high = f1_at(scores[~half], checked, tuned.threshold)
    print(
        f"{name:<28} {top.precision:.3f} {top.recall:.3f} {top.f1:.3f} [{low:.3f}, {high:.3f}]"
        f" at {top.threshold:.3f} | {once:.3f} | {tuned.f1:.3f} -> {other:.3f}"
        f" [{other_low:.3f}, {other_high:.3f}] | {rate / 1000:5.0f}k/s"
    )


def report_product(pairs: Pairs) -> None:
    """Print what the product's own threshold and blocking keys reach."""
    scores = np.array([name_similarity.similarity(a, b) for a, b in pairs.pairs])
    f1, low, high = f1_at(scores, pairs, name_similarity.SAME)
    print(f"name_similarity at SAME = {name_similarity.SAME}: F1 {f1:.3f} [{low:.3f}, {high:.3f}]")
    found = np.array(
        [not name_similarity.keys(a).isdisjoint(name_similarity.keys(b)) for a, b in pairs.pairs]
    )
    alike = pairs.same & (scores >= name_similarity.SAME)
    print(f"pairs alike that share a key: {found[pairs.same].mean():.3f}, ", end="")
    print(f"of those at SAME or above {found[alike].mean():.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", type=Path, required=True, help="CSV: company_id, name")
    path = parser.parse_args().names
    if not path.exists():
        print(f"--names {path}: not there, so nothing was measured")
        return
    rows = spellings(path)
    pairs = pairs_of(rows)
    plain = replace(
        pairs,
        pairs=[
            (name_similarity.normalise(a), name_similarity.normalise(b)) for a, b in pairs.pairs
        ],
    )
    organisations = sorted({row.organisation for row in rows})
    half = np.array([crc32(org.encode()) % 2 == 0 for org in organisations])[pairs.organisation]
    print(f"{len(rows)} spellings; {pairs.same.sum()} pairs alike, {(~pairs.same).sum()} not")
    print("precision, recall, best F1 [95%] at threshold | best F1, each organisation once |")
    print("F1 on the tuning half -> at its threshold on the other half [95%] | pairs a second")
    for name, compare in COMPARISONS.items():
        report(f"{name}, as written", pairs, compare, half)
        report(f"{name}, normalised", plain, compare, half)
    report_product(pairs)


if __name__ == "__main__":
    main()
