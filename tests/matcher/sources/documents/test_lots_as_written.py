"""The lots of a contract in the ways that people write them."""

from __future__ import annotations

import pytest

from matcher.core.errors import BadLot
from matcher.sources.documents.extracted_lots import ExtractedLot
from matcher.sources.documents.reader import read_document, read_text
from tests.documents import word

AFTER = "\nThe contract is for two years. Dudley, DY1 1HF"
TITLES = ["Grass cutting", "Hedges and trees"]
LINES = [
    "Lot 1 Grass cutting. £30,000 a year.\nLot 2 Hedges and trees. £20,000 a year.",
    "Lot 1: Grass cutting, £30,000 a year\nLot 2: Hedges and trees, £20,000 a year",
    "Lot 1 – Grass cutting (£30k per annum)\nLot 2 – Hedges and trees (£20k per annum)",
    "Lot #1 Grass cutting £30,000 p.a.\nLot #2 Hedges and trees £20,000 p.a.",
    "Lot No. 1 Grass cutting £30,000 p.a.\nLot No. 2 Hedges and trees £20,000 p.a.",
    "Lot one: Grass cutting - £30,000 per year\nLot two: Hedges and trees - £20,000 per year",
    "LOT 1\nGrass cutting\n£30,000 per year\nLOT 2\nHedges and trees\n£20,000 per year",
    "Lot 1 | Grass cutting | £30,000 a year\nLot 2 | Hedges and trees | £20,000 a year",
    "Lot 1 is for grass cutting. We expect to pay £30,000 a year.\n"
    "Lot 2 is for hedges and trees, with a budget of £20,000 a year.",
    "It is in two lots:\n1. Grass cutting, £30,000 a year\n2. Hedges and trees, £20,000 a year",
    "The work is in two lots:\nGrass cutting, £30,000 a year\nHedges and trees, £20,000 a year",
    "Lots:\n- Grass cutting (est. value £30,000 pa)\n- Hedges and trees (est. value £20,000 pa)",
    "It is split into lots: Lot 1 grass cutting (£30,000 a year) and Lot 2 hedges and trees "
    "(£20,000 a year).",
    "Lot 1 – Grass cutting, £30,000 a year; Lot 2 – Hedges and trees, £20,000 a year",
    "Lot 1 Grass cutting: £30,000\nLot 2 Hedges and trees: £20,000\nAll figures are per year.",
]  # fmt: skip


def _read(text: str) -> list[ExtractedLot]:
    return read_text(text, "pasted")


@pytest.mark.parametrize("lines", LINES)
def test_each_lot_has_its_title_and_value_and_the_place_of_the_contract(lines: str) -> None:
    found = _read(f"Grounds for the borough\n\n{lines}{AFTER}")
    assert [one.lot.title for one in found] == TITLES
    assert [one.lot.value for one in found] == [60_000, 40_000]
    assert [one.lot.postcode for one in found] == ["DY1 1HF", "DY1 1HF"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("Lot 1 North. Lot 2 South. Lot 3 East.", ["North", "South", "East"]),
        ("(Lot 1) Garden waste, (Lot 2) Food waste", ["Garden waste", "Food waste"]),
        ("There are two lots. These are refuge (lot 1) and outreach (lot 2).",
         ["Refuge", "Outreach"]),
        ("Lot 1 (Adults) - £100k\nLot 2 (Young people) - £80k", ["Adults", "Young people"]),
        ("In 3 lots as below:\na) Day respite\nb) Night respite\nc) Holidays",
         ["Day respite", "Night respite", "Holidays"]),
        ("Lot 1: Minor works under £10,000\nLot 2: Works of £10,000 to £100,000",
         ["Minor works under £10,000", "Works of £10,000 to £100,000"]),
        ("Lot 1: Alarms in St. James's School. Weekly tests.\nLot 2: Alarms at Mt. Hope Nursery",
         ["Alarms in St. James's School", "Alarms at Mt. Hope Nursery"]),
        ("Suppliers may apply for one or more of the following lots:\n• Speech\n• Sign language",
         ["Speech", "Sign language"]),
    ],
)  # fmt: skip
def test_lots_in_other_forms(text: str, titles: list[str]) -> None:
    assert [one.lot.title for one in _read(f"Service for the borough\n{text}")] == titles


