"""A ranker with what its scores mean: the floor, the probability and the fair share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from models import exact
from models.errors import BundleError
from models.ranker import LinearRanker, Matrix, Ranker, Vector
from models.relevance import Relevance


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


@dataclass(frozen=True)
class Floor:
    """The relevance floor: a provider whose `relevance` is below `minimum` is not listed."""

    relevance: LinearRanker
    minimum: float = float("-inf")


@dataclass(frozen=True)
class CalibratedRanker:
    """A ranker with its relevance floor, the meaning of its scores and its fair share."""

    ranker: Ranker
    floor: Floor
    calibration: Calibration | None = None
    fairness: Fairness | None = None
    prefilter: tuple[str, ...] = ()
    """Features whose sum decides which candidates are ranked, lowest first; all are if empty."""
    relevance: Relevance | None = None
    """Replaces the floor in bundles trained with people's judgements."""

    @cached_property
    def features(self) -> tuple[str, ...]:
        """All features that it reads: the ranker's, then the others of the floor or relevance."""
        return tuple(dict.fromkeys((*self.ranker.features, *self._listing_features)))

    @property
    def _listing_features(self) -> tuple[str, ...]:
        """What decides who is listed reads these."""
        return self.relevance.features if self.relevance else self.floor.relevance.features

    def ranked(self, x: Matrix) -> Matrix:
        """The ranker's columns of `x`, whose columns are `features`."""
        return x[:, : len(self.ranker.features)]

    def is_relevant(self, x: Matrix, likely: Vector | None = None) -> npt.NDArray[np.bool_]:
        """(n,) whether each row of `x`, whose columns are `features`, may be listed.

        `likely` is what `relevance_of` gives for the same rows, where it is known already.
        """
        likely = self.relevance_of(x) if likely is None else likely
        if self.relevance is not None and likely is not None:
            listed: npt.NDArray[np.bool_] = likely >= self.relevance.possible
            return listed
        relevance = exact.to_places(self.floor.relevance.score(x[:, self._floor_columns]))
        relevant: npt.NDArray[np.bool_] = relevance >= self.floor.minimum
        return relevant

    def prefilter_values(self, x: Matrix) -> Matrix:
        """(n, names) the columns of `x`, whose columns are `features`, that `prefilter` names."""
        return x[:, [self.features.index(name) for name in self.prefilter]]

    def relevance_of(self, x: Matrix) -> npt.NDArray[np.float64] | None:
        """(n,) the probability that each row of `x` is relevant; None where nothing taught it."""
        if self.relevance is None:
            return None
        return self.relevance.probability(x[:, self._floor_columns])

    def marks(self, relevance: npt.NDArray[np.float64] | None) -> tuple[str, ...]:
        """The mark for each probability of `relevance_of`; none where there are none."""
        if self.relevance is None or relevance is None:
            return ()
        return tuple(mark.value for mark in self.relevance.marks(relevance).tolist())

    @cached_property
    def _floor_columns(self) -> list[int]:
        """The indices of the floor's features in `features`."""
        return [self.features.index(name) for name in self._listing_features]


@dataclass(frozen=True, slots=True)
class Fairness:
    """New providers get the `share` of places, if they score at most `margin` lower."""

    share: float
    margin: float

    def to_json(self) -> dict[str, float]:
        """The JSON form."""
        return {"share": self.share, "margin": self.margin}

    @classmethod
    def from_json(cls, saved: dict[str, float]) -> Fairness:
        """The fair share in its JSON form.  Raises BundleError where it is not valid."""
        try:
            fairness = cls(float(saved["share"]), float(saved["margin"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BundleError(f"a fair share needs 'share' and 'margin': {error}") from error
        if not (0 <= fairness.share <= 1 and 0 <= fairness.margin < float("inf")):
            raise BundleError("a fair share must be from 0 to 1, and its margin 0 or more")
        return fairness


def fair_order(
    scores: npt.NDArray[np.float64], new: npt.NDArray[np.bool_], fairness: Fairness
) -> npt.NDArray[np.int64]:
    """(n,) positions, best first: in the order of `scores` (descending), with new ones moved up.

    For each place: if the new providers have fewer places so far than their share, the next of
    them goes before the next of the others, provided that its score is within the margin. The
    order inside each of the two groups does not change.
    """
    new_rows, other_rows = np.flatnonzero(new).tolist(), np.flatnonzero(~new).tolist()
    order: list[int] = []
    taken = a = b = 0
    while a < len(new_rows) and b < len(other_rows):
        ahead = new_rows[a] < other_rows[b]
        near = scores[new_rows[a]] >= scores[other_rows[b]] - fairness.margin
        due = taken < fairness.share * (len(order) + 1)
        if ahead or (near and due):
            order.append(new_rows[a])
            a, taken = a + 1, taken + 1
        else:
            order.append(other_rows[b])
            b += 1
    return np.array([*order, *new_rows[a:], *other_rows[b:]], np.int64)
