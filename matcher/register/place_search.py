"""Finds places by name or postcode: councils, counties, regions, nations and postcodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from matcher.geo.council_names import plain
from matcher.geo.councils import Area, AreaKind
from matcher.geo.geocoding import area_centre
from matcher.geo.national_grid import to_latlon
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.geo.postcodes import Point, PostcodePlacement
from matcher.register.register import Register


@dataclass(frozen=True, slots=True)
class Place:
    """A place: metres on the British National Grid, degrees, and the areas that it is in.

    `kind` is 'postcode', 'postcode district' or a kind of area.  `borders` names the areas that
    border a council or county, which a buyer may include in its own area.
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


def find_places(register: Register, name: str, limit: int = 5) -> list[Place]:
    """The places with that name or postcode, best match first; names alike if it is misspelt."""
    if not plain(name):
        return []
    postcode = _postcode(register, name)
    if postcode is not None:
        return [postcode]
    areas = dict.fromkeys(_areas(register, name, limit))
    return [_area(register, area) for area in areas][:limit]


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
        east=point.east if point else None,
        north=point.north if point else None,
        latitude=None if latitude is None else round(latitude, 5),
        longitude=None if longitude is None else round(longitude, 5),
    )
