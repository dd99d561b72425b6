"""Where a lot is, in which area, and in which nation its buyer is.

Uses the first available of: the delivery postcode, the town or area named in the notice, a town
named in its text, the buyer's postcode and the buyer's name. The result says which one was used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.types import Lot
from matcher.geo.councils import Area, Councils
from matcher.geo.gazetteer import Town, choose
from matcher.geo.named_areas import (
    area_named,
    in_words,
    towns_named,
    unclear_names,
    which_one,
)
from matcher.geo.national_grid import Metres, km
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.geo.postcodes import Point, PostcodePlacement, PostcodeTable
from matcher.geo.town_mentions import town_in_title, towns_in, trade_stems
from models import text

Sites: TypeAlias = Callable[[str], tuple[Metres, Metres]]
"""Stem of a word → eastings and northings of the providers that use it."""

_CAPITAL = re.compile(r"\b[A-Z][\w'’-]+")
_SMALL = re.compile(r"\b[a-z][\w'’-]+")
_NAMES = re.compile(r"[A-Z][\w'’-]+(?: (?:(?:and|in|of|on|the|upon|with) )*[A-Z][\w'’-]+){0,6}")
_WHERE = re.compile(
    r"\b(?:across|and|around|at|covering|in|near|of|over|serving|throughout|within),?\s+"
    r"(?:the\s+)?(?:(?:east|mid|north|rural|south|west)\s+)?\Z",
    re.IGNORECASE,
)
_LONGEST_NAME = 5
_FEWEST = 3
_TOGETHER = 20_000.0
_SHARE = 0.6

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
        nation=_nation(at_buyer, buyer, councils) or councils.nation(spot.council if spot else ""),
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
    """`place`, with the town that a lot's text names where it is more exact than the buyer's.

    A town counts against the buyer's own place only where it is in the council of the buyer or
    next to it, or where the buyer is no council: 'a visit to a supplier in Leeds' does not move a
    lot of Walsall.
    """
    if place.spot is not None and not place.source.startswith("buyer"):
        return place
    context = _context(lot, place.buyer, table, councils)
    if place.area is not None:
        context.append(place.area.councils)
    found = towns_in(lot_text, councils, context)
    towns = towns_in(lot.title, councils, context).towns or found.towns
    if place.spot is not None and place.buyer is not None:
        near = frozenset[str]().union(*context)
        towns = tuple(t for t in towns if t.council in near and not _is_named(place.buyer, t))
    if towns:
        spot = _spot_in_text(towns, councils, table)
        return replace(place, spot=spot, source=spot.source)
    unclear = tuple(which_one(name, each, councils) for name, each in (found.unclear or {}).items())
    return replace(place, unclear=(*place.unclear, *unclear)) if place.spot is None else place


def _spot_in_text(towns: tuple[Town, ...], councils: Councils, table: PostcodeTable) -> Spot:
    """The middle of towns that a text names; of one that is named as its council, the council's.

    It has no council, because the text does not say which law binds the buyer.
    """
    area = councils.areas.get(towns[0].council)
    if len(towns) == 1 and area is not None and _is_named(area, towns[0]):
        point = area_centre(area, table)
        if point is not None:
            source = f"area named in the text: {area.name}"
            return Spot(point.east, point.north, "", _HOW[PostcodePlacement.AREA], source)
    return replace(town_spot(towns, "named in the text"), council="")


def _is_named(area: Area, town: Town) -> bool:
    return area.name.casefold() == town.name.casefold()


def town_spot(towns: tuple[Town, ...], how: str) -> Spot:
    """The middle of the first of `towns` and of those within 20 km of it."""
    first = towns[0]
    near = [t for t in towns if 1000 * km(t.east, t.north, first.east, first.north) <= _TOGETHER]
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
    town = town_in_title(title, councils, _context(lot, place.buyer, table, councils))
    return _spot_in_text((town,), councils, table) if town else None


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
        yield town_spot(towns, "named in the notice")
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


@dataclass(frozen=True, slots=True)
class NameCluster:
    """A cluster of the providers that use one word, in metres.

    `east` and `north` are its middle; half of the providers are within `spread` of it.
    """

    spread: float
    east: int
    north: int


def spot_named(lot_text: str, sites: Sites, councils: Councils) -> Spot | None:
    """The place that a text names, judged by the providers at `sites`, or None.

    A capitalised word after 'in' or 'near' is a place name where most providers that use it are
    close together, so 'Blakenall' and 'Tyneside' need no gazetteer. So is the name of a town
    anywhere. A word for a kind of work, one that the text also writes without a capital, and a
    name that several towns have are not, whatever providers are called. Of several it is the one
    with the smallest spread. The spot has no council, because the text does not say which law
    binds the buyer.
    """
    small = frozenset(stem for word in _SMALL.findall(lot_text) for stem in text.stems(word))
    words = [
        (match, stem) for match in _CAPITAL.finditer(lot_text) for stem in text.stems(match.group())
    ]
    names = {stem for _, stem in words} - small - trade_stems()
    cluster_by_name = {stem: cluster_of(*sites(stem)) for stem in sorted(names)}
    clusters = [
        (not placed, cluster, match.group())
        for match, stem in words
        if (cluster := cluster_by_name.get(stem))
        and (
            (placed := bool(_WHERE.search(lot_text[: match.start()][-40:])))
            or councils.towns.find(match.group())
        )
        and _may_be_place(match.group(), councils)
    ]
    if not clusters:
        return None
    _, cluster, word = min(clusters, key=lambda each: (each[0], each[1].spread, each[2]))
    return Spot(
        cluster.east,
        cluster.north,
        "",
        _HOW[PostcodePlacement.AREA],
        f"place named in the text: {word}",
    )


def _may_be_place(word: str, councils: Councils) -> bool:
    """Whether a word is neither an ordinary word nor a name that several towns have."""
    towns = councils.towns.find(word)
    return not any(town.word for town in towns) and (not towns or choose(towns) is not None)


def spot_of_area_named(lot_text: str, councils: Councils, table: PostcodeTable) -> Spot | None:
    """The centre of the first council or county that a text names as a location, or None.

    A name counts only after a word such as 'in' or 'across': 'Reading for pleasure' is not in
    Berkshire. The spot has no council, as in `spot_named`.
    """
    for names in _NAMES.finditer(lot_text):
        if not _WHERE.search(lot_text[: names.start()][-40:]):
            continue
        name, area = _area_among(names.group().split(), councils)
        if area and _may_be_place(name, councils) and (point := area_centre(area, table)):
            source = f"area named in the text: {area.name}"
            return Spot(point.east, point.north, "", _HOW[PostcodePlacement.AREA], source)
    return None


def _area_among(words: list[str], councils: Councils) -> tuple[str, Area | None]:
    """The longest name of a council or county among neighbouring words, with it; or ('', None)."""
    for length in range(min(_LONGEST_NAME, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            name = " ".join(words[start : start + length])
            area = councils.find(name)
            if area is not None and not area.kind.wide:
                return name, area
    return "", None


def cluster_of(east: Metres, north: Metres) -> NameCluster | None:
    """The cluster of these points, (n,) metres each; None if they are few or spread out.

    At least three in five must be within 20 km of the middle of the denser half, counting one
    extra point that is not.
    """
    if len(east) < _FEWEST:
        return None
    near = np.ones(len(east), bool)
    for _ in range(3):
        middle = _median(east[near]), _median(north[near])
        distance = np.hypot(east - middle[0], north - middle[1])
        half = _median(distance)
        near = distance <= half
    if np.count_nonzero(distance <= _TOGETHER) < _SHARE * (len(distance) + 1):
        return None
    return NameCluster(half, round(middle[0]), round(middle[1]))


def _median(values: npt.NDArray[np.number]) -> float:
    """The median of one or more values; faster than `numpy.median` for a few values."""
    middle = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, middle)[middle])
    below, above = np.partition(values, (middle - 1, middle))[middle - 1 : middle + 1]
    return (float(below) + float(above)) / 2
