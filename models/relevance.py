"""How likely an officer would call a provider's work at least closely related to a lot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from models import exact
from models.errors import BundleError
from models.ranker import LinearRanker, Matrix, Vector
from models.trees import TreesRanker


class Mark(StrEnum):
    """How well a provider's work fits a lot, in a word."""

    STRONG = "strong"
    POSSIBLE = "possible"
    WEAK = "weak"


@dataclass(frozen=True)
class Relevance:
    """A logistic model of few weights, fitted on providers that people graded by reading.

    Its log odds are a weighted sum of features and, where there is one, of the score of a ranker
    that reads only what providers do (`work`, times `work_weight`).  A provider is a strong match
    from the probability `strong` on, a possible one from `possible` on, and otherwise a weak one,
    which is listed only on request.
    """

    log_odds: LinearRanker
    strong: float = 0.5
    possible: float = 0.2
    work: TreesRanker | None = None
    work_weight: float = 0.0

    def __post_init__(self) -> None:
        """Refuse levels out of order, and a weight without what it weighs."""
        if not 0 <= self.possible <= self.strong <= 1:
            raise BundleError("the levels of relevance must rise from 0 to 1")
        if (self.work is None) != (self.work_weight == 0) or not np.isfinite(self.work_weight):
            raise BundleError("relevance needs a weight of its ranker if and only if it has one")

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The columns of the rows that it reads: those of the weighted sum come first."""
        work = self.work.features if self.work else ()
        return tuple(dict.fromkeys((*self.log_odds.features, *work)))

    def probability(self, x: Matrix) -> Vector:
        """(n,) the probability for rows whose columns are `features`."""
        odds = self.log_odds.score(x[:, : len(self.log_odds.features)])
        if self.work:
            odds = odds + self.work_weight * self.work.score(x[:, self._work_columns])
        odds = np.clip(exact.to_places(odds), -30, 30)
        found: Vector = exact.to_places(1 / (1 + np.exp(-odds)))
        return found

    @cached_property
    def _work_columns(self) -> list[int]:
        """The indices in `features` of those that `work` reads."""
        return [self.features.index(name) for name in self.work.features] if self.work else []

    def marks(self, probabilities: Vector) -> npt.NDArray[np.object_]:
        """(n,) the mark of each."""
        levels = np.searchsorted([self.possible, self.strong], probabilities, side="right")
        return np.array([Mark.WEAK, Mark.POSSIBLE, Mark.STRONG], object)[levels]

    def to_json(self) -> dict[str, Any]:
        """The JSON form, without the trees of `work`."""
        levels = {"strong": self.strong, "possible": self.possible}
        work = {"work_weight": self.work_weight} if self.work else {}
        return {**self.log_odds.to_json(), **levels, **work}

    @classmethod
    def from_json(cls, saved: dict[str, Any], work: TreesRanker | None = None) -> Relevance:
        """The model in its JSON form, with its trees.  Raises BundleError where it is not valid."""
        try:
            strong, possible = (float(saved[name]) for name in ("strong", "possible"))
            weight = float(saved.get("work_weight", 0))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BundleError(f"relevance needs 'strong' and 'possible': {error}") from error
        return cls(LinearRanker.from_json(saved), strong, possible, work, weight)
