"""The funnel: on how many lists each provider was listed, invited, heard from and awarded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select

from api.records.exposure import ListFilter
from api.records.schema import exposure

_RESULTS = ("no answer", "answered", "awarded")
"""The events of an outcome; each provider in an outcome has one of them."""


@dataclass(frozen=True, slots=True)
class Journeys:
    """On how many lists of one month one provider was listed, and how far it came on these.

    `month` is such as 2026-05: that of the first day that it was on a list.
    """

    provider: str
    month: str
    listed: int
    invited: int
    answered: int
    awarded: int


def journeys(
    connection: Connection,
    authority: str,
    lists: ListFilter,
    providers: Sequence[str] = (),
) -> list[Journeys]:
    """What became of every provider on the lists of one authority, oldest month first.

    Of several outcomes of one list the last one stands.  `providers` are ids, empty for all.  The
    database counts: a service that runs for years has millions of places on lists.
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

    def any_of(*events: str) -> Any:  # noqa: ANN401 - an SQL expression
        return func.max(case((c.event.in_(events), 1), else_=0))

    query = (
        select(
            c.provider,
            func.substr(func.min(c.day), 1, len("2026-05")).label("month"),
            any_of("suggested").label("listed"),
            any_of("invited", "chosen").label("invited"),
            any_of("answered", "awarded").label("answered"),
            any_of("awarded").label("awarded"),
        )
        .select_from(exposure.outerjoin(last, own))
        .where(c.authority == authority, stands, *lists.purposes())
        .group_by(c.provider, c.shortlist)
        .having(*lists.days(func.min(c.day)))
    )
    if providers:
        query = query.where(c.provider.in_(providers))
    one = query.subquery().c
    came = (func.sum(each) for each in (one.listed, one.invited, one.answered, one.awarded))
    counts = select(one.provider, one.month, *came).group_by(one.provider, one.month)
    rows = connection.execute(counts.order_by(one.month, one.provider))
    return [Journeys(row[0], row[1], *map(int, row[2:])) for row in rows]
