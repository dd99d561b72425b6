"""A client gets the whole of a shortlist, a few lines, or the fields that it asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from matcher.ranking.shortlist import Suggestion

NOTICE = Path(__file__).resolve().parents[4] / "examples" / "notice.json"
NEEDS = {"lots": {"notice": json.loads(NOTICE.read_text())}}


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, example_register: Path
) -> Iterator[TestClient]:
    records = tmp_path_factory.mktemp("views") / "records.sqlite"
    settings = Settings(example_register, "hand", records=str(records))
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        yield client


def asked(client: TestClient, **parameters: str) -> Any:
    response = client.post("/v1/shortlists", json=NEEDS, params=parameters)
    assert response.status_code == 200, response.text
    return response.json()["shortlists"]


def test_a_short_list_has_the_same_providers_in_under_six_kilobytes(client: TestClient) -> None:
    whole, short = asked(client), asked(client, view="short")
    assert set(short) == set(whole)
    for key, answer in short.items():
        assert len(json.dumps(answer, ensure_ascii=False).encode()) < 6_000
        assert answer["id"] == whole[key]["id"]
        assert answer["notes"] == whole[key]["notes"]
        assert len(answer["suggestions"]) == 10
        for brief, one in zip(answer["suggestions"], whole[key]["suggestions"], strict=True):
            names = brief.keys() - {"reasons"}
            assert {name: brief[name] for name in names} == {name: one[name] for name in names}
            words = [reason["words"] for reason in one["reasons"]]
            for reason in brief["reasons"]:
                start = reason.removesuffix("…")
                assert any(sentence.startswith(start) for sentence in words), reason
    kept = client.get(f"/v1/shortlists/{answer['id']}").json()["answer"]
    assert kept == whole[key]


def test_only_the_fields_that_are_asked_for_are_sent(client: TestClient) -> None:
    whole, some = asked(client), asked(client, fields="id, past,score")
    for key, answer in some.items():
        wanted = [{n: one[n] for n in ("id", "past", "score")} for one in whole[key]["suggestions"]]
        assert answer["suggestions"] == wanted
    every = asked(client, fields=",".join(field.name for field in fields(Suggestion)))
    assert [one["suggestions"] for one in every.values()] == [
        one["suggestions"] for one in whole.values()
    ]


def test_lines_have_the_view_too(client: TestClient) -> None:
    headers = {"accept": "application/x-ndjson"}
    params = {"view": "short"}
    lines = client.post("/v1/shortlists", json=NEEDS, params=params, headers=headers).text
    found = {one["key"]: one["shortlist"] for one in map(json.loads, lines.splitlines())}
    assert found == asked(client, view="short")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [({"fields": "id,nmae"}, "did you mean name?"), ({"view": "brief"}, "give full or short")],
)
def test_an_unknown_view_is_refused(
    client: TestClient, parameters: dict[str, str], words: str
) -> None:
    refused = client.post("/v1/shortlists", json=NEEDS, params=parameters)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]
