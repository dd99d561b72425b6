"""Who lies near others: how thick winners of such contracts are around each candidate.

A lot in a village is won from that village and the next, whatever the buyer's postcode says;
those who won before show where such suppliers sit, also for candidates who never won.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats, Ints
from matcher.geo.national_grid import NOWHERE
from matcher.register.columns import Columns
from matcher.register.register import Register
from matcher.register.rows import best

NEAR_KM = 8.0
"""Where a neighbour counts half."""
_MOST = 60
"""How many winners are looked at, those of the contracts most like the lot."""


def winner_density(register: Register, rows: Ints, alike: Floats, sharpness: int) -> Floats:
    """(rows,) how much of the winners of awards lies around each row; from 0 to 1.

    `alike` (one a known award) says how much each counts, sharpened; the joint winners of an
    award share its count.  0 where a place is not known.
    """
    chosen = best(alike, _MOST, lambda award: award)
    at, winner = register.winners.of_many(chosen)
    around = np.zeros(len(rows), np.float32)
    if not len(at):
        return around
    joint = np.bincount(at, minlength=len(chosen))
    weight = ((alike[chosen] / alike[chosen].max()) ** sharpness / np.maximum(joint, 1))[at]
    most = np.argsort(-weight, kind="stable")[:_MOST]
    winner, weight = winner[most], weight[most]
    c = register.columns
    known = c.east[winner] != NOWHERE
    placed = np.flatnonzero(c.east[rows] != NOWHERE)
    if not known.any() or not len(placed):
        return around
    winners, ours = _km(c, winner[known]), _km(c, rows[placed])
    way = _apart(winners, ours).astype(np.float32)
    near = np.reciprocal(way, out=way)
    share = NEAR_KM**2 * weight[known] / weight.sum()
    around[placed] = share.astype(np.float32) @ near
    return around


def _km(columns: Columns, rows: Ints) -> npt.NDArray[np.float64]:
    """(n, 2) where each row lies, east and north."""
    return np.stack([columns.east[rows], columns.north[rows]], axis=1) / 1000


def _apart(
    some: npt.NDArray[np.float64], others: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(some, others) the square of the way between each two, and of `NEAR_KM`, together."""
    ones = np.ones((len(some), 1)), np.ones((len(others), 1))
    far = [(at * at).sum(axis=1, keepdims=True) for at in (some, others)]
    left = np.hstack([some, far[0] + NEAR_KM**2, ones[0]])
    together: npt.NDArray[np.float64] = left @ np.hstack([-2 * others, ones[1], far[1]]).T
    return together
