"""The HTTP client: waits, retries, redirects, proxies and certificates."""

from __future__ import annotations

import gzip
import ssl
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import FetchError
from matcher.fetch import client as module
from matcher.fetch.client import (
    LONGEST_WAIT,
    TRIES,
    Client,
    RetryableError,
)
from tests.matcher.fetch.conftest import entry
from tests.replay import WEB_PAGE, Answer, FakeClock, Replay, page, raw


def said(status: int, **headers: str) -> Answer:
    return Answer(b"no", status, {name.replace("_", "-"): value for name, value in headers.items()})


def test_429_waits_for_retry_after(replay: Replay, client: Client, clock: FakeClock) -> None:
    address = replay.serve("/a", page({"ok": 1}))
    replay.trouble("/a", said(429, Retry_After="37"))
    assert client.json(entry(address), address) == {"ok": 1}
    assert clock.waits == [37.0]


def test_retry_after_may_be_a_date(replay: Replay, client: Client, clock: FakeClock) -> None:
    address = replay.serve("/a", page(1))
    clock.moment = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    replay.trouble("/a", said(503, Retry_After="Wed, 25 Nov 2026 09:02:00 GMT"))
    client.json(entry(address), address)
    assert clock.waits == [120.0]


def test_a_retry_after_in_the_past_is_no_wait(
    replay: Replay, client: Client, clock: FakeClock
) -> None:
    address = replay.serve("/a", page(1))
    replay.trouble("/a", said(503, Retry_After="Wed, 25 Nov 2020 09:02:00 GMT"))
    client.json(entry(address), address)
    assert clock.waits == [0.0]


def test_a_long_wait_is_refused(replay: Replay, client: Client, clock: FakeClock) -> None:
    address = replay.serve("/a", page(1))
    replay.trouble("/a", said(429, Retry_After=str(int(LONGEST_WAIT) + 60)))
    with pytest.raises(FetchError, match=r"asks to wait 31 minutes.*Fetch it again after that"):
        client.json(entry(address), address)
    assert clock.waits == []


def test_503_backs_off_and_gives_up(replay: Replay, client: Client, clock: FakeClock) -> None:
    address = replay.serve("/a", said(503))
    with pytest.raises(FetchError, match=r"after 6 tries: answers 503.*fetch again later"):
        client.json(entry(address), address)
    assert len(replay.asked) == TRIES
    assert len(clock.waits) == TRIES - 1
    assert all(b > a for a, b in zip(clock.waits, clock.waits[1:], strict=False))


def test_403_is_a_long_wait_if_the_catalogue_says_so(
    replay: Replay, client: Client, clock: FakeClock
) -> None:
    address = replay.serve("/a", page("at last"))
    replay.trouble("/a", said(403), said(403))
    assert client.json(entry(address, wait_on_403=300), address) == "at last"
    assert clock.waits == [300.0, 300.0]


def test_403_is_refused_otherwise(replay: Replay, client: Client) -> None:
    address = replay.serve("/a", said(403))
    with pytest.raises(FetchError, match="answers 403: it blocks programs"):
        client.json(entry(address), address)
    assert len(replay.asked) == 1


@pytest.mark.parametrize("status", [401, 404, 407, 410, 418])
def test_permanent_errors_are_not_retried(status: int, replay: Replay, client: Client) -> None:
    address = replay.serve("/a", said(status))
    with pytest.raises(FetchError, match=f"answers {status}") as refused:
        client.json(entry(address), address)
    assert refused.value.status == status
    assert len(replay.asked) == 1


def test_a_web_page_with_status_200_is_retried_then_refused(replay: Replay, client: Client) -> None:
    address = replay.serve("/a", page({"ok": 1}))
    replay.trouble("/a", WEB_PAGE)
    assert client.json(entry(address), address) == {"ok": 1}
    replay.serve("/b", WEB_PAGE)
    with pytest.raises(FetchError, match="a web page instead of JSON"):
        client.json(entry(address), f"{replay.address}/b")


def test_a_truncated_json_document_is_retried(replay: Replay, client: Client) -> None:
    address = replay.serve("/a", page([1, 2]))
    replay.trouble("/a", raw("[1, "))
    assert client.json(entry(address), address) == [1, 2]


def test_a_page_that_is_cut_is_retried(replay: Replay, client: Client) -> None:
    body = page({"releases": ["x" * 5000]})
    address = replay.serve("/a", body)
    replay.trouble("/a", Answer(body.body, cut=2000))
    assert client.json(entry(address), address) == {"releases": ["x" * 5000]}


def test_a_number_that_is_too_large_stays_text(replay: Replay, client: Client) -> None:
    address = replay.serve("/a", raw('{"amount": 1e9999, "low": -1e9999, "nan": NaN, "ok": 1.5}'))
    found = client.json(entry(address), address)
    assert found == {"amount": "1e9999", "low": "-1e9999", "nan": "NaN", "ok": 1.5}


