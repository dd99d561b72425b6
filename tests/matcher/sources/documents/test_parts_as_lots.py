"""Lots that a document calls otherwise, lots of lots, headings without a lot, and bare tables."""

from __future__ import annotations

import re
from typing import Any

import pytest

from matcher.sources.documents.extracted_lots import ExtractedLot
from matcher.sources.documents.reader import read_document, read_text
from tests.documents import word


def _read(text: str) -> list[ExtractedLot]:
    return read_text(text, "pasted")


def _ids(found: list[ExtractedLot]) -> list[str]:
    return [one.lot.id.partition("#")[2] for one in found]


def _titles(text: str) -> list[str]:
    return [one.lot.title for one in _read(text)]


@pytest.mark.parametrize("name", ["Part", "PACKAGE", "Work package", "Rhan", "Category"])
@pytest.mark.parametrize("ids", [("1", "2"), ("A", "B"), ("I", "II")])
def test_parts_with_a_value_each_are_lots(name: str, ids: tuple[str, str]) -> None:
    first, second = ids
    found = _read(
        f"Libraries\n{name} {first}: Van for home visits\nTwo days a week. £9,000 in total.\n"
        f"{name} {second} – Repair of books\n£4,000 in total, at the workshop in WS1 1TP.\n"
        "Evaluation\nPrice counts for half."
    )
    assert [one.lot.title for one in found] == ["Van for home visits", "Repair of books"]
    assert [one.lot.value for one in found] == [9_000, 4_000]
    assert "workshop" not in found[0].lot.description
    assert all(f"“{name} {second}”" in one.notes[0] for one in found)


@pytest.mark.parametrize(
    "price", ["", "\nPrices\nService 1: £900 in total\nService 2: £700 in total"]
)
def test_a_list_of_contents_is_no_part_and_a_list_of_prices_is(price: str) -> None:
    found = _read(
        "Seaside\nService 1: Deckchairs\nService 2: Huts\nOffers may be for one service.\n"
        f"Service 1: Deckchairs\nHire them out.\nService 2: Huts\nPaint them.{price}"
    )
    assert [one.lot.title for one in found] == ["Deckchairs", "Huts"]
    assert [one.lot.value for one in found] == ([900, 700] if price else [None, None])
    assert "Hire" in found[0].lot.description
    assert "Hire" not in found[1].lot.description


@pytest.mark.parametrize(
    "text",
    [
        "Bidders must complete each part.\nPart 1: A wall\nA.\nPart 2: Our pier\nB.",
        "You may price each part.\nPart 1: Your team\nWho.\nPart 2: Your work\nWhat.",
        "Zone A: Beach\nWe deduct £100 for litter.\nZone B: Dunes\nWe deduct £50.\n"
        "The budget is £30,000 in total.",
        "Zone A: Beach\n£900 in total.\nZone B: Dunes\nOften.\nPayment\nWe pay £80 once.",
    ],
)
def test_parts_of_a_form_and_amounts_that_are_no_value_make_no_lots(text: str) -> None:
    assert len(_read(f"Sea wall\n{text}")) == 1


def test_the_work_of_a_part_may_begin_like_a_part_of_a_tender() -> None:
    text = "Advice\nCategory 1: Legal advice, £9,000\nCategory 2: Response to floods, £7,000"
    assert _titles(text) == ["Legal advice", "Response to floods"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Both parts will be run by one provider.",
        "We want a single contract that covers all these parts.",
    ],
)
def test_parts_of_one_contract_are_no_lots(sentence: str) -> None:
    text = f"Skate park\nPart 1: Ramps, £9,000\nPart 2: Lights, £7,000\n{sentence}"
    assert len(_titles(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Part A: Form of tender\nWrite £0 where nothing is due.\nPart B: Bus for clubs\n£9,000.",
        "Part 1: Introduction\nWe spent £5,000.\nPart 2: Meals\nWe will spend £9,000.",
        "Rhan 1: Cyflwyniad\nGwariwyd £5,000.\nRhan 2: Manyleb\nGwerth: £9,000.",
        "Walk to school\nPhase 1: Survey, £2,000\nPhase 2: Signs, £3,000",
        "Handrails\nCategory 2: Wood, £2,000\nCategory 5: Steel, £3,000",
        "Signs\nPart 1 of the work is done for £900.\nPart 2 of the work will cost £800.",
        "Study\nWe want\nPart 1 - a survey (£900) and\nPart 2 - talks (£800)\nof one school.",
        "Part 1: Materials £900\nPart 2: Labour £700\nTo mend one bandstand",
        "Part A: Company information\n£1m of cover\nPart B: Legal\n£5m\nPart C: Quality\n£1",
    ],
)
def test_other_parts_of_a_document_are_no_lots(text: str) -> None:
    [one] = _read(text)
    assert not any("calls its lots" in note for note in one.notes)


