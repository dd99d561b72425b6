"""Providers shared out over lots: each on at most so many lists, and the best kept.

OCDS has the limit as `lotDetails.maximumLotsBidPerSupplier`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from matcher.core.arrays import Ints, Mask

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
    providers = sorted({provider for ranking in rankings for provider in ranking})
    column = {provider: at for at, provider in enumerate(providers)}
    if not providers:
        return Shares(((),) * len(rankings))
    ranks = np.full((len(rankings), len(providers)), _NEVER)
    for lot, ranking in enumerate(rankings):
        ranks[lot, [column[provider] for provider in ranking]] = np.arange(1, len(ranking) + 1)
    lists = _Lists(ranks, places, most)
    while lists.add():
        pass
    return Shares(
        tuple(tuple(p for p in ranking if kept[column[p]]) for ranking, kept in lists.of(rankings))
    )


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "kept", np.zeros(self.ranks.shape, bool))

    def of(self, rankings: Sequence[Sequence[int]]) -> zip[tuple[Sequence[int], Mask]]:
        """Each ranking with what is kept of it."""
        return zip(rankings, self.kept, strict=True)

    def add(self) -> bool:
        """Fill one more place; False where no way is left."""
        taken = self.kept.sum(axis=0) >= self.most
        spare = np.where(self.kept | taken, _NEVER, self.ranks)
        cost, came = self._costs(taken)
        whole = cost + spare.min(axis=1)
        lot = int(whole.argmin())
        if whole[lot] >= _NEVER:
            return False
        self.kept[lot, spare[lot].argmin()] = True
        while lot in came:
            taker, provider = came[lot]
            self.kept[lot, provider], self.kept[taker, provider] = False, True
            lot = taker
        return True

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
