"""The value to expect over ties is the mean over every order of the equals."""

from __future__ import annotations

from itertools import permutations

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factory import scored
from training.evaluation.qrels import Qrels
from training.evaluation.runs import Run, in_order
from training.evaluation.scoring import Scorer, parse_measures

NAMES = "Success@1 Success@2 RR RR@2 P@3 R@2 AP AP@3 nDCG nDCG@3 Success(rel=2)@2 R(rel=2)@2"


def expected(run: Run, grades: dict[str, int], names: str = NAMES) -> dict[str, float]:
    found = Scorer(Qrels({"L": grades}), parse_measures(names)).score(run)
    return {measure: by_lot["L"] for measure, by_lot in found.expected.items()}


def by_every_order(listed: dict[str, float], grades: dict[str, int]) -> dict[str, float]:
    """The mean over all orders of equals, each scored by ir-measures itself."""
    evaluator = ir_measures.evaluator(parse_measures(NAMES), {"L": grades})
    values: dict[str, list[float]] = {}
    for order in permutations(range(len(listed))):
        moved = {p: s + at / 100 for (p, s), at in zip(listed.items(), order, strict=True)}
        for metric in evaluator.iter_calc({"L": moved}):
            values.setdefault(str(metric.measure), []).append(metric.value)
    return {measure: float(np.mean(found)) for measure, found in values.items()}


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 2).map(float), min_size=1),
    st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(0, 3), min_size=1),
)
def test_the_expected_value_is_the_mean_over_every_order_of_equals(
    listed: dict[str, float], grades: dict[str, int]
) -> None:
    run = Run("tied", {"L": in_order(listed)})
    assert expected(run, grades) == pytest.approx(by_every_order(listed, grades), abs=1e-6)


def test_the_worked_case_of_one_relevant_among_two_equals() -> None:
    run = scored(L={"A": 1.0, "Z": 1.0})
    found = Scorer(Qrels({"L": {"A": 1}}), parse_measures("nDCG@10")).score(run)
    assert found.values["nDCG@10"]["L"] == pytest.approx(1 / np.log2(3))
    assert found.expected["nDCG@10"]["L"] == pytest.approx((1 + 1 / np.log2(3)) / 2)
    assert found.tied["nDCG@10"] == 1


def test_without_ties_the_expected_value_is_the_value() -> None:
    run = scored(L={"A": 3.0, "B": 2.0, "C": 1.0})
    found = Scorer(Qrels({"L": {"B": 2, "C": 1}}), parse_measures(NAMES)).score(run)
    for measure, values in found.values.items():
        assert found.expected[measure]["L"] == pytest.approx(values["L"])
        assert found.tied[measure] == 0


def test_scores_that_differ_by_less_than_trec_eval_holds_are_equal() -> None:
    run = scored(L={"A": 5.0000001, "Z": 5.0})
    found = Scorer(Qrels({"L": {"A": 1}}), parse_measures("Success@1")).score(run)
    assert found.tied["Success@1"] == 1
    assert found.expected["Success@1"]["L"] == pytest.approx(0.5)


def test_equals_below_the_depth_or_of_one_grade_are_not_counted() -> None:
    deep = scored(L={"A": 9.0, "B": 1.0, "C": 1.0})
    found = Scorer(Qrels({"L": {"A": 1, "B": 1}}), parse_measures("P@1 P@3")).score(deep)
    assert found.tied == {"P@1": 0, "P@3": 1}
    same = scored(L={"X": 1.0, "Y": 1.0})
    assert Scorer(Qrels({"L": {"A": 1}}), parse_measures("P@1")).score(same).tied == {"P@1": 0}


def test_other_measures_have_no_expected_value() -> None:
    run = scored(L={"A": 1.0, "B": 1.0})
    found = Scorer(Qrels({"L": {"A": 1}}), parse_measures("Bpref P(judged_only=True)@3")).score(run)
    assert found.expected == {}
