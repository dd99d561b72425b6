from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadInput, RegisterError
from matcher.geo import postcodes
from matcher.geo.national_grid import (
    from_irish_grid,
    from_latlon,
    km,
    to_latlon,
)
from matcher.geo.postcode_parsing import find_in_text, tidy_postcode
from matcher.geo.postcodes import PostcodePlacement, PostcodeTable
from tests.gazetteer import SANDWELL, WALSALL, small_table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture(scope="module")
def compiled(folder: Path) -> PostcodeTable:
    """Belfast and Birmingham (B), Jersey (J)."""
    return PostcodeTable.compile(folder, letters="BJ")


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("WS1 1TP", "WS1 1TP"),
        ("ws11tp", "WS1 1TP"),
        ("N7 7JW  ", "N7 7JW"),
        ("N7  7JW", "N7 7JW"),
        ("WS1-1TP.", "WS1 1TP"),
        ("WS1\u00a01TP", "WS1 1TP"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("postcode: N7 7JW, England", "N7 7JW"),
        ("WS1", "WS1"),
        ("WS1 1", "WS1"),
        ("WS1 1T", "WS1"),
        ("WS11", "WS11"),
    ],
)
def test_a_postcode_is_read_however_it_is_spaced_and_surrounded(written: str, tidy: str) -> None:
    assert tidy_postcode(written) == tidy


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("S014 7LY", "SO14 7LY"),
        ("OX1O 9ZZ", "OX10 9ZZ"),
        ("0X10 9ZZ", "OX10 9ZZ"),
        ("WS1 ITP", "WS1 1TP"),
        ("WSI 1TP", "WS1 1TP"),
        ("NI 7JW", "N1 7JW"),
        ("E1O 5AA", "E10 5AA"),
        ("HA0 1AA", "HA0 1AA"),
        ("1P1 2BX", "IP1 2BX"),
    ],
)
def test_letter_o_and_digit_0_are_corrected_by_position(written: str, tidy: str) -> None:
    assert tidy_postcode(written) == tidy


@pytest.mark.parametrize(
    "written", ["", " ", "POOLE", "SIOUX", "LONDON", "01922 650000", "n/a", "WS1 1TPP", "10", "²²"]
)
def test_what_is_no_postcode_is_not_read_as_one(written: str) -> None:
    assert tidy_postcode(written) == ""


@given(st.text(max_size=20))
def test_tidying_twice_changes_nothing(text: str) -> None:
    once = tidy_postcode(text)
    assert tidy_postcode(once) == once


@given(
    st.from_regex(r"[A-HK-Y][1-9][0-9]? [0-9][ABD-HJLNP-UW-Z]{2}", fullmatch=True),
    st.sampled_from(["", " ", "  ", "\t", "-"]),
    st.booleans(),
)
def test_case_and_spacing_carry_no_meaning(postcode: str, gap: str, lower: bool) -> None:
    written = postcode.replace(" ", gap)
    assert tidy_postcode(written.lower() if lower else written) == postcode


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("Civic Centre, Darwall Street, Walsall WS1 1TP", "WS1 1TP"),
        ("walsall ws11tp, uk", "WS1 1TP"),
        ("Unit B2 1st floor, Walsall WS1 1TP", "WS1 1TP"),
        ("from N7 7JW to WS1 1TP", "WS1 1TP"),
        ("Unit B2 Old Mill", None),
        ("no postcode here", None),
    ],
)
def test_a_postcode_is_found_in_an_address(text: str, postcode: str | None) -> None:
    assert find_in_text(text) == postcode


def test_literal_rn_for_a_line_break_does_not_hide_the_postcode() -> None:
    assert find_in_text("Elm House,rnSouthend RoadrnRM11 3UBrnUnited Kingdom") == "RM11 3UB"


def test_a_known_postcode_is_exact(table: PostcodeTable) -> None:
    point = table.find("ws1 1tp")
    assert point is not None
    assert (point.east, point.north, point.council, point.how) == (
        401000,
        299000,
        WALSALL,
        PostcodePlacement.EXACT,
    )


@pytest.mark.parametrize("written", ["WS1", "WS1 1", "WS1 9ZZ"])
def test_an_outcode_or_an_unknown_postcode_of_it_is_placed_at_its_middle(
    table: PostcodeTable, written: str
) -> None:
    point = table.find(written)
    assert point is not None
    assert (point.east, point.north) == (402000, 298000)
    assert point.council == WALSALL
    assert point.how is PostcodePlacement.OUTCODE


def test_the_outcode_ws1_is_not_ws10(table: PostcodeTable) -> None:
    ws10 = table.find("WS10")
    assert ws10 is not None
    assert ws10.council == SANDWELL


@pytest.mark.parametrize("written", ["ZZ99 3VZ", "POOLE", "", "AA1 1AA", "ZE1 0AA"])
def test_an_unknown_outcode_is_nowhere(table: PostcodeTable, written: str) -> None:
    assert table.find(written) is None


_WRITTEN = st.lists(
    st.sampled_from(["WS1 1TP", "n77jw", "WS1", "WS1 9ZZ", "ZZ99 3VZ", "IP1 2BX"])
    | st.text(max_size=9),
    max_size=8,
)


@given(_WRITTEN)
def test_many_at_once_are_each_as_found_alone(table: PostcodeTable, written: list[str]) -> None:
    east, north, council, how = table.find_many(written)
    assert [column.dtype for column in (east, north, council, how)] == [
        np.int32,
        np.int32,
        np.uint16,
        np.uint8,
    ]
    for i, postcode in enumerate(written):
        point = table.find(postcode)
        if point is None:
            assert (east[i], north[i], council[i], how[i]) == (0, 0, 0, PostcodePlacement.UNKNOWN)
        else:
            assert (east[i], north[i], how[i]) == (point.east, point.north, point.how)
            assert table.councils[council[i]] == point.council


