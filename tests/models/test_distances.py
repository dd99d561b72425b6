from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.distances import _AT_ONCE, EDGES_KM, Distances
from models.errors import BundleError

BANDS = len(EDGES_KM) + 1


def _row(start: float) -> tuple[float, ...]:
    return tuple(start - band for band in range(BANDS))


KNOWN = Distances({"": _row(1), "45": _row(20), "4526": _row(40), "5552": _row(60)})
kilometres = st.lists(st.floats(0, 2000), max_size=10)


@given(kilometres, st.lists(st.sampled_from(["45", "452", "4526", "99", "5552"]), max_size=3))
def test_each_distance_has_the_value_of_its_band(km: list[float], codes: list[str]) -> None:
    told = KNOWN.log_ratio(np.array(km), codes)
    bands = KNOWN.bands(codes)
    assert told.shape == (len(km),)
    assert told.tolist() == [bands[sum(d >= edge for edge in EDGES_KM)] for d in km]


def test_very_many_distances_are_told_as_each_alone() -> None:
    km = np.arange(0, 700, 0.01).astype(np.float32)
    km[::7] = np.inf
    told = KNOWN.log_ratio(km, ("45",))
    assert len(km) > 2 * _AT_ONCE
    for start in (0, _AT_ONCE - 3, 2 * _AT_ONCE - 3, len(km) - 6):
        some = km[start : start + 6]
        each = [KNOWN.log_ratio(some[at : at + 1], ("45",))[0] for at in range(6)]
        assert told[start : start + 6].tolist() == each


@pytest.mark.parametrize("codes", [(), ("45",), ("99",)])
@pytest.mark.parametrize("known", [KNOWN, Distances()])
def test_a_distance_that_is_not_known_counts_for_nothing(
    known: Distances, codes: tuple[str, ...]
) -> None:
    assert known.log_ratio(np.array([np.inf, np.nan]), codes).tolist() == [0, 0]


def test_without_a_table_every_distance_is_as_likely() -> None:
    assert Distances().log_ratio(np.array([0.0, 50.0, 5000.0]), ("45",)).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("codes", "start"),
    [
        ((), 1.0),
        (("99", "999"), 1.0),
        (("45", "453"), 20.0),
        (("45", "452", "4526", "45261210"), 40.0),
        (("45", "4526", "55", "5552"), 50.0),
    ],
)
def test_the_longest_prefix_that_is_known_tells(codes: tuple[str, ...], start: float) -> None:
    assert KNOWN.bands(codes).tolist() == list(_row(start))


def test_it_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "distances.json"
    assert Distances.open(path) == Distances()
    path.write_text(json.dumps(KNOWN.to_json()))
    assert Distances.open(path) == KNOWN


@pytest.mark.parametrize("text", ["", "{", "\x00"])
def test_a_damaged_file_is_refused_by_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "distances.json").write_text(text)
    with pytest.raises(BundleError, match=r"distances\.json is damaged"):
        Distances.open(tmp_path / "distances.json")


@pytest.mark.parametrize(
    "saved",
    [
        None,
        [],
        7,
        {"45": None},
        {"45": 1},
        {"45": []},
        {"45": [0.0] * (BANDS - 1)},
        {"45": [0.0] * (BANDS + 1)},
        {"45": ["far"] * BANDS},
        {"45": [None] * BANDS},
        {"45": [float("nan")] * BANDS},
        {"45": [float("inf")] * BANDS},
        {"45": [10**400] * BANDS},
    ],
)
def test_what_is_no_table_is_refused(saved: Any) -> None:
    with pytest.raises(BundleError, match="the table of distances is damaged"):
        Distances.from_json(saved)
