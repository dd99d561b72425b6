"""Where a lot is, in which area, and in which nation its buyer is.

Uses the first available of: the delivery postcode, the town or area named in the notice, a town
named in its text, the buyer's postcode and the buyer's name. The result says which one was used.
A delivery postcode that is that of the council that buys comes after the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats
from matcher.core.types import Lot
from matcher.geo.councils import Area, Councils
from matcher.geo.gazetteer import Town, bundled
from matcher.geo.named_areas import (
    area_named,
    in_words,
    towns_named,
    unclear_names,
    which_one,
)
from matcher.geo.national_grid import NOWHERE, km
from matcher.geo.postcode_parsing import all_in_text, tidy_postcode
from matcher.geo.postcodes import Point, PostcodePlacement, PostcodeTable
from matcher.geo.town_mentions import towns_in, towns_in_title

TOGETHER = 20_000.0
"""The metres within which places are one place."""
_IN_TOWN = 3_000.0
"""The metres around its middle within which a postcode is in a town, and more exact than it."""
_HOW = {
    PostcodePlacement.EXACT: "exact",
    PostcodePlacement.OUTCODE: "outcode",
    PostcodePlacement.AREA: "area",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in metres on the British National Grid, and where it comes from.

    `how` is 'exact', 'outcode' (the middle of the postcode district) or 'area' (the middle of
    the postcodes of an area). `source` says in words which part of the notice gave it.
    """

    east: int
    north: int
    council: str
    how: str
    source: str


_OF_TOWN = re.compile(
    r"(?P<town>.{2,60}?) (?:(?:city|town|community|parish) council|housing association|college)"
    r"(?: (?:ltd|limited))?",
    re.IGNORECASE,
)
"""The name of a body that serves a town."""


@dataclass(frozen=True, slots=True)
class LotPlace:
    """What is known of where a lot is.

    `spot` is None where the notice gives no location; `source` is then 'unknown'. `area` is the
    area that the notice names, of any size; of a town it is the council. `nation` is the buyer's,
    or else the lot's; '' where unknown. `buyer` is the buyer where it is a council or county
    council, or else None. `unclear` says of each name that may mean several places which they are.
    """

    spot: Spot | None
    source: str
    area: Area | None
    nation: str
    buyer: Area | None
    unclear: tuple[str, ...] = ()


def place_of(lot: Lot, table: PostcodeTable, councils: Councils) -> LotPlace:
    """Where `lot` is: from its postcode, town or area, or else its buyer's postcode or name."""
    buyer = councils.named_in(lot.buyer)
    at_buyer = table.find(lot.buyer_postcode)
    context = _context(lot, buyer, table, councils)
    area = area_named(lot.area, councils, context)
    towns = towns_named(lot.area, councils, context)
    spot = next(_spots(lot, (towns, area), buyer, at_buyer, table), None)
    return LotPlace(
        spot=spot,
        source=spot.source if spot else "unknown",
        area=area,
        nation=_nation(at_buyer, buyer, councils)
        or _nation_of_town(lot.buyer, councils)
        or councils.nation(spot.council if spot else ""),
        buyer=buyer,
        unclear=tuple(
            which_one(name, found, councils)
            for name, found in unclear_names(lot.area, councils, context)
        ),
    )


def placing(table: PostcodeTable, councils: Councils) -> Callable[[Lot], LotPlace]:
    """`place_of` for many lots: those of one buyer often say the same of where they are."""

    @lru_cache(1 << 12)
    def place(postcode: str, area: str, buyer: str, buyer_postcode: str) -> LotPlace:
        said = Lot("", "", postcode=postcode, area=area, buyer=buyer, buyer_postcode=buyer_postcode)
        return place_of(said, table, councils)

    return lambda lot: place(lot.postcode, lot.area, lot.buyer, lot.buyer_postcode)