@pytest.mark.parametrize(
    "text",
    [
        "Bidders must note for all lots:\n- staff need a check\n- vans must be electric",
        "Lot 1 was withdrawn on 3 May.\nLot 2 was awarded to nobody.",
        "We will evaluate Lot 1 on price and Lot 2 on quality.",
        "Q: Can we bid for lot 1 only?\nA: Yes.\nQ: Is lot 2 for cars?\nA: Lot 2 is for drivers.",
        "Clean three parking lots:\n- Church Street\n- Mill Lane\n- Station Road",
        "Lots of work is seasonal. A lot of the gardens are small.",
        "The auctioneer sells 300 lots: furniture, bikes and tools.",
        "Lots:\nto be agreed",
        "The contract is in two lots.\nKey dates\nHow to bid",
    ],
)  # fmt: skip
def test_words_about_lots_are_no_lots(text: str) -> None:
    (found,) = _read(f"Garden services\n{text}")
    assert found.lot.title == "Garden services"


def test_what_follows_a_list_of_lots_is_of_all_of_them() -> None:
    north, south = _read("Lot 1: North\nLot 2: South\nWork starts at six. CPV 77310000")
    assert "six" not in south.lot.description
    assert north.lot.cpv == south.lot.cpv == ("77310000",)


def test_a_row_that_ends_in_a_short_number_is_no_line_of_contents() -> None:
    text = "Energy\nLot\tSupply\tkWh\tBudget (£)\n1\tGas\t120000\t9600\n2\tPower\t80000\t22400"
    assert [one.lot.value for one in read_text(text, "pasted")] == [9_600, 22_400]


def test_bars_separate_the_cells_of_a_table() -> None:
    text = (
        "Fleet\n| Lot | Title | Deposit | Value |\n|---|---|---|---|\n"
        "| 1 | Vans | £5,000 | £150,000 |\n| 2 | Cars | £2,000 | £90,000 |"
    )
    found = read_text(text, "pasted")
    assert [(one.lot.title, one.lot.value) for one in found] == [
        ("Vans", 150_000),
        ("Cars", 90_000),
    ]


def test_a_value_of_each_lot_below_the_last_one_is_that_of_every_lot() -> None:
    text = "Lot 1: North\nIn parks.\nLot 2: South\nIn schools.\nValue of each lot: £30,000"
    assert [one.lot.value for one in _read(text)] == [30_000, 30_000]


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("Mowing in the OL2 and OL8 postcode areas", "OL2"),
        ("Mowing. Postcodes: WV1 to WV6", "WV1"),
        ("Mowing in postcode district M6, by the A58", "M6"),
        ("Mowing beside the M6 and the A4, on A3 plans", ""),
        ("Mowing in the OL2 postcode area, from OL1 1UT", "OL1 1UT"),
    ],
)
def test_a_postcode_district_counts_where_the_text_calls_it_one(text: str, postcode: str) -> None:
    (found,) = _read(text)
    assert found.lot.postcode == postcode


def test_a_line_that_was_broken_at_a_margin_is_one_line() -> None:
    text = (
        "Lot 1: Befriending and support by telephone for people living alone in\n"
        "West Bromwich and Oldbury\nWeekly visits.\n"
        "Lot 2: Fitting of rails, locks and key safes for people who have come home\n"
        "from hospital\nAll year."
    )
    assert [one.lot.title for one in _read(text)] == [
        "Befriending and support by telephone for people living alone in West Bromwich and Oldbury",
        "Fitting of rails, locks and key safes for people who have come home from hospital",
    ]


def test_lines_that_are_whole_stay_apart() -> None:
    text = (
        "Work in the parks of the borough, and on the verges along its roads:\n"
        "mowing\nhedges\nLot 1: Care of parks and of open spaces with their paths and ponds\n"
        "Lot 2: Verges\nA table of the streets and of the days on which they are mown\nAnnex"
    )
    first, second = _read(text)
    assert first.lot.title == "Care of parks and of open spaces with their paths and ponds"
    assert "mowing\nhedges" in first.lot.description
    assert second.lot.title == "Verges"


