"""Grants: find the recipient of a grant from its purpose, among all providers with a profile.

    python -m benchmarks.grants --grants GRANTS.jsonl.gz --providers PROFILES.jsonl.gz

A grant's title and description are asked as a lot; a hit is its recipient.  With `--funder` the
funder is the lot's buyer, as every real lot has one, and the peers use its name as more words.
There are no past awards here, only profiles, names, labels and places of providers.  A grant
counts where its recipient is in the register and has described its work, there or to the funder.
Where a register record has no text, every system uses the recipient's description to the funder.

The peers are BM25 (bm25s) and the cosine of TF-IDF (scikit-learn), both with their usual
settings, over the same organisations and documents: names, profile and labels, split into words
as the matcher does. With `--minilm`, a pretrained sentence encoder as it comes is a third.
Metrics are ir-measures' own, with bootstrap 95% intervals over grants. The last rows divide a
system by the best of the peers, with grants sampled in pairs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import bm25s
import ir_measures
import numpy as np
from ir_measures import RR, R
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.pretrained import Pretrained
from matcher.core.types import Lot, Provider
from matcher.geo.postcodes import PostcodeTable
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register.analysis import DESCRIPTION, labels
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.embed import embed
from matcher.register.encoded_texts import vectors_version
from matcher.register.register import Register
from matcher.sources.feed import Feed
from matcher.sources.formats.text_files import text_files
from matcher.sources.providers import own_table
from models import text
from models.bundle import DEFAULT, Bundle
from training.evaluation.metrics import interval

MEASURES = (R @ 10, RR @ 100)
BM25, TFIDF = "bm25 over profiles", "tf-idf cosine over profiles"
MINILM = "pretrained encoder over profiles"
PEERS = (BM25, TFIDF, MINILM)
_DEPTH = 100

Run = dict[str, list[int]]
System = Callable[[Lot], Sequence[int]]
Values = dict[str, dict[str, float]]
Row = dict[str, object]


@dataclass(frozen=True)
class Grant:
    """A grant as a lot, its recipient, and the recipient's description to the funder."""

    lot: Lot
    recipient: str
    told: str
    in_register: bool
    """whether the file says that the recipient's register record has text"""


def read_grants(path: Path, funder: bool = False) -> list[Grant]:
    """The grants of a file of JSON Lines; with `funder`, the funder is the lot's buyer."""
    return [
        _grant(json.loads(line), funder)
        for file in text_files([path])
        for line in file.lines()
        if line.strip()
    ]


def _grant(row: dict[str, object], funder: bool) -> Grant:
    recipient = row["recipient"]
    if not isinstance(recipient, dict):
        raise TypeError(f"grant {row.get('id')}: its recipient is not an object")
    return Grant(
        lot=Lot(
            id=str(row["id"]),
            title=str(row["title"] or ""),
            description=str(row["description"] or ""),
            buyer=str(row["funder"] or "") if funder else "",
        ),
        recipient=str(recipient["id"]),
        told=str(recipient.get("description") or ""),
        in_register=bool(row["has_register_text"]),
    )


def with_told(feeds: Iterable[Feed], grants: Iterable[Grant]) -> Iterator[Feed]:
    """The feeds; a record without a profile gets its description to a funder."""
    told = {grant.recipient: grant.told for grant in reversed([*grants]) if grant.told}

    def filled(records: Iterable[object]) -> Iterator[object]:
        for record in records:
            if isinstance(record, Provider) and not record.profile:
                record = replace(record, profile=told.get(record.id, ""))  # noqa: PLW2901
            yield record

    for tally, records in feeds:
        yield tally, filled(records)  # type: ignore[misc]


def judged(grants: Iterable[Grant], register: Register) -> dict[str, tuple[Grant, int]]:
    """Grant id → the grant and its recipient's row, for the grants that count."""
    found = {}
    for grant in grants:
        row = register.row(grant.recipient)
        if row is not None and (grant.in_register or grant.told):
            found[grant.lot.id] = (grant, row)
    return found


def ours(matcher: Matcher, *, weak: bool = False) -> System:
    """The product itself, for engagement and over all providers; with `weak`, weak matches too."""
    request = Request(wish=Filters(everyone=True), weak=weak)

    def answer(lot: Lot) -> list[int]:
        query = matcher.query(lot, request)
        rows = matcher.rank(query, eligible_providers(query), seed=0, weak=weak).rows
        return [int(row) for row in rows[:_DEPTH]]

    return answer


def documents(register: Register) -> list[list[str]]:
    """The words of each organisation of the register, by row: names, profile and labels."""
    organisations = (register.organisations[row].provider for row in range(len(register)))
    return [_words([p.name, *p.aliases, p.profile, *labels(p)]) for p in organisations]


def _words(texts: Iterable[str]) -> list[str]:
    return text.words("\n".join(texts))


def _asked(lot: Lot) -> list[str]:
    return _words([lot.title, lot.description[:DESCRIPTION], lot.buyer])


def bm25(held: Sequence[list[str]]) -> System:
    """BM25 over one document for each row."""
    peer = bm25s.BM25()
    peer.index(list(held), show_progress=False)

    def answer(lot: Lot) -> list[int]:
        return best(peer.get_scores(_asked(lot)))

    return answer


def tfidf(held: Sequence[list[str]]) -> System:
    """The cosine of TF-IDF over one document for each row."""
    peer = TfidfVectorizer(analyzer=list)
    weighted = peer.fit_transform(held)

    def answer(lot: Lot) -> list[int]:
        return best((weighted @ peer.transform([_asked(lot)]).T).toarray()[:, 0])

    return answer


