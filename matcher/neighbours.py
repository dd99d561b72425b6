"""Who lies near others: how thick winners of such contracts are around each candidate.

A lot in a village is won from that village and the next, whatever the buyer's postcode says;
those who won before show where such suppliers sit, also for candidates who never won.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.index import best
from matcher.register import NOWHERE, Register

Floats: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]

NEAR_KM = np.float32(8)
"""Where a neighbour counts half."""
_MOST = 120
"""How many winners are looked at, those of the contracts most like the lot."""


def thickness(register: Register, rows: Ints, alike: Floats, sharpness: int) -> Floats:
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
    east, north = _km(c.east[winner[known]]), _km(c.north[winner[known]])
    way = np.square(_km(c.east[rows[placed]]) - east[:, None])
    way += np.square(_km(c.north[rows[placed]]) - north[:, None])
    way /= NEAR_KM * NEAR_KM
    way += 1
    near = np.reciprocal(way, out=way)
    around[placed] = (weight[known] / weight.sum()).astype(np.float32) @ near
    return around


def _km(metres: npt.NDArray[np.integer]) -> Floats:
    return metres.astype(np.float32) / np.float32(1000)
