"""What each feature adds to the score of boosted trees: exact Shapley values, from a table.

Those of path-dependent TreeSHAP (Lundberg et al. 2020, Nature Machine Intelligence 2:56-67), and
equal to LightGBM's own: what a feature adds at a leaf depends only on which of the features on
the way there a row agrees with, and a way asks few.  So every leaf's shares are worked out once
for every way in which it may be agreed with, and a row looks them up.
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

MOST_ASKED = 8
"""How many different features the way to a leaf may ask for its table to be worth keeping."""
_MOST_CUTS = 60_000
_NOUGHT = 1.0000000180025095e-35
"""LightGBM's: what is no further from nought counts as nought."""


@dataclass(frozen=True)
class Tree:
    """A tree that splits by `x[feature] <= threshold`; a child under 0 is leaf `-child - 1`."""

    feature: Sequence[int]
    threshold: Sequence[float]
    left: Sequence[int]
    right: Sequence[int]
    seen: Sequence[float]
    """how many rows of learning came to each inner node"""
    leaf_seen: Sequence[float]
    leaf_value: Sequence[float]

    @classmethod
    def leaf(cls, value: float) -> Tree:
        """A tree that asks nothing."""
        return cls([], [], [], [], [], [1.0], [value])

    def leaves(self) -> Iterator[_Leaf]:
        """Every leaf with what the way to it asks."""
        ways: list[tuple[int, _Way]] = [(0 if len(self.feature) else -1, {})]
        while ways:
            node, way = ways.pop()
            if node < 0:
                yield _Leaf(self.leaf_value[-node - 1], way)
                continue
            for child, is_left in ((self.left[node], True), (self.right[node], False)):
                came = self.leaf_seen[-child - 1] if child < 0 else self.seen[child]
                feature, cut = self.feature[node], self.threshold[node]
                above, upto, share = way.get(feature, (-np.inf, np.inf, 1.0))
                bounds = (above, min(upto, cut)) if is_left else (max(above, cut), upto)
                ways.append((child, way | {feature: (*bounds, share * came / self.seen[node])}))


_Way: TypeAlias = dict[int, tuple[float, float, float]]
"""Feature → its value must be above, up to; and the share of rows that went on at its splits."""


@dataclass(frozen=True)
class _Leaf:
    value: float
    way: _Way


