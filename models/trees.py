"""A ranker of boosted trees in LightGBM's text form, never pickled.

LightGBM trains it. Scores and contributions are computed here, to the bit that LightGBM gives, so
that an installation that only answers does not need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from models.errors import BundleError
from models.forest import Forest
from models.shapley import MAX_FEATURES, MAX_THRESHOLDS, Shares, Tree

Matrix: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TreeSettings:
    """How trees are trained; each setting has the meaning of one of LightGBM's parameters."""

    trees: int = 180
    leaves: int = 28
    depth: int = 6
    rate: float = 0.1
    least_in_leaf: int = 80
    features_tried: float = 0.6
    l2: float = 5.0
    truncation: int = 30

    def __post_init__(self) -> None:
        if min(self.trees, self.leaves - 1, self.least_in_leaf, self.truncation) < 1:
            raise ValueError(
                "trees, least_in_leaf and truncation must be at least 1, and leaves at least 2"
            )
        if not (self.rate > 0 and 0 < self.features_tried <= 1 and self.l2 >= 0):
            raise ValueError(
                "rate must be above 0, l2 at least 0, and features_tried above 0 and at most 1"
            )


@dataclass(frozen=True)
class TreesRanker:
    """Boosted trees over features; `contributions` are exact Shapley values (TreeSHAP)."""

    features: tuple[str, ...]
    text: str
    """LightGBM's text form, without the training parameters"""

    @classmethod
    def from_text(cls, saved: str) -> TreesRanker:
        """The ranker in its text form.

        Raises BundleError where it is not valid, or needs LightGBM where that is not installed.
        """
        if not saved.startswith("tree\n"):
            raise BundleError("a ranker's trees must be in LightGBM's text form")
        trees, end, _ = saved.partition(_END)
        ranker = _checked(trees + end)
        forest = ranker._forest
        large = forest and (forest.depth > MAX_FEATURES or len(forest.threshold) > MAX_THRESHOLDS)
        if forest is None or (large and not ranker._shares):
            _library()
        return ranker

    @classmethod
    def learn(
        cls,
        x: Sequence[npt.NDArray[np.float32]],
        won: npt.NDArray[np.bool_],
        weights: npt.NDArray[np.float64],
        features: Sequence[str],
        *,
        settings: TreeSettings,
        seed: int = 0,
    ) -> TreesRanker:
        """A ranker trained with LambdaRank to put the winners of each lot before the others.

        `x` has one matrix for each lot, shape (candidates, f). `won` and `weights` have one value
        for each candidate, in the same order.
        """
        lightgbm = _library()
        data = lightgbm.Dataset(
            list(x),
            won.astype(np.int8),
            group=[len(one) for one in x],
            weight=weights,
            feature_name=list(features),
        )
        parameters = {
            "objective": "lambdarank",
            "label_gain": [0, 1],
            "learning_rate": settings.rate,
            "num_leaves": settings.leaves,
            "max_depth": settings.depth,
            "min_data_in_leaf": settings.least_in_leaf,
            "feature_fraction": settings.features_tried,
            "lambda_l2": settings.l2,
            "lambdarank_truncation_level": settings.truncation,
            "max_bin": 63,
            "seed": seed,
            "num_threads": 0,
            "deterministic": True,
            "force_row_wise": True,
            "verbose": -1,
        }
        booster = lightgbm.train(parameters, data, settings.trees)
        return cls.from_text(str(booster.model_to_string()))

    def __len__(self) -> int:
        return len(self._trees)

    def gains(self) -> dict[str, float]:
        """Each feature's share of the gain of all splits in training."""
        gain = dict.fromkeys(self.features, 0.0)
        for tree in self._trees:
            if tree["num_leaves"] != "1":
                splits = zip(tree["split_feature"].split(), tree["split_gain"].split(), strict=True)
                for feature, own in splits:
                    gain[self.features[int(feature)]] += max(float(own), 0.0)
        total = sum(gain.values()) or 1.0
        return {name: round(own / total, 5) for name, own in gain.items()}

    def score(self, x: Matrix) -> Matrix:
        """Raw scores, shape (n,), of feature rows `x`, shape (n, f)."""
        if not len(x):
            return np.zeros(0)
        if self._forest:
            return self._forest.score(x)
        return np.asarray(self._booster.predict(x, raw_score=True, num_threads=1), np.float64)

    def contributions(self, x: Matrix) -> Matrix:
        """The contribution of each feature, shape (n, f + 1); the last column is the base."""
        if not len(x):
            return np.zeros((0, len(self.features) + 1))
        if self._shares:
            return self._shares(x)
        return np.asarray(self._booster.predict(x, pred_contrib=True, num_threads=1), np.float64)

    @cached_property
    def _trees(self) -> list[dict[str, str]]:
        """The fields of each tree."""
        return list(_blocks(self.text))

    @cached_property
    def _plain(self) -> list[Tree] | None:
        """The trees; None where one splits by more than a threshold."""
        parsed = [_tree(fields) for fields in self._trees]
        trees = [tree for tree in parsed if tree]
        return trees if len(trees) == len(parsed) else None

    @cached_property
    def _forest(self) -> Forest | None:
        """What scores rows; None where only LightGBM can."""
        return Forest.of(self._plain) if self._plain is not None else None

    @cached_property
    def _shares(self) -> Shares | None:
        """The contributions as a table; None where only LightGBM can compute them."""
        return Shares.of(self._plain, len(self.features)) if self._plain is not None else None

    @cached_property
    def _booster(self) -> Any:  # noqa: ANN401 - LightGBM has no types
        return _library().Booster(model_str=self.text)


