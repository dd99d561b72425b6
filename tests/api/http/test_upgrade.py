"""A later version that words answers differently gives back what was acknowledged before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.service import splits
from api.service.markets import KeptMarket
from api.service.results import Answer
from matcher.lotting.justification import Sentence
from tests.services import LOT, served

NEW_WORDS = "Worded by a later version."
NEED = {**LOT, "postcode": "", "area": "Walsall, Sandwell", "value": 240_000}
SPLITS = {"parts": [{**NEED, "area": area, "value": 120_000} for area in ("Walsall", "Sandwell")]}
OTHER = {**LOT, "title": "Home care, asked for first after the upgrade"}
LINES = {"accept": "application/x-ndjson"}


@pytest.fixture
def client(tmp_path: Path, places_table: Path, calibrated_bundle: Path) -> Iterator[TestClient]:
    with served(tmp_path, places_table, bundle=str(calibrated_bundle)) as client:
        yield client


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Changes the words of every new answer, and nothing that its id is made of."""

    def change() -> None:
        for kind in (Answer, KeptMarket):
            old = kind.of

            def reworded(part: Any, old: Any = old, **rest: Any) -> Any:
                answer = old(part, **rest)
                object.__setattr__(answer, "notes", (*answer.notes, NEW_WORDS))
                return answer

            monkeypatch.setattr(kind, "of", reworded)
        monkeypatch.setattr(splits, "reasons", lambda *_: (Sentence(NEW_WORDS),))

    return change


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/shortlists", {"lots": {"a": LOT}}),
        ("/v1/markets", {"lots": [LOT]}),
        ("/v1/splits", {"need": NEED, "splits": SPLITS}),
        ("/v1/splits/suggest", {"need": NEED, "splits": SPLITS}),
    ],
)
def test_the_same_request_gives_the_same_bytes_after_an_upgrade(
    client: TestClient, upgrade: Callable[[], None], path: str, body: dict[str, Any]
) -> None:
    before = client.post(path, json=body)
    upgrade()
    after = client.post(path, json=body)
    assert (after.status_code, after.content) == (200, before.content)


def test_in_a_batch_the_first_answer_stands_and_a_new_one_has_the_new_words(
    client: TestClient, upgrade: Callable[[], None]
) -> None:
    before = client.post("/v1/shortlists", json={"lots": {"a": LOT}}).json()["shortlists"]["a"]
    upgrade()
    body = {"lots": {"a": LOT, "b": OTHER}}
    after = client.post("/v1/shortlists", json=body)
    assert after.status_code == 200, after.text
    answers = after.json()["shortlists"]
    assert answers["a"] == before
    assert NEW_WORDS in answers["b"]["notes"]
    lines = client.post("/v1/shortlists", json=body, headers=LINES).text.splitlines()
    assert len(lines) == 2
    assert NEW_WORDS not in lines[0]
    assert client.get(f"/v1/shortlists/{answers['a']['id']}").json()["answer"] == before


def test_in_a_batch_of_markets_the_first_answer_stands(
    client: TestClient, upgrade: Callable[[], None]
) -> None:
    before = client.post("/v1/markets", json={"lots": [LOT]}).json()["markets"][0]
    upgrade()
    body = {"lots": [LOT, OTHER]}
    after = client.post("/v1/markets", json=body)
    assert after.status_code == 200, after.text
    assert after.json()["markets"][0] == before
    assert NEW_WORDS in after.json()["markets"][1]["market"]["notes"]
    lines = client.post("/v1/markets", json=body, headers=LINES).text.splitlines()
    assert len(lines) == 3
    assert NEW_WORDS not in lines[0]
    id_ = before["market"]["id"]
    assert client.post(f"/v1/markets/{id_}/replay").json()["identical"] is False
