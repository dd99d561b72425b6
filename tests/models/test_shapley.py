"""What features add to a score: against LightGBM's own shares, and against the definition."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from math import comb
from typing import TypeAlias

import lightgbm
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import BundleError
from models.shapley import MAX_FEATURES, Shares, Tree
from models.trees import TreeSettings, TreesRanker

Matrix: TypeAlias = npt.NDArray[np.float64]

# --- forests that LightGBM learned ---


@dataclass(frozen=True)
class Kind:
    """How a forest is learned, and of how many features."""

    features: int
    settings: TreeSettings
    ties: bool = False
    holes: bool = False


_LITTLE = TreeSettings(trees=12, least_in_leaf=3, features_tried=1.0, rate=0.3)
KINDS = {
    "stumps": Kind(3, replace(_LITTLE, leaves=2)),
    "two features asked over and over": Kind(2, replace(_LITTLE, leaves=40, depth=-1)),
    "many features": Kind(20, replace(_LITTLE, features_tried=0.6)),
    "ties": Kind(5, replace(_LITTLE, leaves=12, depth=4), ties=True),
    "as many features as a table takes": Kind(
        MAX_FEATURES, replace(_LITTLE, leaves=60, depth=-1, least_in_leaf=1)
    ),
}
TOO_DEEP = Kind(2 * MAX_FEATURES, replace(_LITTLE, leaves=60, depth=-1))
HOLES = Kind(4, _LITTLE, holes=True)
every_kind = pytest.mark.parametrize("kind", list(KINDS))


@cache
def _learned(kind: Kind) -> TreesRanker:
    """Of sixty lots with ten candidates each, won by two features and as much of luck."""
    draw = np.random.default_rng(3)
    x = draw.random((60, 10, kind.features)) - 0.5
    if kind.ties:
        x = np.round(4 * x) / 4
    worth = x[..., 0] - np.abs(x[..., 1]) + draw.normal(scale=0.3, size=(60, 10))
    if kind.holes:
        x[draw.random(x.shape) < 0.2] = np.nan
    won = (worth == worth.max(axis=1, keepdims=True)).ravel()
    names = [f"f{number}" for number in range(kind.features)]
    lots = list(x.astype(np.float32))
    return TreesRanker.learn(lots, won, np.ones(600), names, settings=kind.settings)


def _booster(ranker: TreesRanker) -> lightgbm.Booster:
    return lightgbm.Booster(model_str=ranker.text)


def _lightgbm(ranker: TreesRanker, x: Matrix) -> Matrix:
    """LightGBM's own shares."""
    return np.asarray(_booster(ranker).predict(x, pred_contrib=True, num_threads=1), np.float64)


def _same(found: Matrix, expected: Matrix) -> bool:
    return found.shape == expected.shape and bool((np.abs(found - expected) <= 1e-9).all())


def _some(kind: Kind, rows: int = 200) -> Matrix:
    """Rows like those of learning."""
    return np.random.default_rng(4).random((rows, kind.features)) - 0.5


@cache
def _rows(kind: Kind) -> st.SearchStrategy[Matrix]:
    """Rows whose values lie among those of learning, far out, and on and just beside a cut.

    Not on a cut within 1e-30 of nought: LightGBM reads so little as nought before it compares.
    """
    told = _learned(kind).text
    asked = " ".join(re.findall(r"\nsplit_feature=(.+)", told)).split()
    cuts = " ".join(re.findall(r"\nthreshold=(.+)", told)).split()
    beside: list[list[float]] = [[0.0] for _ in range(kind.features)]
    for feature, cut in zip(map(int, asked), map(float, cuts), strict=True):
        shifts = (-1e-9, 0.0, 1e-9) if abs(cut) > 1e-30 else (-1e-9, 1e-9)
        beside[feature] += [cut + shift for shift in shifts]
    far = st.floats(allow_nan=False, allow_infinity=False)
    values = [st.floats(-0.5, 0.5) | far | st.sampled_from(sorted(set(one))) for one in beside]
    return st.lists(st.tuples(*values), min_size=1, max_size=4).map(np.array)


@every_kind
@settings(deadline=None)
@given(data=st.data())
def test_the_shares_are_those_of_lightgbm(kind: str, data: st.DataObject) -> None:
    ranker, x = _learned(KINDS[kind]), data.draw(_rows(KINDS[kind]))
    added = ranker.contributions(x)
    assert _same(added, _lightgbm(ranker, x))
    assert added.sum(axis=1) == pytest.approx(ranker.score(x), abs=1e-9)


