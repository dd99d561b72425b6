from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from matcher.core.types import Kind, Provider, Size, Source
from matcher.register.linkage.merge import of_notices
from matcher.sources.notices.parties import buyer_of, name_key
from matcher.sources.notices.suppliers import Suppliers

SOURCE = Source("Contracts Finder", date(2026, 3, 1))


def winners(parties: list[Any], *references: Any) -> list[Provider]:
    release = {"parties": parties, "awards": [{"suppliers": list(references)}]}
    return list(Suppliers.of(release).providers(list(references), SOURCE))


def winner(party: dict[str, Any], **reference: Any) -> Provider:
    party = {"id": "1", "name": "Ash Care Ltd", **party}
    [found] = winners([party], {"id": party["id"], "name": party["name"], **reference})
    return found


@pytest.mark.parametrize(
    ("scheme", "number", "id_"),
    [
        ("GB-COH", "7633349", "GB-COH-07633349"),
        ("GB-COH", "sc012345", "GB-COH-SC012345"),
        ("GB-CHC", "1150079", "GB-CHC-1150079"),
        ("GB-SC", "SC012345", "GB-SC-SC012345"),
        ("GB-NIC", "100002", "GB-NIC-100002"),
        ("GB-MPR", "4355R", "GB-MPR-4355R"),
        ("GB-PPON", "PDTL-7248-GWZW", "GB-PPON-PDTL-7248-GWZW"),
    ],
)
def test_an_official_number_is_the_id(scheme: str, number: str, id_: str) -> None:
    assert winner({"identifier": {"scheme": scheme, "id": number}}).id == id_


@pytest.mark.parametrize("number", ["", "N/A", "none", None, 0, [], "00000000"])
@pytest.mark.parametrize("scheme", ["GB-COH", "GB-CHC", "", None])
def test_no_number_is_not_an_id(scheme: object, number: object) -> None:
    assert winner({"identifier": {"scheme": scheme, "id": number}}).id == "XX-NAME-ashcare"


@pytest.mark.parametrize(
    ("name", "legal", "kind"),
    [
        ("Tamar Grow CIC", "", Kind.CIC),
        ("Tamar Grow", "TAMAR GROW COMMUNITY INTEREST COMPANY", Kind.CIC),
        ("Abbey Hall CIO", "", Kind.CHARITY),
        ("Ash Care Ltd", "", Kind.UNKNOWN),
    ],
)
def test_the_end_of_a_name_shows_what_kind_a_supplier_is(name: str, legal: str, kind: Kind) -> None:
    found = winner({"name": name, "identifier": {"legalName": legal}})
    assert found.kind is kind
    assert of_notices(found)


@pytest.mark.parametrize(
    ("legal", "aliases"),
    [
        ("Kestrelfold Holdings plc", ("Kestrelfold Holdings plc",)),
        ("ASH CARE LIMITED", ()),
        ("", ()),
        (None, ()),
        ({"en": "x"}, ()),
    ],
)
def test_the_registered_name_is_another_name(legal: object, aliases: tuple[str, ...]) -> None:
    found = winner({"identifier": {"scheme": "GB-COH", "id": "7633349", "legalName": legal}})
    assert (found.name, found.aliases) == ("Ash Care Ltd", aliases)


def test_ppon_is_read_with_a_colon_too() -> None:
    assert winner({"id": "GB-PPON:PYBM-6288-WNYY"}).id == "GB-PPON-PYBM-6288-WNYY"


def test_a_supplier_without_a_party_is_known_by_its_reference() -> None:
    [found] = winners([], {"id": "GB-CHC-1150079", "name": "Elm Trust"})
    assert (found.id, found.name, found.sites) == ("GB-CHC-1150079", "Elm Trust", ())


def test_trap_two_suppliers_share_one_identifier() -> None:
    described = {"id": "7", "name": "Ash Care", "address": {"postalCode": "WS1 1TP"}}
    identified = {"id": "GB-COH-01234567", "name": "Oak Ltd", "address": {"postalCode": "B1 1BB"}}
    found = winners(
        [described, identified],
        {"id": "7", "name": "Elm Trust"},
        {"id": "7", "name": "Ash Care Ltd"},
        {"id": "GB-COH-01234567", "name": "Oak Limited"},
        {"id": "GB-COH-01234567", "name": "Fir Limited"},
    )
    assert [(p.name, p.id, len(p.sites)) for p in found] == [
        ("Elm Trust", "XX-NAME-elmtrust", 0),
        ("Ash Care Ltd", "XX-NAME-ashcare", 1),
        ("Oak Limited", "GB-COH-01234567", 1),
        ("Fir Limited", "XX-NAME-fir", 0),
    ]


