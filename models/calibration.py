"""From a rank score to a probability, by what came true in months held back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from models.errors import BundleError

Vector: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising line through points: rank score → probability, flat beyond the first and last."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    @classmethod
    def learn(cls, scores: Vector, came_true: npt.NDArray[np.bool_]) -> Calibration:
        """Isotonic regression of what came true on the score, both shape (n,).

        Raises BundleError where n is nought.
        """
        from sklearn.isotonic import IsotonicRegression  # takes seconds; only learning needs it

        if not len(scores):
            raise BundleError("there is too little held back to learn what a score means")
        fit = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, came_true)
        x, y = np.round(fit.X_thresholds_, 6), np.round(fit.y_thresholds_, 6)
        first = np.concatenate([[True], np.diff(x) > 0])
        return cls(tuple(x[first].tolist()), tuple(np.maximum.accumulate(y[first]).tolist()))

    def probability(self, scores: Vector) -> Vector:
        """(n,) the probability at each score."""
        found: Vector = np.interp(scores, self.scores, self.probabilities)
        return found

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready form."""
        return {"scores": list(self.scores), "probabilities": list(self.probabilities)}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Calibration:
        """What `to_json` wrote.  Raises BundleError where it is not a rising line."""
        try:
            x = np.array(saved["scores"], np.float64)
            y = np.array(saved["probabilities"], np.float64)
        except (KeyError, TypeError, ValueError, OverflowError) as wrong:
            raise BundleError(f"a calibration is damaged ({wrong})") from wrong
        rising = x.ndim == 1 and x.shape == y.shape and len(x) > 0
        if not (rising and (np.diff(x) > 0).all() and (np.diff(y) >= 0).all()):
            raise BundleError("a calibration must rise")
        if not (np.isfinite(x).all() and y[0] >= 0 and y[-1] <= 1):
            raise BundleError("a calibration must give probabilities from 0 to 1")
        return cls(tuple(x.tolist()), tuple(y.tolist()))