def _library() -> Any:  # noqa: ANN401 - a module
    """LightGBM, which training needs, and few trees.  Raises BundleError where it is missing."""
    try:
        import lightgbm
    except ModuleNotFoundError as error:
        raise BundleError(
            f"these trees need libraries that are not installed ({error.name}): in the folder with "
            "the product's pyproject.toml, run `pip install --editable '.[train]'`"
        ) from error
    except OSError as error:
        raise BundleError(
            f"LightGBM cannot be loaded ({error}); it needs the system's OpenMP library: "
            "on Debian and Ubuntu `apt install libgomp1`, on macOS `brew install libomp`"
        ) from error
    return lightgbm


# --- reading the text, with checks of all indices ---

_END = "end of trees\n"
_OF_NODES = (
    *("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child"),
    *("internal_value", "internal_weight", "internal_count"),
)
_WHOLE = {"split_feature", "decision_type", "left_child", "right_child", "leaf_count"}
_BY_THRESHOLD = (0, 2)
"""Decision types that split by a threshold alone, without missing values."""
_SIDES = (*_BY_THRESHOLD, 4, 6, 8, 10)
"""Decision types that split by a number, with every handling of missing values."""
_OF_LEAVES = ("leaf_value", "leaf_weight", "leaf_count")


@lru_cache(maxsize=8)
def _checked(saved: str) -> TreesRanker:
    """The ranker, read once for the texts that came last: two rankers of a bundle may share one."""
    try:
        return TreesRanker(_check(saved), saved)
    except (ValueError, LookupError) as error:
        raise BundleError(f"a ranker's trees are damaged ({error})") from error


_REAL = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_REALS = re.compile(f"{_REAL}(?: {_REAL})*")


