"""Rows by place: every row with a site in reach is found, whichever of its sites that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import hypot
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.register.columns import Columns
from tests.factory import provider
from tests.registers import registered

Place = tuple[int, int]
metres = st.integers(0, 700_000)
places = st.tuples(metres, metres)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Columns:
    """The columns of two providers in Walsall."""
    both = provider("P", "WS1 1TP"), provider("Q", "WS1 1TP")
    return registered(tmp_path_factory.mktemp("reg"), places_table, *both).columns


def with_sites(columns: Columns, sites: Sequence[tuple[int, Place]]) -> Columns:
    """The columns with these further sites, each of a row, the lower row first."""
    ascending = sorted(sites, key=lambda site: site[0])
    rows = [row for row, _ in ascending]
    east, north = ([place[axis] for _, place in ascending] for axis in (0, 1))
    return replace(
        columns,
        site_row=np.array(rows, np.int32),
        site_east=np.array(east, np.int32),
        site_north=np.array(north, np.int32),
    )


@given(st.lists(places, max_size=30), metres, st.floats(0, 100_000))
def test_sites_around_are_those_not_further_east_or_west(
    two: Columns, sites: list[Place], east: int, reach: float
) -> None:
    columns = with_sites(two, [(0, place) for place in sites])
    found = columns.sites_around(east, reach).tolist()
    assert len(found) == len(set(found))
    assert {at for at, (x, _) in enumerate(sites) if abs(x - east) <= reach} <= set(found)
    assert all(abs(sites[at][0] - east) <= reach + 2 for at in found)


@given(st.lists(st.tuples(st.integers(0, 1), places)), places, st.floats(1, 100))
def test_a_row_is_near_where_one_of_its_further_sites_is(
    two: Columns, sites: list[tuple[int, Place]], spot: Place, km: float
) -> None:
    near = with_sites(two, sites).near(*spot, km).numbers().tolist()
    inside = {row for row, (x, y) in sites if hypot(x - spot[0], y - spot[1]) < 1000 * km}
    assert inside <= set(near)
    assert len(near) == len(set(near))


def test_a_further_site_is_near_up_to_the_very_edge(two: Columns) -> None:
    columns = with_sites(two, [(0, (630_000, 300_000)), (1, (630_001, 300_000))])
    assert columns.near(600_000, 300_000, 30.0).numbers().tolist() == [0]
