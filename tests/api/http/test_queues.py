"""Requests that take long, over HTTP: they hold up neither health checks nor one another."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.http import protocol, queues
from api.service.shortlists import ShortlistService
from tests.servers import in_thread
from tests.services import LOT, settings_for

BODY = {"lots": {"a": LOT}}
PATIENCE = httpx.Timeout(60)


class Held:
    """Shortlists that are being made until they are let go; `begun` counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()
        ask = ShortlistService.ask_encoded

        def held(*args: Any, **kwargs: Any) -> Any:
            self.begun.release()
            assert self.let_go.wait(60)
            return ask(*args, **kwargs)

        monkeypatch.setattr(ShortlistService, "ask_encoded", held)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held = Held(monkeypatch)
    yield held
    held.let_go.set()


@pytest.fixture
def url(tmp_path: Path, places_table: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    limits = {"threads": 1, "rankings": 1, "documents": 1, **getattr(request, "param", {})}
    with in_thread(settings_for(tmp_path, places_table, **limits)) as url:
        yield url


def half_sent(url: str, path: str) -> socket.socket:
    """A connection over which half a request has been sent."""
    host, _, port = url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: 1000\r\n\r\n{{".encode())
    return connection


def test_health_checks_answer_while_shortlists_are_made(url: str, held: Held) -> None:
    with ThreadPoolExecutor(4) as pool, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        slow = [pool.submit(httpx.post, f"{url}/v1/shortlists", json=BODY, timeout=60)
                for _ in range(4)]  # fmt: skip
        assert held.begun.acquire(timeout=60)
        for path in ("/healthz", "/readyz", "/metrics", "/static/pages.css", "/v1/rules"):
            assert client.get(path).status_code in {200, 404}, path
        assert not any(each.done() for each in slow)
        held.let_go.set()
        assert [each.result().status_code for each in slow] == [200] * 4


def test_a_connection_is_idle_since_its_answer(
    url: str, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 2)
    with ThreadPoolExecutor(1) as pool, ExitStack() as stack:
        long, idle = (stack.enter_context(httpx.Client(base_url=url, timeout=60)) for _ in "12")
        asked = pool.submit(long.post, "/v1/shortlists", json=BODY)
        assert held.begun.acquire(timeout=60)
        idle.get("/healthz")
        held.let_go.set()
        assert asked.result().status_code == 200
        (kept,) = long._transport._pool.connections
        assert httpx.get(f"{url}/healthz").status_code == 200
        assert not kept.has_expired()


@pytest.mark.parametrize("url", [{"waiting": 1}], indirect=True)
def test_a_request_that_finds_the_queue_full_is_told_when_to_try_again(
    url: str, held: Held
) -> None:
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(httpx.post, f"{url}/v1/shortlists", json=BODY, timeout=60)
        assert held.begun.acquire(timeout=60)
        refused = httpx.post(f"{url}/v1/shortlists", json=BODY, timeout=60)
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/busy")
        assert int(refused.headers["retry-after"]) >= 1
        page = httpx.post(f"{url}/need", data={}, headers={"accept": "text/html"}, timeout=60)
        assert page.status_code == 403, "documents have a queue of their own"
        held.let_go.set()
        assert first.result().status_code == 200
    assert httpx.post(f"{url}/v1/shortlists", json=BODY, timeout=60).status_code == 200


def test_a_request_that_is_sent_slowly_holds_up_no_other(url: str) -> None:
    with ExitStack() as stack:
        for path in ("/v1/shortlists", "/v1/splits", "/need", "/lots"):
            stack.enter_context(half_sent(url, path))
        assert httpx.get(f"{url}/healthz", timeout=60).json() == {"alive": True}
        assert httpx.post(f"{url}/v1/shortlists", json=BODY, timeout=60).status_code == 200


@pytest.mark.parametrize("url", [{"waiting": 4}], indirect=True)
def test_half_sent_requests_do_not_fill_the_queue(url: str) -> None:
    with ExitStack() as stack:
        half = [stack.enter_context(half_sent(url, "/v1/shortlists")) for _ in range(12)]
        assert httpx.post(f"{url}/v1/shortlists", json=BODY, timeout=60).status_code == 200
        for each in half[:8]:
            assert each.recv(12) == b"HTTP/1.1 503"


@pytest.mark.parametrize("url", [{"waiting": 5}], indirect=True)
def test_a_client_that_fills_the_queue_gives_up_places_to_others(url: str, held: Held) -> None:
    def ask(address: str) -> httpx.Response:
        transport = httpx.HTTPTransport(local_address=address)
        with httpx.Client(base_url=url, timeout=60, transport=transport) as client:
            return client.post("/v1/shortlists", json=BODY)

    with ThreadPoolExecutor(12) as pool:
        greedy = [pool.submit(ask, "127.0.0.1")]
        assert held.begun.acquire(timeout=60)
        greedy += [pool.submit(ask, "127.0.0.1") for _ in range(8)]
        assert [done.result().status_code for done in first_done(greedy, 4)] == [503] * 4
        others = [pool.submit(ask, f"127.0.0.{n}") for n in (2, 3, 2)]
        assert [done.result().status_code for done in first_done(greedy, 7)] == [503] * 7
        assert ask("127.0.0.2").status_code == 503, "it has as many as the one that has most"
        held.let_go.set()
        assert [each.result().status_code for each in others] == [200] * 3
        statuses = Counter(each.result().status_code for each in greedy)
    assert statuses == {200: 2, 503: 7}
    assert httpx.post(f"{url}/v1/shortlists", json=BODY, timeout=60).status_code == 200


def first_done(answers: list[Future[httpx.Response]], count: int) -> list[Future[httpx.Response]]:
    """Those that are answered, once so many are."""
    return list(islice(as_completed(answers, timeout=60), count))


def test_a_body_that_never_arrives_is_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "PAUSE_SECONDS", 0.1)
    with half_sent(url, "/v1/shortlists") as connection:
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["type"] == "/problems/slow"


def test_a_request_whose_client_left_while_it_waited_is_not_worked_on(url: str, held: Held) -> None:
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(httpx.post, f"{url}/v1/shortlists", json=BODY, timeout=60)
        assert held.begun.acquire(timeout=60)
        left = [whole_sent(url) for _ in range(5)]
        waits = pool.submit(httpx.post, f"{url}/v1/shortlists", json=BODY, timeout=60)
        for connection in left:
            connection.close()
        assert httpx.get(f"{url}/healthz", timeout=60).status_code == 200
        held.let_go.set()
        assert [each.result().status_code for each in (first, waits)] == [200, 200]
    assert held.begun.acquire(timeout=60)
    assert not held.begun.acquire(blocking=False)


def whole_sent(url: str, content: object = BODY, accept: str = "application/json") -> socket.socket:
    """A connection over which a whole request has been sent."""
    host, _, port = url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    body = json.dumps(content).encode()
    head = f"POST /v1/shortlists HTTP/1.1\r\nHost: {host}\r\nAccept: {accept}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


LONG = "Visits, meals and help for older people at home. " * 2000
MANY: dict[str, Any] = {
    "lots": {f"lot {n}": {**LOT, "description": f"{n} {LONG}"} for n in range(80)},
    "limit": 1,
}
"""Its answer is larger than what the system keeps for a client that does not read."""


def unread(url: str, accept: str) -> socket.socket:
    """A connection that has asked for `MANY` and whose answer has begun, but is not read."""
    connection = whole_sent(url, MANY, accept)
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection


@pytest.mark.parametrize("url", [{"waiting": 1}], indirect=True)
def test_an_answer_that_is_not_read_takes_no_place_in_the_queue(url: str) -> None:
    with unread(url, "application/json"):
        assert httpx.post(f"{url}/v1/shortlists", json=BODY, timeout=60).status_code == 200


def test_others_are_answered_while_a_client_does_not_read_its_lines(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "PAUSE_SECONDS", 60)
    monkeypatch.setattr(queues, "WAIT_SECONDS", 20)
    with unread(url, "application/x-ndjson"):
        assert httpx.post(f"{url}/v1/shortlists", json=BODY, timeout=60).status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
def test_a_large_answer_arrives_whole(url: str, accept: str) -> None:
    headers = {"accept": accept}
    answer = httpx.post(f"{url}/v1/shortlists", json=MANY, headers=headers, timeout=60)
    if accept == "application/json":
        found = answer.json()["shortlists"]
    else:
        lines = map(json.loads, answer.text.splitlines())
        found = {line["key"]: line["shortlist"] for line in lines}
    told = {key: shortlist["lot"]["description"] for key, shortlist in found.items()}
    assert told == {key: each["description"].strip() for key, each in MANY["lots"].items()}


def test_a_form_that_arrives_in_many_pieces_is_read_whole(url: str) -> None:
    titles = {f"lot-{n}-title": f"Home care {n}" for n in range(30)}
    descriptions = {f"lot-{n}-description": f"{n} {LONG[:4000]}" for n in range(30)}
    with httpx.Client(base_url=url, headers={"accept": "text/html"}, timeout=60) as client:
        token = re.findall('name="lbd-form" value="([^"]+)"', client.get("/").text)[0]
        form = {"lbd-form": token, "do": "add", **titles, **descriptions}
        page = client.post("/lots", data=form, follow_redirects=True)
        assert page.status_code == 200
        assert all(f"Home care {n}" in page.text for n in range(30))
