"""How alike two lists are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factory import scored
from training.evaluation.overlap import compare_lists, compared, rbo

_lists = st.lists(st.sampled_from("ABCDEFGHIJ"), unique=True, max_size=10)


def by_definition(one: list[str], other: list[str], p: float) -> float:
    """RBO of two lists of one length, extrapolated: equation 30 of Webber et al."""
    depth = len(one)
    shared = [len(set(one[:d]) & set(other[:d])) for d in range(1, depth + 1)]
    weighed = sum(x / d * p**d for d, x in enumerate(shared, 1))
    return shared[-1] / depth * p**depth + (1 - p) / p * weighed


@given(st.permutations("ABCDEF"), st.permutations("BCDEFG"), st.sampled_from([0.5, 0.9, 0.98]))
def test_rbo_of_equally_long_lists_is_its_definition(
    one: list[str], other: list[str], p: float
) -> None:
    assert rbo(one, other, p) == pytest.approx(by_definition(one, other, p))


@given(_lists, _lists)
def test_rbo_is_from_0_to_1_and_symmetric(one: list[str], other: list[str]) -> None:
    found = rbo(one, other)
    assert 0 <= found <= 1 + 1e-9
    assert found == pytest.approx(rbo(other, one))


@given(_lists)
def test_rbo_is_1_for_the_same_list_and_0_without_common_providers(one: list[str]) -> None:
    assert rbo(one, one) == pytest.approx(1)
    strangers = [f"other {name}" for name in one]
    assert rbo(one, strangers) == (0 if one else 1)


def test_rbo_is_1_for_a_prefix_of_a_list() -> None:
    assert rbo("AB", "ABCDE") == pytest.approx(1)
    assert rbo("", "ABC") == 0


def test_a_change_at_the_top_weighs_more_than_one_at_the_bottom() -> None:
    assert rbo("BACDEF", "ABCDEF") < rbo("ABCDFE", "ABCDEF") < 1


def test_churn_and_moves_are_counted_down_to_the_depth() -> None:
    found = compare_lists("L", list("ABCDE"), list("BAXDY"), 4)
    assert (found.overlap, found.removed, found.added) == (0.75, 1, 1)
    assert found.moved == pytest.approx((1 + 1 + 0) / 3)
    nobody = compare_lists("L", list("AB"), list("CD"), 2)
    assert (nobody.overlap, nobody.removed, nobody.moved) == (0.0, 2, None)


def test_a_short_list_overlaps_by_the_longer() -> None:
    assert compare_lists("L", ["A"], list("ABCD"), 4).overlap == 0.25


def test_lots_that_differ_most_come_first_also_those_that_one_run_lacks() -> None:
    one = scored("one", L1={"A": 2, "B": 1}, L2={"A": 2, "B": 1}, L3={"A": 1})
    other = scored("other", L1={"A": 2, "B": 1}, L2={"B": 2, "A": 1})
    assert [pair.lot for pair in compared(one, other, 10)] == ["L3", "L2", "L1"]
