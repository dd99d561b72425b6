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


def covers_by_enumeration(has: Mask) -> set[tuple[int, ...]]:
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
def test_search_finds_exactly_the_irredundant_covers(has: Mask) -> None:
    covers = find_covers(has, even(has), np.ones(len(has)))
    assert covers.complete
    assert {cover.members for cover in covers.found} == covers_by_enumeration(has)
    assert len(covers.found) == len({cover.members for cover in covers.found})


@given(TABLES, st.data())
def test_no_member_exceeds_its_largest_share(has: Mask, data: st.DataObject) -> None:
    room = data.draw(hnp.arrays(float, len(has), elements=st.floats(0, 1)))
    covers = find_covers(has, even(has), room)
    unlimited = find_covers(has, even(has), np.ones(len(has)))
    for cover in covers.found:
        assert all(s <= room[m] + 1e-9 for m, s in zip(cover.members, cover.shares, strict=True))
        assert abs(sum(cover.shares) - 1) < 1e-9
    assert len(covers.found) + covers.too_large == len(unlimited.found)


@given(TABLES, st.randoms())
def test_order_of_rows_does_not_matter(has: Mask, chance: object) -> None:
    order = list(range(len(has)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    moved = find_covers(has[order], even(has), np.ones(len(has)))
    back = {tuple(sorted(order[m] for m in cover.members)) for cover in moved.found}
    assert back == {cover.members for cover in find_covers(has, even(has), np.ones(len(has))).found}


def test_shared_columns_are_divided_evenly() -> None:
    has = np.array([[True, True, False], [False, True, True]])
    shares = shares_of(has, np.array([0.5, 0.2, 0.3]))
    assert np.allclose(shares, [0.6, 0.4])


def test_smallest_sets_come_first() -> None:
    has = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 1]], bool)
    covers = find_covers(has, even(has), np.ones(4))
    assert [cover.members for cover in covers.found] == [(0, 3), (0, 1, 2)]
    assert covers.found[0] == Cover((0, 3), covers.found[0].shares)


def test_uncovered_column_gives_no_sets() -> None:
    assert find_covers(np.array([[True, False]]), np.array([0.5, 0.5]), np.ones(1)).found == ()


def test_stopped_search_is_marked_incomplete() -> None:
    has = np.eye(5, dtype=bool)
    assert not find_covers(has, even(has), np.ones(5), steps=2).complete
    assert find_covers(has, even(has), np.ones(5)).complete
