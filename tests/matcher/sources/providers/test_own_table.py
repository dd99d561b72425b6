"""Your own table of providers."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from matcher.core.errors import BadSource
from matcher.core.types import FICTIONAL, Grade, Kind, Provider, Site, Size, Source, Status, Tally
from matcher.sources.formats.workbooks import HIDDEN
from matcher.sources.providers import own_rows, own_table
from tests.factory import SHARED, needs_shared, part_of


def read(path: Path) -> tuple[Tally, list[Provider]]:
    ((tally, records),) = own_table.read([path])
    return tally, list(records)


def from_csv(tmp_path: Path, text: str, name: str = "members.csv") -> Provider:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read(tmp_path / name)[1][0]


def from_json(tmp_path: Path, **fields: Any) -> Provider:
    path = tmp_path / "members.jsonl"
    path.write_text(json.dumps({"name": "Acorn Trust", **fields}) + "\n")
    return read(path)[1][0]


def test_every_column_of_a_csv(tmp_path: Path) -> None:
    provider = from_csv(
        tmp_path,
        "\ufeffID,Name,Kind,Activities,Objects,Tags,Postcode,Areas,Income,Status,Website,"
        "Aliases,Company Number,Charity_Number,Source date,Licence,Email,Contact name\n"
        "GB-CHC-1150079,Acorn  Trust,charity,Meals,Relief,food; older people,ws11tp;B1 1AA,"
        'Walsall;Local Authority: Kent,"£250,000",active,acorn.example,Acorn Meals,7633349,'
        "1150079,2026-02,CC0,a.persona@example.org,Ann Persona\n",
    )
    assert provider == Provider(
        id="GB-CHC-1150079",
        name="Acorn Trust",
        source=Source("members", date(2026, 2, 1), "CC0"),
        ids=("GB-COH-07633349",),
        aliases=("Acorn Meals",),
        kind=Kind.CHARITY,
        profile="Meals\nRelief",
        tags=("food", "older people"),
        sites=(Site("WS1 1TP", Grade.SELF_DECLARED), Site("B1 1AA", Grade.SELF_DECLARED)),
        areas=("Walsall", "Kent"),
        income=250_000.0,
        size=Size.SMALL,
        status=Status.ACTIVE,
        website="acorn.example",
    )


def test_a_company_number_stored_as_a_fraction_is_read(tmp_path: Path) -> None:
    assert from_json(tmp_path, company_id="GB-COH-2488821.0").ids == ("GB-COH-02488821",)
    assert from_json(tmp_path, company_number=2488821).ids == ("GB-COH-02488821",)


@pytest.mark.parametrize(
    ("word", "kind", "tags"),
    [
        ("Co-op", Kind.COOP, ()),
        ("community interest company", Kind.CIC, ()),
        ("care provider", Kind.UNKNOWN, ("care provider",)),
        ("supplier", Kind.UNKNOWN, ()),
        (None, Kind.UNKNOWN, ()),
    ],
)
def test_an_unknown_kind_becomes_a_label(
    tmp_path: Path, word: str | None, kind: Kind, tags: tuple[str, ...]
) -> None:
    provider = from_json(tmp_path, kind=word)
    assert (provider.kind, provider.tags) == (kind, tags)


def test_an_invalid_income_is_ignored_and_the_row_kept(tmp_path: Path) -> None:
    path = tmp_path / "members.jsonl"
    values = ["1e9999", "NaN", "Infinity", '"1e9999"', "12"]
    path.write_text("".join(f'{{"name": "A", "income": {value}}}\n' for value in values))
    tally, providers = read(path)
    assert [p.income for p in providers] == [None, None, None, None, 12.0]
    assert (tally.read, tally.kept, list(tally.set_aside.values())) == (5, 5, [3])


def test_rows_without_a_name_and_broken_lines_are_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "members.jsonl"
    path.write_text('{"name": "Acorn"}\n{"name": " "}\n{"name": \n[1]\n\n{"name": "Birch"}\n')
    tally, providers = read(path)
    assert [p.name for p in providers] == ["Acorn", "Birch"]
    assert (tally.read, tally.kept) == (5, 2)
    assert tally.set_aside == {"no name": 1, "is not JSON": 1, "record is not a JSON object": 1}


def test_a_table_without_a_column_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no column 'name'; it has 'Reference', 'Postcode'"):
        from_csv(tmp_path, "Reference,Postcode\nAcorn,WS1 1TP\n")


def test_personal_columns_are_never_read(tmp_path: Path) -> None:
    personal = {"email": "a@example.org", "phone": "01234", "contact_name": "Ann Persona"}
    text = repr(from_json(tmp_path, **personal))
    assert not any(value in text for value in personal.values())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)
NAMES = "name id ids kind profile tags postcode areas income size status source_date"


@settings(max_examples=30)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(NAMES.split()), JSON, min_size=1), min_size=1, max_size=3
    )
)
def test_any_json_rows_are_kept_or_set_aside(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "members.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    tally, providers = read(path)
    assert tally.read == len(records)
    assert tally.read == tally.kept + tally.set_aside.get("no name", 0)
    assert len(providers) == tally.kept
    assert all(p.name and p.id for p in providers)


@needs_shared
@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("providers/provider-profiles.jsonl.gz", 21_609 // 40),
        ("awards/suppliers-to-2022-09.jsonl.gz", 26_804 // 40),
    ],
)
def test_every_fortieth_row_of_the_reference_tables_loads_as_it_is(
    tmp_path: Path, file: str, rows: int
) -> None:
    tally, providers = read(part_of(SHARED / file, tmp_path, 39, None, 40))
    assert (tally.read, tally.kept) == (rows, rows)
    assert all("its rows are kept" in reason for reason in tally.set_aside)
    assert len({p.id for p in providers}) == rows


@pytest.mark.parametrize(
    "header",
    [
        "Provider Name,Post-Code,Registered Charity No.,Companies House No",
        "ORGANISATION,POST CODE,CharityNumber,Company Registration Number",
        "Recipient Org:Name,Recipient Org:Postal Code,Recipient Org:Charity Number,CRN",
        "name ,Zip/Postcode,Charity Reg No,Company_ID",
        "Supplier,Registered office: postcode,Charity no,Company No (if any)",
    ],
)
def test_columns_are_known_by_what_their_headers_mean(tmp_path: Path, header: str) -> None:
    found = from_csv(tmp_path, f"{header}\nAcorn Bakery,WS1 1TP,1150079.0,1234567\n")
    assert (found.name, found.sites[0].postcode) == ("Acorn Bakery", "WS1 1TP")
    assert set(found.ids) == {"GB-CHC-1150079", "GB-COH-01234567"}


def test_columns_that_are_not_used_are_named(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text("Organisation,Name,Fax,Notes\nx,Acorn,0,new\n")
    tally, [found] = read(path)
    assert found.name == "Acorn"
    assert tally.set_aside == {"column not used (its rows are kept)": 3}
    assert list(tally.examples.values()) == ["Organisation, Fax, Notes"]


@pytest.mark.parametrize(
    "header", ["Charity #", "Registered Charity No:", "Charity Reg. No. (if any)", "charityNumber"]
)
def test_a_charity_number_is_known_by_many_headers(tmp_path: Path, header: str) -> None:
    assert from_csv(tmp_path, f"Name,{header}\nOak Meals,1150079\n").ids == ("GB-CHC-1150079",)


@pytest.mark.parametrize(
    "header", ["Charity/Company No", "Company or charity number", "Charity / company reg no"]
)
def test_a_number_that_may_be_of_either_register_is_not_used(tmp_path: Path, header: str) -> None:
    path = tmp_path / "members.csv"
    path.write_text(f"Name,{header}\nOak Meals,1150079\n")
    tally, [found] = read(path)
    assert found.ids == ()
    assert list(tally.examples.values()) == [header]


@pytest.mark.parametrize(
    "header",
    [
        "Côd Post",
        "Cod post",
        "P/code",
        "Post_Code__c",
        "Post code - main site",
        "Where is it based? (postcode)",
    ],
)
def test_a_postcode_is_known_by_more_headers(tmp_path: Path, header: str) -> None:
    assert from_csv(tmp_path, f"Name,{header}\nOak Meals,WS1 1TP\n").sites[0].postcode == "WS1 1TP"


@pytest.mark.parametrize(
    "header", ["Delivery postcode", "Post code of delivery", "Catchment postcode"]
)
def test_a_postcode_of_delivery_is_not_the_organisations_own(tmp_path: Path, header: str) -> None:
    assert from_csv(tmp_path, f"Name,{header}\nOak Meals,WS1 1TP\n").sites == ()


def test_a_number_in_a_files_name_is_no_year_long_ago(tmp_path: Path) -> None:
    provider = from_csv(tmp_path, "name\nOak Meals\n", "members-1252.csv")
    assert provider.source.day is None


def test_a_row_of_totals_is_no_provider(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text("name,income\nOak Meals,5000\nTotal,5000\n", encoding="utf-8")
    tally, providers = read(path)
    assert [provider.name for provider in providers] == ["Oak Meals"]
    assert tally.set_aside["row of totals"] == 1


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_array_is_a_table(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "members.json"
    rows = [{"name": "Oak Meals", "Post Code": "WS1 1TP"}, "not a row", {"name": "Elm Meals"}]
    path.write_text(json.dumps(rows, indent=indent), encoding="utf-8")
    tally, providers = read(path)
    assert [provider.name for provider in providers] == ["Oak Meals", "Elm Meals"]
    assert providers[0].sites[0].postcode == "WS1 1TP"
    assert tally.read == 3


def table(tmp_path: Path, text: str | bytes, name: str = "members.csv") -> tuple[Tally, list[str]]:
    content = text.encode() if isinstance(text, str) else text
    (tmp_path / name).write_bytes(content)
    tally, providers = read(tmp_path / name)
    return tally, [provider.name for provider in providers]


@pytest.mark.parametrize(
    ("headers", "cells", "status"),
    [
        ("Status,Company status", "Active,Dissolved", Status.DISSOLVED),
        ("Status,Company status", "Active,", Status.ACTIVE),
        ("Date removed", "2020-03-01", Status.REMOVED),
        ("Date of dissolution", "43862", Status.REMOVED),
        ("Closed on", "", Status.UNKNOWN),
        ("Closed on", "n/a", Status.UNKNOWN),
        ("Dissolved", "No", Status.UNKNOWN),
        ("Dissolved", "Yes", Status.REMOVED),
        ("Active?", "N", Status.REMOVED),
        ("Active?", "Yes", Status.ACTIVE),
        ("Active?,Ceased date", "Yes,01/02/2020", Status.REMOVED),
    ],
)
def test_a_provider_is_gone_where_any_column_says_so(
    tmp_path: Path, headers: str, cells: str, status: Status
) -> None:
    assert from_csv(tmp_path, f"Name,{headers}\nOak Meals,{cells}\n").status is status


def test_a_status_in_json_may_be_a_list_or_true_or_false(tmp_path: Path) -> None:
    assert from_json(tmp_path, status=["active", "dissolved"]).status is Status.DISSOLVED
    assert from_json(tmp_path, active=False).status is Status.REMOVED
    assert from_json(tmp_path, active=True).status is Status.ACTIVE


@pytest.mark.parametrize(
    ("headers", "cells", "postcodes"),
    [
        ("Postcode", "WS1 ITP", ["WS1 1TP"]),
        ("Postcode", "b1 Oaa", ["B1 0AA"]),
        ("Postcode", '"WS1 1TP, WS2 8RR"', ["WS1 1TP", "WS2 8RR"]),
        ("Postcode", '"1 High Street\nWalsall WS1 1TP"', ["WS1 1TP"]),
        ("Postcode 1,Postcode 2", "WS1,1TP", ["WS1 1TP"]),
        ("Outward code,Inward code", "WS1,1TP", ["WS1 1TP"]),
        ("Postcode,,Fax", "WS1,1TP,0", ["WS1 1TP"]),
        ("Postcode,,Fax", "WS1 1TP,note,0", ["WS1 1TP"]),
        ("Address", '"1 High Street, Walsall, WS1 1TP"', ["WS1 1TP"]),
        ("Address,Postcode", '"2 Hill, WS2 8RR",WS1 1TP', ["WS1 1TP"]),
        ("Address", '"WS1 1TP, Unit B2 1st floor"', ["WS1 1TP"]),
        ("Address", '"Hall, B1 1AA, c/o 1 High Street, WS1 1TP"', ["WS1 1TP"]),
    ],
)
def test_a_postcode_is_found_however_it_is_written(
    tmp_path: Path, headers: str, cells: str, postcodes: list[str]
) -> None:
    provider = from_csv(tmp_path, f"Name,{headers}\nOak Meals,{cells}\n")
    assert [site.postcode for site in provider.sites] == postcodes
    assert "High Street" not in repr(provider)


@pytest.mark.parametrize("cell", ["'1150079", '"=""1150079"""', "１１５００７９"])
def test_a_number_that_a_spreadsheet_holds_as_text_is_read(tmp_path: Path, cell: str) -> None:
    provider = from_csv(tmp_path, f"Name,Charity number\nOak Meals,{cell}\n")
    assert provider.ids == ("GB-CHC-1150079",)


