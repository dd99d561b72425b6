"""Which public bodies in the payments are a lot's buyer or its neighbours; whom they paid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.core.arrays import Ints
from matcher.core.formatting import tidy_name
from matcher.ranking.query import Query
from matcher.register.analysis import buyer_key
from matcher.register.payments import Payments, Purpose
from models import text


def buying_bodies(query: Query, payments: Payments) -> Ints:
    """The numbers of the bodies that are the lot's buyer.

    They have its name, however it is written, or the buyer's name contains that of the council
    ("Leeds City Council - Housing").  A council that another has replaced is not its successor.
    """
    analyzed = query.analyzed
    area = analyzed.place.buyer
    key = buyer_key(area.name) if area else 0
    names_it = area is not None and set(_words(area.name)) <= set(_words(analyzed.lot.buyer))
    found = [
        number
        for number, body in enumerate(payments.bodies)
        if (analyzed.buyer and body.key == analyzed.buyer) or (names_it and body.key == key)
    ]
    return np.array(found, np.int64)


def _words(name: str) -> list[str]:
    return text.plain(name).split()


def neighbouring_bodies(query: Query, payments: Payments) -> Ints:
    """The numbers of the councils whose areas border the buyer's, or are in or around it."""
    councils, buyer = query.register.councils, query.analyzed.place.buyer
    if buyer is None:
        return np.empty(0, np.int64)
    around = {c for own in buyer.councils for c in councils.borders.get(own, ())} | buyer.councils
    own = set(buying_bodies(query, payments).tolist())
    near = [
        number
        for number, body in enumerate(payments.bodies)
        if number not in own
        and (area := councils.areas.get(body.code)) is not None
        and not around.isdisjoint(area.councils)
    ]
    return np.array(near, np.int64)


@dataclass(frozen=True, slots=True)
class Paid:
    """What a public body paid a provider: the buyer, or else the one that paid it most.

    `years` are the first and the last. `mostly_for` is what most was paid for, and `department` by
    which, in the body's words; '' where it does not say. `others` is how many other bodies paid it.
    """

    by: str
    is_buyer: bool
    years: tuple[int, int]
    pence: int
    mostly_for: str
    department: str
    others: int


class PaymentEvidence:
    """Finds what public bodies paid a provider."""

    def __init__(self, query: Query, payments: Payments) -> None:
        self._query, self._payments = query, payments
        self._buyers = frozenset(buying_bodies(query, payments).tolist())

    def find(self, row: int) -> Paid | None:
        """What the lot's buyer paid the provider in `row`, or else the body that paid it most."""
        payments = self._payments
        _, cells = payments.cells_of(np.array([row]))
        if not len(cells):
            return None
        body = payments.body_of(cells)
        totals = np.bincount(body, payments.pence[cells], len(payments.bodies))
        paid = np.unique(body).tolist()
        by = max(paid, key=lambda number: (number in self._buyers, totals[number], -number))
        own = cells[body == by]
        years = payments.month[own] // 12
        purpose = self._largest(own)
        return Paid(
            by=self._name(by),
            is_buyer=by in self._buyers,
            years=(int(years.min()), int(years.max())),
            pence=int(payments.pence[own].sum()),
            mostly_for=purpose.category,
            department=purpose.department,
            others=len(paid) - 1,
        )

    def _largest(self, cells: Ints) -> Purpose:
        """The purpose for which most was paid in some cells."""
        purposes, at = np.unique(self._payments.purpose[cells], return_inverse=True)
        pounds = np.bincount(at, self._payments.pence[cells])
        return self._payments.purposes[int(purposes[pounds.argmax()])]

    def _name(self, number: int) -> str:
        body = self._payments.bodies[number]
        if number in self._buyers and self._query.analyzed.lot.buyer:
            return self._query.analyzed.lot.buyer
        area = self._query.register.councils.areas.get(body.code)
        return area.name if area and body.name.islower() else tidy_name(body.name)