def _context(
    lot: Lot, buyer: Area | None, table: PostcodeTable, councils: Councils
) -> list[frozenset[str]]:
    """Where a town that the lot names may be, the most telling first.

    These are the councils of its postcode, its buyer, its buyer's postcode, and those around.
    """
    points = (table.find(lot.postcode), table.find(lot.buyer_postcode))
    at_lot, at_buyer = (frozenset({point.council}) if point else None for point in points)
    own = buyer.councils if buyer else at_buyer
    around = frozenset[str]().union(*(councils.borders.get(each, ()) for each in own or ()))
    return [each for each in (at_lot, buyer and buyer.councils, at_buyer, around) if each]


def place_in_text(
    lot_text: str, lot: Lot, place: LotPlace, table: PostcodeTable, councils: Councils
) -> LotPlace:
    """`place`, with the town or postcode in a lot's text where it is more exact than the buyer's.

    They count against the buyer's own place only where they are in the council of the buyer or
    next to it, or where the buyer is no council: 'a visit to a supplier in Leeds' does not move a
    lot of Walsall. There a title needs no word such as 'in' before it: 'Bloxwich to Aldridge'.
    """
    if place.spot is not None and not _is_buyers(place, lot):
        return place
    context = _context(lot, place.buyer, table, councils)
    near = frozenset[str]().union(*context)
    if place.area is not None:
        context.append(place.area.councils)
        near |= frozenset() if place.area.kind.wide else place.area.councils
    found = towns_in(lot.title, councils, context)
    if not found.towns and lot_text != lot.title:
        found = towns_in(lot_text, councils, context)
    towns = found.towns
    if place.spot is not None and place.buyer is not None:
        own, titled = place.buyer, towns_in_title(lot.title, councils, context)
        titled = tuple(t for t in titled if t.council in own.councils and not _is_named(own, t))
        towns = tuple(t for t in towns if t.council in near and not _is_named(own, t))
        towns = titled or towns
    spot = _spot_of_towns(towns, councils, table) if towns else None
    within = near if place.buyer else frozenset()
    spot = spot or _spot_of_postcode(lot_text, tidy_postcode(lot.buyer_postcode), within, table)
    if spot is not None:
        return place if _is_in(place, spot) else replace(place, spot=spot, source=spot.source)
    unclear = tuple(which_one(name, each, councils) for name, each in (found.unclear or {}).items())
    return replace(place, unclear=(*place.unclear, *unclear)) if place.spot is None else place


def _is_buyers(place: LotPlace, lot: Lot) -> bool:
    """Whether a place is only its buyer's: few lots of a council are for its office."""
    if place.source.startswith("delivery"):
        return place.buyer is not None and is_buyers_postcode(lot)
    return place.source.startswith("buyer")


def _is_in(place: LotPlace, town: Spot) -> bool:
    """Whether a lot's own postcode is in the town that its text names: the work may be there."""
    own = place.spot if place.source.startswith("delivery") else None
    if own is None or own.how != _HOW[PostcodePlacement.EXACT] or town.how == own.how:
        return False
    return 1000 * km(own.east, own.north, town.east, town.north) <= _IN_TOWN


def is_buyers_postcode(lot: Lot) -> bool:
    """Whether a lot's postcode is its buyer's own."""
    return tidy_postcode(lot.postcode) == tidy_postcode(lot.buyer_postcode)


def _spot_of_towns(towns: tuple[Town, ...], councils: Councils, table: PostcodeTable) -> Spot:
    """The middle of towns that a text names; of one that is named as its council, the council's."""
    area = councils.areas.get(towns[0].council)
    if len(towns) == 1 and area is not None and _is_named(area, towns[0]):
        point = area_centre(area, table)
        if point is not None:
            return spot_in_text(point.east, point.north, f"area named in the text: {area.name}")
    middle = _town_spot(towns, "named in the text")
    return spot_in_text(middle.east, middle.north, middle.source)