@pytest.mark.parametrize("cell", ["1150079 / SC012345", "SC012345 and 1150079", "1150079;SC12345"])
def test_each_number_of_a_cell_is_read(tmp_path: Path, cell: str) -> None:
    provider = from_csv(tmp_path, f"Name,Charity number\nOak Meals,{cell}\n")
    assert sorted(provider.ids) == ["GB-CHC-1150079", "GB-SC-SC012345"]


def test_signs_that_are_not_seen_are_left_out(tmp_path: Path) -> None:
    provider = from_csv(tmp_path, "name,description\nOa\u200bk,Meals_x000D_\n")
    assert (provider.name, provider.profile) == ("Oak", "Meals")
    assert from_json(tmp_path, description="Meals \ud83d\x00").profile == "Meals"


_TWO = [{"name": "Oak"}, {"name": "Elm"}]
JSON_FORMS = {
    "written as a text": json.dumps(json.dumps(_TWO)),
    "written as a text, spread": json.dumps(json.dumps(_TWO, indent=1)),
    "texts in a list": json.dumps([json.dumps(one) for one in _TWO]),
    "a text in an answer": json.dumps({"StatusCode": 200, "data": json.dumps(_TWO)}),
    "commas": '[{"name": "Oak",}, {"name": "Elm"},]',
    "one a line": '[\n{"name": "Oak"},\n{"name": "Elm"},\n]',
    "joined": '{"name": "Oak"}{"name": "Elm"}',
    "joined arrays": '[{"name": "Oak"}]\n[{"name": "Elm"}]',
    "joined and spread": '{\n "name": "Oak"\n}\n{\n "name": "Elm"\n}\n',
    "lines with commas": '{"name": "Oak"},\n{"name": "Elm"},\n',
    "lines with marks": '\ufeff{"name": "Oak"}\n\ufeff{"name": "Elm"}\n',
    "record separators": '\x1e{"name": "Oak"}\n\x1e{"name": "Elm"}\n',
    "a page": '{"page": 1, "providers": [{"name": "Oak"}, {"name": "Elm"}]}',
    "a page, spread": '{"data":\n[{"name": "Oak"},\n{"name": "Elm"}]}',
    "blank lines": '\n\n[ {"name": "Oak"},\n{"name": "Elm"}]',
    "a tab": '{"name": "Oak", "description": "a\tb"}\n{"name": "Elm"}\n',
}


@pytest.mark.parametrize(
    ("form", "encoding"),
    [
        *((form, "utf-8") for form in JSON_FORMS),
        *(("one a line", encoding) for encoding in ("utf-16", "utf-16-le", "utf-16-be")),
        *(("lines with marks", encoding) for encoding in ("utf-16-le", "utf-16-be")),
    ],
)
def test_json_is_read_in_every_form_that_programs_write(
    tmp_path: Path, form: str, encoding: str
) -> None:
    tally, names = table(tmp_path, JSON_FORMS[form].encode(encoding), "members.json")
    assert names == ["Oak", "Elm"]
    assert tally.read == 2


