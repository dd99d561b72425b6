from __future__ import annotations

import pickle
from dataclasses import replace

import lightgbm
import numpy as np
import pytest

from models.errors import BundleError
from models.trees import TreeSettings, TreesRanker
from tests.learned import FEATURES, trees


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
    text = trees().text
    trees.cache_clear()
    assert trees().text == text
    assert TreesRanker.from_text(text).text == TreesRanker.from_text(text).text


def test_a_lot_without_a_winner_or_with_nothing_to_tell_apart_does_no_harm() -> None:
    x = np.ones((20, len(FEATURES)), np.float32)
    settings = replace(TreeSettings(), trees=2, least_in_leaf=1)
    won, weights = np.zeros(20, bool), np.ones(20)
    ranker = TreesRanker.learn([x[:10], x[10:]], won, weights, FEATURES, settings=settings)
    assert len(set(ranker.score(x.astype(np.float64)).tolist())) == 1


@pytest.mark.parametrize(
    "text",
    ["", "tree", "{}", "\ntree\n", "tree\n", "tree\nversion=v4\n", str(pickle.dumps([1, 2]))],
)
def test_what_is_no_text_of_trees_is_refused(text: str) -> None:
    with pytest.raises(BundleError, match="trees"):
        TreesRanker.from_text(text)


def _changed(old: str, new: str) -> str:
    text = trees().text
    assert old in text
    return text.replace(old, new, 1)


def _field(name: str, change: str) -> str:
    """The text with the first value of a field of the first tree replaced, sizes kept right."""
    text = trees().text
    line = next(one for one in text.splitlines() if one.startswith(f"{name}="))
    key, _, values = line.partition("=")
    rest = values.partition(" ")[2]
    bent = f"{key}={change} {rest}".rstrip()
    sizes = next(one for one in text.splitlines() if one.startswith("tree_sizes="))
    size = sizes.removeprefix("tree_sizes=").split(" ")[0]
    grown = str(int(size) + len(bent) - len(line))
    text = text.replace(sizes, sizes.replace(size, grown, 1), 1)
    return text.replace(line, bent, 1)


def test_text_after_the_trees_is_not_read() -> None:
    whole = f"{trees().text}\nparameters:\n[boosting: gbdt]\nend of parameters\n"
    assert trees().text == whole[: len(trees().text)]
    assert "parameters" in whole
    for tail in (whole, trees().text + "parameters:\n[bagging_fraction 1"):
        assert TreesRanker.from_text(tail).text == trees().text


def test_the_text_is_what_lightgbm_writes_without_its_parameters() -> None:
    again = lightgbm.Booster(model_str=trees().text).model_to_string()
    assert again.startswith(trees().text)


def test_the_gains_are_those_of_lightgbm() -> None:
    gain = lightgbm.Booster(model_str=trees().text).feature_importance("gain")
    assert list(trees().gains().values()) == pytest.approx(gain / gain.sum(), abs=1e-5)


def test_a_text_that_is_cut_short_anywhere_is_refused() -> None:
    """LightGBM itself ends the whole process at such a text."""
    text = trees().text
    end = text.index("end of trees")
    for at in range(10, end, max(end // 60, 1)):
        with pytest.raises(BundleError, match="trees"):
            TreesRanker.from_text(text[:at])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("left_child", "99"),
        ("left_child", "-99"),
        ("left_child", "0"),
        ("right_child", "1.5"),
        ("split_feature", "99"),
        ("split_feature", "-1"),
        ("decision_type", "1"),
        ("threshold", "nan"),
        ("internal_count", "0"),
        ("leaf_value", "x"),
        ("leaf_value", "1 2"),
        ("leaf_value", "1_0"),
        ("num_leaves", "9"),
        ("num_leaves", "-1"),
        ("num_cat", "1"),
        ("is_linear", "1"),
        ("num_class", "2"),
        ("tree_sizes", "7"),
    ],
)
def test_a_tree_that_leads_out_of_itself_is_refused(name: str, value: str) -> None:
    with pytest.raises(BundleError, match="a ranker's trees are damaged"):
        TreesRanker.from_text(_field(name, value))


def test_a_repeated_field_is_refused() -> None:
    with pytest.raises(BundleError, match="repeated or incomplete"):
        TreesRanker.from_text(_changed("num_class=1\n", "num_class=1\nnum_class=1\n"))


def test_a_tree_of_one_leaf_is_kept() -> None:
    x = np.ones((20, len(FEATURES)), np.float32)
    won, weights = np.zeros(20, bool), np.ones(20)
    settings = replace(TreeSettings(), trees=2)
    ranker = TreesRanker.learn([x[:10], x[10:]], won, weights, FEATURES, settings=settings)
    assert TreesRanker.from_text(ranker.text).text == ranker.text
