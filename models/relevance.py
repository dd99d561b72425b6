"""How likely an officer would call a provider's work at least closely related to a lot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from models import exact
from models.errors import BundleError
from models.ranker import LinearRanker, Matrix, Vector


class Mark(StrEnum):
    """How well a provider's work fits a lot, in a word."""

    STRONG = "strong"
    POSSIBLE = "possible"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Relevance:
    """A logistic model of few weights, fitted on providers that people graded by reading.

    A provider is a strong match from the probability `strong` on, a possible one from `possible`
    on, and otherwise a weak one, which is not listed.
    """

    log_odds: LinearRanker
    strong: float = 0.4
    possible: float = 0.06

    def __post_init__(self) -> None:
        """Refuse levels out of order."""
        if not 0 <= self.possible <= self.strong <= 1:
            raise BundleError("the levels of relevance must rise from 0 to 1")

    def probability(self, x: Matrix) -> Vector:
        """(n,) the probability for rows whose columns are the features of `log_odds`."""
        odds = np.clip(exact.to_places(self.log_odds.score(x)), -30, 30)
        found: Vector = exact.to_places(1 / (1 + np.exp(-odds)))
        return found

    def marks(self, probabilities: Vector) -> npt.NDArray[np.object_]:
        """(n,) the mark of each."""
        levels = np.searchsorted([self.possible, self.strong], probabilities, side="right")
        return np.array([Mark.WEAK, Mark.POSSIBLE, Mark.STRONG], object)[levels]

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {**self.log_odds.to_json(), "strong": self.strong, "possible": self.possible}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Relevance:
        """The model in its JSON form.  Raises BundleError where it is not valid."""
        try:
            levels = [float(saved[name]) for name in ("strong", "possible")]
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BundleError(f"relevance needs 'strong' and 'possible': {error}") from error
        return cls(LinearRanker.from_json(saved), *levels)