@pytest.mark.parametrize(
    "text",
    [
        '[\n{"name": "Oak"},\n{"name": "Ash" "x": 1},\n{"name": "Elm"}\n]',
        '[\n {\n  "name": "Oak"\n },\n {\n  "name": "Ash"\n  "x": [1]\n },\n'
        ' {\n  "name": "Elm"\n }\n]',
        '[{"name": "Oak"}, {"name": "Elm"}, {"na',
    ],
)
def test_a_broken_record_of_an_array_loses_no_other(tmp_path: Path, text: str) -> None:
    tally, names = table(tmp_path, text, "members.json")
    assert names == ["Oak", "Elm"]
    assert tally.set_aside == {"is not JSON": 1}


def test_a_web_page_and_an_old_workbook_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="is a web page, not a table"):
        table(tmp_path, "<html><table><tr><td>name</td></tr></table></html>")
    with pytest.raises(BadSource, match=r"document and no spreadsheet .*; save the table as CSV"):
        table(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "members.xls")


def test_numbers_of_rows_are_no_ids_of_organisations(tmp_path: Path) -> None:
    ids = []
    for name in ("Oak Meals", "Birch Taxis"):
        (tmp_path / "members.csv").write_text(f"ID,Name,Postcode\n1,{name},WS1 1TP\n")
        tally, [provider] = read(tmp_path / "members.csv")
        ids.append(provider.id)
        assert list(tally.set_aside.values()) == [1]
    assert len(set(ids)) == 2
    assert from_json(tmp_path, id="member-1").id == "member-1"


def test_one_number_of_two_tables_is_one_organisation_only_in_one_place(tmp_path: Path) -> None:
    def made(row: str) -> str:
        return from_csv(tmp_path, f"ID,Name,Area\n{row}\n").id

    assert made("4,Tots Club,Dudley") == made("4.0,TOTS CLUB,Dudley")
    assert made("4,Tots Club,Dudley") != made("4,Tots Club,Sandwell")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "", "postcode": "DY1 1HF", "contacts": [{"name": "Ann Persona"}]}',
        '{"title": "Dunlin Arts", "contacts": [{"name": "Ann Persona", "email": "a@b.example"}]}',
        '{"title": "Dunlin Arts", "members": [{"name": "Ann Persona"}]}',
        '{"reference": 4, "trustees": [{"name": "Ann Persona"}]}',
        '{"name": null, "results": [{"name": "Ann Persona"}]}',
    ],
)
def test_people_in_a_record_are_no_organisations(tmp_path: Path, text: str) -> None:
    tally, names = table(tmp_path, text, "members.jsonl")
    assert (names, tally.set_aside["no name"]) == ([], 1)


@pytest.mark.parametrize(
    "text",
    [
        '{"contacts": [{"name": "Ann Persona"}], "providers": [{"name": "Dunlin"}]}',
        '{"meta": [{"x": 1}], "Organisations": [{"name": "Dunlin"}]}',
        '{"status": "ok", "licence": "CC0", "data": [{"name": "Dunlin"}]}',
        '{"count": 1, "members": [{"name": "Dunlin"}]}',
        '{"results": [{"name": "Dunlin"}], "people": [{"name": "Ann Persona"}]}',
    ],
)
def test_the_records_of_a_page_are_those_under_a_usual_key(tmp_path: Path, text: str) -> None:
    assert table(tmp_path, text, "members.json")[1] == ["Dunlin"]


@pytest.mark.parametrize(
    "cell",
    [
        *("Not closed", "Never", "no.", "no (active)", "Still trading", "Unknown", "0.0", "0"),
        *("00/00/0000", "31/12/9999", "01/02/2150", "Sundays", "N", "✗", "No data", "Active"),
        *("Open-ended", "00/01/1900", "1900-01-00", "01/01/1900", "01/01/0001", "0001-01-01"),
        *("30/12/1899", "1900-01-01 00:00:00", "00-Jan-00", "1753-01-01", "49990", "49990.0"),
    ],
)
def test_one_that_did_not_end_is_not_gone(tmp_path: Path, cell: str) -> None:
    for header in ("Closed", "Date of dissolution", "Removed from list?", "End date"):
        assert from_csv(tmp_path, f"Name,{header}\nOak Meals,{cell}\n").status.may_rank


ENDED = (
    *("Yes", "y", "TRUE", "1", "1.0", "-1", "✓", "Yes (2019)", "03/04/2018", "3.4.18", "43862"),
    *("20180403", "2018-04-03 00:00:00", "April 2018", "Closed", "Dissolved by members"),
    *("03-Apr-18", "3 Apr 18", "3 Apr 98", "Apr-18", "3rd April 2018", "2018/04/03", "04/2018"),
    *("on 03/04/18", "31/06/2018", "31 June 18", "00/06/2018", "2018-06-00"),
)
ENDS = (
    *("Removed from list?", "Removed from register", "Date of closing", "End date"),
    *("Date ended", "Struck off the register"),
)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        *(("Closed", cell) for cell in ENDED),
        *((header, cell) for header in ENDS for cell in ("Yes", "03/04/2018", "43862")),
    ],
)
def test_one_that_ended_is_gone(tmp_path: Path, header: str, cell: str) -> None:
    assert not from_csv(tmp_path, f"Name,{header}\nOak Meals,{cell}\n").status.may_rank


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        *((no, Status.REMOVED) for no in ("0.0", "No.", "f", "✗", "no - closed", "N (moved)")),
        *((yes, Status.ACTIVE) for yes in ("1.0", "Yes.", "t", "✔", "-1", "Yes, since 2010")),
        *((other, Status.UNKNOWN) for other in ("no data", "perhaps", "7")),
        *((other, Status.UNKNOWN) for other in ("N/K", "n/r", "N-A", "N / A", "N.K.", "Not sure")),
        *((other, Status.UNKNOWN) for other in ("Not stated", "Not yet known", "No website")),
        *((no, Status.REMOVED) for no in ("Not", "N - moved", "No longer", "Not any more")),
        *((yes, Status.REMOVED) for yes in ("Yes until March 2020", "Yes (until 2020)")),
        ("Yes - but closed Mondays", Status.ACTIVE),
        ("Yes until 2190", Status.ACTIVE),
        ("Yes but dissolved", Status.DISSOLVED),
    ],
)
def test_an_answer_to_whether_one_is_active(tmp_path: Path, cell: str, status: Status) -> None:
    said = from_csv(tmp_path, f'Name,Active?\nOak Meals,"{cell}"\n').status
    assert said.may_rank is status.may_rank
    assert said is status or not said.may_rank


@pytest.mark.parametrize(
    ("name", "others"),
    [
        *((name, ",,") for name in ("Number 12", "Sum Group", "Total Group", "End Group")),
        *((name, ",,") for name in ("Key 5 Life", "Data for Good 3", "Page 2 Books", "*Star Arts")),
        *((name, ",,") for name in ("Source 3 Sea CIC", "Key Stage 2 Nursery", "Total Care")),
        *(("Total", others) for others in (",Dudley,", ",,https://total.example")),
        *(("Source: Arts", others) for others in ("GB-CHC-1150079,,", ",Dudley,")),
    ],
)
def test_a_provider_with_an_odd_name_is_kept(tmp_path: Path, name: str, others: str) -> None:
    _, names = table(tmp_path, f"Name,id,areas,Fax\n{name},{others}\n")
    assert names == [name]


@pytest.mark.parametrize(
    "name",
    [
        *("Total", "TOTALS:", "Grand total", "Total: 31", "Total (31 members)", "Sub-total"),
        *("Total number of organisations", "Count: 31", "Last updated 3 March 2024", "Page 1 of 3"),
        *("Figures as at 31/03/2024", "Note: some are new", "© Dudley 2024", "* see the key"),
        *("Contact: the directory team", "Prepared by: Place Team", "Version: 4"),
    ],
)
def test_totals_and_footnotes_without_other_words_are_set_aside(tmp_path: Path, name: str) -> None:
    tally, names = table(tmp_path, f'Name,Income,Fax\nOak Meals,31,\n"{name}",31,\n')
    assert names == ["Oak Meals"]
    assert sum(tally.set_aside[each] for each in tally.set_aside if "column" not in each) == 1


