"""The weights of what payments add to a score, fitted, and tried on councils left out.

    python -m benchmarks.payment_weights --awards AWARDS.jsonl.gz --register REG --bundle BUNDLE

REG is a register of the files with payments (`--registers DIR` of `benchmarks.payments` keeps it in
DIR/with), and BUNDLE knows no award of the window.  Each lot of a buyer in the payments is asked
once.  A conditional logit fits the weights of `matcher.ranking.engagement` beside the ranker's
score, with a penalty; lots whose winners have no award count three times.  The weights are fitted
once on all lots, and once for each buyer on the lots of all others.  The table gives Success@10 of
the second, which has seen no lot of the buyer, without and with payments, with bootstrap 95%
intervals over lots.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track
from scipy.optimize import minimize

from benchmarks.payments import covered
from benchmarks.replay import Row, show
from matcher.core.types import Award
from matcher.law.types import Purpose
from matcher.ranking import engagement
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features import compute
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.payers import buying_bodies
from matcher.ranking.request import Request
from matcher.ranking.retrieval import retrieve
from matcher.sources.notices import ocds
from training.evaluation.metrics import estimate
from training.replays.awards import build_replay

_PENALTY = 1.0
_COLD_WEIGHT = 3.0
_SHOWN = 10
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """One lot: its buyer; each candidate's score, the payments' features, and whether it won."""

    buyer: str
    is_cold: bool
    score: Numbers
    x: Numbers
    won: npt.NDArray[np.bool_]

    def hit(self, weights: Numbers) -> float:
        """Whether a winner is among the first ten; ties count against it."""
        if not self.won.any():
            return 0.0
        total = self.score + self.x @ weights
        return float((total >= total[self.won].max()).sum() <= _SHOWN)


def ask(matcher: Matcher, award: Award, request: Request, *, is_cold: bool) -> Asked:
    """Ask a lot as a shortlist does, and keep the candidates that are relevant."""
    query = matcher.query(award.lot, request)
    candidates = retrieve(query, eligible_providers(query))
    ranker = matcher.ranker_for(query)
    context = FeatureContext(query, candidates)
    x = compute.compute(context, ranker.features)
    kept = ranker.is_relevant(x, ranker.relevance_of(x))
    won = [query.register.row(supplier.id) for supplier in award.suppliers]
    payments = query.register.payments
    return Asked(
        buyer=payments.bodies[int(buying_bodies(query, payments)[0])].name if payments else "",
        is_cold=is_cold,
        score=ranker.ranker.score(ranker.ranked(x))[kept].astype(np.float64),
        x=engagement.values(context)[kept].astype(np.float64),
        won=np.isin(candidates.rows[kept], [row for row in won if row is not None]),
    )


def fit(lots: Sequence[Asked]) -> Numbers:
    """The weights, at least 0, under which the winners are most likely to come first."""
    known = [lot for lot in lots if lot.won.any()]
    size = lots[0].x.shape[1]

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        value, slope = _PENALTY * float(weights @ weights), 2 * _PENALTY * weights
        for lot in known:
            times = _COLD_WEIGHT if lot.is_cold else 1.0
            total = lot.score + lot.x @ weights
            share = np.exp(total - total.max())
            share /= share.sum()
            right = share[lot.won].sum()
            value -= times * float(np.log(right + 1e-12))
            slope = slope - times * (lot.x.T @ (np.where(lot.won, share / right, 0) - share))
        return value, slope

    found = minimize(loss, np.full(size, 0.1), jac=True, bounds=[(0, None)] * size)
    return np.asarray(found.x, np.float64)


def rows(lots: Sequence[Asked]) -> list[Row]:
    """One row for each slice: Success@10 without payments, with, and the difference."""
    by_buyer = {
        buyer: fit([lot for lot in lots if lot.buyer != buyer])
        for buyer in sorted({lot.buyer for lot in lots})
    }
    none = np.zeros(lots[0].x.shape[1])
    table: list[Row] = []
    for name, cold in (("all", None), ("warm", False), ("cold", True)):
        chosen = [lot for lot in lots if cold is None or lot.is_cold is cold]
        old = [lot.hit(none) for lot in chosen]
        new = [lot.hit(by_buyer[lot.buyer]) for lot in chosen]
        table.append(
            {
                "slice": name,
                "lots": len(chosen),
                "Success@10 without": estimate(old),
                "Success@10 with, fitted on other buyers": estimate(new),
                "gain": estimate([b - a for a, b in zip(old, new, strict=True)]),
            }
        )
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, fit, and print the table and the weights."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.payment_weights")
    parser.add_argument("--awards", type=Path, required=True)
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--bundle", required=True)
    parser.add_argument("--before", dest="first", type=date.fromisoformat, default=date(2022, 7, 1))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2022, 9, 30))
    parser.add_argument("--json", type=Path, help="also write the rows here")
    args = parser.parse_args(arguments)
    console = Console(width=170)
    awards = [award for _, feed in ocds.read_awards([args.awards]) for award in feed]
    replay = build_replay(awards, args.first, args.last)
    matcher = Matcher.open(args.register, args.bundle)
    known = covered(matcher, replay, args.first)
    request = Request(Purpose.ENGAGEMENT, Filters(everyone=True), before=args.first)
    queries = [award for award in replay.queries if award.lot.id in known]
    lots = [
        ask(matcher, award, request, is_cold=award.lot.id in replay.flags["cold"])
        for award in track(queries, "asking", console=console, transient=True)
    ]
    table = rows(lots)
    weights = dict(zip(engagement.WEIGHTS, fit(lots).round(2).tolist(), strict=True))
    show(table, console, "What payments gain on buyers that the weights were not fitted on")
    console.print(weights)
    if args.json:
        args.json.write_text(json.dumps({"rows": table, "weights": weights}, indent=1) + "\n")


if __name__ == "__main__":
    main()
