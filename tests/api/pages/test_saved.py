"""The record: rules, proof, replay, print and files."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from tests.officer import Officer, Page


@pytest.fixture(scope="module")
def shortlist(officer: Officer) -> Page:
    return officer.ask("Home care for older people\nVisits around WS2 8RR. CPV 85312100-0")


def test_the_record_holds_the_text_of_its_rules_and_their_sources(
    officer: Officer, shortlist: Page
) -> None:
    said = officer.open(f"{shortlist.path}/kept").text
    assert "No supplier may gain an unfair advantage from this" in said
    assert "legislation.gov.uk/ukpga/2023/54/section/16" in said
    assert shortlist.path.rpartition("/")[2] in said


def test_a_replay_says_that_the_list_is_the_same(officer: Officer, shortlist: Page) -> None:
    page = officer.send(f"{shortlist.path}/replay", {})
    assert "The list is exactly the same" in page.text


def test_the_print_view_holds_the_whole_record_and_hides_what_is_not_for_paper(
    officer: Officer, shortlist: Page
) -> None:
    page = officer.open(f"{shortlist.path}/print")
    for said in ("Decision", "List", "Rules that applied", "Proof", "Brightside 1"):
        assert said in page.text
    assert "“Home care and visits for older people, team 1.” (test table, 1 Jan 2026)" in page.text
    header = page.tree.xpath("//header")[0]
    assert "lbd-no-print" in header.get("class")


def test_the_list_goes_into_spreadsheets(officer: Officer, shortlist: Page) -> None:
    table = officer.open(f"{shortlist.path}/export.csv").response
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [row["rank"] for row in rows] == [str(n + 1) for n in range(len(rows))]
    book = officer.open(f"{shortlist.path}/export.xlsx").response
    header, *cells = openpyxl.load_workbook(io.BytesIO(book.content))["Shortlist"].values
    assert [row[header.index("score")] for row in cells] == [float(row["score"]) for row in rows]


def test_an_unknown_file_format_is_refused(officer: Officer, shortlist: Page) -> None:
    assert officer.open(f"{shortlist.path}/export.exe").status in {404, 422}
