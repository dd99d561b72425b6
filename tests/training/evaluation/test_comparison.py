"""The report of a comparison: what is claimed, what is counted, and what is left unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factory import scored
from training.evaluation.comparison import ComparisonRequest, report, with_target
from training.evaluation.qrels import Qrels
from training.evaluation.runs import RowDetails, Run, run_from_lists
from training.evaluation.scoring import parse_measures

LOTS = [f"L{n:02}" for n in range(30)]
QRELS = Qrels({lot: {"win": 1} for lot in LOTS}, "winners")
GOOD = run_from_lists("good", {lot: ["win", "a", "b"] for lot in LOTS})
BAD = run_from_lists("bad", {lot: ["a", "b", "win"] for lot in LOTS})
SILENT = Run("silent", {})
WANTED = parse_measures("Success@1 RR@10")


def of(*runs: Run, **fields: Any) -> dict[str, Any]:
    return report(ComparisonRequest(runs, **{"qrels": QRELS, "measures": WANTED, **fields}))


def test_a_real_difference_is_claimed_with_its_size_and_its_p() -> None:
    found = of(GOOD, BAD)
    first, second = found["comparisons"]
    assert first["claim"] == "good is better than bad"
    assert first["measure"] == "Success@1"
    assert (first["difference"], first["better"], first["worse"]) == (1.0, 30, 0)
    assert second["difference"] == pytest.approx(2 / 3)
    assert first["p"] <= first["p after Holm"] < 0.001
    assert first["tests"] == 2


def test_the_better_run_is_named_in_either_order() -> None:
    assert of(BAD, GOOD)["comparisons"][0]["claim"] == "good is better than bad"
    assert of(GOOD, GOOD.only(LOTS))["comparisons"] != []
    twin = run_from_lists("twin", {lot: GOOD.first(lot) for lot in LOTS})
    assert of(GOOD, twin)["comparisons"][0]["claim"] == "no difference was shown"


def test_more_runs_are_corrected_for() -> None:
    other = run_from_lists("other", {lot: ["a", "win", "b"] for lot in LOTS})
    found = of(GOOD, BAD, other)["comparisons"]
    assert len(found) == 6
    assert {row["tests"] for row in found} == {6}
    least = min(found, key=lambda row: row["p"])
    assert least["p after Holm"] == pytest.approx(6 * least["p"])


def test_on_fewer_than_ten_lots_nothing_is_claimed() -> None:
    few = Qrels({lot: {"win": 1} for lot in LOTS[:9]})
    (row, _) = of(GOOD.only(LOTS[:9]), BAD.only(LOTS[:9]), qrels=few)["comparisons"]
    assert row["claim"] == "no claim: 9 lots, at least 10 are needed"
    assert row["p"] is None
    assert row["p after Holm"] is None
    ten = Qrels({lot: {"win": 1} for lot in LOTS[:10]})
    (row, _) = of(GOOD.only(LOTS[:10]), BAD.only(LOTS[:10]), qrels=ten)["comparisons"]
    assert row["claim"] == "good is better than bad"


@pytest.mark.parametrize(("lots", "shown"), [(4, False), (5, True)])
def test_a_mean_of_fewer_than_five_lots_has_no_interval(lots: int, shown: bool) -> None:
    few = Qrels({lot: {"win": 1, "a": 0} for lot in LOTS[:lots]})
    (run,) = of(GOOD.only(LOTS[:lots]), qrels=few)["runs"]
    measured = run["measures"]["RR@10"]
    for found in (measured, measured["condensed"], run["Judged@10"]):
        assert [low is not None for low in found["interval"]] == [shown, shown]


def test_a_run_without_lists_is_marked_and_not_compared() -> None:
    found = of(GOOD, SILENT)
    assert [run["status"] for run in found["runs"]] == ["ran", "not run"]
    assert "measures" not in found["runs"][1]
    assert found["comparisons"] == []
    assert found["overlap"] == []
    elsewhere = scored("elsewhere", other={"win": 1.0})
    assert of(elsewhere)["runs"][0]["status"] == "not run on any lot that was judged"


def test_missing_lots_are_listed_count_as_zero_and_are_also_left_out_separately() -> None:
    part = GOOD.only(LOTS[:20])
    found = of(part, BAD)
    told = found["runs"][0]
    assert told["missing"] == LOTS[20:]
    assert told["measures"]["Success@1"]["mean"] == pytest.approx(2 / 3)
    assert told["measures"]["Success@1"]["mean over lots answered"] == 1.0
    row = found["comparisons"][0]
    assert row["lots"] == 30
    assert row["over lots that both answered"]["lots"] == 20
    assert row["over lots that both answered"]["difference"] == 1.0
    assert "over lots that both answered" not in of(GOOD, BAD)["comparisons"][0]


def test_every_measure_has_its_share_judged() -> None:
    good, bad = (run["measures"] for run in of(GOOD, BAD)["runs"])
    assert [good[m]["judged"] for m in good] == pytest.approx([1, 1 / 3])
    assert [bad[m]["judged"] for m in bad] == pytest.approx([0, 1 / 3])


def test_graded_judgements_also_give_values_over_judged_rows_alone() -> None:
    qrels = Qrels({lot: {"win": 1, "a": 0} for lot in LOTS})
    unlike = run_from_lists("unlike", {lot: ["new", "win", "a"] for lot in LOTS[:20]})
    (found,) = of(unlike, qrels=qrels)["runs"]
    assert found["Judged@10"]["mean"] == pytest.approx(2 / 3)
    success = found["measures"]["Success@1"]
    assert success["mean"] == 0
    assert success["condensed"] == {"mean": 1.0, "interval": [1.0, 1.0], "lots": 20}


def test_where_only_winners_are_known_no_condensed_values_are_given() -> None:
    (found,) = of(BAD)["runs"]
    assert "Judged@10" not in found
    assert "condensed" not in found["measures"]["Success@1"]


def test_the_expected_value_over_ties_is_reported() -> None:
    tied = Run("tied", {lot: {"zed": 1.0, "win": 1.0} for lot in LOTS})
    found = of(tied)["runs"][0]["measures"]["Success@1"]
    assert found["mean"] == 0.0
    assert found["expected over ties"] == 0.5
    assert found["lots where ties can matter"] == 30


def test_slices_have_an_interval_only_from_ten_lots_on() -> None:
    slices = {"region": {"North": tuple(LOTS[:10]), "South": tuple(LOTS[10:14])}}
    north, south = of(GOOD, BAD, slices=slices)["slices"]
    assert north["runs"]["good"]["Success@1"] == [1.0, 1.0, 1.0]
    assert south["runs"]["bad"]["Success@1"] == [0.0, None, None]


def test_without_judgements_only_overlap_is_reported() -> None:
    found = of(GOOD, BAD, qrels=None)
    assert found["qrels"] is None
    assert found["comparisons"] == []
    (pair,) = found["overlap"]
    assert pair["overlap"] == 1.0
    assert pair["churn"] == 0.0
    assert pair["moved"] == pytest.approx(4 / 3)
    assert pair["the same first"] == 0.0
    assert len(found["side by side"]) == 20


def test_the_lots_that_differ_most_come_with_both_lists_and_their_reasons() -> None:
    odd = {**BAD.scores, "L07": {"x": 2.0, "y": 1.0}}
    told = {"L07": {"x": RowDetails("Ex Ltd", ("+1.00 near",))}}
    other = Run("odd", odd, details=told, titles={"L07": "Meals"})
    asked: list[tuple[str, str]] = []

    def explain(run: str, lot: str) -> dict[str, RowDetails]:
        asked.append((run, lot))
        return {"win": RowDetails("Win Ltd", ("+2.00 did it before",))} if run == "good" else {}

    first = of(GOOD, other, explain=explain)["side by side"][0]
    assert (first["lot"], first["title"], first["RBO"]) == ("L07", "Meals", 0.0)
    assert first["lists"]["odd"][0]["reasons"] == ["+1.00 near"]
    assert first["lists"]["good"][0] == {
        "rank": 1,
        "provider": "win",
        "name": "Win Ltd",
        "grade": 1,
        "reasons": ["+2.00 did it before"],
    }
    assert first["measures"]["good"]["Success@1"] == 1.0
    assert ("good", "L07") in asked
    assert ("odd", "L07") not in asked


def test_lists_that_are_equal_are_not_among_those_that_differ() -> None:
    lists = {lot: ["win", "a", "b"] for lot in LOTS}
    other = run_from_lists("other", {**lists, "L03": ["b", "win"], "L04": ["win", "a"]})
    assert [lot["lot"] for lot in of(GOOD, other)["side by side"]] == ["L03", "L04"]
    assert of(GOOD, Run("again", GOOD.scores))["side by side"] == []


def test_relevant_providers_under_other_ids_are_counted() -> None:
    """Judgements from another list of suppliers: every run would score zero without a word."""
    judged = Qrels({**QRELS.grades, "L01": {"WIN Ltd": 1, "b": 1, "c": 0}}, "theirs")
    found = of(GOOD, qrels=judged)["qrels"]
    assert (found["relevant providers"], found["on no list"]) == (3, ["WIN Ltd"])
    assert found["not in the register"] == []
    names = {"win": "Win Ltd", "b": "Bee", "c": "Sea"}
    found = of(GOOD, qrels=judged, provider_name=lambda one: names.get(one, ""))["qrels"]
    assert found["not in the register"] == ["WIN Ltd"]


def test_exposure_is_measured_against_the_target_named() -> None:
    groups = {"size": {"win": "small", "a": "large", "b": "large"}}
    asked = ComparisonRequest([GOOD, BAD, SILENT], QRELS, WANTED, groups=groups)
    found = report(with_target(asked, "relevant"))["exposure"]
    assert [row["run"] for row in found] == ["good", "bad"]
    assert found[0]["groups"][0]["target"] == 1.0


def test_the_same_question_gives_the_same_report() -> None:
    assert of(GOOD, BAD) == of(GOOD, BAD)
