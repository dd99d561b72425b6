"""Differences: what luck would do, and what may be claimed."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.evaluation.significance import (
    FEWEST,
    holm,
    paired,
    randomisation_test,
)


def test_few_differing_lots_are_tested_exactly() -> None:
    told = np.array([0.5, 0.25, -0.125, 1.0])
    signs = [np.dot(s, told) for s in product((1, -1), repeat=4)]
    exact = np.mean([abs(one) >= abs(told.sum()) for one in signs])
    assert randomisation_test(np.concatenate([told, np.zeros(30)])) == pytest.approx(exact)


def test_many_lots_are_tested_by_drawn_signs_near_the_exact_p() -> None:
    told = np.array([1.0] * 12 + [-1.0] * 6)
    exact = np.mean([abs(sum(s)) >= 6 for s in product((1, -1), repeat=18)])
    assert randomisation_test(told) == pytest.approx(exact, abs=0.02)


def test_the_same_run_twice_is_no_difference() -> None:
    found = paired(np.ones(40), np.ones(40))
    assert (found.difference, found.p, found.effect) == (0.0, 1.0, None)
    assert (found.better, found.worse) == (0, 0)


def test_p_is_never_0_and_is_reproducible() -> None:
    one, other = np.linspace(0.5, 1, 60), np.zeros(60)
    found = paired(one, other)
    assert found.p is not None
    assert 0 < found.p < 0.001
    assert paired(one, other) == found


@pytest.mark.parametrize("lots", range(1, FEWEST))
def test_nothing_is_claimed_on_fewer_than_ten_lots(lots: int) -> None:
    found = paired(np.ones(lots), np.zeros(lots))
    assert (found.p, found.effect, found.detectable) == (None, None, None)
    assert (found.low is None) == (lots < 5)
    assert found.difference == 1.0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1, 1, allow_nan=False), min_size=10, max_size=30))
def test_swapping_runs_only_changes_the_sign(values: list[float]) -> None:
    one, other = np.array(values), np.zeros(len(values))
    a, b = paired(one, other), paired(other, one)
    assert a.p == pytest.approx(b.p)
    assert a.difference == pytest.approx(-(b.difference or 0))
    assert (a.better, a.worse) == (b.worse, b.better)
    assert a.low == pytest.approx(-(b.high or 0), abs=1e-9)


def test_without_a_difference_p_is_below_the_level_as_rarely_as_it_should() -> None:
    random = np.random.default_rng(5)
    ps = [randomisation_test(random.normal(size=13)) for _ in range(400)]
    assert np.mean([p < 0.05 for p in ps]) == pytest.approx(0.05, abs=0.03)


def test_the_detectable_difference_is_found_four_times_in_five() -> None:
    random = np.random.default_rng(6)
    spread, lots = 0.4, 60
    sample = paired(random.normal(0, spread, lots), np.zeros(lots))
    assert sample.detectable is not None
    true = 2.8016 * spread / lots**0.5
    assert sample.detectable == pytest.approx(true, rel=0.3)
    found = [
        abs(mean) / (spread / lots**0.5) > 1.96
        for mean in random.normal(true, spread / lots**0.5, 3000)
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=0.03)


def test_the_effect_is_the_mean_in_standard_deviations() -> None:
    told = np.array([0.1, 0.3] * 10)
    found = paired(told, np.zeros(20))
    assert found.effect == pytest.approx(0.2 / told.std(ddof=1))


def test_holm_on_the_textbook_case() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_lowers_a_p_keeps_their_order_and_stays_a_chance(values: list[float]) -> None:
    corrected = holm(values)
    for p, q in zip(values, corrected, strict=True):
        assert p <= q <= 1
    order = np.argsort(values, kind="stable")
    assert np.all(np.diff(np.array(corrected)[order]) >= 0)
    assert min(corrected) == pytest.approx(min(1.0, min(values) * len(values)))
    if len(values) == 1:
        assert corrected == values
