"""The buyer of a notice that a portal or an agent publishes for somebody else."""

from __future__ import annotations

import pytest

from matcher.sources.notices.parties import buyer_of

AGENTS_POSTCODE, BUYERS_POSTCODE = "EC1A 1BB", "FK8 2ET"


def _release(
    name: str, title: str = "Hot meals", description: str = "", entity: str = ""
) -> dict[str, object]:
    def party(id_: str, named: str, role: str, postcode: str) -> dict[str, object]:
        return {"id": id_, "name": named, "roles": [role], "address": {"postalCode": postcode}}

    parties = [party("1", name, "buyer", AGENTS_POSTCODE)]
    if entity:
        parties.append(party("2", entity, "procuringEntity", BUYERS_POSTCODE))
    return {
        "buyer": {"id": "1", "name": name},
        "parties": parties,
        "tender": {"title": title, "description": description},
    }


@pytest.mark.parametrize(
    ("published_by", "buyer", "kind"),
    [
        ("NPS on behalf of Norwich City Council", "Norwich City Council", "council"),
        ("Agency X o/b/o the London Borough of Bexley", "London Borough of Bexley", "council"),
        (
            "HTE LLP acting as agent for Barts Health NHS Trust",
            "Barts Health NHS Trust",
            "sub-central",
        ),
        ("Dorset Council c/o Hartley Advisers", "Dorset Council", "council"),
        ("Dorset Council - e-Tendering System", "Dorset Council", "council"),
        ("Riverside Housing Trust eTendering Portal", "Riverside Housing Trust", "sub-central"),
        ("Dorset Council via ProContract", "Dorset Council", "council"),
        ("Dorset Council, acting through its Parks Agency", "Dorset Council", "council"),
        ("Dorset Council on behalf of DC / BCP / WDDC", "Dorset Council", "council"),
        ("Dorset Council (on behalf of the Wessex councils)", "Dorset Council", "council"),
        ("Dorset Council on behalf of the Wessex Growth Consortium", "Dorset Council", "council"),
        ("Dorset Council", "Dorset Council", "council"),
    ],
)
def test_the_name_says_who_buys(published_by: str, buyer: str, kind: str) -> None:
    found = buyer_of(_release(published_by))
    assert (found.name, found.kind) == (buyer, kind)


@pytest.mark.parametrize(
    ("published_by", "title", "description", "buyer"),
    [
        (
            "Delta eSourcing",
            "Meals",
            "The London Borough of Bexley wishes to buy meals.",
            "London Borough of Bexley",
        ),
        ("ProContract", "Dorset Council - meals", "", "Dorset Council"),
        (
            "In-Tend e-Tendering",
            "Meals",
            "Dudley MBC (the Authority) is seeking bids.",
            "Dudley MBC",
        ),
        ("Ash Consultants Ltd", "Dorset Council - meals", "", "Dorset Council"),
        (
            "Skanska",
            "Meals",
            "Listed on behalf of Kent County Council. Bids by May.",
            "Kent County Council",
        ),
    ],
)
def test_the_text_says_who_buys_through_a_portal(
    published_by: str, title: str, description: str, buyer: str
) -> None:
    found = buyer_of(_release(published_by, title, description))
    assert found.name == buyer
    assert found.id == found.postcode == "", "the portal's own id and address are not the buyer's"


def test_the_procuring_entity_buys_through_a_portal() -> None:
    found = buyer_of(_release("Delta eSourcing", entity="Stirling Council"))
    assert (found.name, found.id, found.postcode) == ("Stirling Council", "2", BUYERS_POSTCODE)


@pytest.mark.parametrize("entity", ["", "Kent County Council"])
def test_a_council_that_acts_for_others_still_buys(entity: str) -> None:
    text = "The council also buys on behalf of Medway Council."
    found = buyer_of(_release("Dorset Council", description=text, entity=entity))
    assert (found.name, found.postcode) == ("Dorset Council", AGENTS_POSTCODE)


def test_a_portal_stays_where_nothing_names_the_buyer() -> None:
    found = buyer_of(_release("Delta eSourcing", description="We buy meals."))
    assert (found.name, found.id) == ("Delta eSourcing", "1")