def test_a_document_of_very_many_lots_is_refused_soon() -> None:
    text = "\n".join(f"Lot {number % 900}: x" for number in range(20_000))
    with pytest.raises(BadLot, match="lots; give at most"):
        _read(text)


@pytest.mark.parametrize(
    "said",
    [
        "The budget is £30,000 for Lot A and £20,000 for Lot B.",
        "We expect to spend £30,000 on Lot A and £20,000 on Lot B.",
        "Lot A is worth £30,000 and Lot B £20,000.",
    ],
)
def test_a_sentence_may_have_the_value_of_each_lot(said: str) -> None:
    text = f"Grounds\nLot A covers grass cutting and Lot B covers hedges and trees.\n{said}"
    assert [(one.lot.title, one.lot.value) for one in _read(text)] == [
        ("Grass cutting", 30_000),
        ("Hedges and trees", 20_000),
    ]


@pytest.mark.parametrize(
    "said",
    [
        "Bidders need public liability insurance of £10m for Lot A and £5m for Lot B.",
        "Last year we spent £30,000 for Lot A and £20,000 for Lot B.",
        "The budget is £30,000 for Lot A and £20,000 for Lot C.",
    ],
)
def test_amounts_beside_lots_that_are_not_their_values(said: str) -> None:
    text = f"Grounds\nLot A covers grass cutting and Lot B covers hedges and trees.\n{said}"
    assert [one.lot.value for one in _read(text)] == [None, None]


@pytest.mark.parametrize("first", [["Lot {0}", "{1}"], ["Lot number", "{0}"]])
def test_each_lot_may_have_a_table_of_its_facts(first: list[str]) -> None:
    def table(number: int, title: str, value: str, postcode: str) -> list[list[str]]:
        head = [cell.format(number, title) for cell in first]
        named = [] if title in head else [["Lot title", title]]
        facts = [["Total value", value], ["Postcode", postcode], ["Length", "2 years"]]
        return [head, *named, *facts]

    content = word(
        "# Cleaning",
        table(1, "Offices", "£120,000", "WS1 1TP"),
        "",
        table(2, "Libraries", "£60,000", "WS2 8RR"),
    )
    lots = [one.lot for one in read_document(content, "spec.docx")]
    assert [(one.title, one.value, one.postcode, one.years) for one in lots] == [
        ("Offices", 120_000, "WS1 1TP", 2),
        ("Libraries", 60_000, "WS2 8RR", 2),
    ]


@pytest.mark.parametrize(
    ("heading", "cell"), [("Years", "3"), ("No. of years", "2+1"), ("Contract months", "36")]
)
def test_a_column_may_have_nothing_but_years_or_months(heading: str, cell: str) -> None:
    rows = [["Lot", "Title", "Annual value", heading], ["1", "Offices", "£9,000", cell]]
    rows += [["2", "Libraries", "£8,000", cell]]
    found = read_document(word("# Cleaning", rows), "spec.docx")
    assert [(one.lot.years, one.lot.value) for one in found] == [(3, 27_000), (3, 24_000)]


@pytest.mark.parametrize(
    ("headings", "amounts", "pounds"),
    [
        (["Year 1", "Year 2", "Year 3"], ["£50,000", "£52,000", "£54,000"], 156_000),
        (["2026/27", "2027/28"], ["£50,000", "£52,000"], 102_000),
        (["Year 1", "Year 2", "Total"], ["£50,000", "£52,000", "£102,000"], 102_000),
    ],
)
def test_the_amounts_of_years_beside_each_other_are_added_up(
    headings: list[str], amounts: list[str], pounds: float
) -> None:
    table = [["", *headings], ["Budget", *amounts]]
    (one,) = read_document(word("# Meals at home", table), "spec.docx")
    assert one.lot.value == pounds
    lots = [["Lot", "Title", *headings], ["1", "Meals", *amounts], ["2", "Taxis", *amounts]]
    found = read_document(word("# Help at home", lots), "spec.docx")
    assert [each.lot.value for each in found] == [pounds, pounds]


