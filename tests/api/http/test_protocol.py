"""Limits of the server before it knows who asks, over raw connections."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from api.http import protocol
from api.records.entry import Entry
from api.records.records import Records
from tests.servers import in_thread
from tests.services import LOT, settings_for

CHUNKED = b"POST /v1/shortlists HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
SIZED = b"POST /v1/shortlists/x/decision HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
BEGUN = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def url(tmp_path: Path, places_table: Path) -> Iterator[str]:
    with in_thread(settings_for(tmp_path, places_table)) as url:
        yield url


@pytest.mark.parametrize(
    "sent",
    [
        b"no HTTP\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
        CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 4\r\n\r\n"),
        SIZED.replace(b": 9", b": -9"),
    ],
)
def test_what_is_no_http_is_a_problem_too(url: str, sent: bytes) -> None:
    with connected(url, sent) as connection:
        head, _, body = answer(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"retry-after" not in head.lower()  # it would be refused again
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["type"] == "/problems/no-http"


def connected(url: str, content: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
    parts = urlsplit(url)
    to = parts.hostname or "", parts.port or 0
    connection = socket.create_connection(to, timeout=30, source_address=(source, 0))
    connection.sendall(content)
    return connection


def answer(connection: socket.socket) -> bytes:
    """All that arrives until the server closes the connection."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def beginning(connection: socket.socket) -> bytes:
    """What arrives first, up to the status; nothing where the server just closed it."""
    try:
        return connection.recv(12)
    except ConnectionResetError:
        return b""


def problem(response: bytes, status: int) -> dict[str, Any]:
    head, _, body = response.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode()), response
    told: dict[str, Any] = json.loads(body)
    assert told["status"] == status
    return told


def send_until_refused(connection: socket.socket, piece: bytes, most: int) -> int:
    """How much the server took of a stream that does not end."""
    sent = 0
    try:
        while sent < most:
            connection.sendall(piece)
            sent += len(piece)
    except (ConnectionError, TimeoutError):
        pass
    return sent


def test_headers_without_end_are_refused(url: str) -> None:
    piece = b"x" * 1000
    for begun, more in {
        "many headers": (BEGUN, b"X-Many: " + piece + b"\r\n"),
        "a long header": (BEGUN + b"X-Long: ", piece),
        "a long path": (b"GET /", piece),
        "trailers": (CHUNKED + b"0\r\n", b"X-Trailer: " + piece + b"\r\n"),
        "a chunk extension": (CHUNKED + b"1;e=", piece),
    }.values():
        with connected(url, begun) as connection:
            assert send_until_refused(connection, more, 20_000_000) < 20_000_000, begun[-20:]
    assert httpx.get(f"{url}/healthz").status_code == 200


def test_headers_that_are_too_large_are_a_problem(url: str) -> None:
    with connected(url, BEGUN + b"X-Long: " + b"x" * protocol.HEADER_BYTES) as connection:
        told = problem(answer(connection), 431)
    assert "65,536 bytes" in told["detail"]


def test_headers_of_usual_size_are_read_whatever_follows_them(url: str) -> None:
    headers = {"x-long": "x" * 40_000}
    posted = httpx.post(f"{url}/v1/shortlists", content=b" " * 500_000 + b"{}", headers=headers)
    assert posted.status_code == 422
    with connected(url, BEGUN + b"\r\n" + BEGUN + b"Connection: close\r\n\r\n") as connection:
        assert answer(connection).count(b"HTTP/1.1 200 ") == 2


@pytest.mark.parametrize("first", [b"", BEGUN + b"\r\n"], ids=["first", "second"])
def test_headers_that_never_end_are_given_up(
    url: str, monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 1.0)
    begun = [b"G", BEGUN, b"\r\n", *([] if first else [b""])]
    with ExitStack() as stack:
        waiting = [stack.enter_context(connected(url, first)) for _ in begun]
        for connection, sent in zip(waiting, begun, strict=True):
            if first:
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            connection.sendall(sent)
        for connection in waiting:
            last = answer(connection).rpartition(b"HTTP/1.1 ")[2]
            assert last.startswith(b"408 ")


def test_a_body_that_never_ends_is_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BODY_SECONDS", 0.2)
    with connected(url, SIZED) as connection:
        assert b"HTTP/1.1 200" not in answer(connection)


