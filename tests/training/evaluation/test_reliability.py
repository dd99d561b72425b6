from __future__ import annotations

import pytest

from training.evaluation.qrels import Qrels
from training.evaluation.reliability import reliability
from training.evaluation.runs import RowDetails, Run

LOTS = [f"L{n:02}" for n in range(30)]
QRELS = Qrels({lot: {"win": 1} for lot in LOTS}, "judged.txt")
GOOD = Run("good", {lot: {"win": 2.0, "a": 1.0} for lot in LOTS})


def test_probabilities_are_compared_with_the_share_relevant() -> None:
    told = {
        lot: {"win": RowDetails(probability=0.8), "a": RowDetails(probability=0.1)} for lot in LOTS
    }
    sure = Run("sure", {lot: {"win": 2.0, "a": 1.0} for lot in LOTS}, details=told)
    (found,) = reliability([sure, GOOD], QRELS)
    assert found["suggestions"] == 60
    assert found["brier"] == pytest.approx((0.2**2 + 0.1**2) / 2)
    assert found["bins"][0]["relevant"] == 0.0
    assert found["bins"][-1]["relevant"] == 1.0
