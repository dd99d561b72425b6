from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.market.win_counts import (
    BUSY,
    WinCount,
    win_counts,
    win_distribution,
)

probabilities = st.lists(st.floats(0, 1), max_size=7)


def everyone(told: list[float]) -> WinCount:
    (found,) = win_counts(np.array(told), [np.ones(len(told), bool)])
    return found


def test_two_equal_probabilities_match_the_hand_calculation() -> None:
    assert win_distribution(np.array([[0.5, 0.5]])).tolist() == [[0.25, 0.5, 0.25]]


def test_unequal_probabilities_match_the_hand_calculation() -> None:
    # none .1 * .6, both .9 * .4
    found = win_distribution(np.array([[0.9, 0.4], [0.9, 0.0]]))
    assert found == pytest.approx(np.array([[0.06, 0.58, 0.36], [0.1, 0.9, 0.0]]))


@given(probabilities)
def test_distribution_matches_the_enumeration_of_all_outcomes(told: list[float]) -> None:
    spread = np.zeros(len(told) + 1)
    for outcome in product((0, 1), repeat=len(told)):
        chance = np.prod([p if won else 1 - p for p, won in zip(told, outcome, strict=True)])
        spread[sum(outcome)] += chance
    assert win_distribution(np.array([told]).reshape(1, -1))[0] == pytest.approx(spread)


def test_busy_factors_average_one() -> None:
    assert BUSY.mean() == pytest.approx(1)
    assert (BUSY > 0).all()


def test_interval_mixes_quiet_and_busy_months() -> None:
    # One provider at one in ten: wins by the mean of its factors' probabilities.
    wins = float(np.minimum(0.1 * BUSY, 1).mean())
    assert 0.025 < wins < 0.975
    assert everyone([0.1]) == WinCount(1, 0.1, 0, 1)
    assert everyone([0.01]) == WinCount(1, 0.01, 0, 0)


def test_empty_set_has_no_winners() -> None:
    assert everyone([]) == WinCount(0, 0.0, 0, 0)
    assert win_counts(np.empty(0), []) == ()


def test_each_set_is_counted_separately() -> None:
    told = np.array([0.3, 0.1, 0.4])
    found = win_counts(told, [np.array([True, False, True]), np.array([False, True, False])])
    assert [(one.number, one.expected) for one in found] == [(2, 0.7), (1, 0.1)]
    assert found[1] == everyone([0.1])


@given(probabilities)
def test_nineteen_of_twenty_markets_are_inside_the_interval(told: list[float]) -> None:
    found = everyone(told)
    mixed = np.mean(
        [win_distribution(np.minimum(np.array([told]) * b, 1))[0] for b in BUSY], axis=0
    )
    slip = 1e-9
    assert mixed[found.low : found.high + 1].sum() >= 0.95 - slip
    assert mixed[: found.low].sum() <= 0.025 + slip
    assert mixed[found.high + 1 :].sum() <= 0.025 + slip
    assert found.expected == pytest.approx(sum(told), abs=1e-4)


@given(
    st.lists(st.sampled_from([0.001, 0.02, 0.1, 0.9]), min_size=1, max_size=4),
    st.integers(50, 200),
)
def test_interval_of_many_providers_is_exact(told: list[float], times: int) -> None:
    """Of more winners than there can well be nothing is counted, and nothing is lost by it."""
    many = told * times
    mixed = np.mean(
        [win_distribution(np.minimum(np.array([many]) * b, 1))[0] for b in BUSY], axis=0
    )
    below = np.cumsum(mixed)
    found = everyone(many)
    assert (found.low, found.high) == (
        int(np.searchsorted(below, 0.025, side="right")),
        int(np.searchsorted(below, 0.975)),
    )


def test_truncated_distribution_agrees_with_the_full_one() -> None:
    chances = np.array([[0.9, 0.4, 0.2], [0.1, 0.3, 0.7]])
    assert np.array_equal(win_distribution(chances, 1), win_distribution(chances)[:, :2])
    assert np.array_equal(win_distribution(chances, 9), win_distribution(chances))


def test_many_improbable_providers_are_counted_quickly() -> None:
    """Up to all 30,000 winners this took minutes, though 30 are expected."""
    found = everyone([0.001] * 30_000)
    assert (found.number, found.expected) == (30_000, 30.0)
    assert 0 <= found.low < 30 < found.high < 200


@given(probabilities, st.floats(0, 1))
def test_another_provider_lowers_no_bound(told: list[float], more: float) -> None:
    before, after = everyone(told), everyone([*told, more])
    assert after.low >= before.low
    assert after.high >= before.high