def test_a_page_that_unpacks_to_too_much_is_refused(
    replay: Replay, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_PAGE", 100_000)
    bomb = Answer(gzip.compress(b" " * 50_000_000), headers={"Content-Encoding": "gzip"})
    address = replay.serve("/a", bomb)
    with pytest.raises(FetchError, match="sent a page of over 100,000 bytes"):
        client.json(entry(address), address)


def test_a_redirect_on_the_same_host_is_followed(replay: Replay, client: Client) -> None:
    replay.serve("/new", page("here"))
    address = replay.serve("/old", said(302, Location="/new"))
    assert client.json(entry(address), address) == "here"


def test_a_redirect_to_another_host_is_refused_unless_named(replay: Replay, client: Client) -> None:
    other = replay.address.replace("127.0.0.1", "localhost")
    replay.serve("/new", page("there"))
    address = replay.serve("/old", said(302, Location=f"{other}/new"))
    with pytest.raises(FetchError, match=r'another host, localhost.*hosts = \["localhost:\d+"\]'):
        client.json(entry(address), address)
    assert replay.paths() == ["/old"]
    named = entry(address, hosts=(other.removeprefix("http://"),))
    assert client.json(named, address) == "there"


def test_an_endless_redirect_is_refused(replay: Replay, client: Client) -> None:
    address = replay.serve("/a", said(302, Location="/a"))
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        client.json(entry(address), address)


def test_requests_to_a_host_are_separated_by_a_pause(
    replay: Replay, client: Client, clock: FakeClock
) -> None:
    address = replay.serve("/a", page(1))
    for _ in range(3):
        client.json(entry(address, pause=2.0), address)
    assert clock.waits == [2.0, 2.0]


def test_the_user_agent_has_the_version_and_the_contact(replay: Replay, clock: FakeClock) -> None:
    address = replay.serve("/a", page(1))
    with Client(clock, env={"LBD_CONTACT": "data@council.example"}) as client:
        client.json(entry(address), address)
    agent = replay.asked[0].headers["User-Agent"]
    assert agent.startswith("local-by-default/")
    assert agent.endswith("(data@council.example)")


def test_a_failed_connection_is_explained(client: Client, replay: Replay) -> None:
    address = "http://127.0.0.1:9/a"  # the discard port, where nothing listens
    with pytest.raises(FetchError, match=r"could not be fetched after 6 tries: ConnectError"):
        client.json(entry(address), address)


def test_a_proxy_from_the_environment_is_used(
    replay: Replay, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay.serve("/a", page("by way of the proxy"))
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", replay.address)
    monkeypatch.setenv("http_proxy", replay.address)
    address = "http://portal.example/a"
    with Client(clock, env={}) as client:
        assert client.json(entry(address), address) == "by way of the proxy"
    assert replay.asked[0].headers["Host"] == "portal.example"


class _Secure(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b'"ok"')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def council(tmp_path: Path) -> tuple[str, Path]:
    """A server with a certificate of a council's own authority, and the authority's file."""
    authority = trustme.CA()
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = HTTPServer(("127.0.0.1", 0), _Secure)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"https://127.0.0.1:{server.server_port}/a", path


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_certificate_authority_from_the_environment_is_trusted(
    council: tuple[str, Path], clock: FakeClock, name: str
) -> None:
    address, authority = council
    with Client(clock, env={name: str(authority)}) as client:
        assert client.json(entry(address), address) == "ok"


def test_an_untrusted_certificate_is_refused_with_advice(
    council: tuple[str, Path], client: Client
) -> None:
    address, _ = council
    with pytest.raises(FetchError, match=r"does not trust.*SSL_CERT_FILE"):
        client.json(entry(address), address)


def test_an_invalid_file_of_authorities_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "not.pem"
    path.write_text("hello")
    with (
        pytest.raises(FetchError, match=r"SSL_CERT_FILE=.*no certificate that can be read"),
        Client(clock, env={"SSL_CERT_FILE": str(path)}),
    ):
        pass


@given(st.lists(st.booleans(), max_size=40))
def test_it_gives_up_after_a_number_of_tries_without_progress(progress: list[bool]) -> None:
    tries = iter([*progress, *[False] * TRIES])
    made: list[bool] = []

    def attempt() -> None:
        made.append(next(tries))
        raise RetryableError("no luck", made_progress=made[-1])

    with (
        Client(FakeClock(), env={}) as client,
        pytest.raises(FetchError, match="no luck"),
    ):
        client.with_retries(entry("http://a.example"), "http://a.example", attempt)
    assert not any(made[-TRIES:])
    rows = "".join("m" if each else "." for each in made[:-1])
    assert "." * TRIES not in rows
