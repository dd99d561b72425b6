"""Measure a bundle on the months held back from training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ir_measures
import numpy as np

from matcher.register.register import Register
from training.evaluation.metrics import DEPTH, estimate, per_lot
from training.learning.examples import Ranked


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
