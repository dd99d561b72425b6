"""Whether a place is urban or rural, by the density of postcodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.geo.geocoding import Spot
from matcher.geo.postcodes import PostcodeTable

_KM = 1000
_AROUND = 2
"""Kilometre squares to each side, so five by five."""
_TOWN = 1000
"""Postcodes that make it urban; a postcode has some fifteen homes."""
_EAST, _NORTH = 700, 1300


@dataclass(frozen=True)
class PopulationDensity:
    """The number of postcodes in each square of a kilometre."""

    squares: npt.NDArray[np.int32]
    """(east, north) kilometres"""

    @classmethod
    def count(cls, table: PostcodeTable) -> PopulationDensity:
        """Count the postcodes of a table."""
        east = np.clip(np.asarray(table.postcodes.east) // _KM, 0, _EAST - 1)
        north = np.clip(np.asarray(table.postcodes.north) // _KM, 0, _NORTH - 1)
        counted = np.bincount(east.astype(np.int64) * _NORTH + north, minlength=_EAST * _NORTH)
        return cls(counted.astype(np.int32).reshape(_EAST, _NORTH))

    def of(self, spot: Spot) -> str:
        """'urban' with a thousand postcodes or more in the surrounding 5 km square."""
        at = (spot.east // _KM, spot.north // _KM)
        beside = [slice(max(0, one - _AROUND), max(0, one + _AROUND + 1)) for one in at]
        return "urban" if int(self.squares[beside[0], beside[1]].sum()) >= _TOWN else "rural"