def test_lots_of_a_lot_have_its_term_place_code_and_vat() -> None:
    found = _read(
        "Care of trees\nLot 1: Woods\nThe contract is for four years at DY1 1HF. CPV 77211500.\n"
        "All amounts include VAT.\nLot 1a: Oaks\n£5,000 a year.\nLot 1b: Elms\n£2,000 a year.\n"
        "Lot 2: Streets\n£1,000 a year, for two years."
    )
    assert [(one.lot.value, one.lot.years) for one in found] == [
        (20_000, 4),
        (8_000, 4),
        (2_000, 2),
    ]
    assert [one.lot.postcode for one in found] == ["DY1 1HF", "DY1 1HF", ""]
    assert [one.lot.cpv for one in found] == [("77211500",), ("77211500",), ()]
    assert [one.lot.value_is_gross for one in found[:2]] == [True, True]


@pytest.mark.parametrize("heading", ["Lot 2:", "Lot 2", "Lot 2: Not used", "Lot 2 – (withdrawn)"])
def test_a_heading_without_a_lot_is_left_out_with_a_note(heading: str) -> None:
    found = _read(f"Lot 1: Ramps\nAt halls.\n{heading}\nLot 3: Lifts\nAt schools.")
    assert [one.lot.title for one in found] == ["Ramps", "Lifts"]
    assert all("not describe “Lot 2”" in one.notes[0] for one in found)


def test_a_label_is_no_title_of_a_lot() -> None:
    parts = ["# Counselling", "## Lot 1", "### Title", "Adults", "## Lot 2", "Name: Children"]
    found = read_document(word(*parts), "spec.docx")
    assert [one.lot.title for one in found] == ["Adults", "Children"]


def test_contracts_may_be_announced_in_place_of_lots() -> None:
    text = "We will award two contracts, one per lot:\n(1) Ferry – £9,000\n(2) Pier – £7,000"
    assert _titles(f"Harbour\n{text}") == ["Ferry", "Pier"]
    steps = "The contract has two work packages:\n- Survey\n- Repair\n- Report"
    assert len(_titles(f"Harbour\n{steps}")) == 1


def test_a_row_and_a_heading_of_a_lot_are_one_lot() -> None:
    found = _read(
        "Parks\nLot\tTotal value\nLot 1\t£3,000\nLot 2\t£1,200\nWhat we want\n"
        "Lot 1: Bandstand\nPaint it.\nLot 2: Fountain\nClean it."
    )
    assert _ids(found) == ["1", "2"]
    assert [(one.lot.title, one.lot.value) for one in found] == [
        ("Bandstand", 3_000),
        ("Fountain", 1_200),
    ]


@pytest.mark.parametrize("heading", ["Item", "Ref", "Code", "School"])
def test_the_column_after_the_lots_has_their_titles(heading: str) -> None:
    found = _read(f"Parks\nLot\t{heading}\tTotal value\n1\tBandstand\t£3,000\n2\tPond\t£900\nEnd.")
    assert [(one.lot.title, one.lot.value) for one in found] == [
        ("Bandstand", 3_000),
        ("Pond", 900),
    ]


