"""Exposure: how often each provider was suggested, invited and chosen, and how far it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, insert, or_, select

from api.records.entry import Listing
from api.records.schema import exposure

_SUGGESTED = "suggested"


@dataclass(frozen=True, slots=True)
class ListFilter:
    """Which lists count: from a day, to a day, both included, and for a purpose; usually all."""

    since: date | None = None
    until: date | None = None
    purpose: str = ""

    def days(self, day: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
        """The conditions on the ISO day of a list."""
        if self.since:
            yield day >= self.since.isoformat()
        if self.until:
            yield day <= self.until.isoformat()

    def purposes(self) -> Iterator[ColumnElement[bool]]:
        """The condition on the purpose of a list, if there is one."""
        if self.purpose:
            yield exposure.c.purpose == self.purpose


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often a provider was suggested, invited and chosen, and its mean rank.

    `answered` and `awarded` are by the last outcome of each list.  `first` and `last` are ISO
    days.  `name` is its name in the register today.
    """

    provider: str
    """its org-id"""
    suggested: int
    """lists that it was on"""
    invited: int
    """lists from which it was invited"""
    chosen: int
    """lists from which it was chosen"""
    mean_rank: float | None
    """its mean place on these lists, from 1"""
    first: str
    last: str
    name: str = ""
    answered: int = 0
    awarded: int = 0


def count_exposure(
    connection: Connection,
    authority: str,
    lists: ListFilter,
    *,
    limit: int,
    providers: Sequence[str],
    skip: int,
    up_to: int | None,
) -> list[Exposure]:
    """Providers in the shortlists of one authority, those suggested and invited most often first.

    `providers` are ids, empty for all.  The first `skip` are left out.  Only entries numbered up
    to `up_to` count, so that the pages of one count fit together.
    """
    c = exposure.c

    def times(event: str) -> Any:  # noqa: ANN401 - an SQL expression
        return func.count().filter(c.event == event)

    counts = select(
        c.provider,
        times(_SUGGESTED).label("suggested"),
        times("invited").label("invited"),
        times("chosen").label("chosen"),
        func.avg(c.rank).filter(c.event == _SUGGESTED).label("mean_rank"),
        func.min(c.day).label("first"),
        func.max(c.day).label("last"),
    ).where(c.authority == authority, *lists.days(c.day), *lists.purposes())
    if up_to is not None:
        counts = counts.where(c.seq <= up_to)
    if providers:
        counts = counts.where(c.provider.in_(providers))
    order = times("suggested").desc(), times("invited").desc(), c.provider
    counts = counts.group_by(c.provider).order_by(*order).limit(limit).offset(skip)
    rows = connection.execute(counts)
    return [_exposure(row) for row in rows.mappings()]


def _exposure(row: Mapping[Any, Any]) -> Exposure:
    mean = row["mean_rank"]
    return Exposure(**{**row, "mean_rank": None if mean is None else round(float(mean), 2)})


def rename(connection: Connection, providers: Sequence[str], name: str) -> None:
    """Count what happened to an organisation, under any of its ids, under one `name`.

    An entry that names it by two ids counts once, as in `once_each`.  Its rank is the best that
    the list gives to any of its ids.
    """
    own = exposure.c.provider.in_([*providers, name])
    rows = [dict(row) for row in connection.execute(select(exposure).where(own)).mappings()]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"]))
    ranks: dict[tuple[str, str], int] = {}
    for row in rows:
        if row["event"] == _SUGGESTED:
            ranks.setdefault((row["authority"], row["shortlist"]), row["rank"])
    kept: dict[tuple[int, str], dict[str, Any]] = {}
    for row in rows:
        rank = ranks.get((row["authority"], row["shortlist"]))
        kept.setdefault((row["seq"], row["event"]), {**row, "provider": name, "rank": rank})
    connection.execute(delete(exposure).where(own))
    if kept:
        connection.execute(insert(exposure), list(kept.values()))


def renamed(
    connection: Connection, authority: str, shortlist: str, listing: Listing, name: str
) -> Listing:
    """A listing under the name that `rename` gave, with the rank of that name on the list."""
    c = exposure.c
    if listing.event == _SUGGESTED:
        return replace(listing, provider=name)
    rank = select(func.min(c.rank)).where(
        c.authority == authority,
        c.shortlist == shortlist,
        c.provider == name,
        c.event == _SUGGESTED,
    )
    return replace(listing, provider=name, rank=connection.execute(rank).scalar())


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
