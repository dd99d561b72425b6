"""A request that is sent again with its key is worked on once, and gets one answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.errors import TakenOver
from api.http.api_keys import Keys
from api.http.roles import Role
from api.http.strict_route import KEY, REPLAYED
from api.records import request_keys
from api.records.entry import EntryKind, NewEntry, Removal, timestamp
from api.records.records import Records
from api.records.request_keys import KEPT_HOURS, KeyState
from api.records.schema import request_keys as table
from api.records.store import RecordsStore
from api.service.shortlists import ShortlistService
from tests.registers import registered
from tests.servers import serving
from tests.services import DAY, LOT, PEOPLE, open_services, served

ASK = {"lots": {"a": LOT}, "limit": 3}
DECIDE = {
    "by": "Alex Example",
    "reason": "It is near.",
    "conflicts": "none",
    "choices": [{"provider": "GB-CHC-1000001", "outcome": "invited"}],
}

OUTCOME = {
    "by": "Alex Example",
    "results": [{"provider": "GB-CHC-1000001", "result": "answered"}],
}


@pytest.fixture
def client(tmp_path: Path, places_table: Path, calibrated_bundle: Path) -> Iterator[TestClient]:
    with served(tmp_path, places_table, bundle=str(calibrated_bundle)) as client:
        yield client


def asked(client: TestClient | httpx.Client, **body: Any) -> str:
    response = client.post("/v1/shortlists", json={**ASK, **body})
    id_: str = response.json()["shortlists"]["a"]["id"]
    return id_


def decided(
    client: TestClient | httpx.Client, id_: str, key: str, **changes: Any
) -> httpx.Response:
    path = f"/v1/shortlists/{id_}/decision"
    response: httpx.Response = client.post(path, json={**DECIDE, **changes}, headers={KEY: key})
    return response


def decisions(client: TestClient | httpx.Client, id_: str) -> int:
    return len(client.get(f"/v1/shortlists/{id_}").json()["decisions"])


def test_a_decision_that_is_sent_again_is_kept_once(client: TestClient) -> None:
    id_ = asked(client)
    first, again = decided(client, id_, "k-1"), decided(client, id_, "k-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert (REPLAYED in first.headers, again.headers[REPLAYED]) == (False, "true")
    assert again.headers["content-type"] == first.headers["content-type"]
    assert decisions(client, id_) == 1
    decided(client, id_, "k-2")
    assert decisions(client, id_) == 2


def test_many_at_once_with_one_key_give_one_answer_whichever_process_they_reach(
    tmp_path: Path, places_table: Path
) -> None:
    registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    with (
        serving(tmp_path / "reg", "--bundle", "hand", "--workers", "2") as server,
        ThreadPoolExecutor(8) as pool,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        id_ = asked(client)
        for round_ in range(5):
            key = f"round-{round_}"
            answers = list(pool.map(lambda _, key=key: decided(client, id_, key), range(8)))
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.content for answer in answers}) == 1
            assert decisions(client, id_) == round_ + 1

        def other(number: int) -> httpx.Response:
            return decided(client, id_, "two bodies", reason=f"Reason {number % 2}.")

        answers = list(pool.map(other, range(8)))
        won = {answer.content for answer in answers if answer.status_code == 200}
        assert {answer.status_code for answer in answers} == {200, 422}
        assert len(won) == 1
        assert decisions(client, id_) == 6


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/shortlists", ASK),
        ("/v1/shortlists?view=short", ASK),
        ("/v1/consortia", {"lot": LOT}),
    ],
)
def test_an_answer_is_given_again_and_another_request_under_its_key_is_refused(
    client: TestClient, path: str, body: dict[str, Any]
) -> None:
    headers = {KEY: "mine"}
    first = client.post(path, json=body, headers=headers)
    assert first.status_code == 200, first.text
    assert client.post(path, json=body, headers=headers).content == first.content
    refused = client.post(path, json={**body, "seed": 9}, headers=headers)
    assert refused.status_code == 422
    assert "give each request a key of its own" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("what", "body"), [("decision", DECIDE), ("outcome", OUTCOME)], ids=["decision", "outcome"]
)
def test_a_process_killed_after_it_was_kept_leaves_one(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, what: str, body: dict[str, Any]
) -> None:
    id_ = asked(client)

    def send() -> httpx.Response:
        path = f"/v1/shortlists/{id_}/{what}"
        sent: httpx.Response = client.post(path, json=body, headers={KEY: "k"})
        return sent

    with monkeypatch.context() as patch:  # as if it ended between the entry and the answer
        patch.setattr(Records, "keep_answer", lambda *_: None)
        patch.setattr(Records, "release_request", lambda *_: None)
        assert send().status_code == 200
    again = send()
    assert again.status_code == 200
    assert len(again.json()[f"{what}s"]) == 1
    assert send().content == again.content


def test_a_request_that_takes_long_is_not_begun_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_keys, "LEASE_SECONDS", 0.5)
    monkeypatch.setattr(request_keys, "RENEWED_SECONDS", 0.05)
    id_ = asked(client)
    decide, begun = ShortlistService.decide, list[str]()

    def slowly(*args: Any, **kwargs: Any) -> Any:
        begun.append("")
        time.sleep(2)
        return decide(*args, **kwargs)

    monkeypatch.setattr(ShortlistService, "decide", slowly)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: decided(client, id_, "k"), range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (len(begun), decisions(client, id_)) == (1, 1)


def test_a_refused_request_can_be_corrected_under_its_key(client: TestClient) -> None:
    id_ = asked(client)
    assert decided(client, id_, "k", by="").status_code == 422
    assert decided(client, id_, "k", choices=3).status_code == 422
    assert decided(client, "nothing", "k").status_code == 404
    assert decided(client, id_, "k").status_code == 200
    assert decisions(client, id_) == 1


@pytest.mark.parametrize(
    ("key", "headers", "words"),
    [
        ("x" * 256, {}, "up to 255"),
        ("k\té", {}, "up to 255"),
        ("clé", {}, "up to 255"),
        ("", {}, "is empty; give a key of your own, such as a UUID, or leave the header out"),
        ("  ", {}, "is empty"),
        ("k", {"accept": "application/x-ndjson"}, "an answer in lines is not kept"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused(
    client: TestClient, key: str, headers: dict[str, str], words: str
) -> None:
    given = {KEY: key.encode("latin-1"), **{name: v.encode() for name, v in headers.items()}}
    refused = client.post("/v1/shortlists", json=ASK, headers=given)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]


def test_a_request_with_two_keys_is_refused(client: TestClient) -> None:
    refused = client.post("/v1/shortlists", json=ASK, headers=[(KEY, "a"), (KEY, "b")])
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"where": KEY, "detail": "was sent 2 times; give a request one key"}
    ]


def test_two_clients_can_use_the_same_key(tmp_path: Path, places_table: Path) -> None:
    people = [
        Keys.open(tmp_path / "keys.jsonl").add(name, DAY, role=Role.ADMIN, authority=authority)
        for name, authority in (("a", "Wallbrook"), ("b", "Wallbrook"), ("c", "Sandford"))
    ]
    with served(tmp_path, places_table, keys=tmp_path / "keys.jsonl") as client:
        for number, person in enumerate(people):
            headers = {KEY: "1", "authorization": f"Bearer {person}"}
            response = client.post("/v1/shortlists", json={**ASK, "seed": number}, headers=headers)
            assert response.status_code == 200, response.text


def test_a_removed_organisation_is_in_no_answer_that_is_given_again(
    tmp_path: Path, places_table: Path
) -> None:
    services = open_services(tmp_path, places_table)
    body = {"lots": {"a": LOT}, "limit": 10}
    with served(tmp_path, places_table) as client:
        headers = {KEY: "k"}
        assert "J Smith Care" in client.post("/v1/shortlists", json=body, headers=headers).text
        services.register.suppress("XX-NAME-jsmithcare", by="Dana Example", why="objection")
        again = client.post("/v1/shortlists", json=body, headers=headers)
        assert again.status_code == 200
        assert "mith" not in again.text
    services.close()


# --- the records behind it ---


LEASE = 3600.0


def records_at(url: str, key: str = "k", attempt: str = "1", ahead: float = 0) -> Records:
    """The records as one host sees them, whose clock is `ahead` by so many seconds."""
    clock = lambda: datetime.now(UTC) + timedelta(seconds=ahead)  # noqa: E731
    return Records.open(url, clock).for_request(key, "sent", attempt)


def let_pass(url: str, seconds: float) -> None:
    """Make every key older, as if this time had passed."""
    store = RecordsStore.open(url)
    with store.writing() as connection:
        for key, at in connection.execute(select(table.c.key, table.c.at)).all():
            then = timestamp(datetime.fromisoformat(at) - timedelta(seconds=seconds))
            connection.execute(update(table).where(table.c.key == key).values(at=then))
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new database of each kind; claims last for so long that a busy machine loses none."""
    monkeypatch.setattr(request_keys, "LEASE_SECONDS", LEASE)
    if request.param == "postgresql":
        found: str = request.getfixturevalue("postgres_url")
        return found
    return f"sqlite:///{tmp_path / 'r.sqlite'}"


