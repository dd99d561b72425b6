"""Roles and authorities: what each key may do, and what it sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.app import create_app
from api.http.access import OPEN_TO_ALL
from api.http.api_keys import Keys
from api.http.queues import QUEUED
from api.http.roles import Role, needed
from api.settings import Settings
from tests.services import LOT, served

DECISION = {
    "by": "Alex Example",
    "reason": "They do it now.",
    "conflicts": "none",
    "choices": [{"provider": "GB-CHC-1000001", "outcome": "invited"}],
}
READ = {
    "/",
    "/v1/shortlists",
    "/v1/exposure",
    "/v1/providers?q=care",
    "/v1/register",
    "/openapi.json",
    "/past",
    "/exposure",
    "/splits",
}
ASKED: dict[str, dict[str, Any]] = {
    "/v1/shortlists": {"lots": {"a": LOT}},
    "/v1/splits/suggest": {"need": {**LOT, "postcode": "", "area": "Walsall, Sandwell"}},
}
COUNCILS = ("Wallbrook", "Sandford")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Keys of each role and of two authorities, by name; `file` is where they are kept."""
    file = tmp_path_factory.mktemp("keys") / "keys"
    made = {"file": str(file)}
    for role in Role:
        for council in COUNCILS:
            name = f"{role.value}-{council}"
            made[name] = Keys.open(file).add(name, date(2026, 5, 4), role=role, authority=council)
    made["old"] = Keys.open(file).add("old", date(2026, 5, 4))
    return made


