"""The kind and nation of public bodies, by their names: two tables, and what types declare."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from matcher.geo.councils import Councils
from matcher.law.buyers import kind_of_buyer, nation_of_name
from matcher.law.types import BuyerKind


def _table(name: str) -> list[dict[str, str]]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


BODIES, NAMES = _table("bodies.csv"), _table("hard_names.csv")
DEVOLVED = [body for body in BODIES if body["nation"] not in ("", "England")]
OTHERS = [body for body in BODIES if body["nation"] in ("", "England")]
SUB_CENTRAL = "publicAuthoritySubCentralGovernment"


def test_the_kind_of_a_body() -> None:
    wrong = [body["name"] for body in BODIES if kind_of_buyer(body["name"]) != body["kind"]]
    assert wrong == []


def test_the_table_is_wide() -> None:
    assert len(BODIES) >= 150
    assert {body["kind"] for body in BODIES} == set(BuyerKind)
    nations = {"England", "Scotland", "Wales", "Northern Ireland", ""}
    assert {body["nation"] for body in BODIES} == nations


def test_a_body_outside_england_is_known_to_be() -> None:
    councils = Councils.open()

    def nation(name: str) -> str:
        area = councils.named_in(name)
        return (councils.nation(area.code) if area else "") or nation_of_name(name)

    assert [b["name"] for b in DEVOLVED if nation(b["name"]) != b["nation"]] == []


def test_no_other_body_is_taken_to_be_outside_england() -> None:
    here = ("", "England")
    assert [b["name"] for b in OTHERS if nation_of_name(b["name"]) not in here] == []


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


def test_a_name_tells_the_kind() -> None:
    """Names that are hard to read, each with what makes it so."""
    wrong = [c["name"] for c in NAMES if (kind_of_buyer(c["name"]) or "") != c["kind"]]
    assert wrong == []


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
        ("Cyngor Chwaraeon Cymru", BuyerKind.SUB_CENTRAL),
        ("Cyngor y Gweithlu Addysg", BuyerKind.SUB_CENTRAL),
        ("Plover Council Estate Tenants Association", BuyerKind.SUB_CENTRAL),
        ("Plover Borough Football Club", BuyerKind.SUB_CENTRAL),
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


@pytest.mark.parametrize("name", ["Plover TC", "Plover Abbas PC", "Dunlin P.C."])
def test_initials_of_a_council_are_read_where_the_notice_says_local(name: str) -> None:
    assert kind_of_buyer(name, ["REGIONAL_AUTHORITY"]) is BuyerKind.COUNCIL
    assert kind_of_buyer(f"{name} Repairs", ["REGIONAL_AUTHORITY"]) is BuyerKind.SUB_CENTRAL


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
