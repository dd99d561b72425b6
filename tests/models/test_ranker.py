"""Every kind of ranker, by one suite; and what is peculiar to the linear one."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.bundle import Bundle
from models.calibrated_ranker import CalibratedRanker, Floor
from models.errors import BundleError
from models.ranker import LinearRanker, Ranker
from tests.learned import FEATURES, RANKERS

numbers = st.floats(-1e3, 1e3)
tables = st.lists(st.lists(numbers, min_size=3, max_size=3), max_size=6).map(
    lambda rows: np.array(rows, np.float64).reshape(-1, 3)
)
every_kind = pytest.mark.parametrize("kind", list(RANKERS))


def _kept(ranker: Ranker, folder: Path) -> Ranker:
    """The ranker as a bundle keeps it."""
    Bundle("kept", "", {}, {"all": CalibratedRanker(ranker, Floor(LinearRanker((), ())))}).save(
        folder
    )
    return Bundle.open(folder, FEATURES).ranker_for("all").ranker


@every_kind
@settings(deadline=None)
@given(x=tables)
def test_contributions_with_the_base_add_up_to_the_score(kind: str, x: Any) -> None:
    ranker = RANKERS[kind]()
    added, scores = ranker.contributions(x), ranker.score(x)
    assert added.shape == (len(x), len(ranker.features) + 1)
    assert scores.shape == (len(x),)
    assert added.dtype == scores.dtype == np.float64
    assert added.sum(axis=1) == pytest.approx(scores, abs=1e-9)
    assert len(set(added[:, -1].tolist())) <= 1, "the base is the same for all"


@every_kind
@settings(deadline=None)
@given(x=tables)
def test_a_row_scores_the_same_alone_as_among_others(kind: str, x: Any) -> None:
    ranker = RANKERS[kind]()
    alone = [float(ranker.score(row[None])[0]) for row in x]
    assert ranker.score(x).tolist() == alone


@every_kind
def test_no_candidates_give_no_scores(kind: str) -> None:
    ranker = RANKERS[kind]()
    none = np.zeros((0, len(FEATURES)))
    assert ranker.score(none).shape == (0,)
    assert ranker.contributions(none).shape == (0, len(FEATURES) + 1)


@every_kind
def test_features_keep_their_order(kind: str, tmp_path: Path) -> None:
    assert RANKERS[kind]().features == FEATURES != tuple(sorted(FEATURES))
    assert _kept(RANKERS[kind](), tmp_path / "kept").features == FEATURES


@every_kind
def test_each_feature_is_read_from_its_own_column(kind: str) -> None:
    ranker = RANKERS[kind]()
    low, high = np.zeros((1, len(FEATURES))), np.zeros((1, len(FEATURES)))
    high[0, FEATURES.index("alike")] = 1
    assert ranker.score(high) > ranker.score(low)
    more = ranker.contributions(high)[0] - ranker.contributions(low)[0]
    assert int(np.argmax(more)) == FEATURES.index("alike")


@every_kind
def test_a_ranker_that_was_kept_gives_the_same_scores(kind: str, tmp_path: Path) -> None:
    x = np.random.default_rng(1).random((50, len(FEATURES)))
    ranker, again = RANKERS[kind](), _kept(RANKERS[kind](), tmp_path / "kept")
    assert again.score(x).tolist() == ranker.score(x).tolist()
    assert again.contributions(x).tolist() == ranker.contributions(x).tolist()


class _Trap:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], object], tuple[Path]]:
        return Path.touch, (self.mark,)


@every_kind
@pytest.mark.parametrize("planted", ["trees", "bundle"])
def test_a_pickle_in_place_of_a_ranker_is_refused_and_never_run(
    kind: str, planted: str, tmp_path: Path
) -> None:
    folder, mark = tmp_path / "kept", tmp_path / "ran"
    _kept(RANKERS[kind](), folder)
    raw = pickle.dumps(_Trap(mark))
    told = folder / "bundle.json"
    if planted == "bundle":
        told.write_bytes(raw)
    else:
        saved = json.loads(told.read_text())
        (folder / "all.txt").write_bytes(raw)
        saved["files"].pop("all.txt", None)
        saved["rankers"]["all"] = {"kind": "trees", "file": "all.txt"}
        told.write_text(json.dumps(saved))
    with pytest.raises(BundleError):
        Bundle.open(folder, FEATURES)
    assert not mark.exists()
    pickle.loads(raw)
    assert mark.exists(), "the trap works where pickles are read"


# --- the linear one ---


@st.composite
def rankers_and_rows(draw: st.DrawFn) -> tuple[LinearRanker, np.ndarray[Any, Any]]:
    size = draw(st.integers(1, 6))
    weights = draw(st.lists(numbers, min_size=size, max_size=size))
    rows = draw(st.lists(st.lists(numbers, min_size=size, max_size=size), max_size=5))
    ranker = LinearRanker(tuple(f"f{i}" for i in range(size)), tuple(weights), draw(numbers))
    return ranker, np.array(rows).reshape(-1, size)


@given(rankers_and_rows())
def test_contributions_add_up_to_the_score(case: tuple[LinearRanker, np.ndarray[Any, Any]]) -> None:
    ranker, x = case
    added = ranker.contributions(x)
    assert added.shape == (len(x), len(ranker.features) + 1)
    assert added.sum(axis=1) == pytest.approx(ranker.score(x))
    assert (added[:, -1] == ranker.base).all()
    assert ranker.score(x) == pytest.approx(x @ np.array(ranker.weights) + ranker.base, abs=1e-6)


@given(rankers_and_rows())
def test_a_feature_of_0_contributes_exactly_0(
    case: tuple[LinearRanker, np.ndarray[Any, Any]],
) -> None:
    ranker, x = case
    x[:, 0] = 0
    assert (ranker.contributions(x)[:, 0] == 0).all()


@given(rankers_and_rows())
def test_a_ranker_comes_back_from_json(case: tuple[LinearRanker, np.ndarray[Any, Any]]) -> None:
    ranker, _ = case
    assert LinearRanker.from_json(json.loads(json.dumps(ranker.to_json()))) == ranker


def test_a_score_is_what_the_weights_say() -> None:
    ranker = LinearRanker(("near", "alike"), (2.0, -0.5), 10.0)
    x = np.array([[1.0, 4.0], [0.0, 0.0]])
    assert ranker.contributions(x).tolist() == [[2.0, -2.0, 10.0], [0.0, 0.0, 10.0]]
    assert ranker.score(x).tolist() == [10.0, 10.0]


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {"weights": {"near": 1.0}},
        {"base": 1.0},
        {"weights": [1.0], "base": 0.0},
        {"weights": {"near": "much"}, "base": 0.0},
        {"weights": {"near": None}, "base": 0.0},
        {"weights": {"near": [1]}, "base": 0.0},
        {"weights": {"near": 10**400}, "base": 0.0},
        None,
        [],
        "linear",
    ],
)
def test_what_is_no_linear_ranker_is_refused(saved: Any) -> None:
    with pytest.raises(BundleError, match="a linear ranker needs 'weights' and 'base'"):
        LinearRanker.from_json(saved)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("where", ["weight", "base"])
def test_numbers_that_are_not_finite_are_refused(number: float, where: str) -> None:
    saved = {"weights": {"near": 1.0}, "base": 0.0}
    bad = {"weights": {"near": number}} if where == "weight" else {"base": number}
    with pytest.raises(BundleError, match="finite"):
        LinearRanker.from_json(saved | bad)
