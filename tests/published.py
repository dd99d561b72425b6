"""Invented data in the layouts in which each source publishes its own."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape

from tests.matcher.sources.providers.test_charity_commission import COLUMNS as CCEW
from tests.matcher.sources.providers.test_charity_commission import USUAL
from tests.replay import Answer, Asked, Replay, blob, page

WALSALL, SANDWELL = "E08000030", "E08000028"
NSPL_2025 = (
    "pcd7,pcd8,pcds,dointr,doterm,usrtypind,east1m,north1m,gridind,oa21cd,cty25cd,ced25cd,lad25cd,"
    "wd25cd,nhser24cd,ctry25cd,rgn25cd,lat,long"
)
NSPL_2024 = (
    "pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,osgrdind,oa21,cty,ced,laua,ward,"
    "nhser,ctry,rgn,lat,long"
)


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A zip with these members, the same bytes whenever it is made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            archive.writestr(info, body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def heads(names: str) -> list[str]:
    """The names of columns, parted by commas."""
    return names.split(",")


def table(columns: Sequence[str], *rows: Mapping[str, object]) -> str:
    """A CSV with these columns; cells not given are blank."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def ccew(name: str, *rows: Mapping[str, str]) -> bytes:
    """A table of the Charity Commission's extract, zipped."""
    columns = CCEW[name]
    usual = USUAL if name == "charity" else {}
    lines = ["\t".join(columns)]
    lines += ["\t".join({**usual, **row}.get(c, "") for c in columns) for row in rows]
    return packed({f"publicextract.{name}.txt": "\r\n".join(lines) + "\r\n"})


def charity(number: int, name: str, postcode: str, **told: str) -> dict[str, str]:
    """A charity of England and Wales."""
    return {
        "organisation_number": str(number),
        "registered_charity_number": str(1_100_000 + number),
        "linked_charity_number": "0",
        "charity_name": name,
        "charity_contact_postcode": postcode,
        "latest_income": "90000",
        **told,
    }


CHARITIES = (
    charity(1, "Brindle Lane Day Centre", "WS1 1AA"),
    charity(
        2,
        "Copperfield Minibuses",
        "WS1 1AB",
        charity_activities="Accessible minibus transport for older people and wheelchair users.",
    ),
    charity(3, "Gone With The Old Mill", "WS1 1AC", charity_registration_status="Removed"),
)


def oscr() -> bytes:
    """The Scottish register: a zip of one CSV."""
    columns = heads(
        "Charity Number,Charity Name,Registered Date,Known As,Charity Status,Postcode,"
        "Purposes,Beneficiaries,Activities,Objectives,Most recent year income,"
        "Main Operating Location,Website"
    )
    row = {
        "Charity Number": "SC000123",
        "Charity Name": "Glen Fictional Lunch Club",
        "Charity Status": "Active",
        "Postcode": "EH1 1AA",
        "Objectives": "Hot lunches for older people.",
        "Most recent year income": "20000",
    }
    return packed({"CharityExport-24-Nov-2026.csv": table(columns, row)})


def ccni() -> bytes:
    """The Northern Irish register: one CSV."""
    columns = heads(
        "Reg charity number,Charity name,Date registered,Status,Total income,Public address,"
        "Website,Email,Telephone,Company number,What the charity does,Who the charity helps,"
        "How the charity works,Charitable purposes,Other name,Financial period start"
    )
    row = {
        "Reg charity number": "100999",
        "Charity name": "Lagan Fictional Carers",
        "Status": "Received: on time",
        "Total income": "30000",
        "Financial period start": "01 April 2025",
        "Public address": "1 Invented Street, Belfast, BT1 1AA",
        "Email": "someone@example.org",
        "Telephone": "028 9000 0000",
        "Charitable purposes": "Support for carers.",
    }
    return table(columns, row).encode()


COMPANY_COLUMNS = [
    "CompanyName",
    " CompanyNumber",
    "RegAddress.CareOf",
    "RegAddress.PostCode",
    "CompanyCategory",
    "CompanyStatus",
    "DissolutionDate",
    "Accounts.AccountCategory",
    "SICCode.SicText_1",
    " PreviousName_1.CompanyName",
]


