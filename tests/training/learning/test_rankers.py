from __future__ import annotations

import numpy as np
import pytest

from matcher.law.types import Signal
from matcher.ranking.features.registry import FEATURES
from models.bundle import DEFAULT, Bundle
from models.trees import TreeSettings
from training.learning.examples import Example
from training.learning.rankers import ALIKE, features_for, learn

NAMES = ("name_meaning", "past_words", "nearness")
SMALL = TreeSettings(trees=4, leaves=4, least_in_leaf=3)


def _examples(seed: int = 0) -> list[Example]:
    """Lots of ten candidates: the two with the most of the first two columns won."""
    draw = np.random.default_rng(seed)
    made = []
    for number in range(40):
        x = draw.random((10, len(NAMES))).astype(np.float32)
        won = np.zeros(10, bool)
        won[np.argsort(-(x[:, 0] + x[:, 1]))[:2]] = True
        made.append(Example(number, x, won, 2))
    return made


def test_only_features_of_the_signals_that_count_are_learned_from() -> None:
    for signals in (frozenset({Signal.RELEVANCE}), frozenset(Signal)):
        names = features_for(signals)
        assert len(set(names)) == len(names) > 10
        assert {FEATURES[name].signal for name in names} == signals - {Signal.SIZE}
        assert list(names) == sorted(names, key=list(FEATURES).index)


def test_the_floor_uses_only_relevance_features() -> None:
    assert {FEATURES[name].signal for name in ALIKE} == {Signal.RELEVANCE}
    calibrated = learn(_examples(), NAMES, SMALL, seed=0)
    assert set(calibrated.floor.relevance.features) == set(NAMES) & set(ALIKE)


def test_the_floor_keeps_nearly_all_winners_and_has_no_negative_weights() -> None:
    taught = _examples()
    calibrated = learn(taught, NAMES, SMALL, seed=0)
    assert min(calibrated.floor.relevance.weights) >= 0
    kept = np.concatenate([calibrated.is_relevant(e.x.astype(np.float64)) for e in taught])
    won = np.concatenate([e.won for e in taught])
    assert kept[won].mean() == pytest.approx(0.98, abs=0.02)
    assert kept[~won].mean() < 0.8


def test_winners_of_other_lots_rank_higher_too() -> None:
    calibrated = learn(_examples(), NAMES, SMALL, seed=0)
    tested = _examples(seed=1)
    firsts = [
        bool(e.won[np.argmax(calibrated.ranker.score(e.x.astype(np.float64)))]) for e in tested
    ]
    assert np.mean(firsts) > 0.5, "by chance it is one in five"


def test_the_same_examples_give_the_same_ranker() -> None:
    one, other = (learn(_examples(), NAMES, SMALL, seed=0) for _ in "12")
    x = _examples(seed=2)[0].x.astype(np.float64)
    assert one.floor == other.floor
    assert one.ranker.score(x).tolist() == other.ranker.score(x).tolist()


def test_no_ranker_learns_that_a_known_small_size_is_a_disadvantage() -> None:
    assert "is_small" in FEATURES
    assert all(FEATURES[n].signal is not Signal.SIZE for n in features_for(frozenset(Signal)))


def test_no_ranker_that_ships_reads_size() -> None:
    rankers = Bundle.open(DEFAULT, FEATURES).rankers.values()
    read = {name for calibrated in rankers for name in calibrated.features}
    assert not [name for name in read if FEATURES[name].signal is Signal.SIZE]
