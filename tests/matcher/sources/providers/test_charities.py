"""The Scottish and Northern Irish registers, and how the three registers are recognised."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from matcher.core.errors import BadSource
from matcher.core.types import Grade, Provider, Site, Size, Status, Tally
from matcher.sources.formats.tables import NO_POSTCODE
from matcher.sources.providers import charities
from matcher.sources.providers.charity_commission import LINKED
from tests.factory import SHARED, needs_shared

SCOTTISH = {
    "Charity Number": "SC012345",
    "Charity Name": "Thistle Care",
    "Registered Date": "01/04/1990 00:00",
    "Known As": "Thistle",
    "Charity Status": "Active",
    "Notes": "",
    "Postcode": "EH2 4ET",
    "Constitutional Form": "SCIO (Scottish Charitable Incorporated Organisation)",
    "Geographical Spread": "A specific local point, community or neighbourhood",
    "Main Operating Location": "City of Edinburgh",
    "Purposes": "'The relief of those in need by reason of age, ill health','Education'",
    "Beneficiaries": "'Older people'",
    "Activities": "'It carries out activities or services itself'",
    "Objectives": "To care for older people in Edinburgh.",
    "Principal Office/Trustees Address": "Ms A Persona, 1 High Street",
    "Website": "https://thistle.example",
    "Most recent year income": "125000",
    "Year End": "31/03/2026",
}
NORTHERN_IRISH = {
    "Reg charity number": "100002",
    "Charity name": "Foyle Friends",
    "Date registered": "13/12/2013",
    "Status": "Received: on time",
    "Date for financial year ending": "31 March 2026",
    "Total income": "462154",
    "Public address": "c/o Ms A Persona, 44 High Street, Belfast, bt14 7pj",
    "Website": "www.foyle.example",
    "Email": "a.persona@example.org",
    "Telephone": "028 9012 3456",
    "Company number": "22996",
    "What the charity does": "Relief of need by reason of youth, age or ill-health,Education",
    "Who the charity helps": "Carers,Older people",
    "How the charity works": "Advice/advocacy/information",
    "Charitable purposes": "To befriend older people.",
    "Other name": "FF",
    "Financial period start": "01 April 2025",
    "": "",
}


def write(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(*paths: Path) -> tuple[Tally, list[Provider]]:
    ((tally, records),) = charities.read(paths)
    return tally, list(records)


def scottish(tmp_path: Path, **fields: str) -> Provider:
    row = SCOTTISH | {name.replace("_", " "): value for name, value in fields.items()}
    return read(write(tmp_path / "CharityExport-05-Mar-2026.csv", row))[1][0]


def northern_irish(tmp_path: Path, **fields: str) -> Provider:
    row = NORTHERN_IRISH | {name.replace("_", " "): value for name, value in fields.items()}
    return read(write(tmp_path / "charitydetails.csv", row))[1][0]


def test_a_scottish_charity_is_read(tmp_path: Path) -> None:
    charity = scottish(tmp_path)
    assert charity.id == "GB-SC-SC012345"
    assert charity.aliases == ("Thistle",)
    assert charity.profile == "To care for older people in Edinburgh."
    assert charity.areas == ("City of Edinburgh",)
    assert (charity.income, charity.size) == (125_000.0, Size.SMALL)
    assert charity.sites == (Site("EH2 4ET", Grade.CONTACT_ADDRESS),)
    assert charity.source.day == date(2026, 3, 5)


def test_scottish_labels_are_quoted_and_may_have_commas(tmp_path: Path) -> None:
    assert scottish(tmp_path).tags == (
        "The relief of those in need by reason of age, ill health",
        "Education",
        "Older people",
        "It carries out activities or services itself",
    )


def test_a_former_scottish_charity_is_removed(tmp_path: Path) -> None:
    assert scottish(tmp_path, Charity_Status="Removed").status is Status.REMOVED


def test_a_northern_irish_charity_is_read(tmp_path: Path) -> None:
    charity = northern_irish(tmp_path)
    assert charity.id == "GB-NIC-100002"
    assert charity.ids == ("GB-COH-NI022996",)
    assert charity.aliases == ("FF",)
    assert (charity.income, charity.size) == (462_154.0, Size.SMALL)
    assert charity.status is Status.ACTIVE
    assert charity.source.licence == "OGL-UK-3.0"


def test_northern_irish_labels_are_split_at_commas_without_a_space(tmp_path: Path) -> None:
    assert northern_irish(tmp_path).tags == (
        "Relief of need by reason of youth, age or ill-health",
        "Education",
        "Carers",
        "Older people",
        "Advice/advocacy/information",
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Registered", Status.ACTIVE),
        ("Overdue: 64 days", Status.ACTIVE),
        ("Received: 9 days late", Status.ACTIVE),
        ("Removed", Status.REMOVED),
        ("Ceased to exist", Status.DISSOLVED),
        ("De-registered", Status.REMOVED),
    ],
)
def test_northern_irish_status(tmp_path: Path, words: str, status: Status) -> None:
    assert northern_irish(tmp_path, Status=words).status is status


@pytest.mark.parametrize("other", ["", " ", "None", "N/A"])
def test_a_placeholder_is_not_another_name(tmp_path: Path, other: str) -> None:
    assert northern_irish(tmp_path, Other_name=other).aliases == ()


def test_personal_columns_are_never_read(tmp_path: Path) -> None:
    for text in (repr(scottish(tmp_path)), repr(northern_irish(tmp_path))):
        assert not any(word in text for word in ("ersona", "High Street", "9012", "example.org"))


def test_a_row_without_a_usable_number_is_set_aside(tmp_path: Path) -> None:
    bad = SCOTTISH | {"Charity Number": "pending"}
    tally, providers = read(write(tmp_path / "a.csv", bad, SCOTTISH))
    assert [p.id for p in providers] == ["GB-SC-SC012345"]
    assert (tally.read, tally.kept, tally.set_aside) == (2, 1, {"no charity name or number": 1})


def test_what_another_interface_answers_is_no_register_of_northern_ireland(tmp_path: Path) -> None:
    answer = {"reg_charity_number": 1150079, "charity_name": "Acorn", "reg_status": "R"}
    (tmp_path / "a.json").write_text(json.dumps(answer))
    with pytest.raises(BadSource, match="not a charity register"):
        read(tmp_path / "a.json")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    row = {name: cell for name, cell in SCOTTISH.items() if name != "Objectives"}
    with pytest.raises(BadSource, match="no column 'Objectives'"):
        read(write(tmp_path / "a.csv", row))


@needs_shared
def test_the_published_northern_irish_layout() -> None:
    tally, providers = read(SHARED / "fixtures" / "ccni")
    assert (tally.read, tally.kept, tally.set_aside) == (365, 365, {})
    assert [p.status for p in providers].count(Status.REMOVED) == 36
    assert sum(bool(p.ids) for p in providers) == 48
    assert sum(p.income is None for p in providers) == 56
    assert sum(bool(p.sites) for p in providers) > 360


@pytest.mark.parametrize("said", ["Active", ""])
@pytest.mark.parametrize("column", ["Ceased date", "Date of removal"])
def test_a_charity_with_a_day_on_which_it_ceased_is_removed(
    tmp_path: Path, column: str, said: str
) -> None:
    row = SCOTTISH | {"Charity Status": said, column: "14/06/2019"}
    assert read(write(tmp_path / "former.csv", row))[1][0].status is Status.REMOVED
    row = SCOTTISH | {"Charity Status": "Active", column: ""}
    assert read(write(tmp_path / "former.csv", row))[1][0].status is Status.ACTIVE


def test_a_part_of_a_charity_in_northern_ireland_is_set_aside(tmp_path: Path) -> None:
    whole = NORTHERN_IRISH | {"Sub charity number": "0"}
    part = whole | {"Sub charity number": "2", "Charity name": "Foyle Friends of Larne"}
    tally, found = read(write(tmp_path / "a.csv", whole, part))
    assert [one.name for one in found] == ["Foyle Friends"]
    assert tally.set_aside == {LINKED: 1}


API_RECORD: dict[str, object] = {
    "id": "0a1b",
    "charityNumber": "SC012345",
    "charityName": "Thistle Care",
    "knownAs": "Thistle",
    "charityStatus": "Active",
    "postcode": "EH2 4ET",
    "mainOperatingLocation": "City of Edinburgh",
    "purposes": ["The relief of those in need by reason of age, ill health", "Education"],
    "beneficiaries": ["Older people"],
    "typesOfActivities": ["It carries out activities or services itself"],
    "objectives": "To care for older people in Edinburgh.",
    "website": SCOTTISH["Website"],
    "mostRecentYearIncome": 125000,
}


@pytest.mark.parametrize(
    "content",
    [
        [API_RECORD],
        API_RECORD,
        {"currentPage": 1, "next": None, "data": [API_RECORD]},
        {"data": [json.dumps(API_RECORD)]},
        json.dumps([API_RECORD]),
    ],
    ids=["list", "record", "page", "text in a page", "text"],
)
def test_the_scottish_register_is_read_as_its_interface_answers(
    tmp_path: Path, content: object
) -> None:
    path = tmp_path / "charities.json"
    path.write_text(json.dumps(content))
    tally, (charity,) = read(path)
    assert [charity] == read(write(tmp_path / "a.csv", SCOTTISH))[1]
    assert (tally.read, tally.kept) == (1, 1)


@pytest.mark.parametrize("written", [str.upper, str.lower, lambda name: name.replace(" ", "_")])
def test_the_columns_of_a_register_may_be_written_otherwise(
    tmp_path: Path, written: Callable[[str], str]
) -> None:
    row = {written(name): cell for name, cell in SCOTTISH.items()}
    usual = read(write(tmp_path / "a.csv", SCOTTISH))[1]
    assert read(write(tmp_path / "a.csv", row))[1] == usual


def test_a_postcode_that_is_none_is_counted(tmp_path: Path) -> None:
    rows = [SCOTTISH | {"Postcode": cell} for cell in ("Edinburgh", "", "EH2 4ET")]
    tally, found = read(write(tmp_path / "a.csv", *rows))
    assert (len(found), tally.set_aside) == (3, {NO_POSTCODE: 1})


def test_signs_of_web_pages_are_read_in_every_text_of_a_charity(tmp_path: Path) -> None:
    scots = scottish(tmp_path, Objectives="<p>Meals &amp; visits</p>", Known_As="Tea &amp; Talk")
    irish = northern_irish(tmp_path, What_the_charity_does="Arts &amp; crafts,Education")
    assert (scots.profile, scots.aliases) == ("Meals & visits", ("Tea & Talk",))
    assert "Arts & crafts" in irish.tags
