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
    """Kilometres from each point to `spot`; infinite where the point is not known."""
    distance: Floats = np.subtract(east, np.float32(spot.east), dtype=np.float32)
    north_south = np.subtract(north, np.float32(spot.north), dtype=np.float32)
    distance *= distance
    north_south *= north_south
    distance += north_south
    np.sqrt(distance, out=distance)
    distance /= np.float32(1000)
    distance[east == NOWHERE] = np.inf
    return distance
