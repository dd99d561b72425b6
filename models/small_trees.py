"""A few small boosted trees, kept as a table of nodes, and read without a library.

They suit a decision that is made a million times about one row each, where a library's call
costs more than the trees.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.errors import BundleError

_COLUMNS = ("tree", "node", "feature", "threshold", "left", "right", "value")
_VALUE_PLACES = 6
_Node = tuple[int, float, int, int, float]
"""Feature or -1, threshold, left, right, value."""


@dataclass(frozen=True, slots=True)
class SmallTrees:
    """Boosted trees over named features.

    The margin of a row is the sum of one leaf of each tree: the log odds.  A node sends a row to
    the left where its feature is at most the threshold.
    """

    features: tuple[str, ...]
    roots: tuple[int, ...]
    feature: tuple[int, ...]
    """the feature of each node, -1 for a leaf"""
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    """of a leaf its share of the margin; of another node the mean of the leaves below it"""

    def margin(self, row: Sequence[float]) -> float:
        """The log odds of one row, in the order of `features`."""
        feature, threshold, left, right = self.feature, self.threshold, self.left, self.right
        value, total = self.value, 0.0
        for node in self.roots:
            at = feature[node]
            while at >= 0:
                node = left[node] if row[at] <= threshold[node] else right[node]  # noqa: PLW2901
                at = feature[node]
            total += value[node]
        return total

    def contributions(self, row: Sequence[float]) -> list[float]:
        """How far each feature moves the margin of one row from the mean, (features,).

        Each step down a tree is credited to the feature that it asks about, so the contributions
        and the trees' mean add up to the margin.
        """
        shares = [0.0] * len(self.features)
        for root in self.roots:
            node = root
            while self.feature[node] >= 0:
                goes_left = row[self.feature[node]] <= self.threshold[node]
                below = self.left[node] if goes_left else self.right[node]
                shares[self.feature[node]] += self.value[below] - self.value[node]
                node = below
        return shares

    @property
    def mean(self) -> float:
        """The margin before any feature is known."""
        return sum(self.value[root] for root in self.roots)

    @classmethod
    def learn(
        cls,
        features: Sequence[str],
        rows: npt.NDArray[np.float64],
        positive: npt.NDArray[np.bool_],
        weights: npt.NDArray[np.float64],
        rising: Sequence[int],
        *,
        trees: int = 60,
        depth: int = 4,
        learning_rate: float = 0.13,
    ) -> SmallTrees:
        """Learn from (n, features) rows; `rising` is 1, 0 or -1 for each feature.

        The same rows give the same trees: one thread, no sampling.
        """
        import lightgbm

        data = lightgbm.Dataset(rows, positive.astype(np.float64), weight=weights)
        settings = {
            "objective": "binary",
            "learning_rate": learning_rate,
            "max_depth": depth,
            "num_leaves": 2**depth - 2,
            "min_data_in_leaf": 40,
            "lambda_l2": 5.0,
            "monotone_constraints": list(rising),
            "monotone_constraints_method": "advanced",
            "deterministic": True,
            "num_threads": 1,
            "seed": 0,
            "verbosity": -1,
        }
        booster = lightgbm.train(settings, data, trees)
        nodes: list[_Node] = []
        roots = [_add(nodes, tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
        feature, threshold, left, right, value = zip(*nodes, strict=True)
        return cls(tuple(features), tuple(roots), feature, threshold, left, right, value)

    def write(self, path: Path) -> None:
        """Write the nodes as a CSV file, one row a node."""
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(_COLUMNS)
            bounds = [*self.roots, len(self.feature)]
            for tree, start in enumerate(self.roots):
                for node in range(start, bounds[tree + 1]):
                    out.writerow((tree, node - start, *self._cells(node, start)))

    def _cells(self, node: int, start: int) -> tuple[object, ...]:
        """Feature, threshold, left, right and value of a node, as the file has them."""
        value = repr(self.value[node])
        if self.feature[node] < 0:
            return ("", "", "", "", value)
        below = (self.left[node] - start, self.right[node] - start)
        return (self.features[self.feature[node]], repr(self.threshold[node]), *below, value)

    @classmethod
    def read(cls, path: Path, features: Sequence[str]) -> SmallTrees:
        """The trees in a CSV file.

        Raises BundleError where it is damaged or asks for a feature that is not in `features`.
        """
        index = {name: i for i, name in enumerate(features)} | {"": -1}
        roots: list[int] = []
        nodes: list[_Node] = []
        try:
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    if row["node"] == "0":
                        roots.append(len(nodes))
                    leaf = not row["feature"]
                    below = [
                        0 if leaf else roots[-1] + int(row[side]) for side in ("left", "right")
                    ]
                    limit, leaf_value = float(row["threshold"] or 0), float(row["value"])
                    nodes.append((index[row["feature"]], limit, below[0], below[1], leaf_value))
        except (OSError, KeyError, IndexError, TypeError, ValueError) as error:
            raise BundleError(f"{path.name} is damaged ({error})") from error
        if not nodes or not all(_leads_down(i, node, len(nodes)) for i, node in enumerate(nodes)):
            raise BundleError(f"{path.name} is damaged (a node leads nowhere)")
        feature, threshold, left, right, value = zip(*nodes, strict=True)
        return cls(tuple(features), tuple(roots), feature, threshold, left, right, value)


def _leads_down(number: int, node: _Node, size: int) -> bool:
    """Whether a node is a leaf, or leads to two later nodes with finite numbers."""
    feature, threshold, left, right, value = node
    if not (math.isfinite(threshold) and math.isfinite(value)):
        return False
    return feature < 0 or (number < left < size and number < right < size)


def _add(nodes: list[_Node], tree: dict[str, Any]) -> int:
    """Add one of LightGBM's trees to `nodes`, parents first; the number of its root."""
    at = len(nodes)
    if "leaf_value" in tree:
        nodes.append((-1, 0.0, 0, 0, round(float(tree["leaf_value"]), _VALUE_PLACES)))
        return at
    nodes.append((-1, 0.0, 0, 0, 0.0))
    left, right = _add(nodes, tree["left_child"]), _add(nodes, tree["right_child"])
    value = round(float(tree["internal_value"]), _VALUE_PLACES)
    threshold = round(float(tree["threshold"]), _VALUE_PLACES)
    nodes[at] = (int(tree["split_feature"]), threshold, left, right, value)
    return at
