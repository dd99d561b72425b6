"""Finds the councils that a need is for, and groups bordering councils."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from matcher.core.formatting import series
from matcher.core.types import Lot
from matcher.geo.councils import Area, AreaKind, Councils
from matcher.geo.geocoding import LotPlace
from matcher.geo.postcodes import PostcodeTable
from matcher.lotting.work_parts import READ

_PART_OF_REGION = re.compile(r"UK[C-N]\d[A-Z0-9]*(?:[,;]\s*UK[C-N]\d[A-Z0-9]*)*", re.IGNORECASE)
_NAME = r"[A-Z][\w'’-]+(?: (?:(?:and|in|of|on|the|upon|with) )?[A-Z][\w'’-]+){0,5}"
_LISTED = re.compile(
    rf"\b(?:across|areas? of|boroughs? of|covering|districts? of|in|serving|throughout|within)"
    rf"\s+(?:the\s+)?(?P<names>{_NAME}(?:(?:,| and| &|, and| or)\s+(?:the\s+)?{_NAME})*)"
)
_BETWEEN = re.compile(r",\s*(?:and\s+)?|(?<!\s)\s++(?:and|&|or)\s+")

Group: TypeAlias = frozenset[str]
"""The codes of the councils of one lot."""


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
        """The share of all homes in these councils; 0 where the homes are not known."""
        whole = sum(self.homes.values())
        return sum(self.homes[code] for code in group) / whole if whole else 0.0

    def named(self, group: Group) -> str:
        """The names of the councils, in order."""
        return series(area.name for area in self.areas if area.code in group)

    def as_area(self, group: Group) -> str:
        """The councils as the area of a lot: by name, or by code where a name has a comma."""
        within = [area for area in self.areas if area.code in group]
        return ", ".join(area.code if "," in area.name else area.name for area in within)

    def touching(self, group: Group, other: Group) -> bool:
        """Whether a council of one group borders a council of the other."""
        return any(self.councils.borders.get(code, Group()) & other for code in group)


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
    in_text = _areas_in(f"{lot.title}\n{lot.description[:READ]}", councils)
    if len(in_text) > 1:
        yield in_text, "the areas that its text names"
    council = place.spot.council if place.spot else ""
    if council in councils.rows and (lot.postcode or plain):
        yield Group({council}), place.source
    if in_text:
        yield in_text, "the area that its text names"
    if named is not None and not is_code_in_region(lot.area):
        yield named.councils, f"the area that it names: {named.name}"
    if place.buyer is not None:
        source = f"the buyer's own area, because the need names no area: {place.buyer.name}"
        yield place.buyer.councils, source
    if council in councils.rows:
        yield Group({council}), place.source


def is_code_in_region(area: str) -> bool:
    """Whether an area is a NUTS code below a region, for which only the region is known."""
    return bool(_PART_OF_REGION.fullmatch(area.strip()))


def _areas_in(text: str, councils: Councils) -> Group:
    """The councils that a text lists as the place of the work; counties as their districts."""
    codes = Group()
    for match in _LISTED.finditer(text):
        for name in (match["names"], *_BETWEEN.split(match["names"])):
            area = councils.find(name)
            if area is not None and area.kind in (AreaKind.COUNCIL, AreaKind.COUNTY):
                codes |= area.councils
    return codes


def _homes(codes: Group, table: PostcodeTable) -> dict[str, int]:
    """The number of postcodes in each council."""
    numbers = np.bincount(table.postcodes.council, minlength=len(table.councils))
    homes = {code: int(numbers[at]) for at, code in enumerate(table.councils) if code in codes}
    return {code: homes.get(code, 0) for code in sorted(codes)}


def whole_councils(delivery: DeliveryArea) -> tuple[Group, ...]:
    """Each council by itself."""
    return tuple(Group({area.code}) for area in delivery.areas)


def clusters(delivery: DeliveryArea, lots: int) -> tuple[Group, ...]:
    """The councils in `lots` clusters of bordering councils, with about equal homes.

    The result has more clusters where councils have no neighbour to join.
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
    delivery: DeliveryArea, groups: tuple[Group, ...], candidates: Iterable[int]
) -> tuple[Group, ...]:
    """The groups, with the first of `candidates` that has neighbours joined to the smallest.

    `candidates` are positions in `groups`.  The groups are unchanged where none has a neighbour.
    """
    for at in candidates:
        near = [
            other
            for other in _smallest_first(delivery, groups)
            if other != at and delivery.touching(groups[at], groups[other])
        ]
        if near:
            joined = groups[at] | groups[near[0]]
            others = [group for i, group in enumerate(groups) if i not in (at, near[0])]
            return tuple(sorted([*others, joined], key=delivery.named))
    return groups
