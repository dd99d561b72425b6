"""Finds places by name or postcode: areas, towns, villages and postcodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from matcher.geo.council_names import plain
from matcher.geo.councils import Area, AreaKind, Councils
from matcher.geo.gazetteer import Town, town_key
from matcher.geo.geocoding import area_centre
from matcher.geo.named_areas import places_named, town_label
from matcher.geo.national_grid import to_latlon
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.geo.postcodes import Point, PostcodePlacement
from matcher.register.register import Register


@dataclass(frozen=True, slots=True)
class Place:
    """A place: metres on the British National Grid, degrees, and the areas that it is in.

    `kind` is 'postcode', 'postcode district', 'town', 'village' or a kind of area. `council` is the
    council of the lowest tier that it is in, and `county` the county of that council. `borders`
    names the areas that border a council or county, which a buyer may include in its own area.
    A town's `code` is what tells it from its namesakes: 'Newport (Isle of Wight)'.
    """

    code: str
    name: str
    kind: str
    council: str
    region: str
    nation: str
    east: int | None
    north: int | None
    latitude: float | None
    longitude: float | None
    borders: tuple[str, ...] = ()
    county: str = ""


def find_places(register: Register, name: str, limit: int = 5) -> list[Place]:
    """The places with that name or postcode, best match first; names alike if it is misspelt."""
    if not plain(name):
        return []
    postcode = _postcode(register, name)
    if postcode is not None:
        return [postcode]
    found: list[Area | Town] = [*_areas(register, name, limit), *_towns(register, name, limit)]
    order = sorted(dict.fromkeys(found), key=lambda each: _fit(each.name, name, register))
    return [
        _town(register, each) if isinstance(each, Town) else _area(register, each)
        for each in order[:limit]
    ]


def _fit(found: str, name: str, register: Register) -> int:
    """0 where `found` is what was asked for, 1 where it begins with it, 2 where it is alike."""
    area, key = register.councils.find(name), town_key(name)
    asked = {key, town_key(name.replace("(", ",").partition(",")[0])}
    if town_key(found) in asked or (area is not None and area.name == found):
        return 0
    return 1 if town_key(found).startswith(key) else 2


def _towns(register: Register, name: str, limit: int) -> list[Town]:
    """Towns by name, 'Newport, Isle of Wight' too; without the one that its council is named by."""
    councils = register.councils
    places = places_named(name, councils) if "," in name or "(" in name else ()
    told_apart = [place.town for place in places if place.town is not None]
    found = told_apart or councils.towns.search(name, limit)
    return [town for town in found if not _is_its_council(town, councils)]


def _is_its_council(town: Town, councils: Councils) -> bool:
    area = councils.areas.get(town.council)
    return area is not None and town_key(area.name) == town_key(town.name)


def _town(register: Register, town: Town) -> Place:
    councils = register.councils
    point = Point(town.east, town.north, town.council, PostcodePlacement.AREA)
    label = (town_label(town, councils), town.name, town.size.label)
    return _place(register, label, councils.find(town.council), point)


def _postcode(register: Register, name: str) -> Place | None:
    tidy = tidy_postcode(name)
    point = register.postcodes.find(tidy) if tidy else None
    if point is None:
        return None
    council = register.councils.find(point.council)
    if point.how is PostcodePlacement.EXACT:
        return _place(register, (tidy, tidy, "postcode"), council, point)
    district = tidy.partition(" ")[0]
    return _place(register, (district, district, "postcode district"), council, point)


def _areas(register: Register, name: str, limit: int) -> Iterator[Area]:
    councils = register.councils
    if area := councils.find(name):
        yield area
    prefix = name.strip().casefold()
    longer = {a for a in councils.areas.values() if prefix and a.name.casefold().startswith(prefix)}
    yield from sorted(longer, key=lambda area: (area.name, area.code))
    for similar in councils.suggest(name, limit):
        if area := councils.find(similar):
            yield area


def _area(register: Register, area: Area) -> Place:
    point = area_centre(area, register.postcodes)
    place = _place(register, (area.code, area.name, area.kind.value), area, point)
    if area.kind.wide:
        return place
    neighbours = register.councils.neighbours(*sorted(area.councils))
    return replace(place, borders=tuple(neighbour.name for neighbour in neighbours))


def _place(
    register: Register, label: tuple[str, str, str], own: Area | None, point: Point | None
) -> Place:
    """The place with a label (code, name and kind), in the area `own`, at a point."""
    councils = register.councils
    latitude, longitude = to_latlon(point.east, point.north) if point else (None, None)
    return Place(
        *label,
        council=own.name if own and own.kind is AreaKind.COUNCIL else "",
        region=councils.region(own.code) if own else "",
        nation=councils.nation(own.code) if own else "",
        county=councils.rows[own.code].county if own and own.code in councils.rows else "",
        east=point.east if point else None,
        north=point.north if point else None,
        latitude=None if latitude is None else round(latitude, 5),
        longitude=None if longitude is None else round(longitude, 5),
    )
