"""Which providers a query's scope allows, by place, size, kind and status."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.core.arrays import Floats, Ints, Mask
from matcher.core.types import Size
from matcher.geo.geocoding import Spot, distance_km
from matcher.geo.national_grid import NOWHERE
from matcher.law.scope import Scope
from matcher.ranking.query import Query
from matcher.register.columns import IS_VCSE, size_code
from matcher.register.register import Register
from matcher.register.rows import Rows
from matcher.register.search import rows_named


@dataclass(frozen=True)
class EligibleProviders:
    """The providers that may be suggested for a query, and how many may not, by reason.

    `rows` are examined, and `numbers` are their row numbers; `allowed` (one value per row) says
    which of them may be suggested.
    """

    rows: Rows
    numbers: Ints
    allowed: Mask
    set_aside: dict[str, int]
    size_unknown: int
    km: Floats | None = None
    """(rows,) kilometres from each row's first site to the lot, where the scope is a radius"""


def eligible_providers(query: Query) -> EligibleProviders:
    """The providers within the scope of a query."""
    register, scope = query.register, query.ruling.scope
    spot = query.analyzed.place.spot
    rows = _reach(register, spot, scope)
    c = register.columns
    in_area, km = _in_area(register, rows, spot, scope)
    in_place = rows.take(c.active) & in_area
    fits = in_place & _in_size(register, rows, scope)
    in_kind = fits & _in_kind(register, rows, scope)
    allowed = in_kind & ~_is_buyer(query, rows)
    gone = register.manifest.inactive
    placeless = register.manifest.active_without_place if query.by_place else 0
    elsewhere = len(register) - gone - int(np.count_nonzero(in_place)) - placeless
    set_aside = {
        "removed, dissolved or insolvent": gone,
        "place not known": placeless,
        "not in the area asked for": elsewhere,
        "larger than asked for": int(np.count_nonzero(in_place & ~fits)),
        "not voluntary, community or social enterprise": int(np.count_nonzero(fits & ~in_kind)),
        "the buyer itself": int(np.count_nonzero(in_kind & ~allowed)),
    }
    unsized = allowed & (rows.take(c.size) == size_code(Size.UNKNOWN))
    unknown = int(np.count_nonzero(unsized))
    return EligibleProviders(
        rows, rows.numbers(), allowed, {k: n for k, n in set_aside.items() if n}, unknown, km
    )


def _is_buyer(query: Query, rows: Rows) -> Mask:
    """(rows,) which are the buyer of the lot, by name: notices name some as their own suppliers."""
    found = np.zeros(len(rows), bool)
    at = rows.positions(np.array(rows_named(query.register, query.analyzed.lot.buyer), np.int64))
    found[at[at >= 0]] = True
    return found


def _reach(register: Register, spot: Spot | None, scope: Scope) -> Rows:
    if scope.councils:
        return register.within(scope.councils)
    if scope.within_km is not None and spot is not None:
        return register.near(spot.east, spot.north, scope.within_km)
    return register.everywhere()


def _in_area(
    register: Register, rows: Rows, spot: Spot | None, scope: Scope
) -> tuple[Mask, Floats | None]:
    """(rows,) which have a site in the scope's area; and their distances, where these decide."""
    c, km = register.columns, None
    if scope.councils:
        councils = register.council_numbers(scope.councils)
        inside: Mask = np.isin(rows.take(c.council), councils)
        further = c.site_row[np.isin(c.site_council, councils)]
    elif scope.within_km is not None and spot is not None:
        km = km_to(register, rows, spot)
        inside = km <= scope.within_km
        sites = c.sites_around(spot.east, 1000 * scope.within_km)
        to_sites = distance_km(c.site_east.take(sites), c.site_north.take(sites), spot)
        further = c.site_row.take(sites[to_sites <= scope.within_km])
    elif scope.uk:
        return np.asarray(rows.take(c.east) != NOWHERE), None
    else:
        return np.ones(len(rows), bool), None
    at = rows.positions(np.asarray(further, np.int64))
    inside[at[at >= 0]] = True
    return inside, km


def km_to(register: Register, rows: Rows, spot: Spot) -> Floats:
    """(rows,) kilometres from each row's first site to `spot`."""
    return distance_km(rows.take(register.columns.east), rows.take(register.columns.north), spot)


def _in_size(register: Register, rows: Rows, scope: Scope) -> Mask:
    if scope.sizes is None:
        return np.ones(len(rows), bool)
    allowed = np.array([size in scope.sizes or size is Size.UNKNOWN for size in Size])
    inside: Mask = allowed.take(rows.take(register.columns.size))
    return inside


def _in_kind(register: Register, rows: Rows, scope: Scope) -> Mask:
    if not scope.vcse:
        return np.ones(len(rows), bool)
    inside: Mask = IS_VCSE.take(rows.take(register.columns.kind))
    return inside
