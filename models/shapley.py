"""The contribution of each feature to the score of boosted trees: exact Shapley values.

They are those of path-dependent TreeSHAP (Lundberg et al. 2020, Nature Machine Intelligence
2:56-67), and equal to LightGBM's. The contribution of a feature at a leaf depends only on which
of the conditions on the path to that leaf a row meets, and a path has few. So the contributions
are computed once for every leaf and every combination of conditions met, and looked up by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import factorial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Matrix: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

MAX_FEATURES = 8
"""The most features on the path to a leaf for which a table is kept."""
MAX_THRESHOLDS = 60_000
"""The most different thresholds for which one is kept."""
ZERO = 1.0000000180025095e-35
"""LightGBM's zero threshold: it reads so little as 0."""


@dataclass(frozen=True)
class Tree:
    """A tree that splits by `x[feature] <= threshold`; a negative child is leaf `-child - 1`."""

    feature: Sequence[int]
    threshold: Sequence[float]
    left: Sequence[int]
    right: Sequence[int]
    seen: Sequence[float]
    """The number of training rows at each inner node."""
    leaf_seen: Sequence[float]
    leaf_value: Sequence[float]

    @classmethod
    def leaf(cls, value: float) -> Tree:
        """A tree without splits."""
        return cls([], [], [], [], [], [1.0], [value])

    def leaves(self) -> Iterator[_Leaf]:
        """Every leaf with the conditions on the path to it."""
        paths: list[tuple[int, _Path]] = [(0 if len(self.feature) else -1, {})]
        while paths:
            node, path = paths.pop()
            if node < 0:
                yield _Leaf(self.leaf_value[-node - 1], path)
                continue
            for child, is_left in ((self.left[node], True), (self.right[node], False)):
                reached = self.leaf_seen[-child - 1] if child < 0 else self.seen[child]
                feature, threshold = self.feature[node], self.threshold[node]
                above, at_most, share = path.get(feature, (-np.inf, np.inf, 1.0))
                bounds = (
                    (above, min(at_most, threshold))
                    if is_left
                    else (max(above, threshold), at_most)
                )
                paths.append(
                    (child, path | {feature: (*bounds, share * reached / self.seen[node])})
                )


_Path: TypeAlias = dict[int, tuple[float, float, float]]
"""Feature → (its value must be above, at most, share of rows that went on at its splits)."""


@dataclass(frozen=True)
class _Leaf:
    value: float
    path: _Path


