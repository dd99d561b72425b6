"""Points on the British National Grid (EPSG:27700, metres), and conversions to and from it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.core.errors import BadInput

if TYPE_CHECKING:
    from pyproj import Transformer

Metres: TypeAlias = NDArray[np.int32]

BRITISH_GRID = "EPSG:27700"
IRISH_GRID = "EPSG:29902"
WGS84 = "EPSG:4326"


@overload
def km(east1: float, north1: float, east2: float, north2: float) -> float: ...
@overload
def km(
    east1: ArrayLike, north1: ArrayLike, east2: ArrayLike, north2: ArrayLike
) -> NDArray[np.float64]: ...
def km(
    east1: ArrayLike, north1: ArrayLike, east2: ArrayLike, north2: ArrayLike
) -> float | NDArray[np.float64]:
    """Kilometres in a straight line between points in metres; shapes broadcast.

    >>> km(0, 0, 3000, 4000)
    5.0
    """
    x = np.subtract(east1, east2, dtype=np.float64)
    y = np.subtract(north1, north2, dtype=np.float64)
    distance = np.hypot(x, y) / 1000.0
    return float(distance) if np.ndim(distance) == 0 else np.asarray(distance)


def to_latlon(east: float, north: float) -> tuple[float, float]:
    """Latitude and longitude in degrees of a point in metres, accurate to a few metres."""
    longitude, latitude = _transformer(BRITISH_GRID, WGS84).transform(east, north)
    return float(latitude), float(longitude)


def from_latlon(latitude: float, longitude: float) -> tuple[int, int]:
    """Easting and northing in metres of a latitude and longitude in degrees.

    Raises BadInput where the point is not in or near the United Kingdom.
    """
    if not (49.0 <= latitude <= 61.5 and -9.5 <= longitude <= 2.5):
        raise BadInput(
            f"latitude {latitude}, longitude {longitude} is not in the United Kingdom: "
            "latitude must be 49 to 61.5 and longitude -9.5 to 2.5 degrees, in that order"
        )
    east, north = _transformer(WGS84, BRITISH_GRID).transform(longitude, latitude)
    return round(east), round(north)


def from_irish_grid(east: ArrayLike, north: ArrayLike) -> tuple[Metres, Metres]:
    """Points on the Irish Grid, in metres, as points on the British National Grid."""
    moved = _transformer(IRISH_GRID, BRITISH_GRID).transform(np.asarray(east), np.asarray(north))
    return np.rint(moved[0]).astype(np.int32), np.rint(moved[1]).astype(np.int32)


@cache
def _transformer(source: str, target: str) -> Transformer:
    # pyproj is slow to import, and most runs use only the British grid.
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


NOWHERE = -(2**31)
"""The easting and northing of a place that is not known."""