def test_a_year_without_an_amount_leaves_the_value_open() -> None:
    table = [["", "Year 1", "Year 2"], ["Budget", "£50,000", "to follow"]]
    (one,) = read_document(word("# Meals at home", table), "spec.docx")
    assert one.lot.value is None


@pytest.mark.parametrize(("heading", "gross"), [("Total (ex VAT)", False), ("Total inc VAT", True)])
def test_a_total_is_a_value_whatever_is_said_of_its_vat(heading: str, gross: bool) -> None:
    rows = [["Lot", "Title", heading], ["1", "Meals", "£5,000"], ["2", "Taxis", "£6,000"]]
    found = read_document(word("# Help at home", rows), "spec.docx")
    assert [(e.lot.value, e.lot.value_is_gross) for e in found] == [(5_000, gross), (6_000, gross)]


def test_the_value_of_one_year_is_not_that_of_the_lot() -> None:
    rows = [["Lot", "Title", "Value year 1", "Value year 2"], ["1", "Meals", "£5,000", "£6,000"]]
    rows += [["2", "Taxis", "£7,000", "£8,000"]]
    found = read_document(word("# Help at home", rows), "spec.docx")
    assert [each.lot.value for each in found] == [11_000, 15_000]


def test_a_table_of_facts_names_the_title() -> None:
    facts = [["Title", "Window cleaning"], ["Estimated value", "£9,000"], ["Term", "2 years"]]
    (one,) = read_document(word("# Request for quotation", facts), "spec.docx")
    assert (one.lot.title, one.lot.value, one.lot.years) == ("Window cleaning", 9_000, 2)


@pytest.mark.parametrize(
    "facts",
    [
        *([["Name", "Ann Example"], ["Job", "Officer"]], [["Title", "Mrs"], ["Job", "Officer"]]),
        *([["Title", "Version"], ["Terms", "2"]], [["Title", "Invitation to tender"], ["No", "2"]]),
    ],
)
def test_a_table_of_people_or_of_versions_names_no_title(facts: list[list[str]]) -> None:
    what = [["Requirement", "Window cleaning of schools"], ["Value", "£9,000"]]
    (one,) = read_document(word("# Window cleaning", facts, "", what), "spec.docx")
    assert (one.lot.title, one.lot.value) == ("Window cleaning of schools", 9_000)


def test_a_table_may_have_its_lots_side_by_side() -> None:
    rows = [
        ["", "Lot 1", "Lot 2"],
        ["Title", "Meals in the north", "Meals in the south"],
        ["Annual value", "£30,000", "£20,000"],
        ["Postcode", "WS3 1HF", "WS1 1TP"],
    ]
    content = word("# Meals", rows, "The contract is for two years.")
    lots = [one.lot for one in read_document(content, "spec.docx")]
    assert [(one.title, one.value, one.postcode) for one in lots] == [
        ("Meals in the north", 60_000, "WS3 1HF"),
        ("Meals in the south", 40_000, "WS1 1TP"),
    ]


def test_columns_of_marks_for_each_lot_make_no_lots() -> None:
    rows = [["Evaluation", "Lot 1", "Lot 2"], ["Quality", "60%", "50%"], ["Cost", "40%", "50%"]]
    (one,) = read_document(word("# Grass cutting", rows), "spec.docx")
    assert one.lot.title == "Grass cutting"


def test_what_bidders_write_into_a_form_is_no_lot() -> None:
    text = "Cleaning\nBidders must put prices into Lot 1 (page 4) and Lot 2 (page 5)."
    assert len(read_text(text, "pasted")) == 1


def test_what_a_contract_is_split_into_may_stand_in_brackets() -> None:
    text = "Cleaning\nIt is split into Lot 1 (offices, £40,000) and Lot 2 (schools, £60,000)."
    lots = [one.lot for one in _read(text)]
    assert [(one.title, one.value) for one in lots] == [("Offices", 40_000), ("Schools", 60_000)]