@pytest.mark.parametrize("number", ["235098/23", "1150079 / 1", "1150079/1, 235098/23"])
def test_a_linked_charity_has_not_the_number_of_the_other(tmp_path: Path, number: str) -> None:
    (tmp_path / "members.csv").write_text(f'Name,Charity number\nOak Meals,"{number}"\n')
    tally, [provider] = read(tmp_path / "members.csv")
    assert provider.ids == ()
    assert tally.set_aside == {"number that is not valid (its rows are kept)": 1}


@pytest.mark.parametrize(("cell", "fictional"), [("yes", True), ("TRUE", True), ("no", False)])
def test_a_row_may_say_that_it_is_fictional(tmp_path: Path, cell: str, fictional: bool) -> None:
    provider = from_csv(tmp_path, f"Name,Fictional\nOak Meals,{cell}\n")
    assert provider.source.name.endswith(FICTIONAL) is fictional


def test_several_incomes_are_not_joined_to_one(tmp_path: Path) -> None:
    assert from_json(tmp_path, income=[150, 200]).income is None
    assert from_json(tmp_path, income=[150]).income == 150


@pytest.mark.parametrize(
    "line",
    [
        *("Average,,1200", "Mean,,1200", "Total no. of providers: 2,,", "Maximum,,4000"),
        *("OFFICIAL-SENSITIVE,,", "Official - Sensitive,,", "Not protectively marked,,"),
        *("For further information see the intranet,,", "With any queries ask the team,,"),
    ],
)
def test_a_line_about_the_table_is_no_provider(tmp_path: Path, line: str) -> None:
    path = tmp_path / "members.csv"
    path.write_text(f"name,postcode,income\nAcorn Trust,WS1 1AD,1200\n{line}\n")
    assert [provider.name for provider in read(path)[1]] == ["Acorn Trust"]


def test_a_table_below_another_is_read_by_its_own_header(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text(
        "Name,Postcode,Services\nAcorn Trust,WS1 1AD,Meals\n,,\n"
        "Charity no,Organisation,Post code\n1180041,Plover Club,WS2 8RR\n"
    )
    tally, found = read(path)
    assert [(one.name, one.sites[0].postcode, one.ids) for one in found] == [
        ("Acorn Trust", "WS1 1AD", ()),
        ("Plover Club", "WS2 8RR", ("GB-CHC-1180041",)),
    ]
    assert sum(tally.set_aside.values()) == 1


def test_a_record_with_a_word_of_a_header_is_a_record(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text("Name,Type,Postcode\nAcorn,Charity,WS1 1AD\nVendor,Company,WS2 8RR\n")
    assert [provider.name for provider in read(path)[1]] == ["Acorn", "Vendor"]


def test_a_mark_that_was_read_as_windows_1252_is_left_out(tmp_path: Path) -> None:
    assert from_csv(tmp_path, "\u00ef\u00bb\u00bfname,postcode\nAcorn,WS1 1AD\n").name == "Acorn"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda rows: {"value": rows, "Count": len(rows)},
        lambda rows: {"@odata.context": "https://invented.example/$metadata", "value": rows},
        lambda rows: {"success": True, "result": {"records": rows, "total": len(rows)}},
        lambda rows: {"d": {"results": rows}},
        lambda rows: {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": row} for row in rows],
        },
        lambda rows: {"records": [{"id": "rec1", "fields": row} for row in rows]},
        lambda rows: {"features": [{"attributes": row} for row in rows]},
        lambda rows: [{"organisation": row} for row in rows],
    ],
)
def test_records_are_found_in_every_wrapping(tmp_path: Path, wrap: Any) -> None:
    path = tmp_path / "members.json"
    rows = [{"name": "Acorn Trust", "postcode": "WS1 1AD"}, {"name": "Plover Club"}]
    path.write_bytes(json.dumps(wrap(rows)).encode("utf-16"))
    assert [provider.name for provider in read(path)[1]] == ["Acorn Trust", "Plover Club"]


def test_the_postcode_of_an_address_in_parts_is_read(tmp_path: Path) -> None:
    parts = {"line1": "1 Invented Street", "line2": None, "postcode": "ws1 1ad"}
    assert [site.postcode for site in from_json(tmp_path, address=parts).sites] == ["WS1 1AD"]


@pytest.mark.parametrize(
    "header",
    [
        "ID,Email,Name,What is the name of your organisation?,What is your postcode?",
        "ID,Email,Name,Organisation name,Postcode",
        "ID,Email,Your name,Name of your organisation,Post code",
    ],
)
def test_the_name_of_the_person_who_filled_in_a_form_is_not_the_providers(
    tmp_path: Path, header: str
) -> None:
    text = f"{header}\n1,anonymous,Ann Persona,Plover Club,WS1 1AD\n"
    provider = from_csv(tmp_path, text)
    assert (provider.name, provider.sites[0].postcode) == ("Plover Club", "WS1 1AD")
    assert "Persona" not in repr(provider)


@pytest.mark.parametrize(
    "name",
    [
        *("Plover Club (CLOSED)", "Plover Club - now closed", "Plover Club [ceased trading]"),
        *("Plover Club (dissolved June 2024)", "Plover Club – in liquidation"),
        *("Plover Club *closed*", "Plover Club (no longer operating)", "Plover Club - shut 2023"),
        *(
            "Plover Club CLOSED",
            "Plover Club REMOVED",
            "Plover Club (archived)",
            "Plover Club (Inactive)",
        ),
        *("CLOSED - Plover Club", "[INACTIVE] Plover Club", "*closed* Plover Club"),
        *("Plover Club (not active)", "Plover Club (stopped trading)", "Plover (liquidation)"),
        *("Plover Club (merged with Dunlin Arts)", "Plover Club - merged into Dunlin"),
    ],
)
def test_one_whose_name_says_that_it_is_gone_does_not_rank(tmp_path: Path, name: str) -> None:
    provider = from_csv(tmp_path, f'name,postcode,status\n"{name}",WS1 1AD,Active\n')
    assert not provider.status.may_rank


@pytest.mark.parametrize(
    "name",
    [
        *("Closed - Loop Plover", "REMOVED Goods Plover"),
        *("Closed Loop Recycling", "Plover (Removals) Ltd", "Plover - Closed Circuit Cameras"),
        *("Plover (Administration)", "The Shut Inn", "Plover - Liquidation Stock Sales"),
        *(
            "The Archive Trust",
            "Left Bank Plover",
            "Plover (Merged Minds) CIC",
            "Never Closed",
            "JUNK REMOVED",
        ),
    ],
)
def test_a_name_with_such_a_word_in_it_says_nothing(tmp_path: Path, name: str) -> None:
    provider = from_csv(tmp_path, f'name,postcode,status\n"{name}",WS1 1AD,Active\n')
    assert provider.status is Status.ACTIVE


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("title", ["", '"Members, June 2026"\n'])
@pytest.mark.parametrize("trailing", [0, 2])
def test_a_table_with_each_row_in_quotes_as_a_whole_is_read(
    tmp_path: Path, title: str, delimiter: str, trailing: int
) -> None:
    def written(*cells: str) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="").writerow(cells)
        return out.getvalue()

    rows = [written("Name", "Postcode", "Services")]
    rows += [written("Plover Club", "WS1 1AD", "Hot, fresh; daily"), written("Acorn", "", "")]
    quoted = ('"' + row.replace('"', '""') + '"' + delimiter * trailing for row in rows)
    path = tmp_path / "members.csv"
    path.write_text(title + "".join(f"{line}\n" for line in quoted))
    found = read(path)[1]
    assert [(one.name, len(one.sites)) for one in found] == [("Plover Club", 1), ("Acorn", 0)]
    assert found[0].profile == "Hot, fresh; daily"


