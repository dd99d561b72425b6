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


def test_beside_one_council_the_name_is_its_own() -> None:
    assert grouped(COUNTY, EITHER)[0] == [[1, 2]]
    assert grouped(CITY, EITHER)[0] == [[1, 2]]


def test_an_id_without_a_name_that_two_buyers_have_joins_neither() -> None:
    north, south = {"id": "1", "name": "North Water"}, {"id": "1", "name": "South Water"}
    groups, tally = grouped(north, south, {"id": "1"})
    assert (groups, tally.set_aside) == ([[1], [2]], {VAGUE_BUYER: 1})
    assert grouped(north, {**south, "id": "2"}, {"id": "2"})[0] == [[1], [2, 3]]
    assert grouped(north, south, {})[1].set_aside == {NO_BUYER: 1}


def test_a_name_of_lost_letters_alone_is_compared_in_no_time() -> None:
    assert count("a?" * 40 + "a", "a" * 80 + "b") == 2
