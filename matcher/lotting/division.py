"""Divides a need into lots by place, by service or by value; and joins lots again.

Places are whole councils or clusters of bordering councils.  How the value is shared between the
lots is an assumption, which each division states.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile
from typing import TypeAlias

import numpy as np

from matcher.core.errors import BadLot
from matcher.core.formatting import pounds, series
from matcher.core.identifiers import notice_id
from matcher.core.types import Lot
from matcher.geo.councils import Area, AreaKind, Councils
from matcher.geo.geocoding import LotPlace, area_named
from matcher.geo.postcodes import PostcodeTable
from matcher.law.procurement import total_value
from matcher.lotting.work_parts import (
    READ,
    WorkPart,
    part_as_lot,
    parts_by_code,
    parts_in_text,
    piece_id,
    work_parts,
)
from matcher.market.local_area import named_in_title
from matcher.sources.documents.amounts import stated_value

MOST_AREAS = 40
"""The most councils of a need to divide by."""
MOST_EQUAL = 10
"""The most lots of equal value to divide a need into."""
_MOST_VALUE = 1e13
"""The largest value, in pounds, that is shared to the penny."""
_SAME = 12
_PART_OF_REGION = re.compile(r"UK[C-N]\d[A-Z0-9]*(?:[,;]\s*UK[C-N]\d[A-Z0-9]*)*", re.IGNORECASE)
_NAME = r"[A-Z][\w'’-]+(?: (?:(?:and|in|of|on|the|upon|with) )?[A-Z][\w'’-]+){0,5}"
_LISTED = re.compile(
    rf"\b(?:across|areas? of|boroughs? of|covering|districts? of|in|serving|throughout|within)"
    rf"\s+(?:the\s+)?(?P<names>{_NAME}(?:(?:,| and| &|, and| or)\s+(?:the\s+)?{_NAME})*)"
)
_BETWEEN = re.compile(r",\s*(?:and\s+)?|(?<!\s)\s++(?:and|&|or)\s+")

Group: TypeAlias = frozenset[str]
"""The codes of the councils of one lot."""


class DivideBy(StrEnum):
    """What a need is divided by."""

    PLACE = "place"
    SERVICE = "service"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class LotDivision:
    """One way to divide a need into lots, in words, with the assumptions."""

    name: str
    by: DivideBy
    lots: tuple[Lot, ...]
    words: str
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeliveryArea:
    """The councils that a need is for, how that is known, and the homes in each.

    `homes` counts postcodes, of which only the proportions are used.
    """

    areas: tuple[Area, ...]
    source: str
    homes: Mapping[str, int]
    councils: Councils

    def share(self, group: Group) -> float:
        """The share of all homes that is in these councils; 0 where none is known."""
        whole = sum(self.homes.values())
        return sum(self.homes[code] for code in group) / whole if whole else 0.0

    def named(self, group: Group) -> str:
        """The names of the councils, in order."""
        return series(area.name for area in self.areas if area.code in group)

    def as_area(self, group: Group) -> str:
        """The councils as the area of a lot: by name, or by code where a name has a comma."""
        within = [area for area in self.areas if area.code in group]
        return ", ".join(area.code if "," in area.name else area.name for area in within)

    def touching(self, one: Group, other: Group) -> bool:
        """Whether a council of one group borders a council of the other."""
        return any(self.councils.borders.get(code, Group()) & other for code in one)


# --- place -----------------------------------------------------------------------------


def delivery_area(
    lot: Lot, place: LotPlace, councils: Councils, table: PostcodeTable
) -> DeliveryArea:
    """The councils that a need is for, by name: as it states, else the buyer's own area."""
    codes, source = next(_possible_areas(lot, place, councils), (Group(), ""))
    areas = sorted((councils.areas[code] for code in codes), key=lambda area: area.name)
    return DeliveryArea(tuple(areas), source, _homes(codes, table), councils)


def _possible_areas(lot: Lot, place: LotPlace, councils: Councils) -> Iterator[tuple[Group, str]]:
    """The councils that a need may be for and how that is known, most certain first."""
    named = place.area
    plain = named is not None and not named.kind.wide
    if named is not None and plain and len(named.councils) > 1:
        yield named.councils, f"the area that it names: {named.name}"
    said = _areas_in(f"{lot.title}\n{lot.description[:READ]}", councils)
    if len(said) > 1:
        yield said, "the areas that its text names"
    at = place.spot.council if place.spot else ""
    if at in councils.rows and (lot.postcode or plain):
        yield Group({at}), place.source
    if said:
        yield said, "the area that its text names"
    if named is not None and not _vague(lot.area):
        yield named.councils, f"the area that it names: {named.name}"
    if place.buyer is not None:
        source = f"the buyer's own area, for the need names none of its own: {place.buyer.name}"
        yield place.buyer.councils, source
    if at in councils.rows:
        yield Group({at}), place.source


