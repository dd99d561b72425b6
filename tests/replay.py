"""A server that replays every source in its published layout, with the traps of the real ones.

Everything that it serves is invented.  A path has an answer; `trouble` puts other answers
before it, one a request.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import socketserver
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from matcher.fetch.clock import Clock

Query: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What is sent: `cut` bytes of the body and then nothing, or with a false length."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    cut: int | None = None
    length: int | None = None


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    query: Query
    headers: Mapping[str, str]


Route: TypeAlias = Callable[[Asked], Answer]


def blob(body: bytes, **told: Any) -> Answer:
    """A file with an ETag, which can be asked for in parts."""
    return Answer(body, etag=f'"{hashlib.sha256(body).hexdigest()[:12]}"', **told)


def page(document: object) -> Answer:
    """A JSON document."""
    return Answer(json.dumps(document).encode(), headers={"Content-Type": "application/json"})


def raw(text: str) -> Answer:
    """JSON as it is written, be it valid or not."""
    return Answer(text.encode(), headers={"Content-Type": "application/json"})


WEB_PAGE = Answer(b"<!DOCTYPE html><html><body>Something went wrong</body></html>")


class Replay:
    """The server: its routes, the troubles to come, and the requests that came."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.troubles: dict[str, list[Answer]] = defaultdict(list)
        self.asked: list[Asked] = []
        self.on_bytes: Callable[[int], None] = lambda sent: None
        self.sent = 0
        self.address = ""

    def serve(self, path: str, answer: Answer | Route) -> str:
        """Answer at a path, by an answer or by what makes one of a request; its address."""
        self.routes[path] = (lambda _: answer) if isinstance(answer, Answer) else answer
        return f"{self.address}{path}"

    def trouble(self, path: str, *answers: Answer) -> None:
        """Send these first, one a request."""
        self.troubles[path] += answers

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [one.path for one in self.asked]

    def answer(self, asked: Asked) -> Answer:
        """What to send."""
        self.asked.append(asked)
        if self.troubles[asked.path]:
            return self.troubles[asked.path].pop(0)
        route = self.routes.get(asked.path)
        return route(asked) if route else Answer(b"no such page", 404)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    replay: Replay

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = Asked(parts.path, dict(parse_qsl(parts.query)), dict(self.headers.items()))
        answer = self.replay.answer(asked)
        with contextlib.suppress(OSError):
            self._send(_in_part(answer, asked.headers))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.etag:
            self.send_header("ETag", answer.etag)
        length = len(answer.body) if answer.length is None else answer.length
        if answer.status != 304:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        body = answer.body if answer.cut is None else answer.body[: answer.cut]
        for at in range(0, len(body), 4096):
            # Counted first: the client may read the last bytes before this thread goes on.
            self.replay.sent += len(body[at : at + 4096])
            self.wfile.write(body[at : at + 4096])
            self.replay.on_bytes(self.replay.sent)
        if len(body) != length:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _in_part(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """As a server does that knows parts and versions of its files."""
    if answer.status != 200 or not answer.etag:
        return answer
    if headers.get("If-None-Match") == answer.etag:
        return Answer(status=304, etag=answer.etag)
    wanted = headers.get("Range", "")
    if wanted and headers.get("If-Range", answer.etag) == answer.etag:
        start, whole = int(wanted.removeprefix("bytes=").rstrip("-")), len(answer.body)
        if start >= whole:
            return Answer(status=416, headers={"Content-Range": f"bytes */{whole}"})
        told = {"Content-Range": f"bytes {start}-{whole - 1}/{whole}", **answer.headers}
        return replace(answer, body=answer.body[start:], status=206, headers=told)
    return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that went away is no error of the server's."""


@contextlib.contextmanager
def replaying() -> Iterator[Replay]:
    """A server on this machine, until it is no longer wanted."""
    replay = Replay()
    handler = type("Handler", (_Handler,), {"replay": replay})
    server: socketserver.TCPServer = _Server(("127.0.0.1", 0), handler)
    replay.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class FakeClock(Clock):
    """A clock that a test sets; waiting moves its hands and takes no time."""

    def __init__(self, now: datetime = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)) -> None:
        self.moment = now
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def today(self) -> date:
        return self.moment.date()

    def seconds(self) -> float:
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.moment += timedelta(seconds=seconds)


def sources_toml(folder: Path, replay: Replay, **tables: Mapping[str, object]) -> Path:
    """A file of addresses that all lead to the replay server, with what else a test says."""
    own = f"{replay.address}/"
    shipped: dict[str, dict[str, object]] = {
        "charity-commission": {"address": own + "ccew/publicextract.{file}.zip"},
        "oscr": {"address": own + "oscr/{file}"},
        "ccni": {"address": own + "ccni/export.csv"},
        "companies-house": {"address": own + "ch/en_output.html"},
        "cqc": {"address": own + "cqc/using-cqc-data"},
        "mutuals": {"address": own + "fca/SocietyList.csv"},
        "postcodes": {"address": own + "arcgis/search", "files": [own + "arcgis/items/{id}/data"]},
        "sic": {"address": own + "codes/SIC07.csv"},
        "cpv": {"address": own + "codes/cpv_2008_xml"},
        "find-a-tender": {"address": own + "fts/ocdsReleasePackages"},
        "contracts-finder": {"address": own + "cf/Search"},
        "find-a-tender-pipelines": {"address": own + "fts/ocdsReleasePackages"},
        "contracts-finder-pipelines": {"address": own + "cf/Search"},
        "open-referral": {},
    }
    lines = []
    for name, table in shipped.items():
        said = {"pause": 0, **table, **tables.get(name.replace("-", "_"), {})}
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in said.items()), ""]
    path = folder / "sources.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
