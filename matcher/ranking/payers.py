"""Which public bodies in the payments are a lot's buyer, and which are its neighbours."""

from __future__ import annotations

import numpy as np

from matcher.core.arrays import Ints
from matcher.ranking.query import Query
from matcher.register.analysis import buyer_key
from matcher.register.payments import Payments
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
