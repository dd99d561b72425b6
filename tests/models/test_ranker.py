from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BundleError
from models.ranker import LinearRanker

numbers = st.floats(-1e3, 1e3)


@st.composite
def rankers_and_rows(draw: st.DrawFn) -> tuple[LinearRanker, np.ndarray[Any, Any]]:
    size = draw(st.integers(1, 6))
    weights = draw(st.lists(numbers, min_size=size, max_size=size))
    rows = draw(st.lists(st.lists(numbers, min_size=size, max_size=size), max_size=5))
    ranker = LinearRanker(tuple(f"f{i}" for i in range(size)), tuple(weights), draw(numbers))
    return ranker, np.array(rows).reshape(-1, size)


@given(rankers_and_rows())
def test_contributions_add_up_to_the_score(case: tuple[LinearRanker, np.ndarray[Any, Any]]) -> None:
    ranker, x = case
    added = ranker.contributions(x)
    assert added.shape == (len(x), len(ranker.features) + 1)
    assert added.sum(axis=1) == pytest.approx(ranker.score(x))
    assert (added[:, -1] == ranker.base).all()
    assert ranker.score(x) == pytest.approx(x @ np.array(ranker.weights) + ranker.base, abs=1e-6)


@given(rankers_and_rows())
def test_a_feature_of_nought_adds_exactly_nothing(
    case: tuple[LinearRanker, np.ndarray[Any, Any]],
) -> None:
    ranker, x = case
    x[:, 0] = 0
    assert (ranker.contributions(x)[:, 0] == 0).all()


@given(rankers_and_rows())
def test_a_ranker_comes_back_from_json(case: tuple[LinearRanker, np.ndarray[Any, Any]]) -> None:
    ranker, _ = case
    assert LinearRanker.from_json(json.loads(json.dumps(ranker.to_json()))) == ranker


def test_a_score_is_what_the_weights_say() -> None:
    ranker = LinearRanker(("near", "alike"), (2.0, -0.5), 10.0)
    x = np.array([[1.0, 4.0], [0.0, 0.0]])
    assert ranker.contributions(x).tolist() == [[2.0, -2.0, 10.0], [0.0, 0.0, 10.0]]
    assert ranker.score(x).tolist() == [10.0, 10.0]


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {"weights": {"near": 1.0}},
        {"base": 1.0},
        {"weights": [1.0], "base": 0.0},
        {"weights": {"near": "much"}, "base": 0.0},
        {"weights": {"near": None}, "base": 0.0},
        {"weights": {"near": [1]}, "base": 0.0},
        {"weights": {"near": 10**400}, "base": 0.0},
        None,
        [],
        "linear",
    ],
)
def test_what_is_no_linear_ranker_is_refused(saved: Any) -> None:
    with pytest.raises(BundleError, match="a linear ranker needs 'weights' and 'base'"):
        LinearRanker.from_json(saved)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("where", ["weight", "base"])
def test_numbers_that_are_not_finite_are_refused(number: float, where: str) -> None:
    saved = {"weights": {"near": 1.0}, "base": 0.0}
    bad = {"weights": {"near": number}} if where == "weight" else {"base": number}
    with pytest.raises(BundleError, match="finite"):
        LinearRanker.from_json(saved | bad)