def _check(saved: str) -> tuple[str, ...]:
    """The names of the features.

    Raises ValueError or LookupError where the text is cut off or a tree is not valid.
    """
    start = saved.index("\n\nTree=0\n") + 2
    head = _fields(saved[len("tree\n") : start])
    features = len(head["feature_names"].split(" "))
    kind = ("version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx")
    if [head[one] for one in kind] != ["v4", "1", "1", "0", str(features - 1)]:
        raise ValueError("they are of an unsupported kind")
    if len(head["feature_infos"].split(" ")) != features or "monotone_constraints" in head:
        raise ValueError("the number of features does not match")
    for number, size in enumerate(map(int, head["tree_sizes"].split(" "))):
        tree = _fields(saved[start : start + size])
        if tree["Tree"] != str(number):
            raise ValueError(f"tree {number} is not in its place")
        _check_tree(tree, features)
        start += size
    if saved[start:] != _END:
        raise ValueError("there is unexpected text after the trees")
    return tuple(head["feature_names"].split(" "))


def _blocks(saved: str) -> Iterator[dict[str, str]]:
    """The fields of each tree in a checked text."""
    start = saved.index("\n\nTree=0\n") + 2
    for size in map(int, _fields(saved[len("tree\n") : start])["tree_sizes"].split(" ")):
        yield _fields(saved[start : start + size])
        start += size


def _tree(fields: dict[str, str]) -> Tree | None:
    """A checked tree; None where it splits by more than a threshold."""
    leaves = int(fields["num_leaves"])
    if leaves == 1:
        return Tree.leaf(float(fields["leaf_value"]))
    of = {name: _numbers(fields, name, leaves - 1) for name in _OF_NODES}
    if not np.isin(of["decision_type"], _BY_THRESHOLD).all():
        return None
    return Tree(
        feature=of["split_feature"].astype(int).tolist(),
        threshold=of["threshold"].tolist(),
        left=of["left_child"].astype(int).tolist(),
        right=of["right_child"].astype(int).tolist(),
        seen=of["internal_count"].tolist(),
        leaf_seen=_numbers(fields, "leaf_count", leaves).tolist(),
        leaf_value=_numbers(fields, "leaf_value", leaves).tolist(),
    )


def _fields(block: str) -> dict[str, str]:
    """The values of a block's lines by key.  Raises ValueError where a line is not valid."""
    pairs = [line.partition("=") for line in block.rstrip("\n").split("\n")]
    fields = {key: value for key, equals, value in pairs if equals}
    if len(fields) < len(pairs) or not block.isascii() or not block.endswith("\n\n"):
        raise ValueError("a field is repeated or incomplete")
    return fields


def _check_tree(tree: dict[str, str], features: int) -> None:
    leaves = int(tree["num_leaves"])
    if leaves < 1 or tree["num_cat"] != "0" or tree["is_linear"] != "0":
        raise ValueError("a tree is of an unsupported kind")
    _numbers(tree, "shrinkage", 1)
    if leaves == 1:
        _numbers(tree, "leaf_value", 1)
        return
    of = {name: _numbers(tree, name, leaves - 1) for name in _OF_NODES}
    for name in _OF_LEAVES:
        _numbers(tree, name, leaves)
    node = np.arange(leaves - 1)
    for side in (of["left_child"], of["right_child"]):
        if ((side >= 0) & (side <= node)).any():
            raise ValueError("a tree has a cycle")
    children = np.sort(np.concatenate([of["left_child"], of["right_child"]]))
    if children.tolist() != [*range(-leaves, 0), *range(1, leaves - 1)]:
        raise ValueError("a tree has a child that does not exist")
    if of["internal_count"].min() < 1:
        raise ValueError("a tree has a node without rows")
    split = of["split_feature"]
    if split.min() < 0 or split.max() >= features or not np.isin(of["decision_type"], _SIDES).all():
        raise ValueError("a tree splits by a feature that does not exist")


def _numbers(tree: dict[str, str], name: str, count: int) -> Matrix:
    """(count,) the numbers of a field, which must be whole where they are counts or indices."""
    values = tree[name].split(" ")
    if len(values) != count or not _REALS.fullmatch(tree[name]):
        raise ValueError(f"{name} needs {count} numbers")
    whole = name in _WHOLE
    return np.array([int(value) if whole else float(value) for value in values], np.float64)
