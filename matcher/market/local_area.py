"""Who is local to a lot: based where it is asked for, or else in the council that it is in."""

from __future__ import annotations

import re

import numpy as np

from matcher.core.arrays import Ints, Mask
from matcher.geo.councils import Area, Councils
from matcher.geo.distance import distance_km
from matcher.geo.geocoding import LotPlace, Spot, unknown_areas
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
_TOLD, _SHOWN = 5, 60
"""Areas that are not known of which each is told, and how many letters of it."""
_NUMBERED = re.compile(
    r"^\s*+(?:(?:lot|area|region)\s*+)?(?:(?:no\.?|number)\s*+)?\d+\w?\b\s*", re.IGNORECASE
)


def local_scope(councils: Councils, wish: Filters, place: LotPlace) -> tuple[Scope | None, str]:
    """Where a local provider has a site, and in words by which rule; None where not known.

    The first of these that there is: what the wish says; the council or county that the lot
    names; the council of its own postcode; the buyer's own area, if it is a council; the
    council of the buyer's postcode; 30 km around a place that only the lot's words name.
    """
    if wish.area or wish.within or wish.with_neighbours:
        scope = scope_of(
            councils,
            Filters(wish.within, wish.area, wish.with_neighbours, size="any"),
            Purpose.ENGAGEMENT,
            place,
        )
        return scope, f"as asked: {describe(scope)}"
    found = _own_area(councils, place)
    if found is not None:
        area, why = found
        scope = Scope(areas=(local_area(councils, area),))
        return scope, f"{why}: {describe(scope)}"
    if place.spot is not None:
        scope = Scope(within_km=USUAL_KM)
        return scope, f"around the {place.source}: {describe(scope)}"
    return None, "not known, since the place of the lot is not: give its postcode or a known area"


def _own_area(councils: Councils, place: LotPlace) -> tuple[Area, str] | None:
    """The council or county that the lot is in, and how that is known."""
    if place.area is not None and not place.area.kind.wide:
        return place.area, "in the area that the lot names"
    at = councils.find(place.spot.council) if place.spot and place.spot.council else None
    if at is not None and place.source.startswith("delivery postcode"):
        return at, "in the council of the lot's postcode"
    if place.buyer is not None:
        return place.buyer, "in the buyer's own area"
    return (at, "in the council of the buyer's postcode") if at else None


def named_in_title(title: str, councils: Councils) -> str:
    """The councils or counties that a title is, or begins or ends with; '' where there are none.

    Lots by place are seldom told apart by anything else: 'Lot 3 - Walsall', 'Walsall: home
    care'.
    """
    segments = _SEGMENTS.split(" ".join(title.split()))
    found = (_areas_in(segment, councils) for segment in segments)
    return next(filter(None, found), "")


def unknown_area_notes(area: str, councils: Councils) -> tuple[str, ...]:
    """Of each part of a lot's area that is no area which is known, that it was passed over."""
    unknown = unknown_areas(area, councils)
    told = tuple(
        f"area {said[:_SHOWN]!r} is not a council, county, region or nation, and was passed over: "
        + (f"did you mean {near[0]!r}?" if near else "give its name or its official code")
        for said in unknown[:_TOLD]
        for near in [councils.suggest(said[:_SHOWN], 1)]
    )
    more = len(unknown) - _TOLD
    return (*told, f"area names {more} more that are not known.") if more > 0 else told


def is_placed(place: LotPlace) -> bool:
    """Whether a lot itself says where it is, by a postcode, a council or a county."""
    known = place.area is not None and not place.area.kind.wide
    return known or place.source.startswith("delivery postcode")


def based_in(register: Register, rows: Ints, scope: Scope, spot: Spot | None) -> Mask:
    """(n,) which of `rows` have a site in the scope's councils, within its radius, or in the UK."""
    c = register.columns
    if scope.councils:
        wanted = register.council_numbers(scope.councils)
        here: Mask = np.isin(c.council[rows], wanted)
        further = np.isin(c.site_council, wanted)
    elif scope.within_km is not None and spot is not None:
        here = distance_km(c.east[rows], c.north[rows], spot) <= scope.within_km
        further = distance_km(c.site_east, c.site_north, spot) <= scope.within_km
    else:
        return np.asarray(c.east[rows] != NOWHERE)
    return here | np.isin(rows, c.site_row[further])


def _areas_in(segment: str, councils: Councils) -> str:
    """A segment of a title as areas parted by commas; '' where it says anything else."""
    parts = [part.strip() for part in _NUMBERED.sub("", segment).split(",")]
    found = [councils.find(part) if part else None for part in parts]
    named = [area.name for area in found if area is not None and not area.kind.wide]
    return ", ".join(named) if len(named) == len(parts) else ""