def test_the_middle_of_a_council_is_the_median_of_its_postcodes(table: PostcodeTable) -> None:
    middle = table.centre(SANDWELL)
    assert middle is not None
    assert (middle.east, middle.north, middle.council) == (400500, 296500, SANDWELL)
    assert table.centre("E06000063") is None


def test_belfast_is_moved_from_the_irish_grid(compiled: PostcodeTable) -> None:
    city_hall = compiled.find("BT1 5GS")
    assert city_hall is not None
    assert city_hall.council == "N09000003"
    latitude, longitude = to_latlon(city_hall.east, city_hall.north)
    assert latitude == pytest.approx(54.5964, abs=0.002)
    assert longitude == pytest.approx(-5.9301, abs=0.002)


def test_birmingham_is_left_on_the_british_grid(compiled: PostcodeTable) -> None:
    council_house = compiled.find("B1 1BB")
    assert council_house is not None
    assert council_house.council == "E08000025"
    there = from_latlon(52.4800, -1.9030)
    assert km(council_house.east, council_house.north, *there) < 1


def test_a_postcode_without_a_grid_position_falls_back_on_its_outcode(
    compiled: PostcodeTable,
) -> None:
    point = compiled.find("BT1 1AH")
    assert point is not None
    assert point.how is PostcodePlacement.OUTCODE
    assert point.council == "N09000003"


def test_jersey_has_no_grid_position_and_so_no_place(compiled: PostcodeTable) -> None:
    assert compiled.find("JE2 3AB") is None


def test_the_table_is_opened_read_only_and_can_be_opened_again(
    compiled: PostcodeTable, folder: Path
) -> None:
    again = PostcodeTable.open(folder)
    assert again.councils == compiled.councils
    assert again.find("B1 1BB") == compiled.find("B1 1BB")
    assert not again.postcodes.keys.flags.writeable


def test_progress_is_reported_for_each_letter(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    PostcodeTable.compile(tmp_path, letters="ZF", progress=lambda *step: told.append(step))
    assert told == [(1, 2), (2, 2)]


def test_a_package_without_postcodes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="no postcode"):
        PostcodeTable.compile(tmp_path, letters="J")


def test_an_absent_broken_or_older_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="compile it again"):
        PostcodeTable.open(tmp_path)
    small_table(tmp_path)
    (tmp_path / "postcodes-east.npy").write_bytes(b"not an array")
    with pytest.raises(RegisterError, match="postcodes-east"):
        PostcodeTable.open(tmp_path)
    meta = tmp_path / "table.json"
    meta.write_text(json.dumps(json.loads(meta.read_text()) | {"layout": 0}))
    with pytest.raises(RegisterError, match="layout 0"):
        PostcodeTable.open(tmp_path)


def test_the_table_is_compiled_once_in_the_folder_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Path] = []

    def compile_small(folder: Path, **_: object) -> PostcodeTable:
        calls.append(folder)
        return small_table(folder)

    monkeypatch.setattr(PostcodeTable, "compile", compile_small)
    env = {"LBD_CACHE": str(tmp_path / "here"), "XDG_CACHE_HOME": str(tmp_path / "not here")}
    folder = PostcodeTable.cached(env=env)
    assert PostcodeTable.cached(env=env) == folder
    assert len(calls) == 1
    assert folder.parent == tmp_path / "here"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert PostcodeTable.open(folder).find("WS1 1TP") is not None


def test_the_default_cache_is_in_the_users_cache_folder(tmp_path: Path) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path)}
    assert postcodes.cache_folder(env) == tmp_path / "local-by-default"
    assert postcodes.cache_folder({}) == Path.home() / ".cache" / "local-by-default"


def test_a_process_that_compiles_second_uses_the_table_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"LBD_CACHE": str(tmp_path)}

    def overtaken(folder: Path, **_: object) -> PostcodeTable:
        small_table(tmp_path / folder.name)
        return small_table(folder)

    monkeypatch.setattr(PostcodeTable, "compile", overtaken)
    assert PostcodeTable.open(PostcodeTable.cached(env=env)).find("WS1 1TP") is not None
    assert len(list(tmp_path.iterdir())) == 1


def test_kilometres_are_pythagoras_on_the_grid() -> None:
    assert km(400000, 300000, 403000, 304000) == 5.0
    assert km(np.array([0, 3000]), np.array([0, 0]), 0, 4000).tolist() == [4.0, 5.0]


@given(st.integers(300_000, 550_000), st.integers(110_000, 550_000))
def test_latitude_and_longitude_lead_back_to_the_same_metre(east: int, north: int) -> None:
    back = from_latlon(*to_latlon(east, north))
    assert abs(back[0] - east) <= 1
    assert abs(back[1] - north) <= 1


@pytest.mark.parametrize(("latitude", "longitude"), [(-1.9, 52.5), (0.0, 0.0), (float("nan"), 0.0)])
def test_a_latitude_that_is_not_of_the_uk_is_refused(latitude: float, longitude: float) -> None:
    with pytest.raises(BadInput, match="latitude"):
        from_latlon(latitude, longitude)


def test_no_points_can_be_moved_between_grids() -> None:
    nothing = np.array([], np.int32)
    assert [len(axis) for axis in from_irish_grid(nothing, nothing)] == [0, 0]


@given(st.from_regex(r"[A-Z01]{1,3}[0-9OI][A-Z0-9]? [0-9OI][A-Z01]{2}", fullmatch=True))
def test_a_postcode_is_the_same_with_and_without_a_space_before_it(written: str) -> None:
    assert tidy_postcode(written) == tidy_postcode(f" {written}")
