"""In how few hands a service has been: past awards of a lot's CPV class near it, by winner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

import numpy as np

from matcher.core.arrays import Ints, Mask
from matcher.core.cpv import code_prefixes
from matcher.core.formatting import series
from matcher.geo.distance import distance_km
from matcher.ranking.filters import USUAL_KM
from matcher.ranking.query import Query

CLASS = 4
"""Digits of CPV code that make a service: its class."""
_FEW = 10


@dataclass(frozen=True, slots=True)
class Concentration:
    """How past awards of a service in an area were shared among their winners.

    `hhi` is the Herfindahl-Hirschman index in points: the sum of the squares of the shares in
    per cent, 10,000 where one provider won all.  Shares are of awards, not of pounds; joint
    winners share an award.  `incumbents` are who won such an award from this buyer, and
    `incumbents_share` is of all these awards, whoever bought.  None is not known, never 0.
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
    """so few awards that the index says little: of n awards it is at least 10,000 / n"""


def concentration(query: Query) -> Concentration:
    """How the awards that the question may see, of its lot's class and near it, were shared."""
    classes = _classes(query.analyzed.lot.cpv)
    awards = _of_classes(query, classes)
    here, area = _area(query, awards)
    awards = awards[here]
    register = query.register
    at, winner = register.winners.of_many(awards)
    joint = np.bincount(at, minlength=len(awards))
    distinct, who = np.unique(winner, return_inverse=True)
    share = np.bincount(who, 1 / joint[at], len(distinct))
    share = share / share.sum() if len(share) else share
    own = _own(query, awards)
    incumbent = np.unique(who[own[at]])
    days = register.columns.award_day[awards]
    known = len(distinct) > 0
    bought = known and query.analyzed.buyer != 0
    return Concentration(
        service=f"CPV {series(classes)}" if classes else "not known: the lot has no CPV code",
        area=area,
        awards=len(awards),
        winners=len(distinct),
        since=date.fromordinal(int(days.min())) if len(days) else None,
        until=date.fromordinal(int(days.max())) if len(days) else None,
        hhi=_rounded(fsum((100 * share) ** 2), 1) if known else None,
        largest_share=_rounded(float(share.max()), 4) if known else None,
        incumbents=len(incumbent) if bought else None,
        incumbents_share=_rounded(fsum(share[incumbent]), 4) if bought else None,
        few=len(awards) < _FEW,
    )


def _rounded(value: float, places: int) -> float:
    """`value` to so many decimal places, after dropping what floating-point sums leave."""
    return round(round(value, places + 5), places)


def known_near(query: Query) -> int | None:
    """How many awards of any service are known within 30 km; None where the place is not."""
    spot, register = query.analyzed.place.spot, query.register
    if spot is None:
        return None
    c, known = register.columns, register.known_awards
    east, north = c.award_east[:known], c.award_north[:known]
    return int(np.count_nonzero(distance_km(east, north, spot) <= USUAL_KM))


def _classes(cpv: Sequence[str]) -> list[str]:
    """The classes of these codes; of a code that names none, the group or division.

    >>> _classes(["85312000", "85312310", "85000000"])
    ['85', '8531']
    """
    narrow = ([p for p in code_prefixes([code]) if len(p) <= CLASS][-1] for code in cpv)
    return sorted(set(narrow))


def _of_classes(query: Query, classes: list[str]) -> Ints:
    """The numbers of the known awards with a code of one of these classes, ascending."""
    register = query.register
    found = [register.codes.rows_with(prefix) for prefix in classes]
    known = [rows[: rows.searchsorted(np.int32(register.known_awards))] for rows in found]
    return np.unique(np.concatenate([np.empty(0, np.int64), *known]).astype(np.int64))


def _area(query: Query, awards: Ints) -> tuple[Mask, str]:
    """(awards,) which of these awards are of the lot's area, and that area in words."""
    spot, named = query.analyzed.place.spot, query.analyzed.buyer != 0
    own = _own(query, awards)
    if spot is None and not named:
        return np.ones(len(awards), bool), "everywhere, since neither place nor buyer is known"
    if spot is None:
        return own, "of the same buyer; the lot's place is not known"
    c = query.register.columns
    way = distance_km(c.award_east[awards], c.award_north[awards], spot)
    buyer = " or of the same buyer" if named else ""
    return own | (way <= USUAL_KM), f"within {USUAL_KM:g} km of the lot{buyer}"


def _own(query: Query, awards: Ints) -> Mask:
    """(awards,) which of these awards are of the lot's own buyer."""
    buyer = query.analyzed.buyer
    own: Mask = (query.register.columns.award_buyer[awards] == np.uint64(buyer)) & (buyer != 0)
    return own
