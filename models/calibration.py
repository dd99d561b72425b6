"""Turns a ranker's scores into probabilities, learned from awards held back from training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from models import exact
from models.errors import BundleError

Vector: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising line of straight pieces: score → probability, flat before and after its points."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    @classmethod
    def learn(cls, scores: Vector, won: npt.NDArray[np.bool_]) -> Calibration:
        """Isotonic regression of `won` on `scores`, (n,) each.

        Raises BundleError where n is 0.
        """
        from sklearn.isotonic import IsotonicRegression  # slow to import; only training uses it

        if not len(scores):
            raise BundleError("no awards were held back, so scores cannot be calibrated")
        fit = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, won)
        x, y = np.round(fit.X_thresholds_, 6), np.round(fit.y_thresholds_, 6)
        first = np.concatenate([[True], np.diff(x) > 0])
        return cls(tuple(x[first].tolist()), tuple(np.maximum.accumulate(y[first]).tolist()))

    def probability(self, scores: Vector) -> Vector:
        """(n,) the probability at each score, to six decimal places."""
        return exact.to_places(np.interp(scores, self.scores, self.probabilities))

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"scores": list(self.scores), "probabilities": list(self.probabilities)}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Calibration:
        """The calibration in its JSON form.  Raises BundleError where it does not rise."""
        try:
            x = np.array(saved["scores"], np.float64)
            y = np.array(saved["probabilities"], np.float64)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BundleError(f"a calibration is damaged ({error})") from error
        rising = x.ndim == 1 and x.shape == y.shape and len(x) > 0
        if not (rising and (np.diff(x) > 0).all() and (np.diff(y) >= 0).all()):
            raise BundleError("a calibration must rise")
        if not (np.isfinite(x).all() and y[0] >= 0 and y[-1] <= 1):
            raise BundleError("a calibration must give probabilities from 0 to 1")
        return cls(tuple(x.tolist()), tuple(y.tolist()))
