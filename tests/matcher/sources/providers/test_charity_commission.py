"""The Charity Commission's extract: tabs, no quotes, stray line breaks."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadSource
from matcher.core.types import Grade, Provider, Site, Size, Status, Tally
from matcher.sources.formats.tables import BAD_NUMBER, NO_POSTCODE
from matcher.sources.formats.text_files import TextFile
from matcher.sources.providers import charities
from matcher.sources.providers.charity_commission import extract_rows
from tests.factory import SHARED, needs_shared

DAY = "2026-03-01 00:00:00.0000000"
KEYS = ["date_of_extract", "organisation_number", "registered_charity_number"]
LINKED = [*KEYS, "linked_charity_number"]
CHARITY = (
    "charity_name charity_type charity_registration_status date_of_registration "
    "date_of_removal charity_reporting_status latest_acc_fin_period_start_date "
    "latest_acc_fin_period_end_date latest_income latest_expenditure charity_contact_address1 "
    "charity_contact_address2 charity_contact_address3 charity_contact_address4 "
    "charity_contact_address5 charity_contact_postcode charity_contact_phone "
    "charity_contact_email charity_contact_web charity_company_registration_number "
    "charity_insolvent charity_in_administration charity_previously_excepted "
    "charity_is_cdf_or_cif charity_is_cio cio_is_dissolved date_cio_dissolution_notice "
    "charity_activities charity_gift_aid charity_has_land"
)
AREA = (
    "geographic_area_type geographic_area_description parent_geographic_area_type "
    "parent_geographic_area_description welsh_ind"
)
CLASSIFICATION = "classification_code classification_type classification_description"
GOVERNING_DOCUMENT = "governing_document_description charitable_objects area_of_benefit"
COLUMNS = {
    "charity": LINKED + CHARITY.split(),
    "charity_classification": LINKED + CLASSIFICATION.split(),
    "charity_area_of_operation": LINKED + AREA.split(),
    "charity_other_names": [*LINKED, "charity_name_id", "charity_name_type", "charity_name"],
    "charity_governing_document": LINKED + GOVERNING_DOCUMENT.split(),
    "charity_annual_return_parta": [*KEYS, "fin_period_end_date", "total_gross_income"],
    "charity_trustee": [*LINKED, "trustee_id", "trustee_name", "individual_or_organisation"],
}
USUAL = {
    "date_of_extract": DAY,
    "organisation_number": "501",
    "registered_charity_number": "1150079",
    "linked_charity_number": "0",
    "charity_name": "Acorn Trust",
    "charity_registration_status": "Registered",
    "charity_contact_postcode": "WS1 1TP",
    "charity_contact_phone": "01234 567890",
    "charity_contact_email": "a.persona@example.org",
    "charity_contact_address1": "1 High Street",
    "charity_insolvent": "False",
    "charity_in_administration": "False",
    "charity_activities": "We run a day centre and bring meals to older people at home.",
}


def table(folder: Path, name: str, *rows: Mapping[str, str]) -> Path:
    """A table of the extract, zipped as published; the cells not given are usual or blank."""
    columns = COLUMNS[name]
    usual = USUAL if name == "charity" else {key: USUAL[key] for key in LINKED}
    lines = ["\t".join(columns)]
    lines += ["\t".join({**usual, **row}.get(c, "") for c in columns) for row in rows]
    path = folder / f"publicextract.{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"publicextract.{name}.txt", "\r\n".join(lines) + "\r\n")
    return path


def read(*paths: Path) -> tuple[Tally, list[Provider]]:
    ((tally, records),) = charities.read(paths)
    return tally, list(records)


def one(tmp_path: Path, **fields: str) -> Provider:
    (provider,) = read(table(tmp_path, "charity", fields))[1]
    return provider


def test_side_tables_are_joined(tmp_path: Path) -> None:
    paths = [
        table(tmp_path, "charity", {}, {"organisation_number": "502", "charity_name": "Birch"}),
        table(
            tmp_path,
            "charity_classification",
            {"classification_description": "Elderly/old People"},
            {"classification_description": "Provides Services"},
        ),
        table(
            tmp_path,
            "charity_area_of_operation",
            {"geographic_area_type": "Local Authority", "geographic_area_description": "Walsall"},
        ),
        table(
            tmp_path,
            "charity_other_names",
            {"charity_name_type": "Working name", "charity_name": "Acorn Meals"},
        ),
        table(tmp_path, "charity_governing_document", {"charitable_objects": "To relieve need."}),
    ]
    acorn, birch = read(*paths)[1]
    assert acorn.tags == ("Elderly/old People", "Provides Services")
    assert acorn.areas == ("Walsall",)
    assert acorn.aliases == ("Acorn Meals",)
    assert acorn.profile == f"{USUAL['charity_activities']}\nTo relieve need."
    assert (birch.tags, birch.areas, birch.aliases) == ((), (), ())


def test_personal_columns_are_never_read(tmp_path: Path) -> None:
    trustees = table(tmp_path, "charity_trustee", {"trustee_name": "A Persona"})
    (charity,) = read(table(tmp_path, "charity", {}), trustees)[1]
    for personal in ("567890", "persona", "High Street"):
        assert personal.lower() not in repr(charity).lower()


def test_objects_are_left_out_where_the_activities_are_long(tmp_path: Path) -> None:
    activities = "We bring hot meals to older people at home. " * 4
    objects = table(tmp_path, "charity_governing_document", {"charitable_objects": "Relief."})
    (charity,) = read(table(tmp_path, "charity", {"charity_activities": activities}), objects)[1]
    assert "Relief" not in charity.profile


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, Status.ACTIVE),
        ({"charity_registration_status": "Removed"}, Status.REMOVED),
        ({"charity_insolvent": "True"}, Status.INSOLVENT),
        ({"charity_in_administration": "True"}, Status.INSOLVENT),
        ({"cio_is_dissolved": "True"}, Status.DISSOLVED),
        ({"charity_registration_status": ""}, Status.UNKNOWN),
    ],
)
def test_status(tmp_path: Path, fields: dict[str, str], status: Status) -> None:
    assert one(tmp_path, **fields).status is status


def test_a_missing_latest_income_comes_from_the_newest_annual_return(tmp_path: Path) -> None:
    returns = table(
        tmp_path,
        "charity_annual_return_parta",
        {"fin_period_end_date": "2024-03-31", "total_gross_income": "2000000"},
        {"fin_period_end_date": "2025-03-31", "total_gross_income": "30000"},
        {"fin_period_end_date": "2026-03-31", "total_gross_income": ""},
    )
    (charity,) = read(table(tmp_path, "charity", {}), returns)[1]
    assert (charity.income, charity.size) == (30_000.0, Size.MICRO)


def test_an_invalid_income_is_ignored_and_the_charity_kept(tmp_path: Path) -> None:
    tally, (charity,) = read(table(tmp_path, "charity", {"latest_income": "1e9999"}))
    assert (charity.income, charity.size) == (None, Size.UNKNOWN)
    assert list(tally.set_aside.values()) == [1]


def test_quotes_are_plain_characters_and_backslashes_escape(tmp_path: Path) -> None:
    charity = one(tmp_path, charity_name='The "Acorn\\" Trust')
    assert charity.name == 'The "Acorn" Trust'


def test_a_backslash_at_the_end_of_a_cell_does_not_escape_the_tab(tmp_path: Path) -> None:
    charity = one(tmp_path, charity_contact_web="acorn.example\\")
    assert charity.sites == (Site("WS1 1TP", Grade.CONTACT_ADDRESS),)
    assert charity.website == "acorn.example\\"


@pytest.mark.parametrize("broken", ["Meals at\r\nhome", "Meals at\nhome", "Meals at\r\n\r\nhome"])
def test_a_line_break_inside_a_cell_is_joined(tmp_path: Path, broken: str) -> None:
    tally, (charity, after) = read(
        table(tmp_path, "charity", {"charity_activities": broken}, {"organisation_number": "502"})
    )
    assert charity.profile == "Meals at home"
    assert after.profile == USUAL["charity_activities"]
    assert (tally.read, tally.set_aside) == (2, {})


def test_a_line_break_before_a_tab_is_joined(tmp_path: Path) -> None:
    charity = one(tmp_path, charity_name="Acorn Trust\r\n")
    assert charity.name == "Acorn Trust"


def test_side_tables_without_the_charities_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"publicextract\.charity is missing"):
        read(table(tmp_path, "charity_other_names", {}))


def test_a_renamed_column_is_named_in_the_refusal(tmp_path: Path) -> None:
    path = tmp_path / "charity.txt"
    header = "\t".join(COLUMNS["charity"]).replace("charity_activities", "activities")
    path.write_text(header + "\n")
    with pytest.raises(BadSource, match="no column 'charity_activities'"):
        read(path)


def test_a_bad_side_row_is_counted_and_its_charity_kept(tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    header = "\t".join(COLUMNS["charity_other_names"])
    good = f"{DAY}\t501\t1150079\t0\t1\tWorking name\tAcorn Meals"
    names.write_text(f"{header}\n{DAY}\t501\t1150079\n{good}\n")
    tally, (charity,) = read(table(tmp_path, "charity", {}), names)
    assert charity.aliases == ("Acorn Meals",)
    assert (tally.read, tally.kept) == (1, 1)
    assert tally.set_aside == {"wrong number of columns (in a side table)": 1}


@given(
    cells=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=4, max_size=4)
)
def test_escaped_cells_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    path = tmp_path_factory.mktemp("rows") / "t.txt"
    escaped = [cell.replace("\\", "\\\\") for cell in cells]
    path.write_text("\t".join(["a", "b", "c", "d", "e"]) + "\n" + "\t".join(["x", *escaped]) + "\n")
    ((_, row),) = extract_rows(TextFile(path), Tally("t"))
    assert list(row.values()) == ["x", *(cell.strip() for cell in cells)]


@needs_shared
def test_the_published_layout() -> None:
    tally, providers = read(SHARED / "fixtures" / "ccew")
    assert (tally.read, tally.kept) == (572, 200)
    assert tally.set_aside == {"linked charity: part of a main charity": 372}
    assert [p.status for p in providers].count(Status.REMOVED) == 78
    assert all(p.source.day == date(2023, 9, 7) for p in providers)
    assert sum(bool(p.tags) for p in providers) > 150
    assert sum(bool(p.areas) for p in providers) > 150


RECORD = {
    "date_of_extract": "2026-03-01T00:00:00",
    "organisation_number": 701,
    "registered_charity_number": 1190001,
    "linked_charity_number": 0,
    "charity_name": "Thornhill Community Choir",
    "charity_registration_status": "Registered",
    "latest_income": 12500.0,
    "charity_contact_postcode": "WS1 1TP",
    "charity_insolvent": False,
    "charity_activities": "Singing for people with dementia",
}


def as_json(folder: Path, name: str, *records: object, indent: int | None = None) -> Path:
    path = folder / f"publicextract.{name}.json"
    path.write_text("\ufeff" + json.dumps(list(records), indent=indent))
    return path


@pytest.mark.parametrize("indent", [None, 1])
def test_the_extract_in_json_is_read_like_the_tables(tmp_path: Path, indent: int | None) -> None:
    removed = RECORD | {"registered_charity_number": 1190002, "charity_insolvent": True}
    linked = RECORD | {"linked_charity_number": 3}
    labelled = {
        **{key: RECORD[key] for key in (*KEYS, "linked_charity_number")},
        "classification_description": "The Arts",
    }
    tally, (choir, insolvent) = read(
        as_json(tmp_path, "charity", RECORD, removed, linked, indent=indent),
        as_json(tmp_path, "charity_classification", labelled, indent=indent),
    )
    assert (choir.id, choir.name, choir.income) == (
        "GB-CHC-1190001",
        "Thornhill Community Choir",
        12_500,
    )
    assert (choir.status, choir.tags) == (Status.ACTIVE, ("The Arts",))
    assert choir.sites == (Site("WS1 1TP", Grade.CONTACT_ADDRESS),)
    assert insolvent.status is Status.INSOLVENT
    assert tally.set_aside == {"linked charity: part of a main charity": 1}


def test_other_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="not a charity register"):
        read(as_json(tmp_path, "charity", {"name": "x"}))
    with pytest.raises(BadSource, match="without a record"):
        read(as_json(tmp_path, "charity"))


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"charity_registration_status": "removed "}, Status.REMOVED),
        ({"charity_registration_status": "De-registered"}, Status.REMOVED),
        ({"charity_registration_status": "", "date_of_removal": "2020-01-01"}, Status.REMOVED),
        ({"charity_registration_status": "", "date_of_removal": "2199-01-01"}, Status.UNKNOWN),
        ({"cio_is_dissolved": "TRUE"}, Status.DISSOLVED),
        ({"charity_insolvent": "1"}, Status.INSOLVENT),
        # removed once, and registered again since
        ({"date_of_registration": "2024-01-01", "date_of_removal": "2020-01-01"}, Status.ACTIVE),
    ],
)
def test_status_in_other_wordings(tmp_path: Path, fields: dict[str, str], status: Status) -> None:
    assert one(tmp_path, **fields).status is status


@pytest.mark.parametrize("form", ["comma", "quoted tabs"])
def test_the_extract_saved_again_by_a_spreadsheet_is_read(tmp_path: Path, form: str) -> None:
    path = table(tmp_path, "charity", {**USUAL, "cio_is_dissolved": "TRUE"})
    lines = [line.split("\t") for line in TextFile(path, _member(path)).lines()]
    delimiter = "," if form == "comma" else "\t"
    saved = tmp_path / "saved.csv"
    saved.write_text(
        "\n".join(delimiter.join(f'"{cell.strip()}"' for cell in line) for line in lines)
    )
    tally, [charity] = read(saved)
    assert (charity.name, charity.status) == ("Acorn Trust", Status.DISSOLVED)
    assert not tally.set_aside


def _member(path: Path) -> str:
    if not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_the_extract_in_json_is_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "publicextract.charity.json"
    record = {**USUAL, "charity_name": "Caffè"}
    path.write_bytes(json.dumps([record], ensure_ascii=False).encode(encoding))
    assert [charity.name for charity in read(path)[1]] == ["Caffè"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_extract_written_as_a_text_of_json_is_read(tmp_path: Path, encoding: str) -> None:
    records = [
        {**USUAL, "registered_charity_number": f"11{n:05}", "charity_name": f'Caffè "{n}" \\'}
        for n in range(1_000)
    ]
    path = tmp_path / "publicextract.charity.json"
    text = json.dumps(json.dumps(records, ensure_ascii=False))
    path.write_text(text, encoding)
    assert [one.name for one in read(path)[1]] == [one["charity_name"] for one in records]
    path.write_text(text[:-40], encoding)
    with pytest.raises(BadSource, match="damaged or truncated"):
        read(path)


@pytest.mark.parametrize(
    ("broken", "count"),
    [
        ('{"date_of_extract": "2026-03-01", "charity_name": x}', 1),
        ("null", 1),
        ('"text"', 1),
        ("null, 3", 2),
    ],
)
def test_a_broken_record_of_the_extract_in_json_loses_no_other(
    tmp_path: Path, broken: str, count: int
) -> None:
    good = [{**USUAL, "registered_charity_number": f"115008{n}"} for n in range(2)]
    path = tmp_path / "publicextract.charity.json"
    path.write_text(f"[{json.dumps(good[0])},\n{broken},\n{json.dumps(good[1])}]")
    tally, found = read(path)
    assert [charity.id for charity in found] == ["GB-CHC-1150080", "GB-CHC-1150081"]
    assert tally.set_aside == {"record that is not JSON": count}


@pytest.mark.parametrize("indent", [None, 2])
def test_the_extract_in_json_may_have_its_records_under_numbers(
    tmp_path: Path, indent: int | None
) -> None:
    path = tmp_path / "publicextract.charity.json"
    many = {str(n): {**USUAL, "registered_charity_number": 1_150_000 + n} for n in range(2_000)}
    path.write_text(json.dumps(many, indent=indent))
    tally, found = read(path)
    assert len({charity.id for charity in found}) == tally.kept == 2_000
    assert tally.set_aside == {}


def test_numbers_with_a_fraction_and_half_an_emoji_are_read(tmp_path: Path) -> None:
    path = tmp_path / "publicextract.charity.json"
    numbers = {"registered_charity_number": 1150079.0, "linked_charity_number": 0.0}
    path.write_text(json.dumps([{**USUAL, **numbers, "charity_name": "Acorn \ud83d"}]))
    [charity] = read(path)[1]
    assert (charity.id, charity.name) == ("GB-CHC-1150079", "Acorn")


@pytest.mark.parametrize("before", ["", '"@odata.context": "x", "count": 2, '])
@pytest.mark.parametrize("after", ["", ', "Count": 2', ', "next": "https://x", "n": 2'])
def test_records_in_a_list_within_an_object_are_read(
    tmp_path: Path, before: str, after: str
) -> None:
    path = tmp_path / "publicextract.charity.json"
    other = {**USUAL, "registered_charity_number": "1150080"}
    path.write_text(f'{{{before}"value": [{json.dumps(USUAL)}, {json.dumps(other)}]{after}}}\n')
    assert [charity.id for charity in read(path)[1]] == ["GB-CHC-1150079", "GB-CHC-1150080"]


def test_json_with_the_values_of_each_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "publicextract.charity.json"
    path.write_text(json.dumps({name: {"0": value} for name, value in USUAL.items()}))
    with pytest.raises(BadSource, match="not a table of the extract"):
        read(path)


def test_a_web_page_is_no_register(tmp_path: Path) -> None:
    path = tmp_path / "publicextract.charity.json"
    path.write_text("<!DOCTYPE html><html><body>Not found</body></html>")
    with pytest.raises(BadSource, match="is a web page"):
        read(path)


def test_a_postcode_or_a_company_number_that_is_none_is_counted(tmp_path: Path) -> None:
    wrong = {"charity_contact_postcode": "Walsall", "charity_company_registration_number": "none 1"}
    tally, found = read(as_json(tmp_path, "charity", RECORD | wrong))
    assert (len(found), tally.set_aside) == (1, {NO_POSTCODE: 1, BAD_NUMBER: 1})


def test_signs_of_web_pages_are_read_in_what_a_charity_does(tmp_path: Path) -> None:
    activities = "We run a lunch club &amp; a food bank for the town&#39;s older people every day."
    said = {"charitable_objects": "Food &amp; fuel"}
    objects = table(tmp_path, "charity_governing_document", said)
    (charity,) = read(table(tmp_path, "charity", {"charity_activities": activities}), objects)[1]
    assert charity.profile == (
        "We run a lunch club & a food bank for the town's older people every day.\nFood & fuel"
    )
