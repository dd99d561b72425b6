"""The Charity Commission's JSON, as its extract, its interface and other programs write it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matcher.core.types import Provider, Status
from matcher.sources.providers import charities

EXTRACT: dict[str, Any] = {
    "date_of_extract": "2026-03-01T00:00:00",
    "organisation_number": 7,
    "registered_charity_number": 1150079,
    "linked_charity_number": 0,
    "charity_name": "LARCH MEALS",
    "charity_registration_status": "Registered",
    "latest_income": 45000.0,
    "charity_contact_postcode": "WS1 1TP",
    "charity_company_registration_number": "07954321",
    "charity_contact_email": "jo@larch.example",
}
INTERFACE: dict[str, Any] = {
    "organisation_number": 7,
    "reg_charity_number": 1150079,
    "group_subsid_suffix": 0,
    "charity_name": "LARCH MEALS",
    "reg_status": "R",
    "latest_income": 45000,
    "address_post_code": "WS1 1TP",
    "charity_co_reg_number": "07954321",
    "email": "jo@larch.example",
    "trustee_names": [{"trustee_name": "Jo Persona", "trustee_id": 1}],
}


def read(tmp_path: Path, document: object) -> list[Provider]:
    path = tmp_path / "charities.json"
    path.write_text(json.dumps(document))
    ((_, found),) = charities.read([path])
    return list(found)


def camel(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(map(str.capitalize, others))


@pytest.mark.parametrize(
    "document",
    [
        [{key.upper(): value for key, value in EXTRACT.items()}],
        [{camel(key): value for key, value in EXTRACT.items()}],
        {"meta": {"pages": [1, 2], "total": 1}, "data": [EXTRACT]},
        [INTERFACE],
        INTERFACE,
    ],
    ids=["capitals", "camel", "wrapped", "interface", "one of the interface"],
)
def test_the_same_charity_however_it_is_written(tmp_path: Path, document: object) -> None:
    (charity,) = read(tmp_path, document)
    assert (charity.id, charity.ids) == ("GB-CHC-1150079", ("GB-COH-07954321",))
    assert (charity.name, charity.income) == ("LARCH MEALS", 45000)
    assert [site.postcode for site in charity.sites] == ["WS1 1TP"]
    assert charity.status is Status.ACTIVE
    assert "Persona" not in repr(charity)
    assert "larch.example" not in repr(charity)


def test_a_charity_that_the_interface_calls_removed_is(tmp_path: Path) -> None:
    (charity,) = read(tmp_path, [INTERFACE | {"reg_status": "RM"}])
    assert charity.status is Status.REMOVED


def test_a_linked_charity_of_the_interface_is_none(tmp_path: Path) -> None:
    linked = INTERFACE | {"group_subsid_suffix": 2, "charity_name": "LARCH PTA"}
    assert [one.name for one in read(tmp_path, [INTERFACE, linked])] == ["LARCH MEALS"]
