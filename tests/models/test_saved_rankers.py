from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.calibrated_ranker import CalibratedRanker, Floor
from models.errors import BundleError
from models.ranker import LinearRanker
from models.saved_rankers import USUAL_PREFILTER, check_features, open_ranker, save_ranker

FLOOR = {"weights": {"alike": 1.0}, "base": 0.0, "least": 0.5}
GOOD: dict[str, Any] = {
    "kind": "linear",
    "base": 1.0,
    "weights": {"near": 2.0, "alike": 3.0},
    "floor": FLOOR,
}


def test_a_floor_may_read_what_the_ranker_does_not() -> None:
    calibrated = CalibratedRanker(
        LinearRanker(("near",), (1.0,)), Floor(LinearRanker(("alike",), (2.0,)), 1.0)
    )
    assert calibrated.features == ("near", "alike")
    x = np.array([[5.0, 0.6], [6.0, 0.4]])
    assert calibrated.ranked(x).tolist() == [[5.0], [6.0]]
    assert calibrated.is_relevant(x).tolist() == [True, False]


def test_a_ranker_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    ranker = open_ranker(tmp_path, GOOD)
    assert open_ranker(tmp_path, save_ranker(tmp_path, "all", ranker)) == ranker


def test_a_ranker_without_a_declared_prefilter_has_the_usual_one(tmp_path: Path) -> None:
    weights = dict.fromkeys(("near", *reversed(USUAL_PREFILTER)), 1.0)
    del weights[USUAL_PREFILTER[1]]
    ranker = open_ranker(tmp_path, {"kind": "linear", "base": 0.0, "weights": weights})
    assert ranker.prefilter == (USUAL_PREFILTER[0], *USUAL_PREFILTER[2:4])
    assert open_ranker(tmp_path, GOOD).prefilter == ()


def _declaring(prefilter: Any, weights: dict[str, float]) -> dict[str, Any]:
    return {"kind": "linear", "base": 0.0, "weights": weights, "prefilter": prefilter}


def test_a_declared_prefilter_decides(tmp_path: Path) -> None:
    weights = {"near": 1.0, "alike": 1.0, USUAL_PREFILTER[0]: 1.0}
    ranker = open_ranker(tmp_path, _declaring(["alike"], weights))
    assert ranker.prefilter == ("alike",)
    assert ranker.prefilter_values(np.array([[1.0, 2.0, 3.0]])).tolist() == [[2.0]]
    ranker = open_ranker(tmp_path, _declaring([], weights))
    assert ranker.prefilter_values(np.array([[1.0, 2.0, 3.0]])).shape == (1, 0)


def test_a_prefilter_that_the_ranker_does_not_read_is_refused(tmp_path: Path) -> None:
    ranker = open_ranker(tmp_path, _declaring(["near", "alike", "wins"], {"near": 1.0}))
    with pytest.raises(
        BundleError,
        match=r"the 'prefilter' of its ranker 'all' names features that the ranker does not "
        "read: alike, wins$",
    ):
        check_features("all", ranker, ("near", "alike"))


@pytest.mark.parametrize("prefilter", [None, "near", [1], {"near": 1}, 3])
def test_a_prefilter_that_is_not_a_list_of_names_is_refused(prefilter: Any, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="must be a list of names of features"):
        open_ranker(tmp_path, _declaring(prefilter, {"near": 1.0}))


@pytest.mark.parametrize("ranker", [None, {}, {"weights": {}}, "linear", {"kind": "pickle"}])
def test_a_ranker_of_no_known_kind_is_refused(ranker: Any, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="must be of kind 'blended', 'linear' or 'trees'"):
        open_ranker(tmp_path, ranker)


@pytest.mark.parametrize("named", [{}, {"file": "gone.txt"}, {"file": "../../etc/passwd"}])
def test_trees_that_are_not_there_are_refused(named: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="trees of a ranker are missing"):
        open_ranker(tmp_path, {"kind": "trees"} | named)


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("floor", {"least": 0.5}, "linear ranker needs"),
        ("floor", {"weights": {}, "base": 0.0}, "a floor needs .*'least'"),
        ("floor", FLOOR | {"least": "much"}, "a floor needs"),
        ("floor", FLOOR | {"least": None}, "a floor needs"),
        ("floor", FLOOR | {"least": float("nan")}, "a floor needs"),
        ("floor", FLOOR | {"least": 10**400}, "a floor needs"),
        ("floor", FLOOR | {"weights": {"alike": float("nan")}}, "finite"),
        ("calibration", {"scores": [1, 0], "probabilities": [0, 1]}, "must rise"),
        ("fairness", {"share": 2, "margin": 0}, "a fair share"),
    ],
)
def test_what_goes_with_a_ranker_is_checked(
    part: str, value: Any, words: str, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match=words):
        open_ranker(tmp_path, GOOD | {part: value})


def test_a_ranker_of_another_kind_is_not_saved(tmp_path: Path) -> None:
    foreign: Any = type("Foreign", (), {"features": ("near",)})()
    calibrated = CalibratedRanker(foreign, Floor(LinearRanker((), ())))
    with pytest.raises(BundleError, match="type Foreign cannot be saved"):
        save_ranker(tmp_path, "odd", calibrated)
