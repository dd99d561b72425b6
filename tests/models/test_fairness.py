from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibrated_ranker import Fairness, fair_order
from models.errors import BundleError

shares, margins = st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.5, 2.0, 100.0])


@st.composite
def rankings(draw: st.DrawFn, *, distinct: bool = False) -> tuple[Any, Any]:
    """Falling scores, and which of them are the new."""
    each = st.integers(0, 40)
    scores = draw(st.lists(each, max_size=20, unique=distinct))
    new = draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)))
    return np.array(sorted(scores, reverse=True), np.float64) / 10, np.array(new, bool)


@given(rankings(), shares, margins)
def test_everybody_has_one_place_and_both_groups_keep_their_order(
    ranking: tuple[Any, Any], share: float, margin: float
) -> None:
    scores, new = ranking
    order = fair_order(scores, new, Fairness(share, margin))
    assert sorted(order.tolist()) == list(range(len(scores)))
    for group in (new, ~new):
        assert order[group[order]].tolist() == np.flatnonzero(group).tolist()


@given(rankings(), shares, margins)
def test_the_new_never_hold_more_places_than_their_share_or_their_scores_give(
    ranking: tuple[Any, Any], share: float, margin: float
) -> None:
    """Of the first m places: no more than the scores give them, or share * m rounded up."""
    scores, new = ranking
    order = fair_order(scores, new, Fairness(share, margin))
    held, by_score = np.cumsum(new[order]), np.cumsum(new)
    for m in range(1, len(scores) + 1):
        assert by_score[m - 1] <= held[m - 1] <= max(by_score[m - 1], ceil(share * m))


@given(rankings(), shares, margins)
def test_nobody_is_overtaken_by_more_than_the_margin(
    ranking: tuple[Any, Any], share: float, margin: float
) -> None:
    scores, new = ranking
    order = fair_order(scores, new, Fairness(share, margin)).tolist()
    for place, one in enumerate(order):
        for other in order[place + 1 :]:
            if other < one:
                assert new[one]
                assert not new[other]
                assert scores[one] >= scores[other] - margin


@given(rankings(), margins)
def test_without_a_share_nothing_moves(ranking: tuple[Any, Any], margin: float) -> None:
    scores, new = ranking
    assert fair_order(scores, new, Fairness(0.0, margin)).tolist() == list(range(len(scores)))


@given(rankings(distinct=True), shares)
def test_without_a_margin_only_equals_move(ranking: tuple[Any, Any], share: float) -> None:
    scores, new = ranking
    assert fair_order(scores, new, Fairness(share, 0.0)).tolist() == list(range(len(scores)))


@given(rankings(), shares, margins, st.floats(0, 1), st.floats(0, 5))
def test_a_greater_share_or_a_wider_margin_never_sets_the_new_back(
    ranking: tuple[Any, Any], share: float, margin: float, more: float, wider: float
) -> None:
    scores, new = ranking
    less = np.cumsum(new[fair_order(scores, new, Fairness(share, margin))])
    given_ = Fairness(min(share + more, 1.0), margin + wider)
    assert (np.cumsum(new[fair_order(scores, new, given_)]) >= less).all()


def test_near_equals_take_turns() -> None:
    scores = np.array([1.0, 0.9, 0.8, 0.7, 0.6, 0.5])
    new = np.array([False, False, False, True, True, False])
    assert fair_order(scores, new, Fairness(0.5, 10.0)).tolist() == [3, 0, 4, 1, 2, 5]
    assert fair_order(scores, new, Fairness(0.5, 0.15)).tolist() == [0, 1, 3, 2, 4, 5]
    assert fair_order(scores, new, Fairness(1.0, 10.0)).tolist() == [3, 4, 0, 1, 2, 5]


def test_equals_take_turns_even_without_a_margin() -> None:
    new = np.array([False, False, False, True])
    assert fair_order(np.ones(4), new, Fairness(0.25, 0.0)).tolist() == [3, 0, 1, 2]


def test_it_comes_back_from_json() -> None:
    assert Fairness.from_json(Fairness(0.25, 0.4).to_json()) == Fairness(0.25, 0.4)


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {"share": 0.5},
        {"margin": 0.5},
        {"share": "some", "margin": 0},
        {"share": None, "margin": 0},
        {"share": -0.1, "margin": 0},
        {"share": 1.1, "margin": 0},
        {"share": 0.5, "margin": -1},
        {"share": float("nan"), "margin": 0},
        {"share": 0.5, "margin": float("nan")},
        {"share": 0.5, "margin": float("inf")},
        {"share": 0.5, "margin": 10**400},
        None,
        [],
    ],
)
def test_what_is_no_fair_share_is_refused(saved: Any) -> None:
    with pytest.raises(BundleError, match="a fair share"):
        Fairness.from_json(saved)
