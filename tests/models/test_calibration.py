from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibrated_ranker import Calibration
from models.errors import BundleError

scores = st.floats(-50, 50)
samples = st.lists(st.tuples(scores, st.booleans()), min_size=1, max_size=40)


def _learned(sample: list[tuple[float, bool]]) -> Calibration:
    return Calibration.learn(np.array([s for s, _ in sample]), np.array([t for _, t in sample]))


@settings(deadline=None)
@given(samples, st.lists(scores | st.sampled_from([-1e9, 1e9]), min_size=2, max_size=20))
def test_probabilities_rise_with_the_score_from_0_to_1(
    sample: list[tuple[float, bool]], asked: list[float]
) -> None:
    told = _learned(sample).probability(np.sort(np.array(asked)))
    assert told.shape == (len(asked),)
    assert (np.diff(told) >= 0).all()
    assert ((told >= 0) & (told <= 1)).all()


@settings(deadline=None)
@given(samples)
def test_what_was_learned_comes_back_from_json(sample: list[tuple[float, bool]]) -> None:
    curve = _learned(sample)
    assert Calibration.from_json(json.loads(json.dumps(curve.to_json()))) == curve


def test_it_tells_how_often_such_scores_came_true() -> None:
    score = np.repeat([0.0, 1.0, 2.0], 100)
    came = np.concatenate([np.arange(100) < n for n in (10, 40, 80)])
    curve = Calibration.learn(score, came)
    assert curve.probability(np.array([-9.0, 0.0, 1.0, 1.5, 2.0, 9.0])) == pytest.approx(
        [0.1, 0.1, 0.4, 0.6, 0.8, 0.8]
    )


def test_of_nothing_nothing_is_learned() -> None:
    with pytest.raises(BundleError, match="no awards were held back"):
        Calibration.learn(np.empty(0), np.empty(0, bool))


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    "saved",
    [
        {},
        None,
        [],
        "curve",
        {"scores": [0]},
        {"scores": [], "probabilities": []},
        {"scores": 1, "probabilities": 1},
        {"scores": [[0, 1]], "probabilities": [[0, 1]]},
        {"scores": [0, 1], "probabilities": [0]},
        {"scores": [0, 0], "probabilities": [0, 1]},
        {"scores": [1, 0], "probabilities": [0, 1]},
        {"scores": [0, 1], "probabilities": [0.5, 0.4]},
        {"scores": [0, 1], "probabilities": [-0.1, 0.4]},
        {"scores": [0, 1], "probabilities": [0.5, 1.1]},
        {"scores": [0, NAN], "probabilities": [0, 1]},
        {"scores": [0, INF], "probabilities": [0, 1]},
        {"scores": [0], "probabilities": [NAN]},
        {"scores": ["a"], "probabilities": [0]},
        {"scores": [None], "probabilities": [None]},
        {"scores": [10**400], "probabilities": [0]},
    ],
)
def test_a_calibration_that_does_not_rise_from_0_to_1_is_refused(saved: Any) -> None:
    with pytest.raises(BundleError, match="a calibration"):
        Calibration.from_json(saved)
