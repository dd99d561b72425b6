"""Open Referral UK responses, versions 3 and 1, saved as JSON."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matcher.core.errors import BadSource
from matcher.core.types import Grade, Provider, Site, Status, Tally
from matcher.sources.formats.tables import BAD_NUMBER, NO_POSTCODE
from matcher.sources.providers import open_referral
from tests.factory import SHARED, needs_shared

ORG_ID = "6f1d3a52-0000-4000-8000-000000000001"


def organisation(**fields: Any) -> dict[str, Any]:
    usual = {
        "id": ORG_ID,
        "name": "Acorn Trust",
        "description": "A charity for older people.",
        "email": "a.persona@example.org",
        "website": "https://acorn.example",
    }
    return usual | fields


def service(**fields: Any) -> dict[str, Any]:
    usual = {
        "id": "s-1",
        "name": "Lunch club",
        "description": "Hot meals twice a week.",
        "status": "active",
        "email": "a.persona@example.org",
        "contacts": [{"name": "Ann Persona", "title": "Cook"}],
        "organization": organisation(),
    }
    return usual | fields


def at(postcode: str, key: str = "addresses") -> dict[str, Any]:
    address = {"attention": "Ann Persona", "address_1": "1 High Street", "postal_code": postcode}
    return {"id": "l-1", "location": {"name": "Town hall", key: [address]}}


def read(tmp_path: Path, *documents: Any) -> tuple[Tally, list[Provider]]:
    folder = tmp_path / "walsall"
    folder.mkdir(exist_ok=True)
    for number, document in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(document))
    ((tally, records),) = open_referral.read([folder])
    return tally, list(records)


def one(tmp_path: Path, *documents: Any) -> Provider:
    (provider,) = read(tmp_path, *documents)[1]
    return provider


def test_a_version_3_service_is_read(tmp_path: Path) -> None:
    provider = one(
        tmp_path,
        service(
            attributes=[{"taxonomy_term": {"name": "Older people"}}],
            service_areas=[{"name": "Walsall"}],
            service_at_locations=[at("WS1 1TP")],
            last_modified="2026-02-03T10:30:45.123Z",
        ),
    )
    assert provider.id == f"ORUK-{ORG_ID}"
    assert provider.profile == "A charity for older people.\nLunch club\nHot meals twice a week."
    assert provider.tags == ("Older people",)
    assert provider.areas == ("Walsall",)
    assert provider.sites == (Site("WS1 1TP", Grade.SERVICE_LOCATION),)
    assert provider.source.day == date(2026, 2, 3)
    assert provider.status is Status.ACTIVE


def test_a_version_1_service_is_read(tmp_path: Path) -> None:
    provider = one(
        tmp_path,
        {
            "totalElements": 1,
            "content": [
                service(
                    eligibilitys=[{"eligibility": "People over 65"}],
                    service_taxonomys=[{"taxonomy": {"name": "Meals"}}],
                    regular_schedules=[{"opens_at": "10:00"}],
                    service_areas=[{"service_area": "Walsall"}],
                    service_at_locations=[at("ws11tp", "physical_addresses")],
                    organization=organisation(website=None, url="https://acorn.example/1"),
                )
            ],
        },
    )
    assert "People over 65" in provider.profile
    assert provider.tags == ("Meals",)
    assert provider.areas == ("Walsall",)
    assert provider.sites == (Site("WS1 1TP", Grade.SERVICE_LOCATION),)
    assert provider.website == "https://acorn.example/1"


def test_an_organisation_with_nested_services_is_read(tmp_path: Path) -> None:
    bare = service(organization=None)
    assert "Lunch club" in one(tmp_path, organisation(services=[bare])).profile


def test_a_service_at_a_location_is_read(tmp_path: Path) -> None:
    provider = one(tmp_path, [at("WS1 1TP") | {"service": service()}])
    assert provider.sites == (Site("WS1 1TP", Grade.SERVICE_LOCATION),)
    assert "Lunch club" in provider.profile


def test_a_temporarily_closed_service_is_counted_and_kept(tmp_path: Path) -> None:
    tally, (provider,) = read(tmp_path, service(status="temporarily closed"))
    assert "Lunch club" in provider.profile
    assert list(tally.set_aside.values()) == [1]


def test_a_service_without_an_organisation_is_set_aside(tmp_path: Path) -> None:
    lost = service(organization=None, organization_id="nobody")
    tally, (provider,) = read(tmp_path, [service(organization=None), lost, lost, service()])
    assert provider.name == "Acorn Trust"
    assert tally.set_aside == {
        "service without an organisation": 1,
        "service whose organisation is not in the feed": 2,
    }


@pytest.mark.parametrize(
    ("identifier", "org_id"),
    [
        ({"identifier_scheme": "GB-COH", "identifier": "7633349"}, "GB-COH-07633349"),
        ({"identifier_scheme": "GB-CHC", "identifier": "1150079"}, "GB-CHC-1150079"),
        ({"identifier_type": "Company number", "identifier": "SC416208"}, "GB-COH-SC416208"),
        ({"identifier_type": "Charity number", "identifier": "SC012345"}, "GB-SC-SC012345"),
        ({"identifier_scheme": "other", "identifier": "9"}, f"ORUK-{ORG_ID}"),
    ],
)
def test_official_numbers_become_org_ids(
    tmp_path: Path, identifier: dict[str, str], org_id: str
) -> None:
    assert one(tmp_path, organisation(organization_identifiers=[identifier])).id == org_id


def test_an_area_is_a_short_name_or_a_code(tmp_path: Path) -> None:
    areas = [
        {"name": "This service is open to everybody who lives, works or studies " * 2},
        {"name": "Walsall", "uri": "http://statistics.example/id/E08000030"},
        {"name": "Dudley"},
    ]
    assert one(tmp_path, service(service_areas=areas)).areas == ("E08000030", "Dudley")


def test_personal_fields_are_never_read(tmp_path: Path) -> None:
    text = repr(one(tmp_path, service(service_at_locations=[at("WS1 1TP")])))
    assert not any(word in text for word in ("ersona", "High Street", "@"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!DOCTYPE html><title>502</title>", "is a web page, not JSON"),
        ('{"contents": [', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_other_text_is_refused_as_not_json(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.json").write_text(text)
    ((_, records),) = open_referral.read([tmp_path / "a.json"])
    with pytest.raises(BadSource, match=said):
        list(records)


@pytest.mark.parametrize("wrong", [None, 7, "text", [], [7], {"id": []}, {"location": "here"}])
def test_fields_of_the_wrong_type_are_ignored(tmp_path: Path, wrong: Any) -> None:
    keys = ("attributes", "service_areas", "service_at_locations", "description", "last_modified")
    provider = one(tmp_path, service(**dict.fromkeys(keys, wrong)))
    assert provider.name == "Acorn Trust"
    assert provider.sites == ()


@needs_shared
def test_the_published_examples() -> None:
    ((tally, records),) = open_referral.read([SHARED / "fixtures" / "open-referral-uk"])
    (provider,) = records
    assert provider.id == "GB-COH-01234567"
    assert provider.sites == ()
    assert tally.set_aside == {
        "record without an organisation (taxonomy or feed metadata)": 4,
        NO_POSTCODE: 1,  # its places are not in the United Kingdom
    }


@pytest.mark.parametrize(
    ("scheme", "kind", "number", "org_id"),
    [
        ("GB-CHC", "", "GB-CHC-1150090", "GB-CHC-1150090"),
        ("GB-COH", "", "GB-COH-7654321", "GB-COH-07654321"),
        ("GB-SC", "Scottish charity", "23456", "GB-SC-SC023456"),
        (None, "Registered charity", "1150091", "GB-CHC-1150091"),
        ("https://www.oscr.org.uk", "", "SC 023457", "GB-SC-SC023457"),
        ("https://register-of-charities.charitycommission.gov.uk", "", 1150092, "GB-CHC-1150092"),
        ("Companies House", "", "7654322", "GB-COH-07654322"),
        ("GB-NIC", "", "NIC100200", "GB-NIC-100200"),
        ("GB-CHC", "Charity number", "N/A", f"ORUK-{ORG_ID}"),
        ("GB-COH", "", "None", f"ORUK-{ORG_ID}"),
    ],
)
def test_an_identifier_is_read_in_every_form(
    tmp_path: Path, scheme: str | None, kind: str, number: object, org_id: str
) -> None:
    entry = {"identifier_scheme": scheme, "identifier_type": kind, "identifier": number}
    provider = one(tmp_path, service(organization=organisation(organization_identifiers=[entry])))
    assert provider.id == org_id


@pytest.mark.parametrize(
    "status", ["CLOSED", "suspended", "Inactive ", "discontinued", "Draft", "pending approval"]
)
def test_a_service_that_is_closed_is_set_aside_however_it_is_written(
    tmp_path: Path, status: str
) -> None:
    tally, [provider] = read(tmp_path, service(status=status))
    assert provider.status is Status.UNKNOWN
    assert "Lunch club" not in provider.profile
    assert tally.set_aside == {f"{status.strip().lower()} service": 1}


def test_a_name_may_say_that_an_organisation_or_a_service_is_gone(tmp_path: Path) -> None:
    gone = organisation(name="Oak Meals (closed 2024)")
    assert one(tmp_path, service(organization=gone)).status is Status.DISSOLVED
    tally, [provider] = read(tmp_path, service(name="Lunch club (closed)"))
    assert (provider.status, "Lunch club" in provider.profile) == (Status.UNKNOWN, False)
    assert tally.set_aside == {"service whose name says that it is gone": 1}
    assert one(tmp_path, service(name="Lunch club (closed on Mondays)")).status is Status.ACTIVE


def test_html_is_taken_out_of_descriptions(tmp_path: Path) -> None:
    described = "<p>Walks &amp; talks</p><ul><li>Free</li></ul>"
    provider = one(tmp_path, service(description=described))
    assert provider.profile.splitlines()[-1] == "Walks & talks Free"


@pytest.mark.parametrize(
    "status",
    ["closed - moved", "INACTIVE (funding ended)", "not_active", "No longer available", "Archived"],
)
def test_a_status_with_more_words_is_still_closed(tmp_path: Path, status: str) -> None:
    tally, [provider] = read(tmp_path, service(status=status))
    assert provider.status is Status.UNKNOWN
    assert "Lunch club" not in provider.profile
    assert sum(tally.set_aside.values()) == 1


def test_a_service_that_is_paused_is_kept_and_said(tmp_path: Path) -> None:
    tally, [provider] = read(tmp_path, service(status="temporarily_closed"))
    assert "Lunch club" in provider.profile
    assert tally.set_aside == {"temporarily closed service (its description is kept)": 1}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: [{"contents": [one]}, {"contents": []}],
        lambda one: {"data": {"contents": [one]}},
        lambda one: {"results": [one], "count": 1},
        lambda one: {"items": [one]},
        lambda one: {"services": [one]},
        lambda one: {"contents": [[one]]},
        lambda one: {"page": {"contents": [one]}},
    ],
)
def test_pages_in_pages_are_read(tmp_path: Path, wrap: Any) -> None:
    assert one(tmp_path, wrap(service())).name == "Acorn Trust"


def test_the_locations_of_an_organisation_are_sites(tmp_path: Path) -> None:
    places = [at("WS1 1TP")["location"], at("ws28rr")["location"]]
    provider = one(tmp_path, service(organization=organisation(locations=places)))
    assert [site.postcode for site in provider.sites] == ["WS1 1TP", "WS2 8RR"]


def test_signs_that_cannot_be_stored_are_left_out(tmp_path: Path) -> None:
    provider = one(tmp_path, service(description="Tea \ud83d\x00", organization__x=1))
    assert "Tea" in provider.profile.splitlines()


def test_an_active_service_that_takes_nobody_now_is_kept(tmp_path: Path) -> None:
    tally, _ = read(tmp_path, service(status="active - closed to new people"))
    assert not tally.set_aside


def test_one_object_is_read_as_a_list_of_one(tmp_path: Path) -> None:
    number = {"identifier_scheme": "GB-CHC", "identifier": "1180041"}
    owner = organisation(organization_identifiers=number)
    alone = service(organization=owner, service_at_locations=at("WS1 1AD"))
    _, (provider,) = read(tmp_path, {"contents": alone})
    assert (provider.id, [site.postcode for site in provider.sites]) == (
        "GB-CHC-1180041",
        ["WS1 1AD"],
    )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: {"contents": {"s-1": one}},
        lambda one: {"_embedded": {"services": [one]}, "page": {"size": 1}},
        lambda one: {"data": {"items": [one]}, "links": {"next": None}},
    ],
)
def test_a_page_is_read_in_every_wrapping(tmp_path: Path, wrap: Any) -> None:
    _, found = read(tmp_path, wrap(service(service_at_locations=[at("WS1 1AD")])))
    assert [provider.name for provider in found] == ["Acorn Trust"]


@pytest.mark.parametrize("key", ["address", "physical_address", "addresses"])
@pytest.mark.parametrize("name", ["postal_code", "postcode"])
def test_an_address_is_read_under_every_name(tmp_path: Path, key: str, name: str) -> None:
    place = {"location": {key: {name: "WS1 1AD"}}}
    _, (provider,) = read(tmp_path, service(service_at_locations=[place]))
    assert [site.postcode for site in provider.sites] == ["WS1 1AD"]


@pytest.mark.parametrize(
    ("scheme", "kind", "number", "org_id"),
    [
        ("http://org-id.guide/list/GB-COH/", "", "7180041", "GB-COH-07180041"),
        ("", "CRN", "07180041", "GB-COH-07180041"),
        ("", "CIC number", "7180041", "GB-COH-07180041"),
        ("GB-CHC", "", 1180041.0, "GB-CHC-1180041"),
        ("Charity Commission", "", "1180041-1", "GB-CHC-1180041"),
    ],
)
def test_a_number_is_known_by_what_is_said_of_its_register(
    tmp_path: Path, scheme: str, kind: str, number: object, org_id: str
) -> None:
    entry = {"identifier_scheme": scheme, "identifier_type": kind, "identifier": number}
    owner = organisation(organization_identifiers=[entry])
    assert read(tmp_path, service(organization=owner))[1][0].id == org_id


# --- numbers in other places, and exports in other forms ---


@pytest.mark.parametrize(
    ("fields", "org_id"),
    [
        ({"uri": "GB-CHC-1150079"}, "GB-CHC-1150079"),
        ({"uri": "http://org-id.guide/GB-CHC-1150079"}, "GB-CHC-1150079"),
        ({"uri": "https://opencorporates.com/companies/gb/07954321"}, "GB-COH-07954321"),
        ({"uri": "https://www.acorn.example/2023456"}, None),
        ({"id": "GB-CHC-1150079"}, "GB-CHC-1150079"),
        ({"id": "1150079"}, None),
        ({"organisation_identifiers": [{"identifier_scheme": "GB-CHC", "identifier": "1150079"}]},
         "GB-CHC-1150079"),
    ],
)  # fmt: skip
def test_a_number_may_be_the_id_or_the_address_of_an_organisation(
    tmp_path: Path, fields: dict[str, Any], org_id: str | None
) -> None:
    provider = one(tmp_path, service(organization=organisation(**fields)))
    assert provider.id == org_id or (org_id is None and provider.id.startswith("ORUK-"))


@pytest.mark.parametrize(
    ("scheme", "kind", "identifier", "ids"),
    [
        ("GB-CHC", "", "https://x.charitycommission.gov.uk/?regid=1150079&subid=0",
         ["GB-CHC-1150079"]),
        ("GB-CHC", "", "https://x.charitycommission.gov.uk/charity-details/5012345", []),
        ("", "Company", "https://x.company-information.service.gov.uk/company/07954321",
         ["GB-COH-07954321"]),
        ("", "GB-CHC", "1150079", ["GB-CHC-1150079"]),
        ("GB-CHC", "", "1150079 / SC012345", ["GB-CHC-1150079", "GB-SC-SC012345"]),
        ("GB-CHC", "", "SC012345", ["GB-SC-SC012345"]),
        ("GB-CHC", "", "awaiting registration", []),
        ("GB-CHC", "", "01922 555010", []),
    ],
)  # fmt: skip
def test_an_identifier_is_read_as_people_write_it(
    tmp_path: Path, scheme: str, kind: str, identifier: str, ids: list[str]
) -> None:
    entry = {"identifier_scheme": scheme, "identifier_type": kind, "identifier": identifier}
    owner = organisation(organization_identifiers=[entry])
    provider = one(tmp_path, service(organization=owner))
    assert [provider.id, *provider.ids] == (ids or [f"ORUK-{ORG_ID}"])


@pytest.mark.parametrize(
    "exported",
    [
        {"organisation": organisation()},
        {"organisation_id": ORG_ID, "organisation_name": "Acorn Trust"},
        {"organization_name": "Acorn Trust"},
        {"organization.id": ORG_ID, "organization.name": "Acorn Trust"},
    ],
)
def test_an_export_may_be_flat_or_in_british_english(
    tmp_path: Path, exported: dict[str, Any]
) -> None:
    told = {key: value for key, value in service(**exported).items() if key != "organization"}
    provider = one(tmp_path, told)
    assert provider.name == "Acorn Trust"
    assert "Hot meals twice a week." in provider.profile


def test_of_several_records_of_a_service_the_newest_stands(tmp_path: Path) -> None:
    older = service(last_modified="2026-01-01T10:00:00Z", description="Old words.")
    newer = service(last_modified="2026-05-01", description="New words.")
    for order in ((older, newer), (newer, older)):
        assert one(tmp_path, *order).profile.splitlines()[1:] == ["Lunch club", "New words."]
    tally, (provider,) = read(tmp_path, older, {**newer, "status": "inactive"})
    assert (provider.status, tally.set_aside) == (
        Status.UNKNOWN,
        {"inactive service": 1, "service with a newer record": 1},
    )
    undated = service(description="Other words.")
    assert "Old words." in one(tmp_path, older, undated).profile


@pytest.mark.parametrize(
    "contact",
    [
        {"id": "c", "organization_id": ORG_ID, "name": "Ann Persona", "title": "Cook"},
        {"id": "c", "organization_id": ORG_ID, "name": "Ann Persona", "email": "a@example.org"},
        {"id": "c", "service_id": "s-1", "name": "Ann Persona"},
        {"id": "c", "contact_id": "x", "name": "Ann Persona", "number": "01922 555010"},
    ],
)
def test_a_contact_of_its_own_is_never_read(tmp_path: Path, contact: dict[str, Any]) -> None:
    told = {**service(organization_id=ORG_ID), "organization": None}
    tally, (provider,) = read(tmp_path, [organisation()], [told], [contact])
    assert "Persona" not in repr(provider)
    assert tally.set_aside == {"place, contact or times without their service": 1}


def test_the_places_of_an_organisation_may_be_in_a_table_of_their_own(tmp_path: Path) -> None:
    place = {**at("WS1 1TP", "physical_addresses")["location"], "organization_id": ORG_ID}
    tables = {"organization": [organisation()], "service": [{**service(), "organization": None,
              "organization_id": ORG_ID}]}  # fmt: skip
    provider = one(tmp_path, tables, [place])
    assert [site.postcode for site in provider.sites] == ["WS1 1TP"]
    assert "Town hall" not in provider.profile


@pytest.mark.parametrize(
    "contact",
    [
        {"id": "c", "name": "Ann Persona", "email": "a@example.org"},
        {"id": "c", "name": "Ann Persona", "phones": [{"number": "01922 555010"}], "email": ""},
        {"id": "c", "name": "Ann Persona", "telephone": "01922 555010", "email": "a@example.org"},
    ],
)
def test_a_contact_with_only_a_name_and_how_to_reach_it_is_no_organisation(
    tmp_path: Path, contact: dict[str, Any]
) -> None:
    told = {**service(organization_id=ORG_ID), "organization": None}
    tally, (provider,) = read(tmp_path, [organisation()], [told], [contact])
    assert "Persona" not in repr(provider)
    assert tally.set_aside == {"contact without their service": 1}
    assert tally.examples["contact without their service"] == "2.json record 1"


def test_a_postcode_in_a_line_of_an_address_is_read_where_there_is_no_other(tmp_path: Path) -> None:
    address = {"address_1": "1 High Street, Walsall WS1 1TP", "postal_code": None}
    place = {"location": {"addresses": [address]}}
    _, (one,) = read(tmp_path, [service(service_at_locations=[place])])
    assert [site.postcode for site in one.sites] == ["WS1 1TP"]


def test_a_list_that_php_wrote_as_an_object_is_read(tmp_path: Path) -> None:
    numbers = {"0": {"identifier_scheme": "GB-CHC", "identifier": "1150079"}}
    owner = organisation(organization_identifiers=numbers)
    _, (one,) = read(
        tmp_path, [service(service_at_locations={"0": at("WS1 1TP")}, organization=owner)]
    )
    assert (one.id, [site.postcode for site in one.sites]) == ("GB-CHC-1150079", ["WS1 1TP"])


def test_what_is_no_record_is_counted(tmp_path: Path) -> None:
    tally, found = read(tmp_path, [None, service(), "end of page"])
    assert len(found) == 1
    assert tally.read == 3
    assert tally.set_aside == {"record that is not an organisation or a service": 2}


@pytest.mark.parametrize(
    ("scheme", "number", "noted"),
    [
        ("GB-CHC", "not a number 1", {BAD_NUMBER: 1}),
        ("Charity number", "12", {BAD_NUMBER: 1}),
        ("GB-CHC", "1150079", {}),
        ("GB-CHC", "", {}),
        ("Internal reference", "17", {}),
    ],
)
def test_a_number_of_an_organisation_that_is_not_valid_is_counted(
    tmp_path: Path, scheme: str, number: str, noted: dict[str, int]
) -> None:
    listed = [{"identifier_scheme": scheme, "identifier": number}]
    record = {"id": "o1", "name": "Acorn Trust", "organization_identifiers": listed}
    tally, found = read(tmp_path, record)
    assert (len(found), tally.set_aside) == (1, noted)


@pytest.mark.parametrize(
    ("fields", "org_id"),
    [
        ({"charity_number": "1150079"}, "GB-CHC-1150079"),
        ({"company_number": 7954321}, "GB-COH-07954321"),
        ({"tax_status": "Registered charity", "tax_id": "1150079"}, "GB-CHC-1150079"),
        ({"identifiers": [{"scheme": "GB-CHC", "id": "1150079"}]}, "GB-CHC-1150079"),
    ],
    ids=str,
)
def test_a_number_in_a_field_of_its_own_is_read(
    tmp_path: Path, fields: dict[str, Any], org_id: str
) -> None:
    assert one(tmp_path, [service(organization=organisation(**fields))]).id == org_id


def test_a_tax_number_of_something_else_is_not_read(tmp_path: Path) -> None:
    owner = organisation(tax_status="VAT registered", tax_id="1150079")
    assert one(tmp_path, [service(organization=owner)]).id == f"ORUK-{ORG_ID}"


@pytest.mark.parametrize(
    ("scheme", "number", "org_id"),
    [
        ("GB-CHC", "CHC-1150079", "GB-CHC-1150079"),
        ("RCN", "1150079", "GB-CHC-1150079"),
        ("FCA Mutuals Register", "129CUS", "GB-MPR-129CUS"),
        ("UKPRN", "10001234", "GB-UKPRN-10001234"),
    ],
)
def test_the_register_of_a_number_by_its_short_name(
    tmp_path: Path, scheme: str, number: str, org_id: str
) -> None:
    listed = [{"identifier_scheme": scheme, "identifier": number}]
    owner = organisation(organization_identifiers=listed)
    assert one(tmp_path, [service(organization=owner)]).id == org_id
