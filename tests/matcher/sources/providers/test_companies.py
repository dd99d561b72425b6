"""Companies House's company data, in its published layout."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from matcher.core.errors import BadSource
from matcher.core.types import CAUTION, Grade, Kind, Provider, Site, Size, Status, Tally
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import labels
from matcher.sources.area_filter import AreaFilter
from matcher.sources.providers import companies
from tests.factory import SHARED, needs_shared

# As published: some of the headers begin with a space.
HEADER = (
    "CompanyName, CompanyNumber,RegAddress.CareOf,RegAddress.POBox,RegAddress.AddressLine1, "
    "RegAddress.AddressLine2,RegAddress.PostTown,RegAddress.County,RegAddress.Country,"
    "RegAddress.PostCode,CompanyCategory,CompanyStatus,CountryOfOrigin,DissolutionDate,"
    "IncorporationDate,Accounts.AccountCategory,SICCode.SicText_1,SICCode.SicText_2,URI,"
    "PreviousName_1.CONDATE, PreviousName_1.CompanyName, PreviousName_2.CONDATE, "
    "PreviousName_2.CompanyName,Accounts.NextDueDate"
)
NAME = "BasicCompanyData-2026-03-01-part1_7.csv"


def company(**fields: str) -> dict[str, str]:
    usual = {
        "CompanyName": "ACORN CARE LTD",
        "CompanyNumber": "01234567",
        "RegAddress.CareOf": "MS A PERSONA",
        "RegAddress.PostCode": "WS1 1TP",
        "CompanyCategory": "Private Limited Company",
        "CompanyStatus": "Active",
        "SICCode.SicText_1": "None Supplied",
    }
    return {**usual, **{name.replace("__", "."): value for name, value in fields.items()}}


def write(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(HEADER + "\r\n")
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([row.get(name.strip(), "") for name in HEADER.split(",")] for row in rows)
    return path


def read(*paths: Path) -> tuple[Tally, list[Provider]]:
    ((tally, records),) = companies.read(paths)
    return tally, list(records)


def one(tmp_path: Path, **fields: str) -> Provider:
    (provider,) = read(write(tmp_path / NAME, company(**fields)))[1]
    return provider


def test_a_company_with_every_column(tmp_path: Path) -> None:
    provider = one(
        tmp_path,
        SICCode__SicText_1="87300 - Residential care activities for the elderly and disabled",
        SICCode__SicText_2="88100 - Social work activities without accommodation",
        PreviousName_1__CompanyName="OAK CARE LTD",
        PreviousName_2__CompanyName="ELM CARE LTD",
        Accounts__AccountCategory="TOTAL EXEMPTION FULL",
    )
    assert provider.id == "GB-COH-01234567"
    assert provider.tags[0].startswith("87300 - Residential care")
    assert len(provider.tags) == 2
    assert provider.aliases == ("OAK CARE LTD", "ELM CARE LTD")
    assert provider.size is Size.SMALL
    assert provider.status is Status.ACTIVE
    assert provider.sites == (Site("WS1 1TP", Grade.REGISTERED_OFFICE),)
    assert provider.source.day == date(2026, 3, 1)
    assert provider.source.licence == "OGL-UK-3.0"


def test_the_care_of_line_is_never_read(tmp_path: Path) -> None:
    assert "PERSONA" not in repr(one(tmp_path))


def test_none_supplied_is_not_a_label(tmp_path: Path) -> None:
    assert one(tmp_path).tags == ()


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("Private Limited Company", Kind.COMPANY),
        ("Community Interest Company", Kind.CIC),
        ("Registered Society", Kind.COOP),
        ("Industrial and Provident Society", Kind.COOP),
        ("Charitable Incorporated Organisation", Kind.CHARITY),
        ("Royal Charter Company", Kind.UNKNOWN),
    ],
)
def test_kind_follows_the_category(tmp_path: Path, category: str, kind: Kind) -> None:
    assert one(tmp_path, CompanyCategory=category).kind is kind


def test_a_cic_is_recognised_by_its_category_not_its_name(tmp_path: Path) -> None:
    assert one(tmp_path, CompanyName="ACORN C.I.C. SUPPLIES LTD").kind is Kind.COMPANY


@pytest.mark.parametrize(
    ("accounts", "size"),
    [
        ("MICRO ENTITY", Size.MICRO),
        ("UNAUDITED ABRIDGED", Size.SMALL),
        ("MEDIUM", Size.MEDIUM),
        ("GROUP", Size.LARGE),
        ("FULL", Size.UNKNOWN),
        ("DORMANT", Size.UNKNOWN),
        ("NO ACCOUNTS FILED", Size.UNKNOWN),
        ("", Size.UNKNOWN),
    ],
)
def test_size_follows_the_accounts_filed(tmp_path: Path, accounts: str, size: Size) -> None:
    assert one(tmp_path, Accounts__AccountCategory=accounts).size is size


@pytest.mark.parametrize(
    ("status", "dissolved", "meant"),
    [
        ("Active - Proposal to Strike off", "", Status.ACTIVE),
        ("In Administration", "", Status.INSOLVENT),
        ("VOLUNTARY ARRANGEMENT / RECEIVER MANAGER", "", Status.INSOLVENT),
        ("Active", "01/02/2026", Status.DISSOLVED),
        ("Active", "43862", Status.DISSOLVED),
        ("Active", "-", Status.ACTIVE),
        ("Active", "31/12/2199", Status.ACTIVE),
        ("Active", "00/01/1900", Status.ACTIVE),
        ("Active", "43830", Status.DISSOLVED),
        ("converted-closed", "", Status.DISSOLVED),
        ("voluntary-arrangement", "", Status.INSOLVENT),
    ],
)
def test_status(tmp_path: Path, status: str, dissolved: str, meant: Status) -> None:
    provider = one(tmp_path, CompanyStatus=status, DissolutionDate=dissolved)
    assert provider.status is meant


def test_a_changed_column_is_named_in_the_refusal(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, company())
    path.write_text(path.read_text().replace("RegAddress.PostCode", "RegAddress.Postal"))
    with pytest.raises(BadSource, match=r"no column 'RegAddress\.PostCode'"):
        read(path)


def test_no_paths_give_no_records() -> None:
    assert list(companies.read([])) == []


@needs_shared
def test_the_published_layout() -> None:
    tally, providers = read(SHARED / "fixtures" / "companies-house")
    assert (tally.read, tally.kept, tally.set_aside) == (87, 87, {})
    by_kind = [p.kind for p in providers]
    assert (by_kind.count(Kind.CIC), by_kind.count(Kind.COOP)) == (10, 17)
    assert [p.status for p in providers].count(Status.INSOLVENT) == 1
    assert all(p.source.day == date(2020, 6, 1) for p in providers)


@pytest.mark.parametrize(
    ("fields", "cautions"),
    [
        ({"Accounts__AccountCategory": "DORMANT"}, ["dormant accounts"]),
        ({"SICCode__SicText_1": "99999 - Dormant Company"}, ["dormant accounts"]),
        ({"SICCode__SicText_1": "74990 - Non-trading company"}, ["activity 'non-trading company'"]),
        ({"CompanyStatus": "Active - Proposal to Strike off"}, ["proposal to strike off"]),
        ({"CompanyStatus": "active-proposal-to-strike-off"}, ["proposal to strike off"]),
        ({"Accounts__NextDueDate": "31/01/2026"}, ["accounts overdue since 2026-01-31"]),
        ({"Accounts__NextDueDate": "31/03/2026"}, []),
        ({"Accounts__AccountCategory": "MICRO ENTITY"}, []),
    ],
)
def test_what_a_buyer_should_check_is_a_caution_and_no_word_of_its_work(
    tmp_path: Path, fields: dict[str, str], cautions: list[str]
) -> None:
    provider = one(tmp_path, **fields)
    found = [tag.removesuffix(CAUTION) for tag in provider.tags if tag.endswith(CAUTION)]
    assert found == cautions
    assert provider.status is Status.ACTIVE
    assert not any(CAUTION in label or label in cautions for label in labels(provider))


def test_no_record_is_made_of_a_company_elsewhere(tmp_path: Path, places_table: Path) -> None:
    rows = [
        company(CompanyNumber=f"{n:08}", RegAddress__PostCode=where)
        for n, where in enumerate(("B1 1BB", "WS1 1TP", "", "ws1 1tp", "B1 1BB"), 1)
    ]
    path = write(tmp_path / NAME, *rows, company(CompanyName=""))
    areas = AreaFilter.of(["Walsall"], Councils.open(), PostcodeTable.open(places_table))
    ((early, kept),) = areas.filtered(companies.read([path], areas.includes_postcode))
    ((late, same),) = areas.filtered(companies.read([path]))
    assert list(kept) == list(same)
    assert early == late
    assert early.kept == 3


def test_a_company_number_whose_digits_are_lost_is_set_aside_with_that_reason(
    tmp_path: Path,
) -> None:
    tally, found = read(write(tmp_path / NAME, company(CompanyNumber="8.22E+06"), company()))
    assert len(list(found)) == 1
    reason = "company number that a spreadsheet shortened, as 7.11E+06: its digits are lost"
    assert tally.set_aside == {reason: 1}
