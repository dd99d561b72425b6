"""A ranker that adds the scores of two others, so that each may be learned from other evidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.ranker import LinearRanker, Matrix, Vector
from models.trees import TreesRanker


@dataclass(frozen=True)
class BlendedRanker:
    """Trees learned from awards, plus a weighted sum learned from people's judgements."""

    trees: TreesRanker
    judged: LinearRanker

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The features of the trees, then those that only the weighted sum reads."""
        return tuple(dict.fromkeys((*self.trees.features, *self.judged.features)))

    def score(self, x: Matrix) -> Vector:
        """(n,) the sum of both scores."""
        total: Vector = self.trees.score(x[:, : self._of_trees]) + self.judged.score(
            x[:, self._judged_columns]
        )
        return total

    def contributions(self, x: Matrix) -> Matrix:
        """(n, f + 1) what each feature adds in both; the last column is the base."""
        added = np.zeros((len(x), len(self.features) + 1))
        trees = self.trees.contributions(x[:, : self._of_trees])
        judged = self.judged.contributions(x[:, self._judged_columns])
        added[:, : self._of_trees] = trees[:, :-1]
        added[:, self._judged_columns] += judged[:, :-1]
        added[:, -1] = trees[:, -1] + judged[:, -1]
        return added

    def gains(self) -> dict[str, float]:
        """Each feature's share of the gain of the trees' splits in training."""
        return self.trees.gains()

    @property
    def _of_trees(self) -> int:
        return len(self.trees.features)

    @cached_property
    def _judged_columns(self) -> list[int]:
        """The indices in `features` of those that the weighted sum reads; none twice."""
        return [self.features.index(name) for name in self.judged.features]
