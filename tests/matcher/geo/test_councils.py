from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadInput, BadSource
from matcher.geo import borders
from matcher.geo.councils import AreaKind, Councils
from matcher.geo.postcodes import PACKAGE
from tests.factory import SHARED, needs_shared
from tests.gazetteer import small_table

COUNCILS = Councils.open()
CODES = sorted(COUNCILS.rows)


def _named(*codes: str) -> list[str]:
    return [area.name for area in COUNCILS.neighbours(*(COUNCILS.require(c).code for c in codes))]


def test_there_are_361_councils_by_kind() -> None:
    kinds = [code[:3] for code in CODES]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "E06": 63,
        "E07": 164,
        "E08": 36,
        "E09": 33,
        "N09": 11,
        "S12": 32,
        "W06": 22,
    }


def test_every_council_is_found_by_its_own_code_and_name() -> None:
    for code, row in COUNCILS.rows.items():
        for written in (code, code.lower(), row.name, f"{row.name} Council", row.name.upper()):
            found = COUNCILS.find(written)
            assert found is not None, written
            assert (found.code, found.kind) == (code, AreaKind.COUNCIL)
            assert found.councils == {code}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Walsall", "E08000030"),
        ("Walsall Metropolitan Borough Council", "E08000030"),
        ("WALSALL MBC", "E08000030"),
        ("London Borough of Bromley", "E09000006"),
        ("LB Bromley", "E09000006"),
        ("Royal Borough of Kensington and Chelsea", "E09000020"),
        ("Royal Borough of Kingston upon Thames", "E09000021"),
        ("City of Wolverhampton", "E08000031"),
        ("City of Wolverhampton Council", "E08000031"),
        ("Birmingham City Council", "E08000025"),
        ("Birmingham City", "E08000025"),
        ("Bristol, City of", "E06000023"),
        ("Bristol City Council", "E06000023"),
        ("Hull City Council", "E06000010"),
        ("Herefordshire Council", "E06000019"),
        ("Durham County Council", "E06000047"),
        ("St Albans City and District Council", "E07000240"),
        ("Borough Council of King's Lynn & West Norfolk", "E07000146"),
        ("Council of the Isles of Scilly", "E06000053"),
        ("City of Bradford Metropolitan District Council", "E08000032"),
        (".East Riding Of Yorkshire Council", "E06000011"),
        ("Bournemouth Christchurch and Poole Council", "E06000058"),
        ("City of London", "E09000001"),
        ("The Highland Council", "S12000017"),
        ("City of Edinburgh Council", "S12000036"),
        ("Comhairle nan Eilean Siar", "S12000013"),
        ("Cyngor Gwynedd", "W06000002"),
        ("Cyngor Sir Powys", "W06000023"),
        ("Cyngor Sir Ceredigion", "W06000008"),
        ("Cyngor Bwrdeistref Sirol Rhondda Cynon Taf", "W06000016"),
        ("Cyngor Dinas Casnewydd", "W06000022"),
        ("Cyngor Dinas a Sir Abertawe", "W06000011"),
        ("Ynys Môn", "W06000001"),
        ("Derry City & Strabane District Council", "N09000005"),
        ("Newcastle City Council", "E08000021"),
        ("Newcastle-under-Lyme Borough Council", "E07000195"),
        ("East Herts District Council", "E07000242"),
    ],
)
def test_a_council_is_found_in_its_usual_spellings(written: str, code: str) -> None:
    found = COUNCILS.find(written)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "written",
    [
        "Wokingham Town Council",
        "Stafford Parish Council",
        "Lichfield City Council",
        "Chichester City Council",
        "Cyngor Tref Conwy",
        "Any region",
        "Council",
        "The City of",
        "Rest of the World",
        "NHS England",
        "",
    ],
)
def test_parish_councils_and_others_are_not_taken_for_the_district(written: str) -> None:
    assert COUNCILS.find(written) is None


