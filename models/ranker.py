"""Rankers: arrays of features in, scores and their contributions out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from models.errors import BundleError

Matrix: TypeAlias = npt.NDArray[np.float64]
Vector: TypeAlias = npt.NDArray[np.float64]


class Ranker(Protocol):
    """Scores rows of features; higher is better."""

    @property
    def features(self) -> tuple[str, ...]:
        """The columns of X, in order."""

    def score(self, x: Matrix) -> Vector:
        """Scores, shape (n,), of feature rows `x`, shape (n, f)."""

    def contributions(self, x: Matrix) -> Matrix:
        """What each feature adds, shape (n, f + 1); the last column is the base.

        Each row adds up to the row's score.
        """


@dataclass(frozen=True, slots=True)
class LinearRanker:
    """A weighted sum of features; weights set by hand or learned."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    base: float = 0.0

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> LinearRanker:
        """The ranker that `to_json` wrote.  Raises BundleError where it is not one."""
        try:
            weights = {str(k): float(v) for k, v in saved["weights"].items()}
            base = float(saved["base"])
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as wrong:
            raise BundleError(f"a linear ranker needs 'weights' and 'base': {wrong}") from wrong
        if not np.all(np.isfinite([base, *weights.values()])):
            raise BundleError("a linear ranker's weights must be finite numbers")
        return cls(tuple(weights), tuple(weights.values()), base)

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready form."""
        return {
            "kind": "linear",
            "weights": dict(zip(self.features, self.weights, strict=True)),
            "base": self.base,
        }

    def score(self, x: Matrix) -> Vector:
        """The contributions' sum, shape (n,)."""
        total: Vector = self.contributions(x).sum(axis=1)
        return total

    def contributions(self, x: Matrix) -> Matrix:
        """Weight times feature, and the base, shape (n, f + 1)."""
        base = np.full((len(x), 1), self.base)
        return np.hstack([x * np.array(self.weights), base])
