"""Finds the place that a lot only names, from the sites of providers whose name or profile has it.

Many notices give the place of the work only in words.
"""

from __future__ import annotations

import numpy as np

from matcher.core.types import Lot
from matcher.geo.geocoding import Spot
from matcher.geo.named_spots import spot_named, spot_of_area_named
from matcher.geo.national_grid import NOWHERE, Metres
from matcher.register.analysis import DESCRIPTION
from matcher.register.register import Register
from models.background import Background

_NO_ROWS = np.empty(0, np.int32)


def spot_of_words(register: Register, lot: Lot, background: Background) -> Spot | None:
    """The place that the lot's text names, else the one that its buyer's name has, or None."""
    columns = register.columns

    def sites(stem: str) -> tuple[Metres, Metres]:
        index = register.names_and_profiles
        rows = _NO_ROWS if background.is_common(stem) else index.rows_with(stem)
        rows = rows[columns.east[rows] != NOWHERE]
        return columns.east[rows], columns.north[rows]

    for text in (f"{lot.title}\n{lot.description[:DESCRIPTION]}", lot.buyer):
        spot = spot_named(text, sites, register.councils) or spot_of_area_named(
            text, register.councils, register.postcodes
        )
        if spot is not None:
            return spot
    return None
