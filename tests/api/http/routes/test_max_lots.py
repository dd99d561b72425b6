"""Each provider on the lists of at most so many lots of a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from matcher.ranking.sharing import MOST_PLACES
from tests.services import LOT, open_services, served

LOTS = {
    "day": {**LOT, "title": "Home care by day"},
    "night": {**LOT, "title": "Home care at night"},
    "week": {**LOT, "title": "Home care at weekends"},
}


@pytest.fixture
def client(tmp_path: Path, places_table: Path) -> Iterator[TestClient]:
    with served(tmp_path, places_table) as client:
        yield client


def asked(client: TestClient, **fields: Any) -> dict[str, Any]:
    response = client.post("/v1/shortlists", json={"lots": LOTS, "limit": 1, **fields})
    assert response.status_code == 200, response.text
    answers: dict[str, Any] = response.json()["shortlists"]
    return answers


def listed(answers: dict[str, Any]) -> dict[str, list[str]]:
    return {key: [one["id"] for one in each["suggestions"]] for key, each in answers.items()}


def test_each_provider_is_on_at_most_so_many_lists_and_every_list_is_full(
    client: TestClient,
) -> None:
    free = listed(asked(client))
    assert max(Counter(p for own in free.values() for p in own).values()) == 3
    for most in (1, 2):
        answers = asked(client, max_lots_per_provider=most)
        used = Counter(provider for own in listed(answers).values() for provider in own)
        assert max(used.values()) == most
        assert all(len(own) == 1 for own in listed(answers).values())
    assert listed(asked(client, max_lots_per_provider=3)) == free


def test_an_answer_says_who_was_moved_and_where_it_is_listed(client: TestClient) -> None:
    answers = asked(client, max_lots_per_provider=1)
    where = {own[0]: answers[key]["lot"]["id"] for key, own in listed(answers).items()}
    moved = [each for answer in answers.values() for each in answer["request"]["withheld"]]
    assert moved
    for each in moved:
        assert each["lots"] == [where[each["provider"]]]
        assert each["name"].startswith("Brightside")
    for answer in answers.values():
        said = any("left out" in note for note in answer["notes"])
        assert said == bool(answer["request"]["withheld"])
        replayed = client.post(f"/v1/shortlists/{answer['id']}/replay").json()
        assert replayed["identical"], replayed
    holder = next(answer for answer in answers.values() if answer["request"]["withheld"])
    (first, *_) = holder["request"]["withheld"]
    path = f"/v1/shortlists/{holder['id']}/providers"
    why = client.get(f"{path}/{first['provider']}").json()
    assert (why["stage"], why["rank"]) == ("on other lists", first["rank"])
    shown = holder["suggestions"][0]
    why = client.get(f"{path}/{shown['id']}").json()
    assert (why["stage"], why["rank"], why["score"]) == ("listed", 1, shown["score"])


def test_a_notice_says_how_many_lots_one_supplier_may_bid_for(client: TestClient) -> None:
    tender: dict[str, Any] = {
        "id": "t",
        "title": "Home care",
        "lots": [{"id": str(n), "title": f"Home care for older people, {n}"} for n in range(2)],
    }
    notice = {"ocid": "ocds-213czf-1", "date": "2026-05-04T10:00:00Z", "tender": tender}

    def lists() -> list[list[str]]:
        body = {"lots": {"n": notice}, "limit": 2, "everyone": True}
        answers = client.post("/v1/shortlists", json=body).json()["shortlists"]
        return list(listed(answers).values())

    first, second = lists()
    assert set(first) & set(second)
    tender["lotDetails"] = {"maximumLotsBidPerSupplier": 1}
    first, second = lists()
    assert len(first) == len(second) == 2
    assert not set(first) & set(second)


def test_a_provider_that_was_moved_can_be_removed_from_the_records(
    tmp_path: Path, places_table: Path
) -> None:
    services = open_services(tmp_path, places_table)
    with served(tmp_path, places_table) as client:
        answers = asked(client, max_lots_per_provider=1)
        holder = next(answer for answer in answers.values() if answer["request"]["withheld"])
        gone = holder["request"]["withheld"][0]
        services.register.suppress(gone["provider"], by="Dana Example", why="objection")
        kept = client.get(f"/v1/shortlists/{holder['id']}").text
    services.close()
    assert gone["provider"] not in kept
    assert gone["name"] not in kept


def test_too_many_places_are_refused(client: TestClient) -> None:
    lots = {str(number): "Home care, WS1 1TP" for number in range(MOST_PLACES // 100 + 1)}
    body = {"lots": lots, "limit": 100, "max_lots_per_provider": 1}
    refused = client.post("/v1/shortlists", json=body)
    assert refused.status_code == 422
    assert "ask for fewer lots or with a lower limit" in refused.json()["detail"]