def _vague(area: str) -> bool:
    """Whether an area is a code for part of a region, of which only the region is known."""
    return bool(_PART_OF_REGION.fullmatch(area.strip()))


def _areas_in(said: str, councils: Councils) -> Group:
    """The councils that a text lists as the place of the work; counties as their districts."""
    codes = Group()
    for found in _LISTED.finditer(said):
        for name in (found["names"], *_BETWEEN.split(found["names"])):
            area = councils.find(name)
            if area is not None and area.kind in (AreaKind.COUNCIL, AreaKind.COUNTY):
                codes |= area.councils
    return codes


def _homes(codes: Group, table: PostcodeTable) -> dict[str, int]:
    numbers = np.bincount(table.postcodes.council, minlength=len(table.councils))
    known = {code: int(numbers[at]) for at, code in enumerate(table.councils) if code in codes}
    return {code: known.get(code, 0) for code in sorted(codes)}


def whole_councils(delivery: DeliveryArea) -> tuple[Group, ...]:
    """Each council by itself."""
    return tuple(Group({area.code}) for area in delivery.areas)


def clusters(delivery: DeliveryArea, lots: int) -> tuple[Group, ...]:
    """The councils in `lots` clusters of bordering councils, with about equal homes.

    There are more clusters where councils have no neighbour to join.
    """
    groups = whole_councils(delivery)
    while len(groups) > lots:
        smaller = joined_to_neighbour(delivery, groups, _smallest_first(delivery, groups))
        if smaller == groups:
            break
        groups = smaller
    return groups


def _smallest_first(delivery: DeliveryArea, groups: Sequence[Group]) -> list[int]:
    return sorted(range(len(groups)), key=lambda at: (delivery.share(groups[at]), at))


def joined_to_neighbour(
    delivery: DeliveryArea, groups: tuple[Group, ...], which: Iterable[int]
) -> tuple[Group, ...]:
    """The groups, with the first of `which` that has neighbours joined to the smallest."""
    for at in which:
        near = [
            other
            for other in _smallest_first(delivery, groups)
            if other != at and delivery.touching(groups[at], groups[other])
        ]
        if near:
            both = groups[at] | groups[near[0]]
            left = [one for i, one in enumerate(groups) if i not in (at, near[0])]
            return tuple(sorted([*left, both], key=delivery.named))
    return groups


def by_place(
    lot: Lot, delivery: DeliveryArea, groups: Sequence[Group], name: str = ""
) -> LotDivision:
    """A lot for each group of councils, with the value shared by homes."""
    shares = [delivery.share(group) for group in groups]
    pieces = [
        replace(
            lot,
            id=piece_id(lot.id, "-".join(sorted(group))),
            title=f"{lot.title}: {delivery.named(group)}" if lot.title else delivery.named(group),
            area=delivery.as_area(group),
            postcode="",
        )
        for group in groups
    ]
    alone = all(len(group) == 1 for group in groups)
    said = "a lot for each council" if alone else f"{len(groups)} groups of bordering councils"
    return LotDivision(
        name=name or ("by council" if alone else f"by {len(groups)} clusters of councils"),
        by=DivideBy.PLACE,
        lots=_valued(lot, pieces, shares),
        words=f"By place: {said}, of {delivery.source}.",
        assumed=_assumed(lot, "shared by the number of postcodes, as an estimate of homes"),
    )


# --- service ---------------------------------------------------------------------------


def by_service(lot: Lot) -> Iterator[LotDivision]:
    """By the parts that its text lists, and by groups of its CPV codes, the widest first."""
    if parts := parts_in_text(lot):
        words = f"By service: the {len(parts)} parts that its own text lists."
        yield _of_parts(lot, parts, "by its own parts", words)
    for parts in parts_by_code(lot):
        words = f"By service: its CPV codes in {len(parts)} groups."
        yield _of_parts(lot, parts, f"by {len(parts)} groups of codes", words)


def _of_parts(lot: Lot, parts: Sequence[WorkPart], name: str, words: str) -> LotDivision:
    pieces = [part_as_lot(lot, part, str(at)) for at, part in enumerate(parts, 1)]
    worth = [stated_value(f"{part.title}\n{part.text}") for part in parts]
    told = [one.pounds for one in worth if one and one.yearly is None]
    stated = len(told) == len(parts)
    shares = told if stated else [1.0] * len(parts)
    how = "shared as its text says" if stated else "shared evenly, because the text does not say"
    sources = dict.fromkeys(part.source for part in parts)
    check = f"That these are separate work is read from {series(sources)}: check it."
    return LotDivision(
        name, DivideBy.SERVICE, _valued(lot, pieces, shares), words, (*_assumed(lot, how), check)
    )


# --- value -----------------------------------------------------------------------------


