"""Town or country, as far as postcodes tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.geo.geocoding import Spot
from matcher.geo.postcodes import PostcodeTable

_KM = 1000
_AROUND = 2
"""Squares of a kilometre to each side: five by five."""
_TOWN = 1000
"""Postcodes in them that make a town; a postcode holds some fifteen homes."""
_EAST, _NORTH = 700, 1300


@dataclass(frozen=True)
class PopulationDensity:
    """How many postcodes lie in each square of a kilometre."""

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
        """'urban' where a thousand postcodes or more lie in the 5 km square around."""
        at = (spot.east // _KM, spot.north // _KM)
        beside = [slice(max(0, one - _AROUND), max(0, one + _AROUND + 1)) for one in at]
        return "urban" if int(self.squares[beside[0], beside[1]].sum()) >= _TOWN else "rural"
