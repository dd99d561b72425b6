"""A fair share for new entrants: among near-equals, those without a record get their turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.errors import BundleError


@dataclass(frozen=True, slots=True)
class Fairness:
    """`share` of places are for the new, as long as one scores no more than `margin` lower."""

    share: float
    margin: float

    def to_json(self) -> dict[str, float]:
        """A JSON-ready form."""
        return {"share": self.share, "margin": self.margin}

    @classmethod
    def from_json(cls, saved: dict[str, float]) -> Fairness:
        """What `to_json` wrote.  Raises BundleError where it is not one."""
        try:
            found = cls(float(saved["share"]), float(saved["margin"]))
        except (KeyError, TypeError, ValueError, OverflowError) as wrong:
            raise BundleError(f"a fair share needs 'share' and 'margin': {wrong}") from wrong
        if not (0 <= found.share <= 1 and 0 <= found.margin < float("inf")):
            raise BundleError("a fair share lies from 0 to 1, and its margin is not below 0")
        return found


def fair_order(
    scores: npt.NDArray[np.float64], new: npt.NDArray[np.bool_], fairness: Fairness
) -> npt.NDArray[np.int64]:
    """Positions, (n,), best first: the order of `scores` (falling), the new moved up a little.

    Place by place: where the new have fewer places so far than their share, the next of them
    goes before the next of the others if it is near-equal to it.  Within each of the two
    groups the order stays.
    """
    fresh, known = np.flatnonzero(new).tolist(), np.flatnonzero(~new).tolist()
    order: list[int] = []
    taken = a = b = 0
    while a < len(fresh) and b < len(known):
        ahead = fresh[a] < known[b]
        near = scores[fresh[a]] >= scores[known[b]] - fairness.margin
        due = taken < fairness.share * (len(order) + 1)
        if ahead or (near and due):
            order.append(fresh[a])
            a, taken = a + 1, taken + 1
        else:
            order.append(known[b])
            b += 1
    return np.array([*order, *fresh[a:], *known[b:]], np.int64)