@pytest.mark.parametrize(
    ("header", "gone", "there"),
    [
        ("Insolvent", "Yes", "No"),
        ("charity_in_administration", "True", "False"),
        ("In liquidation?", "Y", "N"),
        ("Is deleted", "1", "0"),
        ("Archived", "TRUE", "FALSE"),
        ("Suspended on", "14/06/2024", ""),
        ("Reason for removal", "Amalgamated", "N/A"),
        ("Live?", "No", "Yes"),
        ("Current", "n", "y"),
        ("Is open", "no", "yes"),
        ("Operating status", "Ceased", "Trading"),
        ("Status at Companies House", "Liquidation", "Active"),
        ("Org status", "Closed", "Open"),
        ("Open / closed", "Closed", "Open"),
        ("Date left", "14/06/2024", ""),
        ("Leaving date", "14/06/2024", "00/01/1900"),
        ("Inactive since", "2021", ""),
        ("No longer active", "Yes", "No"),
        ("No longer operating?", "x", ""),
        ("Gone?", "Y", "N"),
        ("Wedi cau", "Yes", "No"),
        ("Dyddiad cau", "14/06/2024", ""),
        ("Statws", "Wedi cau", "Gweithredol"),
        ("State", "Dissolved", "West Midlands"),
    ],
)
def test_every_column_that_may_say_gone_is_read(
    tmp_path: Path, header: str, gone: str, there: str
) -> None:
    text = f'name,postcode,"{header}"\nPlover Club,WS1 1AD,'
    assert not from_csv(tmp_path, f"{text}{gone}\n").status.may_rank
    assert from_csv(tmp_path, f"{text}{there}\n").status.may_rank


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Membership status", "Lapsed"),
        ("Application status", "Withdrawn"),
        ("Contract end date", "2020-01-01"),
        ("Opening hours", "Closed on Mondays"),
        ("VAT status", "Deregistered"),
    ],
)
def test_a_column_about_something_else_says_nothing_of_the_provider(
    tmp_path: Path, header: str, words: str
) -> None:
    provider = from_csv(tmp_path, f"name,postcode,{header}\nPlover Club,WS1 1AD,{words}\n")
    assert provider.status is Status.UNKNOWN


@pytest.mark.parametrize(
    "header",
    [
        "Provider,Post,Charity,What they\nname,code,number,do",
        "Organisation,Registered,,\nname,post code,charity number,profile",
        "Organisation:,Walsall Council\nDate:,1 March\nOrganisation,Post code,Charity no,Profile",
        "Name,Post code,Charity number,About\nText,Text,Number,(optional)",
        "Name,Post code,Charity number,About\ne.g. Anytown Club,AB1 2CD,1234567,Meals",
    ],
)
def test_a_header_is_found_in_two_rows_below_labels_and_above_hints(
    tmp_path: Path, header: str
) -> None:
    path = tmp_path / "members.csv"
    path.write_text(f"{header}\nPlover Club,WS1 1AD,1150079,Hot meals\n")
    [found] = read(path)[1]
    assert (found.name, found.profile, found.ids) == (
        "Plover Club",
        "Hot meals",
        ("GB-CHC-1150079",),
    )
    assert [site.postcode for site in found.sites] == ["WS1 1AD"]


