"""Judgements: read from three formats, refused by the line, and checked against runs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from matcher.core.errors import BadInput
from tests.factory import scored
from training.evaluation import runs
from training.evaluation.qrels import (
    Qrels,
    check_lots,
    read,
    write,
)

GRADES = {"L1": {"A": 3, "B": 0}, "L2": {"A": 1}}


def median_qrels(tmp_path: Path, text: str, name: str = "judged.txt") -> Qrels:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("judged.txt", "L1 0 A 3\nL1 0 B 0\nL2 0 A 1\n"),
        ("judged.csv", "lot,provider,grade\nL1,A,3\nL1,B,0\nL2,A,1\n"),
        ("judged.json", '{"L1": {"A": 3, "B": 0}, "L2": {"A": 1}}'),
    ],
)
def test_three_formats_give_the_same_judgements(tmp_path: Path, name: str, text: str) -> None:
    found = median_qrels(tmp_path, text, name)
    assert found.grades == GRADES
    assert found.lots == ("L1", "L2")
    assert found.judged == 3
    assert found.relevant("L1") == {"A"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("L1 0 A 1\nL1 0 A 1\n", "line 2: provider A is judged twice for lot L1"),
        ("L1 0 A 1\nL1 A 1\n", "line 2: has 3 columns instead of 4: lot iteration provider"),
        ("L1 0 A good\n", "line 1: grade 'good' is not a whole number"),
        ("L1 0 A 1.5\n", "line 1: grade '1.5' is not a whole number"),
        ("L1 0 A nan\n", "line 1: grade 'nan' is not a whole number"),
        ("\n", "has no judgement"),
    ],
)
def test_qrels_that_are_wrong_are_refused_by_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        median_qrels(tmp_path, text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("j.csv", "lot,provider\nL1,A\n", "line 2: has no grade"),
        ("j.csv", "lot,grade\nL1,1\n", "line 2: has no lot or no provider"),
        ("j.json", '["L1"]', "is not JSON of the form"),
        ("j.json", '{"L1": {"A": true}}', "lot 1: grade True is not a whole number"),
        ("j.json", '{"L1": {"A": 1, "A": 0}}', "'A' is twice in one object"),
    ],
)
def test_other_formats_are_refused_alike(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        median_qrels(tmp_path, text, name)
    assert said in str(refused.value)


def test_lots_without_relevant_providers_are_reported() -> None:
    assert Qrels({"L1": {"A": 0}, "L2": {"A": 1}}).without_relevant == ("L1",)


def test_a_lot_without_judgements_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.run"
    path.write_text("L1 Q0 A 1 2 t\nL9 Q0 A 1 2 t\nL8 Q0 A 1 2 t\n")
    with pytest.raises(BadInput) as refused:
        check_lots(runs.read(path), Qrels(GRADES, "judged.txt"))
    said = str(refused.value)
    assert said.startswith("mine.run, line 2: lot L9 is not in judged.txt (2 such lots)")
    assert "--judged-only" in said
    check_lots(scored(L1={"A": 1.0}), Qrels(GRADES))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    out = io.StringIO()
    write(Qrels(GRADES), out)
    assert median_qrels(tmp_path, out.getvalue()).grades == GRADES
