"""The award replay: rank every known supplier for each lot of a window, from past awards only.

    python -m benchmarks.replay --awards AWARDS.jsonl.gz --providers SUPPLIERS.jsonl.gz \
        --from 2022-07-01 --to 2022-09-30

A hit is a supplier that won the lot.  History is awards dated before the window; the pool
is every supplier in the files.  Queries are lots of local government with at most 20
winners, the first of those that share buyer and the first 60 letters of the title.  The peers
of `benchmarks.peers` run at the same time, and a second table shows the difference between the
product's engagement list and each peer, lot by lot.  All systems take the ids of the files as
given: a firm with two ids is two suppliers, one of which won.  A lot that the gate refuses
(its buyer has the name of a council elsewhere) has no list.  Metrics are
ir-measures' own, with bootstrap 95% intervals over lots.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from ir_measures import RR, Measure, Success
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import peers
from benchmarks.peers import DEPTH, System
from benchmarks.replay_bundles import Asked, Matchers, opened, opened_for_each
from matcher.core.types import Award
from matcher.law.types import Purpose
from matcher.ranking.matcher import Matcher
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from training.evaluation import metrics
from training.evaluation.metrics import MEASURES, estimate
from training.evaluation.runs import run_from_lists, write
from training.replays.awards import (
    AwardReplay,
    build_replay,
    lot_for_purpose,
    replay_asker,
    sample,
)

PAIRED = (Success @ 10, RR @ 100)
Run = dict[str, list[str]]
Row = dict[str, object]


def run(queries: Sequence[Award], system: System, label: str, console: Console) -> Run:
    """The first hundred suppliers that a system lists for each query."""
    steps = track(queries, label, console=console, transient=True)
    return {award.lot.id: list(system(award))[:DEPTH] for award in steps}


def ours(
    matcher: Matcher, before: date, purpose: Purpose, pool: Container[str], *, weak: bool = False
) -> System:
    """The product itself, over all providers; with weak matches after the others on request."""
    asked = replay_asker("ours", matcher, before, purpose, pool, weak=weak)

    def answer(award: Award) -> list[str]:
        return asked.run([lot_for_purpose(award.lot, purpose)]).first(award.lot.id)

    return answer


def per_lot(
    replay: AwardReplay, answers: Run, wanted: Sequence[Measure] = MEASURES
) -> dict[str, dict[str, float]]:
    """Measure → lot → value; lots without a list are left out, and count as zero in means."""
    return metrics.per_lot(replay.ir_qrels, answers, wanted)


def report(replay: AwardReplay, runs: Mapping[str, Run]) -> Iterator[Row]:
    """One row for each system and slice: lots, and each measure with its interval."""
    for system, answers in runs.items():
        values = per_lot(replay, answers)
        for name, lots in replay.flags.items():
            row: Row = {"system": system, "slice": name, "lots": len(lots)}
            for measure, by_lot in values.items():
                row[measure] = estimate([by_lot.get(lot, 0.0) for lot in sorted(lots)])
            yield row


def paired(replay: AwardReplay, runs: Mapping[str, Run], ours: str) -> Iterator[Row]:
    """One row for each peer and slice: how much higher `ours` is, lot by lot.

    The bootstrap samples lots with the values of both, so that hard lots add no noise.
    """
    values = {system: per_lot(replay, answers, PAIRED) for system, answers in runs.items()}
    own = values.pop(ours)
    for peer, other in values.items():
        for name, lots in replay.flags.items():
            row: Row = {"ours": ours, "peer": peer, "slice": name, "lots": len(lots)}
            for measure in map(str, PAIRED):
                mine, theirs = own[measure], other[measure]
                gains = [mine.get(lot, 0.0) - theirs.get(lot, 0.0) for lot in sorted(lots)]
                row[measure] = estimate(gains)
            yield row


def show(
    rows: Iterable[Row],
    console: Console,
    title: str = "Award replay: mean and 95% interval over lots",
) -> None:
    """Print the rows as a table; a list of three is a mean and its interval."""
    rows = list(rows)
    out = Table(title=title)
    for column in rows[0] if rows else ():
        out.add_column(column)
    for row in rows:
        out.add_row(*map(_cell, row.values()))
    console.print(out)


def _cell(value: object) -> str:
    if not isinstance(value, list):
        return str(value)
    mean, low, high = value
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.replay", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--awards", type=Path, required=True)
    parser.add_argument("--providers", type=Path, required=True)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2022, 7, 1))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2022, 9, 30))
    parser.add_argument("--sample", type=int, help="ask only this many lots, spread evenly")
    parser.add_argument("--register", type=Path, help="keep the register here and use it again")
    parser.add_argument("--bundle", default="lite", help="by name, or a folder")
    parser.add_argument("--config", type=Path, help="how to train, if the bundle knows the window")
    parser.add_argument(
        "--encoders",
        type=Path,
        help="a folder of sentence encoders to train with, as `matcher train` takes it",
    )
    parser.add_argument(
        "--cross-fit",
        action="store_true",
        help="ask the bundle's encoder and relevance, with rankers that learned, for each month of "
        "the window, from the lots of its other months (as many as `windows` in --config); the "
        "encoder may know no award of the window",
    )
    parser.add_argument("--json", type=Path, help="also write the rows here")
    parser.add_argument("--runs", type=Path, help="also write each system's run into this folder")
    args = parser.parse_args(arguments)
    if args.cross_fit and args.encoders:
        parser.error("--encoders: --cross-fit asks the encoder of --bundle; leave out one of them")
    return args


def peer_systems(known: peers.Known, matcher: Matcher) -> dict[str, System]:
    """Name → peer; places are found as the product finds them."""
    register = matcher.register
    return {
        "bm25 over profiles": peers.bm25_profiles(known, peers.PLAIN),
        "bm25 over profiles, tuned": peers.bm25_profiles(known),
        "bm25 voting": peers.bm25_voting(known),
        "cpv with hierarchy": peers.cpv_hierarchy(known),
        "nearest supplier": peers.nearest(known, register.postcodes, register.councils),
    }


def our_systems(
    matcher: Matcher, before: date, bundle: str, pool: Container[str]
) -> dict[str, System]:
    """Name → the product: first the engagement list, then the invite list.

    Where the bundle knows weak matches, both again with these.
    """
    marks = any(ranker.relevance for ranker in matcher.bundle.rankers.values())
    return {
        f"ours ({bundle}), {purpose.value}{', weak too' * weak}": ours(
            matcher, before, purpose, pool, weak=weak
        )
        for weak in ((False, True) if marks else (False,))
        for purpose in (Purpose.ENGAGEMENT, Purpose.INVITE)
    }


def by_month(systems: Mapping[date, System]) -> System:
    """Asks about each lot the system of the latest of these days that is not after it."""
    days = sorted(systems)

    def answer(award: Award) -> Sequence[str]:
        return systems[days[bisect_right(days, award.day) - 1]](award)

    return answer


def write_runs(runs: Mapping[str, Run], folder: Path) -> None:
    """Write each run in the TREC format, for `matcher evaluate` and `matcher compare`."""
    folder.mkdir(parents=True, exist_ok=True)
    for system, lists in runs.items():
        name = re.sub(r"\W+", "-", system).strip("-")
        with (folder / f"{name}.run").open("w", encoding="utf-8") as out:
            write(run_from_lists(name, lists), out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the replay and print the tables."""
    args = _arguments(arguments)
    console = Console(width=170)
    awards = [award for _, feed in ocds.read_awards([args.awards]) for award in feed]
    replay = sample(build_replay(awards, args.first, args.last), args.sample)
    pool = {p.id: p for _, feed in own_table.read([args.providers]) for p in feed}
    known = peers.Known.of(replay.history, pool)
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.register or Path(scratch) / "register"
        asked = Asked(
            args.awards, args.providers, args.bundle, args.first, args.config, args.encoders
        )
        matchers: Matchers
        if args.cross_fit:
            name = f"{args.bundle}, rankers of a month trained on the others"
            matchers = opened_for_each(asked, args.last, folder, console)
        else:
            matcher, name = opened(asked, folder, console)
            matchers = {args.first: matcher}
        theirs = peer_systems(known, matchers[args.first])
        ids = {s.id for s in known.suppliers}
        each = {day: our_systems(one, args.first, name, ids) for day, one in matchers.items()}
        own = {
            system: by_month({day: found[system] for day, found in each.items()})
            for system in each[args.first]
        }
        systems = theirs | own
        runs = {name: run(replay.queries, s, name, console) for name, s in systems.items()}
    first = next(iter(own))
    rows = list(report(replay, runs))
    gains = list(paired(replay, {name: runs[name] for name in (first, *theirs)}, first))
    show(rows, console)
    show(gains, console, f"{first}, less each peer: mean and 95% interval over lots")
    if args.runs:
        write_runs(runs, args.runs)
    if args.json:
        window = {
            "from": args.first.isoformat(),
            "to": args.last.isoformat(),
            "lots": len(replay.queries),
            "past awards": len(replay.history),
            "suppliers": len(known.suppliers),
        }
        frozen = {"rows": rows, "paired": gains, "window": window}
        args.json.write_text(json.dumps(frozen, indent=1) + "\n")


if __name__ == "__main__":
    main()
