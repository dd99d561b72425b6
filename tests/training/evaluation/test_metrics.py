from __future__ import annotations

import math

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.metrics import estimate, interval, per_lot


def test_measures_are_those_of_the_field() -> None:
    qrels = [ir_measures.Qrel("l", "b", 1), ir_measures.Qrel("l", "z", 1)]
    values = per_lot(qrels, {"l": ["a", "b", "c"]})
    assert values == {
        "Success@1": {"l": 0.0},
        "Success@5": {"l": 1.0},
        "Success@10": {"l": 1.0},
        "R@100": {"l": 0.5},
        "RR@100": {"l": 0.5},
    }


def test_a_lot_without_an_answer_has_no_value() -> None:
    qrels = [ir_measures.Qrel("l", "a", 1), ir_measures.Qrel("silent", "a", 1)]
    values = per_lot(qrels, {"l": ["a"]})
    assert all(found.get("silent", 0.0) == 0.0 for found in values.values())
    assert values["Success@1"]["l"] == 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_an_interval_contains_the_mean_and_is_within_the_values(values: list[float]) -> None:
    low, high = interval(values, draws=200)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    assert interval(values, draws=200) == (low, high), "the same draw each time"


def test_an_interval_narrows_as_lots_grow() -> None:
    draw = np.random.default_rng(0)
    few, many = (interval(draw.random(n).tolist()) for n in (20, 2000))
    assert many[1] - many[0] < (few[1] - few[0]) / 3


def test_without_lots_there_is_no_estimate() -> None:
    assert all(math.isnan(value) for value in interval([]))
    assert estimate([]) is None
    assert estimate([0.5, 0.5]) == pytest.approx([0.5, 0.5, 0.5])
