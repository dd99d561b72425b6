from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from matcher.core.arrays import Mask
from matcher.lotting.set_cover import Cover, find_covers, shares_of

TABLES = hnp.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 6)))


def even(has: Mask) -> np.ndarray:
    return np.full(has.shape[1], 1 / has.shape[1])


def is_cover(has: Mask, members: tuple[int, ...]) -> bool:
    return bool(has[list(members)].any(axis=0).all())


def by_hand(has: Mask) -> set[tuple[int, ...]]:
    """Every irredundant cover of two to five, by trying all sets."""
    rows = range(len(has))
    return {
        members
        for size in range(2, 6)
        for members in combinations(rows, size)
        if is_cover(has, members)
        and not any(is_cover(has, less) for less in combinations(members, size - 1))
    }


@given(TABLES)
def test_it_finds_every_irredundant_cover_and_no_other(has: Mask) -> None:
    found = find_covers(has, even(has), np.ones(len(has)))
    assert found.complete
    assert {one.members for one in found.found} == by_hand(has)
    assert len(found.found) == len({one.members for one in found.found})


@given(TABLES, st.data())
def test_nobody_carries_more_than_it_can(has: Mask, data: st.DataObject) -> None:
    room = data.draw(hnp.arrays(float, len(has), elements=st.floats(0, 1)))
    found = find_covers(has, even(has), room)
    every = find_covers(has, even(has), np.ones(len(has)))
    for one in found.found:
        assert all(s <= room[m] + 1e-9 for m, s in zip(one.members, one.shares, strict=True))
        assert abs(sum(one.shares) - 1) < 1e-9
    assert len(found.found) + found.too_large == len(every.found)


@given(TABLES, st.randoms())
def test_the_order_of_rows_decides_nothing(has: Mask, chance: object) -> None:
    order = list(range(len(has)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    moved = find_covers(has[order], even(has), np.ones(len(has)))
    back = {tuple(sorted(order[m] for m in one.members)) for one in moved.found}
    assert back == {one.members for one in find_covers(has, even(has), np.ones(len(has))).found}


def test_what_two_cover_is_divided_between_them() -> None:
    has = np.array([[True, True, False], [False, True, True]])
    shares = shares_of(has, np.array([0.5, 0.2, 0.3]))
    assert np.allclose(shares, [0.6, 0.4])


def test_the_smallest_sets_come_first() -> None:
    has = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 1]], bool)
    found = find_covers(has, even(has), np.ones(4))
    assert [one.members for one in found.found] == [(0, 3), (0, 1, 2)]
    assert found.found[0] == Cover((0, 3), found.found[0].shares)


def test_a_column_that_nobody_covers_leaves_no_set() -> None:
    assert find_covers(np.array([[True, False]]), np.array([0.5, 0.5]), np.ones(1)).found == ()


def test_a_search_that_is_cut_short_says_so() -> None:
    has = np.eye(5, dtype=bool)
    assert not find_covers(has, even(has), np.ones(5), steps=2).complete
    assert find_covers(has, even(has), np.ones(5)).complete