def company(number: str, name: str, postcode: str, **told: str) -> dict[str, str]:
    """A company; `CompanyNumber` has the space that Companies House puts before it."""
    return {
        "CompanyName": name,
        " CompanyNumber": number,
        "RegAddress.CareOf": "MR A PERSON",
        "RegAddress.PostCode": postcode,
        "CompanyCategory": "Private Limited Company",
        "CompanyStatus": "Active",
        "Accounts.AccountCategory": "MICRO ENTITY",
        "SICCode.SicText_1": "49390 - Other passenger land transport",
        **told,
    }


COMPANIES = (
    company("09000001", "FERNDALE ACCESSIBLE TRAVEL LTD", "WS1 1AB"),
    company("09000002", "QUARRY HILL CATERING LTD", "WS1 1AD", **{"SICCode.SicText_1": "56210"}),
)


def companies(*rows: Mapping[str, str]) -> bytes:
    """One part of the company data, zipped."""
    return packed({"BasicCompanyData.csv": table(COMPANY_COLUMNS, *(rows or COMPANIES))})


def societies() -> bytes:
    """The FCA's list of societies, with its own spelling."""
    columns = heads(
        "Society Number,Society Suffix,Full Registation Number,Society Name,Registered As,"
        "Society Address,Registration Date,Deregistration Date,Registration Act,"
        "Standard Industrial Classification Code (SIC),Reporting Classification,"
        "Society Status"
    )
    live = {
        "Full Registation Number": "90001R",
        "Society Name": "Invented Wheels Co-operative Limited",
        "Registered As": "Co-operative Society",
        "Society Address": "1 Invented Street, Walsall, WS1 1AD",
        "Standard Industrial Classification Code (SIC)": "49390",
        "Society Status": "Registered",
    }
    gone = live | {
        "Full Registation Number": "90002R",
        "Society Name": "Vanished Society Limited",
        "Society Status": "Deregistered",
        "Deregistration Date": "01/02/2020",
    }
    return table(columns, live, gone).encode()


CARE_COLUMNS = [
    "Location ID",
    "Dormant (Y/N)",
    "Care home?",
    "Location Name",
    "Location Telephone Number",
    "Registered manager",
    "Location Local Authority",
    "Location Street Address",
    "Location Postal Code",
    "Provider Companies House Number",
    "Provider Charity Number",
    "Provider ID",
    "Provider Name",
    "Provider Ownership Type",
    "Provider Nominated Individual Name",
    "Service type - Domiciliary care service",
    "Service user band - Older People",
]


def care_location(number: int, **told: object) -> dict[str, object]:
    """A location of the care directory."""
    return {
        "Location ID": f"1-{number}",
        "Dormant (Y/N)": "N",
        "Care home?": "N",
        "Location Name": "Walsall Branch",
        "Location Telephone Number": "01922000000",
        "Registered manager": "Persona, A",
        "Location Local Authority": "Walsall",
        "Location Street Address": "1 Invented Street",
        "Location Postal Code": "WS1 1AD",
        "Provider ID": f"1-9{number}",
        "Provider Name": "Thistledown Home Care Limited",
        "Provider Ownership Type": "Organisation",
        "Provider Nominated Individual Name": "Persona, B",
        "Service type - Domiciliary care service": "Y",
        "Service user band - Older People": "Y",
        **told,
    }


def care(*rows: Mapping[str, object]) -> bytes:
    """The care directory as an OpenDocument spreadsheet: a sheet of notes, then the list."""
    cells: list[Sequence[object]] = [
        CARE_COLUMNS,
        *([row.get(c, "") for c in CARE_COLUMNS] for row in rows),
    ]
    return ods({"README": [["HSCA Active Locations"]], "HSCA_Active_Locations": cells})


def ods(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """An OpenDocument spreadsheet."""
    body = "".join(_sheet(name, rows) for name, rows in sheets.items())
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        "</manifest:manifest>"
    )
    members = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
    return packed(members)


def _sheet(name: str, rows: Sequence[Sequence[object]]) -> str:
    lines = "".join(
        f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows
    )
    return f'<table:table table:name="{escape(name)}">{lines}</table:table>'


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


POSTCODES = {
    "WS1 1AA": (401000, 298000, WALSALL),
    "WS1 1AB": (402000, 298000, WALSALL),
    "WS1 1AC": (403000, 298000, WALSALL),
    "WS1 1AD": (404000, 298000, WALSALL),
    "B70 1AA": (400000, 291000, SANDWELL),
    "EH1 1AA": (325000, 673000, "S12000036"),
}