def test_connections_that_send_nothing_keep_nobody_out(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 3)
    with ExitStack() as stack, httpx.Client(base_url=url) as client:
        assert client.get("/healthz").status_code == 200  # it stays open, and is idle
        begun = stack.enter_context(connected(url, BEGUN))
        silent = [stack.enter_context(connected(url)) for _ in range(12)]
        assert answer(silent[0]) == b""
        assert httpx.get(f"{url}/healthz").status_code == 200
        begun.sendall(b"Connection: close\r\n\r\n")
        assert answer(begun).startswith(b"HTTP/1.1 200 ")
        assert client.get("/healthz").status_code == 200


class Held:
    """Requests for past shortlists that are worked on until they are let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.let_go = threading.Semaphore(0), threading.Event()

        def held(*_: object, **__: object) -> list[Entry]:
            self.begun.release()
            assert self.let_go.wait(60)
            return []

        monkeypatch.setattr(Records, "newest", held)


PAST = BEGUN.replace(b"healthz", b"v1/shortlists")


def test_requests_that_are_here_keep_their_connections(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 3)
    held = Held(monkeypatch)
    with ExitStack() as stack:
        stack.callback(held.let_go.set)
        sent = [PAST + b"Connection: close\r\n\r\n"] * 2 + [PAST + b"\r\n" + BEGUN]
        here = [stack.enter_context(connected(url, content)) for content in sent]
        for _ in here:
            assert held.begun.acquire(timeout=60)
        with connected(url) as connection:
            assert "3 connections" in problem(answer(connection), 503)["detail"]
        held.let_go.set()
        here[2].sendall(b"Connection: close\r\n\r\n")
        assert [answer(each).count(b"HTTP/1.1 200 ") for each in here] == [1, 1, 2]
        assert httpx.get(f"{url}/healthz").status_code == 200


def test_a_client_with_many_requests_takes_no_place_of_one_that_is_slow(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 3)
    held = Held(monkeypatch)
    with ExitStack() as stack:
        stack.callback(held.let_go.set)
        slow = stack.enter_context(connected(url, SIZED, "127.0.0.2"))
        for _ in range(2):
            stack.enter_context(connected(url, PAST + b"\r\n"))
            assert held.begun.acquire(timeout=60)
        with connected(url) as connection:
            problem(answer(connection), 503)
        slow.sendall(b'{"by": 1}')
        assert slow.recv(12) == b"HTTP/1.1 422"


def test_half_sent_requests_keep_nobody_out(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 6)
    with ExitStack() as stack:
        slow = [stack.enter_context(connected(url, (BEGUN, SIZED)[n % 2])) for n in range(30)]
        for _ in range(8):
            assert httpx.get(f"{url}/healthz").status_code == 200
        ended: list[Any] = []
        waiting = stack.enter_context(DefaultSelector())
        for each in slow:
            waiting.register(each, EVENT_READ)
        while len(ended) < 20:  # which are left, and if six or a few more, depends on the moment
            ready = [key.fileobj for key, _ in waiting.select(60)]
            assert ready, "a connection that gave way is still open"
            for one in ready:
                waiting.unregister(one)
            ended += ready
        told = {beginning(each) for each in ended}
        assert b"HTTP/1.1 503" in told
        assert told <= {b"HTTP/1.1 503", b""}


def test_a_slow_client_keeps_its_place_while_another_fills_all_places(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 6)
    with ExitStack() as stack:
        honest = stack.enter_context(connected(url, SIZED, "127.0.0.2"))
        for n in range(30):
            stack.enter_context(connected(url, (BEGUN, SIZED)[n % 2]))
        honest.sendall(b'{"by": 1}')
        assert honest.recv(12) == b"HTTP/1.1 422"


def test_many_clients_that_never_finish_keep_nobody_out(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 32)
    unread = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 60
    unlimited = settings_for(tmp_path, places_table, per_minute=1_000_000)
    with in_thread(unlimited) as url, ExitStack() as stack:
        for n in range(80):
            stack.enter_context(connected(url, (BEGUN, SIZED, CHUNKED, unread)[n % 4]))
            if n % 10 == 0:
                assert httpx.get(f"{url}/healthz", timeout=60).status_code == 200
        for n in range(5):
            body = {"lots": {"a": {**LOT, "title": f"Home care {n}"}}, "limit": 1}
            asked = httpx.post(f"{url}/v1/shortlists", json=body, timeout=60)
            assert asked.status_code == 200, asked.text


def test_connections_whose_answers_are_not_read_keep_nobody_out(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 2)
    monkeypatch.setattr(protocol, "UNREAD_SECONDS", 0.2)
    large = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(connected(url, large * 60))
        until = time.monotonic() + 30
        while httpx.get(f"{url}/healthz").status_code != 200:
            assert time.monotonic() < until
            time.sleep(0.05)
