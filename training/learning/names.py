"""Learns how to compare the names of organisations.

    python -m training.learning.names --names NAMES.csv --judged PAIRS.csv \
        --awards AWARDS.jsonl.gz --providers PROFILES.jsonl.gz SUPPLIERS.jsonl.gz \
        --payees PAYMENTS.csv.gz

Writes `word_counts.csv` (how common each common word of names is; no name is kept) and
`name_trees.csv` (small boosted trees over the comparisons of two names) into
`matcher/register/linkage`, or into `--out`.  NAMES has columns company_id and name; PAIRS has a, b
and same (1 or 0).  The same files give the same trees.  Registers must be built again afterwards,
because the keys by which a name is found depend on the words that are common.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from matcher.core.types import Provider, Tally
from matcher.register.linkage import comparisons, reading
from matcher.register.linkage.spelling import PARTICLES, normalise
from matcher.sources.formats.tables import csv_rows
from matcher.sources.formats.text_files import text_files
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from models.small_trees import SmallTrees
from training.learning.invented_pairs import NamePair, invented_pairs
from training.learning.name_pairs import (
    Spellings,
    judged_pairs,
    nearest_pairs,
    neighbours,
    same_pairs,
    spellings_in,
    spellings_of,
)

HERE = Path(comparisons.__file__).parent
_TREES, _LEARNING_RATE = 100, 0.09
_KINDS = {"foreign": 5.0, "official": 1.0, "postcode": 2.0, "judged": 8.0, "invented": 0.6}
"""How much a pair of each kind counts."""
_REPEATS = 0.7
"""The pairs of an organisation with n of them count as n to the power of one less this."""
_LEAST_NAMES = {"official": 12, "foreign": 4}
"""Names that must have a word before it is kept as common."""
_REFERENCE = re.compile(r"\d{3}|[*#]")
"""A payee with this is followed by the number of an order, so its words are not a name's."""
_INVENTED = 8000
_EVERY = 5
"""Every so many official names are paired with the names nearest to them."""


@dataclass(frozen=True)
class Examples:
    """Pairs of names, (n,) each: comparisons, whether they are of one organisation, weights.

    Pairs that are the same word for word, or have nothing in common, have a `known` similarity
    and teach nothing; of others it is nan.
    """

    rows: npt.NDArray[np.float64]
    known: npt.NDArray[np.float64]
    same: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64]
    kinds: npt.NDArray[np.str_]
    groups: npt.NDArray[np.int64]

    def learn(self, chosen: npt.NDArray[np.bool_]) -> SmallTrees:
        """Trees learned from the pairs that are `chosen`, (n,)."""
        some = chosen & np.isnan(self.known)
        return SmallTrees.learn(
            comparisons.NAMES,
            self.rows[some],
            self.same[some],
            self.weights[some],
            comparisons.RISING,
            trees=_TREES,
            learning_rate=_LEARNING_RATE,
        )

    def held_out(self, folds: int = 5) -> npt.NDArray[np.float64]:
        """(n,) margins by trees that have not seen the pair's organisation."""
        margins = np.where(self.known >= 0.5, _CERTAIN, -_CERTAIN)
        for fold in range(folds):
            mine = self.groups % folds == fold
            trees = self.learn(~mine)
            for i in np.flatnonzero(mine & np.isnan(self.known)):
                margins[i] = trees.margin(self.rows[i].tolist())
        return margins


_CERTAIN = 20.0
"""The margin of pairs that need no comparison."""


def all_names(records: Iterable[Provider], payees: Iterable[Path]) -> dict[str, list[str]]:
    """Every organisation's names by its id, and the names of others that were paid."""
    found: dict[str, list[str]] = defaultdict(list)
    for record in records:
        found[record.id] += (record.name, *record.aliases)
    known = {normalise(name) for names in found.values() for name in names}
    for file in text_files(payees):
        for _, row in csv_rows(file, Tally(file.name)):
            name = normalise(row["supplier"])
            if name not in known and not _REFERENCE.search(row["supplier"]):
                found[name] = [name]
    return found


def word_counts(official: Spellings, foreign: Spellings) -> dict[str, int]:
    """Common word → how many of 100,000 organisations have it in a name."""
    counts: dict[str, int] = {}
    for spellings, least in ((official, "official"), (foreign, "foreign")):
        held: Counter[str] = Counter()
        for names in spellings.values():
            held.update({w for name in names for w in normalise(name).split()} - PARTICLES)
        for word, count in held.items():
            if count >= _LEAST_NAMES[least]:
                share = round(100_000 * count / len(spellings))
                counts[word] = max(counts.get(word, 0), share)
    return dict(sorted(counts.items()))