def test_trap_two_parties_carry_one_company_number() -> None:
    number = {"scheme": "GB-COH", "id": "01234567"}
    parties = [
        {"id": "1", "name": "Oak Ltd", "identifier": number},
        {"id": "2", "name": "Fir Ltd", "identifier": number},
    ]
    assert [p.id for p in winners(parties, *parties)] == ["GB-COH-01234567", "XX-NAME-fir"]


def test_a_trading_name_in_the_reference_keeps_the_partys_details() -> None:
    number = {"scheme": "GB-COH", "id": "01234567"}
    found = winner({"name": "Ash Holdings", "identifier": number}, name="Ash at Home")
    assert (found.id, found.name) == ("GB-COH-01234567", "Ash at Home")


@pytest.mark.parametrize(
    "street", ["Elm House,rnSouthend…rnRM11 3UB", "4 George Lane, London, United Kingdom, RM113UB"]
)
def test_trap_the_postcode_stands_in_the_street_address(street: str) -> None:
    found = winner({"address": {"streetAddress": street, "postalCode": ""}})
    assert found.sites[0].postcode == "RM11 3UB"
    assert "House" not in repr(found)
    assert "Lane" not in repr(found)


def test_no_personal_contact_is_read() -> None:
    contact = {"name": "Jo Bloggs", "email": "jo@example.org", "telephone": "01234 567890"}
    party = {"id": "1", "roles": ["buyer"], "name": "Elm", "contactPoint": contact}
    read = repr(winner(party)) + repr(buyer_of({"parties": [party]}))
    assert not any(value in read for value in contact.values())


@pytest.mark.parametrize("scale", ["large", "Large"])
def test_trap_large_only_says_that_nobody_ticked_sme(scale: str) -> None:
    found = winner({"details": {"scale": scale}})
    assert (found.size, found.tags) == (Size.UNKNOWN, ("not an SME (self-declared)",))


@pytest.mark.parametrize(
    "ticked", [{"details": {"scale": "sme", "vcse": True}}, {"sme": True, "vco": True}]
)
def test_ticked_boxes_are_weak_labels_and_settle_nothing(ticked: dict[str, Any]) -> None:
    found = winner(ticked)
    assert set(found.tags) == {"sme (self-declared)", "vcse (self-declared)"}
    assert (found.size, found.kind) == (Size.UNKNOWN, Kind.UNKNOWN)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Smith & Sons Ltd", "SMITH AND SONS LIMITED"), ("The Elm Trust", "Elm Trust C.I.C.")],
)
def test_two_spellings_of_a_name_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other.replace("C.I.C.", "CIC"))


def test_the_buyer_is_found_by_its_reference_or_else_its_role() -> None:
    party = {"id": "9", "name": "Elm Council", "address": {"postalCode": "WS1 1TP"}}
    by_reference = buyer_of({"buyer": {"id": "9"}, "parties": [{"id": "1"}, party]})
    by_role = buyer_of({"parties": [{"id": "1"}, {**party, "roles": ["buyer"]}]})
    assert by_reference == by_role
    assert (by_role.name, by_role.id, by_role.postcode) == ("Elm Council", "9", "WS1 1TP")


@pytest.mark.parametrize(
    ("name", "type_", "kind"),
    [
        ("Walsall Council", "", "council"),
        ("The City of Elm", "", "council"),
        ("Elmshire Police", "publicAuthoritySubCentralGovernment", "council"),
        ("Department for Elms", "publicAuthorityCentralGovernment", "central government"),
        ("British Elm Council", "publicAuthorityCentralGovernment", "central government"),
        ("Elm Hospital Trust", "publicAuthoritySubCentralGovernment", "sub-central"),
        ("Elm Hospital Trust", "", "sub-central"),
        ("Elm and Partners", "", ""),
        ("Elm Council of Arts", "privateUtility", "utility"),
    ],
)
def test_what_kind_of_buyer_it_is(name: str, type_: str, kind: str) -> None:
    classifications = [{"scheme": "UK_CA_TYPE", "id": type_}] if type_ else []
    party = {"id": "1", "roles": ["buyer"], "details": {"classifications": classifications}}
    assert buyer_of({"buyer": {"id": "1", "name": name}, "parties": [party]}).kind == kind


