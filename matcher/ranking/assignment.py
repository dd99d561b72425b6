"""Providers shared out over lots: each on at most so many lists, and the best kept.

OCDS has the limit as `lotDetails.maximumLotsBidPerSupplier`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_EMPTY = 1e6
"""The cost of a place that stays empty; above the sum of all ranks that can be saved."""
_FREE = 1.0
"""The cost of a claim, whichever column it takes: a sparse matrix has no zeros."""


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
    """The kept providers of each lot, from an assignment of places to providers.

    Rows are the places of lots, and each lot's claim on a provider that more lots have than may
    keep it.  Such a claim takes up one of the provider's `most` columns where a place has taken
    the claim's own column, and else that one; both cost the same.
    """
    from scipy.sparse import coo_array  # takes a third of a second, and few requests need it
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    lots = Counter(provider for pool in pools for provider in pool)
    scarce = [provider for provider, number in lots.items() if number > most]
    first_copy = {provider: most * at for at, provider in enumerate(scarce)}
    pairs = [(lot, rank, p) for lot, pool in enumerate(pools) for rank, p in enumerate(pool, 1)]
    rows = len(pools) * places
    edges = [(row, len(pairs) + most * len(scarce) + row, _EMPTY) for row in range(rows)]
    for at, (lot, rank, _) in enumerate(pairs):
        edges += [(row, at, rank) for row in range(lot * places, (lot + 1) * places)]
    claims = [at for at, (_, _, provider) in enumerate(pairs) if provider in first_copy]
    for row, at in enumerate(claims, rows):
        start = len(pairs) + first_copy[pairs[at][2]]
        edges += [(row, column, _FREE) for column in (at, *range(start, start + most))]
    row, column, cost = np.array(edges).T
    shape = (rows + len(claims), len(pairs) + most * len(scarce) + rows)
    graph = coo_array((cost, (row.astype(int), column.astype(int))), shape).tocsr()
    taken = min_weight_full_bipartite_matching(graph)[1][:rows]
    chosen = sorted(pairs[at] for at in taken.tolist() if at < len(pairs))
    return tuple(tuple(p for lot, _, p in chosen if lot == own) for own in range(len(pools)))