def test_a_key_is_known_for_a_day_and_a_killed_request_is_taken_up_again(url: str) -> None:
    records = records_at(url)
    assert records.claim_request().state is KeyState.NEW
    assert records.claim_request().state is KeyState.WORKING
    let_pass(url, LEASE + 1)
    assert records.claim_request().state is KeyState.NEW
    records.keep_answer(b"answer")
    let_pass(url, 3600 * (KEPT_HOURS - 1))
    claim = records.claim_request()
    assert (claim.state, claim.answer) == (KeyState.ANSWERED, b"answer")
    let_pass(url, 3600 * 2)
    assert records.claim_request().state is KeyState.NEW
    records.close()


def test_a_killed_request_is_taken_up_again_where_the_clock_was_set_back(url: str) -> None:
    killed, again = records_at(url), records_at(url, attempt="2")
    assert killed.claim_request().state is KeyState.NEW
    let_pass(url, -2 * LEASE)
    assert again.claim_request().state is KeyState.NEW
    assert killed.claim_request().state is KeyState.WORKING, "the second one works on it"
    for one in (killed, again):
        one.close()


def test_a_claim_that_is_renewed_is_kept(url: str) -> None:
    works, again = records_at(url), records_at(url, attempt="2")
    assert works.claim_request().state is KeyState.NEW
    for _ in range(5):
        let_pass(url, LEASE / 2)
        works.renew_claim()
        assert again.claim_request().state is KeyState.WORKING
    again.renew_claim()
    again.release_request()
    assert again.claim_request().state is KeyState.WORKING, "it is not its own"
    let_pass(url, LEASE + 1)
    assert again.claim_request().state is KeyState.NEW
    for one in (works, again):
        one.close()