def test_a_number_is_no_title_where_a_row_has_words() -> None:
    found = _read("Parks\nLot\tRef\tDescription\n1\tPK-01\tBandstand\n2\tPK-02\tPond\nEnd.")
    assert [one.lot.title for one in found] == ["Bandstand", "Pond"]


def test_a_cell_over_several_rows_is_said_of_each_of_them_but_no_money() -> None:
    def merge(document: Any) -> None:
        table = document.tables[0]
        for first, last, column in ((1, 2, 0), (1, 3, 3), (1, 3, 4)):
            table.cell(first, column).merge(table.cell(last, column))

    rows = [
        ["Lot", "Title", "Description", "Location", "Total value"],
        ["1", "Kitchens", "Deep clean of ovens", "WS1 1TP", "£9,000"],
        ["", "", "Deep clean of hoods", "", ""],
        ["2", "Floors", "Wax once a year", "", ""],
    ]
    found = read_document(word("Clean halls", rows, change=merge), "halls.docx")
    assert [one.lot.title for one in found] == ["Kitchens", "Floors"]
    assert "hoods" in found[0].lot.description
    assert [one.lot.postcode for one in found] == ["WS1 1TP", "WS1 1TP"]
    assert [one.lot.value for one in found] == [None, None]


def _merged(rows: list[list[str]], *spans: tuple[int, int, int]) -> list[ExtractedLot]:
    """The lots of a table in Word with cells merged from one row to another, in a column."""

    def merge(document: Any) -> None:
        table = document.tables[0]
        for first, last, column in spans:
            table.cell(first, column).merge(table.cell(last, column))

    return read_document(word("Sea front", rows, change=merge), "front.docx")


def test_money_over_several_rows_is_said_once_of_all_of_them() -> None:
    rows = [
        ["Lot", "Title", "What", "Total value"],
        ["1", "Huts", "New doors and locks. Budget £700 a lot.", "£1,400"],
        ["2", "Pier", "", ""],
    ]
    found = _merged(rows, (1, 2, 2), (1, 2, 3))
    assert all("New doors and locks." in one.lot.description for one in found)
    assert [one.lot.value for one in found] == [700, 700]
    assert [one.whole.net for one in found] == [1_400, 1_400]


@pytest.mark.parametrize(("heading", "cell"), [("Total value (£)", "1,400"), ("Cost", "£1,400")])
def test_money_over_some_rows_is_of_none_of_them_alone(heading: str, cell: str) -> None:
    rows = [["Lot", "Title", heading], ["1", "Huts", cell], ["2", "Pier", ""], ["3", "Wall", "£90"]]
    found = _merged(rows, (1, 2, 2))
    assert [one.lot.value for one in found] == [None, None, 90]
    assert all(one.whole.net is None for one in found)


def test_money_over_the_rows_of_one_lot_is_its_own() -> None:
    rows = [
        ["Lot", "Title", "Cost"],
        ["1", "Huts", "£800"],
        ["", "Doors", ""],
        ["2", "Pier", "£90"],
    ]
    found = _merged(rows, (1, 2, 0), (1, 2, 2))
    assert [one.lot.value for one in found] == [800, 90]


def test_a_heading_of_thousands_counts_for_the_figures_below_it() -> None:
    found = _read("Lot\tTitle\tValue (£000s)\n1\tKennels\t35\n2\tCatteries\t52.5\n3\tPens\t40,000")
    assert [(one.lot.title, one.lot.value) for one in found] == [
        ("Kennels", 35_000),
        ("Catteries", 52_500),
        ("Pens", None),
    ]


@pytest.mark.parametrize("mark", ["\t", ";", "|", "    "])
def test_a_table_may_be_pasted_with_other_marks_between_its_cells(mark: str) -> None:
    rows = ["Lot", "Title", "Total value"], ["1", "Ovens", "£900"], ["2", "Hoods", "£700"]
    table = "\n".join(map(mark.join, rows))
    found = _read(f"Kitchens\n\nWe buy these for our schools.\n\n{table}\n\nAll once.")
    assert [(one.lot.title, one.lot.value) for one in found] == [("Ovens", 900), ("Hoods", 700)]


