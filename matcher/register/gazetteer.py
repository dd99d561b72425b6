"""The register as its own gazetteer: where a place lies that a lot only names.

A notice often says where in words alone.  The providers that carry a place's name lie there.
"""

from __future__ import annotations

import numpy as np

from matcher.core.types import Lot
from matcher.geo.geocoding import Spot, spot_named, spot_of_area_named
from matcher.geo.national_grid import NOWHERE, Metres
from matcher.register.analysis import DESCRIPTION
from matcher.register.register import Register
from models.background import Background

_NONE = np.empty(0, np.int32)


def spot_of_words(register: Register, lot: Lot, background: Background) -> Spot | None:
    """The place that the lot's words name, else the one that its buyer's name does, or None."""
    columns = register.columns

    def sites(stem: str) -> tuple[Metres, Metres]:
        rows = _NONE if background.is_common(stem) else register.told.rows_with(stem)
        rows = rows[columns.east[rows] != NOWHERE]
        return columns.east[rows], columns.north[rows]

    for said in (f"{lot.title}\n{lot.description[:DESCRIPTION]}", lot.buyer):
        spot = spot_named(said, sites) or spot_of_area_named(
            said, register.councils, register.postcodes
        )
        if spot is not None:
            return spot
    return None
