"""Whether two releases of one ocid are by one buyer."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from matcher.core.types import Tally
from matcher.sources.notices.procurements import NO_BUYER, VAGUE_BUYER, PlacedRelease, by_buyer


def grouped(*buyers: dict[str, Any]) -> tuple[list[list[int]], Tally]:
    """The numbers of the releases of each buyer, and the tally."""
    tally = Tally("x")
    found = [
        PlacedRelease({"id": str(n), "date": f"2026-05-{n:02}", "buyer": buyer}, f"x:{n}")
        for n, buyer in enumerate(buyers, 1)
    ]
    procurements = by_buyer("ocds-b5fd17-0abc12", found, [tally])
    return [[int(str(one.fields["id"])) for one in each.releases] for each in procurements], tally


def count(*names: str) -> int:
    return len(grouped(*({"id": str(n), "name": name} for n, name in enumerate(names)))[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Mayor and Burgesses of the London Borough of Larkham", "London Borough of Larkham"),
        ("Larkham County Council - Adult Social Care", "Larkham County Council"),
        ("Larkham City Council, Children and Families", "Larkham City Council"),
        ("Larkmoor Hospitals NHS Foundation Trust", "Larkmoor Hospitals NHS FT"),
        ("Larkmoor Hospitals NHS Trust", "Larkmoor Hospitals NHS Foundation Trust"),
        ("University Hospitals of Larkmoor NHS Trust", "University Hospitals Larkmoor NHS Trust"),
        ("Cyngor Sir Ynys Wên", "Cyngor Sir Ynys Wen"),
        ("Cyngor Sir Ynys Wên", "Cyngor Sir Ynys W\ufffdn"),
        ("Larkham Cafés Trust", "Larkham Caf?s Trust"),
        ("Larkham Cafés Trust", "Larkham Caf??s Trust"),
        ("Department of Larks and Owls", "Department for Larks & Owls"),
        ("NHS Larkmoor ICB", "NHS Larkmoor Integrated Care Board"),
        ("Larkham City Council - Corporate Procurement", "Larkham City Council"),
        ("Larkham County Council t/a Lark Supplies", "Larkham County Council"),
    ],
)
def test_one_buyer_may_be_written_in_two_ways(one: str, other: str) -> None:
    assert count(one, other) == count(other, one) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Larkham City Council", "Larkhamshire County Council"),
        ("Larkham District Council, Mid Larkham District Council", "Larkham District Council"),
        ("Larkham County Council - Grange Park School", "Larkham County Council"),
        ("Ministry of Larks, Ships", "Ministry of Larks, Land Equipment"),
        ("University of Larkham", "Larkham University"),
        ("Larkham Hospitals NHS Trust", "Larkham Community NHS Trust"),
        ("Who Larks? Trust", "Who Larks Along Trust"),
    ],
)
def test_names_that_are_alike_may_be_of_two_buyers(one: str, other: str) -> None:
    assert count(one, other) == count(other, one) == 2


COUNTY, CITY, EITHER = (
    {"id": name, "name": f"Larkham {name}"}
    for name in ("County Council", "City Council", "Council")
)


@pytest.mark.parametrize("order", [*permutations([COUNTY, CITY, EITHER])])
def test_a_name_that_is_that_of_two_councils_joins_neither(order: Any) -> None:
    groups, tally = grouped(*order)
    assert sorted(map(len, groups)) == [1, 1]
    assert [order.index(EITHER) + 1] not in groups
    assert tally.set_aside == {VAGUE_BUYER: 1}


def test_an_id_without_a_name_that_two_buyers_have_joins_neither() -> None:
    north, south = {"id": "1", "name": "North Water"}, {"id": "1", "name": "South Water"}
    groups, tally = grouped(north, south, {"id": "1"})
    assert (groups, tally.set_aside) == ([[1], [2]], {VAGUE_BUYER: 1})
    assert grouped(north, {**south, "id": "2"}, {"id": "2"})[0] == [[1], [2, 3]]
    assert grouped(north, south, {})[1].set_aside == {NO_BUYER: 1}


def test_a_name_of_lost_letters_alone_is_compared_in_no_time() -> None:
    assert count("a?" * 40 + "a", "a" * 80 + "b") == 2


OFFICIAL_COUNTY, OFFICIAL_CITY = (
    {**one, "id": f"GB-LAE-{n}"} for n, one in ((1, COUNTY), (2, CITY))
)


@pytest.mark.parametrize("order", [*permutations([OFFICIAL_COUNTY, CITY, EITHER])])
def test_an_official_id_tells_which_council_a_name_of_two_is(order: Any) -> None:
    said = [{**one, "id": "GB-LAE-1"} if one is EITHER else one for one in order]
    groups, tally = grouped(*said)
    with_county = sorted(order.index(one) + 1 for one in (OFFICIAL_COUNTY, EITHER))
    assert sorted(groups) == sorted([with_county, [order.index(CITY) + 1]])
    assert tally.set_aside == {}


def test_a_name_is_the_same_councils_in_a_release_that_leaves_the_id_out() -> None:
    either = {**EITHER, "id": "GB-LAE-1"}
    assert grouped(OFFICIAL_COUNTY, CITY, either, EITHER)[0] == [[1, 3, 4], [2]]
    both = [either, {**EITHER, "id": "GB-LAE-2"}]
    groups, tally = grouped(OFFICIAL_COUNTY, OFFICIAL_CITY, *both, EITHER)
    assert groups == [[1, 3], [2, 4]]
    assert tally.set_aside == {VAGUE_BUYER: 1}


def test_two_schools_of_one_name_are_two_buyers() -> None:
    holy = [{"id": f"GB-EDU-10{n}", "name": "Holy Cross School"} for n in (1, 2)]
    assert grouped(*holy)[0] == [[1], [2]]
    assert grouped(holy[0], holy[0])[0] == [[1, 2]]


@pytest.mark.parametrize("order", [*permutations([0, 1, 2])])
@pytest.mark.parametrize("name", ["Holy Cross School", "Holy Cross School (HCS)"])
def test_a_release_without_a_number_joins_no_two_schools(order: Any, name: str) -> None:
    holy: list[dict[str, Any]] = [
        {"id": f"GB-EDU-10{n}", "name": "Holy Cross School"} for n in (1, 2)
    ]
    groups, tally = grouped(*([*holy, {"id": "7", "name": name}][n] for n in order))
    assert sorted(map(len, groups)) == [1, 1]
    assert [order.index(2) + 1] not in groups
    assert tally.set_aside == {VAGUE_BUYER: 1}


@pytest.mark.parametrize("order", [*permutations([0, 1, 2])])
def test_a_short_name_that_two_schools_have_joins_neither(order: Any) -> None:
    names = ["Holly Bank School (HBS)", "Heath Brow School (HBS)", "HBS"]
    groups, tally = grouped(*({"id": str(n), "name": names[n]} for n in order))
    assert sorted(map(len, groups)) == [1, 1]
    assert [order.index(2) + 1] not in groups
    assert tally.set_aside == {VAGUE_BUYER: 1}


@pytest.mark.parametrize(
    ("welsh", "english", "groups"),
    [
        ("Cyngor Sir Penfro", "Pembrokeshire County Council", 1),
        ("Cyngor Sir Ynys Môn", "Isle of Anglesey County Council - Highways", 1),
        ("Cyngor Tref Conwy", "Conwy County Borough Council", 2),
        ("Cyngor Abertawe", "Cardiff Council", 2),
    ],
)
def test_a_council_of_wales_is_one_in_both_languages(welsh: str, english: str, groups: int) -> None:
    assert count(welsh, english) == groups
