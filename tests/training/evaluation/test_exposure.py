"""Who gets the attention, and whether that is their share."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadInput
from matcher.core.types import Size
from tests.factory import award, provider, scored
from tests.registers import registered
from training.evaluation.exposure import (
    attention,
    awrf,
    measure_exposure,
    named_target,
    read,
    read_targets,
    register_groups,
    write,
)
from training.evaluation.qrels import Qrels
from training.evaluation.runs import run_from_lists

POOL = {f"S{n}": "small" for n in range(12)} | {f"B{n}": "large" for n in range(12)}
EQUAL = {"small": 0.5, "large": 0.5}


def always(*first: str, lots: int = 30) -> dict[str, list[str]]:
    return {f"L{n}": list(first) for n in range(lots)}


def drawn(lots: int = 60) -> dict[str, list[str]]:
    random = np.random.default_rng(2)
    return {f"L{n}": random.permutation(list(POOL)).tolist() for n in range(lots)}


def test_attention_falls_with_the_place_and_is_one_in_all() -> None:
    found = attention(10)
    assert found.sum() == pytest.approx(1)
    assert np.all(np.diff(found) < 0)
    assert found[0] / found[2] == pytest.approx(np.log2(4) / np.log2(2))
    assert len(attention(0)) == 0


_shares = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(
    lambda some: np.array(some) / sum(some)
)


@given(_shares, _shares)
def test_awrf_is_1_only_for_the_target_and_is_symmetric(one: np.ndarray, other: np.ndarray) -> None:
    assert awrf(one, one) == pytest.approx(1)
    assert 0 <= awrf(one, other) <= 1
    assert awrf(one, other) == pytest.approx(awrf(other, one))


def test_awrf_is_0_without_a_common_group() -> None:
    assert awrf(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(0)
    half = awrf(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    assert half == pytest.approx(1 - (np.log2(4 / 3) + 0.5 * np.log2(2 / 3) + 0.5) / 2)


def test_lists_that_never_show_the_small_fail_and_drawn_lists_pass() -> None:
    large = run_from_lists("large", always(*[f"B{n}" for n in range(10)]))
    found = measure_exposure(large, POOL, EQUAL)
    assert found["verdict"] == "fails: less than four fifths of its target goes to small"
    assert found["AWRF"][0] < found["AWRF by chance"]
    fair = measure_exposure(run_from_lists("fair", drawn()), POOL, EQUAL)
    assert fair["verdict"].startswith("passes")
    assert fair["AWRF of all lists together"] > 0.99
    assert fair["AWRF"][0] == pytest.approx(fair["AWRF by chance"], abs=0.03)


def test_four_fifths_of_the_target_are_enough() -> None:
    below = measure_exposure(run_from_lists("774", always("B1", "S1")), POOL, EQUAL)
    assert below["verdict"] == "fails: less than four fifths of its target goes to small"
    enough = measure_exposure(run_from_lists("940", always("B1", "S1", "S2")), POOL, EQUAL)
    assert enough["verdict"].startswith("passes")


def test_lists_unfair_one_by_one_and_fair_together_show_both() -> None:
    turns = {f"L{n}": [f"{'SB'[n % 2]}{k}" for k in range(10)] for n in range(40)}
    found = measure_exposure(run_from_lists("turns", turns), POOL, EQUAL)
    assert found["AWRF of all lists together"] > 0.999
    assert found["AWRF"][0] < found["AWRF by chance"] - 0.2
    course = dict(map(tuple, found["over time"]))
    assert course[1] < 0.7
    assert course[40] > 0.999


def test_nothing_is_claimed_on_few_lists_on_one_group_or_on_nobody() -> None:
    few = run_from_lists("few", always("B1", lots=9))
    assert (
        measure_exposure(few, POOL, EQUAL)["verdict"] == "no claim: 9 lists, at least 10 are needed"
    )
    alone = measure_exposure(run_from_lists("one", always("B1")), POOL, {"large": 1.0})
    assert alone["verdict"].startswith("no claim: all providers with a known group")
    none = measure_exposure(run_from_lists("none", always("stranger")), POOL, EQUAL)
    assert none["verdict"] == "no claim: no provider listed is in a group"


def test_providers_in_no_group_are_left_out_of_the_shares_and_reported() -> None:
    half = measure_exposure(run_from_lists("half", always("S1", "B1", "stranger")), POOL, EQUAL)
    weights = attention(3)
    assert half["attention to no group"] == pytest.approx(weights[2], abs=1e-4)
    small = next(one for one in half["groups"] if one["group"] == "small")
    assert small["attention"][0] == pytest.approx(weights[0] / weights[:2].sum(), abs=1e-4)


def test_targets_by_name() -> None:
    held = {"A": "small", "B": "small", "C": "large"}
    assert named_target("pool", held, None) == pytest.approx({"large": 1 / 3, "small": 2 / 3})
    assert named_target("equal", held, None) == {"large": 0.5, "small": 0.5}
    qrels = Qrels({"L1": {"A": 1, "C": 0}, "L2": {"C": 2}, "L3": {"C": 1, "X": 1}})
    assert named_target("relevant", held, qrels) == pytest.approx({"large": 2 / 3, "small": 1 / 3})
    for said, why in (("relevant", "needs --qrels"), ("fair", "give pool, relevant or equal")):
        with pytest.raises(BadInput, match=why):
            named_target(said, held, None)
    with pytest.raises(BadInput, match="no relevant provider is in a group"):
        named_target("relevant", {"Z": "small"}, qrels)


def test_groups_and_targets_are_read_and_refused_by_line(tmp_path: Path) -> None:
    groups = {"size": {"A": "small", "B": "large"}, "area": {"A": "north"}}
    out = io.StringIO()
    write(groups, out)
    path = tmp_path / "groups.csv"
    path.write_text(out.getvalue())
    assert read(path) == groups
    for text, why in (
        ("provider,by,group\nA,size,small\nA,size,large\n", "line 3: provider A is in two groups"),
        ("provider,by,group\n,size,small\n", "line 2: has no provider or no group"),
        ("provider,by,group\n", "has no group"),
    ):
        path.write_text(text)
        with pytest.raises(BadInput, match=why):
            read(path)
    path.write_text("by,group,share\nsize,small,0.7\nsize,large,0.3\n")
    assert read_targets(path) == {"size": {"small": 0.7, "large": 0.3}}
    for text, why in (
        ("by,group,share\nsize,small,0.7\n", "the shares of size add up to 0.7, not to 1"),
        ("by,group,share\nsize,small,most\n", "line 2: share 'most' is not a number from 0 to 1"),
        ("by,group,share\nsize,small,nan\n", "line 2: share 'nan' is not a number"),
    ):
        path.write_text(text)
        with pytest.raises(BadInput, match=why):
            read_targets(path)


def test_a_register_gives_groups_by_size_region_record_and_profile(
    tmp_path: Path, places_table: Path
) -> None:
    small = provider("GB-CHC-1", "WS1 1TP", size=Size.SMALL, profile="meals " * 60)
    fresh = provider("GB-CHC-2", profile="meals")
    old = provider("GB-COH-3", "B1 1AA")
    awards = [award(f"a-{n}", old) for n in range(3)]
    register = registered(tmp_path / "reg", places_table, small, fresh, old, *awards)
    groups = register_groups(register)
    assert groups["record"]["GB-CHC-1"] == "no contract known"
    assert groups["record"]["GB-COH-3"] == "three or more contracts known"
    assert groups["region"]["GB-CHC-1"] == "West Midlands"
    assert "GB-CHC-2" not in groups["region"]
    assert "GB-CHC-2" not in groups["size"]
    assert groups["size"]["GB-CHC-1"] == "small"
    assert groups["profile"] == {
        "GB-CHC-1": "rich profile",
        "GB-CHC-2": "thin profile",
        "GB-COH-3": "no profile",
    }
    then = register_groups(register.before(register.awards[0].day))
    assert set(then["record"].values()) == {"no contract known"}


def test_the_deepest_places_of_a_list_get_no_attention() -> None:
    run = scored("deep", L1={f"P{n:02}": 100.0 - n for n in range(20)})
    half = {f"P{n:02}": "first" if n < 10 else "deep" for n in range(20)}
    shown, more = (measure_exposure(run, half, {"first": 0.5, "deep": 0.5}, k) for k in (10, 11))
    assert [
        {one["group"]: one["attention"][0] > 0 for one in f["groups"]} for f in (shown, more)
    ] == [
        {"first": True, "deep": False},
        {"first": True, "deep": True},
    ]
