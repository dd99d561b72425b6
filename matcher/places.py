"""Where a lot is, in which area, and under which nation's law its buyer stands.

The notice may give a postcode of delivery, the name or code of an area, neither, or 'Any
region'; then the buyer's own place stands in.  The answer always says which it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matcher.councils import Area, Councils
from matcher.grid import from_latlon, km, to_latlon
from matcher.postcode_text import tidy_postcode
from matcher.postcodes import How, Point, PostcodeTable
from matcher.types import Lot

__all__ = ["LotPlace", "Spot", "from_latlon", "km", "place_of", "to_latlon"]

_HOW = {
    How.EXACT: "exact",
    How.OUTCODE: "outcode",
    How.AREA: "area",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in metres on the British National Grid, and how we came by it.

    `how` is 'exact', 'outcode' (the middle of the postcode district) or 'area' (the middle
    of the postcodes of an area); `source` says in words what in the notice it was read from.
    """

    east: int
    north: int
    council: str
    how: str
    source: str


@dataclass(frozen=True, slots=True)
class LotPlace:
    """What is known of where a lot is.

    `spot` is None where nothing in the notice leads to a point, and `source` is then
    'unknown'.  `area` is what the notice names, however wide.  `nation` is the buyer's,
    or else the one that the lot is in; '' where unknown.  `buyer` is the
    council or county council that the buyer is, if it is one.
    """

    spot: Spot | None
    source: str
    area: Area | None
    nation: str
    buyer: Area | None

    @property
    def buyer_council(self) -> str:
        """The code of the council or county council that the buyer is, else ''."""
        return self.buyer.code if self.buyer else ""


def place_of(lot: Lot, table: PostcodeTable, councils: Councils) -> LotPlace:
    """Where `lot` is: its own postcode, its area, or else its buyer's postcode or name."""
    area = area_named(lot.area, councils)
    buyer = councils.named_in(lot.buyer)
    at_buyer = table.find(lot.buyer_postcode)
    spot = next(_spots(lot, area, buyer, at_buyer, table), None)
    return LotPlace(
        spot=spot,
        source=spot.source if spot else "unknown",
        area=area,
        nation=_nation(at_buyer, buyer, councils) or councils.nation(spot.council if spot else ""),
        buyer=buyer,
    )


def area_named(text: str, councils: Councils) -> Area | None:
    """The area that a notice names, alone or as a list parted by commas, or None.

    What is not an area of the United Kingdom ('Any region', 'Europe') is passed over.
    """
    whole = councils.find(text)
    if whole is not None:
        return whole
    parts = [area for part in text.replace(";", ",").split(",") if (area := councils.find(part))]
    return councils.union(parts) if parts else None


def middle(area: Area, table: PostcodeTable) -> Point | None:
    """The median of the middles of the councils in `area`, or None where none is known."""
    known = [spot for code in sorted(area.councils) if (spot := table.centre(code))]
    if not known:
        return None
    east, north = (int(np.median([getattr(p, axis) for p in known])) for axis in ("east", "north"))
    nearest = min(known, key=lambda p: (p.east - east) ** 2 + (p.north - north) ** 2)
    return Point(east, north, nearest.council, How.AREA)


def _spots(
    lot: Lot, area: Area | None, buyer: Area | None, at_buyer: Point | None, table: PostcodeTable
) -> Iterator[Spot]:
    """The points that the notice leads to, best first."""
    if spot := table.find(lot.postcode):
        yield _spot(spot, f"delivery postcode {tidy_postcode(lot.postcode)}")
    if area and not area.kind.wide and (spot := middle(area, table)):
        yield _spot(spot, f"area named in the notice: {area.name}")
    if at_buyer:
        yield _spot(at_buyer, f"buyer's postcode {tidy_postcode(lot.buyer_postcode)}")
    if buyer and (spot := middle(buyer, table)):
        yield _spot(spot, f"buyer's name: {buyer.name}")


def _spot(point: Point, source: str) -> Spot:
    if point.how is How.OUTCODE:
        source += " (only its district is known)"
    return Spot(point.east, point.north, point.council, _HOW[point.how], source)


def _nation(at_buyer: Point | None, buyer: Area | None, councils: Councils) -> str:
    by_postcode = councils.nation(at_buyer.council) if at_buyer else ""
    return by_postcode or (councils.nation(buyer.code) if buyer else "")
