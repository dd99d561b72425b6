"""The service as its callers meet it: asked over HTTP."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from api import app
from api.http.problems import MEDIA_TYPE
from api.records import store
from api.records.entry import Removal
from api.records.records import Records
from tests.services import LOT, served


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[TestClient]:
    with served(tmp_path_factory.mktemp("service"), places_table) as client:
        yield client


def ask(client: TestClient, **fields: Any) -> dict[str, Any]:
    response = client.post("/v1/shortlists", json={"lots": {"a": LOT}, **fields})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem detail of a refusal."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    told: dict[str, Any] = response.json()
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    return told


# --- asking ---


def test_a_bad_lot_does_not_affect_the_others(client: TestClient) -> None:
    lots = {"good": LOT, "bad": {"title": 3}, "dear": {**LOT, "value": 10**9}}
    answer = ask(client, lots=lots, limit=2, purpose="invite", as_one=False)
    assert set(answer["shortlists"]) == {"good"}
    assert len(answer["shortlists"]["good"]["suggestions"]) == 2
    bad, dear = answer["errors"]["bad"], answer["errors"]["dear"]
    assert (bad["type"], bad["status"]) == ("/problems/bad-lot", 422)
    assert bad["detail"] == "title: 3 is not text; write it in quotes"
    assert bad["errors"] == [
        {"where": "/lots/bad/title", "detail": "3 is not text; write it in quotes"}
    ]
    assert (dear["type"], dear["rule"]) == ("/problems/not-lawful", "PA2023-thresholds")


def test_an_answer_has_what_is_needed_to_explain_it(client: TestClient) -> None:
    answer = ask(client, procedure="wallbrook")["shortlists"]["a"]
    for field in ("id", "rule_ids", "model", "register", "rulebook", "seed", "considered"):
        assert answer[field] not in (None, "", []), field
    assert answer["procedure"]["version"]
    assert answer["procedure"]["digest"]


def test_as_ndjson_each_lot_is_a_line(client: TestClient) -> None:
    lots = {"good": LOT, "bad": {}, "other": {"title": "Engines"}}
    accept = {"accept": "application/x-ndjson"}
    response = client.post("/v1/shortlists", json={"lots": lots}, headers=accept)
    assert response.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert [line["key"] for line in lines] == ["good", "bad", "other"]
    whole = ask(client, lots=lots)
    assert lines[0]["shortlist"] == whole["shortlists"]["good"]
    assert lines[1]["problem"] == whole["errors"]["bad"]


def test_an_error_in_the_whole_request_is_returned_before_the_first_line(
    client: TestClient,
) -> None:
    accept = {"accept": "application/x-ndjson"}
    asked = {"lots": {"a": LOT}, "procedure": "none"}
    problem(client.post("/v1/shortlists", json=asked, headers=accept), 422)


@pytest.mark.parametrize(
    ("fields", "where", "words"),
    [
        ({"limit": 0}, "/limit", "0 is out of range; give a number from 1"),
        ({"limit": 1001}, "/limit", "1001 is out of range; give a number up to 1,000"),
        ({"purpose": "prize"}, "/purpose", "engagement"),
        ({"lots": {}}, "/lots", "give at least one"),
        ({"lotz": {}}, "/lotz", "did you mean lots?"),
        ({"size": "huge"}, "/size", "give small or any"),
        ({"before": "soon"}, "/before", "date"),
        ({"contract": "barter"}, "/contract", "goods and services"),
        ({"whole_value": -1}, "/whole_value", "give a number from 0"),
        ({"purpose": "invite", "fair": True}, "/fair", "which may not count"),
    ],
)
def test_an_invalid_field_is_refused_by_its_name(
    client: TestClient, fields: dict[str, Any], where: str, words: str
) -> None:
    told = problem(client.post("/v1/shortlists", json={"lots": {"a": LOT}, **fields}), 422)
    (wrong,) = told["errors"]
    assert wrong["where"] == where
    assert words in wrong["detail"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"area": "Atlantis"}, "area 'Atlantis' is not a council"),
        ({"within": "far"}, "within 'far' is not a distance"),
        ({"within": "30km", "area": "Walsall"}, "within cannot be given with area"),
        ({"everyone": True, "size": "small"}, "everyone removes every limit"),
        ({"procedure": "none"}, "give one of wallbrook"),
        ({"fair": True}, "has no fair share"),
    ],
)
def test_a_refusal_of_the_matcher_is_the_detail_of_the_problem(
    client: TestClient, fields: dict[str, Any], words: str
) -> None:
    told = problem(client.post("/v1/shortlists", json={"lots": {"a": LOT}, **fields}), 422)
    assert words in told["detail"]
    assert "--" not in told["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b"null",
        b'{"lots": NaN}',
        b'{"lots": {"a": "Tea"}, "area": "\\ud800"}',
        b"\xff\xfe",
        b'{"lots": {"a": {"title": "x"}}, "whole_value": 1e9999}',
        b'{"lots":' + b"[" * 5000,
    ],
)
def test_a_body_that_is_not_a_json_object_is_refused(client: TestClient, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    problem(client.post("/v1/shortlists", content=body, headers=headers), 422)


@pytest.mark.parametrize(
    "body",
    [
        '{"lots": {"a": "Care"}, "limit": 1, "limit": 2}',
        '{"lots": {"a": {"title": "Care", "limit": 3, "limit": 3}}}',
        '{"lots": {"a": [{"limit": 1, "x": {"limit": 2}, "limit": 1}]}}',
        '{"lots": {"a": "' + "x" * 200_000 + '"}, "limit": 1, "limit": 2}',
    ],
)
def test_a_key_that_is_sent_twice_is_refused_by_name(client: TestClient, body: str) -> None:
    headers = {"content-type": "application/json"}
    told = problem(client.post("/v1/shortlists", content=body, headers=headers), 422)
    assert "has the key 'limit' twice in one object" in told["detail"]


def test_answers_are_not_kept_by_browsers_and_proxies(client: TestClient) -> None:
    named = "id=GB-CHC-1000001"
    for path in (
        *("/v1/rules", "/v1/nothing", "/v1/shortlists", "/reconcile/suggest/entity?prefix=B"),
        *(f"/reconcile/preview?{named}", f"/reconcile/flyout/entity?{named}", "/reconcile"),
    ):
        assert client.get(path).headers["cache-control"] == "no-store", path


@pytest.mark.parametrize("value", [float("1e308"), 1e15, -5, "1e9999", True, [1], {}])
def test_an_invalid_value_affects_only_its_lot(client: TestClient, value: Any) -> None:
    answer = ask(client, lots={"odd": {**LOT, "value": value}, "good": LOT})
    assert "good" in answer["shortlists"]
    assert ("odd" in answer["shortlists"]) != ("odd" in answer["errors"])


def test_markup_and_control_characters_come_back_as_text(client: TestClient) -> None:
    title = "<script>alert(1)</script> care \u202e"
    response = client.post("/v1/shortlists", json={"lots": {"a": {"title": title}}})
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"


# --- what was kept ---


def test_a_kept_shortlist_is_listed_shown_replayed_and_explained(client: TestClient) -> None:
    answer = ask(client, limit=1)["shortlists"]["a"]
    id_ = answer["id"]
    listed = client.get("/v1/shortlists", params={"containing": "home care"}).json()
    assert id_ in {one["id"] for one in listed["shortlists"]}
    assert client.get(f"/v1/shortlists/{id_}").json()["answer"] == answer
    replayed = client.post(f"/v1/shortlists/{id_}/replay").json()
    assert replayed == {"id": id_, "identical": True, "changes": []}
    first = answer["suggestions"][0]["id"]
    why = client.get(f"/v1/shortlists/{id_}/providers/{first}").json()
    assert (why["stage"], why["rank"]) == ("listed", 1)
    other = client.get(f"/v1/shortlists/{id_}/providers/GB-CHC-1000003").json()
    assert other["stage"] == "out of reach"


def test_past_shortlists_are_paged(client: TestClient) -> None:
    for n in range(3):
        ask(client, lots={"a": {"title": f"Paged {n}"}})
    first = client.get("/v1/shortlists", params={"limit": 2, "containing": "paged"}).json()
    rest = client.get(
        "/v1/shortlists", params={"limit": 2, "containing": "paged", "before": first["next"]}
    ).json()
    titles = [one["title"] for one in (*first["shortlists"], *rest["shortlists"])]
    assert titles == ["Paged 2", "Paged 1", "Paged 0"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/shortlists/none"),
        ("POST", "/v1/shortlists/none/replay"),
        ("GET", "/v1/shortlists/none/export.csv"),
        ("GET", "/v1/shortlists/none/providers/GB-CHC-1000001"),
        ("GET", "/v1/providers/GB-CHC-none"),
        ("GET", "/v1/nothing"),
        ("GET", "/nothing"),
    ],
)
def test_a_missing_thing_is_a_problem(client: TestClient, method: str, path: str) -> None:
    problem(client.request(method, path), 404)


def test_a_method_that_is_not_offered_is_a_problem(client: TestClient) -> None:
    problem(client.delete("/v1/shortlists"), 405)


# --- deciding and exporting ---

DECISION = {
    "by": "Alex Example",
    "reason": "They do it now.",
    "conflicts": "none",
    "choices": [{"provider": "GB-CHC-1000001", "outcome": "invited"}],
}


def test_an_invite_list_is_exported_after_a_decision(client: TestClient) -> None:
    id_ = ask(client, purpose="invite")["shortlists"]["a"]["id"]
    told = problem(client.get(f"/v1/shortlists/{id_}/export.csv"), 409)
    assert told["type"] == "/problems/undecided"
    decided = client.post(f"/v1/shortlists/{id_}/decision", json=DECISION)
    assert decided.json()["decisions"][0]["decision"]["by"] == "Alex Example"
    response = client.get(f"/v1/shortlists/{id_}/export.csv")
    assert response.headers["content-type"].startswith("text/csv")
    assert f'filename="shortlist-{id_}.csv"' in response.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert {row["id"]: row["decision"] for row in rows}["GB-CHC-1000001"] == "invited"


def test_a_workbook_holds_the_list_and_its_record(client: TestClient) -> None:
    answer = ask(client)["shortlists"]["a"]
    response = client.get(f"/v1/shortlists/{answer['id']}/export.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    listed, record = book["Shortlist"], book["Record"]
    assert listed.max_row == 1 + len(answer["suggestions"])
    told = {row[0].value: row[1].value for row in record.iter_rows()}
    assert told["Shortlist"] == answer["id"]
    assert told["Register"] == answer["register"]
    assert {f"Rule {rule}" for rule in answer["rule_ids"]} <= set(told)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"outcome": "bribed"}, 422),
        ({"outcome": "left out"}, 422),
        ({"provider": "GB-XXX-1", "reason": "x"}, 422),
        ({"extra": 1}, 422),
    ],
)
def test_an_invalid_decision_is_refused(
    client: TestClient, change: dict[str, Any], status: int
) -> None:
    id_ = ask(client)["shortlists"]["a"]["id"]
    choices = [{**DECISION["choices"][0], **change}]  # type: ignore[dict-item,index]
    posted = client.post(f"/v1/shortlists/{id_}/decision", json={**DECISION, "choices": choices})
    problem(posted, status)


def test_decisions_are_never_changed_or_taken_back(client: TestClient) -> None:
    id_ = ask(client)["shortlists"]["a"]["id"]
    client.post(f"/v1/shortlists/{id_}/decision", json=DECISION)
    for method in ("PUT", "PATCH", "DELETE"):
        assert client.request(method, f"/v1/shortlists/{id_}/decision", json={}).status_code == 405


# --- what is known ---


def test_misspelt_providers_and_places_are_found(client: TestClient) -> None:
    found = client.get("/v1/providers", params={"q": "enjine works"}).json()
    assert found[0]["id"] == "GB-COH-01234567"
    places = client.get("/v1/places", params={"q": "walsal"}).json()
    assert places[0]["code"] == "E08000030"


def test_health_and_metrics_describe_the_service_and_name_nobody(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"alive": True}
    ready = client.get("/readyz").json()
    assert ready["ready"] is True
    ask(client, lots={"a": {**LOT, "title": "Unheard of meals"}})
    client.get("/v1/providers/GB-CHC-1000001")
    text = client.get("/metrics").text
    assert 'lbd_requests_total{method="POST",route="/v1/shortlists",status="200"}' in text
    assert 'route="/v1/providers/{id}"' in text
    assert "GB-CHC-1000001" not in text
    assert "Unheard" not in text


def test_a_missing_snapshot_is_a_problem_until_it_is_back(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        current = tmp_path / "reg" / "CURRENT"
        was = current.read_text()
        current.write_text("snapshot-none")
        told = problem(client.get("/readyz"), 503)
        assert told["type"] == "/problems/register"
        current.write_text(was)
        assert client.get("/readyz").status_code == 200


def test_a_register_without_its_current_file_is_a_problem(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        current = tmp_path / "reg" / "CURRENT"
        name = current.read_text()
        current.unlink()
        for path in ("/readyz", "/v1/register"):
            told = problem(client.get(path), 503)
            assert told["type"] == "/problems/register"
            assert "CURRENT" in told["detail"]
        current.write_text(name)
        assert client.get("/readyz").status_code == 200


def test_a_records_fault_is_a_problem_with_its_reason_and_not_ready(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Records.open(f"sqlite:///{tmp_path}/records.sqlite").close()
    monkeypatch.setattr(store, "_PRAGMAS", (*store._PRAGMAS, "query_only = ON"))
    with served(tmp_path, places_table) as client:
        asked = client.post("/v1/shortlists", json={"lots": {"a": LOT}})
        for response in (asked, client.get("/readyz")):
            told = problem(response, 503)
            assert told["type"] == "/problems/records"
            assert "readonly" in told["detail"]
        assert client.get("/v1/rules").status_code == 200


@pytest.mark.parametrize("id_", ["a%00b", "%C3%A9", "x" * 300])
@pytest.mark.parametrize("noun", ["shortlists", "markets", "splits"])
def test_an_impossible_id_is_not_found(client: TestClient, noun: str, id_: str) -> None:
    problem(client.get(f"/v1/{noun}/{id_}"), 404)


def test_a_pruned_shortlist_that_is_asked_for_again_is_there_again(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        id_ = ask(client)["shortlists"]["a"]["id"]
        records = client.app.state.services.context.records  # type: ignore[attr-defined]
        assert records.prune(datetime(2999, 1, 1, tzinfo=UTC), Removal("", "", "")) == 1
        told = problem(client.get(f"/v1/shortlists/{id_}"), 404)
        assert "was removed from the records" in told["detail"]
        assert ask(client)["shortlists"]["a"]["id"] == id_
        assert client.get(f"/v1/shortlists/{id_}").json()["id"] == id_
        assert client.post(f"/v1/shortlists/{id_}/replay").json()["identical"] is True
        listed = client.get("/v1/shortlists").json()["shortlists"]
        assert [one["id"] for one in listed] == [id_]
        assert records.verify().broken == ()


def test_a_worker_that_starts_while_the_records_are_away_answers_503_until_they_are_back(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_TRY_AGAIN_SECONDS", 0.02)
    folder = tmp_path / "not there yet"
    with served(tmp_path, places_table, records=str(folder / "records.sqlite")) as client:
        for path in ("/v1/shortlists", "/readyz"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert "cannot be opened" in answer.json()["detail"]
        assert client.get("/healthz").status_code == 200
        folder.mkdir()
        until = time.monotonic() + 60
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < until
            time.sleep(0.02)
        answers = client.post("/v1/shortlists", json={"lots": {"a": LOT}})
        assert answers.status_code == 200
