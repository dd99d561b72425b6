"""The kind and nation of two hundred real public bodies, by their names."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from matcher.geo.councils import Councils
from matcher.law.buyers import kind_of_buyer, nation_of_name
from matcher.law.types import BuyerKind

_TABLE = Path(__file__).with_name("bodies.csv").read_text(encoding="utf-8")
BODIES = list(csv.DictReader(io.StringIO(_TABLE)))
DEVOLVED = [body for body in BODIES if body["nation"] not in ("", "England")]
OTHERS = [body for body in BODIES if body["nation"] in ("", "England")]
SUB_CENTRAL = "publicAuthoritySubCentralGovernment"


def _name(body: dict[str, str]) -> str:
    return body["name"]


@pytest.mark.parametrize("body", BODIES, ids=_name)
def test_the_kind_of_a_body(body: dict[str, str]) -> None:
    assert kind_of_buyer(body["name"]) == body["kind"]


def test_the_table_is_wide() -> None:
    assert len(BODIES) >= 150
    assert {body["kind"] for body in BODIES} == set(BuyerKind)
    nations = {"England", "Scotland", "Wales", "Northern Ireland", ""}
    assert {body["nation"] for body in BODIES} == nations


@pytest.mark.parametrize(
    "body",
    [body for body in BODIES if body["nation"] not in ("", "England")],
    ids=_name,
)
def test_a_body_outside_england_is_known_to_be(body: dict[str, str]) -> None:
    councils = Councils.open()
    area = councils.named_in(body["name"])
    by_council = councils.nation(area.code) if area else ""
    assert (by_council or nation_of_name(body["name"])) == body["nation"]


@pytest.mark.parametrize(
    "body",
    [body for body in BODIES if body["nation"] in ("", "England")],
    ids=_name,
)
def test_no_other_body_is_taken_to_be_outside_england(body: dict[str, str]) -> None:
    assert nation_of_name(body["name"]) in ("", "England")


@pytest.mark.parametrize(
    ("name", "types", "kind"),
    [
        ("Walsall Council", [SUB_CENTRAL], BuyerKind.COUNCIL),
        ("Walsall Council", ["REGIONAL_AUTHORITY"], BuyerKind.COUNCIL),
        ("Arts Council England", ["REGIONAL_AUTHORITY"], BuyerKind.SUB_CENTRAL),
        ("Mersey Rail Partners", ["privateUtility"], BuyerKind.UTILITY),
        ("Mersey Ferries", ["publicUndertaking"], BuyerKind.UTILITY),
        ("Office of Something New", ["MINISTRY"], BuyerKind.CENTRAL),
        ("Office of Something New", ["publicAuthorityCentralGovernment"], BuyerKind.CENTRAL),
        ("Cabinet Office", [SUB_CENTRAL], BuyerKind.SUB_CENTRAL),
        ("Something Else", [SUB_CENTRAL], BuyerKind.SUB_CENTRAL),
        ("Something Else", ["BODY_PUBLIC"], BuyerKind.SUB_CENTRAL),
        ("Scottish Government", ["BODY_PUBLIC"], BuyerKind.CENTRAL),
        ("Cabinet Office", ["OTHER"], BuyerKind.CENTRAL),
        ("Something Else", [], None),
        ("", [], None),
    ],
)
def test_a_declared_type_comes_first(name: str, types: list[str], kind: BuyerKind | None) -> None:
    assert kind_of_buyer(name, types) == kind


@pytest.mark.parametrize("name", ["Council", "COUNCIL OF WALSALL", "walsall metropolitan borough"])
def test_case_does_not_matter(name: str) -> None:
    assert kind_of_buyer(name) is kind_of_buyer(name.upper()) is kind_of_buyer(name.lower())
    assert kind_of_buyer(name) is BuyerKind.COUNCIL


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Defra", BuyerKind.CENTRAL),
        ("The Planning Inspectorate", BuyerKind.CENTRAL),
        ("Met Office", BuyerKind.CENTRAL),
        ("H M Revenue & Customs", BuyerKind.CENTRAL),
        ("Ofwat", BuyerKind.CENTRAL),
        ("UK Research & Innovation", BuyerKind.SUB_CENTRAL),
        ("Research England", BuyerKind.SUB_CENTRAL),
        ("Innovate UK", BuyerKind.SUB_CENTRAL),
        ("The United Kingdom Sports Council", BuyerKind.SUB_CENTRAL),
        ("National Highways", BuyerKind.SUB_CENTRAL),
        ("Bank of England", BuyerKind.SUB_CENTRAL),
        ("Student Loans Company", BuyerKind.SUB_CENTRAL),
        ("Norse Commercial Services Limited", BuyerKind.SUB_CENTRAL),
        ("Adra (Tai) Cyf", BuyerKind.SUB_CENTRAL),
        ("General Osteopathic Council", BuyerKind.SUB_CENTRAL),
        ("Scottish Council on Archives", BuyerKind.SUB_CENTRAL),
        ("Community Relations Council", BuyerKind.SUB_CENTRAL),
        ("UK Research Councils", BuyerKind.SUB_CENTRAL),
        ("National Gas Transmission plc", BuyerKind.UTILITY),
        ("NIE Networks", BuyerKind.UTILITY),
        ("Creating Enterprise C.I.C", BuyerKind.SUB_CENTRAL),
        ("Transport for London", BuyerKind.COUNCIL),
        ("London Fire Brigade", BuyerKind.COUNCIL),
        ("Babergh and Mid Suffolk District Councils", BuyerKind.COUNCIL),
        ("Severn Trent Water Limited", BuyerKind.UTILITY),
    ],
)
def test_bodies_that_published_notices_are_what_they_are(name: str, kind: BuyerKind) -> None:
    assert kind_of_buyer(name) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Wallbrook Council Trading Company Ltd", BuyerKind.SUB_CENTRAL),
        ("Wallbrook Borough Council (Homes) Limited", BuyerKind.SUB_CENTRAL),
        ("London Borough of Wallbrook Holdings LLP", BuyerKind.SUB_CENTRAL),
        ("Wallbrook Council, Hessle Council and Hessle Leisure Ltd", BuyerKind.COUNCIL),
        ("Wallbrook County Council (WCS Limited)", BuyerKind.COUNCIL),
        ("Wallbrook Council – Hessle Surveyors Ltd", BuyerKind.COUNCIL),
        ("Wallbrook Council - Hessle Surveyors Ltd", BuyerKind.COUNCIL),
        ("Wallbrook CBC / Hessle Cymru Cyf", BuyerKind.COUNCIL),
        ("Cyngor Wallbrook / Hessle Cyf", BuyerKind.COUNCIL),
        ("Wallbrook City Council and Hessle Waste Company Limited", BuyerKind.COUNCIL),
        ("Wallbrook & Hessle Council & Hessle Leisure Ltd", BuyerKind.COUNCIL),
        ("Wallbrook and Hessle Council Trading Ltd", BuyerKind.SUB_CENTRAL),
        ("Wallbrook Police (Trading) Ltd", BuyerKind.SUB_CENTRAL),
        ("Wallbrook Leisure and Wallbrook Council Homes Ltd", BuyerKind.SUB_CENTRAL),
        ("Hessle Group (owned by Wallbrook County Council)", BuyerKind.SUB_CENTRAL),
        ("Hessle Leisure, an arm of Wallbrook Council", BuyerKind.SUB_CENTRAL),
        ("Wallbrook Council (halls owned by Hessle Council)", BuyerKind.COUNCIL),
        ("DC Coaches", None),
        ("C C Cabs of Wallbrook", None),
        ("Wallbrook DC", BuyerKind.COUNCIL),
        ("Greater London Authority (GLA)", BuyerKind.COUNCIL),
        ("GLA", BuyerKind.COUNCIL),
        ("Wallbrook Voluntary Sector Council", BuyerKind.SUB_CENTRAL),
        ("National Larks Rights Council", BuyerKind.SUB_CENTRAL),
        ("Wallbrook Volunteer Police Cadets", BuyerKind.SUB_CENTRAL),
        ("City of Wallbrook YMCA", BuyerKind.SUB_CENTRAL),
        ("Great Wallbrook Borough Services", BuyerKind.SUB_CENTRAL),
        ("Wallbrook M B C", BuyerKind.COUNCIL),
        ("L B Wallbrook", BuyerKind.COUNCIL),
        ("Borough of Wallbrook", BuyerKind.COUNCIL),
        ("London Boroughs of Wallbrook and Hessle", BuyerKind.COUNCIL),
        ("Wallbrook Borough Market Trust", BuyerKind.SUB_CENTRAL),
        ("The Chief Constable of Wallbrookshire", BuyerKind.COUNCIL),
        ("PFCC Wallbrookshire", BuyerKind.COUNCIL),
        ("Wallbrook City Region CA", BuyerKind.COUNCIL),
        ("Wallbrook Development Corporation", BuyerKind.COUNCIL),
        ("Wallbrook Waste Partnership", BuyerKind.COUNCIL),
        ("Wallbrook Joint Committee", BuyerKind.COUNCIL),
        ("Wallbrook ICB", BuyerKind.SUB_CENTRAL),
        ("NHS Wallbrook CCG", BuyerKind.SUB_CENTRAL),
        ("Wallbrook Integrated Care System", BuyerKind.SUB_CENTRAL),
        ("ESPO", BuyerKind.SUB_CENTRAL),
        ("Books Council of Wales", BuyerKind.SUB_CENTRAL),
        ("Independent Office for Police Conduct", BuyerKind.SUB_CENTRAL),
        ("His Majesty's Treasury", BuyerKind.CENTRAL),
    ],
)
def test_short_names_and_companies_of_councils(name: str, kind: BuyerKind) -> None:
    assert kind_of_buyer(name) == kind


@pytest.mark.parametrize("form", ["Ltd", "C.I.C.", "Community Interest Company", "Cyfyngedig"])
def test_a_company_with_the_words_of_a_council_is_none_whatever_its_form(form: str) -> None:
    assert kind_of_buyer(f"Elmshire Council Services {form}") is BuyerKind.SUB_CENTRAL


@pytest.mark.parametrize(
    "name",
    [
        "Thornmere Services Ltd (Thornmere County Council)",
        "Thornmere Services Ltd (wholly owned by Thornmere County Council)",
        "Thornmere Group Limited, a company jointly owned by two borough councils",
        "Thornmere Services CIC, a subsidiary of Thornmere District Council",
        "Thornmere Catering Limited trading as an arm of Thornmere Town Council",
    ],
)
def test_a_company_that_a_council_owns_is_no_council(name: str) -> None:
    assert kind_of_buyer(name) is BuyerKind.SUB_CENTRAL
    assert kind_of_buyer(name, [SUB_CENTRAL]) is BuyerKind.SUB_CENTRAL


@pytest.mark.parametrize(
    "name",
    [
        "Thornmere County Council (Thornmere Services Ltd)",
        "Thornmere County Council and Thornmere Services Ltd (highways)",
        "Thornmere Borough Council, owned and run services",
        "Elmshire Procurement Ltd (on behalf of Thornmere County Council)",
        "Elmshire Procurement Ltd (acting for Thornmere County Council)",
        "Elmshire Procurement Ltd (for Thornmere County Council)",
        "Elmshire Procurement Ltd, a company acting as agent of Thornmere County Council",
    ],
)
def test_a_council_with_a_company_beside_it_is_one(name: str) -> None:
    assert kind_of_buyer(name) is BuyerKind.COUNCIL


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Maritime & Coastguard Agency", BuyerKind.CENTRAL),
        ("Animal and Plant Health Agency (APHA)", BuyerKind.CENTRAL),
        ("Intellectual Property Office", BuyerKind.CENTRAL),
        ("UK Visas and Immigration", BuyerKind.CENTRAL),
        ("Bwrdd Iechyd Prifysgol Glanmor", BuyerKind.SUB_CENTRAL),
        ("Prifysgol Glanmor", BuyerKind.SUB_CENTRAL),
        ("Heddlu Glanmor", BuyerKind.COUNCIL),
        ("Gwasanaeth Tân ac Achub Glanmor", BuyerKind.COUNCIL),
        ("Awdurdod Parc Cenedlaethol Glanmor", BuyerKind.COUNCIL),
        ("Cyngor Sir Glanmor (Ysgol Bro Elwy)", BuyerKind.COUNCIL),
        ("Cyngor Bwrdeistref Sirol Glanmor - Llyfrgell", BuyerKind.COUNCIL),
        ("Ysgol Bro Elwy", BuyerKind.SUB_CENTRAL),
        ("South Elmshire MCA", None),  # a mayoral combined authority, and no agency for the coast
        ("Elmshire VCA", None),
        ("Elmshire UHB", BuyerKind.SUB_CENTRAL),
        ("Elmshire Water", BuyerKind.UTILITY),
        ("Consumer Council for Elmshire Water", BuyerKind.SUB_CENTRAL),
    ],
)
def test_agencies_and_welsh_bodies(name: str, kind: BuyerKind | None) -> None:
    assert kind_of_buyer(name) is kind


def test_a_name_with_very_many_brackets_is_read() -> None:
    assert kind_of_buyer("Thornmere Services Ltd " + "(county council)" * 5_000) is not None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Plover Town Cncl", BuyerKind.COUNCIL),
        ("Leeds City Coucil", BuyerKind.COUNCIL),
        ("London Boro of Brent", BuyerKind.COUNCIL),
        ("Ploverham TC", BuyerKind.SUB_CENTRAL),
        ("Plover Magna T.C.", BuyerKind.COUNCIL),
        ("Great Plover Parish PC", BuyerKind.COUNCIL),
        ("Plover Parish Meeting", BuyerKind.COUNCIL),
        ("North Plover CA", BuyerKind.SUB_CENTRAL),
        ("Plover City Region CA", BuyerKind.COUNCIL),
        ("Ploverside FRS", BuyerKind.COUNCIL),
        ("MOPAC", BuyerKind.COUNCIL),
        ("TfL", BuyerKind.COUNCIL),
        ("South Downs National Park", BuyerKind.COUNCIL),
        ("South Downs National Park Trust", BuyerKind.SUB_CENTRAL),
        ("Cyd-bwyllgor Corfforedig y Gogledd", BuyerKind.COUNCIL),
        ("Kent County Council on behalf of Plover Cares Ltd", BuyerKind.COUNCIL),
        ("Kent County Council Trading Ltd", BuyerKind.SUB_CENTRAL),
        ("Society of Local Council Clerks", BuyerKind.SUB_CENTRAL),
        ("National Association of Local Councils", BuyerKind.SUB_CENTRAL),
        ("Plover Unitary Authority", BuyerKind.COUNCIL),
        ("LBTH", BuyerKind.COUNCIL),
        ("Rural Community Council of Ploverside", BuyerKind.SUB_CENTRAL),
        ("Plover Community Council", BuyerKind.COUNCIL),
        ("Plover Council of Social Service", BuyerKind.SUB_CENTRAL),
        ("Plover Racial Equality Council", BuyerKind.SUB_CENTRAL),
        ("City of Plover Symphony Orchestra", BuyerKind.SUB_CENTRAL),
        ("Plover City Council Theatre Service", BuyerKind.COUNCIL),
        ("Plover Police Credit Union", BuyerKind.SUB_CENTRAL),
        ("Plover PC Repairs", BuyerKind.SUB_CENTRAL),
        ("TC Plover", BuyerKind.SUB_CENTRAL),
    ],
)
def test_abbreviations_and_misspellings_tell_the_kind(name: str, kind: BuyerKind) -> None:
    assert kind_of_buyer(name, [SUB_CENTRAL]) == kind


@pytest.mark.parametrize(
    "name",
    [
        "Plover Advice CA",
        "Dr Dunlin CA",
        "Dunlin & Co. CA",
        "Plover TC",
        "Plover PC",
        "Dunlin P.C.",
    ],
)
def test_initials_that_others_have_leave_the_kind_unknown(name: str) -> None:
    assert kind_of_buyer(name) is None


@pytest.mark.parametrize("name", ["Plover TC", "Plover Abbas PC", "Dunlin P.C."])
def test_initials_of_a_council_are_read_where_the_notice_says_local(name: str) -> None:
    assert kind_of_buyer(name, ["REGIONAL_AUTHORITY"]) is BuyerKind.COUNCIL
    assert kind_of_buyer(f"{name} Repairs", ["REGIONAL_AUTHORITY"]) is BuyerKind.SUB_CENTRAL


@pytest.mark.parametrize(
    "name",
    [
        *("Plover Parochial Church Council", "St Dunlin's PCC", "PCC of Holy Trinity, Plover"),
        *("All Saints' P.C.C.", "Muslim Council of Plover", "Plover Students' Council"),
        *("Plover Borough Market", "Plover Council Group", "Christ Church Plover PCC"),
    ],
)
def test_churches_students_and_companies_are_no_councils(name: str) -> None:
    assert kind_of_buyer(name) is BuyerKind.SUB_CENTRAL


@pytest.mark.parametrize(
    "name",
    ["Plovershire PCC", "PCC for Plovershire", "Borough of Plover", "Church Plover Town Council"],
)
def test_police_commissioners_and_boroughs_still_are(name: str) -> None:
    assert kind_of_buyer(name) is BuyerKind.COUNCIL


def test_a_department_is_known_by_its_abbreviation() -> None:
    assert kind_of_buyer("Dept for Plovers") == BuyerKind.CENTRAL


@pytest.mark.parametrize(
    ("name", "nation"),
    [
        ("The Prince of Wales School", ""),
        ("Princess of Wales Hospital Trust", ""),
        ("Prince of Wales School, Cardiff", "Wales"),
        ("Audit Wales", "Wales"),
    ],
)
def test_a_prince_of_wales_says_nothing_of_the_nation(name: str, nation: str) -> None:
    assert nation_of_name(name) == nation


@pytest.mark.parametrize(
    "name",
    [
        *("Open Water", "Safe Drinking Water", "Plover-on-the-Water", "Plover Moving Water"),
        *("Virginia Water", "Kielder Water", "Swim for Plover and Water"),
    ],
)
def test_a_name_that_ends_in_water_as_in_any_sentence_is_no_company(name: str) -> None:
    assert kind_of_buyer(name) is None


@pytest.mark.parametrize(
    "name",
    ["SES Water", "South Plover Water", "The Plover Valley Water", "Plover and Dunlin Water"],
)
def test_a_name_of_a_region_with_water_is_a_companys(name: str) -> None:
    assert kind_of_buyer(name) is BuyerKind.UTILITY


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Friends of Ploverwater and Water",
            "Friends of Plover Water",
            "Friends of Plover Railway",
        ),
        *("The Railway Children", "Plover Heritage Railway", "Plover Railway Preservation Society"),
        *("Plover Port of Call CIC", "Friends of Plover Town Council Gardens"),
    ],
)
def test_a_charity_with_the_words_of_a_utility_or_a_council_is_neither(name: str) -> None:
    assert kind_of_buyer(name) is BuyerKind.SUB_CENTRAL


@pytest.mark.parametrize("name", ["Port of Plover", "Plover Railway Limited", "Plover Railways"])
def test_a_port_and_a_railway_still_are(name: str) -> None:
    assert kind_of_buyer(name) is BuyerKind.UTILITY
