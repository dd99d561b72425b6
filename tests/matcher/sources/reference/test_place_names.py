"""OS Open Names and the Index of Place Names, as a list of towns and villages."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from matcher.core.errors import BadSource
from matcher.geo.gazetteer import Gazetteer, TownSize
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.reference import place_names
from tests.gazetteer import CARDIFF, SANDWELL, WALSALL, small_table
from tests.published import packed


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> PostcodeTable:
    return small_table(tmp_path_factory.mktemp("small"))


def open_name(name: str, kind: str, east: float, north: float, other: str = "") -> list[object]:
    """A row of OS Open Names: 34 cells without a header."""
    cells: list[object] = [""] * 34
    cells[:10] = ["osgb40", "http://data", name, "", other, "", "populatedPlace", kind, east, north]
    return cells


def rows(*lines: list[object]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue()


def open_names(tmp_path: Path, *lines: list[object]) -> Path:
    path = tmp_path / "opname_csv_gb.zip"
    road = open_name("Quarry Bank Road", "Named Road", 401_500, 299_000)
    road[6] = "transportNetwork"
    members = {
        "Doc/licence.txt": "OGL",
        "Data/SK00.csv": rows(*lines[::2], road),
        "Data/SP08.csv": rows(*lines[1::2], road),
    }
    path.write_bytes(packed(members))
    return path


INDEX_HEAD = (
    "placeid,place23cd,placesort,place23nm,descnm,ctry23nm,lad23cd,gridgb1e,gridgb1n,lat,long"
)


def index(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "IPN_GB_2023.csv"
    path.write_bytes("\r\n".join([INDEX_HEAD, *lines]).encode("cp1252"))
    return path


def test_open_names_are_in_the_council_of_their_postcodes(
    tmp_path: Path, table: PostcodeTable
) -> None:
    path = open_names(
        tmp_path,
        open_name("Harden Bank", "Suburban Area", 401_100.5, 299_100),
        open_name("Tame Cross", "Hamlet", 403_000, 298_100),
        open_name("Cardiff", "City", 319_000, 175_000, "Caerdydd"),
        open_name("Great Wetwold", "Village", 520_000, 900_000),
    )
    tally = place_names.compile_towns(tmp_path / "towns.csv", [path], table)
    towns = Gazetteer.open(tmp_path / "towns.csv")
    assert (tally.source, tally.read, tally.kept) == ("OS Open Names", 4, 4)
    assert towns.source == "OS Open Names"
    [harden] = towns.find("Harden Bank")
    assert (harden.council, harden.east, harden.size) == (WALSALL, 401_100, TownSize.VILLAGE)
    [cross] = towns.find("tame cross")
    assert (cross.council, cross.word) == (SANDWELL, False)
    assert [town.council for town in towns.find("Caerdydd")] == [CARDIFF]
    assert towns.find("Great Wetwold") == ()
    assert towns.find("Quarry Bank Road") == ()
    assert towns.find("Newry"), "Great Britain's list lacks Northern Ireland"


def test_a_hamlet_named_by_one_unknown_word_may_be_any_word(
    tmp_path: Path, table: PostcodeTable
) -> None:
    path = open_names(tmp_path, open_name("Befriending", "Hamlet", 401_000, 299_000))
    place_names.compile_towns(tmp_path / "towns.csv", [path], table)
    [town] = Gazetteer.open(tmp_path / "towns.csv").find("Befriending")
    assert town.word


def test_the_index_of_place_names_is_read_by_its_columns_of_any_year(
    tmp_path: Path, table: PostcodeTable
) -> None:
    path = index(
        tmp_path,
        f"1,E1,harden bank,Harden Bank,LOC,England,{WALSALL},401100,299100,52.58,-1.98",
        f"2,E2,harden bank,Harden Bank (Walsall),BUASD,England,{WALSALL},401200,299200,52.58,-1.98",
        f"3,E3,tame cross,Tame Cross,LOC,England,{SANDWELL},,,52.5799,-1.9559",
        f"4,E4,tame parish,Tame Parish,PAR,England,{SANDWELL},403000,298000,52.57,-1.95",
        f"5,E5,nowhere,Nowhere Vale,LOC,England,{SANDWELL},,,,",
    )
    tally = place_names.compile_towns(tmp_path / "towns.csv", [path], table)
    assert (tally.read, tally.kept) == (4, 3)
    assert tally.set_aside == {"place without a position": 1}
    towns = Gazetteer.open(tmp_path / "towns.csv")
    [harden] = towns.find("Harden Bank")
    assert harden.council == WALSALL
    [cross] = towns.find("Tame Cross")
    assert abs(cross.east - 403_000) < 100
    assert towns.find("Tame Parish") == ()


def test_the_same_places_in_any_order_are_the_same_list(
    tmp_path: Path, table: PostcodeTable
) -> None:
    lines = [open_name(f"Place {n}", "Village", 401_000 + n, 299_000) for n in range(6)]
    lists = []
    for order in (lines, lines[::-1]):
        place_names.compile_towns(tmp_path / "towns.csv", [open_names(tmp_path, *order)], table)
        lists.append((tmp_path / "towns.csv").read_bytes())
    assert lists[0] == lists[1]


def test_another_file_is_refused(tmp_path: Path, table: PostcodeTable) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(BadSource, match="has no towns and villages: give OS Open Names"):
        place_names.compile_towns(tmp_path / "towns.csv", [path], table)
    path.write_text("place23nm,lad23cd\nX,Y\n")
    with pytest.raises(BadSource, match="no column for kind"):
        place_names.compile_towns(tmp_path / "towns.csv", [path], table)
