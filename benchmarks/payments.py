"""What payments add: rank suppliers for past lots with and without what bodies paid before.

    python -m benchmarks.payments --awards AWARDS.jsonl.gz --providers SUPPLIERS.jsonl.gz \
        --spend PAYMENTS.csv.gz --before 2022-07-01 --to 2022-09-30

The award replay (`benchmarks.replay`) is asked twice on the same suppliers: once with a register
without payments, and once with those of the files whose last payment is before the window.  Lots
are covered if their buyer is a body in the payments.  On covered lots and on all others, the table
gives Success@10 with each register, and the difference lot by lot, with bootstrap 95% intervals,
for all, warm and cold lots.  The weights of the rule of `matcher.ranking.engagement` were chosen on
the covered lots of July to September 2022, so its gain on those lots is a little too good.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from ir_measures import RR, Success
from rich.console import Console

from benchmarks.replay import Row, ours, run, show
from benchmarks.replay_bundles import Asked, opened
from matcher.core.types import Award
from matcher.geo.postcodes import PostcodeTable
from matcher.law.types import Purpose
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from matcher.ranking.payers import buying_bodies
from matcher.ranking.request import Request
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.embed import embed
from matcher.register.encoded_texts import vectors_version
from matcher.register.register import Register
from matcher.sources.feed import Feed
from matcher.sources.notices import ocds
from matcher.sources.payments import spend_files
from matcher.sources.providers import own_table
from models.bundle import DEFAULT, Bundle
from training.evaluation import metrics
from training.evaluation.metrics import estimate
from training.replays.awards import AwardReplay, build_replay

MEASURES = (Success @ 10, RR @ 100)
Values = Mapping[str, Mapping[str, float]]


def covered(matcher: Matcher, replay: AwardReplay, before: date) -> frozenset[str]:
    """The lots whose buyer is a body in the payments of the matcher's register."""
    payments = matcher.register.payments
    request = Request(before=before)
    return frozenset(
        award.lot.id
        for award in replay.queries
        if payments and len(buying_bodies(matcher.query(award.lot, request), payments))
    )


def rows(
    replay: AwardReplay, lots: Mapping[str, frozenset[str]], without: Values, with_: Values
) -> Iterator[Row]:
    """One row for each set of lots and slice: each measure without, with, and the difference."""
    for where, among in lots.items():
        for name in ("all", "warm", "cold"):
            chosen = sorted(replay.flags[name] & among)
            row: Row = {"buyers": where, "slice": name, "lots": len(chosen)}
            for measure in map(str, MEASURES):
                old = [without[measure].get(lot, 0.0) for lot in chosen]
                new = [with_[measure].get(lot, 0.0) for lot in chosen]
                row[f"{measure} without"] = estimate(old)
                row[f"{measure} with"] = estimate(new)
                row[f"{measure} gain"] = estimate([b - a for a, b in zip(old, new, strict=True)])
            yield row


def _with_payments(args: argparse.Namespace, folder: Path, bundle: str | Path) -> Matcher:
    """The product on a register with payments, prepared for the same bundle."""
    if not (folder / "CURRENT").exists():
        spend = spend_files.open_files([args.spend])
        feeds: list[Feed] = [*own_table.read([args.providers]), *ocds.read_awards([args.awards])]
        feeds += [file.feed() for file in spend]
        build(
            folder, feeds, places_table=PostcodeTable.cached(), options=BuildOptions(trust_ids=True)
        )
    opened_bundle = Bundle.open(bundle, FEATURES)
    if Register.open(folder).manifest.meaning != vectors_version(opened_bundle.knowledge):
        embed(folder, opened_bundle)
    return Matcher.open(folder, bundle)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.payments", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--awards", type=Path, required=True)
    parser.add_argument("--providers", type=Path, required=True)
    parser.add_argument("--spend", type=Path, required=True)
    parser.add_argument("--before", dest="first", type=date.fromisoformat, default=date(2022, 7, 1))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2022, 9, 30))
    parser.add_argument("--registers", type=Path, help="keep the registers here, use them again")
    parser.add_argument("--bundle", default=DEFAULT, help="by name, or a folder")
    parser.add_argument("--config", type=Path, help="how to train, if the bundle knows the window")
    parser.add_argument("--elsewhere", type=int, default=400, help="lots of other buyers to ask")
    parser.add_argument("--json", type=Path, help="also write the rows here")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run both replays and print the table."""
    args = _arguments(arguments)
    console = Console(width=190)
    awards: list[Award] = [award for _, feed in ocds.read_awards([args.awards]) for award in feed]
    replay = build_replay(awards, args.first, args.last)
    pool = {p.id for _, feed in own_table.read([args.providers]) for p in feed}
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.registers or Path(scratch)
        setup = Asked(args.awards, args.providers, args.bundle, args.first, args.config)
        plain, name = opened(setup, folder / "without", console)
        paid = _with_payments(args, folder / "with", plain.bundle.source or args.bundle)
        known = covered(paid, replay, args.first)
        others = sorted(replay.flags["all"] - known)
        asked = known | set(others[:: max(1, len(others) // max(args.elsewhere, 1))])
        queries = [award for award in replay.queries if award.lot.id in asked]
        replay = replace(replay, queries=tuple(queries))
        found = {
            label: metrics.per_lot(
                replay.ir_qrels,
                run(queries, ours(m, args.first, Purpose.ENGAGEMENT, pool), label, console),
                MEASURES,
            )
            for label, m in (("without", plain), ("with", paid))
        }
    lots = {"in the payments": known, "elsewhere": frozenset(asked - known)}
    table = list(rows(replay, lots, found["without"], found["with"]))
    show(table, console, f"{name}: without and with payments; mean and 95% interval over lots")
    if args.json:
        window = {"from": args.first.isoformat(), "to": args.last.isoformat()}
        args.json.write_text(json.dumps({"rows": table, "window": window}, indent=1) + "\n")


if __name__ == "__main__":
    main()
