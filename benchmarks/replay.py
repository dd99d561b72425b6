"""The award replay: rank every supplier known for each lot of a window, from past awards only.

    python -m benchmarks.replay --awards AWARDS.jsonl.gz --providers SUPPLIERS.jsonl.gz \
        --from 2022-07-01 --to 2022-09-30

A hit is a supplier that won the lot.  History is awards dated before the window; the pool
is every supplier in the files.  Queries are lots of local government with at most 20
winners, the first of those that share buyer and the first 60 letters of the title.  BM25
over supplier profiles (name and past awards' text; bm25s) runs beside.  A lot that
the gate refuses (the buyer's name is that of a council elsewhere) has no answer.  Metrics are
ir-measures' own, with bootstrap 95% intervals over lots.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import bm25s
import ir_measures
import numpy as np
from ir_measures import RR, R, Success
from rich.console import Console
from rich.progress import track
from rich.table import Table

from matcher.build import build
from matcher.errors import NotLawful
from matcher.find import eligible
from matcher.matcher import Matcher
from matcher.postcodes import PostcodeTable
from matcher.reach import Wish
from matcher.request import Request
from matcher.rules import Purpose
from matcher.sources import ocds, table
from matcher.types import Award, Lot
from models import text

MEASURES = (Success @ 1, Success @ 5, Success @ 10, R @ 100, RR @ 100)
_LOCAL = re.compile(
    r"council|borough|county|city of|metropolitan|combined authority|unitary|district"
    r"|local authority|\bfire\b|\bpolice\b",
    re.IGNORECASE,
)
_DEPTH = 100

Run = dict[str, list[str]]
System = Callable[[Award], Sequence[str]]


@dataclass(frozen=True)
class Replay:
    """The lots asked, who won them, and what was known before."""

    queries: tuple[Award, ...]
    history: tuple[Award, ...]
    flags: dict[str, frozenset[str]]
    """slice → lots in it"""

    @property
    def qrels(self) -> list[ir_measures.Qrel]:
        """Winner judgements, one a lot and supplier."""
        return [ir_measures.Qrel(q.lot.id, s.id, 1) for q in self.queries for s in q.suppliers]


def replay_of(awards: Iterable[Award], first: date, last: date) -> Replay:
    """Queries of the window and the history before it, by the replay's rules."""
    history, asked, seen = [], [], set()
    for award in sorted(awards, key=lambda a: (a.day, a.id)):
        if award.day < first:
            history.append(award)
        elif award.day <= last and _is_query(award):
            series = (award.lot.buyer.lower(), award.lot.title.lower()[:60])
            if series not in seen:
                seen.add(series)
                asked.append(award)
    return Replay(tuple(asked), tuple(history), _slices(asked, history))


def _is_query(award: Award) -> bool:
    return bool(_LOCAL.search(award.lot.buyer)) and 0 < len(award.suppliers) <= 20


def _slices(asked: Sequence[Award], history: Sequence[Award]) -> dict[str, frozenset[str]]:
    known = {s.id for a in history for s in a.suppliers}

    def lots(keep: Callable[[Award], bool]) -> frozenset[str]:
        return frozenset(a.lot.id for a in asked if keep(a))

    warm = lots(lambda a: any(s.id in known for s in a.suppliers))
    everything = lots(lambda a: True)
    return {
        "all": everything,
        "warm": warm,
        "cold": everything - warm,
        "sme": lots(lambda a: any("sme (self-declared)" in s.tags for s in a.suppliers)),
        "vcse": lots(lambda a: any("vcse (self-declared)" in s.tags for s in a.suppliers)),
    }


def run(queries: Sequence[Award], system: System, label: str, console: Console) -> Run:
    """The first hundred suppliers that `system` gives for each query."""
    steps = track(queries, label, console=console, transient=True)
    return {award.lot.id: list(system(award))[:_DEPTH] for award in steps}


def ours(matcher: Matcher, before: date, purpose: Purpose) -> System:
    """The product itself, over everyone."""
    request = Request(purpose, Wish(everyone=True), before=before)

    def answer(award: Award) -> list[str]:
        lot = award.lot if purpose is Purpose.ENGAGEMENT else as_if_today(award.lot)
        try:
            question = matcher.question(lot, request)
        except NotLawful:
            return []
        ranking = matcher.rank(question, eligible(question), seed=0)
        organisations = matcher.register.organisations
        return [organisations[int(row)].provider.id for row in ranking.rows[:_DEPTH]]

    return answer


def as_if_today(lot: Lot) -> Lot:
    """The lot as a below-threshold purchase of an English council in June 2026.

    The rulebook has no invite lists before 2025.  Words, codes, buyer and area stay, because
    the question reads them; the buyer's postcode goes, so that its nation is no bar.
    """
    return replace(
        lot,
        day=date(2026, 6, 1),
        value=None,
        category="",
        buyer_kind="council",
        buyer_postcode="",
        postcode="",
    )