def test_a_second_column_for_names_is_a_persons(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    rows = ["Plover Club,WS1 1AD,Ann Persona", "Name,Postcode,Name", ",WS1 1AE,Lee Persona"]
    path.write_text("\n".join(["Name,Postcode,Name", *rows]))
    tally, found = read(path)
    assert tally.set_aside["column 'Name' is there twice (the first one is read)"] == 1
    assert tally.set_aside["header once more"] == 1
    assert "Persona" not in repr(found)
    assert tally.set_aside["no name"] == 1


def test_subtotals_and_lines_about_the_report_are_no_providers(tmp_path: Path) -> None:
    rows = [
        "Plover Club,5",
        "Plover Club Total,5",
        "Total Plover,6",
        "Grand Total,11",
        "2 records,",
    ]
    rows += ["Rows returned: 2,", "Report run 03/03/2026 09:14,", "Applied filters: Ward is Dale,"]
    path = tmp_path / "members.csv"
    path.write_text("\n".join(["Name,Income", *rows]))
    tally, found = read(path)
    assert [one.name for one in found] == ["Plover Club", "Total Plover"]
    assert tally.set_aside == {"row of totals": 4, "footnote": 2}


@pytest.mark.parametrize(
    "cell",
    [
        "Plover &amp; Dunlin",
        '"<a href=""https://plover.example"">Plover & Dunlin</a>"',
        '"=HYPERLINK(""https://plover.example"",""Plover & Dunlin"")"',
        "“Plover & Dunlin”",
    ],
)
def test_a_name_is_read_as_it_is_shown(tmp_path: Path, cell: str) -> None:
    assert from_csv(tmp_path, f"Name,Postcode\n{cell},WS1 1AD\n").name == "Plover & Dunlin"


def test_a_day_that_a_narrow_column_hid_has_come(tmp_path: Path) -> None:
    text = "Name,Date closed\nPlover Club,{}\n"
    assert not from_csv(tmp_path, text.format("########")).status.may_rank
    assert from_csv(tmp_path, text.format("")).status.may_rank


def test_the_recipients_of_grants_in_json_are_read(tmp_path: Path) -> None:
    grant = {
        "id": "grant-1",
        "title": "Lunch",
        "recipientOrganization": [
            {"id": "GB-CHC-1150079", "name": "Plover", "postalCode": "WS1 1AD"}
        ],
        "fundingOrganization": [{"id": "GB-LAE-DAL", "name": "Dale Council"}],
    }
    path = tmp_path / "grants.json"
    path.write_text(json.dumps({"grants": [grant]}))
    [found] = read(path)[1]
    assert (found.id, found.name, len(found.sites)) == ("GB-CHC-1150079", "Plover", 1)


# --- spreadsheets ---


def workbook(path: Path, *sheets: list[list[object]]) -> Path:
    book = Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet(f"Sheet {number + 1}")
        assert sheet is not None
        for at, row in enumerate(rows, 1):
            for column, cell in enumerate(row, 1):
                sheet.cell(at, column, cell)
    book.save(path)
    return path


GROUPS: list[list[object]] = [
    ["Name", "Charity No", "Post Code", "Date closed"],
    ["Acorn Trust", 1150079, "WS1 1TP", None],
    ["Dunlin Arts", 1150080.0, "WS2 8RR", date(2020, 3, 1)],
]


def test_every_sheet_with_names_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    notes: list[list[object]] = [["Please read", ""], ["Ask the team", "weekly"]]
    more: list[list[object]] = [[], ["Members of 2026"], [], ["Organisation"], ["Moss Choir"]]
    path = workbook(tmp_path / "groups.xlsx", notes, GROUPS, more)
    found = [(tally, [one.name for one in feed]) for tally, feed in own_table.read([path])]
    assert [names for _, names in found] == [["Acorn Trust", "Dunlin Arts"], ["Moss Choir"]]
    assert [tally.source for tally, _ in found] == ["groups Sheet 2", "groups Sheet 3"]
    assert found[0][0].examples["sheet without a column of names"] == "groups Sheet"


def test_a_workbook_without_names_is_refused_with_its_sheets(tmp_path: Path) -> None:
    path = workbook(tmp_path / "groups.xlsx", [["Fax", "Colour"], ["1", "red"]])
    with pytest.raises(
        BadSource, match=r"groups\.xlsx: no sheet has a column .* sheets are 'Sheet'"
    ):
        read(path)
    with pytest.raises(BadSource, match="none that has a cell"):
        read(workbook(tmp_path / "groups.xlsx", []))


def test_a_workbook_is_known_by_its_content_and_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    workbook(folder / "b.xlsx", GROUPS).rename(folder / "b.dat")
    workbook(folder / "a.xlsx", GROUPS)
    (folder / "c.csv").write_text("name\nMoss Choir\n")
    (folder / "d.pdf").write_bytes(b"%PDF")
    names = [[one.name for one in feed] for _, feed in own_table.read([folder])]
    assert names == [["Acorn Trust", "Dunlin Arts"]] * 2 + [["Moss Choir"]]


# --- headings of sections ---

HEADING = "heading of a section"
TWO_SECTIONS = """name,postcode,profile
Early years,,
Acorn Nursery,WS1 1TP,play
Moss Tots,WS2 8RR,
Older people,,
Dunlin Lunches,WS1 1TP,meals
"""


def test_headings_alone_in_their_rows_are_no_providers(tmp_path: Path) -> None:
    tally, names = table(tmp_path, TWO_SECTIONS)
    assert names == ["Acorn Nursery", "Moss Tots", "Dunlin Lunches"]
    assert (tally.read, tally.kept, tally.set_aside[HEADING]) == (5, 3, 2)
    assert tally.examples[HEADING] == "members.csv row 2"


@pytest.mark.parametrize(
    "text",
    [
        "name,postcode\nMoss Tots,WS1 1TP\n\nOlder people,\nDunlin,WS1 1TP\n",
        "name,postcode\nMoss Tots,WS1 1TP\nOlder people,\n,\nDunlin,WS1 1TP\n",
        "name,postcode\nMoss Tots,WS1 1TP\nOlder people,\nname,postcode\nDunlin,WS1 1TP\n",
        "name,postcode\nA,\nMoss Tots,WS1 1TP\nSection D:,\nOlder people,\nDunlin,WS1 1TP\n",
    ],
)
def test_a_blank_row_or_other_headings_tell_a_heading(tmp_path: Path, text: str) -> None:
    assert table(tmp_path, text)[1] == ["Moss Tots", "Dunlin"]


@pytest.mark.parametrize(
    "text",
    [
        "name\nMoss Tots\nOlder people\nDunlin\n",
        "name,postcode\nMoss Tots,\nOlder people,\nDunlin,\n",
        "name,postcode\nMoss Tots,WS1 1TP\nOlder people,\nDunlin,WS1 1TP\n",
        "name,postcode\nMoss Tots,\nOlder people,WS1 1TP\nDunlin,WS1 1TP\n",
        "name,postcode\nMoss Tots,WS1 1TP\n\nOlder people,\nFern,\nHeath,\nDunlin,WS1 1TP\n",
        "name,postcode\nMoss Tots,WS1 1TP\n\nOlder people,\n",
        "name,postcode\nMoss Tots,WS1 1TP\n\nOlder People Trust,\nDunlin,WS1 1TP\n",
        "name,phone,postcode\nMoss Tots,1,WS1 1TP\n\nOlder people,2,\nDunlin,3,WS1 1TP\n",
    ],
)
def test_a_provider_of_which_only_the_name_is_known_is_kept(tmp_path: Path, text: str) -> None:
    tally, names = table(tmp_path, text)
    assert HEADING not in tally.set_aside
    assert len(names) == tally.kept == tally.read


@pytest.mark.parametrize("header", ["Id", "Identifier"])
def test_two_organisations_share_no_id_that_a_spreadsheet_shortened(
    tmp_path: Path, header: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"Name,{header}\nAcorn Meals,1.15E+06\nBeech Care,1.15E+06\n")
    tally, found = read(path)
    assert len({one.id for one in found}) == 2
    assert not any(one.ids for one in found)
    assert list(tally.set_aside.values()) == [2]


@pytest.mark.parametrize(
    ("header", "cell", "income"),
    [
        ("Income (£000s)", "450", 450_000.0),
        ("Income (£'000)", "£450", 450_000.0),
        ("Turnover (in £ thousands)", "0.5", 500.0),
        ("Annual income (£m)", "1.2", 1_200_000.0),
        ("Income (£k)", "450k", 450_000.0),
        ("Income (£)", "450", 450.0),
    ],
)
def test_an_income_is_in_the_unit_of_its_header(
    tmp_path: Path, header: str, cell: str, income: float
) -> None:
    assert from_csv(tmp_path, f"Name,{header}\nAcorn Trust,{cell}\n").income == income


@pytest.mark.parametrize("header", ["#name,postcode", "# Name,Postcode"])
def test_a_header_behind_the_sign_of_a_comment_is_read(tmp_path: Path, header: str) -> None:
    assert from_csv(tmp_path, f"{header}\nAcorn Trust,WS1 1TP\n").name == "Acorn Trust"


def test_a_header_that_was_read_in_the_wrong_encoding_is_read(tmp_path: Path) -> None:
    found = from_csv(tmp_path, "Â\xa0Name,Income (Â£)\nAcorn Trust,500\n")
    assert (found.name, found.income) == ("Acorn Trust", 500.0)


@pytest.mark.parametrize(
    "content",
    [
        {"name": {"0": "Yew Club", "1": "Elm Club"}, "postcode": {"0": "WS1 1TP", "1": None}},
        {
            "columns": ["name", "area"],
            "index": [0, 1],
            "data": [["Yew Club", ""], ["Elm Club", ""]],
        },
        {"0": {"name": "Yew Club"}, "1": {"name": "Elm Club"}},
    ],
)
def test_json_that_data_frames_and_databases_write_is_read(content: Any, tmp_path: Path) -> None:
    path = tmp_path / "clubs.json"
    path.write_text(json.dumps(content))
    ((_, records),) = own_table.read([path])
    assert [provider.name for provider in records] == ["Yew Club", "Elm Club"]


@pytest.mark.parametrize(
    "headers",
    [
        "name,postcode,category,postcode,category",
        "name,postcode,category 1,postcode 2,category 2",
        "name,postcode,category,postcode.1,category.1",
    ],
)
def test_the_values_of_repeated_and_numbered_headers_are_all_read(
    headers: str, tmp_path: Path
) -> None:
    path = tmp_path / "clubs.csv"
    path.write_text(f"{headers}\nYew Club,WS1 1TP,sport,WS2 8RR,youth\n")
    ((tally, records),) = own_table.read([path])
    (club,) = records
    assert [site.postcode for site in club.sites] == ["WS1 1TP", "WS2 8RR"]
    assert club.tags == ("sport", "youth")
    assert tally.set_aside == {}


def test_a_second_table_beside_the_first_gives_it_no_values(tmp_path: Path) -> None:
    path = tmp_path / "clubs.csv"
    path.write_text("name,postcode,name,postcode\nYew Club,WS1 1TP,Elm Club,WS2 8RR\n")
    ((_, records),) = own_table.read([path])
    (club,) = records
    assert [site.postcode for site in club.sites] == ["WS1 1TP"]


@pytest.mark.parametrize(
    "content",
    [
        {"a1": {"name": "Oak Meals", "postcode": "WS1 1TP"}, "b2": {"name": "Elm Meals"}},
        {"Oak Meals": {"postcode": "WS1 1TP"}, "Elm Meals": {"kind": "cic"}},
    ],
    ids=["ids", "names"],
)
@pytest.mark.parametrize("around", ["", "providers", "data"])
@pytest.mark.parametrize("as_text", [False, True])
def test_records_may_stand_under_their_ids_or_names(
    tmp_path: Path, content: dict[str, Any], around: str, as_text: bool
) -> None:
    given = {key: json.dumps(one) for key, one in content.items()} if as_text else content
    path = tmp_path / "members.json"
    path.write_text(json.dumps({around: given} if around else given))
    tally, found = read(path)
    assert [one.name for one in found] == ["Oak Meals", "Elm Meals"]
    assert [site.postcode for site in found[0].sites] == ["WS1 1TP"]
    assert tally.set_aside == {}


@pytest.mark.parametrize(
    "page",
    [
        {"contact": {"name": "Jane Smith"}},
        {"results": {"contact": {"name": "Jane Smith", "email": "jane@example.org"}}},
        {"publisher": {"name": "Walsall Council", "website": "x.org"}, "licence": {"name": "OGL"}},
    ],
)
def test_who_made_a_page_and_whom_to_ask_are_no_providers(
    tmp_path: Path, page: dict[str, Any]
) -> None:
    path = tmp_path / "members.json"
    path.write_text(json.dumps(page))
    tally, found = read(path)
    assert not found
    assert tally.read == tally.set_aside["no name"] == 1


def test_each_line_may_be_a_text_of_json(tmp_path: Path) -> None:
    names = ["Oak Meals", "Elm Meals", "Ash Meals"]
    path = tmp_path / "members.jsonl"
    path.write_text("".join(json.dumps(json.dumps({"name": name})) + "\n" for name in names))
    assert [one.name for one in read(path)[1]] == names


def test_a_column_may_have_parts_with_bars_between(tmp_path: Path) -> None:
    path = tmp_path / "awards.csv"
    path.write_text(
        "Title,Supplier [Name|Address|Is SME],Value\n"
        'Meals,"[Acorn Meals Ltd|1 High St, WS1 1TP|Yes]",9\n'
        'Buses,"[Elm CIC|2 Low St, WS2 8RR|No][Oak Trust||Yes]",8\n'
        "Grass,,7\n"
    )
    tally, found = read(path)
    assert [(one.name, [site.postcode for site in one.sites]) for one in found] == [
        ("Acorn Meals Ltd", ["WS1 1TP"]),
        ("Elm CIC", ["WS2 8RR"]),
        ("Oak Trust", []),
    ]
    assert tally.set_aside["no name"] == 1


def test_records_of_two_columns_with_parts_stand_beside_each_other(tmp_path: Path) -> None:
    path = tmp_path / "bodies.csv"
    count = 500
    names = "".join(f"[Oak Meals {n}|]" for n in range(count))
    sites = "".join(f"[WS1 {n % 10}TP|]" for n in range(count))
    path.write_text(f"Supplier [Name|Address],Site [Postcode|Website]\n{names},{sites}\n")
    _, found = read(path)
    assert len(found) == count
    assert (found[-1].name, found[-1].sites[0].postcode) == ("Oak Meals 499", "WS1 9TP")


def test_the_answers_in_a_header_are_no_parts_of_its_cells(tmp_path: Path) -> None:
    text = "Name,Services [on site|at home]\nOak,Meals at home\n"
    assert from_csv(tmp_path, text).profile == "Meals at home"


@pytest.mark.parametrize(
    ("cell", "name", "postcodes"),
    [
        ("Acorn Ltd|1 High St, WS1 1TP", "Acorn Ltd", ["WS1 1TP"]),
        ("Acorn | Oak Community Hub", "Acorn | Oak Community Hub", []),
    ],
)
def test_an_address_after_a_bar_is_no_part_of_a_name(
    tmp_path: Path, cell: str, name: str, postcodes: list[str]
) -> None:
    provider = from_csv(tmp_path, f'Supplier,Service\n"{cell}",Meals\n')
    assert (provider.name, [site.postcode for site in provider.sites]) == (name, postcodes)


def test_a_hidden_sheet_is_told_and_not_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "groups.xlsx", GROUPS, [["Name"], ["Left Long Ago Club"]])
    made = load_workbook(path)
    made["Sheet 2"].sheet_state = "hidden"
    made.save(path)
    tally, found = read(path)
    assert [one.name for one in found] == ["Acorn Trust", "Dunlin Arts"]
    assert tally.examples[HIDDEN] == "Sheet 2"