@pytest.fixture(scope="module")
def client(
    keys: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
    places_table: Path,
    calibrated_bundle: Path,
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("authorities")
    bundle = str(calibrated_bundle)
    with served(folder, places_table, keys=Path(keys["file"]), bundle=bundle) as client:
        yield client


@pytest.fixture
def send(client: TestClient, keys: dict[str, str]) -> Any:
    """Send a request with the key of a name: GET, or POST with a body."""

    def send(name: str, path: str, body: object = None) -> Any:
        headers = {"authorization": f"Bearer {keys[name]}"}
        if body is None:
            return client.get(path, headers=headers)
        return client.post(path, json=body, headers=headers)

    return send


def asked(send: Any, name: str, **fields: Any) -> str:
    answer = send(name, "/v1/shortlists", {"lots": {"a": {**LOT, **fields}}})
    assert answer.status_code == 200
    id_: str = answer.json()["shortlists"]["a"]["id"]
    return id_


def routes_of(router: Any) -> Iterator[tuple[str, str]]:
    """The method and path of each route, those of included routers too."""
    for route in router.routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from routes_of(included)
        elif isinstance(route, APIRoute):
            yield from ((method, route.path) for method in route.methods)


def test_every_route_needs_the_role_that_this_table_says(tmp_path: Path) -> None:
    app = create_app(Settings(tmp_path / "reg"))
    routes = {(method, path) for method, path in routes_of(app) if path not in OPEN_TO_ALL}
    assert len(routes) > 40
    found = {role: {path for m, path in routes if needed(m, path) is role} for role in Role}
    assert found[Role.ADMIN] == {"/metrics"}
    assert found[Role.DECIDE] == {
        "/v1/shortlists/{id}/decision",
        "/lists/{id}/decision",
        "/v1/shortlists/{id}/outcome",
        "/lists/{id}/outcome",
        "/same-or-not",
    }
    sent = {path for method, path in routes if method == "POST"}
    reading = {path for path in sent if path.endswith(("/replay", "/ticked"))}
    reading |= {path for path in sent if path.startswith("/reconcile")}
    assert reading <= found[Role.READ]
    assert found[Role.ASK] == sent - reading - found[Role.DECIDE]


def test_whatever_is_sent_to_the_reconciliation_waits_in_a_queue(tmp_path: Path) -> None:
    routes = set(routes_of(create_app(Settings(tmp_path / "reg"))))
    sent = {path for method, path in routes if method == "POST" and path.startswith("/reconcile")}
    assert len(sent) > 4
    assert sent <= QUEUED.keys()


@pytest.mark.parametrize("path", ["/v1/unheard-of", "/v1/shortlists/x/decision/", "//lots"])
def test_what_is_sent_to_an_unknown_path_needs_admin(path: str) -> None:
    assert needed("POST", path) is Role.ADMIN


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_its_own_and_all_that_lesser_roles_may(send: Any, role: Role) -> None:
    name = f"{role.value}-Wallbrook"
    may = {
        Role.READ: {send(name, path).status_code for path in READ},
        Role.ASK: {send(name, path, body).status_code for path, body in ASKED.items()},
        Role.DECIDE: {
            send(
                name,
                f"/v1/shortlists/{asked(send, 'ask-Wallbrook')}/decision",
                DECISION,
            ).status_code
        },
        Role.ADMIN: {send(name, "/metrics").status_code},
    }
    assert may == {other: {200} if role.includes(other) else {403} for other in Role}


def test_a_reader_may_replay_and_export(send: Any) -> None:
    id_ = asked(send, "ask-Wallbrook")
    replayed = send("read-Wallbrook", f"/v1/shortlists/{id_}/replay", {})
    assert replayed.json()["identical"] is True
    assert send("read-Wallbrook", f"/v1/shortlists/{id_}/export.csv").status_code == 200


def test_a_reader_may_tick_and_compare(client: TestClient, keys: dict[str, str], send: Any) -> None:
    id_ = asked(send, "ask-Wallbrook")
    listed = send("read-Wallbrook", f"/v1/shortlists/{id_}").json()["answer"]["suggestions"]
    headers = {"authorization": f"Bearer {keys['read-Wallbrook']}", "accept": "text/html"}
    form = {"provider": [each["id"] for each in listed[:2]], "do": "compare"}
    from_here = {**headers, "sec-fetch-site": "same-origin"}
    compared = client.post(f"/lists/{id_}/ticked", data=form, headers=from_here)
    assert compared.status_code == 200
    assert "2 providers side by side" in compared.text


def test_a_refusal_names_the_key_its_role_and_what_is_needed(send: Any, client: TestClient) -> None:
    refused = send("read-Wallbrook", "/v1/shortlists", {"lots": {"a": LOT}})
    assert refused.status_code == 403
    problem = refused.json()
    assert problem["type"] == "/problems/not-allowed"
    assert "'read-Wallbrook' has the role 'read'" in problem["detail"]
    assert "needs the role 'ask'" in problem["detail"]


def test_a_browser_gets_the_refusal_as_a_page(client: TestClient, keys: dict[str, str]) -> None:
    headers = {"authorization": f"Bearer {keys['read-Wallbrook']}", "accept": "text/html"}
    refused = client.post("/need", headers=headers)
    assert refused.status_code == 403
    assert "Your role does not allow this" in refused.text


def test_what_one_authority_asked_is_not_seen_by_another(send: Any) -> None:
    id_ = asked(send, "decide-Wallbrook", title="Seen by Wallbrook only")
    decided = send("decide-Wallbrook", f"/v1/shortlists/{id_}/decision", DECISION)
    assert len(decided.json()["decisions"]) == 1
    for path in ("", "/providers/GB-CHC-1000001", "/export.csv", "/export.xlsx"):
        assert send("admin-Sandford", f"/v1/shortlists/{id_}{path}").status_code == 404
        assert send("read-Wallbrook", f"/v1/shortlists/{id_}{path}").status_code == 200
    for path in (f"/lists/{id_}", f"/lists/{id_}/kept", f"/lists/{id_}/print"):
        assert send("admin-Sandford", path).status_code == 404
        assert send("read-Wallbrook", path).status_code == 200
    for path in ("decision", "replay"):
        refused = send("admin-Sandford", f"/v1/shortlists/{id_}/{path}", DECISION)
        assert refused.status_code == 404
    for path in ("/v1/shortlists?limit=200", "/past"):
        assert "Seen by Wallbrook only" in send("read-Wallbrook", path).text
        for name in ("admin-Sandford", "old"):
            assert "Seen by Wallbrook only" not in send(name, path).text


def test_two_authorities_that_ask_the_same_keep_it_apart(send: Any) -> None:
    ids = [asked(send, f"ask-{council}", title="Asked by both") for council in COUNCILS]
    assert ids[0] == ids[1], "the id is made of what was asked"
    url = f"/v1/shortlists/{ids[0]}"
    by = ["First", "Second", "Third"]
    for council, name in zip((*COUNCILS, COUNCILS[0]), by, strict=True):
        sent = send(f"decide-{council}", f"{url}/decision", {**DECISION, "by": name})
        assert sent.status_code == 200
    kept = {
        council: [
            (one["id"].rpartition(".")[2], one["decision"]["by"])
            for one in send(f"read-{council}", url).json()["decisions"]
        ]
        for council in COUNCILS
    }
    assert kept == {"Wallbrook": [("1", "First"), ("2", "Third")], "Sandford": [("1", "Second")]}


def test_markets_and_splits_are_kept_apart_too(
    keys: dict[str, str], tmp_path: Path, places_table: Path, calibrated_bundle: Path
) -> None:
    need = {**LOT, "postcode": "", "area": "Walsall, Sandwell", "value": 240_000}
    parts = [{**need, "area": area, "value": 120_000} for area in ("Walsall", "Sandwell")]
    options = {"keys": Path(keys["file"]), "bundle": str(calibrated_bundle)}
    with served(tmp_path, places_table, **options) as client:
        ours, theirs = (
            {"authorization": f"Bearer {keys[f'ask-{council}']}"} for council in COUNCILS
        )
        market = client.post("/v1/markets", json={"lots": [LOT]}, headers=ours).json()
        split = client.post(
            "/v1/splits", json={"need": need, "splits": {"parts": parts}}, headers=ours
        ).json()
        for path in (f"markets/{market['markets'][0]['market']['id']}", f"splits/{split['id']}"):
            assert client.get(f"/v1/{path}", headers=ours).status_code == 200
            assert client.get(f"/v1/{path}", headers=theirs).status_code == 404
        assert split["id"] in client.get("/splits", headers=ours).text
        assert split["id"] not in client.get("/splits", headers=theirs).text


def test_exposure_is_counted_for_each_authority(
    keys: dict[str, str], tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table, keys=Path(keys["file"])) as client:

        def count(name: str) -> int:
            headers = {"authorization": f"Bearer {keys[name]}"}
            rows = client.get("/v1/exposure", headers=headers).json()["exposure"]
            return sum(row["suggested"] for row in rows if row["provider"] == "GB-CHC-1000001")

        def ask(name: str, title: str) -> None:
            headers = {"authorization": f"Bearer {keys[name]}"}
            body = {"lots": {"a": {**LOT, "title": title}}}
            assert client.post("/v1/shortlists", json=body, headers=headers).status_code == 200

        for number in range(3):
            ask("ask-Wallbrook", f"Home care {number}")
        ask("ask-Sandford", "Home care 0")
        names = ("read-Wallbrook", "read-Sandford", "old")
        assert [count(name) for name in names] == [3, 1, 0]
        records = client.app.state.services.context.records  # type: ignore[attr-defined]
        assert records.verify().broken == ()


def test_a_key_without_an_authority_sees_what_was_asked_without_keys(
    keys: dict[str, str], tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        answer = client.post("/v1/shortlists", json={"lots": {"a": LOT}}).json()
    id_ = answer["shortlists"]["a"]["id"]
    with served(tmp_path, places_table, keys=Path(keys["file"])) as client:
        url = f"/v1/shortlists/{id_}"
        for name, status in (("old", 200), ("admin-Wallbrook", 404)):
            headers = {"authorization": f"Bearer {keys[name]}"}
            assert client.get(url, headers=headers).status_code == status


def test_the_file_of_keys_holds_roles_and_authorities_in_plain_json(keys: dict[str, str]) -> None:
    lines = [json.loads(line) for line in Path(keys["file"]).read_text().splitlines()]
    assert lines[0]["role"] == "read"
    assert lines[0]["authority"] == "Wallbrook"