@dataclass(frozen=True)
class Shares:
    """The table of every leaf.  `slots` is the most features that a way asks; f of them known."""

    features: int
    cuts: Matrix
    """(cuts,) all thresholds, by feature and ascending"""
    cut_of: Ints
    """(cuts,) the feature that each is of"""
    asked: Ints
    """(slots, leaves) the feature asked in each slot; f where a way asks fewer"""
    least: npt.NDArray[np.uint16]
    """(slots, leaves) how many of its feature's cuts a value must exceed at least"""
    most: npt.NDArray[np.uint16]
    """(slots, leaves) and at most"""
    table: Matrix
    """(leaves x 2^slots, slots) what each slot's feature adds, by which slots agree"""
    base: float

    @classmethod
    def of(cls, trees: Sequence[Tree], features: int) -> Shares | None:
        """The shares of `trees` over so many features; None where a way asks too many."""
        leaves = [leaf for tree in trees for leaf in tree.leaves()]
        slots = max((len(leaf.way) for leaf in leaves), default=0)
        cut_of, cuts = _cuts(trees)
        if slots > MOST_ASKED or len(cuts) > _MOST_CUTS:
            return None
        none = (features, (-np.inf, np.inf, 1.0))
        ways = [[*leaf.way.items(), *[none] * (slots - len(leaf.way))] for leaf in leaves]
        asked = (
            np.array([[f for f, _ in way] for way in ways], np.int64).reshape(len(leaves), slots).T
        )
        told = np.array([[bounds for _, bounds in way] for way in ways], np.float64)
        above, upto, share = told.reshape(len(leaves), slots, 3).transpose(2, 1, 0)
        value = np.array([leaf.value for leaf in leaves], np.float64)
        place = {cut: at for at, cut in enumerate(zip(cut_of.tolist(), cuts.tolist(), strict=True))}
        first = np.searchsorted(cut_of, np.arange(features + 1))

        def passed(bounds: Matrix, otherwise: int) -> npt.NDArray[np.uint16]:
            pairs = zip(asked.ravel().tolist(), bounds.ravel().tolist(), strict=True)
            found = [place[p] - first[p[0]] if p in place else otherwise for p in pairs]
            return np.array(found, np.int64).reshape(asked.shape).astype(np.uint16)

        return cls(
            features=features,
            cuts=cuts,
            cut_of=cut_of,
            asked=asked,
            least=(passed(above, -1) + 1).astype(np.uint16),
            most=passed(upto, np.iinfo(np.uint16).max),
            table=_table(value, share, np.array([len(leaf.way) for leaf in leaves])),
            base=float((value * share.prod(axis=0)).sum()),
        )

    def __call__(self, x: Matrix) -> Matrix:
        """What each feature adds to the score of rows `x`, (n, f); (n, f + 1), last the base.

        What is missing counts as nought.  Raises ValueError where `x` has not f columns.
        """
        if x.shape[1] != self.features:
            raise ValueError(f"the trees ask {self.features} features, not {x.shape[1]}")
        found = np.empty((len(x), self.features + 1))
        for row, passed in zip(found, self._passed(x), strict=True):
            value = passed.take(self.asked, mode="clip")
            agrees = (value >= self.least) & (value <= self.most)
            bits = np.bitwise_or.reduce(agrees.view(np.uint8) << self._bits, axis=0)
            added = self.table.take(self._starts + bits, axis=0, mode="clip")
            row[:] = np.bincount(self._to, added.ravel(), self.features + 1)
        found[:, -1] = self.base
        return found

    def _passed(self, x: Matrix) -> npt.NDArray[np.uint16]:
        """(n, f + 1) how many of each feature's cuts each row exceeds; the last column is 0."""
        values = np.where(np.abs(x) > _NOUGHT, x, 0.0)[:, self.cut_of]
        exceeds = np.zeros((len(x), len(self.cuts) + 1), np.uint16)
        np.cumsum(values > self.cuts, axis=1, out=exceeds[:, 1:])
        ends = exceeds[:, self._ends]
        return np.diff(ends, axis=1, prepend=np.uint16(0), append=ends[:, -1:])

    @cached_property
    def _ends(self) -> Ints:
        """(f,) where the cuts of each feature end."""
        ends: Ints = self.cut_of.searchsorted(np.arange(self.features), side="right")
        return ends

    @cached_property
    def _bits(self) -> npt.NDArray[np.uint8]:
        return np.arange(len(self.asked), dtype=np.uint8)[:, None]

    @cached_property
    def _starts(self) -> Ints:
        """(leaves,) where the table of each leaf begins."""
        slots, leaves = self.asked.shape
        starts: Ints = np.arange(leaves) << slots
        return starts

    @cached_property
    def _to(self) -> Ints:
        """(leaves x slots,) the feature of each share in the table."""
        return np.ascontiguousarray(self.asked.T).ravel()


def _cuts(trees: Sequence[Tree]) -> tuple[Ints, Matrix]:
    """The feature and the threshold of every cut, each once, by feature and ascending."""
    every = {cut for tree in trees for cut in zip(tree.feature, tree.threshold, strict=True)}
    ordered = sorted(every)
    return np.array([f for f, _ in ordered], np.int64), np.array([c for _, c in ordered])


def _table(value: Matrix, share: Matrix, asked: Ints) -> Matrix:
    """(leaves x 2^slots, slots) what each slot adds; (leaves,), (slots, leaves), (leaves,)."""
    slots, leaves = share.shape
    table = np.zeros((leaves, 1 << slots, slots))
    ways = np.arange(1 << slots)
    for number in range(1, slots + 1):
        of = np.flatnonzero(asked == number)
        if not len(of):
            continue
        for slot in range(number):
            others = [one for one in range(number) if one != slot]
            sums = _sums(share[others][:, of])
            packed = sum((((ways >> one) & 1) << at for at, one in enumerate(others)), 0 * ways)
            own = ((ways >> slot) & 1) - share[slot, of][:, None]
            table[of, :, slot] = value[of][:, None] * own * sums[:, packed]
    return table.reshape(leaves << slots, slots)


def _sums(share: Matrix) -> Matrix:
    """(leaves, 2^others) by who of the others agrees: the weighted sum over coalitions of them.

    A coalition S of n - 1 others weighs |S|! (n - |S| - 1)! / n!, times what is left of a leaf
    where only S is known: the shares of those outside it, and none where one in it disagrees.
    """
    others, leaves = share.shape
    n = others + 1
    sums = np.empty((leaves, 1 << others))
    for who in range(1 << others):
        outside = [one for one in range(others) if not who >> one & 1]
        inside = others - len(outside)
        sums[:, who] = factorial(inside) * factorial(n - inside - 1) / factorial(n)
        sums[:, who] *= share[outside].prod(axis=0)
    for one in range(others):
        halves = sums.reshape(leaves, -1, 2, 1 << one)
        halves[:, :, 1] += halves[:, :, 0]
    return sums
