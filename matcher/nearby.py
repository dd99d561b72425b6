"""Who is local to a lot: based where it is asked for, or else in the council that it is in."""

from __future__ import annotations

import re
from dataclasses import replace

from matcher.councils import Area, Councils
from matcher.law import Purpose
from matcher.places import LotPlace
from matcher.reach import USUAL_KM, Wish, describe, local_area, scope_of
from matcher.scope import Scope
from matcher.types import Lot

_SEGMENTS = re.compile(r"\s+[-–—]+\s*|\s*[–—:()]\s*")
_NUMBERED = re.compile(r"^\s*(?:lot|area|region)?\s*(?:no\.?|number)?\s*\d+\w?\b\s*", re.IGNORECASE)


def local_scope(councils: Councils, wish: Wish, place: LotPlace) -> tuple[Scope | None, str]:
    """Where a local provider has a site, and in words by which rule; None where not known.

    The first of these that there is: what the wish says; the council or county that the lot
    names; the council of its own postcode; the buyer's own area, if it is a council; the
    council of the buyer's postcode; 30 km around a place that only the lot's words name.
    """
    if wish.area or wish.within or wish.with_neighbours:
        scope = scope_of(
            councils,
            Wish(wish.within, wish.area, wish.with_neighbours, size="any"),
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
    return None, "not known, since the place of the lot is not: give its postcode or area"


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


def placed(lot: Lot, councils: Councils, place: LotPlace) -> Lot:
    """The lot with the council or county that its title is, or ends or begins with, as its area.

    Lots by place are seldom told apart by anything else: 'Lot 3 - Walsall', 'Walsall: home
    care'.  A lot that says where it is by a postcode, a council or a county is left as it is.
    """
    known = place.area is not None and not place.area.kind.wide
    if known or place.source.startswith("delivery postcode"):
        return lot
    found = (_areas_in(segment, councils) for segment in _SEGMENTS.split(lot.title))
    named = next(filter(None, found), "")
    return replace(lot, area=named) if named else lot


def _areas_in(segment: str, councils: Councils) -> str:
    """A segment of a title as areas parted by commas; '' where it says anything else."""
    parts = [part.strip() for part in _NUMBERED.sub("", segment).split(",")]
    found = [councils.find(part) if part else None for part in parts]
    named = [area.name for area in found if area is not None and not area.kind.wide]
    return ", ".join(named) if len(named) == len(parts) else ""
