from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.blend import BlendedRanker
from models.bundle import Bundle
from models.calibrated_ranker import CalibratedRanker, Floor
from models.errors import BundleError
from models.ranker import LinearRanker
from models.relevance import Mark, Relevance
from tests.learned import FEATURES, trees
from training.learning.taught import WEIGHT, blended, of_bundle

ODDS = LinearRanker(("alike", "said"), (2.0, 1.0), -1.0)
RELEVANCE = Relevance(ODDS, strong=0.7, possible=0.3)
X = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]])


def test_the_probability_is_the_logistic_of_the_odds() -> None:
    expected = [1 / (1 + math.exp(-odds)) for odds in (-1.0, 1.0, 3.0)]
    assert RELEVANCE.probability(X).tolist() == pytest.approx(expected, abs=1e-6)
    huge = LinearRanker(("alike",), (1e9,))
    assert Relevance(huge).probability(np.array([[1.0], [-1.0]])).tolist() == [1, 0]


def test_marks_begin_at_their_levels() -> None:
    marks = RELEVANCE.marks(np.array([0.0, 0.2999, 0.3, 0.6999, 0.7, 1.0]))
    assert marks.tolist() == [Mark.WEAK, Mark.WEAK, *[Mark.POSSIBLE] * 2, *[Mark.STRONG] * 2]


@pytest.mark.parametrize("levels", [(0.2, 0.3), (1.1, 0.3), (0.5, -0.1)])
def test_levels_out_of_order_are_refused(levels: tuple[float, float]) -> None:
    with pytest.raises(BundleError, match="levels of relevance must rise"):
        Relevance(ODDS, *levels)


@pytest.mark.parametrize("bend", [{"strong": None}, {"possible": "x"}, {"weights": []}])
def test_a_damaged_form_is_refused(bend: dict[str, Any]) -> None:
    with pytest.raises(BundleError):
        Relevance.from_json(RELEVANCE.to_json() | bend)


WORK = Relevance(ODDS, strong=0.7, possible=0.3, work=trees(), work_weight=0.5)


def test_the_score_of_a_ranker_of_work_joins_the_odds() -> None:
    assert WORK.features == ("alike", "said", "near", "idle")
    x = np.random.default_rng(2).random((20, 4))
    odds = ODDS.score(x[:, :2]) + 0.5 * trees().score(x[:, [2, 0, 3]])
    assert WORK.probability(x) == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-6)


@pytest.mark.parametrize("bend", [{"work_weight": 0.0}, {"work_weight": math.nan}, {"work": None}])
def test_a_ranker_of_work_needs_a_weight_and_a_weight_needs_a_ranker(bend: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="weight of its ranker"):
        replace(WORK, **bend)


def test_a_bundle_keeps_trees_that_several_rankers_read_once(tmp_path: Path) -> None:
    plain = CalibratedRanker(trees(), Floor(LinearRanker((), ())))
    ranker = blended(plain, WORK)
    Bundle("b", "", {}, {"all": ranker, "relevance": ranker}).save(tmp_path / "b")
    assert len(list((tmp_path / "b").glob("*.txt"))) == 1
    opened = Bundle.open(tmp_path / "b", {*FEATURES, *ODDS.features})
    x = np.random.default_rng(3).random((20, len(ranker.features)))
    for one in opened.rankers.values():
        assert one.relevance_of(x) == pytest.approx(ranker.relevance_of(x))


def _rows(number: int, columns: int) -> Any:
    return np.random.default_rng(1).random((number, columns))


def test_a_blend_adds_scores_and_contributions() -> None:
    blend = BlendedRanker(trees(), ODDS)
    assert blend.features == (*FEATURES, "said")
    x = _rows(20, 4)
    said = x[:, [FEATURES.index("alike"), 3]]
    assert blend.score(x) == pytest.approx(trees().score(x[:, :3]) + ODDS.score(said))
    assert blend.contributions(x).sum(axis=1) == pytest.approx(blend.score(x))
    assert blend.contributions(x).shape == (20, 5)
    assert blend.gains() == trees().gains()


def _bundle() -> Bundle:
    plain = CalibratedRanker(trees(), Floor(LinearRanker(("idle",), (1.0,)), 0.5))
    return Bundle("b", "", {}, {"all": blended(plain, RELEVANCE)})


def test_judgements_take_the_place_of_the_floor_and_weigh_in_the_score() -> None:
    ranker = _bundle().rankers["all"]
    x = _rows(50, len(ranker.features))
    read_ = x[:, [ranker.features.index(name) for name in ODDS.features]]
    assert (ranker.is_relevant(x) == (RELEVANCE.probability(read_) >= 0.3)).all()
    added = ranker.ranker.score(ranker.ranked(x)) - trees().score(x[:, :3])
    assert added == pytest.approx(WEIGHT * ODDS.score(read_))


def test_a_ranker_says_how_relevant_each_is_and_marks_it() -> None:
    ranker = _bundle().rankers["all"]
    x = _rows(50, len(ranker.features))
    relevance = ranker.relevance_of(x)
    assert relevance is not None
    assert ranker.marks(relevance) == tuple(RELEVANCE.marks(relevance).tolist())
    plain = CalibratedRanker(trees(), Floor(LinearRanker((), ())))
    assert plain.relevance_of(_rows(5, 3)) is None
    assert plain.marks(None) == ()


def test_without_judgements_a_ranker_stays_as_it_is() -> None:
    plain = CalibratedRanker(trees(), Floor(LinearRanker((), ())))
    assert blended(plain, None) is plain
    linear = replace(plain, ranker=ODDS)
    assert blended(linear, RELEVANCE) is linear


def test_a_bundle_keeps_a_blend_and_its_relevance(tmp_path: Path) -> None:
    _bundle().save(tmp_path / "b")
    names = {*FEATURES, *ODDS.features}
    opened = Bundle.open(tmp_path / "b", names).rankers["all"]
    x = _rows(30, len(opened.features))
    own = _bundle().rankers["all"]
    assert opened.features == own.features
    assert opened.relevance == RELEVANCE
    assert opened.ranker.score(x) == pytest.approx(own.ranker.score(x))
    with pytest.raises(BundleError, match="said"):
        Bundle.open(tmp_path / "b", FEATURES)


def test_relevance_is_taken_over_from_a_bundle_that_has_it(tmp_path: Path) -> None:
    taken, own = of_bundle("default"), Bundle.open("default", None).rankers["all"].relevance
    assert own is not None
    assert taken.features == own.features
    x = _rows(30, len(own.features))
    assert taken.probability(x).tolist() == own.probability(x).tolist()
    with pytest.raises(BundleError, match="--relevance hand: that bundle has no relevance"):
        of_bundle("hand")
    with pytest.raises(BundleError, match="there is no bundle there"):
        of_bundle(str(tmp_path))
