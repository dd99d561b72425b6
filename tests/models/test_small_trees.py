from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BundleError
from models.small_trees import SmallTrees

_FEATURES = ("shared", "left", "noise")
_draw = np.random.default_rng(0)
_ROWS = _draw.random((2000, 3))
_SAME = _ROWS[:, 0] - _ROWS[:, 1] + 0.1 * _draw.standard_normal(2000) > 0
_TREES = SmallTrees.learn(_FEATURES, _ROWS, _SAME, np.ones(2000), (1, -1, 0), trees=20, depth=3)
_row = st.tuples(*[st.floats(0, 1)] * 3)


def test_they_tell_apart_what_they_learned_to_tell_apart() -> None:
    margins = np.array([_TREES.margin(row) for row in _ROWS.tolist()])
    assert np.mean((margins > 0) == _SAME) > 0.9


@given(_row)
def test_contributions_and_the_mean_add_up_to_the_margin(row: tuple[float, float, float]) -> None:
    total = _TREES.mean + sum(_TREES.contributions(row))
    assert math.isclose(total, _TREES.margin(row), abs_tol=1e-4)


@given(_row, st.floats(0, 1))
def test_a_feature_that_may_only_raise_or_lower_the_margin_does(
    row: tuple[float, float, float], by: float
) -> None:
    shared, left, noise = row
    assert _TREES.margin((shared + by, left, noise)) >= _TREES.margin(row) - 1e-4
    assert _TREES.margin((shared, left + by, noise)) <= _TREES.margin(row) + 1e-4


def test_the_same_rows_give_the_same_trees() -> None:
    again = SmallTrees.learn(_FEATURES, _ROWS, _SAME, np.ones(2000), (1, -1, 0), trees=20, depth=3)
    assert again == _TREES


def test_written_trees_are_read_back_the_same(tmp_path: Path) -> None:
    _TREES.write(tmp_path / "trees.csv")
    assert SmallTrees.read(tmp_path / "trees.csv", _FEATURES) == _TREES


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("shared", "others", "damaged"),
        ("tree,node", "tree,branch", "damaged"),
        ("0,0,", "0,1,", "damaged"),
        (",1,", ",0,", "leads nowhere"),
        (",1,", ",9999,", "leads nowhere"),
    ],
)
def test_a_damaged_file_is_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "trees.csv"
    _TREES.write(path)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BundleError, match=message):
        SmallTrees.read(path, _FEATURES)


@pytest.mark.parametrize("text", ["", "tree,node,feature,threshold,left,right,value\n"])
def test_an_empty_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "trees.csv").write_text(text)
    with pytest.raises(BundleError, match="damaged"):
        SmallTrees.read(tmp_path / "trees.csv", _FEATURES)


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trees.csv"
    path.write_text("tree,node,feature,threshold,left,right,value\n0,0,,,,,nan\n")
    with pytest.raises(BundleError, match="leads nowhere"):
        SmallTrees.read(path, _FEATURES)
