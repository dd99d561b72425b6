"""Judging: a blind pool, an order for each rater, agreement, and what comes of it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factory import award, lot, provider, scored
from tests.registers import registered
from training.evaluation.pooling import (
    Item,
    Judgement,
    agreement,
    alpha,
    latest,
    median_qrels,
    pool_items,
    pool_keys,
    rater_order,
    remaining,
)

RUNS = [
    scored("one", L1={"A": 3, "B": 2, "C": 1}, L2={"A": 1}),
    scored("other", L1={"C": 3, "A": 2, "D": 1}),
]


def said(rater: str, grade: int | None, provider: str = "A", lot: str = "L1") -> Judgement:
    return Judgement(lot, provider, rater, grade)


def test_a_pool_holds_what_any_run_lists_first_each_once() -> None:
    assert pool_keys(RUNS, 2) == [("L1", "A"), ("L1", "B"), ("L1", "C"), ("L2", "A")]
    assert ("L1", "D") in pool_keys(RUNS, 3)


def test_a_pool_has_neither_run_nor_place() -> None:
    told = repr(pool_items(pool_keys(RUNS, 3), RUNS, {}, None))
    assert "one" not in told
    assert "other" not in told
    pool = pool_items(pool_keys(RUNS, 3), RUNS, {}, None)
    assert pool == pool_items(pool_keys(RUNS[::-1], 3), RUNS[::-1], {}, None)


def test_raters_see_only_contracts_from_before_the_lot(tmp_path: Path, places_table: Path) -> None:
    one = provider("GB-CHC-1", "WS1 1TP", name="Kitchen", profile="Hot meals")
    past = [
        award("old", one, lot=lot(id="old", title="Lunches"), day=date(2026, 2, 1)),
        award("own", one, lot=lot(id="own", title="The lot itself"), day=date(2026, 3, 1)),
        award("late", one, lot=lot(id="late", title="Dinners"), day=date(2026, 4, 1)),
    ]
    register = registered(tmp_path / "reg", places_table, one, *past)
    asked = lot(id="own", title="The lot itself", description="For all", day=date(2026, 3, 15))
    runs = [scored("r", own={"GB-CHC-1": 1.0})]
    (found,) = pool_items(pool_keys(runs, 5), runs, {"own": asked}, register)
    assert found.contracts == ("Lunches (February 2026)",)
    assert (found.name, found.says, found.lot_text) == ("Kitchen", "Hot meals", "For all")


def test_one_organisation_under_two_ids_is_judged_once_and_graded_under_both(
    tmp_path: Path, places_table: Path
) -> None:
    two = provider("GB-CHC-1", "WS1 1TP", ids=("GB-COH-1",))
    register = registered(tmp_path / "reg", places_table, two)
    runs = [scored("r", L1={"GB-CHC-1": 2.0, "GB-COH-1": 1.0, "GB-COH-9": 0.5})]
    one, other = pool_items(pool_keys(runs, 5), runs, {}, register)
    assert (one.provider, one.also) == ("GB-CHC-1", ("GB-COH-1",))
    assert (other.provider, other.also) == ("GB-COH-9", ())
    told = [Judgement("L1", one.provider, "ann", 2, also=one.also)]
    assert median_qrels(told)[0].grades == {"L1": {"GB-CHC-1": 2, "GB-COH-1": 2}}


POOL = [Item(f"L{n % 5}", f"P{n}") for n in range(60)]


def test_each_rater_has_an_order_of_their_own_the_same_each_time() -> None:
    ann, bob = rater_order(POOL, "ann", 0), rater_order(POOL, "bob", 0)
    assert sorted(map(repr, ann)) == sorted(map(repr, POOL))
    assert ann == rater_order(POOL[::-1], "ann", 0)
    assert ann != bob
    assert ann != rater_order(POOL, "ann", 1)


def test_the_providers_of_a_lot_follow_each_other() -> None:
    lots = [item.lot for item in rater_order(POOL, "ann", 0)]
    assert len([1 for a, b in pairwise(lots) if a != b]) == 4


def test_a_rater_goes_on_where_they_stopped() -> None:
    order = rater_order(POOL, "ann", 0)
    done = [Judgement(one.lot, one.provider, "ann", 1) for one in order[:7]]
    other = [Judgement(order[8].lot, order[8].provider, "bob", 1)]
    assert remaining(order, [*done, *other], "ann") == order[7:]
    assert remaining(order, done, "bob") == order


def test_the_last_judgement_of_a_rater_counts() -> None:
    told = [said("ann", 0), said("bob", 1), said("ann", 3)]
    assert sorted((one.rater, one.grade) for one in latest(told)) == [("ann", 3), ("bob", 1)]


NOBODY = None
RELIABILITY = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NOBODY, NOBODY, NOBODY],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NOBODY, 3],
    [NOBODY, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NOBODY],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NOBODY],
]
"""Four observers and twelve units, as Krippendorff works them through (2011)."""


def test_alpha_equals_krippendorffs_worked_example() -> None:
    units = [[g for g in unit if g is not None] for unit in zip(*RELIABILITY, strict=True)]
    assert alpha(units, ordinal=False) == pytest.approx(0.743, abs=5e-4)
    assert alpha(units, ordinal=True) == pytest.approx(0.815, abs=5e-4)


def test_alpha_is_none_without_two_votes_or_two_grades() -> None:
    assert alpha([[1], [2], [3]], ordinal=True) is None
    assert alpha([[2, 2], [2, 2]], ordinal=True) is None
    assert alpha([], ordinal=False) is None


_units = st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=4), min_size=2, max_size=12)


@given(_units, st.booleans(), st.randoms())
def test_alpha_is_at_most_1_and_independent_of_order(
    units: list[list[int]], ordinal: bool, random: object
) -> None:
    found = alpha(units, ordinal=ordinal)
    turned = alpha([unit[::-1] for unit in units[::-1]], ordinal=ordinal)
    assert (found is None) == (turned is None)
    if found is not None:
        assert found <= 1 + 1e-12
        assert found == pytest.approx(turned)
        agreed = alpha([[unit[0]] * len(unit) for unit in units], ordinal=ordinal)
        assert agreed is None or agreed == pytest.approx(1)


def test_items_with_one_vote_do_not_inflate_agreement() -> None:
    split = [said("ann", 0, "A"), said("bob", 3, "A"), said("ann", 3, "B"), said("bob", 3, "B")]
    alone = [said("ann", 1, f"X{n}") for n in range(50)]
    found = agreement([*split, *alone])
    assert found["items graded twice or more"] == 2
    assert found["alpha, ordinal"] == agreement(split)["alpha, ordinal"]


def test_cannot_judge_is_no_grade() -> None:
    found = agreement([said("ann", 2), said("bob", None), said("bob", 1, "B")])
    assert found["cannot judge"] == 1
    assert found["items graded twice or more"] == 0
    assert found["alpha, ordinal"] is None
    assert found["raters"]["bob"] == {"0": 0, "1": 1, "2": 0, "3": 0, "cannot judge": 1}
    assert found["pairs"] == [{"raters": ["ann", "bob"], "items": 0, "the same grade": 0}]


def test_the_median_grade_is_exported_the_lower_of_two() -> None:
    told = [
        *(said("ann", 1, "A"), said("bob", 3, "A")),
        *(said("ann", 0, "B"), said("bob", 3, "B"), said("cy", 3, "B")),
        *(said("ann", None, "C"), said("bob", None, "C")),
        *(said("ann", 2, "D"), said("bob", None, "D")),
    ]
    found, counts = median_qrels(told)
    assert found.grades == {"L1": {"A": 1, "B": 3, "D": 2}}
    assert counts == {"kept": 3, "nobody could judge": 1, "too few votes": 0}
    twice, counts = median_qrels(told, least=2)
    assert twice.grades == {"L1": {"A": 1, "B": 3}}
    assert counts["too few votes"] == 1


@pytest.mark.parametrize(
    ("said_of_it", "shown"),
    [
        ({"postcode": "WS1 1TP"}, "WS1 1TP"),
        ({"area": "Walsall", "postcode": "WS1 1TP"}, "Walsall, WS1 1TP"),
        ({"area": "E08000030"}, "Walsall"),
        ({"area": "Beyond the moor"}, "Beyond the moor"),
        ({}, ""),
    ],
)
def test_raters_see_where_the_work_is_as_the_lot_says(
    tmp_path: Path, places_table: Path, said_of_it: dict[str, str], shown: str
) -> None:
    one = provider("GB-CHC-1", "WS1 1TP", name="Kitchen", profile="Hot meals")
    register = registered(tmp_path / "reg", places_table, one)
    asked = lot(id="L", title="Lunches", **{"postcode": "", **said_of_it})
    runs = [scored("r", L={"GB-CHC-1": 1.0})]
    (item,) = pool_items(pool_keys(runs, 1), runs, {"L": asked}, register)
    assert item.place == shown
