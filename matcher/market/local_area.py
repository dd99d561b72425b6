"""Works out who is local to a lot: by the filters, else by the council that it is in."""

from __future__ import annotations

import re

import numpy as np

from matcher.core.arrays import Ints, Mask
from matcher.geo.councils import Area, Councils
from matcher.geo.geocoding import LotPlace, Spot, distance_km
from matcher.geo.named_areas import near_misses, unknown_areas
from matcher.geo.national_grid import NOWHERE
from matcher.law.scope import Scope
from matcher.law.types import Purpose
from matcher.ranking.filters import (
    USUAL_KM,
    Filters,
    describe,
    local_area,
    scope_of,
)
from matcher.register.register import Register

_SEGMENTS = re.compile(r"(?<!\s)\s++(?:[-–—]+|[:()])\s*|[–—:()]\s*")
_MOST_NAMED, _SHOWN = 5, 60
"""The most unknown areas to name in notes, and the most characters of each."""
_NUMBERED = re.compile(
    r"^\s*+(?:(?:lot|area|region)\s*+)?(?:(?:no\.?|number)\s*+)?\d+\w?\b\s*", re.IGNORECASE
)


def local_scope(councils: Councils, wish: Filters, place: LotPlace) -> tuple[Scope | None, str]:
    """The scope in which a provider is local, or None where not known; and the rule in words.

    Uses the first available of: the filters; the council or county that the lot names; the
    council of its postcode; the buyer's own area, if it is a council; the council of the buyer's
    postcode; 30 km around a place named in the lot's text.
    """
    if wish.area or wish.within or wish.with_neighbours:
        scope = scope_of(
            councils,
            Filters(wish.within, wish.area, wish.with_neighbours, size="any"),
            Purpose.ENGAGEMENT,
            place,
        )
        return scope, f"as asked: {describe(scope)}"
    own_area = _own_area(councils, place)
    if own_area is not None:
        area, rule = own_area
        scope = Scope(areas=(local_area(councils, area),))
        return scope, f"{rule}: {describe(scope)}"
    if place.spot is not None:
        scope = Scope(within_km=USUAL_KM)
        return scope, f"around the {place.source}: {describe(scope)}"
    return (
        None,
        "not known, because the lot's place is not known: give its postcode or a known area",
    )


def _own_area(councils: Councils, place: LotPlace) -> tuple[Area, str] | None:
    """The council or county that the lot is in, and the rule in words."""
    if place.area is not None and not place.area.kind.wide:
        return place.area, "in the area that the lot names"
    at = councils.find(place.spot.council) if place.spot and place.spot.council else None
    if at is not None and place.source.startswith("delivery postcode"):
        return at, "in the council of the lot's postcode"
    if place.buyer is not None:
        return place.buyer, "in the buyer's own area"
    return (at, "in the council of the buyer's postcode") if at else None


def named_in_title(title: str, councils: Councils) -> str:
    """The councils or counties that a title consists of, or begins or ends with; else ''.

    Lots divided by place often differ only in this: 'Lot 3 - Walsall', 'Walsall: home care'.
    """
    segments = _SEGMENTS.split(" ".join(title.split()))
    areas = (_areas_in(segment, councils) for segment in segments)
    return next(filter(None, areas), "")


def unknown_area_notes(area: str, councils: Councils) -> tuple[str, ...]:
    """A note for each part of a lot's area that is not a known area, and so was not used."""
    unknown = unknown_areas(area, councils)
    notes = tuple(
        f"area {name[:_SHOWN]!r} is not a council, county, region, nation, town or village, so it "
        "was not used: "
        + (f"did you mean {near[0]!r}?" if near else "give its name or its official code")
        for name in unknown[:_MOST_NAMED]
        for near in [near_misses(name[:_SHOWN], councils, 1)]
    )
    more = len(unknown) - _MOST_NAMED
    return (*notes, f"area names {more} more unknown areas.") if more > 0 else notes


def is_placed(place: LotPlace) -> bool:
    """Whether the lot has a postcode, council or county of its own."""
    in_an_area = place.area is not None and not place.area.kind.wide
    return in_an_area or place.source.startswith("delivery postcode")


def based_in(register: Register, rows: Ints, scope: Scope, spot: Spot | None) -> Mask:
    """(n,) which of `rows` have a site in the scope's councils, radius, or the UK."""
    c = register.columns
    if scope.councils:
        councils = register.council_numbers(scope.councils)
        here: Mask = np.isin(c.council[rows], councils)
        further = np.isin(c.site_council, councils)
    elif scope.within_km is not None and spot is not None:
        here = distance_km(c.east[rows], c.north[rows], spot) <= scope.within_km
        further = distance_km(c.site_east, c.site_north, spot) <= scope.within_km
    else:
        return np.asarray(c.east[rows] != NOWHERE)
    return here | np.isin(rows, c.site_row[further])


def _areas_in(segment: str, councils: Councils) -> str:
    """A segment of a title as areas separated by commas; '' where it is anything else."""
    parts = [part.strip() for part in _NUMBERED.sub("", segment).split(",")]
    areas = [councils.find(part) if part else None for part in parts]
    names = [area.name for area in areas if area is not None and not area.kind.wide]
    return ", ".join(names) if len(names) == len(parts) else ""
