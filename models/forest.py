"""The score of boosted trees: the sum of one leaf of each tree, for many rows at the same time.

It is LightGBM's score to the last bit: the same comparisons, and the leaves are added in the order
of the trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.shapley import ZERO, Ints, Matrix, Tree

_ROWS = 256
"""Rows scored at a time: so many that a core keeps their numbers in its cache."""


@dataclass(frozen=True, slots=True)
class Forest:
    """The nodes of all trees. The right child of a node comes just after its left one.

    A leaf is its own left child, and no value is above its threshold.
    """

    roots: Ints
    """(trees,)"""
    feature: Ints
    """(nodes,) the feature that a node asks about"""
    threshold: Matrix
    """(nodes,)"""
    left: Ints
    """(nodes,)"""
    value: Matrix
    """(nodes,) of a leaf what it adds to the score"""
    depth: int

    @classmethod
    def of(cls, trees: Sequence[Tree]) -> Forest:
        """The nodes of `trees`."""
        nodes: list[_Node] = []
        roots, depth = [], 0
        for tree in trees:
            roots.append(len(nodes))
            depth = max(depth, _add(nodes, tree))
        feature, threshold, left, value = zip(*nodes, strict=True) if nodes else ((),) * 4
        return cls(
            np.array(roots, np.int64),
            np.array(feature, np.int64),
            np.array(threshold, np.float64),
            np.array(left, np.int64),
            np.array(value, np.float64),
            depth,
        )

    def score(self, x: Matrix) -> npt.NDArray[np.float64]:
        """(n,) the sums for feature rows `x`, (n, f).  A missing value counts as 0."""
        scores = np.zeros(len(x))
        for start in range(0, len(x), _ROWS):
            leaves = self._leaves(x[start : start + _ROWS])
            scores[start : start + _ROWS] = np.add.accumulate(self.value.take(leaves))[-1]
        return scores

    def _leaves(self, x: Matrix) -> Ints:
        """(trees, n) the leaf that each row reaches in each tree."""
        values = np.where(np.abs(x) > ZERO, x, 0.0).T
        right = values[self.feature[self.roots]] > self.threshold[self.roots, None]
        at: Ints = self.left[self.roots, None] + right
        flat, first, own = values.ravel(), self.feature * len(x), np.arange(len(x))
        for _ in range(self.depth - 1):
            asked = first.take(at)
            asked += own
            right = flat.take(asked) > self.threshold.take(at)
            at = self.left.take(at)
            at += right
        return at


_Node = tuple[int, float, int, float]
"""Feature, threshold, left child, value."""


def _add(nodes: list[_Node], tree: Tree) -> int:
    """Append the nodes of a tree, the root first.  Returns its depth."""
    level, depth = [(0 if len(tree.feature) else -1, len(nodes))], 0
    nodes.append((0, np.inf, len(nodes), 0.0))
    while level:
        below = []
        for node, at in level:
            if node < 0:
                nodes[at] = (0, np.inf, at, tree.leaf_value[-node - 1])
                continue
            left = len(nodes)
            nodes[at] = (tree.feature[node], tree.threshold[node], left, 0.0)
            nodes += [(0, np.inf, left, 0.0), (0, np.inf, left + 1, 0.0)]
            below += [(tree.left[node], left), (tree.right[node], left + 1)]
        depth, level = depth + bool(below), below
    return depth