def nspl(header: str = NSPL_2025, edition: str = "AUG_2025", **more: Mapping[str, str]) -> bytes:
    """The postcode lookup: parts in a folder, and the whole beside them."""
    columns = header.split(",")
    at = {stem: i for i, stem in enumerate(columns)}
    east = "east1m" if "east1m" in at else "oseast1m"
    north = "north1m" if "north1m" in at else "osnrth1m"
    council = next(c for c in columns if c.startswith("lad") or c == "laua")
    first = columns[0]
    rows = [
        {first: code.replace(" ", ""), "pcds": code, east: e, north: n, council: where}
        for code, (e, n, where) in POSTCODES.items()
    ]
    body = table(columns, *rows, *more.values())
    return packed(
        {
            f"Data/multi_csv/NSPL_{edition}_UK_WS.csv": "\ufeff" + body,
            f"Data/NSPL_{edition}_UK.csv": "\ufeff" + body,
            "Documents/readme.csv": "a,b\n1,2\n",
        }
    )


def release(number: int, **told: Any) -> dict[str, Any]:
    """An award release of a council for transport, won by one supplier."""
    day = told.pop("day", date(2026, 10, 1))
    prefix = told.pop("prefix", "ocds-h6vhtk")
    winner = told.pop("winner", "Ferndale Accessible Travel Ltd")
    buyer = told.pop("buyer", "Walsall Council")
    postcode = told.pop("postcode", "WS1 1AA")
    value = told.pop("value", 45_000)
    awards = [
        {
            "id": "1",
            "date": f"{day}T00:00:00Z",
            "status": "active",
            "value": {"amount": value, "currency": "GBP"},
            "suppliers": [{"id": "GB-COH-09000001", "name": winner}],
        }
    ]
    return {
        "ocid": f"{prefix}-{number:06d}",
        "id": f"{number:06d}-2026",
        "date": f"{day}T10:00:00+01:00",
        "tag": ["award"],
        "buyer": {"id": "b", "name": buyer},
        "parties": [
            {
                "id": "b",
                "name": buyer,
                "roles": ["buyer"],
                "address": {"postalCode": postcode},
                "contactPoint": {
                    "name": "A. Persona",
                    "email": "a.persona@council.example",
                    "telephone": "01922 555 010",
                },
            },
            {
                "id": "GB-COH-09000001",
                "name": winner,
                "roles": ["supplier"],
                "address": {"streetAddress": "Elm House,rn1 Invented Street,rnWS1 1AB"},
                "contactPoint": {"email": "owner@ferndale.example"},
            },
        ],
        "tender": {
            "title": f"Accessible minibus transport to day centres, route {number}",
            "description": "Wheelchair minibuses. Ask a.persona@council.example or 01922 555 010.",
            "classification": {"scheme": "CPV", "id": "60130000"},
        },
        "awards": awards,
        **told,
    }


def notices(path: str, *releases: Mapping[str, Any], per_page: int = 2) -> Any:
    """A service of award notices: those within the dates asked for, page by page."""

    def answer(asked: Asked) -> Answer:
        first = asked.query.get("updatedFrom") or asked.query.get("publishedFrom", "")
        last = asked.query.get("updatedTo") or asked.query.get("publishedTo", "9")
        found = [r for r in releases if first <= str(r["date"])[:19] <= last]
        start = int(asked.query.get("cursor", "0"))
        links = {}
        if start + per_page < len(found):
            links["next"] = f"{path}?cursor={start + per_page}&limit=100"
        return page(
            {
                "uri": path,
                "version": "1.1",
                "releases": found[start : start + per_page],
                "links": links,
            }
        )

    return answer


def service(number: int, **told: Any) -> dict[str, Any]:
    """A service of a council's directory, as its own page has it."""
    return {
        "id": f"s-{number}",
        "name": f"Befriending {number}",
        "description": "Visits for older people who live alone. Ring 01922 555 010.",
        "email": "someone@example.org",
        "status": "active",
        "assurer_email": "checker@example.org",
        "last_modified": "2026-10-01T10:00:00Z",
        "organization": {
            "id": f"o-{number}",
            "name": f"Invented Befrienders {number}",
            "description": "A group.",
            "email": "chair@example.org",
        },
        "contacts": [{"name": "A. Persona", "phones": [{"number": "01922 555 010"}]}],
        "service_at_locations": [
            {
                "location": {
                    "addresses": [{"address_1": "1 Invented Street", "postal_code": "WS1 1AD"}]
                }
            }
        ],
        **told,
    }


