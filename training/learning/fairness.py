"""Measure how many places new entrants get, and the cost of giving them their share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.register.register import Register
from models.calibrated_ranker import Fairness, fair_order
from training.evaluation.metrics import estimate
from training.learning.examples import Ranked

TOP = 10
MARGINS = (0.0, 0.1, 0.2, 0.4, 0.8)
"""How much lower a near-equal score may be; tried in this order."""
MOST_COST = 0.01
"""The most Success@10 that the chosen margin may cost."""


def new_winners(register: Register, answers: Sequence[Ranked], known: int) -> float:
    """Mean over lots of the share of winners with no award among the first `known`."""
    until = register.winners.offsets[known]
    earlier = np.zeros(len(register), bool)
    earlier[register.winners.numbers[:until]] = True
    won = [~earlier[register.winners.of(one.number)] for one in answers]
    return float(np.mean([new.mean() for new in won])) if won else 0.0


def exposure(
    register: Register, answers: Sequence[Ranked], known: int
) -> tuple[Fairness, dict[str, Any]]:
    """The share of the first ten places that new entrants get, and the margin to offer.

    For each margin: their share of places, and Success@10 with its interval.
    The widest margin that costs no more than `MOST_COST` is kept.
    """
    share = new_winners(register, answers, known)
    rows = [_row(register, answers, Fairness(share, margin)) for margin in MARGINS]
    best = rows[0]["Success@10"][0]
    kept = [r["margin"] for r in rows if best - r["Success@10"][0] <= MOST_COST]
    return Fairness(round(share, 4), kept[-1]), {
        "share of awards won by the new": round(share, 4),
        "share of candidates that are new": round(_share([one.new for one in answers]), 4),
        "settings": rows,
        "kept margin": kept[-1],
    }


def _row(register: Register, answers: Sequence[Ranked], fairness: Fairness) -> dict[str, Any]:
    orders = [_top(one, fairness) for one in answers]
    hits = [
        float(np.isin(one.rows[order], register.winners.of(one.number)).any())
        for one, order in zip(answers, orders, strict=True)
    ]
    places = [one.new[order] for one, order in zip(answers, orders, strict=True)]
    return {
        "margin": fairness.margin,
        "share of places for the new": round(_share(places), 4),
        "Success@10": estimate(hits),
    }


def _top(one: Ranked, fairness: Fairness) -> npt.NDArray[np.int64]:
    order = (
        fair_order(one.scores, one.new, fairness) if fairness.margin else np.arange(len(one.rows))
    )
    return order[:TOP]


def _share(marks: Sequence[npt.NDArray[np.bool_]]) -> float:
    flat = np.concatenate([np.empty(0, bool), *marks])
    return float(flat.mean()) if len(flat) else 0.0


def summary(report: Mapping[str, Any]) -> str:
    """The report in one sentence."""
    before = report["settings"][0]["share of places for the new"]
    won = report["share of awards won by the new"]
    return f"New entrants get {before:.0%} of the first ten places and won {won:.0%} of the awards."
