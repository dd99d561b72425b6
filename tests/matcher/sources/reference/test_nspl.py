"""The postcode lookup, with columns of any year, as a table of places."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.core.errors import BadSource
from matcher.geo.postcodes import PostcodePlacement
from matcher.sources.reference import nspl
from tests.published import NSPL_2024, NSPL_2025, POSTCODES, SANDWELL, WALSALL, packed
from tests.published import nspl as lookup


def written(folder: Path, body: bytes) -> Path:
    path = folder / "nspl.zip"
    path.write_bytes(body)
    return path


@pytest.mark.parametrize("header", [NSPL_2025, NSPL_2024, NSPL_2025.replace("lad25cd", "lad26cd")])
def test_headers_of_any_year_are_recognised(tmp_path: Path, header: str) -> None:
    tally, table = nspl.compile_table(tmp_path / "t", [written(tmp_path, lookup(header))])
    assert (tally.read, tally.kept) == (len(POSTCODES), len(POSTCODES))
    assert len(table) == len(POSTCODES)
    for postcode, (east, north, council) in POSTCODES.items():
        point = table.find(postcode)
        assert point is not None
        assert (point.east, point.north, point.council, point.how) == (
            *(east, north, council),
            PostcodePlacement.EXACT,
        )


def test_parts_are_read_and_the_whole_file_is_not(tmp_path: Path) -> None:
    tally, _ = nspl.compile_table(tmp_path / "t", [written(tmp_path, lookup())])
    assert tally.read == len(POSTCODES)


def test_closed_postcodes_are_read(tmp_path: Path) -> None:
    closed = {
        "pcd7": "WS1 9ZZ",
        "doterm": "199806",
        "east1m": "400500",
        "north1m": "298500",
        "lad25cd": WALSALL,
    }
    _, table = nspl.compile_table(tmp_path / "t", [written(tmp_path, lookup(closed=closed))])
    point = table.find("WS1 9ZZ")
    assert point is not None
    assert point.how is PostcodePlacement.EXACT


def test_postcodes_of_five_and_seven_characters_are_found(tmp_path: Path) -> None:
    short = {"pcd7": "B1  1BB", "east1m": "406000", "north1m": "287000", "lad25cd": SANDWELL}
    _, table = nspl.compile_table(tmp_path / "t", [written(tmp_path, lookup(short=short))])
    assert table.find("B1 1BB") is not None
    assert table.find("B70 1AA") is not None


def test_belfast_is_converted_from_the_irish_grid(tmp_path: Path) -> None:
    belfast = {"pcd7": "BT1 1AA", "east1m": "333800", "north1m": "374500", "lad25cd": "N09000003"}
    _, table = nspl.compile_table(tmp_path / "t", [written(tmp_path, lookup(belfast=belfast))])
    point = table.find("BT1 1AA")
    assert point is not None
    assert point.east < 200_000
    assert point.north > 500_000


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"pcd7": "GY1 1AA", "lad25cd": "L99999999"}, "postcode without a grid position"),
        (
            {"pcd7": "WS1 9ZZ", "east1m": "1", "north1m": "1", "lad25cd": "E99999999"},
            "postcode without a council",
        ),
        (
            {"pcd7": "WS", "east1m": "1", "north1m": "1", "lad25cd": WALSALL},
            "not a postcode",
        ),
    ],
)
def test_rows_without_a_place_are_counted(tmp_path: Path, row: dict[str, str], reason: str) -> None:
    tally, table = nspl.compile_table(tmp_path / "t", [written(tmp_path, lookup(row=row))])
    assert tally.set_aside == {reason: 1}
    assert len(table) == len(POSTCODES)


def test_the_edition_comes_from_the_file_names(tmp_path: Path) -> None:
    body = lookup(edition="NOV_2026")
    assert nspl.compile_table(tmp_path / "t", [written(tmp_path, body)])[1].version == (
        "NSPL NOV 2026"
    )


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"readme.csv": "a,b\r\n"}, "has no table of postcodes"),
        ({"Data/NSPL_UK.csv": "pcd7,pcds\r\n"}, "has no column for east, north, council"),
        (
            {"Data/NSPL_UK.csv": "pcd7,east1m,north1m,lad25cd\r\n"},
            "has no postcode with a grid position",
        ),
    ],
)
def test_other_files_are_not_the_lookup(tmp_path: Path, members: dict[str, str], why: str) -> None:
    with pytest.raises(BadSource, match=why):
        nspl.compile_table(tmp_path / "t", [written(tmp_path, packed(members))])
