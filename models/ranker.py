"""Rankers: score rows of features and split each score into the features' contributions."""

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
        """The names of the columns of `x`, in order."""

    def score(self, x: Matrix) -> Vector:
        """Scores, shape (n,), of feature rows `x`, shape (n, f)."""

    def contributions(self, x: Matrix) -> Matrix:
        """The contribution of each feature, shape (n, f + 1); the last column is the base.

        The sum of a row is its score.
        """


@dataclass(frozen=True, slots=True)
class LinearRanker:
    """A weighted sum of features."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    base: float = 0.0

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> LinearRanker:
        """The ranker in its JSON form.  Raises BundleError where it is not valid."""
        try:
            weights = {str(k): float(v) for k, v in saved["weights"].items()}
            base = float(saved["base"])
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise BundleError(f"a linear ranker needs 'weights' and 'base': {error}") from error
        if not np.all(np.isfinite([base, *weights.values()])):
            raise BundleError("a linear ranker's weights must be finite numbers")
        return cls(tuple(weights), tuple(weights.values()), base)

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "kind": "linear",
            "weights": dict(zip(self.features, self.weights, strict=True)),
            "base": self.base,
        }

    def score(self, x: Matrix) -> Vector:
        """(n,) the sum of the contributions."""
        total: Vector = self.contributions(x).sum(axis=1)
        return total

    def contributions(self, x: Matrix) -> Matrix:
        """(n, f + 1) weight times feature; the last column is the base."""
        base = np.full((len(x), 1), self.base)
        return np.hstack([x * np.array(self.weights), base])
