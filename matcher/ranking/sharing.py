"""Lots that share providers: each provider is on at most so many of their lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from matcher.core.arrays import Ints, Mask
from matcher.core.errors import BadInput, BadLot, NotLawful
from matcher.core.types import Lot
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


_NEVER = 1 << 40
"""The rank of a provider that a lot does not have; above the sum of all ranks."""


@dataclass(frozen=True, slots=True)
class Shares:
    """For each lot, the numbers of the providers that are kept on its list, best first."""

    kept: tuple[tuple[int, ...], ...]


def share_out(rankings: Sequence[Sequence[int]], places: int, most: int) -> Shares:
    """Fill `places` of each lot from its ranking; each provider is kept on `most` lots at most.

    As many places as possible are filled; of all ways to do that, the sum of ranks is the
    smallest.  Ranks are whole numbers, so the result is the same on every processor.
    """
    depth = 2 * places
    while True:
        pools = [ranking[:depth] for ranking in rankings]
        kept = _shared(pools, places, most)
        if _deep_enough(rankings, pools, kept, most):
            return Shares(kept)
        depth *= 2


def _deep_enough(
    rankings: Sequence[Sequence[int]],
    pools: Sequence[Sequence[int]],
    kept: Sequence[Sequence[int]],
    most: int,
) -> bool:
    """Whether nothing below the pools could make the result better.

    A pool that has a provider to spare has a better one than any below it.
    """
    used = Counter(provider for own in kept for provider in own)
    return all(
        len(pool) == len(ranking)
        or any(used[provider] < most and provider not in own for provider in pool)
        for ranking, pool, own in zip(rankings, pools, kept, strict=True)
    )


def _shared(pools: Sequence[Sequence[int]], places: int, most: int) -> tuple[tuple[int, ...], ...]:
    """The kept providers of each lot."""
    providers = sorted({provider for pool in pools for provider in pool})
    column = {provider: at for at, provider in enumerate(providers)}
    if not providers:
        return ((),) * len(pools)
    ranks = np.full((len(pools), len(providers)), _NEVER)
    for lot, pool in enumerate(pools):
        ranks[lot, [column[provider] for provider in pool]] = np.arange(1, len(pool) + 1)
    lists = _Lists(ranks, places, most)
    while lists.add():
        pass
    return tuple(tuple(p for p in pool if own[column[p]]) for pool, own in lists.of(pools))


@dataclass(frozen=True)
class _Lists:
    """Lists that grow by one provider at a time, each time in the cheapest way.

    That is the shortest augmenting path of the assignment problem: a lot with an empty place takes
    a provider, from another lot if the provider is on enough lists, which takes another instead,
    until one takes a provider that has a list to spare.  So the sum of ranks is the smallest of
    all ways to fill so many places.  Source: Ahuja, Magnanti and Orlin 1993, Network Flows, 9.7.
    """

    ranks: Ints
    """(lots, providers)"""
    places: int
    most: int
    kept: Mask = field(init=False)
    """(lots, providers)"""
    _spare: Ints = field(init=False)
    """(lots, providers) the ranks of those that may still be put on a list"""
    _first: Ints = field(init=False)
    """(lots,) the best of them"""
    _lists: Ints = field(init=False)
    """(providers,) how many lists each is on, which never falls"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kept", np.zeros(self.ranks.shape, bool))
        object.__setattr__(self, "_spare", self.ranks.copy())
        object.__setattr__(self, "_first", self.ranks.argmin(axis=1))
        object.__setattr__(self, "_lists", np.zeros(self.ranks.shape[1], np.int64))

    def of(self, pools: Sequence[Sequence[int]]) -> zip[tuple[Sequence[int], Mask]]:
        """Each pool with what is kept of it."""
        return zip(pools, self.kept, strict=True)

    def add(self) -> bool:
        """Fill one more place; False where no way is left."""
        cost, came = self._costs(self._lists >= self.most)
        whole = cost + self._spare[np.arange(len(cost)), self._first]
        lot = int(whole.argmin())
        if whole[lot] >= _NEVER:
            return False
        self._put(lot, int(self._first[lot]))
        while lot in came:
            taker, provider = came[lot]
            self.kept[lot, provider], self.kept[taker, provider] = False, True
            lot = taker
        return True

    def _put(self, lot: int, provider: int) -> None:
        """Put a provider that has a list to spare on a list."""
        self.kept[lot, provider] = True
        self._lists[provider] += 1
        self._spare[lot, provider] = _NEVER
        changed = np.array([lot])
        if self._lists[provider] >= self.most:
            self._spare[:, provider] = _NEVER
            changed = np.flatnonzero(self._first == provider)
        self._first[changed] = self._spare[changed].argmin(axis=1)

    def _costs(self, taken: Mask) -> tuple[Ints, dict[int, tuple[int, int]]]:
        """(lots,) what it costs at least to give each lot an empty place, and how.

        A lot gets one where another lot takes a provider from it: lot → (the other, the provider).
        """
        giver, provider = np.nonzero(self.kept & taken)
        swap = np.where(self.kept[:, provider], _NEVER, self.ranks[:, provider])
        swap -= self.ranks[giver, provider]
        cost = np.where(self.kept.sum(axis=1) < self.places, 0, _NEVER)
        came: dict[int, tuple[int, int]] = {}
        while len(giver):
            through = cost[:, None] + swap
            taker = through.argmin(axis=0)
            least = through.min(axis=0)
            better = np.flatnonzero(least < cost[giver])
            if not len(better):
                break
            for at in better.tolist():
                lot = int(giver[at])
                if least[at] < cost[lot]:
                    cost[lot] = least[at]
                    came[lot] = int(taker[at]), int(provider[at])
        return cost, came