def by_value(lot: Lot, most: float) -> LotDivision | None:
    """Equal lots of at most `most` pounds, VAT as in the lot's value.

    None where the lot is small enough, or where more than ten lots would be needed.
    """
    number = equal_lots(lot, most)
    if not 1 < number <= MOST_EQUAL:
        return None
    pieces = [
        replace(
            lot, id=piece_id(lot.id, f"{at}of{number}"), title=f"{lot.title} ({at} of {number})"
        )
        for at in range(1, number + 1)
    ]
    lots = _valued(lot, pieces, [1.0] * number)
    each = max(piece.value or 0.0 for piece in lots)
    return LotDivision(
        name=f"by value, at most {pounds(most)}",
        by=DivideBy.VALUE,
        lots=lots,
        words=f"By value: {number} equal lots, of at most {pounds(each)} each.",
        assumed=(_EQUAL, *([_OF_EVERYTHING] if work_parts(lot) else [])),
    )


def equal_lots(lot: Lot, most: float) -> int:
    """How many equal lots of at most `most` pounds a lot makes; 1 where it is small enough.

    Raises BadLot for a value that is too large to share.
    """
    if lot.value is None or not 0 < most < lot.value:
        return 1
    _check_value(lot.value)
    return int(np.ceil(lot.value / most))


_EQUAL = (
    "The lots are equal in work and place. State in the notice how many of them one supplier may "
    "win; otherwise one may win all."
)
_OF_EVERYTHING = "Each lot has some of every part of the work that the need lists."


# --- values, and joining again ---------------------------------------------------------


def _valued(lot: Lot, pieces: Sequence[Lot], shares: Sequence[float]) -> tuple[Lot, ...]:
    """The pieces with the lot's value shared between them, to the penny.

    Raises BadLot for a value that is too large to share.
    """
    whole = sum(shares)
    if lot.value is None or not whole:
        return tuple(replace(piece, value=None) for piece in pieces)
    _check_value(lot.value)
    edges = np.round(np.cumsum([0.0, *shares]) / whole * lot.value * 100).astype(int)
    parts = (np.diff(edges) / 100).tolist()
    return tuple(replace(p, value=worth) for p, worth in zip(pieces, parts, strict=True))


def _check_value(value: float) -> None:
    if value > _MOST_VALUE:
        raise BadLot(
            f"value {value:g} is too large to be shared among lots; give pounds, at most "
            f"{_MOST_VALUE:,.0f}"
        )


def _assumed(lot: Lot, how: str) -> tuple[str, ...]:
    return () if lot.value is None else (f"The value is {how}.",)


def join_lots(lots: Sequence[Lot], councils: Councils, table: PostcodeTable, vat: float) -> Lot:
    """All lots as one: their texts, codes, places, and the sum of their values.

    The sum is unknown where a lot has no value.  VAT is added to the others where some values
    include it.  A lot without a council or county is in the council of its postcode.
    Raises BadLot where there are no lots.
    """
    if not lots:
        raise BadLot("lots: there are none; give at least one")
    if len(lots) == 1:
        return lots[0]
    ordered = sorted(lots, key=lambda lot: (lot.title, lot.id))
    first = min(lots, key=lambda lot: lot.id)
    gross = any(lot.value_is_gross for lot in lots)
    known = all(lot.value is not None for lot in lots)
    places = {(lot.postcode, lot.area) for lot in lots}
    return replace(
        first,
        id=notice_id(first.id),
        title=_title([lot.title for lot in ordered]),
        description="\n".join(dict.fromkeys(lot.description for lot in ordered)),
        cpv=tuple(dict.fromkeys(code for lot in ordered for code in lot.cpv)),
        value=total_value(lots, vat if gross else 0.0) if known else None,
        value_is_gross=gross,
        postcode=first.postcode if len(places) == 1 else "",
        area=", ".join(_areas(ordered, councils, table)) if len(places) > 1 else first.area,
        years=first.years if len({lot.years for lot in lots}) == 1 else None,
    )


def _areas(lots: Iterable[Lot], councils: Councils, table: PostcodeTable) -> list[str]:
    areas = (_area(lot, councils, table) for lot in lots)
    parts = (part.strip() for area in areas for part in area.replace(";", ",").split(","))
    return sorted({part for part in parts if part})


def _area(lot: Lot, councils: Councils, table: PostcodeTable) -> str:
    named = area_named(lot.area, councils)
    if named is not None and not named.kind.wide:
        return lot.area
    if point := table.find(lot.postcode):
        return point.council
    if titled := named_in_title(lot.title, councils):
        return titled
    if named is None or _vague(lot.area):
        point = table.find(lot.buyer_postcode)
    return point.council if point else lot.area


def _title(titles: Sequence[str]) -> str:
    """The common beginning of all titles if it is long enough, else all titles."""
    distinct = list(dict.fromkeys(filter(None, titles)))
    words = zip(*(title.split() for title in distinct), strict=False)
    same = takewhile(
        lambda word: len(set(word)) == 1, ([w.strip(":,(") for w in at] for at in words)
    )
    plain = " ".join(word[0] for word in same).rstrip(" –—-")
    return plain if len(plain) >= _SAME else "; ".join(distinct)
