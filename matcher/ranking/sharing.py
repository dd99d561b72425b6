"""Lots that share providers: each provider is on at most so many of their lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matcher.core.errors import BadInput, BadLot, NotLawful
from matcher.core.types import Lot
from matcher.ranking.assignment import share_out
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request, Withheld

MOST_PLACES = 500
"""lots times limit, over which providers are shared out"""


def shared_requests(
    matcher: Matcher, lots: Sequence[tuple[Lot, Request]], most: int
) -> list[Request]:
    """The request of each lot, with the providers that are left out of its list.

    Each provider stays on `most` lists at most: on those where it ranks best, as far as each list
    is still filled.  A lot that the matcher refuses has its request as it is.
    Raises BadInput for more places than are shared out.
    """
    places = sum(request.limit for _, request in lots)
    if places > MOST_PLACES:
        raise BadInput(
            f"max_lots_per_provider: {len(lots):,} lots have {places:,} places, and providers are "
            f"shared out over {MOST_PLACES}; ask for fewer lots or with a lower limit"
        )
    if not lots:
        return []
    rankings = [_ranked(matcher, lot, request) for lot, request in lots]
    limit = max(request.limit for _, request in lots)
    kept = share_out(rankings, limit, most).kept
    return [
        replace(request, withheld=_withheld(matcher, lots, kept, rankings, at))
        for at, (_, request) in enumerate(lots)
    ]


def _ranked(matcher: Matcher, lot: Lot, request: Request) -> list[int]:
    """The rows of the providers that may be listed for a lot, best first; [] for a refused lot."""
    try:
        query = matcher.query(lot, request)
    except (NotLawful, BadLot):
        return []
    ranking = matcher.rank(query, eligible_providers(query), request.seed, fair=request.fair)
    rows: list[int] = ranking.rows.tolist()
    return rows


def _withheld(
    matcher: Matcher,
    lots: Sequence[tuple[Lot, Request]],
    kept: Sequence[Sequence[int]],
    rankings: Sequence[Sequence[int]],
    at: int,
) -> tuple[Withheld, ...]:
    """The providers that rank before the last one on the list of a lot, and are not on it."""
    ranking, own = rankings[at], set(kept[at])
    full = len(own) == lots[at][1].limit
    last = max(map(ranking.index, own), default=-1) if full else len(ranking) - 1
    organisations = matcher.register.organisations
    return tuple(
        Withheld(
            organisations[row].provider.id,
            organisations[row].provider.name,
            rank,
            tuple(lot.id for (lot, _), rows in zip(lots, kept, strict=True) if row in rows),
        )
        for rank, row in enumerate(ranking[: last + 1], 1)
        if row not in own
    )
