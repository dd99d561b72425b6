"""Who lies near others: how thick winners of such contracts are around each candidate.

A lot in a village is won from that village and the next, whatever the buyer's postcode says;
those who won before show where such suppliers sit, also for candidates who never won.
"""

from __future__ import annotations

from math import fsum

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats, Ints
from matcher.geo.national_grid import NOWHERE
from matcher.register.columns import Columns
from matcher.register.register import Register
from matcher.register.rows import best
from models import exact

NEAR_KM = 8.0
"""Where a neighbour counts half."""
_NEAR = NEAR_KM * 1000
_NEAR_BITS, _SHARE_BITS = 26, 24
"""Shares add up to one, so a double holds every sum of their products exactly."""
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
    likest = exact.power(alike[chosen] / alike[chosen].max(), sharpness)
    weight = (likest / np.maximum(joint, 1))[at]
    most = np.argsort(-weight, kind="stable")[:_MOST]
    winner, weight = winner[most], weight[most]
    c = register.columns
    known = c.east[winner] != NOWHERE
    placed = np.flatnonzero(c.east[rows] != NOWHERE)
    if not known.any() or not len(placed):
        return around
    winners, ours = _metres(c, winner[known]), _metres(c, rows[placed])
    near = exact.on_grid(_NEAR**2 / _apart(winners, ours), _NEAR_BITS)
    share = exact.on_grid(weight[known] / fsum(weight.tolist()), _SHARE_BITS)
    around[placed] = share @ near
    return around


def _metres(columns: Columns, rows: Ints) -> npt.NDArray[np.float64]:
    """(n, 2) where each row is: metres east and north."""
    return np.stack([columns.east[rows], columns.north[rows]], axis=1).astype(np.float64)


def _apart(
    some: npt.NDArray[np.float64], others: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(some, others) the squared distance of each two plus that of `NEAR_KM`, square metres.

    Whole numbers under 2**53 throughout: exact, in whatever order they are added.
    """
    ones = np.ones((len(some), 1)), np.ones((len(others), 1))
    far = [(at * at).sum(axis=1, keepdims=True) for at in (some, others)]
    left = np.hstack([some, far[0] + _NEAR**2, ones[0]])
    together: npt.NDArray[np.float64] = left @ np.hstack([-2 * others, ones[1], far[1]]).T
    return together