@pytest.mark.parametrize(
    ("written", "code", "kind", "size"),
    [
        ("Suffolk", "E10000029", AreaKind.COUNTY, 5),
        ("Suffolk County Council", "E10000029", AreaKind.COUNTY, 5),
        ("Greater Manchester", "E11000001", AreaKind.COUNTY, 10),
        ("West Midlands", "E12000005", AreaKind.REGION, 30),
        ("West Midlands Combined Authority", "E11000005", AreaKind.COUNTY, 7),
        ("London", "E12000007", AreaKind.REGION, 33),
        ("Yorkshire and the Humber", "E12000003", AreaKind.REGION, 15),
        ("England", "E92000001", AreaKind.NATION, 296),
        ("Wales", "W92000004", AreaKind.NATION, 22),
        ("UK", "K02000001", AreaKind.UK, 361),
    ],
)
def test_counties_regions_and_nations_are_sets_of_councils(
    written: str, code: str, kind: AreaKind, size: int
) -> None:
    found = COUNCILS.find(written)
    assert found is not None
    assert (found.code, found.kind, len(found.councils)) == (code, kind, size)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("UKC21", "North East"),
        ("UKG", "West Midlands"),
        ("tli", "London"),
        ("UKL", "Wales"),
        ("UKM5", "Scotland"),
        ("UKN0A", "Northern Ireland"),
    ],
)
def test_a_statistical_region_code_is_its_region(code: str, name: str) -> None:
    found = COUNCILS.find(code)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("written", "now"),
    [
        ("E08000016", {"E08000038"}),
        ("E08000019", {"E08000039"}),
        ("Selby District Council", {"E06000065"}),
        ("Somerset County Council", {"E06000066"}),
        ("Cumbria County Council", {"E06000063", "E06000064"}),
        ("Northamptonshire", {"E06000061", "E06000062"}),
        ("E07000205", {"E07000244"}),
    ],
)
def test_a_former_council_is_the_area_that_is_there_now(written: str, now: set[str]) -> None:
    found = COUNCILS.find(written)
    assert found is not None
    assert found.councils == now


@pytest.mark.parametrize(
    ("buyer", "name"),
    [
        ("Suffolk County Council Passenger Transport", "Suffolk"),
        ("London Borough of Haringey - Parks and Leisure", "Haringey"),
        ("Mayor and Burgesses of the London Borough of Hackney", "Hackney"),
        ("Kirklees Council (Procurement)", "Kirklees"),
        ("Bristol, City of", "Bristol, City of"),
    ],
)
def test_a_buyers_name_may_say_more_than_the_council(buyer: str, name: str) -> None:
    found = COUNCILS.named_in(buyer)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "buyer",
    [
        "Essex Council for Voluntary Service",
        "Council of Mortgage Lenders",
        "University of Birmingham",
        "Reading, University of",
        "Suffolk (NHS) Trust",
        "Wokingham Town Council",
        "NHS England",
        "London",
        "West Midlands",
        "Arts Council England",
        "",
    ],
)
def test_a_buyer_that_is_no_council_names_none(buyer: str) -> None:
    assert COUNCILS.named_in(buyer) is None


def test_an_unknown_area_is_refused_with_what_was_meant() -> None:
    with pytest.raises(BadInput, match=r"'Wulverhampton'.*did you mean 'Wolverhampton'"):
        COUNCILS.require("Wulverhampton")
    with pytest.raises(BadInput, match="its name or its official code"):
        COUNCILS.require("Qqqqqqq")


def test_nation_and_region_are_known_where_there_is_one() -> None:
    assert (COUNCILS.nation("E10000029"), COUNCILS.region("E10000029")) == (
        "England",
        "East of England",
    )
    assert (COUNCILS.nation("W06000015"), COUNCILS.region("W06000015")) == ("Wales", "Wales")
    assert COUNCILS.nation("E08000016") == "England"
    assert (COUNCILS.nation("K02000001"), COUNCILS.region("E92000001")) == ("", "")
    assert COUNCILS.nation("L99999999") == ""


@pytest.mark.parametrize(
    ("council", "around"),
    [
        ("Walsall", ["Birmingham", "Sandwell", "Staffordshire", "Wolverhampton"]),
        ("Suffolk", ["Cambridgeshire", "Essex", "Norfolk"]),
        ("Cornwall", ["Devon", "Plymouth"]),
        ("Barnet", ["Brent", "Camden", "Enfield", "Haringey", "Harrow", "Hertfordshire"]),
        ("Nottingham", ["Nottinghamshire"]),
        ("Isle of Wight", []),
    ],
)
def test_neighbours_are_whole_counties_and_boroughs(council: str, around: list[str]) -> None:
    assert _named(council) == around


def test_a_district_inside_its_county_borders_that_county() -> None:
    assert _named("Ipswich") == ["Suffolk"]
    assert _named("Lichfield") == [
        "Birmingham",
        "Derbyshire",
        "Leicestershire",
        "Staffordshire",
        "Walsall",
        "Warwickshire",
    ]


def test_joint_buyers_have_the_neighbours_of_both_but_not_each_other() -> None:
    both = set(_named("Walsall", "Sandwell"))
    assert both == (set(_named("Walsall")) | set(_named("Sandwell"))) - {"Walsall", "Sandwell"}


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_upper_areas_that_border_do_so_both_ways(one: str, other: str) -> None:
    a, b = COUNCILS.upper_tier(one), COUNCILS.upper_tier(other)
    assert (b in COUNCILS.neighbours(a.code)) == (a in COUNCILS.neighbours(b.code))
    assert a not in COUNCILS.neighbours(a.code)


@given(st.sampled_from(CODES))
def test_a_neighbour_is_never_part_of_a_county(code: str) -> None:
    for unit in COUNCILS.neighbours(code):
        assert COUNCILS.upper_tier(unit.code) == unit
        assert not unit.code.startswith("E07")


