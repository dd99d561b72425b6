"""Slices: read by line, and told from lots and from who won them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from matcher.core.errors import BadInput
from matcher.core.types import Organisation, Provider, Size
from matcher.geo.geocoding import Spot
from matcher.geo.postcodes import PostcodeTable
from tests.factory import lot, provider
from tests.registers import line_of_places
from training.evaluation.slices import (
    PopulationDensity,
    Slices,
    group_lots,
    profile_level,
    read,
    winner_marks,
    write,
)

SLICES: Slices = {"region": {"Wales": ("L1", "L2")}, "value": {"£0 to £29,999": ("L1",)}}


def replay_slices(tmp_path: Path, text: str) -> Slices:
    path = tmp_path / "slices.csv"
    path.write_text(text, encoding="utf-8")
    return read(path, {"L1", "L2"})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    out = io.StringIO()
    write(SLICES, out)
    assert replay_slices(tmp_path, out.getvalue()) == SLICES


def test_slices_without_a_kind_are_of_one_kind(tmp_path: Path) -> None:
    assert replay_slices(tmp_path, "lot,slice\nL1,cold\nL1,cold\n") == {"slice": {"cold": ("L1",)}}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("lot,by,slice\nL1,region,Wales\nL9,region,Wales\n", "line 3: lot L9 is not among"),
        ("lot,by,slice\nL1,region,\n", "line 2: has no lot or no slice"),
        ("lot,by,slice\n", "has no slice"),
    ],
)
def test_slices_that_are_wrong_are_refused_by_line(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        replay_slices(tmp_path, text)


def test_bands_of_value_are_in_order_of_pounds() -> None:
    names = ["not known", "£500,000 or more", "£30,000 to £99,999", "£0 to £29,999"]
    found = group_lots((f"L{at}", ("value", name)) for at, name in enumerate(names))
    assert list(found["value"]) == names[::-1]


def test_a_lot_is_marked_once_for_what_its_winners_share() -> None:
    small = provider(size=Size.SMALL, profile="x" * 300)
    thin = provider("B", size=Size.SMALL, profile="x")
    marks = [("L1", mark) for mark in winner_marks([_alone(small), _alone(thin)], [True])]
    found = group_lots(marks)
    assert found["winner"] == {"an incumbent": ("L1",)}
    assert found["size of a winner"] == {"small": ("L1",)}
    assert set(found["profile of a winner"]) == {"rich profile", "thin profile"}


def _alone(one: Provider) -> Organisation:
    return Organisation(one, (one,))


def test_a_short_profile_is_thin() -> None:
    for said, told in (
        ("", "no profile"),
        ("x" * 199, "thin profile"),
        ("x" * 200, "rich profile"),
    ):
        assert profile_level(_alone(provider(profile=said))) == told


def test_a_place_with_dense_postcodes_is_urban(tmp_path: Path) -> None:
    table = PostcodeTable.open(line_of_places(tmp_path / "places", 0, 100, 1500, 40_000))
    density = PopulationDensity.count(table)
    assert density.squares.sum() == len(table)
    crowd = PopulationDensity(np.where(density.squares > 0, 400, 0).astype(np.int32))
    assert crowd.of(_spot(300_100)) == "rural"
    assert PopulationDensity(crowd.squares * 2).of(_spot(300_100)) == "urban"
    assert PopulationDensity(crowd.squares * 2).of(_spot(339_900)) == "rural"
    assert crowd.of(_spot(-5000)) == "rural"


def _spot(east: int) -> Spot:
    return Spot(east, 300_000, "E08000030", "exact", "test")


def test_a_lot_has_slices_by_service_region_and_value(tmp_path: Path, places_table: Path) -> None:
    from matcher.geo.geocoding import place_of
    from tests.registers import registered
    from training.evaluation.slices import lot_marks

    register = registered(tmp_path / "reg", places_table, provider())
    density = PopulationDensity.count(register.postcodes)
    asked = lot(cpv=("60130000",), value=30_000.0)
    place = place_of(asked, register.postcodes, register.councils)
    marks = dict(lot_marks(asked, place, register, density))
    assert marks["service"].startswith("60 ")
    assert marks["region"] == "West Midlands"
    assert marks["value"] == "£30,000 to £99,999"
    nowhere = lot(postcode="", cpv=())
    place = place_of(nowhere, register.postcodes, register.councils)
    assert set(dict(lot_marks(nowhere, place, register, density)).values()) == {"not known"}
