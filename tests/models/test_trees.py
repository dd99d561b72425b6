from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from models.errors import BundleError
from models.trees import TreeSettings, TreesRanker
from tests.models.learned import FEATURES, trees


def test_trees_learn_what_tells_winners_from_the_others() -> None:
    draw = np.random.default_rng(5)
    x = draw.random((200, len(FEATURES)))
    scores, alike = trees().score(x), x[:, FEATURES.index("alike")]
    assert scores[alike > 0.9].mean() > scores[alike < 0.5].mean() + 0.5
    assert trees().score(x[:1]).tolist() == trees().score(x)[:1].tolist()


def test_the_gains_are_shares_of_one_whole_by_feature() -> None:
    gains = trees().gains()
    assert tuple(gains) == FEATURES
    assert sum(gains.values()) == pytest.approx(1, abs=1e-4)
    assert max(gains, key=lambda name: gains[name]) == "alike"


def test_the_same_examples_and_seed_give_the_same_text() -> None:
    text = trees().to_text()
    trees.cache_clear()
    assert trees().to_text() == text
    assert TreesRanker.from_text(text).to_text() == TreesRanker.from_text(text).to_text()


def test_a_lot_without_a_winner_or_with_nothing_to_tell_apart_does_no_harm() -> None:
    x, lots = np.ones((20, len(FEATURES)), np.float32), np.array([10, 10])
    settings = replace(TreeSettings(), trees=2, least_in_leaf=1)
    won, weights = np.zeros(20, bool), np.ones(20)
    ranker = TreesRanker.learn(x, won, lots, weights, FEATURES, settings=settings)
    assert len(set(ranker.score(x.astype(np.float64)).tolist())) == 1


@pytest.mark.parametrize(
    "text",
    ["", "tree", "{}", "\ntree\n", "tree\n", "tree\nversion=v4\n", str(pickle.dumps([1, 2]))],
)
def test_what_is_no_text_of_trees_is_refused(text: str) -> None:
    with pytest.raises(BundleError, match="trees"):
        TreesRanker.from_text(text)
