"""Measures how concentrated a service is: past awards of the lot's CPV class near it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

import numpy as np

from matcher.core.arrays import Ints, Mask
from matcher.core.cpv import code_prefixes
from matcher.core.formatting import series
from matcher.geo.geocoding import distance_km
from matcher.ranking.filters import USUAL_KM
from matcher.ranking.query import Query
from matcher.register.register import Register

CLASS = 4
"""The number of CPV digits that define a service: its class."""
_FEW = 10


@dataclass(frozen=True, slots=True)
class Concentration:
    """How past awards of a service in an area were shared among their winners.

    `hhi` is the Herfindahl-Hirschman index in points: the sum of squared percentage shares,
    10,000 where one provider won everything.  Shares are of awards, not of pounds; joint winners
    share an award.  `incumbents` is how many providers won such an award from this buyer, and
    `incumbents_share` is their share of all these awards.  None means not known, never 0.
    """

    service: str
    area: str
    awards: int
    winners: int
    since: date | None
    until: date | None
    hhi: float | None
    largest_share: float | None
    incumbents: int | None
    incumbents_share: float | None
    few: bool
    """so few awards that the index says little: with n awards it is at least 10,000 / n"""


def concentration(query: Query) -> Concentration:
    """How the known awards of the lot's CPV class, near the lot, were shared."""
    classes = _classes(query.analyzed.lot.cpv)
    awards = _of_classes(query, classes)
    here, area = _area(query, awards)
    register = query.register
    awards = awards[here & _has_winners(register, awards)]
    at, winner = register.winners.of_many(awards)
    joint = np.bincount(at, minlength=len(awards))
    distinct, who = np.unique(winner, return_inverse=True)
    share = np.bincount(who, 1 / joint[at], len(distinct))
    share = share / share.sum() if len(share) else share
    by_buyer = _by_buyer(query, awards)
    incumbent = np.unique(who[by_buyer[at]])
    days = register.columns.award_day[awards]
    any_winners = len(distinct) > 0
    buyer_known = any_winners and query.analyzed.buyer != 0
    return Concentration(
        service=f"CPV {series(classes)}" if classes else "not known: the lot has no CPV code",
        area=area,
        awards=len(awards),
        winners=len(distinct),
        since=date.fromordinal(int(days.min())) if len(days) else None,
        until=date.fromordinal(int(days.max())) if len(days) else None,
        hhi=_rounded(fsum((100 * share) ** 2), 1) if any_winners else None,
        largest_share=_rounded(float(share.max()), 4) if any_winners else None,
        incumbents=len(incumbent) if buyer_known else None,
        incumbents_share=_rounded(fsum(share[incumbent]), 4) if buyer_known else None,
        few=len(awards) < _FEW,
    )


def _rounded(value: float, places: int) -> float:
    """`value` to so many decimal places, after dropping what floating-point sums leave."""
    return round(round(value, places + 5), places)


def known_near(query: Query) -> int | None:
    """The number of known awards of any service within 30 km; None where the place is unknown."""
    spot, register = query.analyzed.place.spot, query.register
    if spot is None:
        return None
    c, awards = register.columns, register.known_awards
    east, north = c.award_east[:awards], c.award_north[:awards]
    return int(np.count_nonzero(distance_km(east, north, spot) <= USUAL_KM))


def _classes(cpv: Sequence[str]) -> list[str]:
    """The CPV classes of these codes; a shorter code gives its group or division.

    >>> _classes(["85312000", "85312310", "85000000"])
    ['85', '8531']
    """
    narrow = ([p for p in code_prefixes([code]) if len(p) <= CLASS][-1] for code in cpv)
    return sorted(set(narrow))


def _of_classes(query: Query, classes: list[str]) -> Ints:
    """The numbers of the known awards with a code of one of these classes, ascending."""
    register = query.register
    by_class = [register.codes.rows_with(prefix) for prefix in classes]
    known = [rows[: rows.searchsorted(np.int32(register.known_awards))] for rows in by_class]
    return np.unique(np.concatenate([np.empty(0, np.int64), *known]).astype(np.int64))


def _area(query: Query, awards: Ints) -> tuple[Mask, str]:
    """(awards,) which awards are in the lot's area; and the area in words."""
    spot, named = query.analyzed.place.spot, query.analyzed.buyer != 0
    by_buyer = _by_buyer(query, awards)
    if spot is None and not named:
        return np.ones(len(awards), bool), "everywhere, because neither place nor buyer is known"
    if spot is None:
        return by_buyer, "by the same buyer; the lot's place is not known"
    c = query.register.columns
    km = distance_km(c.award_east[awards], c.award_north[awards], spot)
    buyer = " or by the same buyer" if named else ""
    return by_buyer | (km <= USUAL_KM), f"within {USUAL_KM:g} km of the lot{buyer}"


def _has_winners(register: Register, awards: Ints) -> Mask:
    """(awards,) which awards have a known winner: only they can be shared among winners."""
    offsets = register.winners.offsets
    won: Mask = offsets[awards + 1] > offsets[awards]
    return won


def _by_buyer(query: Query, awards: Ints) -> Mask:
    """(awards,) which awards are by the lot's buyer."""
    buyer = query.analyzed.buyer
    by_buyer: Mask = (query.register.columns.award_buyer[awards] == np.uint64(buyer)) & (buyer != 0)
    return by_buyer
