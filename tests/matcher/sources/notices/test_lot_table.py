"""Lots in the tables that officers keep: each trap of a spreadsheet (all fictional)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from matcher.core.errors import BadLot, BadSource
from matcher.core.types import FIELD_ONLY, Lot, Tally
from matcher.sources.formats.formulas import NO_RESULT
from matcher.sources.formats.workbooks import HIDDEN
from matcher.sources.notices.lot_table import (
    FOOTNOTE,
    NO_DAY,
    NO_EXTENSION,
    NO_FLAG,
    NO_LENGTH,
    NOT_USED,
    TOTALS,
    is_table,
)
from matcher.sources.notices.lot_values import IN_POUNDS, RISES, SAYS_NONE
from matcher.sources.notices.lots import iter_lots, read_lots

ROWS = [
    ["Lot", "Lot title", "Description", "Post Code", "Value (£)", "CPV codes", "Buyer"],
    [
        "1",
        "Hot meals at home",
        "Lunch, cooked on the day",
        "ws2 8rr",
        "£60,000",
        "55520000-1",
        "Elm",
    ],
    ["2", "Parks", "Mowing; verges", "WS1 1TP", "40k", "77310000; 77314000", "Elm"],
]


def table(folder: Path, rows: list[list[str]], mark: str = ",", name: str = "lots.csv") -> Path:
    path = folder / name
    cells = (mark.join(f'"{c}"' if mark in c or "\n" in c else c for c in row) for row in rows)
    path.write_text("\r\n".join(cells), encoding="utf-8")
    return path


def book(folder: Path, *sheets: list[list[object]], name: str = "lots.xlsx") -> Path:
    made = Workbook()
    made.remove(made.active)
    for number, rows in enumerate(sheets, 1):
        sheet = made.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    made.save(folder / name)
    return folder / name


def one(folder: Path, **cells: str) -> tuple[Lot, Tally]:
    given = {"title": "Meals", **cells}
    [lot], tally = read_lots(table(folder, [list(given), list(given.values())]))
    return lot, tally


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("above", [[], [["Lots of 2026 (fictional)"], [""], ["For the board", ""]]])
def test_a_table_is_read_wherever_its_header_is(
    tmp_path: Path, mark: str, above: list[list[str]]
) -> None:
    path = table(tmp_path, [*above, *ROWS], mark)
    (meals, parks), tally = read_lots(path)
    assert (meals.id, meals.title, meals.postcode) == ("1", "Hot meals at home", "WS2 8RR")
    assert (meals.value, parks.value) == (60_000, 40_000)
    assert (meals.cpv, parks.cpv) == (("55520000",), ("77310000", "77314000"))
    assert (meals.buyer, tally.read, tally.kept, tally.set_aside) == ("Elm", 2, 2, {})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_of_spreadsheets_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "lots.csv"
    path.write_text("Title;Value\nCafé – lunches;£5,000\n", encoding=encoding)
    [lot], _ = read_lots(path)
    assert (lot.title, lot.value) == ("Café – lunches", 5000)


def test_a_workbook_is_read_from_every_sheet_with_lots(tmp_path: Path) -> None:
    lots: list[list[object]] = [
        ["Our lots"],
        [],
        ["Title", "Published", "CPV", "Value", "Years"],
        ["Seeds", date(2026, 4, 1), 3111000, 1200.0, 2],
        [],
        ["Meals", "1 May 2026", 55520000, "60,000 per year", "18 months"],
    ]
    path = book(tmp_path, [["Notes"], ["Ask Sam"]], lots, [["Name"], ["Taxis"]])
    (seeds, meals, taxis), tally = read_lots(path)
    assert (seeds.day, seeds.cpv, seeds.value) == (date(2026, 4, 1), ("03111000",), 1200)
    assert (meals.day, meals.value, meals.years) == (date(2026, 5, 1), 90_000, 1.5)
    assert (taxis.title, seeds.id) == ("Taxis", "lots.xlsx_Sheet_2_row_4")
    assert (tally.read, tally.kept, tally.set_aside) == (3, 3, {})


def test_a_number_in_a_workbook_is_an_id_as_its_sheet_shows_it(tmp_path: Path) -> None:
    written = [1.125, 1.5, 1234567.0, 1e15, "1.1250", "007", date(2026, 4, 10), 2.0]
    rows = [["Lot no", "Lot title", "Value"], *([number, "Meals", 1.125] for number in written)]
    lots, _ = read_lots(book(tmp_path, rows))
    shown = ["1.125", "1.5", "1234567", "1000000000000000", "1.1250", "007", "2026-04-10", "2"]
    assert [lot.id for lot in lots] == shown
    rows = [["Lot", "Title", "Budget"], [2.125, 12.125, 12.125]]
    [lot], _ = read_lots(book(tmp_path, rows))
    assert (lot.id, lot.title, lot.value) == ("2.125", "12.125", 12.125)


def test_rows_above_the_table_count_in_a_workbook(tmp_path: Path) -> None:
    path = book(tmp_path, [[], [], ["title", "value"], ["Meals", "lots"], ["Parks", 5]])
    lots, tally = read_lots(path)
    assert [lot.title for lot in lots] == ["Parks"]
    assert tally.examples["lot cannot be used"].startswith("lots.xlsx row 4: value: 'lots' is not")


def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_are_read(tmp_path: Path) -> None:
    rows = [
        ["title", "postcode", "value"],
        ["Meals", "WS1 1TP", "1000"],
        ["Parks", "Narnia", "1000"],
        ["", "", ""],
        ["", "WS1 1TP", "5"],
        ["Taxis", "WS1 1TP", "10", "more"],
        ["title", "postcode", "value"],
        ["Buses", "", ""],
        ["Grand total", "", "2,000"],
    ]
    lots, tally = read_lots(table(tmp_path, rows))
    assert [lot.title for lot in lots] == ["Meals", "Buses"]
    assert tally.set_aside == {
        "lot cannot be used": 2,
        "wrong number of columns": 1,
        "header once more": 1,
        "row of totals": 1,
    }
    assert "lots.csv row 3: postcode: 'Narnia' is not a UK" in tally.examples["lot cannot be used"]
    assert tally.examples["wrong number of columns"] == "lots.csv row 6"
    assert (tally.read, tally.kept) == (7, 2)


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"Annual value": "£10,000", "Contract length": "3 years"}, {"value": 30_000, "years": 3}),
        ({"Value": "10,000 pa", "Months": "24"}, {"value": 20_000, "years": 2}),
        ({"Value": "5000", "Value period": "Annual", "Years": "2"}, {"value": 10_000}),
        ({"Value (inc. VAT)": "1,200"}, {"value": 1200, "value_is_gross": True}),
        ({"Value (exc VAT)": "1,200"}, {"value": 1200, "value_is_gross": False}),
        ({"Value": "1,200", "VAT included?": "Y"}, {"value_is_gross": True}),
        ({"Budget": "TBC", "Location": "n/a"}, {"value": None, "area": ""}),
        ({"Category": "Services", "Date": "03-Apr-26"}, {"category": "services"}),
        ({"Date": "03/04/2026", "Local authority": "Walsall"}, {"area": "Walsall"}),
        ({"CPV": "85312100-0 Day-care services"}, {"cpv": ("85312100",)}),
    ],
)
def test_cells_are_read_as_people_write_them(
    tmp_path: Path, cells: dict[str, str], wanted: dict[str, object]
) -> None:
    lot, _ = one(tmp_path, **cells)
    assert {name: getattr(lot, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"Value": "about right"}, "value: 'about right' is not a number of pounds"),
        ({"VAT": "perhaps"}, "value_is_gross: 'perhaps' is not true or false"),
        ({"CPV": "meals"}, "cpv: 'meals' is not a CPV code"),
        ({"CPV": "55520000, 12"}, "cpv: '12' is not a CPV code"),
        ({"Date": "soon"}, "day: 'soon' is not a date"),
        ({"Length": "a while"}, "years: 'a while' is not a number of years"),
        ({"Value period": "weekly"}, "value_period: 'weekly' is not known"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_as_it_is_written(
    tmp_path: Path, cells: dict[str, str], why: str
) -> None:
    with pytest.raises(BadLot, match=r"lots\.csv row 2") as refused:
        one(tmp_path, **cells)
    assert why in str(refused.value)


@pytest.mark.parametrize("name", ["lots.csv", "lots.xlsx"])
def test_a_table_without_a_title_is_refused_with_what_it_has(tmp_path: Path, name: str) -> None:
    rows = [["Colour", "Shape"], ["red", "round"]]
    path = table(tmp_path, rows) if name.endswith("csv") else book(tmp_path, [*map(list, rows)])
    with pytest.raises(BadLot, match="has no column title or description; it has 'Colour'"):
        read_lots(path)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lots.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(BadLot, match=r"lots\.xlsx: cannot be read as a spreadsheet"):
        read_lots(tmp_path / "lots.xlsx")


def test_a_cell_of_several_lines_and_an_open_quote_lose_no_other_row(tmp_path: Path) -> None:
    text = 'title,description\nMeals,"Hot\nand cold"\nParks,"never closed\nTaxis,day\nBuses,night\n'
    (tmp_path / "lots.csv").write_text(text)
    lots, tally = read_lots(tmp_path / "lots.csv")
    assert [lot.title for lot in lots] == ["Meals", "Taxis", "Buses"]
    assert sum(tally.set_aside.values()) == 1


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(st.text("ab1£,;\n\"' ", max_size=8), max_size=5), max_size=8))
def test_every_row_is_read_or_set_aside_whatever_its_cells(
    tmp_path: Path, rows: list[list[str]]
) -> None:
    path = book(tmp_path, [["title", "value", "postcode"], ["Meals", "1000", ""], *rows])
    tally, lots = iter_lots(path)
    titles = [lot.title for lot in lots]
    wanted = sum(any(map(str.strip, row)) for row in rows)
    aside = sum(n for why, n in tally.set_aside.items() if not why.endswith("(the rest is kept)"))
    assert titles[0] == "Meals"
    assert len(titles) + aside == wanted + 1


@pytest.mark.parametrize(
    ("header", "value", "is_gross"),
    [
        ("Value (plus VAT)", 12_000, False),
        ("Value (+ VAT)", 12_000, False),
        ("Value net of VAT", 12_000, False),
        ("Value exVAT", 12_000, False),
        ("Value (incVAT)", 12_000, True),
        ("Value (VAT included)", 12_000, True),
        ("contractValue", 12_000, False),
        ("Value (€)", None, False),
        ("Value ($)", None, False),
    ],
)
def test_the_header_of_a_value_tells_its_vat_and_its_currency(
    tmp_path: Path, header: str, value: float | None, is_gross: bool
) -> None:
    lot, _ = one(tmp_path, **{header: "12000"})
    assert (lot.value, lot.value_is_gross) == (value, is_gross)


@pytest.mark.parametrize("cell", ["£40,000pa", "40kpa", "£40,000per annum", "£40k p.a.", "£40k/yr"])
def test_an_amount_for_a_year_is_one_without_a_space_too(tmp_path: Path, cell: str) -> None:
    lot, _ = one(tmp_path, value=cell, years="3")
    assert lot.value == 120_000


def test_a_length_that_may_be_of_months_is_refused(tmp_path: Path) -> None:
    assert one(tmp_path, years="36")[0].years == 36
    assert one(tmp_path, Duration="36 months")[0].years == 3
    assert one(tmp_path, Duration="5")[0].years == 5
    with pytest.raises(BadLot, match="years: '36 without years or months' is not"):
        one(tmp_path, Duration="36")


@pytest.mark.parametrize("cell", ["inf", "9" * 10_000])
def test_an_amount_without_an_end_is_refused(tmp_path: Path, cell: str) -> None:
    with pytest.raises(BadLot, match="value: "):
        one(tmp_path, value=cell)


@pytest.mark.parametrize("header", ["Organisation", "Client", "Buyer"])
def test_a_department_is_no_buyer(tmp_path: Path, header: str) -> None:
    rows = [
        ["Title", header],
        ["Taxis", "Adult Social Care"],
        ["Seeds", "Place & Growth Directorate"],
        ["Boats", "Elm Council"],
        ["Hives", "Elm Housing Trust"],
    ]
    tally, lots = iter_lots(table(tmp_path, rows))
    assert [lot.buyer for lot in lots] == ["", "", "Elm Council", "Elm Housing Trust"]
    assert tally.set_aside["department, and no buyer (the rest is kept)"] == 2


@pytest.mark.parametrize("header", ["Delivery Post-Code", "Site postal code", "PostCode"])
def test_a_postcode_is_known_however_it_is_spelt(tmp_path: Path, header: str) -> None:
    path = table(tmp_path, [["Title", header], ["Hot meals", "WS2 8RR"]])
    assert read_lots(path)[0][0].postcode == "WS2 8RR"


@pytest.mark.parametrize("text", ["Hot meals, cooked daily\nfor 40 people", "Title\nHot meals", ""])
def test_a_text_with_a_comma_is_no_table(tmp_path: Path, text: str) -> None:
    (tmp_path / "lots.txt").write_text(text)
    assert not is_table(tmp_path / "lots.txt")


@pytest.mark.parametrize(
    "header", ["Est. Annual Value", "Annual budget (estimated)", "Indicative annual cost (£)"]
)
def test_words_that_qualify_a_header_do_not_hide_it(tmp_path: Path, header: str) -> None:
    lot, tally = one(tmp_path, **{header: "£12,000", "Contract length": "3 years"})
    assert (lot.value, lot.years) == (36_000, 3)
    assert not tally.set_aside


@pytest.mark.parametrize(
    ("place", "expected"),
    [("ne9 5aa", ("NE9 5AA", "")), ("NE9", ("NE9", "")), ("Felling", ("", "Felling"))],
)
def test_a_postcode_in_a_column_of_places_is_one(
    tmp_path: Path, place: str, expected: tuple[str, str]
) -> None:
    lot, _ = one(tmp_path, Location=place)
    assert (lot.postcode, lot.area) == expected


def test_what_a_database_writes_around_a_table_is_no_lot(tmp_path: Path) -> None:
    path = tmp_path / "lots.csv"
    path.write_text(" title | value\n------+-------\n Meals | 5000\n(1 row)\n")
    [lot], tally = read_lots(path)
    assert (lot.title, lot.value) == ("Meals", 5000)
    assert tally.set_aside == {"row without a letter or a digit": 1, "row of totals": 1}


def test_headers_of_procurement_systems_are_known(tmp_path: Path) -> None:
    cells = {"CPV Code(s)": "55520000-1; 55321000", "Contract Duration (Months)": "30"}
    lot, tally = one(tmp_path, **cells)
    assert (lot.cpv, lot.years) == (("55520000", "55321000"), 2.5)
    assert tally.set_aside == {}


@pytest.mark.parametrize(
    "cells",
    [
        {"Annual value": "60000"},
        {"Value": "£60,000 pa"},
        {"Value": "£500 per week"},
        {"Value": "60000", "Value period": "a year"},
    ],
    ids=str,
)
def test_a_yearly_value_without_a_length_leaves_the_value_open(
    tmp_path: Path, cells: dict[str, str]
) -> None:
    found, tally = one(tmp_path, **cells)
    assert found.value is None
    assert tally.set_aside == {NO_LENGTH: 1}
    assert tally.examples == {NO_LENGTH: "lots.csv row 2"}


def test_a_column_that_a_sheet_has_twice_is_named(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Title", "Value", "Value"], ["Meals", 60000, 70000]]
    [lot], tally = read_lots(book(tmp_path, rows))
    assert lot.value == 60_000
    assert "column 'Value' is there twice" in next(iter(tally.set_aside))


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_told_and_not_read(tmp_path: Path, state: str) -> None:
    path = book(tmp_path, [["Title"], ["Meals"]], [["Title"], ["Withdrawn"]])
    made = load_workbook(path)
    made["Sheet 2"].sheet_state = state
    made.save(path)
    lots, tally = read_lots(path)
    assert [lot.title for lot in lots] == ["Meals"]
    assert tally.examples == {f"{HIDDEN} {FIELD_ONLY}": "Sheet 2"}
    made["Sheet 1"]["A1"] = "Cover"
    made.save(path)
    with pytest.raises(BadLot, match=r"hidden sheets are not read: Sheet 2\): has no column title"):
        read_lots(path)


@pytest.mark.parametrize(
    "header", ["Title of procurement", "Title of the opportunity", "Bid title"]
)
def test_a_header_that_says_title_is_of_titles(tmp_path: Path, header: str) -> None:
    [lot], _ = read_lots(table(tmp_path, [["Ref", header], ["7", "Hot meals"]]))
    assert (lot.id, lot.title) == ("7", "Hot meals")


def test_the_title_of_a_person_is_no_title(tmp_path: Path) -> None:
    rows = [["Lot title", "Job title", "Value"], ["Hot meals", "Head of care", "90000"]]
    [lot], tally = read_lots(table(tmp_path, rows))
    assert lot.title == "Hot meals"
    assert tally.examples[NOT_USED] == "Job title"


@pytest.mark.parametrize(
    "header", ["Contact title", "Title of the lead officer", "Supplier description"]
)
def test_what_is_said_of_somebody_is_not_said_of_the_lot(tmp_path: Path, header: str) -> None:
    rows = [["Requirement", header], ["Hot meals for older people", "Head of care"]]
    [lot], tally = read_lots(table(tmp_path, rows))
    assert (lot.title, lot.description) == ("Hot meals for older people", "")
    assert tally.examples[NOT_USED] == header


@pytest.mark.parametrize(
    ("header", "cell", "pounds"),
    [
        ("Value (£000)", "60", 60_000),
        ("Contract value (£000s)", "60.5", 60_500),
        ("Value (£k)", "£60", 60_000),
        ("Total value (£m)", "1.2", 1_200_000),
        ("Value (£000)", "£60,000 in total", 60_000),
        ("Value (£000)", "c. 60", 60_000),
        ("Value (£000)", "£60 + VAT", 60_000),
        ("Value (£000)", "60.5 GBP", 60_500),
        ("Value (£m)", "1.2 million", 1_200_000),
        ("Budget £k", "60", 60_000),
        ("Value in thousands", "60", 60_000),
        ("Value (£000)", "1,250", 1_250_000),
        ("Value (£)", "60", 60),
    ],
)
def test_a_value_is_in_the_unit_of_its_header(
    tmp_path: Path, header: str, cell: str, pounds: float
) -> None:
    assert one(tmp_path, **{header: cell})[0].value == pounds


@pytest.mark.parametrize(
    ("header", "cell"),
    [("Value (£000)", "60,000"), ("Budget £k", "£45,000"), ("Cost (£m)", "10000")],
)
def test_a_figure_that_may_be_in_pounds_or_thousands_is_told_and_not_used(
    tmp_path: Path, header: str, cell: str
) -> None:
    lot, tally = one(tmp_path, **{header: cell})
    assert lot.value is None
    assert tally.examples[IN_POUNDS] == f"lots.csv row 2: {cell} below {header}"


@pytest.mark.parametrize(
    ("header", "pounds"),
    [
        ("Total budget", 12_000),
        ("budget total", 12_000),
        ("Cost (overall)", 12_000),
        ("Spend - annual", 36_000),
        ("Whole contract cost (ex VAT)", 12_000),
        ("Total spend per annum", 36_000),
        ("Est. value p.a.", 36_000),
        ("Yearly cost", 36_000),
    ],
)
def test_a_header_of_money_may_say_more_than_that(
    tmp_path: Path, header: str, pounds: float
) -> None:
    lot, tally = one(tmp_path, **{header: "12,000", "Period (months)": "36"})
    assert (lot.value, lot.years, tally.set_aside) == (pounds, 3, {})


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("Contract start date", "Contract end date"),
        ("Start date", "End date"),
        ("Commencement date", "Expiry"),
    ],
)
def test_the_start_and_the_end_of_a_contract_are_its_length(
    tmp_path: Path, start: str, end: str
) -> None:
    lot, tally = one(tmp_path, **{start: "01/04/2027", end: "31/03/2029", "Annual cost": "9000"})
    assert (lot.years, lot.value, tally.set_aside) == (2, 18_000, {})


def test_the_start_of_a_contract_without_its_end_is_named(tmp_path: Path) -> None:
    lot, tally = one(tmp_path, **{"Contract start date": "01/04/2027"})
    assert (lot.years, lot.day) == (None, None)
    assert tally.examples[NOT_USED] == "Contract start date"


def test_a_period_may_be_the_length_of_a_contract(tmp_path: Path) -> None:
    assert one(tmp_path, period="18 months")[0].years == 1.5


@pytest.mark.parametrize(
    ("extension", "cell", "years"),
    [
        *(("Extension (yrs)", "2", 5), ("Optional extensions", "2 x 12 months", 5)),
        *(("Extension options", "1+1", 5), ("Extension", "No", 3), ("Extension period", "n/a", 3)),
        *(("Ext. option", "2 years", 5), ("Possible extension in months", "24", 5)),
        ("Contract extension", "up to 2 years", 5),
    ],
)
def test_an_extension_in_a_column_of_its_own_is_part_of_the_length(
    tmp_path: Path, extension: str, cell: str, years: float
) -> None:
    row = {"Annual value": "10000", "Initial term (years)": "3", extension: cell}
    lot, tally = one(tmp_path, **row)
    assert (lot.years, lot.value, tally.set_aside) == (years, years * 10_000, {})


@pytest.mark.parametrize(
    ("term", "length"),
    [
        *(("Maximum term", "4 years"), ("Duration", "2+1+1")),
        ("Duration", "4 years including extensions"),
    ],
)
@pytest.mark.parametrize("extension", ["2 years", "Yes"])
def test_an_extension_that_the_length_has_in_it_is_not_added_again(
    tmp_path: Path, term: str, length: str, extension: str
) -> None:
    row = {"Annual value": "10000", "Initial term": "2 years", term: length, "Extension": extension}
    lot, tally = one(tmp_path, **row)
    assert (lot.years, lot.value) == (4, 40_000)
    assert NO_EXTENSION not in tally.set_aside


def test_a_length_without_its_extension_has_it_added(tmp_path: Path) -> None:
    row = {"Duration": "3 years excluding extensions", "Extension": "2 years"}
    assert one(tmp_path, **row)[0].years == 5


@pytest.mark.parametrize("cell", ["Yes", "24", "as agreed"])
def test_an_extension_of_no_known_length_leaves_a_yearly_value_open(
    tmp_path: Path, cell: str
) -> None:
    lot, tally = one(tmp_path, **{"Annual value": "10000", "Years": "3", "Extension": cell})
    assert (lot.years, lot.value) == (None, None)
    assert set(tally.set_aside) == {NO_EXTENSION, NO_LENGTH}


@pytest.mark.parametrize("header", ["Term (yrs) incl. extensions", "Maximum term in years"])
def test_a_length_with_its_extension_counts_it_once(tmp_path: Path, header: str) -> None:
    lot, tally = one(tmp_path, **{"Annual value": "10000", header: "4", "Extension": "1"})
    assert (lot.years, lot.value, tally.set_aside) == (4, 40_000, {})


@pytest.mark.parametrize(("cell", "gross"), [("60k ex VAT", False), ("0.06m (inc. VAT)", True)])
def test_a_short_amount_needs_no_sign(tmp_path: Path, cell: str, gross: bool) -> None:
    lot, _ = one(tmp_path, value=cell)
    assert (lot.value, lot.value_is_gross) == (60_000, gross)


def test_what_a_value_is_for_may_stand_below_per(tmp_path: Path) -> None:
    lot, _ = one(tmp_path, Value="10000", Per="annum", Years="2")
    assert lot.value == 20_000


@pytest.mark.parametrize("cell", ["20%", "12,000", "£2,400.00"])
def test_the_rate_or_the_amount_of_vat_does_not_say_whether_it_is_included(
    tmp_path: Path, cell: str
) -> None:
    lot, tally = one(tmp_path, Value="60,000", VAT=cell)
    assert (lot.value, lot.value_is_gross, set(tally.set_aside)) == (60_000, False, {NO_FLAG})


@pytest.mark.parametrize(
    ("header", "gross"), [("Net value", False), ("Gross contract value", True)]
)
def test_a_value_may_be_net_or_gross(tmp_path: Path, header: str, gross: bool) -> None:
    lot, _ = one(tmp_path, **{header: "60,000"})
    assert (lot.value, lot.value_is_gross) == (60_000, gross)


def test_a_table_of_text_with_the_name_of_a_workbook_is_read(tmp_path: Path) -> None:
    (lot,), _ = read_lots(table(tmp_path, [["Title", "Value"], ["Meals", "=60000"]], name="a.xls"))
    assert (lot.title, lot.value) == ("Meals", 60_000)


def test_a_web_page_with_the_name_of_a_workbook_is_refused(tmp_path: Path) -> None:
    page = [["<html><table><tr><td>Title</td></tr></table></html>"]]
    with pytest.raises(BadSource, match="is a web page"):
        read_lots(table(tmp_path, page, name="a.xls"))


def test_the_longest_term_counts_beside_the_initial_one(tmp_path: Path) -> None:
    row = {"Initial term": "2 years", "Maximum term": "4 years"}
    assert one(tmp_path, **row)[0].years == 4


@pytest.mark.parametrize("name", ["form.csv", "form.xlsx"])
def test_a_form_with_its_headers_below_each_other_is_read(tmp_path: Path, name: str) -> None:
    rows = [["Request"], ["Title", "Hot meals"], ["Value", "60000"], ["Duration", "2 years"]]
    path = (
        table(tmp_path, rows, name=name) if name == "form.csv" else book(tmp_path, rows, name=name)
    )
    (lot,), tally = read_lots(path)
    assert (lot.title, lot.value, lot.years) == ("Hot meals", 60_000, 2)
    assert tally.examples == {NOT_USED: "Request"}


def test_a_form_may_have_several_lots_side_by_side(tmp_path: Path) -> None:
    rows = [["", "First", "Second"], ["Title", "Meals", "Taxis"], ["Value", "60000", "9000"]]
    lots, _ = read_lots(table(tmp_path, rows))
    assert [(lot.title, lot.value) for lot in lots] == [("Meals", 60_000), ("Taxis", 9_000)]


@pytest.mark.parametrize(
    ("cell", "pounds"),
    [
        ("12.500,00", 12_500),
        ("1.250.000", 1_250_000),
        ("60000,50", 60_000.5),
        ("82'400", 82_400),
        ("£1’250’000.50", 1_250_000.5),
        ("82\u2009400", 82_400),
        ("82\u202f400,25", 82_400.25),
    ],
)
def test_an_amount_may_have_the_marks_of_other_countries(
    tmp_path: Path, cell: str, pounds: float
) -> None:
    assert one(tmp_path, value=cell)[0].value == pounds


@pytest.mark.parametrize("cell", ["£12.500", "12.500", "12.500 pa", "£ 12.500 GBP"])
def test_a_point_before_three_digits_is_refused_with_both_amounts(
    tmp_path: Path, cell: str
) -> None:
    with pytest.raises(BadLot, match=r"is not clear; give 12500 or 12\.50"):
        one(tmp_path, value=cell, years="3")


@pytest.mark.parametrize(
    ("cell", "pounds"),
    [
        ("Band B: 25,000 to 60,000", 60_000),
        ("25,000 - 60,000 (band B)", 60_000),
        ("up to 60000", 60_000),
        ("10000 pa rising by 10% a year", 33_100),
        ("£10,000 p.a., reducing by 10% each year", 27_100),
    ],
)
def test_a_value_in_words_needs_no_pound_sign(tmp_path: Path, cell: str, pounds: float) -> None:
    assert one(tmp_path, value=cell, years="3")[0].value == pounds


def test_an_amount_that_rises_every_year_and_is_of_no_period_is_not_used(tmp_path: Path) -> None:
    lot, tally = one(tmp_path, value="10000 rising by 10% a year", years="3")
    assert lot.value is None
    assert tally.set_aside == {RISES: 1}


@pytest.mark.parametrize(
    ("header", "cell", "pounds"),
    [("Value (£m)", "1.250", 1_250_000), ("Value (£k)", "12.500", 12_500)],
)
def test_a_point_before_decimals_is_not_between_thousands(
    tmp_path: Path, header: str, cell: str, pounds: float
) -> None:
    assert one(tmp_path, **{header: cell})[0].value == pounds


@pytest.mark.parametrize(
    ("header", "cell", "years"),
    [
        ("Term (years)", "3", 3),
        ("Contract length in months", "18", 1.5),
        ("Term (mths)", "24", 2),
        ("Period (months)", "24", 2),
        ("Total term", "2 years", 2),
    ],
)
def test_a_length_is_in_the_unit_of_its_header(
    tmp_path: Path, header: str, cell: str, years: float
) -> None:
    assert one(tmp_path, **{header: cell})[0].years == years


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("June 2026", date(2026, 6, 1)),
        ("Jun-26", date(2026, 6, 1)),
        ("Q2 2026", None),
        ("2026/27", None),
    ],
)
def test_a_month_begins_on_its_first_day_and_a_longer_time_is_not_used(
    tmp_path: Path, cell: str, day: date | None
) -> None:
    lot, tally = one(tmp_path, **{"Procurement start": cell})
    assert lot.day == day
    assert tally.set_aside == ({} if day else {NO_DAY: 1})


def test_the_numbers_of_lots_in_a_column_of_titles_are_ids(tmp_path: Path) -> None:
    rows = [
        ["Lot", "Description", "Budget"],
        ["1", "Minibuses", "30000"],
        ["Lot 2", "Volunteer drivers", "20000"],
        ["", "Total", "50000"],
        ["* subject to approval", "", ""],
    ]
    lots, tally = read_lots(table(tmp_path, rows))
    assert [(lot.id, lot.title) for lot in lots] == [
        ("1", "Minibuses"),
        ("Lot_2", "Volunteer drivers"),
    ]
    assert tally.set_aside == {TOTALS: 1, FOOTNOTE: 1}


def test_a_contract_register_is_read_by_the_headers_that_councils_publish(tmp_path: Path) -> None:
    rows = [
        ["Contract reference number", "Title of agreement", "Description of the services provided"],
        ["7", "Minibus hire", "Minibuses with drivers for schools"],
    ]
    rows[0] += ["Sum to be paid over length of contract", "Start date"]
    rows[1] += ["£45,000", "01/09/2026"]
    [lot], _ = read_lots(table(tmp_path, rows))
    assert (lot.id, lot.title, lot.value) == ("7", "Minibus hire", 45_000)
    assert lot.description == "Minibuses with drivers for schools"


def test_a_formula_without_a_result_is_told_with_its_cell(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "Lots & prices"
    for row in [["Title", "Value"], ["Meals", "=30000*2"], ["Taxis", 9000], ["Grounds", "=B2+1"]]:
        sheet.append(row)
    book.save(tmp_path / "lots.xlsx")
    lots, tally = read_lots(tmp_path / "lots.xlsx")
    assert [(lot.title, lot.value) for lot in lots] == [
        ("Meals", None),
        ("Taxis", 9_000),
        ("Grounds", None),
    ]
    assert tally.examples[f"{NO_RESULT} {FIELD_ONLY}"] == "Lots & prices: B2, B4"


def test_a_unit_above_the_header_of_values_is_refused(tmp_path: Path) -> None:
    rows = [["Pipeline 2026 (£000)", ""], ["Title", "Value"], ["Meals", "60"]]
    with pytest.raises(BadLot, match=r"such as 'Value \(£000\)'"):
        read_lots(table(tmp_path, rows))
    rows = [["Contracts over £25k", ""], ["Title", "Value"], ["Meals", "60000"]]
    assert [lot.value for lot in read_lots(table(tmp_path, rows))[0]] == [60_000]


@pytest.mark.parametrize(
    "label", ["Total value", "Grand total cost:", "Total of all lots", "Total estimated budget"]
)
def test_a_row_that_adds_up_the_lots_is_none(tmp_path: Path, label: str) -> None:
    rows = [["Lot", "Title", "Value"], ["1", "North", "1000"], ["", label, "1000"]]
    lots, tally = read_lots(table(tmp_path, rows))
    assert [lot.title for lot in lots] == ["North"]
    assert tally.set_aside == {TOTALS: 1}


@pytest.mark.parametrize(
    "label", ["Total facilities management", "Sum insured cover", "Total cost control software"]
)
def test_a_lot_whose_title_begins_as_a_total_is_one(tmp_path: Path, label: str) -> None:
    lots, _ = read_lots(table(tmp_path, [["Title", "Value"], [label, "1000"]]))
    assert [lot.title for lot in lots] == [label]


@pytest.mark.parametrize("said", ["TBD", "Not yet known.", "£1 (nominal)", "£nil", "demand-led"])
def test_a_value_that_says_that_none_is_known_keeps_its_lot(tmp_path: Path, said: str) -> None:
    rows = [["Title", "Value"], ["Meals at home", said], ["Lunch clubs", "£60,000"]]
    lots, tally = read_lots(table(tmp_path, rows, mark=";"))
    assert [(lot.title, lot.value) for lot in lots] == [
        ("Meals at home", None),
        ("Lunch clubs", 60_000),
    ]
    assert tally.examples[SAYS_NONE] == f"lots.csv row 2: {said}"


@pytest.mark.parametrize("said", ["over threshold", "see below", "unlimited"])
def test_a_value_in_other_words_is_not_taken_as_not_known(tmp_path: Path, said: str) -> None:
    with pytest.raises(BadLot, match=f"'{said}' is not a number of pounds"):
        read_lots(table(tmp_path, [["Title", "Value"], ["Meals at home", said]]))
