"""Notes that stand where a notice has the name of a supplier."""

from __future__ import annotations

import pytest

from matcher.sources.notices.supplier_notes import NOTE, is_note
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
    ],
)
def test_the_name_of_a_firm_is_no_note(name: str) -> None:
    assert not is_note(name)


def test_an_award_is_kept_for_those_that_are_named() -> None:
    note = {"id": "9", "name": "See attached list"}
    found, set_aside = awards(notice(1, awards=[award(suppliers=[PLOUGH, note])]))
    assert [one.name for one in found[0].suppliers] == [PLOUGH["name"]]
    assert set_aside == {NOTE: 1}
    found, set_aside = awards(notice(1, awards=[award(note)]))
    assert (found, set_aside) == ([], {NOTE: 1, "award without a named supplier": 1})