@every_kind
def test_a_table_answers_without_lightgbm(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ranker, x = _learned(KINDS[kind]), _some(KINDS[kind])
    expected = _lightgbm(ranker, x)
    scores = ranker.score(x)
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    opened = TreesRanker.from_text(ranker.text)
    assert opened.score(x).tobytes() == scores.tobytes()
    assert _same(opened.contributions(x), expected)


@every_kind
@settings(deadline=None)
@given(data=st.data())
def test_the_scores_are_those_of_lightgbm_to_the_last_bit(kind: str, data: st.DataObject) -> None:
    ranker, x = _learned(KINDS[kind]), data.draw(_rows(KINDS[kind]))
    expected = _booster(ranker).predict(x, raw_score=True, num_threads=1)
    assert ranker.score(x).tobytes() == expected.tobytes()


@every_kind
def test_a_row_has_the_same_score_alone_as_among_many(kind: str) -> None:
    ranker, x = _learned(KINDS[kind]), _some(KINDS[kind], 600)
    alone = [ranker.score(row[None]).tobytes() for row in x]
    assert ranker.score(x).tobytes() == b"".join(alone)
    assert ranker.score(np.asfortranarray(x)).tobytes() == b"".join(alone)


@pytest.mark.parametrize("kind", ["too deep", "holes"])
def test_trees_that_only_lightgbm_explains_say_what_to_install(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = _learned({"too deep": TOO_DEEP, "holes": HOLES}[kind]).text
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(BundleError, match=r"pip install --editable '.\[train\]'"):
        TreesRanker.from_text(text)


@every_kind
def test_a_row_gets_the_same_bytes_alone_as_among_others(kind: str) -> None:
    ranker, x = _learned(KINDS[kind]), _some(KINDS[kind], 60)
    alone = [ranker.contributions(row[None]).tobytes() for row in x]
    assert len(set(alone)) > 1
    assert ranker.contributions(x).tobytes() == b"".join(alone)
    assert ranker.contributions(x[::-1]).tobytes() == b"".join(reversed(alone))


@every_kind
def test_a_missing_value_counts_as_0_if_none_was_missing_in_training(kind: str) -> None:
    ranker, x = _learned(KINDS[kind]), _some(KINDS[kind])
    missing = np.random.default_rng(5).random(x.shape) < 0.3
    holed, filled = np.where(missing, np.nan, x), np.where(missing, 0.0, x)
    assert ranker.contributions(holed).tobytes() == ranker.contributions(filled).tobytes()
    assert _same(ranker.contributions(holed), _lightgbm(ranker, holed))


@every_kind
@pytest.mark.parametrize("endless", [np.inf, -np.inf])
def test_an_infinite_value_is_beyond_every_threshold(kind: str, endless: float) -> None:
    ranker, x = _learned(KINDS[kind]), _some(KINDS[kind])
    out = np.random.default_rng(6).random(x.shape) < 0.3
    infinite, far = np.where(out, endless, x), np.where(out, np.sign(endless) * 1e6, x)
    assert ranker.contributions(infinite).tobytes() == ranker.contributions(far).tobytes()
    assert _same(ranker.contributions(infinite), _lightgbm(ranker, infinite))


def test_lightgbm_is_asked_where_ways_ask_too_many_features() -> None:
    ranker, x = _learned(TOO_DEEP), _some(TOO_DEEP)
    added = ranker.contributions(x)
    assert added.tobytes() == _lightgbm(ranker, x).tobytes()
    assert added.sum(axis=1) == pytest.approx(ranker.score(x), abs=1e-9)


def test_lightgbm_is_asked_where_a_forest_learned_what_is_missing() -> None:
    ranker, x = _learned(HOLES), _some(HOLES)
    x[::2, 0] = np.nan
    added = ranker.contributions(x)
    assert added.tobytes() == _lightgbm(ranker, x).tobytes()
    assert added.sum(axis=1) == pytest.approx(ranker.score(x), abs=1e-9)
    assert not _same(added, ranker.contributions(np.nan_to_num(x))), "missing is not nought here"


def test_a_forest_that_found_nothing_to_ask_adds_nothing() -> None:
    nothing = Kind(3, replace(_LITTLE, least_in_leaf=600))
    ranker, x = _learned(nothing), _some(nothing, 5)
    assert ranker.contributions(x).tolist() == [[0.0] * 3 + [score] for score in ranker.score(x)]


# --- forests made by hand, against the definition ---


@dataclass
class Walk:
    """The value of coalitions of features: trees walked where only those of a row are known."""

    trees: Sequence[Tree]
    row: Sequence[float]
    valued: dict[frozenset[int], float] = field(default_factory=dict)

    def value(self, known: frozenset[int]) -> float:
        if known not in self.valued:
            starts = [0 if len(tree.feature) else -1 for tree in self.trees]
            walks = zip(self.trees, starts, strict=True)
            self.valued[known] = sum(self._from(tree, node, known) for tree, node in walks)
        return self.valued[known]

    def _from(self, tree: Tree, node: int, known: frozenset[int]) -> float:
        if node < 0:
            return tree.leaf_value[-1 - node]
        left, right = tree.left[node], tree.right[node]
        if (asked := tree.feature[node]) in known:
            goes = left if self.row[asked] <= tree.threshold[node] else right
            return self._from(tree, goes, known)
        parts = [_came(tree, child) * self._from(tree, child, known) for child in (left, right)]
        return sum(parts) / _came(tree, node)


def _came(tree: Tree, node: int) -> float:
    return tree.leaf_seen[-1 - node] if node < 0 else tree.seen[node]


def _defined(trees: Sequence[Tree], row: Sequence[float]) -> list[float]:
    """The Shapley value of each feature of a row, and the value of knowing none."""
    walk, features, values = Walk(trees, row), len(row), list[float]()
    for one in range(features):
        others = [other for other in range(features) if other != one]
        value = 0.0
        for size in range(features):
            gains = [
                walk.value(frozenset({one, *known})) - walk.value(frozenset(known))
                for known in combinations(others, size)
            ]
            value += sum(gains) / comb(features - 1, size) / features
        values.append(value)
    return [*values, walk.value(frozenset())]


def _shares(trees: Sequence[Tree], features: int) -> Shares:
    shares = Shares.of(trees, features)
    assert shares is not None
    return shares


def _chain(asked: Sequence[int]) -> Tree:
    """A tree that asks these features one after another, and ends wherever a value is low."""
    many = len(asked)
    return Tree(
        feature=asked,
        threshold=[float(number % 5) for number in range(many)],
        left=[-1 - number for number in range(many)],
        right=[*range(1, many), -1 - many],
        seen=[float(2 ** (many - number)) for number in range(many)],
        leaf_seen=[*(float(2 ** (many - number - 1)) for number in range(many)), 1.0],
        leaf_value=[(-1.5) ** number for number in range(many + 1)],
    )


FOREST = [
    Tree(
        feature=[0, 1, 0],
        threshold=[2.0, 1.0, 0.5],
        left=[1, 2, -1],
        right=[-2, -3, -4],
        seen=[20.0, 14.0, 9.0],
        leaf_seen=[2.0, 6.0, 5.0, 7.0],
        leaf_value=[-1.0, 4.0, 0.5, 2.0],
    ),
    Tree.leaf(0.25),
    Tree([1], [3.0], [-1], [-2], [10.0], [9.0, 1.0], [0.1, -0.7]),
    _chain([2, 0, 2, 1, 2]),
]
"""Asks features 0, 1 and 2, some again on the same way; and feature 3 never."""
IDLE = 3

values = st.integers(-1, 5).map(float) | st.floats(-1, 5).map(lambda v: round(v, 6))


@st.composite
def grown(draw: st.DrawFn) -> Tree:
    """A tree of four features and a few splits, each of any leaf there was."""
    left: list[int] = []
    right: list[int] = []
    for node in range(draw(st.integers(1, 6))):
        leaf = -1 - draw(st.integers(0, node))
        left = [*(node if child == leaf else child for child in left), leaf]
        right = [*(node if child == leaf else child for child in right), -2 - node]
    inner = len(left)
    came = draw(st.lists(st.integers(1, 9), min_size=inner + 1, max_size=inner + 1))

    def visible(node: int) -> float:
        return came[-1 - node] if node < 0 else visible(left[node]) + visible(right[node])

    return Tree(
        feature=draw(st.lists(st.integers(0, 3), min_size=inner, max_size=inner)),
        threshold=draw(st.lists(values, min_size=inner, max_size=inner)),
        left=left,
        right=right,
        seen=[visible(node) for node in range(inner)],
        leaf_seen=came,
        leaf_value=draw(st.lists(st.floats(-9, 9), min_size=inner + 1, max_size=inner + 1)),
    )


rows = st.lists(values, min_size=4, max_size=4)


@settings(deadline=None)
@given(row=rows)
def test_the_shares_are_shapley_values_by_their_definition(row: list[float]) -> None:
    added = _shares(FOREST, 4)(np.array([row]))
    assert added[0].tolist() == pytest.approx(_defined(FOREST, row), abs=1e-9)


@settings(deadline=None)
@given(trees=st.lists(grown(), min_size=1, max_size=3), row=rows)
def test_the_shares_of_any_small_forest_are_as_defined(trees: list[Tree], row: list[float]) -> None:
    added = _shares(trees, 4)(np.array([row]))
    assert added[0].tolist() == pytest.approx(_defined(trees, row), abs=1e-9)


def test_a_forest_whose_ways_all_ask_three_features_has_shares() -> None:
    full = Tree(
        feature=[0, 1, 1, 2, 2, 2, 2],
        threshold=[2.0, 1.0, 3.0, 0.0, 1.0, 2.0, 3.0],
        left=[1, 3, 5, -1, -3, -5, -7],
        right=[2, 4, 6, -2, -4, -6, -8],
        seen=[36.0, 10.0, 26.0, 3.0, 7.0, 11.0, 15.0],
        leaf_seen=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        leaf_value=[5.0, -1.0, 2.0, 0.5, -4.0, 3.0, 1.0, -2.0],
    )
    row = [1.0, 4.0, 1.0]
    added = _shares([full], 3)(np.array([row]))
    assert added[0].tolist() == pytest.approx(_defined([full], row), abs=1e-9)


def test_a_value_on_a_cut_goes_where_lower_ones_go() -> None:
    stump = Tree([0], [3.0], [-1], [-2], [4.0], [3.0, 1.0], [0.0, 8.0])
    x = np.array([[-9.0], [3.0], [np.nextafter(3.0, 4.0)], [9.0]])
    assert _shares([stump], 1)(x).tolist() == [[-2.0, 2.0], [-2.0, 2.0], [6.0, 2.0], [6.0, 2.0]]


def test_a_feature_that_no_tree_asks_adds_exactly_nothing() -> None:
    x = np.random.default_rng(7).uniform(-1, 5, (100, 4))
    added = _shares(FOREST, 4)(x)
    assert (added[:, IDLE] == 0).all()
    assert (added[:, :IDLE] != 0).any(axis=0).all()


def test_a_forest_of_bare_leaves_adds_nothing_but_its_base() -> None:
    shares = _shares([Tree.leaf(1.5), Tree.leaf(-0.25)], 2)
    assert shares(np.array([[0.0, 1.0], [np.nan, np.inf]])).tolist() == [[0.0, 0.0, 1.25]] * 2


def test_a_bare_leaf_among_trees_moves_the_base_alone() -> None:
    x = np.random.default_rng(8).uniform(-1, 5, (20, 4))
    more = _shares([*FOREST, Tree.leaf(2.0)], 4)(x) - _shares(FOREST, 4)(x)
    assert (more[:, :-1] == 0).all()
    assert more[:, -1] == pytest.approx(2.0)


def test_a_way_may_ask_just_so_many_features_and_no_more() -> None:
    most = [_chain(range(MAX_FEATURES))]
    row = [float(number % 5 + 1) for number in range(MAX_FEATURES)]
    row[-2] = -1.0
    added = _shares(most, MAX_FEATURES)(np.array([row]))
    assert added[0].tolist() == pytest.approx(_defined(most, row), abs=1e-9)
    assert Shares.of([_chain(range(MAX_FEATURES + 1))], MAX_FEATURES + 1) is None
    assert Shares.of([*most, _chain(range(MAX_FEATURES + 1))], MAX_FEATURES + 1) is None


def test_a_long_way_that_asks_few_features_again_and_again_has_shares() -> None:
    long = [_chain([number % 3 for number in range(3 * MAX_FEATURES)])]
    row = [9.0, 9.0, 2.5]
    added = _shares(long, 3)(np.array([row]))
    expected = _defined(long, row)
    assert added[0].tolist() == pytest.approx(expected, rel=1e-9)


def test_values_below_lightgbms_zero_threshold_count_as_0() -> None:
    below = Tree([0], [-5e-36], [-1], [-2], [10.0], [4.0, 6.0], [1.0, 3.0])
    shares = _shares([below], 1)
    near, nought, low = (shares(np.array([[v]])).tolist() for v in (-1e-35, 0.0, -2e-35))
    assert near == nought != low


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match="need 4 features, not 3"):
        _shares(FOREST, 4)(np.zeros((2, 3)))
