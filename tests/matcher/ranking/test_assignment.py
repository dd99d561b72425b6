"""Providers shared out over lots, compared with every way to do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from matcher.ranking.sharing import share_out

RANKINGS = st.lists(
    st.integers(0, 4).flatmap(lambda n: st.permutations(range(4)).map(lambda p: p[:n])),
    min_size=1,
    max_size=3,
)


def ways(rankings: Sequence[Sequence[int]], places: int, most: int) -> Iterator[tuple[int, int]]:
    """(empty places, sum of ranks) of every way to fill the lists that keeps to the limits."""
    own = [
        [way for n in range(places + 1) for way in combinations(enumerate(ranking, 1), n)]
        for ranking in rankings
    ]
    for chosen in product(*own):
        used = Counter(provider for way in chosen for _, provider in way)
        if max(used.values(), default=0) <= most:
            filled = sum(map(len, chosen))
            yield places * len(rankings) - filled, sum(rank for way in chosen for rank, _ in way)


@given(rankings=RANKINGS, places=st.integers(1, 2), most=st.integers(1, 3))
def test_no_other_way_is_better(rankings: Sequence[Sequence[int]], places: int, most: int) -> None:
    kept = share_out(rankings, places, most).kept
    used = Counter(provider for own in kept for provider in own)
    assert max(used.values(), default=0) <= most
    ranks = [[r.index(p) + 1 for p in own] for r, own in zip(rankings, kept, strict=True)]
    assert all(own == sorted(set(own)) and len(own) <= places for own in ranks)
    empty = places * len(rankings) - sum(map(len, ranks))
    assert (empty, sum(map(sum, ranks))) == min(ways(rankings, places, most))


def test_without_a_conflict_each_list_is_the_first_of_its_ranking() -> None:
    rankings = [[n * 100 + k for k in range(50)] for n in range(4)]
    assert share_out(rankings, 5, 1).kept == tuple(tuple(r[:5]) for r in rankings)


def test_lots_that_rank_alike_look_below_their_lists_for_others() -> None:
    rankings = [list(range(60))] * 5
    kept = share_out(rankings, 10, 1).kept
    assert sorted(p for own in kept for p in own) == list(range(50))