@pytest.mark.parametrize("mark", ["\t", ";", "|"])
def test_a_blank_cell_leaves_the_others_in_their_columns(mark: str) -> None:
    rows = [
        ["Lot", "Title", "Annual value", "Total"],
        ["1", "Ovens", "", "£900"],
        ["2", "Hoods", "£700", ""],
    ]
    found = _read("\n".join(map(mark.join, rows)))
    assert [(one.lot.title, one.lot.value) for one in found] == [("Ovens", 900), ("Hoods", None)]


@pytest.mark.parametrize(
    "text",
    [
        "We cut grass;  we trim hedges.\nWe sweep paths;  we empty bins.",
        "Grass is cut.  Hedges are trimmed.  Paths are swept.\nBins.  Benches.  Signs.",
        "mowing;\nedging;\nweeding;",
        "Site:  park  north\nSize:  two acres",
    ],
)
def test_semicolons_and_spaces_of_sentences_make_no_table(text: str) -> None:
    [one] = _read(f"Grounds\n{text}")
    assert one.lot.title == "Grounds"
    assert one.lot.description == re.sub(" +", " ", f"Grounds\n{text}")


def test_a_lot_that_only_a_place_names_has_it_as_its_title() -> None:
    found = _read("Lot\tArea\tValue\n1\tNorth Wallbrook\t£900\n2\tSouth Wallbrook\t£700\nAll once.")
    assert [(one.lot.title, one.lot.area) for one in found] == [
        ("North Wallbrook", "North Wallbrook"),
        ("South Wallbrook", "South Wallbrook"),
    ]


def test_a_lot_may_have_a_reference_of_the_buyer() -> None:
    found = _read("Ref\tLot title\tBudget\nAC-1\tFoster care\t£9,000\nAC-2\tKinship\t£8,000")
    assert _ids(found) == ["AC-1", "AC-2"]
    assert [one.lot.value for one in found] == [9_000, 8_000]


def test_rows_without_headings_are_lots_and_their_figures_stay_open() -> None:
    found = _read("1\tMeals at Oak School\tWS1 1TP\t42,500\n2\tMeals at Elm School\tWS3 1HF\t9100")
    assert [one.lot.title for one in found] == ["Meals at Oak School", "Meals at Elm School"]
    assert [one.lot.postcode for one in found] == ["WS1 1TP", "WS3 1HF"]
    assert [one.lot.value for one in found] == [None, None]
    assert "Figures such as 42,500" in found[0].notes[0]


def test_rows_with_amounts_in_pounds_have_their_values() -> None:
    found = _read("Hedges\tWest\t£4,000 in total\nPonds\tEast\t£2,500 in total\nTotal\t\t£6,500")
    assert [(one.lot.title, one.lot.value) for one in found] == [
        ("Hedges", 4_000),
        ("Ponds", 2_500),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Item\tQuantity\tUnit price\nDesks\t40\t£120\nChairs\t80\t£45",
        "Stage\tDay\nAdvert\tMonday\nAward\tFriday",
        "Opening hours\tMonday\nBus times\tTuesday",
    ],
)
def test_other_tables_are_one_need(text: str) -> None:
    assert len(_read(text)) == 1


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ("Year 1\t£6,000\nYear 2\t£7,000\nTotal\t£13,000", 13_000),
        ("Service\tTotal budget\n2027/28\t£6,000\n2028/29\t£7,000", 13_000),
        ("1\tFirst year\t£6,000\n2\tSecond year\t£7,000\nTotal\t\t£13,000", 13_000),
        ("Initial period (3 years)\t£30,000\nOption to extend (1 year)\t£10,000", 40_000),
        ("Name\tValue\nTitle\tLifeguards\nEnd date\tMay 2028\nTotal value\t£70,000", 70_000),
        ("Benches\t12\t£85.00\nBins\t30\t£140.00", None),
        ("Benches\t£85.00 each\nBins\t£140.00 each", None),
    ],
)  # fmt: skip
def test_rows_of_years_fields_and_goods_are_one_need_and_the_note_asks(
    rows: str, value: float | None
) -> None:
    [one] = _read(rows)
    assert one.lot.value == value
    assert "rows were not taken for lots" in one.notes[0]


