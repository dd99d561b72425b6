"""Scores are ir-measures' own, and what a run lacks is counted and named."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadInput
from tests.factory import scored
from training.evaluation.qrels import Qrels, read
from training.evaluation.runs import Run, in_order, write
from training.evaluation.scoring import Scorer, judged_measure, parse_measures

NAMES = "Success@2 nDCG@3 nDCG RR RR@3 AP AP@3 P@2 R@3 Bpref Rprec Success(rel=2)@2"


def command(qrels: Path, run: Path, names: str) -> dict[tuple[str, str], float]:
    """(lot, measure) → the value that ir-measures' own command line prints."""
    done = subprocess.run(
        [sys.executable, "-m", "ir_measures", str(qrels), str(run), names, "-q", "-o", "jsonl"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = map(json.loads, done.stdout.splitlines())
    return {(row["query_id"], row["measure"]): row["value"] for row in rows}


def test_the_numbers_are_those_of_the_command_line_of_ir_measures(tmp_path: Path) -> None:
    lots: dict[str, dict[str, float]] = {
        "L1": {"A": 3.0, "B": 2.0, "C": 1.0, "D": 0.5},
        "L2": {"A": 1.0, "B": 1.0, "C": 1.0},
        "L3": {"E": 5.0000001, "A": 5.0},
        "L5": {"Z": 1.0},
    }
    run = scored("mine", **lots)
    (tmp_path / "qrels").write_text(
        "L1 0 B 1\nL1 0 D 3\nL1 0 X 2\nL2 0 B 2\nL2 0 C 0\nL3 0 E 1\nL4 0 A 1\nL5 0 A 0\n"
    )
    with (tmp_path / "mine.run").open("w") as out:
        write(run, out)
    measures = parse_measures(NAMES)
    found = Scorer(read(tmp_path / "qrels"), measures).score(run)
    judged_measures = [str(judged_measure(m)) for m in measures]
    theirs = command(tmp_path / "qrels", tmp_path / "mine.run", " ".join([NAMES, *judged_measures]))
    for measure, by_lot in found.values.items():
        for lot in ("L1", "L2", "L3", "L4", "L5"):
            assert by_lot[lot] == pytest.approx(theirs[lot, measure], abs=1e-6), (measure, lot)
        assert found.over(measure).mean() == pytest.approx(theirs["all", measure], abs=1e-6)
    for measure, judged in zip(measures, judged_measures, strict=True):
        for lot in ("L1", "L2", "L3"):
            assert found.judged[str(measure)][lot] == pytest.approx(theirs[lot, judged], abs=1e-6)


_grades = st.dictionaries(st.sampled_from("ABCDEF"), st.integers(0, 3), min_size=1)
_lists = st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(-3, 3).map(float), min_size=1)


@given(st.dictionaries(st.sampled_from(["L1", "L2", "L3"]), st.tuples(_grades, _lists), min_size=1))
def test_any_run_scores_as_ir_measures_scores_it(
    lots: dict[str, tuple[dict[str, int], dict[str, float]]],
) -> None:
    grades = {lot: judged for lot, (judged, _) in lots.items()}
    run = Run("any", {lot: in_order(listed) for lot, (_, listed) in lots.items()})
    measures = parse_measures("Success@2 nDCG@3 RR@3 AP P@2")
    found = Scorer(Qrels(grades), measures).score(run)
    theirs = ir_measures.calc_aggregate(measures, grades, run.scores)
    for measure in measures:
        assert found.over(str(measure)).mean() == pytest.approx(theirs[measure], abs=1e-6)


def test_a_missing_lot_is_named_and_counts_as_zero() -> None:
    qrels = Qrels({"L1": {"A": 1}, "L2": {"A": 1}})
    found = Scorer(qrels, parse_measures("Success@1")).score(scored(L1={"A": 1.0}, L7={"A": 1.0}))
    assert found.missing == ("L2",)
    assert found.answered == ("L1",)
    assert found.outside == 1
    assert found.over("Success@1").tolist() == [1.0, 0.0]
    assert found.over("Success@1", found.answered).tolist() == [1.0]


def test_judged_is_as_deep_as_its_measure() -> None:
    measures: tuple[Any, ...] = parse_measures("nDCG@5 RR")
    assert [str(judged_measure(m)) for m in measures] == ["Judged@5", "Judged@1000"]
    qrels = Qrels({"L": {"A": 1, "B": 0}})
    listed = {"A": 9.0, "X": 8.0, "Y": 7.0, "Z": 6.0, "W": 5.0, "B": 4.0}
    found = Scorer(qrels, measures).score(scored(L=listed))
    assert found.judged["nDCG@5"]["L"] == pytest.approx(1 / 5)
    assert found.judged["RR"]["L"] == pytest.approx(2 / 6)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("nDGC@10", "is not a measure of ir-measures"),
        ("P", "cannot be used"),
        ("P(depth=3)@5", "cannot be used"),
        ("nDCG@@5", "is not a measure"),
        ("NumRet", "counts, and does not say how good a list is"),
        ("RBP(rel=1)", "needs a library that is not installed: pip install"),
        ("ERR@10", "needs parameters, or a program, that are not here"),
        ("", "has no measure"),
    ],
)
def test_an_unknown_measure_is_refused(said: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        parse_measures(said)


def test_measures_are_those_of_ir_measures_each_once() -> None:
    found = parse_measures("Success(rel=2)@10 nDCG@10 nDCG@10 AP")
    assert [str(m) for m in found] == ["Success(rel=2)@10", "nDCG@10", "AP"]
    assert found == (
        ir_measures.Success(rel=2) @ 10,
        ir_measures.nDCG @ 10,
        ir_measures.AP,
    )
