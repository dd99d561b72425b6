"""A real identity provider for tests: an OpenID Connect server in a process of its own.

Between it and the service there is a wire that the test can listen to, and can change answers on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from tests.servers import free_port

CLIENT = "local-by-default-client"
_PATIENCE = 90.0

Claims = dict[str, object]


@dataclass
class Wire:
    """Passes requests on to the provider; `issuer` is its address as everybody knows it."""

    issuer: str
    process: subprocess.Popen[bytes]
    token_requests: list[dict[str, str]] = field(default_factory=list)
    change: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """what becomes of the provider's next answers with a token"""

    def settings(self, folder: Path, **fields: object) -> Path:
        """A file that lets the provider's people sign in."""
        given: dict[str, object] = {"issuer": self.issuer, "client_id": CLIENT, **fields}
        roles = given.pop("roles", {"ask": ["Lots.Ask"], "decide": ["Lots.Decide"]})
        authorities = given.pop("authorities", {})
        lines = [f"{name} = {json.dumps(value)}" for name, value in given.items()]
        for table, content in (("roles", roles), ("authorities", authorities)):
            assert isinstance(content, dict)
            lines += [f"[{table}]", *(f'"{k}" = {json.dumps(v)}' for k, v in content.items())]
        (folder / "client.secret").write_text("a secret of the client\n")
        path = folder / "sign-in.toml"
        path.write_text('secret_file = "client.secret"\n' + "\n".join(lines) + "\n")
        return path

    def token_for(self, client: str, subject: str, nonce: str) -> dict[str, Any]:
        """A genuine answer with a token, for another client of the provider."""
        back = "http://127.0.0.1/elsewhere"
        query = {
            "client_id": client,
            "redirect_uri": back,
            "response_type": "code",
            "scope": "openid profile",
            "nonce": nonce,
            "state": "s",
        }
        with httpx.Client() as browser:
            address = f"{self.issuer}/oauth2/authorize?{urlencode(query)}"
            location = browser.post(address, data={"sub": subject}).headers["location"]
            code = parse_qs(urlsplit(location).query)["code"][0]
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
            answer = browser.post(
                f"{self.issuer}/oauth2/token", data=form, auth=(client, "another secret")
            )
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def identity_provider(*people: Claims, token_seconds: int = 3600) -> Iterator[Wire]:
    """A provider that knows these people, each by their claims."""
    port = free_port()
    words = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    words += ["--token-max-age", str(token_seconds), "--require-nonce", "true"]
    for claims in people:
        words += ["--user-claims", json.dumps(claims)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(port))
    wire = Wire(f"http://127.0.0.1:{server.server_port}", process)
    server.wire = wire  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        _wait(port, process)
        yield wire
    finally:
        process.kill()
        process.wait()
        server.shutdown()
        server.server_close()
        thread.join()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/jwks")
            return
        time.sleep(0.05)
    raise RuntimeError("the identity provider did not start")


def _handler(port: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on()

        do_POST = do_GET  # noqa: N815 - the name is http.server's

        def _pass_on(self) -> None:
            wire: Wire = self.server.wire  # type: ignore[attr-defined]
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {k: v for k, v in self.headers.items() if k.lower() != "connection"}
            try:
                answer = httpx.request(
                    self.command,
                    f"http://127.0.0.1:{port}{self.path}",
                    content=body,
                    headers=headers,
                )
            except httpx.HTTPError:
                self.close_connection = True
                return
            content = answer.content
            if self.path.startswith("/oauth2/token"):
                wire.token_requests.append(dict(httpx.QueryParams(body.decode())))
                if wire.change is not None:
                    content = json.dumps(wire.change(answer.json())).encode()
            self.send_response(answer.status_code)
            for name in ("content-type", "location"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    return Handler


_BROWSERS: list[httpx.Client] = []


def _browser() -> httpx.Client:
    _BROWSERS.append(httpx.Client(timeout=60))
    return _BROWSERS[-1]


def close_browsers() -> None:
    """Close the browser of everybody."""
    while _BROWSERS:
        _BROWSERS.pop().close()


@dataclass
class Person:
    """Somebody at a browser, who signs in to the service at `service` as `subject`."""

    service: str
    subject: str
    browser: httpx.Client = field(default_factory=_browser)

    def open(self, path: str) -> httpx.Response:
        """Load a page."""
        return self.browser.get(self.service + path, headers={"accept": "text/html"})

    def begin(self, to: str = "/") -> str:
        """Begin to sign in: the address at the provider."""
        begun = self.browser.get(f"{self.service}/sign-in", params={"to": to})
        assert begun.status_code == 302, begun.text
        return begun.headers["location"]

    def confirm(self, address: str) -> str:
        """Confirm at the provider who one is: the address at the service."""
        answer = self.browser.post(address, data={"sub": self.subject})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def sign_in(self, to: str = "/") -> httpx.Response:
        """Sign in: the service's answer to the browser that the provider sent back."""
        back = self.confirm(self.begin(to))
        return self.browser.get(back, headers={"accept": "text/html"})

    def send(self, path: str, **fields: str) -> httpx.Response:
        """Send a form, with the secret of its page."""
        if "lbd-form" not in self.browser.cookies:
            self.open("/")
        data = {"lbd-form": self.browser.cookies["lbd-form"], **fields}
        return self.browser.post(self.service + path, data=data, headers={"accept": "text/html"})
