"""Where a lot is, in which area, and under which nation's law its buyer stands.

The notice may give a postcode of delivery, the name or code of an area, neither, or 'Any
region'; then the buyer's own place stands in.  The answer always says which it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.types import Lot
from matcher.geo.councils import Area, Councils
from matcher.geo.national_grid import (
    Metres,
)
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.geo.postcodes import Point, PostcodePlacement, PostcodeTable
from models import text

Sites: TypeAlias = Callable[[str], tuple[Metres, Metres]]
"""The eastings and northings of the providers that use a word, by its stem."""

_CAPITAL = re.compile(r"\b[A-Z][\w'’-]+")
_NAMES = re.compile(r"[A-Z][\w'’-]+(?: (?:(?:and|in|of|on|the|upon|with) )*[A-Z][\w'’-]+){0,6}")
_WHERE = re.compile(
    r"\b(?:across|and|around|at|covering|in|near|of|over|serving|throughout|within),?\s+"
    r"(?:the\s+)?(?:(?:east|mid|north|rural|south|west)\s+)?\Z",
    re.IGNORECASE,
)
_LONGEST_NAME = 5
_MOST_COMMAS = 1
"""In the name of one area: 'Newry, Mourne and Down'."""
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

    What is not an area of the United Kingdom ('Any region', 'Europe') is passed over;
    `not_areas` tells of it.
    """
    parts = [area for _, area in _listed(text, councils) if area is not None]
    return councils.union(parts) if parts else None


def not_areas(text: str, councils: Councils) -> tuple[str, ...]:
    """What of the areas that a notice names is none that is known, in order, each once."""
    return tuple(dict.fromkeys(said for said, area in _listed(text, councils) if area is None))


def _listed(text: str, councils: Councils) -> Iterator[tuple[str, Area | None]]:
    """(what is said, the area that it is) of each in a list; a name may have commas of its own."""
    whole = councils.find(text)
    if whole is not None:
        yield text, whole
        return
    parts = [part for each in text.replace(";", ",").split(",") if (part := each.strip())]
    at = 0
    while at < len(parts):
        names = ((n, ", ".join(parts[at : at + n])) for n in range(_MOST_COMMAS + 1, 0, -1))
        areas = ((n, said, councils.find(said)) for n, said in names if at + n <= len(parts))
        n, said, area = next((one for one in areas if one[2]), (1, parts[at], None))
        yield said, area
        at += n


def middle(area: Area, table: PostcodeTable) -> Point | None:
    """The median of the middles of the councils in `area`, or None where none is known."""
    known = [spot for code in sorted(area.councils) if (spot := table.centre(code))]
    if not known:
        return None
    east, north = (int(np.median([getattr(p, axis) for p in known])) for axis in ("east", "north"))
    nearest = min(known, key=lambda p: (p.east - east) ** 2 + (p.north - north) ** 2)
    return Point(east, north, nearest.council, PostcodePlacement.AREA)


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
    if point.how is PostcodePlacement.OUTCODE:
        source += " (only its district is known)"
    return Spot(point.east, point.north, point.council, _HOW[point.how], source)


def _nation(at_buyer: Point | None, buyer: Area | None, councils: Councils) -> str:
    by_postcode = councils.nation(at_buyer.council) if at_buyer else ""
    return by_postcode or (councils.nation(buyer.code) if buyer else "")


@dataclass(frozen=True, slots=True)
class NameGathering:
    """Where the providers that use one word gather: the middle, and half of them how near it.

    All in metres.
    """

    spread: float
    east: int
    north: int


def spot_named(said: str, sites: Sites) -> Spot | None:
    """The place that a text names, as far as the providers at `sites` tell it, or None.

    A capitalised word names a place where those who use it are near each other and few use
    it elsewhere: 'Saltash' and 'Tyneside' need no gazetteer.  Of several the narrowest.  The
    spot has no council: what a text lets fall says nothing of the law that binds its buyer.
    """
    words = {stem: word for word in _CAPITAL.findall(said) for stem in text.words(word)}
    found = [(place, word) for stem, word in words.items() if (place := gathering(*sites(stem)))]
    if not found:
        return None
    place, word = min(found, key=lambda pair: (pair[0].spread, pair[1]))
    return Spot(
        place.east,
        place.north,
        "",
        _HOW[PostcodePlacement.AREA],
        f"place named in the text: {word}",
    )


def spot_of_area_named(said: str, councils: Councils, table: PostcodeTable) -> Spot | None:
    """The middle of the first council or county that a text says something is in, or None.

    Only what stands after a word such as 'in' or 'across' counts: 'Reading for pleasure' is
    not in Berkshire.  The spot has no council, as in `spot_named`.
    """
    for names in _NAMES.finditer(said):
        if not _WHERE.search(said[: names.start()][-40:]):
            continue
        area = _area_among(names.group().split(), councils)
        if area and (point := middle(area, table)):
            source = f"area named in the text: {area.name}"
            return Spot(point.east, point.north, "", _HOW[PostcodePlacement.AREA], source)
    return None


def _area_among(words: list[str], councils: Councils) -> Area | None:
    """The council or county with the longest name among neighbouring words, or None."""
    for length in range(min(_LONGEST_NAME, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            area = councils.find(" ".join(words[start : start + length]))
            if area is not None and not area.kind.wide:
                return area
    return None


def gathering(east: Metres, north: Metres) -> NameGathering | None:
    """Where these points gather, (n,) metres each; None if they are few or lie about.

    Three in five must lie within 20 km of the middle of the denser half, one more that does
    not counted with them.
    """
    if len(east) < _FEWEST:
        return None
    near = np.ones(len(east), bool)
    for _ in range(3):
        middle = _median(east[near]), _median(north[near])
        way = np.hypot(east - middle[0], north - middle[1])
        half = _median(way)
        near = way <= half
    if np.count_nonzero(way <= _TOGETHER) < _SHARE * (len(way) + 1):
        return None
    return NameGathering(half, round(middle[0]), round(middle[1]))


def _median(values: npt.NDArray[np.number]) -> float:
    """The median of one value or more; over a few, `numpy.median` takes longer than all else."""
    middle = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, middle)[middle])
    below, above = np.partition(values, (middle - 1, middle))[middle - 1 : middle + 1]
    return (float(below) + float(above)) / 2
