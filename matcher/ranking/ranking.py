"""Candidates that a ranker has put in order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.calibrated_ranker import Fairness

Matrix: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ranking:
    """Candidates in order, best first: one row each, one column a feature."""

    rows: npt.NDArray[np.int64]
    features: tuple[str, ...]
    values: Matrix
    contributions: Matrix
    """what each feature added to the score; the last column is the baseline"""
    scores: npt.NDArray[np.float64]
    likeness: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """(awards,) how similar each known award is, by words and by digits of CPV code"""
    unlike: int = 0
    """candidates below the relevance floor, which are dropped"""
    probabilities: npt.NDArray[np.float64] | None = None
    """that each is a credible supplier; None where the bundle was not calibrated"""
    relevance: npt.NDArray[np.float64] | None = None
    """that an officer would call each at least closely related; None where nothing taught it"""
    marks: tuple[str, ...] = ()
    """what that makes each: 'strong' or 'possible'; none where nothing taught it"""
    fairness: Fairness | None = None
    """the fair share that changed the order, if any"""

    def without(self, rows: npt.NDArray[np.int64]) -> Ranking:
        """The ranking without the candidates in these rows of the register."""
        kept = ~np.isin(self.rows, rows)
        explained = kept[: len(self.contributions)]
        marks = self.marks and tuple(m for m, k in zip(self.marks, kept, strict=True) if k)
        return replace(
            self,
            rows=self.rows[kept],
            values=self.values[kept],
            contributions=self.contributions[explained],
            scores=self.scores[kept],
            probabilities=None if self.probabilities is None else self.probabilities[kept],
            relevance=None if self.relevance is None else self.relevance[kept],
            marks=marks,
        )