@pytest.mark.parametrize("ahead", [-2 * LEASE, 2 * LEASE])
def test_a_host_whose_clock_differs_takes_over_no_claim(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    monkeypatch.setattr(request_keys, "LEASE_SECONDS", LEASE)
    works, other = records_at(postgres_url), records_at(postgres_url, attempt="2", ahead=ahead)
    assert works.claim_request().state is KeyState.NEW
    assert other.claim_request().state is KeyState.WORKING
    works.renew_claim()
    assert other.claim_request().state is KeyState.WORKING
    works.append([NewEntry(EntryKind.SHORTLIST, "a", "a", b"{}")])
    works.release_request()
    let_pass(postgres_url, LEASE + 1)
    assert other.claim_request().state is KeyState.WRITTEN
    for one in (works, other):
        one.close()


def test_of_two_who_work_on_a_request_only_the_one_with_the_claim_keeps_something(
    url: str,
) -> None:
    hung, again, third = (records_at(url, attempt=each) for each in "123")
    entry = [NewEntry(EntryKind.SHORTLIST, "a", "a", b"{}")]
    assert hung.claim_request().state is KeyState.NEW
    let_pass(url, LEASE + 1)
    assert again.claim_request().state is KeyState.NEW
    with pytest.raises(TakenOver, match="send it once more"):
        hung.append(entry)
    hung.keep_answer(b"hung")
    hung.release_request()
    assert hung.head()[0] == 0
    assert third.claim_request().state is KeyState.WORKING
    again.append(entry)
    again.keep_answer(b"again")
    claim = third.claim_request()
    assert (claim.state, claim.answer, third.head()[0]) == (KeyState.ANSWERED, b"again", 1)
    with pytest.raises(TakenOver):
        hung.append([NewEntry(EntryKind.DECISION, None, "a", b"{}")])
    hung.keep_answer(b"hung")
    assert (third.claim_request().answer, third.head()[0]) == (b"again", 1)
    for one in (hung, again, third):
        one.close()


def test_an_answer_made_while_an_organisation_is_removed_is_not_kept(url: str) -> None:
    records, services, third = (records_at(url, key) for key in ("k", "other", "third"))
    assert third.claim_request().state is KeyState.NEW
    third.keep_answer(b"names P too")
    assert records.claim_request().state is KeyState.NEW
    records.append([NewEntry(EntryKind.SHORTLIST, "a", "a", b"{}")])
    removal = Removal("objection", "Dana", "an organisation")
    services.redact(lambda _, body: body, removal, "suppressed-1", ["P"])
    records.keep_answer(b"names P")
    assert records.claim_request().state is KeyState.WRITTEN
    assert third.claim_request().state is KeyState.NEW, "what was answered is worked out again"
    for one in (records, services, third):
        one.close()


def test_an_answer_too_large_to_keep_is_worked_out_again(url: str) -> None:
    records = records_at(url)
    assert records.claim_request().state is KeyState.NEW
    records.keep_answer(None)
    assert records.claim_request().state is KeyState.NEW
    records.release_request()
    assert records.claim_request().state is KeyState.NEW
    records.close()
