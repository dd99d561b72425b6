"""Graded measures on lists small enough to check by hand."""

from __future__ import annotations

from math import log2

import pytest

from benchmarks.graded import (
    condensed,
    graded_values,
    ndcg,
    reciprocal_rank_fusion,
)
from training.evaluation.scoring import judged_share

GRADES = {"a": 3.0, "b": 1.0, "c": 0.0, "d": 2.0}
IDEAL = 7 / log2(2) + 3 / log2(3) + 1 / log2(4)


def test_ndcg_compares_the_gains_with_those_of_the_best_list() -> None:
    assert ndcg(["a", "d", "b", "c"], GRADES) == pytest.approx(1)
    assert ndcg(["c", "a"], GRADES) == pytest.approx(7 / log2(3) / IDEAL)


def test_half_grades_have_gains_between() -> None:
    assert ndcg(["x", "y"], {"x": 2.5, "y": 3.0}) == pytest.approx(
        (2**2.5 - 1 + 7 / log2(3)) / (7 + (2**2.5 - 1) / log2(3))
    )


def test_ndcg_looks_no_deeper_than_asked() -> None:
    assert ndcg(["c", "a"], GRADES, depth=1) == 0
    assert ndcg(["a"], GRADES, depth=1) == pytest.approx(1)


def test_a_row_that_is_not_judged_has_no_gain_but_takes_a_place() -> None:
    assert ndcg(["unknown", "a"], GRADES) == pytest.approx(7 / log2(3) / IDEAL)


def test_a_condensed_list_gives_its_place_to_the_next_row() -> None:
    assert condensed(["unknown", "a", "c"], GRADES) == ["a", "c"]
    values = graded_values(["unknown", "a"], GRADES)
    assert values["nDCG@10"] == pytest.approx(7 / log2(3) / IDEAL)
    assert values["condensed nDCG@10"] == pytest.approx(7 / IDEAL)


def test_shares_are_of_the_judged_rows_alone() -> None:
    values = graded_values(["unknown", "a", "c", "b"], GRADES)
    assert values["first row suited"] == 1
    assert values["rows suited"] == pytest.approx(1 / 3)
    assert values["rows unrelated"] == pytest.approx(1 / 3)
    assert values["Judged@10"] == pytest.approx(3 / 4)


def test_the_first_row_has_no_value_where_no_provider_is_suited() -> None:
    values = graded_values(["c"], {"c": 0.0, "b": 1.0})
    assert values["first row suited"] is None
    assert values["rows unrelated"] == 1


def test_what_cannot_be_measured_is_none() -> None:
    assert ndcg(["c"], {"c": 0.0}) is None
    assert set(graded_values([], {}).values()) == {None}
    unjudged = graded_values(["x"], GRADES)
    assert unjudged["Judged@10"] == 0
    assert unjudged["first row suited"] is None
    assert unjudged["condensed nDCG@10"] == 0


def test_fusion_rewards_providers_that_both_lists_have() -> None:
    fused = reciprocal_rank_fusion([["a", "b"], ["b", "c"]])
    assert fused == ["b", "a", "c"]
    assert reciprocal_rank_fusion([["b"], ["a"]]) == ["a", "b"]
    assert reciprocal_rank_fusion([["a", "b"], ["b", "c"]], depth=1) == ["b"]


def test_the_judged_share_is_of_the_first_rows() -> None:
    assert judged_share(["a", "unknown"], GRADES) == 0.5
    assert judged_share(["a", "unknown"], GRADES, depth=1) == 1
    assert judged_share([], GRADES) == 0