def test_a_procuring_entity_buys_where_no_buyer_is_named() -> None:
    entity = {"id": "GB-1", "name": "Elmshire Council"}
    party = {"id": "GB-1", "roles": ["procuringEntity"], "address": {"postalCode": "WS1 1TP"}}
    for release in (
        {"tender": {"procuringEntity": entity}, "parties": [party]},
        {"parties": [party | {"name": "Elmshire Council"}]},
    ):
        buyer = buyer_of(release)
        assert (buyer.name, buyer.kind, buyer.postcode) == (
            "Elmshire Council",
            "council",
            "WS1 1TP",
        )


def test_the_party_with_the_role_of_the_buyer_comes_before_other_bodies() -> None:
    agent = {"id": "1", "name": "Elm Purchasing Organisation"}
    council = {"id": "2", "name": "Elmshire County Council"}
    parties = [{**agent, "roles": ["centralPurchasingBody"]}, {**council, "roles": ["buyer"]}]
    for release in (
        {"buyers": [agent, council]},
        {"tender": {"procuringEntity": agent}},
        {"tender": {"procuringEntities": [agent, {"name": council["name"]}]}},
    ):
        assert buyer_of({**release, "parties": parties}).name == council["name"]
    assert buyer_of({"buyer": agent, "parties": parties}).name == agent["name"]
    assert buyer_of({"buyers": [agent, council], "parties": parties[:1]}).name == agent["name"]


@pytest.mark.parametrize(
    "published",
    [
        "Elmshire County Council on behalf of Midshire Purchasing Organisation",
        "Elmshire County Council, for and on behalf of the Central Buying Consortium",
        "Elmshire County Council on behalf of its Schools",
        "Elmshire County Council acting on behalf of all academies in Elmshire",
        "Elmshire County Council on behalf of itself and Oakton Council",
    ],
)
def test_a_council_that_buys_for_its_schools_or_through_a_framework_is_the_buyer(
    published: str,
) -> None:
    buyer = buyer_of({"buyer": {"id": "1", "name": published}})
    assert (buyer.name, buyer.kind) == ("Elmshire County Council", "council")


def test_the_text_of_a_notice_does_not_replace_a_buyer_of_a_known_kind() -> None:
    classifications = [{"scheme": "TED_CA_TYPE", "id": "REGIONAL_AUTHORITY"}]
    party = {"id": "1", "roles": ["buyer"], "details": {"classifications": classifications}}
    told = "The provider collects rent on behalf of the Department for Work and Pensions."
    release = {
        "buyer": {"id": "1", "name": "Elmshire West and Oakton"},
        "parties": [party],
        "tender": {"title": "Rent collection", "description": told},
    }
    assert buyer_of(release).name == "Elmshire West and Oakton"


PERSON = {"id": "7", "name": "Ann Persona", "email": "ann@moss.example"}


def test_a_contact_that_has_the_id_of_a_supplier_is_not_named_for_it() -> None:
    firm = {"id": "7", "name": "Ash Care Ltd", "roles": ["supplier"]}
    for parties in ([PERSON, firm], [firm, PERSON]):
        assert [one.name for one in winners(parties, {"id": "7"})] == ["Ash Care Ltd"]


@pytest.mark.parametrize(
    "person", [PERSON, {**PERSON, "telephone": "01922 555010", "jobTitle": "Buyer", "roles": []}]
)
def test_a_contact_is_not_the_buyer(person: dict[str, Any]) -> None:
    council = {"id": "7", "name": "Moss Council", "roles": ["buyer"]}
    referring: dict[str, Any] = {"buyer": {"id": "7"}}
    assert buyer_of({**referring, "parties": [person]}).name == ""
    assert buyer_of({**referring, "parties": [person, council]}).name == "Moss Council"
    entity = {"tender": {"procuringEntity": {"id": "7"}}, "parties": [person, council]}
    assert buyer_of(entity).name == "Moss Council"