def write_counts(path: Path, counts: dict[str, int]) -> None:
    """Write the counts as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("word", "per_100000_names"))
        out.writerows(counts.items())


def examples(pairs: Iterable[tuple[str, NamePair]]) -> Examples:
    """The comparisons of pairs, each with the kind that it counts as."""
    given = list(pairs)
    repeats = Counter((pair.group, pair.same) for _, pair in given)
    compared_ = [compared(pair) for _, pair in given]
    blank = [0.0] * len(comparisons.NAMES)
    return Examples(
        np.array([blank if isinstance(row, float) else row for row in compared_]),
        np.array([row if isinstance(row, float) else np.nan for row in compared_]),
        np.array([pair.same for _, pair in given]),
        np.array(
            [
                _KINDS[kind] / (repeats[pair.group, True] ** _REPEATS if pair.same else 1)
                for kind, pair in given
            ]
        ),
        np.array([kind for kind, _ in given]),
        np.array([crc32(pair.group.encode()) for _, pair in given]),
    )


def best_f1(
    margins: npt.NDArray[np.float64],
    same: npt.NDArray[np.bool_],
    weights: npt.NDArray[np.float64],
) -> tuple[float, float]:
    """The best F1 over all thresholds, ties taken together; and its threshold."""
    order = np.argsort(-margins, kind="stable")
    hits = np.cumsum(np.where(same, weights, 0.0)[order])
    made = np.cumsum(weights[order])
    f1 = 2 * hits / (made + hits[-1])
    f1[:-1][margins[order][:-1] == margins[order][1:]] = 0.0
    return float(f1.max()), float(margins[order][f1.argmax()])


def report(learned: Examples) -> Iterator[str]:
    """Lines with the best F1 on each kind of pair, organisations held out."""
    margins = learned.held_out()
    for kind in _KINDS:
        mine = learned.kinds == kind
        if learned.same[mine].any() and not learned.same[mine].all():
            each = np.ones(mine.sum())
            groups, number = np.unique(learned.groups[mine], return_inverse=True)
            held = np.bincount(number[learned.same[mine]], minlength=len(groups))
            scale = np.count_nonzero(held) / held.sum()
            once = np.where(learned.same[mine], 1 / np.maximum(held[number], 1), scale)
            values = [
                best_f1(margins[mine], learned.same[mine], weights) for weights in (each, once)
            ]
            yield (
                f"{kind}: F1 {values[0][0]:.3f} at {values[0][1]:.2f}; "
                f"each organisation once {values[1][0]:.3f} at {values[1][1]:.2f}"
            )


def compared(pair: NamePair) -> list[float] | float:
    """The comparisons of a pair, of a trading name its more similar part; or the similarity."""
    a, b = reading.read(pair.a), reading.read(pair.b)
    if a.text > b.text:
        a, b = b, a
    if not a.text or a.text == b.text:
        return float(bool(a.text))
    parts = [(a, b)]
    if bool(a.parts) != bool(b.parts):
        parts += [(x, y) for x in a.parts or (a,) for y in b.parts or (b,)]
    if any(x.text == y.text for x, y in parts):
        return 1.0
    found = [row for x, y in parts if (row := comparisons.compare(*sorted((x, y), key=_text)))]
    return max(found, default=0.0)


def _text(name: reading.Read) -> str:
    return name.text


def _records(awards: Sequence[Path], providers: Sequence[Path]) -> Iterator[Provider]:
    for _, feed in ocds.read_awards(awards):
        yield from chain.from_iterable(award.suppliers for award in feed)
    for _, table in own_table.read(providers):
        yield from table


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def main() -> None:
    """Read the files, learn, and write the two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", type=Path, required=True, help="CSV: company_id, name")
    parser.add_argument("--judged", type=Path, required=True, help="CSV: a, b, same")
    parser.add_argument("--awards", type=Path, nargs="+", required=True, help="OCDS releases")
    parser.add_argument("--providers", type=Path, nargs="+", required=True, help="tables")
    parser.add_argument("--payees", type=Path, nargs="*", default=[], help="CSV: supplier")
    parser.add_argument("--invented", type=int, default=_INVENTED, help="groups of invented pairs")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    given = parser.parse_args()
    _say("reading")
    records = list(_records(given.awards, given.providers))
    official, foreign = spellings_of(records), spellings_in(given.names)
    counts = word_counts(all_names(records, given.payees), foreign)
    write_counts(given.out / "word_counts.csv", counts)
    reading.learn_rarity(counts)
    _say(f"{len(counts)} common words; {len(official)} organisations; comparing")
    names = sorted({name for spellings in official.values() for name in spellings})
    real = random.Random(0).sample(names, min(len(names), 5000))  # noqa: S311
    groups: dict[str, Iterator[NamePair]] = {
        "foreign": chain(same_pairs(foreign), nearest_pairs(foreign)),
        "official": chain(same_pairs(official), nearest_pairs(official, _EVERY)),
        "postcode": neighbours(records),
        "judged": judged_pairs(given.judged),
        "invented": invented_pairs(1, given.invented, real),
    }
    learned = examples((kind, pair) for kind, pairs in groups.items() for pair in pairs)
    _say(f"learning from {len(learned.rows)} pairs, {learned.same.sum()} of one organisation")
    trees = learned.learn(np.ones(len(learned.rows), bool))
    trees.write(given.out / "name_trees.csv")
    _say(f"wrote {given.out / 'name_trees.csv'}: {len(trees.roots)} trees")
    for line in report(learned):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
