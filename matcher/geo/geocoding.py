"""Where a lot is, in which area, and in which nation its buyer is.

Uses the first available of: the delivery postcode, the area named in the notice, the buyer's
postcode and the buyer's name. The result says which one was used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.cpv import all_category_lines
from matcher.core.types import Lot
from matcher.geo.councils import Area, Councils
from matcher.geo.national_grid import Metres
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.geo.postcodes import Point, PostcodePlacement, PostcodeTable
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
_NO_LIMIT = frozenset({"any region", "anywhere", "europe", "rest of the world", "worldwide"})
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
    area that the notice names, of any size. `nation` is the buyer's, or else the lot's; '' where
    unknown. `buyer` is the buyer where it is a council or county council, or else None.
    """

    spot: Spot | None
    source: str
    area: Area | None
    nation: str
    buyer: Area | None

    @property
    def buyer_council(self) -> str:
        """The buyer's code where it is a council or county council, or else ''."""
        return self.buyer.code if self.buyer else ""


def place_of(lot: Lot, table: PostcodeTable, councils: Councils) -> LotPlace:
    """Where `lot` is: from its postcode, its area, or else its buyer's postcode or name."""
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
    """The area that a notice names, alone or as a list separated by commas, or None.

    Ignores names that are not an area of the United Kingdom ('Any region', 'Europe');
    `unknown_areas` returns them.
    """
    parts = [area for _, area in _listed(text, councils) if area is not None]
    return councils.union(parts) if parts else None


def unknown_areas(text: str, councils: Councils) -> tuple[str, ...]:
    """The names in a list of areas that are not known areas, without duplicates.

    'Any region' and 'Europe', which notices use for no limit, are not among them.
    """
    names = (name for name, area in _listed(text, councils) if area is None)
    return tuple(dict.fromkeys(name for name in names if name.casefold() not in _NO_LIMIT))


def _listed(text: str, councils: Councils) -> Iterator[tuple[str, Area | None]]:
    """(name, its area) of each name in a list; a name may itself contain commas."""
    whole = councils.find(text)
    if whole is not None:
        yield text, whole
        return
    parts = [part for each in text.replace(";", ",").split(",") if (part := each.strip())]
    at = 0
    while at < len(parts):
        names = ((n, ", ".join(parts[at : at + n])) for n in range(_MOST_COMMAS + 1, 0, -1))
        areas = ((n, name, councils.find(name)) for n, name in names if at + n <= len(parts))
        n, name, area = next((found for found in areas if found[2]), (1, parts[at], None))
        yield name, area
        at += n


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
    lot: Lot, area: Area | None, buyer: Area | None, at_buyer: Point | None, table: PostcodeTable
) -> Iterator[Spot]:
    """The points that the notice gives, best first."""
    if spot := table.find(lot.postcode):
        yield _spot(spot, f"delivery postcode {tidy_postcode(lot.postcode)}")
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


def spot_named(lot_text: str, sites: Sites) -> Spot | None:
    """The place that a text names, judged by the providers at `sites`, or None.

    A capitalised word is a place name where most providers that use it are close together, so
    'Saltash' and 'Tyneside' need no gazetteer. A word for a kind of work, or one that the text
    also writes without a capital, is not a place name, whatever providers are called. Words
    after 'in' or 'near' come first; of several it is the one with the smallest spread. The spot
    has no council, because the text does not say which law binds the buyer.
    """
    small = frozenset(stem for word in _SMALL.findall(lot_text) for stem in text.words(word))
    words = [
        (match, stem) for match in _CAPITAL.finditer(lot_text) for stem in text.words(match.group())
    ]
    names = {stem for _, stem in words} - small - _trade_words()
    cluster_by_name = {stem: cluster_of(*sites(stem)) for stem in sorted(names)}
    clusters = [
        (not _WHERE.search(lot_text[: match.start()][-40:]), cluster, match.group())
        for match, stem in words
        if (cluster := cluster_by_name.get(stem))
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


@cache
def _trade_words() -> frozenset[str]:
    """The stems of the words that describe categories of the CPV: what is bought, not where."""
    return frozenset(stem for line in all_category_lines() for stem in text.words(line))


def spot_of_area_named(lot_text: str, councils: Councils, table: PostcodeTable) -> Spot | None:
    """The centre of the first council or county that a text names as a location, or None.

    A name counts only after a word such as 'in' or 'across': 'Reading for pleasure' is not in
    Berkshire. The spot has no council, as in `spot_named`.
    """
    for names in _NAMES.finditer(lot_text):
        if not _WHERE.search(lot_text[: names.start()][-40:]):
            continue
        area = _area_among(names.group().split(), councils)
        if area and (point := area_centre(area, table)):
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
