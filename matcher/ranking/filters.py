"""Turns the filters that an officer chose into a scope: radius, area, size and kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matcher.core.cpv import is_code
from matcher.core.errors import BadInput, BadLot
from matcher.core.formatting import series
from matcher.core.types import Lot
from matcher.geo.councils import Area, AreaKind, Councils
from matcher.geo.geocoding import LotPlace, is_buyers_postcode
from matcher.geo.named_areas import require_area, unknown_areas
from matcher.law.scope import SMALL, LocalArea, Scope
from matcher.law.types import Purpose
from matcher.register.analysis import AnalyzedLot

USUAL_KM = 30.0
"""The usual radius of a local shortlist."""

_KM = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*+(?:(km|mi|miles?)\s*)?$", re.IGNORECASE)
_KM_A_MILE = 1.609344
_MOST_CODES = 5
"""Codes that a note names."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which providers to list, as the command line and the API accept it; None is the usual.

    `within` is '30km' or '20 miles'; `area` a council's or county's code or name, or 'uk';
    `size` 'small' or 'any'; `kind` 'vcse' or 'any'.  `everyone` lifts the usual limits.
    """

    within: str | None = None
    area: str | None = None
    with_neighbours: bool = False
    size: str | None = None
    kind: str | None = None
    everyone: bool = False


def scope_of(councils: Councils, wish: Filters, purpose: Purpose, place: LotPlace) -> Scope:
    """The scope that the filters mean for a lot at `place`.

    An engagement list is small and local (30 km) unless the filters say otherwise.  Other
    purposes are narrowed only as asked, and the gate decides whether that is lawful.
    Raises BadInput for filters that contradict each other, and BadLot where a distance is asked
    for and the lot's place is not known.
    """
    _check(wish)
    if wish.within and place.spot is None:
        unclear = "".join(f"; {each}" for each in place.unclear)
        raise BadLot(
            f"within {wish.within!r} needs a place, and the lot's place is not known{unclear}: "
            "give its postcode, its town or its buyer's postcode, or narrow by area"
        )
    usual = purpose is Purpose.ENGAGEMENT and not wish.everyone
    area = (wish.area or "").strip()
    uk = is_uk(wish)
    local = usual and not area and wish.within is None and place.spot is not None
    within = USUAL_KM if local else None
    return Scope(
        within_km=kilometres(wish.within) if wish.within else within,
        areas=_areas(councils, area_of(councils, area, place)) if area and not uk else (),
        with_neighbours=wish.with_neighbours,
        uk=uk,
        sizes=SMALL if wish.size == "small" or (usual and wish.size is None) else None,
        vcse=wish.kind == "vcse",
    )


def area_of(councils: Councils, name: str, place: LotPlace) -> Area:
    """The area with this name or code, or the council of the town with this name.

    Raises BadInput, with names that are alike, where there is none, or where several towns that
    have the name cannot be told apart by the place of the lot.
    """
    own = place.spot.council if place.spot else ""
    sets = (place.buyer and place.buyer.councils, own and frozenset({own}))
    return require_area(name, councils, [each for each in sets if each])


def _check(wish: Filters) -> None:
    _check_choice("size", wish.size, "small", "any")
    _check_choice("kind", wish.kind, "vcse", "any")
    if wish.within and wish.area:
        raise BadInput("within cannot be given with area: give one of the two")
    if wish.within:
        kilometres(wish.within)
    if wish.with_neighbours and not wish.area:
        raise BadInput("with_neighbours needs area: name the area whose neighbours to include")
    if wish.with_neighbours and is_uk(wish):
        raise BadInput(
            "with_neighbours needs a council or county as area: the uk has no neighbours here"
        )
    narrowed = (wish.within, wish.area, wish.size == "small", wish.kind == "vcse")
    if wish.everyone and any(narrowed):
        raise BadInput("everyone removes every limit: leave out within, area, size and kind")


def is_uk(wish: Filters) -> bool:
    """Whether the whole United Kingdom is asked for."""
    return (wish.area or "").strip().lower() in {"uk", "united kingdom"}


def _check_choice(option: str, value: str | None, *choices: str) -> None:
    if value is not None and value not in choices:
        raise BadInput(f"{option} {value!r} is not known: give one of {', '.join(choices)}")


def kilometres(text: str) -> float:
    """Kilometres from '30km', '30' or '20 miles'.

    >>> kilometres("30km"), round(kilometres("20 miles"), 1)
    (30.0, 32.2)
    """
    match = _KM.match(text)
    if not match or not 0 < float(match[1]) <= 1500:
        raise BadInput(f"within {text!r} is not a distance: give one such as 30km or 20 miles")
    miles = (match[2] or "km").lower().startswith("mi")
    return float(match[1]) * (_KM_A_MILE if miles else 1)


def _areas(councils: Councils, named: Area) -> tuple[LocalArea, ...]:
    """Each area of a list of areas, which `Councils.union` joined."""
    return tuple(local_area(councils, councils.areas[code]) for code in named.code.split("+"))


def local_area(councils: Councils, area: Area) -> LocalArea:
    """The area with its neighbours, as the gate uses it."""
    near = tuple(
        LocalArea(a.name, _kind(councils, a), a.councils)
        for a in councils.neighbours(*area.councils)
    )
    return LocalArea(area.name, _kind(councils, area), area.councils, near)


def _kind(councils: Councils, area: Area) -> str:
    """The kind of an area; a council that is one of the districts of a county is a 'district'."""
    if area.kind is AreaKind.COUNCIL and area.code in councils.rows:
        return "council" if councils.upper_tier(area.code) == area else "district"
    return area.kind.value


def buyer_area(councils: Councils, place: LotPlace) -> LocalArea | None:
    """The buyer's own area with its neighbours; None where the buyer is not a known council."""
    return local_area(councils, place.buyer) if place.buyer else None


