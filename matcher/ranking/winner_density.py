"""How many winners of similar contracts are based near each candidate.

A contract in a village is often won from nearby, whatever the buyer's postcode is.  Past winners
show where such suppliers are based, which helps for candidates without a contract too.
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
"""The distance at which a winner counts half."""
_NEAR = NEAR_KM * 1000
_NEAR_STEPS, _SHARE_BITS = float(1 << 26), 24
"""Shares add up to one, so a double holds every sum of their products exactly."""
_MOST = 60
"""The most winners to use, those of the contracts most similar to the lot."""


def winner_density(register: Register, rows: Ints, alike: Floats, sharpness: int) -> Floats:
    """(rows,) the share of winners based near each row, from 0 to 1; 0 where a place is unknown.

    `alike` (one per known award), raised to the power `sharpness`, is the award's weight.  Joint
    winners of an award share it.
    """
    chosen = best(alike, _MOST, lambda award: award)
    at, winner = register.winners.of_many(chosen)
    around = np.zeros(len(rows), np.float32)
    if not len(at):
        return around
    joint = np.bincount(at, minlength=len(chosen))
    sharpened = exact.power(alike[chosen] / alike[chosen].max(), sharpness)
    weight = (sharpened / np.maximum(joint, 1))[at]
    most = np.argsort(-weight, kind="stable")[:_MOST]
    winner, weight = winner[most], weight[most]
    c = register.columns
    winner_placed = c.east[winner] != NOWHERE
    placed = np.flatnonzero(c.east[rows] != NOWHERE)
    if not winner_placed.any() or not len(placed):
        return around
    winners, ours = _metres(c, winner[winner_placed]), _metres(c, rows[placed])
    near = _squared_distances(winners, ours)
    np.divide(_NEAR**2 * _NEAR_STEPS, near, out=near)
    np.rint(near, out=near)
    share = exact.on_grid(weight[winner_placed] / fsum(weight.tolist()), _SHARE_BITS)
    around[placed] = (share @ near) / _NEAR_STEPS
    return around


def _metres(columns: Columns, rows: Ints) -> npt.NDArray[np.float64]:
    """(n, 2) metres east and north of each row."""
    return np.stack([columns.east[rows], columns.north[rows]], axis=1).astype(np.float64)


def _squared_distances(
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
