"""What people decided about rows of a table holds after rows are added and numbers change."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.core.identifiers import made_up
from matcher.core.types import Provider
from matcher.register.build.build import build
from matcher.register.build.decisions import MergeDecisions, decide, forget, undo
from matcher.register.register import Register
from tests.factory import provider
from tests.registers import feed

NAME, PLACE = "Kestrelmoor Care", "WS1 1TP"
CHARITY = provider("GB-CHC-1", "WS2 8RR", name="Wrenbury Trust", website="charity")
ALIKE = provider("GB-CHC-2", PLACE, name=NAME, website="alike")


def row(number: int, name: str = NAME, place: str = PLACE) -> Provider:
    """A row of a table with a plain number in its column of ids."""
    made = made_up(name, [place], str(number))
    return provider(made, place, name=name, website=f"row {number}")


def groups(path: Path, places: Path, *records: Provider) -> tuple[set[frozenset[str]], list[str]]:
    """The organisations by the websites of their records, and what was set aside of decisions."""
    report = build(path, [feed(*records)], places_table=places)
    aside = [why for t in report.tallies if t.source.startswith("decisions") for why in t.set_aside]
    found = Register.open(path).organisations
    return {frozenset(r.website for r in found[i].records) for i in range(len(found))}, aside


@pytest.mark.parametrize("now", [17, 18, 3])
def test_a_row_is_joined_whatever_its_number_is_now(
    now: int, tmp_path: Path, places_table: Path
) -> None:
    decide(tmp_path, row(17).id, CHARITY.id, same=True)
    other = row(99, "Otterford Meals")
    found, aside = groups(tmp_path, places_table, row(now), other, CHARITY)
    assert found == {frozenset({f"row {now}", "charity"}), frozenset({"row 99"})}
    assert aside == []


@pytest.mark.parametrize("now", [17, 18])
def test_a_row_is_kept_apart_whatever_its_number_is_now(
    now: int, tmp_path: Path, places_table: Path
) -> None:
    together, _ = groups(tmp_path, places_table, row(now), ALIKE)
    assert together == {frozenset({f"row {now}", "alike"})}
    decide(tmp_path, row(17).id, ALIKE.id, same=False)
    apart, _ = groups(tmp_path, places_table, row(now), ALIKE)
    assert apart == {frozenset({f"row {now}"}), frozenset({"alike"})}


def test_another_row_of_the_same_name_and_place_is_not_joined_in_its_stead(
    tmp_path: Path, places_table: Path
) -> None:
    """Row 17 became row 18, and row 17 is new: which was meant cannot be told."""
    decide(tmp_path, row(17).id, CHARITY.id, same=True)
    found, aside = groups(tmp_path, places_table, row(17), row(18), CHARITY)
    assert frozenset({"charity"}) in found
    assert aside == ["not joined: several rows have this name and place, or this name"]


def test_two_rows_of_one_name_and_place_follow_what_was_said_of_the_two(
    tmp_path: Path, places_table: Path
) -> None:
    decide(tmp_path, row(17).id, row(18).id, same=True)
    found, aside = groups(tmp_path, places_table, row(18), row(19))
    assert (found, aside) == ({frozenset({"row 18", "row 19"})}, [])
    decide(tmp_path, row(18).id, row(19).id, same=False)
    assert MergeDecisions.open(tmp_path).joined == frozenset()
    found, _ = groups(tmp_path, places_table, row(20), row(21))
    assert found == {frozenset({"row 20"}), frozenset({"row 21"})}


def test_of_two_suppliers_of_one_name_none_is_joined_for_the_other(
    tmp_path: Path, places_table: Path
) -> None:
    one, two = (
        provider("XX-NAME-gardencare", place, name="Garden Care", website=place)
        for place in ("WS2 8RR", "B1 1AA")
    )
    decide(tmp_path, "XX-NAME-gardencare", CHARITY.id, same=True)
    found, aside = groups(tmp_path, places_table, one, two, CHARITY)
    assert frozenset({"charity"}) in found
    assert len(aside) == 1
    decide(tmp_path, "XX-NAME-gardencare-B11AA", CHARITY.id, same=True)
    undo(tmp_path, "XX-NAME-gardencare", CHARITY.id)
    found, aside = groups(tmp_path, places_table, one, two, CHARITY)
    assert frozenset({"charity", "B1 1AA"}) in found
    assert aside == []


def test_a_decision_is_replaced_undone_and_forgotten_by_the_number_of_now(tmp_path: Path) -> None:
    decide(tmp_path, row(17).id, CHARITY.id, same=True)
    decide(tmp_path, row(18).id, CHARITY.id, same=False)
    decided = MergeDecisions.open(tmp_path)
    assert (decided.joined, len(decided.apart)) == (frozenset(), 1)
    assert undo(tmp_path, row(19).id, CHARITY.id)
    assert MergeDecisions.open(tmp_path) == MergeDecisions()
    decide(tmp_path, row(17).id, CHARITY.id, same=True)
    forget(tmp_path, {row(18).id})
    assert MergeDecisions.open(tmp_path) == MergeDecisions()
