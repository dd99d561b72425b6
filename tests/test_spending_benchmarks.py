"""The benchmarks of payments do what they say, at a small size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.payment_weights import Asked, fit, rows
from benchmarks.spending import measure_picture, measure_reading


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    found = measure_reading(600, tmp_path)
    assert found.lines == 600
    assert 0 < found.cells <= 600
    assert found.peak_megabytes > 0


@pytest.mark.slow
def test_a_picture_is_timed_on_the_payments_asked_for(tmp_path: Path) -> None:
    found = measure_picture(50, 400, 2, tmp_path)
    assert (found.providers, found.payments, found.rounds) == (50, 400, 2)
    assert 0 < found.cells <= 400


def asked(buyer: str, *, is_cold: bool = True) -> Asked:
    """Twelve candidates that are equal but for this: the last has the first feature, and won."""
    x = np.zeros((12, 2))
    x[-1, 0] = x[0, 1] = 1
    won = np.arange(12) == 11
    return Asked(buyer, is_cold, np.zeros(12), x, won)


def test_weights_are_fitted_on_the_lots_of_other_buyers() -> None:
    lots = [asked(buyer) for buyer in "AABB"]
    telling, misleading = fit(lots)
    assert telling > 0
    assert misleading == pytest.approx(0, abs=1e-6)
    everything, _, cold = rows(lots)
    assert everything["Success@10 without"][0] == 0
    assert everything["Success@10 with, fitted on other buyers"] == [1, 1, 1]
    assert cold["lots"] == 4


def test_a_lot_without_a_winner_among_its_candidates_is_missed() -> None:
    lost = Asked("A", True, np.zeros(3), np.ones((3, 2)), np.zeros(3, bool))
    assert lost.hit(np.ones(2)) == 0
