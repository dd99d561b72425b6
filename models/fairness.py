"""The fair share: gives providers without past contracts places among similar scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.errors import BundleError


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