@pytest.mark.parametrize(
    ("council", "around"),
    [
        (
            "Walsall",
            "Birmingham, Cannock Chase, Lichfield, Sandwell, South Staffordshire, Wolverhampton",
        ),
        ("Ipswich", "Babergh, East Suffolk, Mid Suffolk"),
        ("Rutland", "Harborough, Melton, North Northamptonshire, South Kesteven"),
        ("Wirral", "Cheshire West and Chester, Flintshire, Liverpool, Sefton"),
        (
            "City of London",
            "Camden, Hackney, Islington, Lambeth, Southwark, Tower Hamlets, Westminster",
        ),
        ("Shetland Islands", ""),
    ],
)
def test_known_councils_have_the_borders_that_a_map_shows(council: str, around: str) -> None:
    others = COUNCILS.borders.get(COUNCILS.require(council).code, frozenset())
    assert ", ".join(sorted(COUNCILS.rows[code].name for code in others)) == around


def test_every_mainland_council_borders_another() -> None:
    assert set(CODES) - set(COUNCILS.borders) == borders.ISLANDS


def test_a_council_may_bring_its_own_borders(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("# agreed in committee\na,b\nE08000030,E08000028\n", encoding="utf-8")
    own = Councils.open(path)
    assert [area.name for area in own.neighbours("E08000030")] == ["Sandwell"]
    assert [area.name for area in own.neighbours("E08000028")] == ["Walsall"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\nE08000030,Sandwell\n", r"pair 1 \('E08000030' and 'Sandwell'\)"),
        ("x,y\n1,2\n", r"pair 1 \('' and ''\)"),
        ("a,b\nE08000030\n", r"pair 1 \('E08000030' and ''\)"),
        ("Minibuses to day centres, with lifts\n", "names no two councils"),
    ],
)
def test_a_borders_table_that_does_not_name_councils_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadSource, match=rf"own\.csv: {said}.*codes of current councils"):
        Councils.open(path)


def test_an_absent_borders_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="cannot be read"):
        Councils.open(tmp_path / "none.csv")


def test_several_areas_are_one_area() -> None:
    both = COUNCILS.union([COUNCILS.require("Walsall"), COUNCILS.require("Sandwell")])
    assert both.name == "Walsall, Sandwell"
    assert both.kind is AreaKind.COUNCIL
    assert both.councils == {"E08000030", "E08000028"}


def test_all_regions_of_england_together_are_england() -> None:
    regions = {
        COUNCILS.require(row.region) for row in COUNCILS.rows.values() if row.nation == "England"
    }
    assert COUNCILS.union(regions).name == "England"
    assert COUNCILS.union([COUNCILS.require("Walsall"), COUNCILS.require("UK")]).name == (
        "United Kingdom"
    )


def test_empty_squares_go_to_the_nearest_and_taken_ones_stay() -> None:
    grid = np.array([[1, 0, 0, 2], [0, 0, 0, 0]], np.uint16)
    once = borders.spread(grid, corners=False)
    assert once.tolist() == [[1, 1, 2, 2], [1, 0, 0, 2]]
    assert borders.spread(grid, corners=True).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]
    assert borders.spread(once, corners=False)[grid > 0].tolist() == [1, 2]


def test_the_length_of_a_border_is_the_sides_that_meet() -> None:
    grid = np.array([[2, 2, 1], [0, 1, 1]], np.uint16)
    assert borders.shared_sides(grid) == [(1, 2, 2)]


def test_borders_are_written_with_what_they_were_derived_from(tmp_path: Path) -> None:
    table = small_table(tmp_path / "table")
    out = tmp_path / "borders.csv"
    borders.write(out, table)
    first, *lines = out.read_text(encoding="utf-8").splitlines()
    assert first == f"# derived by matcher.geo.borders from {PACKAGE} 1.0"
    pairs = [(row["a"], row["b"]) for row in csv.DictReader(lines)]
    assert pairs == [("E08000028", "E08000030")]


@needs_shared
def test_former_codes_map_to_current_councils() -> None:
    path = SHARED / "reference" / "local-authorities.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        reference = list(csv.DictReader(file))
    assert reference
    for row in reference:
        found = COUNCILS.find(row["LADCD"])
        if row["LADCD_ACTIVE"] in COUNCILS.rows:
            assert found is not None
            assert found.councils == {row["LADCD_ACTIVE"]}


@needs_shared
def test_regions_and_counties_are_those_of_the_reference_table() -> None:
    path = SHARED / "reference" / "local-authorities.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        reference = {row["LADCD"]: row for row in csv.DictReader(file)}
    for code, row in COUNCILS.rows.items():
        known = reference[code]
        assert row.nation == known["CTRYNM"]
        if row.nation == "England":
            assert row.region == known["RGNNM"]
        if code.startswith("E07"):
            assert row.county_code == known["UTLACD"]
