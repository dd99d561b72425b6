"""Who may come in, how often, and with how much."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.http.access import RateLimiter
from api.http.api_keys import Keys
from api.http.examples import TENDER
from tests.services import LOT, served

LINES = {"accept": "application/x-ndjson"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("access")


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    return Keys.open(folder / "keys").add("lots-tool", date(2026, 5, 4))


@pytest.fixture(scope="module")
def client(folder: Path, key: str, places_table: Path) -> Iterator[TestClient]:
    with served(folder, places_table, keys=folder / "keys", most_bytes=3000) as client:
        yield client


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[TestClient]:
    """A service that needs no key."""
    with served(tmp_path_factory.mktemp("keyless"), places_table) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/v1/providers?q=a", "/metrics", "/openapi.json", "/reconcile", "/", "/nothing"]
)
def test_a_request_without_a_key_is_refused(client: TestClient, path: str) -> None:
    refused = client.get(path)
    assert refused.status_code == 401
    assert refused.json()["type"] == "/problems/no-key"
    assert "Bearer" in refused.headers["www-authenticate"]


def test_a_key_is_accepted_in_each_header(client: TestClient, key: str) -> None:
    basic = base64.b64encode(f"anybody:{key}".encode()).decode()
    for headers in (
        {"authorization": f"Bearer {key}"},
        {"authorization": f"bearer {key}"},
        {"x-api-key": key},
        {"authorization": f"Basic {basic}"},
    ):
        assert client.get("/v1/rules", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer wrong", "Bearer", "Basic !", "Basic eDp5", "Digest x", "\xe9"]
)
def test_an_unknown_key_is_refused(client: TestClient, header: str) -> None:
    headers = {"authorization": header.encode("latin-1")}
    assert client.get("/v1/rules", headers=headers).status_code == 401


def test_each_entry_keeps_the_name_of_the_key_that_sent_it(client: TestClient, key: str) -> None:
    headers = {"authorization": f"Bearer {key}"}
    asked = client.post("/v1/shortlists", json={"lots": {"a": LOT}}, headers=headers)
    id_ = asked.json()["shortlists"]["a"]["id"]
    decision = {
        "by": "Alex Example",
        "reason": "They do it now.",
        "conflicts": "none",
        "choices": [{"provider": "GB-CHC-1000001", "outcome": "invited"}],
    }
    url = f"/v1/shortlists/{id_}/decision"
    assert client.post(url, json=decision, headers=headers).status_code == 200
    records = client.app.state.services.context.records  # type: ignore[attr-defined]
    entries = records.about(id_)
    assert [entry.kind for entry in entries] == ["shortlist", "decision"]
    assert {entry.key_name for entry in entries} == {"lots-tool"}


def test_health_checks_need_no_key(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_a_body_that_is_too_large_is_refused_with_and_without_a_length(
    client: TestClient, key: str
) -> None:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    body = b'{"lots": {"a": "' + b"x" * 4000 + b'"}}'

    def in_pieces() -> Iterator[bytes]:
        yield from (body[n : n + 500] for n in range(0, len(body), 500))

    for content in (body, in_pieces()):
        refused = client.post("/v1/shortlists", content=content, headers=headers)
        assert refused.status_code == 413
        assert refused.json()["type"] == "/problems/too-large"
    fine = client.post("/v1/shortlists", json={"lots": {"a": LOT}}, headers=headers)
    assert fine.status_code == 200


def test_too_many_requests_are_refused_with_a_time_to_retry(
    tmp_path: Path, places_table: Path
) -> None:
    keys = Keys.open(tmp_path / "keys")
    one = keys.add("one", date(2026, 5, 4))
    other = Keys.open(tmp_path / "keys").add("other", date(2026, 5, 4))
    with served(tmp_path, places_table, keys=tmp_path / "keys", per_minute=3) as client:
        statuses = [
            client.get("/v1/rules", headers={"x-api-key": one}).status_code for _ in range(4)
        ]
        refused = client.get("/v1/rules", headers={"x-api-key": one})
        still = client.get("/v1/rules", headers={"x-api-key": other})
    assert statuses == [200, 200, 200, 429]
    assert int(refused.headers["retry-after"]) >= 1
    assert still.status_code == 200


def test_health_checks_pass_when_the_requests_of_an_address_are_used_up(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table, per_minute=2) as client:
        assert [client.get("/v1/rules").status_code for _ in range(3)] == [200, 200, 429]
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
        assert client.get("/readyz").status_code == 429, "they have a limit of their own"


def test_requests_with_unknown_keys_are_limited_too(tmp_path: Path, places_table: Path) -> None:
    Keys.open(tmp_path / "keys").add("one", date(2026, 5, 4))
    with served(tmp_path, places_table, keys=tmp_path / "keys", per_minute=2) as client:
        statuses = [
            client.get("/v1/rules", headers={"x-api-key": f"guess {n}"}).status_code
            for n in range(3)
        ]
    assert statuses == [401, 401, 429]


@pytest.mark.parametrize(
    "sent",
    [
        {"origin": "https://news.example"},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://news.example", "sec-fetch-site": "none"},
        {"origin": "http://localhost", "sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/places/Walsall/picture", "/v1/shortlists"])
def test_a_page_of_another_website_keeps_nothing_by_the_api(
    keyless: TestClient, path: str, sent: dict[str, str]
) -> None:
    """A browser sends a form there without asking, with the key that it has for this address."""
    body = {"lots": {"a": {**LOT, "title": f"Home care {sent}"}}}
    body = body if path.endswith("shortlists") else None
    records = keyless.app.state.services.context.records  # type: ignore[attr-defined]
    before = records.head()[0]
    refused = keyless.post(path, json=body, headers=sent)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/other-website")
    assert records.head()[0] == before
    own = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert keyless.post(path, json=body, headers=own).status_code == 200
    assert keyless.get("/v1/rules", headers=sent).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"origin": "http://localhost:8443", "sec-fetch-site": "same-origin"},
        {"origin": "http://localhost", "sec-fetch-site": "none"},
        {"origin": "http://localhost"},
        {"sec-fetch-site": "same-origin"},
        {},
    ],
)
def test_a_page_of_its_own_may_also_where_a_proxy_leaves_out_the_port(
    keyless: TestClient, sent: dict[str, str]
) -> None:
    kept = keyless.post("/v1/places/Walsall/picture", headers={"host": "localhost", **sent})
    assert kept.status_code == 200


def test_a_list_that_is_asked_for_again_counts_like_the_first_time(
    tmp_path: Path, places_table: Path
) -> None:
    own = {"origin": "http://localhost"}
    with served(tmp_path, places_table) as client:
        asked = client.post("/v1/shortlists", json={"lots": {"a": LOT}, "limit": 300}).json()
    id_ = asked["shortlists"]["a"]["id"]
    for again in ("/v1/shortlists/{}/replay", "/lists/{}/replay", "/lists/{}/weak"):
        with served(tmp_path, places_table, per_minute=6) as client:
            form = {} if again.startswith("/v1") else {"data": {"draft": ""}}
            done = client.post(again.format(id_), headers=own, follow_redirects=False, **form)
            assert done.status_code < 400, again
            refused = client.get("/v1/rules")
            assert (refused.status_code, int(refused.headers["retry-after"]) >= 10) == (429, True)


def test_too_many_lots_in_one_request_are_refused(tmp_path: Path, places_table: Path) -> None:
    with served(tmp_path, places_table, most_lots=2) as client:
        lots = {str(n): LOT for n in range(3)}
        refused = client.post("/v1/shortlists", json={"lots": lots})
    assert refused.status_code == 422
    assert "3 are more than 2" in refused.json()["detail"]


def test_the_lots_of_a_tender_are_counted_one_by_one(tmp_path: Path, places_table: Path) -> None:
    with served(tmp_path, places_table, most_lots=1) as client:
        refused = client.post("/v1/shortlists", json={"lots": {"tender": TENDER}})
    assert refused.status_code == 422
    assert "2 lots are more than 1" in refused.json()["detail"]


def test_an_answer_that_would_be_too_large_is_refused_with_what_would_be_right(
    tmp_path: Path, places_table: Path
) -> None:
    lots = {str(n): {"title": f"Care {n}"} for n in range(6)}
    asked = {"lots": lots, "limit": 1000}
    with served(tmp_path, places_table) as client:
        refused = client.post("/v1/shortlists", json=asked)
        assert refused.status_code == 422
        assert refused.json()["detail"] == (
            "lots: 6 lots with limit 1,000 are up to 6,000 suggestions, and one answer can have "
            "5,000; ask for 5 lots at a time, or with a limit of 833, or for up to 20,000 in "
            "lines, with 'Accept: application/x-ndjson'"
        )
        lines = client.post("/v1/shortlists", json=asked, headers=LINES)
        assert (lines.status_code, len(lines.text.splitlines())) == (200, 6)
        fewer = client.post("/v1/shortlists", json={**asked, "limit": 833})
        assert fewer.status_code == 200


def test_a_request_for_many_suggestions_counts_as_many_requests(
    tmp_path: Path, places_table: Path
) -> None:
    lots = {str(n): {"title": f"Care {n}"} for n in range(4)}
    for headers in ({}, LINES):
        with served(tmp_path, places_table, per_minute=6) as client:
            large = {"lots": lots, "limit": 100}
            assert client.post("/v1/shortlists", json=large, headers=headers).status_code == 200
            refused = client.get("/v1/rules")
            assert refused.status_code == 429
            assert int(refused.headers["retry-after"]) >= 20
        with served(tmp_path, places_table, per_minute=6) as client:
            small = {"lots": lots, "limit": 10}
            assert client.post("/v1/shortlists", json=small, headers=headers).status_code == 200
            assert client.get("/v1/rules").status_code == 200


def test_another_host_name_is_refused_where_names_are_set(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table, hosts="localhost,127.0.0.1") as client:
        assert client.get("/healthz").status_code == 200
        strange = client.get("/healthz", headers={"host": "rebound.example"})
        assert strange.status_code == 400


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(1, 20))
def test_no_client_makes_more_than_twice_the_limit_in_any_minute(
    pauses: list[float], per_minute: int
) -> None:
    now = 0.0
    allowance = RateLimiter(per_minute, lambda: now)
    let_in: list[float] = []
    for pause in pauses:
        now += pause
        if allowance.take("one") == 0.0:
            let_in.append(now)
    for begin in let_in:
        assert sum(begin <= at < begin + 60 for at in let_in) <= 2 * per_minute


def test_a_request_is_allowed_after_the_stated_seconds() -> None:
    now = 0.0
    allowance = RateLimiter(2, lambda: now)
    assert [allowance.take("one"), allowance.take("one")] == [0.0, 0.0]
    now += allowance.take("one") + 1e-6
    assert allowance.take("one") == 0.0


def test_a_key_file_that_is_damaged_meanwhile_lets_nobody_in_and_says_so(
    tmp_path: Path, places_table: Path
) -> None:
    keys = tmp_path / "keys"
    key = Keys.open(keys).add("lots-tool", date(2026, 5, 4))
    sound = keys.read_bytes()
    with served(tmp_path, places_table, keys=keys) as client:
        send = {"authorization": f"Bearer {key}"}
        keys.write_bytes(b"{" + sound)
        refused = client.get("/v1/register", headers=send)
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/keys")
        assert str(tmp_path) not in refused.text
        assert client.get("/healthz").status_code == 200
        keys.write_bytes(sound)
        assert client.get("/v1/register", headers=send).status_code == 200
