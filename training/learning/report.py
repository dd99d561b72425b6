"""What a training says of itself: measures on the months held back, its report and its card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import ir_measures
import numpy as np

from matcher.core.formatting import count
from matcher.register.register import Register
from models.blend import BlendedRanker
from models.calibrated_ranker import CalibratedRanker
from models.knowledge import Knowledge
from models.trees import TreesRanker
from training.evaluation.metrics import DEPTH, estimate, per_lot
from training.learning.background import LEAST_NAMED
from training.learning.examples import Ranked, TrainingWindow


def gains(calibrated: CalibratedRanker) -> dict[str, float]:
    """Feature → its share of the gain of all splits, greatest first."""
    ranker = calibrated.ranker
    shares = ranker.gains() if isinstance(ranker, TreesRanker | BlendedRanker) else {}
    return dict(sorted(shares.items(), key=lambda pair: -pair[1]))


def window_dates(window: TrainingWindow, lots: int) -> dict[str, Any]:
    """The days of a window, and how many lots it had to learn from."""
    return {
        "from": window.first.isoformat(),
        "to before": window.end.isoformat(),
        "lots": lots,
    }


def data(register: Register, knowledge: Knowledge) -> dict[str, Any]:
    """What the bundle learned from, in numbers and days."""
    days = register.columns.award_day[: register.known_awards]
    coder = knowledge.embedder.coder if knowledge.embedder else None
    return {
        "awards": register.known_awards,
        "awards from": date.fromordinal(int(days[0])).isoformat(),
        "awards to": date.fromordinal(int(days[-1])).isoformat(),
        "providers": len(register),
        "with a profile": sum(
            bool(register.organisations[row].provider.profile) for row in range(len(register))
        ),
        "register": register.version,
        "words learned": len(coder.words) if coder else 0,
        "CPV codes learned": len(coder.codes) if coder else 0,
        "words of names learned": len(coder.name_words) if coder else 0,
    }


def card(report: Mapping[str, Any], until: date) -> dict[str, Any]:
    """What users of a bundle need to know; the report has more."""
    held = {key: found["held back"]["measures"] for key, found in report["rankers"].items()}
    return {
        "what": "Learned from past contract awards which providers belong to which lots.",
        "data": report["data"],
        "knows awards before": until.isoformat(),
        "windows": report["windows"],
        "held back, not learned from": {"window": report["windows"][-1], **held},
        "libraries": report["libraries"],
        **({"relevance": _graded(report["relevance"])} if "relevance" in report else {}),
        "limits": "Only winners are known, never those who bid and lost. Holds words, weights "
        "and distances; no supplier and no award. No word is learned that fewer than "
        f"{report['settings']['embedder']['least']} texts or names hold; words known to "
        f"name places are in {LEAST_NAMED} names or more.",
    }


def _graded(found: Mapping[str, Any]) -> str:
    lots, providers = count(found["lots"], "lot"), count(found["rows"], "provider")
    return f"Fitted on {lots} of which people graded {providers}."


def held_back(
    register: Register, answers: Sequence[Ranked], lots: Sequence[int], known: int
) -> dict[str, Any]:
    """The measures over all lots of a window, and by whether a winner had won before.

    A lot without a list counts as zero.  `known` is the number of earlier awards.
    """
    qrels = [
        ir_measures.Qrel(str(lot), str(row), 1) for lot in lots for row in register.winners.of(lot)
    ]
    run = {str(one.number): [str(row) for row in one.rows[:DEPTH]] for one in answers}
    values = per_lot(qrels, run)
    earlier = np.zeros(len(register), bool)
    earlier[register.winners.numbers[: register.winners.offsets[known]]] = True
    warm = {lot for lot in lots if earlier[register.winners.of(lot)].any()}
    slices = {"all": set(lots), "warm": warm, "cold": set(lots) - warm}
    return {
        "lots": {name: len(kept) for name, kept in slices.items()},
        "measures": {
            name: {
                measure: estimate([by_lot.get(str(lot), 0.0) for lot in sorted(kept)])
                for measure, by_lot in values.items()
            }
            for name, kept in slices.items()
        },
    }
