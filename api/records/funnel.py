"""The funnel: on which lists each provider was listed, invited, heard from and awarded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from api.records.exposure import ListFilter
from api.records.schema import exposure

_RESULTS = ("no answer", "answered", "awarded")
"""The events of an outcome; each provider in an outcome has one of them."""


@dataclass(frozen=True, slots=True)
class Journey:
    """How far one provider came on one list; `day` is the first day that it was on it."""

    provider: str
    shortlist: str
    day: str
    listed: bool
    invited: bool
    answered: bool
    awarded: bool


def journeys(
    connection: Connection,
    authority: str,
    lists: ListFilter,
    providers: Sequence[str] = (),
) -> list[Journey]:
    """Every provider on every list of one authority, oldest first.

    Of several outcomes of one list the last one stands.  `providers` are ids, empty for all.
    """
    c = exposure.c
    last = (
        select(c.shortlist, func.max(c.seq).label("seq"))
        .where(c.authority == authority, c.event.in_(_RESULTS))
        .group_by(c.shortlist)
        .subquery()
    )
    own = and_(last.c.shortlist == c.shortlist, last.c.seq == c.seq)
    stands = or_(c.event.not_in(_RESULTS), last.c.seq.is_not(None))

    def times(*events: str) -> Any:  # noqa: ANN401 - an SQL expression
        return func.count().filter(c.event.in_(events))

    query = (
        select(
            c.provider,
            c.shortlist,
            func.min(c.day),
            times("suggested"),
            times("invited", "chosen"),
            times("answered", "awarded"),
            times("awarded"),
        )
        .select_from(exposure.outerjoin(last, own))
        .where(c.authority == authority, stands, *lists.purposes())
        .group_by(c.provider, c.shortlist)
        .having(*lists.days(func.min(c.day)))
    )
    if providers:
        query = query.where(c.provider.in_(providers))
    rows = connection.execute(query.order_by(func.min(c.day), c.shortlist, c.provider))
    return [Journey(row[0], row[1], row[2], *map(bool, row[3:])) for row in rows]
