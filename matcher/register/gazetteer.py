"""Finds the place that a lot only names, from the sites of providers whose name or profile has it.

Many notices give the place of the work only in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.types import Lot
from matcher.geo.councils import Area, Councils
from matcher.geo.gazetteer import choose
from matcher.geo.geocoding import TOGETHER, Spot, area_centre, spot_in_text
from matcher.geo.national_grid import NOWHERE, Metres
from matcher.geo.postcodes import PostcodeTable
from matcher.geo.town_mentions import trade_stems
from matcher.register.analysis import DESCRIPTION
from matcher.register.register import Register
from models import text
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

    for said in (f"{lot.title}\n{lot.description[:DESCRIPTION]}", lot.buyer):
        spot = spot_named(said, sites, register.councils) or spot_of_area_named(
            said, register.councils, register.postcodes
        )
        if spot is not None:
            return spot
    return None


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
_SHARE = 0.6


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
    with the smallest spread.
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
    return spot_in_text(cluster.east, cluster.north, f"place named in the text: {word}")


def _may_be_place(word: str, councils: Councils) -> bool:
    """Whether a word is neither an ordinary word nor a name that several towns have."""
    towns = councils.towns.find(word)
    return not any(town.word for town in towns) and (not towns or choose(towns) is not None)


def spot_of_area_named(lot_text: str, councils: Councils, table: PostcodeTable) -> Spot | None:
    """The centre of the first council or county that a text names as a location, or None.

    A name counts only after a word such as 'in' or 'across': 'Reading for pleasure' is not in
    Berkshire.
    """
    for names in _NAMES.finditer(lot_text):
        if not _WHERE.search(lot_text[: names.start()][-40:]):
            continue
        name, area = _area_among(names.group().split(), councils)
        if area and _may_be_place(name, councils) and (point := area_centre(area, table)):
            return spot_in_text(point.east, point.north, f"area named in the text: {area.name}")
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
    if np.count_nonzero(distance <= TOGETHER) < _SHARE * (len(distance) + 1):
        return None
    return NameCluster(half, round(middle[0]), round(middle[1]))


def _median(values: npt.NDArray[np.number]) -> float:
    """The median of one or more values; faster than `numpy.median` for a few values."""
    middle = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, middle)[middle])
    below, above = np.partition(values, (middle - 1, middle))[middle - 1 : middle + 1]
    return (float(below) + float(above)) / 2
