"""The contribution of each feature to the score of boosted trees: exact Shapley values.

They are those of path-dependent TreeSHAP (Lundberg et al. 2020, Nature Machine Intelligence
2:56-67), and equal to LightGBM's. The contribution of a feature at a leaf depends only on which
of the conditions on the path to that leaf a row meets, and a path has few. So the contributions
are computed once for every combination of conditions met, and looked up by row.  Neighbouring
leaves of a tree share most conditions: their sums are looked up together, as a group.
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
_CONDITIONS = 7
"""The conditions of a group, or more where the path to one leaf has more features."""
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
_Condition: TypeAlias = tuple[int, float, float]
"""A feature, what its value must be above, and what at most."""


@dataclass(frozen=True)
class _Leaf:
    value: float
    path: _Path

    def conditions(self) -> Iterator[tuple[_Condition, bool]]:
        """For each feature of the path a condition, and whether it must be met, or not.

        Rows go one way where they meet a condition and the other way where they do not: both
        leaves ask the same one.
        """
        for feature, (above, at_most, _) in self.path.items():
            is_low = above == -np.inf
            yield (feature, at_most, np.inf) if is_low else (feature, above, at_most), not is_low


@dataclass(frozen=True)
class _Group:
    """Some leaves of one tree, and the conditions that decide what they add."""

    leaves: list[_Leaf]
    conditions: dict[_Condition, int]
    """condition → its bit in the number of a combination"""


@dataclass(frozen=True)
class Shares:
    """The table of every group of leaves, for f features and `bits` conditions a group."""

    features: int
    condition_feature: Ints
    """(conditions,) The feature of each condition; f for the first one, which every row meets."""
    above: npt.NDArray[np.float64]
    """(conditions,) What a value must be above."""
    at_most: npt.NDArray[np.float64]
    """(conditions,) What a value must be at most."""
    asked: Ints
    """(bits, groups) The conditions of each group; the first one where it has fewer."""
    column_feature: Ints
    """(groups x bits,) The feature of each column in the table; f where a group has fewer."""
    table: Matrix
    """(groups x 2^bits, bits) The contributions of a group, by which conditions are met."""
    base: float

    @classmethod
    def of(cls, trees: Sequence[Tree], features: int) -> Shares | None:
        """The table of `trees` over `features` features; None where a path has too many."""
        leaves = [list(tree.leaves()) for tree in trees]
        every = [leaf for own in leaves for leaf in own]
        slots = max((len(leaf.path) for leaf in every), default=0)
        splits = {
            split for tree in trees for split in zip(tree.feature, tree.threshold, strict=True)
        }
        if slots > MAX_FEATURES or len(splits) > MAX_THRESHOLDS:
            return None
        bits = max(slots, _CONDITIONS)
        groups = [group for own in leaves for group in _groups(own, bits)]
        numbers = {(features, -np.inf, np.inf): 0}
        for condition in (condition for group in groups for condition in group.conditions):
            numbers.setdefault(condition, len(numbers))
        asked = [[numbers[c] for c in group.conditions] for group in groups]
        value = np.array([leaf.value for leaf in every], np.float64)
        share = _padded([[s for *_, s in leaf.path.values()] for leaf in every], slots, 1.0).T
        used = np.array([len(leaf.path) for leaf in every])
        leaf_tables = _table(value, share, used).reshape(len(every), 1 << slots, slots)
        column_feature, together = _together(groups, leaf_tables, bits)
        return cls(
            features=features,
            condition_feature=np.array([f for f, _, _ in numbers], np.int64),
            above=np.array([above for _, above, _ in numbers]),
            at_most=np.array([at_most for _, _, at_most in numbers]),
            asked=np.ascontiguousarray(_padded(asked, bits, 0).T.astype(np.int64)),
            column_feature=_padded(column_feature, bits, features).astype(np.int64).ravel(),
            table=together,
            base=float((value * share.prod(axis=0)).sum()),
        )

    def __call__(self, x: Matrix) -> Matrix:
        """The contributions to the scores of rows `x`, (n, f): (n, f + 1), the last is the base.

        A missing value counts as 0. Raises ValueError where `x` does not have f columns.
        """
        if x.shape[1] != self.features:
            raise ValueError(f"the trees need {self.features} features, not {x.shape[1]}")
        found = np.empty((len(x), self.features + 1))
        known = np.zeros(found.shape)
        np.copyto(known[:, :-1], x, where=np.abs(x) > ZERO)
        values = known.take(self.condition_feature, axis=1)
        is_met = (values > self.above) & (values <= self.at_most)
        for row, met in zip(found, is_met.view(np.uint8), strict=True):
            bits = np.bitwise_or.reduce(met.take(self.asked) << self._bits, axis=0)
            added = self.table.take(self._starts + bits, axis=0)
            row[:] = np.bincount(self.column_feature, added.ravel(), self.features + 1)
        found[:, -1] = self.base
        return found

    @cached_property
    def _bits(self) -> npt.NDArray[np.uint8]:
        return np.arange(len(self.asked), dtype=np.uint8)[:, None]

    @cached_property
    def _starts(self) -> Ints:
        """(groups,) where the table of each group starts."""
        bits, groups = self.asked.shape
        starts: Ints = np.arange(groups) << bits
        return starts


def _groups(leaves: Sequence[_Leaf], most: int) -> Iterator[_Group]:
    """The leaves of a tree, neighbours together, with at most so many conditions a group."""
    group = _Group([], {})
    for leaf in leaves:
        conditions = dict.fromkeys((*group.conditions, *(c for c, _ in leaf.conditions())))
        if len(conditions) > most:
            yield group
            group = _Group([], {})
            conditions = dict.fromkeys(c for c, _ in leaf.conditions())
        group.leaves.append(leaf)
        group.conditions.update({condition: bit for bit, condition in enumerate(conditions)})
    yield group


def _together(groups: Sequence[_Group], table: Matrix, bits: int) -> tuple[list[list[int]], Matrix]:
    """The features of each group, and (groups x 2^bits, bits) what its leaves add to them.

    `table` (leaves, 2^slots, slots) has the contributions of each leaf.
    """
    places = 1 << np.arange(bits)
    met = np.arange(1 << bits) >> np.arange(bits)[:, None] & 1
    features: list[list[int]] = []
    together = np.zeros((len(groups), 1 << bits, bits))
    own_tables = iter(table)
    for group, added in zip(groups, together, strict=True):
        columns = {f: at for at, f in enumerate(dict.fromkeys(f for f, _, _ in group.conditions))}
        features.append(list(columns))
        for leaf in group.leaves:
            conditions, musts = zip(*leaf.conditions(), strict=True) if leaf.path else ((), ())
            inverted = sum(1 << at for at, must in enumerate(musts) if not must)
            slots = places[: len(musts)] @ met[[group.conditions[c] for c in conditions]] ^ inverted
            own = next(own_tables)[slots, : len(musts)]
            added[:, [columns[feature] for feature in leaf.path]] += own
    return features, together.reshape(-1, bits)


def _padded(rows: Sequence[Sequence[float]], width: int, filling: float) -> Matrix:
    """(rows, width) the rows, filled up."""
    return np.array([[*row, *[filling] * (width - len(row))] for row in rows]).reshape(
        len(rows), width
    )


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