def cautions(lot: Lot, scope: Scope, councils: Councils, place: LotPlace) -> tuple[str, ...]:
    """Warnings about how the lot's place and the scope were interpreted."""
    warnings = []
    if lot.postcode and not place.source.startswith("delivery postcode"):
        named = place.source.partition(" named in the text: ")[2]
        own = bool(named) and is_buyers_postcode(lot)
        why = f"the buyer's own, and the lot names {named}" if own else "not known"
        warnings.append(f"The postcode {lot.postcode} is {why}, so it was not used.")
    for name in unknown_areas(lot.area, councils) if lot.area else ():
        warnings.append(
            f"The area {name!r} is not a council, county, region, nation, town or village, so it "
            "was not used."
        )
    warnings.extend(f"{unclear}. Until then it is not used." for unclear in place.unclear)
    if place.spot is None:
        warnings.append(
            "The lot's place is not known, so distance was not used. Give its postcode or area."
        )
    if scope.with_neighbours and councils.derived:
        warnings.append(
            "Neighbouring areas were worked out from postcodes: the council should confirm them."
        )
    return tuple(warnings)


def codes_note(lot: Lot) -> list[str]:
    """That codes of the lot are none of the CPV and do not count; nothing where all are."""
    codes = [code for code in lot.cpv if not is_code(code)]
    if not codes:
        return []
    more = max(0, len(codes) - _MOST_CODES)
    shown = series([*codes[:_MOST_CODES], *([f"{more:,} more"] if more else [])], "or")
    was = "it was" if len(codes) == 1 else "they were"
    return [f"The CPV has no code {shown}, so {was} not used. Check the digits."]


def unread_note(analyzed: AnalyzedLot) -> list[str]:
    """That no word of the lot could be read, and what to do; nothing where one was."""
    why = analyzed.unread
    if not why:
        return []
    by_codes = " The list rests on its CPV codes alone." if analyzed.codes else ""
    return [
        f"No word of this lot could be used: {why}.{by_codes} Say in English what you want to buy, "
        "such as “hot meals at home”."
    ]


def describe(scope: Scope) -> str:
    """The scope in words.

    >>> describe(Scope(within_km=30, sizes=SMALL))
    'within 30 km in a straight line; not large (size unknown is kept)'
    """
    limits = []
    if scope.within_km is not None:
        limits.append(f"within {scope.within_km:g} km in a straight line")
    limits.extend(str(area) for area in (*scope.areas, *scope.neighbours))
    if scope.uk:
        limits.append("based in the United Kingdom")
    if scope.sizes is not None:
        limits.append("not large (size unknown is kept)")
    if scope.vcse:
        limits.append("voluntary, community and social enterprises only")
    return "; ".join(limits) or "everyone"
