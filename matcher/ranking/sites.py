"""Which of a provider's sites counts for a lot, and how far away it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot

import numpy as np

from matcher.core.types import Site
from matcher.geo.geocoding import Spot
from matcher.geo.national_grid import NOWHERE
from matcher.ranking.query import Query
from matcher.register.register import Register


@dataclass(frozen=True, slots=True)
class LocatedSite:
    """A site with its position, in metres on the British National Grid, and its council."""

    site: Site
    east: int
    north: int
    council: str


def best_site(
    query: Query, row: int, sites: Sequence[Site]
) -> tuple[LocatedSite | None, float | None]:
    """The nearest site, and its distance in kilometres.

    Prefers sites in the area that the list is narrowed to.  The distance is None where the lot
    or every site has no known position.
    """
    located = list(_located(query.register, row, sites))
    preferred = query.ruling.scope.councils
    choice = [site for site in located if site.council in preferred] or located
    spot = query.analyzed.place.spot
    if not choice or spot is None:
        return next(iter(choice), None), None
    distances = [hypot(site.east - spot.east, site.north - spot.north) for site in choice]
    nearest = min(distances)
    return choice[distances.index(nearest)], round(nearest / 1000, 1)


def council_name(register: Register, point: LocatedSite | Spot | None) -> str:
    """The name of the council that a point is in; '' where it is not known."""
    area = register.councils.find(point.council) if point else None
    return in_usual_order(area.name) if area else ""


def in_usual_order(name: str) -> str:
    """The name of an area as people say it, which official lists turn round.

    >>> in_usual_order("Bristol, City of"), in_usual_order("Newry, Mourne and Down")
    ('City of Bristol', 'Newry, Mourne and Down')
    """
    place, _, kind = name.partition(", ")
    return f"{kind} {place}" if kind.endswith(" of") else name


def _located(register: Register, row: int, sites: Sequence[Site]) -> Iterator[LocatedSite]:
    """The sites whose position is known, read from the register's columns where they match."""
    c, table = register.columns, register.postcodes
    if c.east[row] == NOWHERE:
        return
    further = _further_sites(register, row) if len(sites) > 1 else range(0)
    if 1 + len(further) == len(sites):
        code = table.councils[c.council[row]]
        yield LocatedSite(sites[0], int(c.east[row]), int(c.north[row]), code)
        for site, at in zip(sites[1:], further, strict=True):
            code = table.councils[c.site_council[at]]
            yield LocatedSite(site, int(c.site_east[at]), int(c.site_north[at]), code)
        return
    for site in sites:
        if point := table.find(site.postcode):
            yield LocatedSite(site, point.east, point.north, point.council)


def _further_sites(register: Register, row: int) -> range:
    """The positions in the site columns of every site of `row` but its first."""
    ends = np.array([row, row + 1], np.int32)
    return range(*register.columns.site_row.searchsorted(ends).tolist())
