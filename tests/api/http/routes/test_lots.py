"""Lots are sent in the same way everywhere: under keys, or as a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.services import LOT, served

LOTS: list[Any] = [
    LOT,
    "Day club for older people, WS2 8RR",
    {**LOT, "value": -1},
    {**LOT, "title": "Engine repairs", "cpv": []},
]


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, calibrated_bundle: Path
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("lots")
    with served(folder, places_table, bundle=str(calibrated_bundle)) as client:
        yield client


def posted(client: TestClient, path: str, body: object) -> Any:
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def places_of(problem: Any) -> list[str]:
    """Where a problem says that its errors are."""
    return [error["where"] for error in problem["errors"]]


def without_places(answer: Any) -> Any:
    """An answer without the places of errors, which name the keys of lots."""
    if isinstance(answer, dict):
        return {key: without_places(each) for key, each in answer.items() if key != "where"}
    return [without_places(each) for each in answer] if isinstance(answer, list) else answer


def test_a_list_of_lots_is_answered_under_their_numbers(client: TestClient) -> None:
    listed = posted(client, "/v1/shortlists", {"lots": LOTS})
    keyed = posted(client, "/v1/shortlists", {"lots": dict(zip("abcd", LOTS, strict=True))})
    for part in ("shortlists", "errors"):
        numbered = {"abcd"[int(number)]: each for number, each in listed[part].items()}
        assert without_places(numbered) == without_places(keyed[part])
    assert set(listed["errors"]) == {"2"}
    assert places_of(listed["errors"]["2"]) == ["/lots/2/value"]
    assert places_of(keyed["errors"]["c"]) == ["/lots/c/value"]


def test_markets_of_lots_under_keys_are_those_of_a_list(client: TestClient) -> None:
    listed = posted(client, "/v1/markets", {"lots": LOTS})
    keyed = posted(client, "/v1/markets", {"lots": dict(zip("abcd", LOTS, strict=True))})
    assert [line["key"] for line in keyed["markets"]] == list("abcd")
    assert [line["key"] for line in listed["markets"]] == list("0123")
    assert [without_places(line | {"key": ""}) for line in listed["markets"]] == [
        without_places(line | {"key": ""}) for line in keyed["markets"]
    ]
    assert listed["together"] == keyed["together"]


def test_a_split_of_lots_under_keys_is_that_of_a_list(client: TestClient) -> None:
    need = {**LOT, "area": "Walsall, Sandwell", "postcode": "", "value": 200_000}
    parts = [{**need, "area": area, "value": 100_000} for area in ("Walsall", "Sandwell")]
    ways = ({"two": parts}, {"two": {"west": parts[0], "east": parts[1]}})
    answers = [posted(client, "/v1/splits", {"need": need, "splits": way}) for way in ways]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("lots", [{}, [], "home care", 4, None])
@pytest.mark.parametrize("path", ["/v1/shortlists", "/v1/markets"])
def test_no_lots_and_what_is_not_lots_are_refused(
    client: TestClient, path: str, lots: object
) -> None:
    refused = client.post(path, json={"lots": lots})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"] == "/lots"


NO_CODE = "The CPV has no code 99999999, so it was not used. Check the digits."


def tender_with(code: str) -> dict[str, Any]:
    """A notice with one lot of one code."""
    item = {"id": "1", "relatedLot": "1", "classification": {"scheme": "CPV", "id": code}}
    place = {"deliveryAddresses": [{"postalCode": "WS2 8RR"}]}
    lots = [{"id": "1", "title": "Home care"}]
    return {"ocid": "ocds-1", "tender": {"id": "1", "lots": lots, "items": [{**item, **place}]}}


def test_a_code_that_is_none_of_the_cpv_is_told_and_does_not_count(client: TestClient) -> None:
    """Neither for the order nor for the kind of contract; the answer has it as it was sent."""
    codes: list[str] = LOT["cpv"]
    lots = {
        "own": LOT,
        "wrong": {**LOT, "cpv": [*codes, "99999999"]},
        "none": {**LOT, "cpv": []},
        "only": {**LOT, "cpv": "99999999-9"},
    }
    told = posted(client, "/v1/shortlists", {"lots": lots})["shortlists"]
    for one, other in (("own", "wrong"), ("none", "only")):
        assert told[one]["suggestions"] == told[other]["suggestions"]
        assert told[one]["procurement"]["contract"] == told[other]["procurement"]["contract"]
        assert told[one]["cpv_suggestions"] == told[other]["cpv_suggestions"]
        assert [note for note in told[other]["notes"] if note not in told[one]["notes"]] == [
            NO_CODE
        ]
    assert told["wrong"]["lot"]["cpv"] == [*codes, "99999999"]
    replayed = client.post(f"/v1/shortlists/{told['wrong']['id']}/replay").json()
    assert replayed["identical"] is True


def test_a_notice_and_a_market_name_a_code_that_is_none_of_the_cpv(client: TestClient) -> None:
    (told,) = posted(client, "/v1/shortlists", {"lots": [tender_with("99999999")]})[
        "shortlists"
    ].values()
    assert NO_CODE in told["notes"]
    (line,) = posted(client, "/v1/markets", {"lots": [{**LOT, "cpv": ["99999999"]}]})["markets"]
    assert NO_CODE in line["market"]["notes"]


def test_many_codes_that_are_none_of_the_cpv_are_told_in_short(client: TestClient) -> None:
    codes = [f"9999999{digit}" for digit in range(8)]
    (told,) = posted(client, "/v1/shortlists", {"lots": [{**LOT, "cpv": codes}]})[
        "shortlists"
    ].values()
    (note,) = (one for one in told["notes"] if "no code" in one)
    assert note.endswith("99999994 or 3 more, so they were not used. Check the digits.")