def directory(replay: Replay, path: str, *services: Mapping[str, Any], version: int = 3) -> str:
    """A council's directory under `path`, a service a page; its address."""

    def listed(asked: Asked) -> Answer:
        number = int(asked.query.get("page", "1"))
        shown = services[number - 1 : number]
        short = [{k: s[k] for k in ("id", "name", "description", "status")} for s in shown]
        if version == 3:
            ends = {"total_pages": len(services), "last_page": number >= len(services)}
            return page({"contents": short, "page_number": number, **ends})
        return page({"content": short, "number": number, "totalPages": len(services)})

    replay.serve(f"{path}/services", listed)
    for one in services:
        replay.serve(f"{path}/services/{one['id']}", page(one))
    return f"{replay.address}{path}"


CPV = (
    '<?xml version="1.0" encoding="UTF-8"?><CPV_CODE>'
    '<CPV CODE="60130000-8"><TEXT LANG="FR">Transport routier spécial</TEXT>'
    '<TEXT LANG="EN">Special-purpose road passenger-transport services</TEXT></CPV></CPV_CODE>'
)


def publish(replay: Replay) -> None:
    """Serve every source, as it stands on a quiet day."""
    replay.serve("/ccew/publicextract.charity.zip", blob(ccew("charity", *CHARITIES)))
    for name in ("classification", "area_of_operation", "other_names", "governing_document"):
        replay.serve(f"/ccew/publicextract.charity_{name}.zip", blob(ccew(f"charity_{name}")))
    name = "charity_annual_return_parta"
    replay.serve(f"/ccew/publicextract.{name}.zip", blob(ccew(name)))
    export = {"Content-Disposition": 'attachment; filename="CharityExport-24-Nov-2026.zip"'}
    replay.serve("/oscr/CharityRegDownload", Answer(oscr(), headers=export))
    replay.serve("/ccni/export.csv", Answer(ccni()))
    replay.serve(
        "/ch/en_output.html",
        Answer(
            b'<html><a href="BasicCompanyDataAsOneFile-2026-11-01.zip">whole</a>'
            b'<a href="BasicCompanyData-2026-10-01-part1_1.zip">old</a>'
            b'<a href="BasicCompanyData-2026-11-01-part1_1.zip">new</a></html>'
        ),
    )
    replay.serve("/ch/BasicCompanyData-2026-11-01-part1_1.zip", blob(companies()))
    link = b'<a href="/cqc/files/01_November_2026_HSCA_Active_Locations.ods">filters</a>'
    replay.serve("/cqc/using-cqc-data", Answer(b"<html>" + link + b"</html>"))
    replay.serve(
        "/cqc/files/01_November_2026_HSCA_Active_Locations.ods", blob(care(care_location(1)))
    )
    replay.serve("/fca/SocietyList.csv", blob(societies()))
    replay.serve("/arcgis/search", page({"features": [{"id": "abc123"}, {"id": "older"}]}))
    replay.serve("/arcgis/items/abc123/data", blob(nspl()))
    sic = "SIC Code,Description\r\n49390,Other passenger land transport n.e.c.\r\n"
    replay.serve("/codes/SIC07.csv", blob(sic.encode()))
    members = {"cpv_2008.xml": CPV, "code_cpv_suppl_2008.xml": CPV.replace("60130000", "99999999")}
    replay.serve("/codes/cpv_2008_xml", blob(packed(members)))
    days = [date(2026, 10, 1) + timedelta(days=10 * n) for n in range(5)]
    fts = [release(n, day=day) for n, day in enumerate(days, 1)]
    replay.serve("/fts/ocdsReleasePackages", notices("/fts/ocdsReleasePackages", *fts))
    cf = [release(n, day=day, prefix="ocds-b5fd17") for n, day in enumerate(days, 11)]
    replay.serve("/cf/Search", notices("/cf/Search", *cf))