@pytest.mark.parametrize("name", ["Option appraisal", "Year-round swimming", "Term-time club"])
def test_a_service_may_begin_like_a_length_of_time(name: str) -> None:
    assert _titles(f"{name}\t£4,000 in total\nBus\t£900 in total") == [name, "Bus"]


def test_rows_keep_the_references_of_the_buyer() -> None:
    found = _read("Ref\tService\tTotal budget\nPK-1\tBandstand\t£9,000\nPK-2\tPond\t£8,000")
    assert _ids(found) == ["PK-1", "PK-2"]
    found = _read("Ref\tService\tTotal budget\nOak\tBandstand\t£9,000\nElm\tPond\t£8,000")
    assert _ids(found) == ["1", "2"]


def test_rows_that_end_in_small_numbers_are_no_contents_page() -> None:
    rows = "Lot\tTitle\tVisits\n1\tGutters\t9500\n2\tDrains\t420\n3\tRoofs\t38"
    assert _titles(rows) == ["Gutters", "Drains", "Roofs"]
    assert _titles("Lot\tTitle\tVisits\n1\tGutters\t38\n2\tDrains\t420") == ["Gutters", "Drains"]
    contents = "Contents\n1\tScope\t1\n2\tPrices\t3"
    assert _titles(f"{contents}\nA choir for schools") == ["A choir for schools"]
    contents = "Scope\t1\nPrices\t3\nTerms\t12"
    assert [one.lot.title for one in _read(f"{contents}\nA choir for schools")] == [
        "A choir for schools"
    ]


def test_who_sent_an_e_mail_is_not_what_is_wanted() -> None:
    [one] = _read(
        "From: Ada Green\nSent: Monday\nTo: Ben Hill\nSubject: FW: lunch club\n\n"
        "We need a lunch club in Pelsall for older people."
    )
    assert one.lot.title == "lunch club"
    assert "Ada Green" not in one.lot.description
    assert "Pelsall" in one.lot.description


def test_who_sent_an_e_mail_below_the_last_lot_is_left_out() -> None:
    found = _read(
        "Harbour\nLot 1: Pier\nNew boards.\nLot 2: Slipway\nNew ramp.\n"
        "-----Original Message-----\nFrom: Cy Brown\nSent: Friday\nTo: Di Frost\n"
        "On 3 May 2027, Cy Brown wrote:\n> Please quote soon."
    )
    text = found[1].lot.description
    assert "Please quote" in text
    assert not any(name in text for name in ("Brown", "Frost", "Original", "Friday"))


@pytest.mark.parametrize(
    "lines",
    [
        "To: help people find work",
        "From: 1 April 2027\nTo: 31 March 2029",
        "From: Wednesbury\nTo: Great Barr",
        "Date: any weekday\nTo: all wards",
        "---Scope---",
        "Subject: maths\nTo: GCSE",
    ],
)
def test_lines_that_look_like_the_head_of_an_e_mail_stay(lines: str) -> None:
    [one] = _read(f"Tutors for schools\n{lines}\nTutors who visit.")
    assert lines in one.lot.description


def test_the_line_above_a_forwarded_e_mail_is_no_title() -> None:
    line = "---------- Forwarded message ---------"
    [one] = _read(f"{line}\nTutors for schools.\nThey visit.")
    assert one.lot.title == "Tutors for schools"


@pytest.mark.parametrize(
    "above",
    [
        *("Dudley Council", "DUDLEY COUNCIL", "Cyngor Dudley / Dudley Council"),
        *("The Dudley Council", "Issued by Dudley Council"),
    ],
)
def test_the_name_of_the_buyer_is_no_title(above: str) -> None:
    [one] = _read(f"{above}\nA choir for schools.\nDudley Council will pay £4,000 in total.")
    assert (one.lot.title, one.lot.buyer) == ("A choir for schools", "Dudley Council")
