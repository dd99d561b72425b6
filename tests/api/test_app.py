"""The service as its callers meet it: asked over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from tests.factory import provider
from tests.registers import registered

LOT = {"title": "Home care for older people", "postcode": "WS1 1TP", "day": "2026-05-01"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("service")
    people = [
        provider(f"GB-CHC-{n}", "WS1 1TP", name=f"Helpers {n}", profile="Home care, older people")
        for n in range(1, 5)
    ]
    registered(folder / "reg", places_table, *people)
    settings = Settings(folder / "reg", "hand", str(folder / "records.sqlite"))
    with TestClient(create_app(settings)) as client:
        yield client


def test_one_bad_lot_does_not_spoil_the_others(client: TestClient) -> None:
    asked = {"lots": {"good": LOT, "bad": {"title": 3}, "empty": {}}, "limit": 2}
    answer = client.post("/v1/shortlists", json=asked).json()
    assert set(answer["shortlists"]) == {"good"}
    assert len(answer["shortlists"]["good"]["suggestions"]) == 2
    assert answer["errors"]["bad"]["detail"] == "title: 3 is not text; write it in quotes"
    assert answer["errors"]["empty"]["status"] == 422


def test_the_same_request_gives_the_same_bytes_whatever_the_key_and_the_company(
    client: TestClient,
) -> None:
    alone = client.post("/v1/shortlists", json={"lots": {"a": LOT}}).json()["shortlists"]["a"]
    body = {"lots": {"x": {"title": "Grass cutting"}, "y": LOT}}
    beside = client.post("/v1/shortlists", json=body).json()["shortlists"]["y"]
    assert alone == beside


def test_a_kept_shortlist_is_replayed_byte_for_byte(client: TestClient) -> None:
    answer = client.post("/v1/shortlists", json={"lots": {"a": LOT}}).json()["shortlists"]["a"]
    replayed = client.post(f"/v1/shortlists/{answer['id']}/replay").json()
    assert replayed == {"id": answer["id"], "identical": True, "changes": []}


def test_an_id_that_nothing_is_kept_under_is_a_problem_that_says_so(client: TestClient) -> None:
    refused = client.get("/v1/shortlists/nothing")
    assert refused.status_code == 404
    assert refused.headers["content-type"] == "application/problem+json"
    assert "'nothing'" in refused.json()["detail"]
