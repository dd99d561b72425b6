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
