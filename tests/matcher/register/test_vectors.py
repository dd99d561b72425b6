from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.register.rows import Rows
from matcher.register.vectors import ARRAYS, Vectors

SIZE, WHOLE = 3, 40


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    """Stretches that do not touch, ascending, and single rows outside them."""
    edges = sorted(draw(st.sets(st.integers(0, WHOLE), max_size=8)))
    edges = edges[: len(edges) // 2 * 2]
    starts, stops = np.array(edges[::2], np.int64), np.array(edges[1::2], np.int64)
    inside = {i for a, b in zip(starts, stops, strict=True) for i in range(a, b)}
    free = sorted(set(range(WHOLE)) - inside)
    singles = sorted(draw(st.sets(st.sampled_from(free)))) if free else []
    return Rows(starts, stops, np.array(singles, np.int64))


@st.composite
def vectors(draw: st.DrawFn) -> Vectors:
    """Vectors of a register in which some rows have a profile, or none."""
    random = np.random.default_rng(draw(st.integers(0, 99)))
    with_profile = sorted(draw(st.sets(st.integers(0, WHOLE - 1))))
    return Vectors(
        awards=random.random((5, SIZE), np.float32),
        names=random.random((WHOLE, SIZE), np.float32),
        profiles=random.random((len(with_profile), SIZE), np.float32),
        profile_rows=np.array(with_profile, np.int32),
    )


lots = st.lists(st.floats(-1, 1, width=32), min_size=SIZE, max_size=SIZE).map(
    lambda values: np.array(values, np.float32)
)


@given(vectors(), rows(), lots)
def test_names_are_compared_row_by_row(stored: Vectors, some_rows: Rows, lot: Any) -> None:
    similar = stored.names_like(lot, some_rows)
    assert similar.shape == (len(some_rows),)
    assert similar == pytest.approx(stored.names[some_rows.numbers()] @ lot, abs=1e-5)


def test_names_of_long_stretches_are_compared_row_by_row() -> None:
    random = np.random.default_rng(7)
    matrix = random.random((20_000, SIZE), np.float32)
    some = Rows(np.array([3, 9_000]), np.array([6_000, 15_000]), np.array([7_001, 19_999]))
    lot = random.random(SIZE, np.float32)
    assert some.products(matrix, lot) == pytest.approx(matrix[some.numbers()] @ lot, abs=1e-5)


@given(vectors(), rows(), lots)
def test_profiles_are_compared_row_by_row_and_zero_if_there_is_none(
    stored: Vectors, some_rows: Rows, lot: Any
) -> None:
    every = np.zeros((WHOLE, SIZE), np.float32)
    every[stored.profile_rows] = stored.profiles
    similar = stored.profiles_like(lot, some_rows)
    assert similar.shape == (len(some_rows),)
    assert similar == pytest.approx(every[some_rows.numbers()] @ lot, abs=1e-5)
    without_profile = ~np.isin(some_rows.numbers(), stored.profile_rows)
    assert not similar[without_profile].any()


@given(vectors())
def test_saved_vectors_open_unchanged(
    tmp_path_factory: pytest.TempPathFactory, stored: Vectors
) -> None:
    folder = tmp_path_factory.mktemp("vectors") / "new"
    stored.save(folder)
    again = Vectors.open(folder)
    for name in ARRAYS:
        assert getattr(again, name).tolist() == getattr(stored, name).tolist()


def test_a_pickled_array_is_refused(tmp_path: Path) -> None:
    none = np.zeros((0, SIZE), np.float32)
    Vectors(none, none, none, np.empty(0, np.int32)).save(tmp_path)
    np.save(tmp_path / "names.npy", np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects"):
        Vectors.open(tmp_path)