@dataclass(frozen=True)
class Shares:
    """The table of every leaf, for f features; `slots` is the most features on one path."""

    features: int
    thresholds: Matrix
    """(thresholds,) All thresholds, by feature and ascending."""
    threshold_feature: Ints
    """(thresholds,) The feature of each threshold."""
    slot_feature: Ints
    """(slots, leaves) The feature in each slot; f where the path has fewer features."""
    low: npt.NDArray[np.uint16]
    """(slots, leaves) The lowest number of its feature's thresholds that a value must exceed."""
    high: npt.NDArray[np.uint16]
    """(slots, leaves) The highest number of its feature's thresholds that a value may exceed."""
    table: Matrix
    """(leaves x 2^slots, slots) The contribution of each slot, by which slots are met."""
    base: float

    @classmethod
    def of(cls, trees: Sequence[Tree], features: int) -> Shares | None:
        """The table of `trees` over `features` features; None where a path has too many."""
        leaves = [leaf for tree in trees for leaf in tree.leaves()]
        slots = max((len(leaf.path) for leaf in leaves), default=0)
        threshold_feature, thresholds = _thresholds(trees)
        if slots > MAX_FEATURES or len(thresholds) > MAX_THRESHOLDS:
            return None
        none = (features, (-np.inf, np.inf, 1.0))
        paths = [[*leaf.path.items(), *[none] * (slots - len(leaf.path))] for leaf in leaves]
        slot_feature = (
            np.array([[f for f, _ in path] for path in paths], np.int64)
            .reshape(len(leaves), slots)
            .T
        )
        bounds_of_paths = np.array([[bounds for _, bounds in path] for path in paths], np.float64)
        above, at_most, share = bounds_of_paths.reshape(len(leaves), slots, 3).transpose(2, 1, 0)
        value = np.array([leaf.value for leaf in leaves], np.float64)
        splits = zip(threshold_feature.tolist(), thresholds.tolist(), strict=True)
        index = {split: at for at, split in enumerate(splits)}
        first = np.searchsorted(threshold_feature, np.arange(features + 1))

        def passed(bounds: Matrix, otherwise: int) -> npt.NDArray[np.uint16]:
            pairs = zip(slot_feature.ravel().tolist(), bounds.ravel().tolist(), strict=True)
            found = [index[p] - first[p[0]] if p in index else otherwise for p in pairs]
            return np.array(found, np.int64).reshape(slot_feature.shape).astype(np.uint16)

        return cls(
            features=features,
            thresholds=thresholds,
            threshold_feature=threshold_feature,
            slot_feature=slot_feature,
            low=(passed(above, -1) + 1).astype(np.uint16),
            high=passed(at_most, np.iinfo(np.uint16).max),
            table=_table(value, share, np.array([len(leaf.path) for leaf in leaves])),
            base=float((value * share.prod(axis=0)).sum()),
        )

    def __call__(self, x: Matrix) -> Matrix:
        """The contributions to the scores of rows `x`, (n, f): (n, f + 1), the last is the base.

        A missing value counts as 0. Raises ValueError where `x` does not have f columns.
        """
        if x.shape[1] != self.features:
            raise ValueError(f"the trees need {self.features} features, not {x.shape[1]}")
        found = np.empty((len(x), self.features + 1))
        for row, passed in zip(found, self._passed(x), strict=True):
            value = passed.take(self.slot_feature, mode="clip")
            is_met = (value >= self.low) & (value <= self.high)
            bits = np.bitwise_or.reduce(is_met.view(np.uint8) << self._bits, axis=0)
            added = self.table.take(self._starts + bits, axis=0, mode="clip")
            row[:] = np.bincount(self._to, added.ravel(), self.features + 1)
        found[:, -1] = self.base
        return found

    def _passed(self, x: Matrix) -> npt.NDArray[np.uint16]:
        """(n, f + 1) how many of a feature's thresholds each row exceeds; the last column is 0."""
        values = np.where(np.abs(x) > ZERO, x, 0.0)[:, self.threshold_feature]
        exceeds = np.zeros((len(x), len(self.thresholds) + 1), np.uint16)
        np.cumsum(values > self.thresholds, axis=1, out=exceeds[:, 1:])
        ends = exceeds[:, self._ends]
        return np.diff(ends, axis=1, prepend=np.uint16(0), append=ends[:, -1:])

    @cached_property
    def _ends(self) -> Ints:
        """(f,) where the thresholds of each feature end."""
        ends: Ints = self.threshold_feature.searchsorted(np.arange(self.features), side="right")
        return ends

    @cached_property
    def _bits(self) -> npt.NDArray[np.uint8]:
        return np.arange(len(self.slot_feature), dtype=np.uint8)[:, None]

    @cached_property
    def _starts(self) -> Ints:
        """(leaves,) where the table of each leaf starts."""
        slots, leaves = self.slot_feature.shape
        starts: Ints = np.arange(leaves) << slots
        return starts

    @cached_property
    def _to(self) -> Ints:
        """(leaves x slots,) the feature of each contribution in the table."""
        return np.ascontiguousarray(self.slot_feature.T).ravel()


def _thresholds(trees: Sequence[Tree]) -> tuple[Ints, Matrix]:
    """The feature and threshold of every split, without duplicates, ascending."""
    splits = {split for tree in trees for split in zip(tree.feature, tree.threshold, strict=True)}
    ordered = sorted(splits)
    return np.array([f for f, _ in ordered], np.int64), np.array([c for _, c in ordered])


def _table(value: Matrix, share: Matrix, used: Ints) -> Matrix:
    """(leaves x 2^slots, slots) the contribution of each slot.

    `value` and the number of slots `used` are (leaves,); `share` is (slots, leaves).
    """
    slots, leaves = share.shape
    table = np.zeros((leaves, 1 << slots, slots))
    subsets = np.arange(1 << slots)
    for number in range(1, slots + 1):
        of = np.flatnonzero(used == number)
        if not len(of):
            continue
        for slot in range(number):
            others = [one for one in range(number) if one != slot]
            sums = _sums(share[others][:, of])
            packed = sum(
                (((subsets >> one) & 1) << at for at, one in enumerate(others)), 0 * subsets
            )
            own = ((subsets >> slot) & 1) - share[slot, of][:, None]
            table[of, :, slot] = value[of][:, None] * own * sums[:, packed]
    return table.reshape(leaves << slots, slots)


def _sums(share: Matrix) -> Matrix:
    """(leaves, 2^others) the weighted sum over coalitions of the other slots that are met.

    A coalition S of the n - 1 others has weight |S|! (n - |S| - 1)! / n!, times the product of
    the shares of the slots outside S. It counts only where every condition in S is met.
    """
    others, leaves = share.shape
    n = others + 1
    sums = np.empty((leaves, 1 << others))
    for met in range(1 << others):
        outside = [one for one in range(others) if not met >> one & 1]
        inside = others - len(outside)
        sums[:, met] = factorial(inside) * factorial(n - inside - 1) / factorial(n)
        sums[:, met] *= share[outside].prod(axis=0)
    for one in range(others):
        halves = sums.reshape(leaves, -1, 2, 1 << one)
        halves[:, :, 1] += halves[:, :, 0]
    return sums