def test_a_refusal_names_the_hidden_sheets(tmp_path: Path) -> None:
    path = workbook(tmp_path / "groups.xlsx", [["Welcome"]], GROUPS)
    made = load_workbook(path)
    made["Sheet 2"].sheet_state = "hidden"
    made.save(path)
    with pytest.raises(BadSource, match="hidden sheets are not read: Sheet 2"):
        read(path)


@pytest.mark.parametrize(
    "name",
    [
        "Oak Club (Tel: 01922 555010)",
        "Oak Club - info@oak.example",
        "Oak Club, email: oak@oak.example, phone 01922 555010",
        "Oak Club 07700 900123",
    ],
)
def test_contacts_beside_a_name_are_no_part_of_it(tmp_path: Path, name: str) -> None:
    assert table(tmp_path, f'Group,Postcode\n"{name}",WS1 1TP\n')[1] == ["Oak Club"]


@pytest.mark.parametrize("name", ["Oak Trust", "Acorn Team", "Oak Centre", "Elm Gym", "Oak Hotel"])
@pytest.mark.parametrize("contact", ["01922 555010", "[info@oak.example]", "<info@oak.example>"])
def test_a_name_keeps_its_last_letter_before_a_contact(
    tmp_path: Path, name: str, contact: str
) -> None:
    assert table(tmp_path, f"Group,Postcode\n{name} {contact},WS1 1TP\n")[1] == [name]


def test_a_name_that_is_a_contact_alone_is_none(tmp_path: Path) -> None:
    tally, names = table(tmp_path, "Group,Postcode\npat@oak.example,WS1 1TP\nElm,WS1 1TP\n")
    assert (names, tally.set_aside) == (["Elm"], {"no name": 1})


def test_the_text_below_a_report_is_no_provider(tmp_path: Path) -> None:
    rows = "Account Name,Postcode\nOak,WS1 1TP\nElm,\n"
    below = (
        "\nProviders in the north\nCopyright (c) 2026 Reports Inc\nDo not distribute\n"
        "Generated By: A Person 03/03/2026\n"
    )
    tally, names = table(tmp_path, rows + below)
    assert (names, tally.set_aside) == (["Oak", "Elm"], {"footnote": 4})


def test_providers_above_the_text_below_a_report_stay(tmp_path: Path) -> None:
    rows = "Name,Postcode\nOak,WS1 1TP\n\nAsh Project\nBirch\nSource: the council\nPage 1 of 1\n"
    tally, names = table(tmp_path, rows)
    assert (names, tally.set_aside) == (["Oak", "Ash Project", "Birch"], {"footnote": 2})


def test_a_provider_above_a_single_note_stays(tmp_path: Path) -> None:
    _, names = table(tmp_path, "Name,Postcode\nOak,WS1 1TP\n\nAsh\nNote: as in March\n")
    assert names == ["Oak", "Ash"]


def test_providers_after_what_looks_like_text_below_a_table_stay(tmp_path: Path) -> None:
    text = "Name,Postcode\nOak,WS1 1TP\n\nAsh\nPage: 1\nNote: more\nElm,WS1 1TP\n"
    assert table(tmp_path, text)[1] == ["Oak", "Ash", "Elm"]


def test_a_formula_that_links_a_website_gives_its_address(tmp_path: Path) -> None:
    link = '"=HYPERLINK(""https://oak.example"",""our page"")"'
    assert from_csv(tmp_path, f"Name,Website\nOak,{link}\n").website == "https://oak.example"


def test_a_formula_with_another_cell_or_a_number_is_read_as_it_is_shown(tmp_path: Path) -> None:
    text = 'Name,Charity number\n"=HYPERLINK(B2,""Oak"")","=HYPERLINK(""https://x.example"",1150079)"\n'
    provider = from_csv(tmp_path, text)
    assert (provider.name, provider.ids) == ("Oak", ("GB-CHC-1150079",))


def test_an_income_that_is_not_a_number_in_json_is_blank(tmp_path: Path) -> None:
    (tmp_path / "members.json").write_text('[{"name": "Oak", "income": NaN}]')
    tally, (provider,) = read(tmp_path / "members.json")
    assert (provider.income, tally.set_aside) == (None, {})


def test_the_halves_of_a_postcode_are_no_bad_cells(tmp_path: Path) -> None:
    tally, _ = table(tmp_path, "Name,Post code 1,Post code 2\nOak,WS1,1TP\nElm,,8RR\n")
    assert list(tally.set_aside.values()) == [1]


def test_line_breaks_that_were_lost_are_restored_in_a_profile(tmp_path: Path) -> None:
    text = "name,postcode,profile\nOak,WS1 1AA,Meals in the tavernrnrnLunch clubs.rnrnModern vans\n"
    assert from_csv(tmp_path, text).profile == "Meals in the tavern Lunch clubs. Modern vans"


def test_an_answer_about_the_work_is_no_profile(tmp_path: Path) -> None:
    text = "Name,Services (Y/N),Trade,Summary\nOak,Y,No,No limits theatre\n"
    assert from_csv(tmp_path, text).profile == "No limits theatre"