def _spot_of_postcode(
    lot_text: str, of_buyer: str, within: frozenset[str], table: PostcodeTable
) -> Spot | None:
    """The first known postcode in a text, but the buyer's; `within` these councils, if any."""
    for each in all_in_text(lot_text):
        point = None if each == of_buyer else table.find(each)
        known = point is not None and point.how is PostcodePlacement.EXACT
        if point is not None and known and (not within or point.council in within):
            found = f"postcode named in the text: {each}"
            return replace(spot_in_text(point.east, point.north, found), how=_HOW[point.how])
    return None


def spot_in_text(east: int, north: int, source: str) -> Spot:
    """A point that a text names; no council, as a text does not say which law binds the buyer."""
    return Spot(east, north, "", _HOW[PostcodePlacement.AREA], source)


def _is_named(area: Area, town: Town) -> bool:
    return area.name.casefold() == town.name.casefold()


def _town_spot(towns: tuple[Town, ...], how: str) -> Spot:
    """The middle of the first of `towns` and of those within 20 km of it."""
    first = towns[0]
    near = [t for t in towns if 1000 * km(t.east, t.north, first.east, first.north) <= TOGETHER]
    east, north = (
        round(sum(getattr(t, axis) for t in near) / len(near)) for axis in ("east", "north")
    )
    places = "places" if len({t.name for t in near}) > 1 else "place"
    source = f"{places} {how}: {in_words(near)}"
    return Spot(east, north, first.council, _HOW[PostcodePlacement.AREA], source)


def spot_of_title_town(
    title: str, lot: Lot, place: LotPlace, table: PostcodeTable, councils: Councils
) -> Spot | None:
    """The town that a title names without a word such as 'in': 'Bloxwich: home care'; or None."""
    towns = towns_in_title(title, councils, _context(lot, place.buyer, table, councils))
    return _spot_of_towns(towns[:1], councils, table) if towns else None


def area_centre(area: Area, table: PostcodeTable) -> Point | None:
    """The median of the centres of the councils in `area`, or None where none is known."""
    centres = [point for code in sorted(area.councils) if (point := table.centre(code))]
    if not centres:
        return None
    east, north = (
        int(np.median([getattr(p, axis) for p in centres])) for axis in ("east", "north")
    )
    nearest = min(centres, key=lambda p: (p.east - east) ** 2 + (p.north - north) ** 2)
    return Point(east, north, nearest.council, PostcodePlacement.AREA)


def _spots(
    lot: Lot,
    named: tuple[tuple[Town, ...], Area | None],
    buyer: Area | None,
    at_buyer: Point | None,
    table: PostcodeTable,
) -> Iterator[Spot]:
    """The points that the notice gives, best first. `named` are its towns and its area."""
    towns, area = named
    if spot := table.find(lot.postcode):
        yield _spot(spot, f"delivery postcode {tidy_postcode(lot.postcode)}")
    if towns:
        yield _town_spot(towns, "named in the notice")
    if area and not area.kind.wide and (spot := area_centre(area, table)):
        yield _spot(spot, f"area named in the notice: {area.name}")
    if at_buyer:
        yield _spot(at_buyer, f"buyer's postcode {tidy_postcode(lot.buyer_postcode)}")
    if buyer and (spot := area_centre(buyer, table)):
        yield _spot(spot, f"buyer's name: {buyer.name}")


def _spot(point: Point, source: str) -> Spot:
    if point.how is PostcodePlacement.OUTCODE:
        source += " (only its district is known)"
    return Spot(point.east, point.north, point.council, _HOW[point.how], source)


def _nation(at_buyer: Point | None, buyer: Area | None, councils: Councils) -> str:
    by_postcode = councils.nation(at_buyer.council) if at_buyer else ""
    return by_postcode or (councils.nation(buyer.code) if buyer else "")


def _nation_of_town(buyer: str, councils: Councils) -> str:
    """The nation of the town that a body is named after; '' where it may be in several.

    'Llanelli Town Council' is a council of Wales, and no English one.
    """
    found = _OF_TOWN.fullmatch(buyer.strip())
    towns = bundled().find(found["town"]) if found else ()
    nations = {councils.nation(town.council) for town in towns}
    return nations.pop() if len(nations) == 1 else ""


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
