"""Organisation names: can a comparison tell whether two spellings are of one organisation?

    python -m benchmarks.names --names NAMES.csv [--invented 2000] [--nomenklatura PYTHON]
    python -m benchmarks.names --pairs PAIRS.csv [--nomenklatura PYTHON]

NAMES has columns company_id and name; the same company_id is the same organisation.  Positive
pairs are all pairs of different spellings of one organisation.  Negative pairs are each name with
its ten nearest different names of other organisations, nearest by the cosine of TF-IDF weighted
letter trigrams, which is not among the comparisons measured.  PAIRS has columns a, b and same (1 or
0), as they are.  --invented makes so many groups of invented pairs, from another seed than those
that the product learned from.

Each comparison runs on the names as written, in lower case.  The peers of letters also run on the
names as `matcher.register.linkage.spelling.normalise` returns them.  PYTHON is the interpreter of
an environment with nomenklatura (`benchmarks/names_peer.py`).  Intervals are bootstrap 95% over
organisations, at the threshold that is best on all pairs.  "Each organisation once" gives the
pairs of an organisation a total weight of 1, because a few large groups have most of the pairs.

Where the product learned from NAMES, its own figure is too good; the command that learns
(`python -m training.learning.names`) prints the one with organisations held out.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from zlib import crc32

import jellyfish
import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz
from scipy import sparse

from matcher.register.linkage import name_similarity
from matcher.register.linkage.reading import read
from training.learning.invented_pairs import invented_pairs

NEAREST = 10
REPLICATES = 1000
_SEED = 77

Comparison = Callable[[str, str], float]
Floats = npt.NDArray[np.float64]

LETTERS: dict[str, Comparison] = {
    "rapidfuzz WRatio": fuzz.WRatio,
    "rapidfuzz token_set_ratio": fuzz.token_set_ratio,
    "rapidfuzz token_sort_ratio": fuzz.token_sort_ratio,
    "rapidfuzz ratio": fuzz.ratio,
    "jellyfish Jaro-Winkler": jellyfish.jaro_winkler_similarity,
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


def judged(path: Path) -> Pairs:
    """The pairs of a file with columns a, b and same; each first name is an organisation."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["a"], row["b"], row["same"] == "1") for row in csv.DictReader(file)]
    return _numbered(rows, [a for a, _, _ in rows])


def invented(groups: int) -> Pairs:
    """Invented pairs of a seed that the product did not learn from."""
    found = list(invented_pairs(_SEED, groups))
    return _numbered([(p.a, p.b, p.same) for p in found], [p.group for p in found])


def _numbered(rows: Sequence[tuple[str, str, bool]], groups: Sequence[str]) -> Pairs:
    number = {group: i for i, group in enumerate(dict.fromkeys(groups))}
    return Pairs(
        [(a, b) for a, b, _ in rows],
        np.array([same for _, _, same in rows]),
        np.array([number[group] for group in groups]),
    )


def scored(pairs: Pairs, compare: Comparison, change: Callable[[str], str]) -> tuple[Floats, float]:
    """The score of each pair, and the processor seconds that a million pairs would take."""
    given = [(change(a), change(b)) for a, b in pairs.pairs]
    start = time.process_time()
    scores = np.array([compare(a, b) for a, b in given], np.float64)
    return scores, 1e6 * (time.process_time() - start) / len(given)


def report(name: str, pairs: Pairs, scores: Floats, seconds: float) -> None:
    """Print one comparison's line."""
    top = best(scores, pairs.same)
    _, low, high = f1_at(scores, pairs, top.threshold)
    once = best(scores, pairs.same, _once(pairs)).f1
    half = np.array([crc32(b"%d" % org) % 2 == 0 for org in pairs.organisation])
    tuned = best(scores[half], pairs.same[half])
    checked = Pairs([], pairs.same[~half], pairs.organisation[~half])
    other, other_low, other_high = f1_at(scores[~half], checked, tuned.threshold)
    print(
        f"{name:<43} {top.precision:.3f} {top.recall:.3f} {top.f1:.3f} [{low:.3f}, {high:.3f}]"
        f" at {top.threshold:6.3f} | {once:.3f} | {tuned.f1:.3f} -> {other:.3f}"
        f" [{other_low:.3f}, {other_high:.3f}] | {seconds:7.1f}",
        flush=True,
    )


def report_all(title: str, pairs: Pairs, python: str | None) -> None:
    """Print a line for the product and for each of its peers."""
    print(f"{title}: {pairs.same.sum()} pairs alike, {(~pairs.same).sum()} not")
    print("precision, recall, best F1 [95%] at threshold | best F1, each organisation once |")
    print(
        "F1 on one half -> at its threshold on the other [95%] | processor seconds a million pairs"
    )
    read.cache_clear()
    ours = "matcher.register.linkage.name_similarity"
    report(ours, pairs, *scored(pairs, name_similarity.similarity, str))
    for name, compare in LETTERS.items():
        report(f"{name}, as written", pairs, *scored(pairs, compare, str.casefold))
        report(f"{name}, without forms", pairs, *scored(pairs, compare, name_similarity.normalise))
    if python is not None:
        ran = subprocess.run(
            [python, Path(__file__).with_name("names_peer.py")],
            input=json.dumps(pairs.pairs),
            capture_output=True,
            text=True,
            check=True,
        )
        for name, found in json.loads(ran.stdout).items():
            each = 1e6 * found["seconds"] / len(pairs.pairs)
            report(name, pairs, np.array(found["scores"], np.float64), each)
    report_product(pairs)


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
    print(f"of those at SAME or above {found[alike].mean():.3f}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", type=Path, nargs="*", default=[], help="CSV: company_id, name")
    parser.add_argument("--pairs", type=Path, nargs="*", default=[], help="CSV: a, b, same")
    parser.add_argument("--invented", type=int, default=0, help="groups of invented pairs")
    parser.add_argument("--nomenklatura", metavar="PYTHON", help="an interpreter that has it")
    given = parser.parse_args()
    for path in (*given.names, *given.pairs):
        if not path.exists():
            print(f"{path}: not there, so nothing was measured")
            return
    for path in given.names:
        rows = spellings(path)
        report_all(f"{path.name}: {len(rows)} spellings", pairs_of(rows), given.nomenklatura)
    for path in given.pairs:
        report_all(path.name, judged(path), given.nomenklatura)
    if given.invented:
        report_all("invented", invented(given.invented), given.nomenklatura)


if __name__ == "__main__":
    main()