def test_texts_of_several_columns_about_the_work_are_one_profile(tmp_path: Path) -> None:
    text = "Organisation,Service,Service description,Service name\nOak,Meals,Hot lunch,Lunch club\n"
    assert from_csv(tmp_path, text).profile == "Meals\nHot lunch\nLunch club"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Charitable company limited by guarantee", Kind.CHARITY),
        ("Company limited by guarantee", Kind.COMPANY),
        ("Unincorporated association", Kind.COMMUNITY),
        ("Parish council", Kind.PUBLIC),
        ("CIC limited by shares", Kind.CIC),
        ("Not a charity", Kind.UNKNOWN),
        ("Non-charity", Kind.UNKNOWN),
        ("Gold member", Kind.UNKNOWN),
        ("Company, not a registered charity", Kind.COMPANY),
        ("Company limited by guarantee without charitable status", Kind.COMPANY),
        ("Company limited by guarantee and registered charity", Kind.CHARITY),
        ("Company owned by a charity", Kind.COMPANY),
        ("Council owned company", Kind.COMPANY),
        ("Council of voluntary service", Kind.UNKNOWN),
        ("Supplier to local authority", Kind.UNKNOWN),
        ("Community special school", Kind.UNKNOWN),
        ("Community pharmacy", Kind.UNKNOWN),
        ("Voluntary/community", Kind.COMMUNITY),
    ],
)
def test_a_kind_is_known_by_its_words(tmp_path: Path, written: str, kind: Kind) -> None:
    assert from_csv(tmp_path, f'Name,Legal form\nOak,"{written}"\n').kind is kind


def test_of_incomes_of_two_years_the_later_counts(tmp_path: Path) -> None:
    text = "Name,Income 2023/24,Income 2024/25,Turnover 2022\nOak,5,60000,7\n"
    assert from_csv(tmp_path, text).income == 60_000


def test_a_quote_whose_last_byte_has_no_sign_is_restored(tmp_path: Path) -> None:
    assert from_csv(tmp_path, "Name,Summary\nOak,â€œteaâ€\x9d daily\n").profile == "“tea” daily"


def test_the_only_list_of_a_document_has_its_records(tmp_path: Path) -> None:
    (tmp_path / "members.json").write_text(
        '{"date": "2026-03-01", "suppliers": [{"name": "Oak", "postcode": "WS1 1TP"}, "x"]}'
    )
    tally, (provider,) = read(tmp_path / "members.json")
    assert (provider.name, tally.kept) == ("Oak", 1)


def test_people_in_the_only_list_of_a_document_are_no_providers(tmp_path: Path) -> None:
    (tmp_path / "members.json").write_text(
        '{"total": 1, "officers": [{"name": "Pat Example", "email": "pat@oak.example"}]}'
    )
    assert read(tmp_path / "members.json")[1] == []


@pytest.mark.parametrize("key", ["trustees", "staff", "people", "lots", "events"])
def test_an_only_list_of_something_else_has_no_providers(tmp_path: Path, key: str) -> None:
    (tmp_path / "members.json").write_text(
        f'{{"total": 1, "{key}": [{{"name": "Pat Example", "postcode": "WS1 1TP"}}]}}'
    )
    assert read(tmp_path / "members.json")[1] == []


@pytest.mark.parametrize("key", ["charities", "vendors", "memberOrganisations", "clubs"])
def test_an_only_list_of_organisations_has_its_records(tmp_path: Path, key: str) -> None:
    (tmp_path / "members.json").write_text(
        f'{{"total": 1, "{key}": [{{"name": "Oak", "postcode": "WS1 1TP"}}]}}'
    )
    assert [one.name for one in read(tmp_path / "members.json")[1]] == ["Oak"]


@pytest.mark.parametrize("mark", [", ", "\n", " | "])
def test_the_address_in_the_cell_of_a_name_is_no_part_of_it(tmp_path: Path, mark: str) -> None:
    cell = mark.join(["Oak Doors Ltd", "1 High Street", "Walsall WS1 1TP"])
    provider = from_csv(tmp_path, f'Supplier,Trade\n"{cell}",Doors\n')
    assert (provider.name, provider.sites[0].postcode) == ("Oak Doors Ltd", "WS1 1TP")
    assert "High Street" not in repr(provider)


@pytest.mark.parametrize(
    "name",
    [
        "Smith, Jones and Co",
        "Elm, Ash & Oak Ltd",
        "Oak Supplies, Ltd",
        "Oak (Walsall, Dudley) Trust",
        "Arts, Sport and Play CIC",
    ],
)
def test_a_name_with_commas_is_whole_before_its_address(tmp_path: Path, name: str) -> None:
    provider = from_csv(tmp_path, f'Name,Trade\n"{name}, 1 High Street, WS1 1TP",Doors\n')
    assert (provider.name, provider.sites[0].postcode) == (name, "WS1 1TP")


def test_an_address_without_a_name_before_it_keeps_its_row(tmp_path: Path) -> None:
    assert table(tmp_path, 'Name,Trade\n", 1 High Street, WS1 1TP",Doors\n')[1] != []


def test_a_name_with_commas_and_no_postcode_stays(tmp_path: Path) -> None:
    assert from_csv(tmp_path, 'Name,Trade\n"Oak, Ash and Elm",Doors\n').name == "Oak, Ash and Elm"


@pytest.mark.parametrize(
    "header", ["Monthly income", "Net income", "Grant income", "Income YTD", "Rental income"]
)
def test_a_part_of_an_income_is_no_income(tmp_path: Path, header: str) -> None:
    assert from_csv(tmp_path, f"Name,{header}\nOak Trust,9000\n").income is None
    assert from_csv(tmp_path, f"Name,{header},Income\nOak Trust,9000,12000\n").income == 12_000


def test_an_income_that_may_be_in_the_unit_of_its_column_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "members.csv").write_text("Name,Income (£000)\nOak Trust,640\nElm CIC,640000\n")
    tally, providers = read(tmp_path / "members.csv")
    assert [one.income for one in providers] == [640_000, None]
    assert tally.set_aside == {
        "income may be in pounds or in the unit of its column (record kept without it)": 1
    }


def test_a_unit_above_the_header_of_incomes_is_refused(tmp_path: Path) -> None:
    text = "Members, incomes in thousands of pounds\nName,Postcode,Income\nOak Trust,WS1 1TP,640\n"
    with pytest.raises(BadSource, match="write the unit in the header of the income"):
        table(tmp_path, text)


def test_the_postcode_of_who_to_contact_is_read_where_there_is_no_other(tmp_path: Path) -> None:
    own = from_csv(tmp_path, "Name,Contact postcode,Postcode\nOak Trust,WS2 8RR,WS1 1TP\n")
    other = from_csv(tmp_path, "Name,Contact postcode\nOak Trust,WS2 8RR\n")
    assert [[site.postcode for site in one.sites] for one in (own, other)] == [
        ["WS1 1TP"],
        ["WS2 8RR"],
    ]


def test_a_table_on_its_side_gives_no_provider_called_postcode(tmp_path: Path) -> None:
    tally, names = table(tmp_path, "Name,Acorn Club\nPost code,WS1 1TP\nDescription,Meals\nOak,\n")
    assert names == ["Oak"]
    assert tally.set_aside[own_rows.ON_ITS_SIDE] == 2


def test_a_row_in_brackets_below_the_header_is_about_the_columns(tmp_path: Path) -> None:
    tally, names = table(
        tmp_path, "Name,Postcode\n(as registered),[main office]\n(Acorn),WS1 1TP\n"
    )
    assert (names, tally.set_aside) == (["(Acorn)"], {"row about the columns": 1})


def test_the_sign_by_which_a_spreadsheet_keeps_text_is_no_part_of_a_name(tmp_path: Path) -> None:
    text = "Name,Postcode\n'Acorn Club,'WS1 1TP\n'Oak' Club,WS1 1TP\nJo's Club,WS1 1TP\n"
    assert table(tmp_path, text)[1] == ["Acorn Club", "'Oak' Club", "Jo's Club"]
