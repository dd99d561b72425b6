"""Points on the British National Grid (EPSG:27700, metres), and conversions to and from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.core.arrays import mapped, places_in
from matcher.core.errors import BadInput, RegisterError

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


Keys: TypeAlias = NDArray[np.uint64]
Numbers: TypeAlias = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Points:
    """Points with ascending `keys`; `east` and `north` in metres; number of `council`; all (n,)."""

    keys: Keys
    east: Metres
    north: Metres
    council: Numbers

    @classmethod
    def open(cls, folder: Path, stem: str) -> Points:
        """Open the arrays saved as `stem` in `folder`.  Raises RegisterError if unreadable."""
        return cls(*(_mapped(folder / f"{stem}-{part}.npy") for part in cls.__slots__))

    def save(self, folder: Path, stem: str) -> None:
        """Write the arrays into `folder` as `stem`."""
        for part in self.__slots__:
            np.save(folder / f"{stem}-{part}.npy", getattr(self, part), allow_pickle=False)

    def find(self, key: int) -> int:
        """The row of `key`, or -1 where there is none."""
        row = int(self.keys.searchsorted(np.uint64(key)))
        return row if row < len(self.keys) and int(self.keys[row]) == key else -1

    def find_many(self, keys: Keys) -> NDArray[np.intp]:
        """(n,) the row of each of `keys`, or -1 where there is none."""
        return places_in(keys, self.keys)

    def centres(self, keys: Keys) -> Points:
        """The median point and most common council of each distinct key in `keys` (n,)."""
        order = np.argsort(keys, kind="stable")
        distinct, starts = np.unique(keys[order], return_index=True)
        groups = np.split(order, starts[1:])
        return Points(
            distinct,
            np.array([np.median(self.east[rows]) for rows in groups], np.int32),
            np.array([np.median(self.north[rows]) for rows in groups], np.int32),
            np.array([np.bincount(self.council[rows]).argmax() for rows in groups], np.uint16),
        )


def _mapped(path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = mapped(path)
    except (OSError, ValueError) as error:
        raise RegisterError(f"{path} cannot be read: compile the table again") from error
    return array
