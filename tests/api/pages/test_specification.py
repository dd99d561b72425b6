"""Describe the need, and correct the lots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from api.pages.lot_form import LotForm, notes_of_all
from matcher.geo.councils import Councils
from tests import documents as make
from tests.factory import award, lot
from tests.officer import Officer
from tests.registers import registered
from tests.services import carer, served

NEED = "Home care for older people\nVisits at home around WS1 1TP. Walsall Council."
TWO = "Intro\nLot 1: Home care, north\nVisits at home, WS1 1TP\nLot 2: Meals\nHot meals, WS2 8RR"


def test_lots_of_what_was_pasted_are_shown_to_be_corrected(officer: Officer) -> None:
    form = officer.paste(TWO).form("/lots")
    assert form["lot-0-title"] == "Home care, north"
    assert form["lot-0-place"] == "WS1 1TP"
    assert form["lot-1-title"] == "Meals"


def test_what_is_true_of_each_lot_is_said_once_and_numbers_of_the_document_are_kept(
    officer: Officer,
) -> None:
    text = "Care\nLot 1: Home care\nAt home, WS1 1TP\nLot 2:\nLot 3: Meals\nAt noon, WS2 8RR"
    page = officer.paste(text)
    assert page.text.count("The document does not describe “Lot 2”, so it was left out.") == 1
    assert page.text.count("Lot 3 in your document") == 1


@pytest.mark.parametrize(
    ("id_", "number"), [("spec#3", "3"), ("ocds-1#LOT-0003", "3"), ("spec#1A", "1A"), ("spec", "")]
)
def test_the_number_of_a_lot_in_its_document(id_: str, number: str) -> None:
    assert LotForm({"id": id_}).number == number


@pytest.mark.parametrize("years", [3.0, 40 / 12, 1_234_567.5])
def test_the_form_carries_the_years_of_a_lot_along_exactly(years: float) -> None:
    form = LotForm.of_lot(replace(lot(), years=years), Councils.open())
    assert float(form.get("years")) == years
    assert form.get("years").endswith(".0") is False


def test_a_cell_that_cannot_be_read_is_corrected_where_it_stands(officer: Officer) -> None:
    rows = ("Title,Value,Postcode", "Home care,about ten,WS1 1TP", "Meals,60000,WS1 1TP")
    table = "\n".join((*rows, "Visits,5,nowhere")).encode()
    page = officer.upload("lots.csv", table)
    assert page.errors[0].startswith("Lot 1: 'about ten' is not a number of pounds; give")
    assert page.errors[1].startswith("Lot 3: “nowhere” is not a postcode")
    assert "lots.csv row 2: value: 'about ten'" in page.text
    form = page.form("/lots")
    assert (form["lot-0-value"], form["lot-2-place"]) == ("about ten", "nowhere")
    corrected = {**form, "lot-0-value": "50,000", "lot-2-place": "WS2 8RR", "do": "ask"}
    lists = officer.send("/lots", corrected)
    assert "Lot 1 of 3" in lists.text
    assert "£50,000" in lists.text


def test_a_lot_that_was_added_by_hand_takes_no_note_away() -> None:
    first, last = (
        LotForm({"id": f"spec#{n}"}, ("of all", *own)) for n, own in ((1, ["own"]), (2, []))
    )
    assert notes_of_all([first, LotForm(), last]) == ["of all"]
    assert notes_of_all([first, LotForm()]) == []


def test_what_is_not_true_of_a_lot_without_notes_is_not_said_of_all() -> None:
    lots = [
        LotForm({"id": f"spec#{n}"}, notes) for n, notes in enumerate((("none",), (), ("none",)))
    ]
    assert notes_of_all(lots) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("spec.docx", make.word(*TWO.splitlines())),
        ("spec.pdf", make.pdf(TWO.splitlines())),
        ("spec.txt", TWO.encode()),
        ("notice.json", b'{"id": "n", "lots": [{"title": "Home care, north"}, {"title": "M"}]}'),
        ("lots.xlsx", make.workbook([["Lot", "Title"], [1, "Home care, north"], [2, "Meals"]])),
        ("lots.csv", b'Lot,Title\n1,"Home care, north"\n2,Meals\n'),
    ],
)
def test_lots_of_what_was_uploaded_are_shown(officer: Officer, name: str, content: bytes) -> None:
    assert officer.upload(name, content).form("/lots")["lot-0-title"] == "Home care, north"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("spec.docx", make.bomb(200_000_000), "unpacks to 20"),
        ("spec.pdf", make.locked_pdf(), "locked with a password"),
        ("spec.pdf", make.blank_pdf(), "may be a scan"),
        ("spec.exe", b"MZ", "not a type of file that can be read"),
        ("spec.txt", b"x" * 17_000_000, "is 17 MB; a file may have 16 MB"),
        ("lots.csv", b"Title\n" + b"\n".join(b"%d care" % n for n in range(101)), "101 lots in it"),
        ("lots.csv", b"Telephone\n1\n", "lots.csv: has no column title or description"),
    ],
    ids=["zip bomb", "encrypted", "scan", "program", "large", "many lots", "another table"],
)
def test_a_hostile_upload_is_refused_with_the_reason_next_to_its_field(
    officer: Officer, name: str, content: bytes, why: str
) -> None:
    page = officer.upload(name, content)
    assert len(page.errors) == 1
    assert why in page.errors[0]
    assert page.tree.get_element_by_id("file-error") is not None


def test_an_upload_of_200_megabytes_is_refused_with_a_page(officer: Officer) -> None:
    page = officer.upload("spec.pdf", b"%PDF-" + b"x" * 200_000_000)
    assert page.status == 413
    assert "The largest allowed is 16 MB" in page.text


def test_a_file_name_made_to_harm_is_shown_as_text(officer: Officer) -> None:
    page = officer.upload("../../<img src=x onerror=alert(1)>.exe", b"MZ")
    assert "<img" not in page.response.text
    assert "<img" in page.errors[0]
    assert ".." not in page.errors[0]


def test_a_script_in_a_specification_stays_text_on_every_page(officer: Officer) -> None:
    script = "<script>alert('x')</script>"
    asked = officer.ask(f"Home care {script}\nVisits to older people, WS1 1TP {script}")
    assert asked.path.startswith("/lists/")
    for where in ("", "/kept", "/print", "/compare"):
        page = officer.open(asked.path + where)
        assert page.status == 200
        assert "<script>alert" not in page.response.text
    assert "&lt;script&gt;" in officer.open("/past").response.text


def test_neither_text_nor_file_is_refused(officer: Officer) -> None:
    assert officer.paste("  ").errors == ["Paste what you need, or choose a file"]


def test_errors_are_shown_field_by_field_and_no_input_is_lost(officer: Officer) -> None:
    form = officer.paste(TWO).form("/lots")
    form |= {"lot-0-cpv": "lift", "lot-0-value": "much", "lot-1-place": "Walsal", "limit": "0"}
    page = officer.send("/lots", {**form, "do": "ask"})
    assert page.errors == [
        "Lot 1: 'lift' is not a CPV code; give eight digits such as 85312310",
        "Lot 1: 'much' is not a number of pounds; give a number, 0 or more",
        "Lot 2: “Walsal” is not a postcode, council, county, region, town or village. "
        "Did you mean Walsall or Wall or Wales?",
        "Enter a number of providers from 1 to 100",
    ]
    again = page.form("/lots")
    assert (again["lot-0-cpv"], again["lot-1-place"]) == ("lift", "Walsal")


def test_a_lot_can_be_added_and_removed(officer: Officer) -> None:
    form = officer.paste(TWO).form("/lots")
    more = officer.send("/lots", {**form, "do": "add"}).form("/lots")
    assert "lot-2-title" in more
    less = officer.send("/lots", {**more, "do": "remove-0"}).form("/lots")
    assert less["lot-0-title"] == "Meals"
    assert "lot-2-title" not in less


def test_a_number_of_thousands_of_digits_is_answered_like_any_other(officer: Officer) -> None:
    """Python refuses to read so long a number, in words of its own."""
    form, long = officer.paste(TWO).form("/lots"), "9" * 5_000
    refused = officer.send("/lots", {**form, "limit": long, "do": "ask"})
    assert refused.errors == ["Enter how many providers to list, as a number such as 10"]
    assert refused.form("/lots")["lot-1-title"] == form["lot-1-title"]
    shown = officer.send("/lots", {**form, "do": f"remove-{long}"})
    assert (shown.status, shown.path.partition("/")[0]) == (200, "")


def test_a_lot_without_title_and_text_is_refused(officer: Officer) -> None:
    form = officer.paste(NEED).form("/lots")
    form |= {"lot-0-title": "", "lot-0-description": ""}
    page = officer.send("/lots", {**form, "do": "ask"})
    assert page.errors == ["Lot 1: Enter a title, or say what is needed"]


def test_each_purpose_says_what_it_allows_and_forbids(officer: Officer) -> None:
    said = officer.paste(NEED).text
    assert "Every signal may count" in said
    assert "These do not count and may not limit the list" in said
    assert "cannot be reserved to a radius, ward, postcode or region" in said


def test_a_lot_that_the_law_refuses_does_not_spoil_the_others(officer: Officer) -> None:
    form = officer.paste(TWO).form("/lots")
    form |= {"purpose": "invite", "buyer": "Walsall Council", "lot-0-value": "", "lot-1-value": ""}
    form |= {"whole": "300,000"}
    page = officer.send("/lots", {**form, "do": "ask"})
    (error,) = page.errors
    assert error.startswith("Choose “Find suppliers before a procurement”, because")
    assert error.count(".") == 0
    assert "threshold" in error
    assert page.texts("govuk-error-message") == [f"Error: {error}"]


def test_a_reservation_names_its_area(officer: Officer) -> None:
    form = officer.paste(NEED).form("/lots")
    form |= {"purpose": "reserved", "reserve": "area", "reserve-area": ""}
    page = officer.send("/lots", {**form, "do": "ask"})
    assert page.form("/lots")["reserve-area"] == "Walsall Council"
    assert page.errors == ["Check the council or county that the competition is reserved to"]
    page = officer.send("/lots", {**form, "buyer": "", "do": "ask"})
    assert page.errors == ["Enter the council or county that the competition is reserved to"]


def test_a_place_that_the_words_of_a_lot_name_is_shown(officer: Officer) -> None:
    two = "Lot 1: Home care\nVisits at home in Aldridge\nLot 2: Meals\nHot meals\nLot 3: Repairs"
    page = officer.paste(two)
    first, second, _ = page.texts("lbd-lot__summary")
    assert "Place named in the text: Aldridge" in first
    assert "no place" not in first
    assert "no place" in second
    page = officer.send("/lots", {**page.form("/lots"), "buyer": "Walsall Council", "do": "add"})
    assert "Buyer's name: Walsall" in page.texts("lbd-lot__summary")[1]


def test_a_reserved_list_holds_those_in_the_area_and_the_sentence_for_the_notice(
    officer: Officer,
) -> None:
    page = officer.ask(
        NEED, purpose="reserved", reserve="area", reserve_area="Walsall", buyer="Walsall Council",
        lot_0_value="24,000",
    )  # fmt: skip
    assert "Words for the notice:" in page.text
    assert "Brightside 1" in page.text
    assert "Brightside 4" not in page.text


def test_all_lots_together_are_compared_with_the_threshold(officer: Officer) -> None:
    form = officer.paste(TWO).form("/lots")
    form |= {"purpose": "invite", "buyer": "Walsall Council"}
    form |= {"lot-0-value": "110,000", "lot-1-value": "110,000", "lot-0-gross": "yes"}
    form |= {"lot-1-gross": "yes", "contract": "goods and services"}
    page = officer.send("/lots", {**form, "do": "ask"})
    assert "£220,000 (including VAT)" in page.errors[0]
    page = officer.send("/lots", {**form, "lot-1-gross": "", "do": "ask"})
    assert "£242,000 (with 20% VAT added where “This includes VAT” is not ticked)" in page.errors[0]


def test_a_suggested_code_is_accepted_with_one_button(tmp_path: Path, places_table: Path) -> None:
    won = award("a-1", carer(1, "WS1 1TP"), lot=lot(id="a-1", cpv=("85312100",)))
    registered(tmp_path / "reg", places_table, carer(1, "WS1 1TP"), won, trust_ids=True)
    with served(tmp_path, places_table) as client:
        _accept_a_code(Officer(client))


def _accept_a_code(officer: Officer) -> None:
    form = officer.paste(NEED).form("/lots")
    page = officer.send("/lots", {**form, "lot-0-cpv": "", "do": "add"})
    (first, *_) = page.tree.xpath("//button[starts-with(@value, 'cpv-0-')]")
    code = first.get("value").removeprefix("cpv-0-")
    accepted = officer.send("/lots", {**page.form("/lots"), "do": f"cpv-0-{code}"})
    assert accepted.form("/lots")["lot-0-cpv"] == code
    assert not accepted.tree.xpath("//button[starts-with(@value, 'cpv-0-')]")


def test_the_kind_of_contract_is_asked_in_view_before_the_purpose(officer: Officer) -> None:
    tree = officer.paste(NEED).tree
    (asked,) = tree.xpath("//select[@name='contract']")
    assert not asked.xpath("ancestor::details")
    assert asked.xpath("following::input[@name='purpose']")


UNCLEAR = "Home care, WS1 1TP. Walsall Council. The budget is £40,000. The term is 3 years."


def test_a_budget_is_asked_about_before_an_invite_list(officer: Officer) -> None:
    page = officer.paste(UNCLEAR)
    form = page.form("/lots")
    assert "Is this value for a year, or in all?" in page.text
    assert (form["lot-0-value"], form.get("lot-0-period")) == ("40,000", None)
    assert form["lot-0-years"] == "3"
    again = officer.send("/lots", {**form, "purpose": "invite", "do": "ask"})
    asked = "Select whether the value is for a year or for the whole contract"
    assert any(asked in error for error in again.errors)
    for period, pounds in (("year", "£144,000"), ("whole", "£48,000")):
        answer = {"purpose": "invite", "lot-0-period": period, "do": "ask"}
        listed = officer.send("/lots", {**form, **answer})
        assert listed.path.startswith("/lists/")
        assert pounds in listed.text


def test_a_budget_need_not_be_told_for_an_engagement_list(officer: Officer) -> None:
    listed = officer.ask(UNCLEAR, purpose="engagement")
    assert listed.path.startswith("/lists/")


def test_an_officer_can_insist_on_the_councils_own_postcode(officer: Officer) -> None:
    """A lot with its buyer's postcode is where its text says, unless told otherwise."""
    table = (
        "title,postcode,buyer,buyer postcode\n"
        "Home care for clients of the centre at WS2 8RR,WS1 1TP,Walsall Council,WS1 1TP\n"
    )
    page = officer.upload("lots.csv", table.encode())
    assert "We use WS2 8RR." in page.text
    form = page.form("/lots")
    elsewhere = officer.send("/lots", {**form, "do": "ask"})
    assert "postcode named in the text: WS2 8RR" in elsewhere.text
    here = officer.send("/lots", {**form, "lot-0-here": "yes", "do": "ask"})
    assert "delivery postcode WS1 1TP" in here.text
    back = officer.open(f"/lots/{here.form(f'{here.path}/ticked')['draft']}")
    assert "We use WS1 1TP." in back.text
    assert back.form("/lots")["lot-0-here"] == "yes"
    other = officer.send("/lots", {**form, "lot-0-here": "yes", "lot-0-place": "B1 1AA"})
    assert "delivery postcode B1 1AA" in other.text