def best(scores: np.ndarray[tuple[int], np.dtype[np.floating]]) -> list[int]:
    """The hundred rows with the highest scores above 0; `scores` is (rows,)."""
    order = np.argsort(-scores, kind="stable")[:_DEPTH]
    return [int(row) for row in order if scores[row] > 0]


def per_grant(winners: Mapping[str, int], answers: Run) -> Values:
    """Measure → grant → value; a grant without an answer counts as zero."""
    qrels = [ir_measures.Qrel(grant, str(row), 1) for grant, row in winners.items()]
    scored = [
        ir_measures.ScoredDoc(grant, str(row), -float(rank))
        for grant, rows in answers.items()
        for rank, row in enumerate(rows)
    ]
    values: Values = {str(m): dict.fromkeys(sorted(winners), 0.0) for m in MEASURES}
    for metric in ir_measures.iter_calc(MEASURES, qrels, scored):
        values[str(metric.measure)][metric.query_id] = metric.value
    return values


def report(winners: Mapping[str, int], runs: Mapping[str, Run]) -> Iterator[Row]:
    """A row for each system with its measures; then one divided by the best peer."""
    values = {system: per_grant(winners, answers) for system, answers in runs.items()}
    for system, by_measure in values.items():
        row: Row = {"system": system, "grants": len(winners)}
        for measure, by_grant in by_measure.items():
            kept = list(by_grant.values())
            row[measure] = _rounded(float(np.mean(kept)), *interval(kept))
        yield row
    for system in [one for one in values if one not in PEERS]:
        row = {"system": f"{system} / best peer", "grants": len(winners)}
        for measure in map(str, MEASURES):
            there = [peer for peer in PEERS if peer in values]
            own, *peers = (np.array([*values[s][measure].values()]) for s in (system, *there))
            row[measure] = _rounded(*times(own, max(peers, key=np.mean)))
        yield row


def times(
    own: np.ndarray[tuple[int], np.dtype[np.floating]],
    peer: np.ndarray[tuple[int], np.dtype[np.floating]],
    draws: int = 1000,
) -> tuple[float, float, float]:
    """The mean of `own` (grants,) divided by that of `peer`, with bootstrap 95% interval."""
    random = np.random.default_rng(7)
    drawn = random.integers(0, len(own), (draws, len(own)))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = own[drawn].mean(axis=1) / peer[drawn].mean(axis=1)
        low, high = np.nanpercentile(ratios, [2.5, 97.5])
        return float(own.mean() / peer.mean()), float(low), float(high)


def _rounded(*values: float) -> list[float]:
    return [round(value, 4) for value in values]


def show(rows: Iterable[Row], console: Console) -> None:
    """The report as a table."""
    out = Table(title="Grants: mean and 95% interval over grants")
    for column in ("system", "grants", *map(str, MEASURES)):
        out.add_column(column)
    for row in rows:
        cells = []
        for measure in map(str, MEASURES):
            mean, low, high = cast("list[float]", row[measure])
            cells.append(f"{mean:.3f} [{low:.3f}, {high:.3f}]")
        out.add_row(str(row["system"]), str(row["grants"]), *cells)
    console.print(out)


def pretrained(register: Register, folder: Path, console: Console) -> System:
    """A pretrained encoder as it comes, over names, profile and labels."""
    every = np.arange(len(register))
    peer = Pretrained(register, folder, every, console)

    def answer(lot: Lot) -> list[int]:
        return [int(row) for row in peer.order(lot, every, _DEPTH)]

    return answer


def measure(
    grants: Sequence[Grant], matcher: Matcher, console: Console, base: Path | None = None
) -> list[Row]:
    """The report's rows, from the lists of the matcher and its peers for every grant.

    `base` is the folder of a pretrained encoder.
    """
    counted = judged(grants, matcher.register)
    held = documents(matcher.register)
    systems = {
        BM25: bm25(held),
        TFIDF: tfidf(held),
        **({MINILM: pretrained(matcher.register, base, console)} if base else {}),
        f"ours ({matcher.bundle.name})": ours(matcher),
    }
    if any(ranker.relevance for ranker in matcher.bundle.rankers.values()):
        systems[f"ours ({matcher.bundle.name}), weak matches too"] = ours(matcher, weak=True)
    runs: dict[str, Run] = {}
    for name, system in systems.items():
        steps = track(counted.values(), name, console=console, transient=True)
        runs[name] = {grant.lot.id: list(system(grant.lot)) for grant, _ in steps}
    return list(report({grant: row for grant, (_, row) in counted.items()}, runs))


def main() -> None:
    """Ask every grant and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--grants", type=Path, required=True)
    parser.add_argument("--providers", type=Path, required=True)
    parser.add_argument("--funder", action="store_true", help="the funder is the lot's buyer")
    parser.add_argument("--register", type=Path, help="keep the register here and use it again")
    parser.add_argument("--bundle", default=DEFAULT, help="by name, or a folder")
    parser.add_argument("--minilm", type=Path, help="a folder with a pretrained encoder as a peer")
    parser.add_argument("--json", type=Path, help="also write the rows here")
    args = parser.parse_args()
    console = Console(width=120)
    grants = read_grants(args.grants, args.funder)
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.register or Path(scratch) / "register"
        if not (folder / "CURRENT").exists():
            feeds = with_told(own_table.read([args.providers]), grants)
            build(
                folder,
                feeds,
                places_table=PostcodeTable.cached(),
                options=BuildOptions(trust_ids=True),
            )
        bundle = Bundle.open(args.bundle, FEATURES)
        if Register.open(folder).manifest.meaning != vectors_version(bundle.knowledge):
            embed(folder, bundle)
        rows = measure(grants, Matcher.open(folder, args.bundle), console, args.minilm)
    show(rows, console)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
