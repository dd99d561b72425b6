"""Distances on the National Grid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats
from matcher.geo.geocoding import Spot
from matcher.geo.national_grid import NOWHERE


def distance_km(
    east: npt.NDArray[np.integer], north: npt.NDArray[np.integer], spot: Spot
) -> Floats:
    """Kilometres from each point to `spot`; infinite where a point is not known."""
    way: Floats = np.subtract(east, np.float32(spot.east), dtype=np.float32)
    along = np.subtract(north, np.float32(spot.north), dtype=np.float32)
    way *= way
    along *= along
    way += along
    np.sqrt(way, out=way)
    way /= np.float32(1000)
    way[east == NOWHERE] = np.inf
    return way
