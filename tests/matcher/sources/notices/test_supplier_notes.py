"""Notes that stand where a notice has the name of a supplier."""

from __future__ import annotations

import pytest

from matcher.sources.notices.supplier_notes import NOTE, is_note, without_lots
from tests.matcher.sources.notices.test_published_forms import PLOUGH, award, awards, notice


@pytest.mark.parametrize(
    "note",
    [
        *("N/A", "n/a", "None", "TBC", "Not disclosed", "unknown", "REDACTED", "Various"),
        *("Multiple suppliers", "34 suppliers", "All framework suppliers on Lot 2"),
        *("See PDF", "see attached list", "Please see the website", "As per Annex B"),
        *("Suppliers as listed in the notice", "A list of the successful bidders is attached"),
        *("No bids received", "NO SUPPLIER", "None awarded", "Non-award", "No contract awarded"),
        *("Tender withdrawn", "This procurement has been abandoned", "CONTRACT CANCELLED"),
        *("The contract was not awarded", "Please note: notice published in error"),
        *("For contract award details, see our website", "Private individual"),
        *("Not awarded to Kestrel Ltd", "Please see Kestrel Ltd", "Contract was awarded to A Ltd"),
        *("https://moss.example/awards/list.aspx", "Awards are at https://moss.example/list"),
        *("finance@moss-council.example", "02546750"),
    ],
)
def test_a_note_is_no_supplier(note: str) -> None:
    assert is_note(note)


@pytest.mark.parametrize(
    "name",
    [
        *("See Services", "See Media Ltd", "No Limits South", "TBC Healthcare Ltd", "Nil by Mouth"),
        *("Various Artists Theatre", "Supplier Mobility Limited", "1623 Theatre Company"),
        *("Attachment Courses Direct", "Link Group", "Notice Boards Ltd", "Contract Candles"),
        *("Cancelled Stamps Ltd", "Individual Care Services", "Award Cleaning", "Contact"),
        *("Listed Building Repairs", "Multiple Sclerosis Centre", "Not Binary Limited"),
        *("See Notes Ltd", "View Information Systems Limited", "Company Names Ltd"),
        *("http://www.kestrel.example", "1st Kestrel", "Play @ Moss Ltd"),
        "Moss Ltd (https://moss.example/about)",
    ],
)
def test_the_name_of_a_firm_is_no_note(name: str) -> None:
    assert not is_note(name)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Moss Ltd (Lot 2) and Oak Ltd (Lot 3)", "Moss Ltd (Lot 2) and Oak Ltd"),
        ("Moss plc: Lot 1, Oak CIC", "Moss plc: Lot 1, Oak CIC"),
        ("Moss, Lots 4 Tots Ltd", "Moss, Lots 4 Tots Ltd"),
    ],
)
def test_no_other_firm_is_lost_with_the_lots(written: str, name: str) -> None:
    assert without_lots(written) == name


@pytest.mark.parametrize(
    "written",
    [
        *("Kestrel Ltd (Lot 2)", "Kestrel Ltd ( Lot 1 - East)", "Kestrel Ltd - Lots 1, 3 & 4"),
        *("Kestrel Ltd Lot 4 & 6", "Lot 1 (N5) - Kestrel Ltd", "Lot 6, Lot 7 - Kestrel Ltd"),
        *("Kestrel Ltd (Region 1, 2)", "Kestrel Ltd — Core Region 1 — Reserve Region 2"),
        *("Kestrel Ltd (GBP 1 598)", "Kestrel Ltd"),
    ],
)
def test_the_lots_that_a_supplier_won_are_no_part_of_its_name(written: str) -> None:
    assert without_lots(written) == "Kestrel Ltd"
    found, _ = awards(notice(1, awards=[award(suppliers=[{"id": "9", "name": written}])]))
    assert [one.name for one in found[0].suppliers] == ["Kestrel Ltd"]


@pytest.mark.parametrize("name", ["The Lot 18 Wine Company", "Parking Lot 5 Ltd", "Lot 49", "Lots"])
def test_a_name_with_a_lot_in_it_is_whole(name: str) -> None:
    assert without_lots(name) == name


def test_an_award_is_kept_for_those_that_are_named() -> None:
    note = {"id": "9", "name": "See attached list"}
    found, set_aside = awards(notice(1, awards=[award(suppliers=[PLOUGH, note])]))
    assert [one.name for one in found[0].suppliers] == [PLOUGH["name"]]
    assert set_aside == {NOTE: 1}
    found, set_aside = awards(notice(1, awards=[award(note)]))
    assert (found, set_aside) == ([], {NOTE: 1, "award without a named supplier": 1})