def bm25_profiles(replay: Replay, pool: dict[str, str]) -> System:
    """BM25 over one document a supplier: its name and the text of its past awards."""
    documents = {pid: [name] for pid, name in pool.items()}
    for award in replay.history:
        for supplier in award.suppliers:
            documents.setdefault(supplier.id, [supplier.name]).append(
                f"{award.lot.title} {award.lot.description[:1500]}"
            )
    ids = list(documents)
    peer = bm25s.BM25()
    peer.index([text.words(" ".join(documents[i])) for i in ids], show_progress=False)

    def answer(award: Award) -> list[str]:
        words = text.words(f"{award.lot.title} {award.lot.description[:1500]}")
        found, _ = peer.retrieve([words], k=_DEPTH, show_progress=False)
        return [ids[i] for i in found[0]]

    return answer


def per_lot(replay: Replay, answers: Run) -> dict[str, dict[str, float]]:
    """Values by measure and lot; a lot without an answer counts as zero and is in the mean."""
    scored = [
        ir_measures.ScoredDoc(lot, doc, -float(rank))
        for lot, docs in answers.items()
        for rank, doc in enumerate(docs)
    ]
    values: dict[str, dict[str, float]] = {str(m): {} for m in MEASURES}
    for metric in ir_measures.iter_calc(MEASURES, replay.qrels, scored):
        values[str(metric.measure)][metric.query_id] = metric.value
    return values


def interval(values: Sequence[float], seed: int = 7, draws: int = 1000) -> tuple[float, float]:
    """Bootstrap 95% interval of the mean over lots."""
    if not values:
        return (float("nan"), float("nan"))
    random = np.random.default_rng(seed)
    array = np.array(values)
    means = [array[random.integers(0, len(array), len(array))].mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def report(replay: Replay, runs: dict[str, Run]) -> Iterator[dict[str, object]]:
    """One row a system and slice: lots, and each measure with its interval."""
    for system, answers in runs.items():
        values = per_lot(replay, answers)
        for name, lots in replay.flags.items():
            row: dict[str, object] = {"system": system, "slice": name, "lots": len(lots)}
            for measure, by_lot in values.items():
                kept = [by_lot.get(lot, 0.0) for lot in sorted(lots)]
                low, high = interval(kept)
                mean = float(np.mean(kept)) if kept else float("nan")
                row[measure] = [round(mean, 4), round(low, 4), round(high, 4)]
            yield row


def show(rows: Iterable[dict[str, object]], console: Console) -> None:
    """The report as a table."""
    out = Table(title="Award replay: mean and 95% interval over lots")
    for column in ("system", "slice", "lots", *map(str, MEASURES)):
        out.add_column(column)
    for row in rows:
        cells = []
        for measure in map(str, MEASURES):
            mean, low, high = row[measure]  # type: ignore[misc]
            cells.append(f"{mean:.3f} [{low:.3f}, {high:.3f}]")
        out.add_row(str(row["system"]), str(row["slice"]), str(row["lots"]), *cells)
    console.print(out)


def main() -> None:
    """Run the replay and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--awards", type=Path, required=True)
    parser.add_argument("--providers", type=Path, required=True)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2022, 7, 1))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2022, 9, 30))
    parser.add_argument("--sample", type=int, help="ask only this many lots, spread evenly")
    parser.add_argument("--register", type=Path, help="keep the register here and use it again")
    parser.add_argument("--bundle", default="hand")
    parser.add_argument("--json", type=Path, help="also write the rows here")
    args = parser.parse_args()
    console = Console(width=150)
    awards = [a for _, feed in ocds.read_awards([args.awards]) for a in feed]
    replay = replay_of(awards, args.first, args.last)
    if args.sample:
        step = max(1, len(replay.queries) // args.sample)
        queries = replay.queries[::step]
        replay = Replay(queries, replay.history, _slices(queries, replay.history))
    pool = {p.id: p.name for _, feed in table.read([args.providers]) for p in feed}
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.register or Path(scratch) / "register"
        if not (folder / "CURRENT").exists():
            feeds = [*table.read([args.providers]), *ocds.read_awards([args.awards])]
            build(folder, feeds, places_table=PostcodeTable.cached(), trust_ids=True)
        matcher = Matcher.open(folder, args.bundle)
        systems = {
            "bm25 over profiles": bm25_profiles(replay, pool),
            f"ours ({args.bundle}), engagement": ours(matcher, args.first, Purpose.ENGAGEMENT),
            f"ours ({args.bundle}), invite": ours(matcher, args.first, Purpose.INVITE),
        }
        runs = {name: run(replay.queries, s, name, console) for name, s in systems.items()}
    rows = list(report(replay, runs))
    show(rows, console)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
