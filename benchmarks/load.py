"""Whether the service answers health checks under load, and gives its memory back.

    python -m benchmarks.load [--register REG] [--bundle NAME] [--seconds 30] [--requests 10000]
        [--json OUT]

`matcher serve` with two workers on loopback is asked by this process:

- health: four clients upload a specification (Word) again and again and two send batches of lots,
  while another asks `/healthz` twenty times a second.  Wanted: a 99th percentile below 50 ms;
- memory: 500 mixed requests, then more until there were `--requests`.  What the workers hold for
  themselves (RssAnon of both) is read after each.  Wanted: at most a fifth more at the end.

The clients share the machine with the service, and whatever else runs on it: the load average of
the machine is printed with the figures.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import numpy as np
from rich.console import Console
from rich.table import Table

from models.bundle import DEFAULT
from tests.documents import word
from tests.servers import Server, serving

_UPLOADS, _BATCHES, _BATCH_LOTS = 4, 2, 50
_FIRST = 500
_BOUNDARY = "benchmark-of-uploads"


@dataclass
class Load:
    """What was asked, and how the service held."""

    health_checks: int = 0
    health_p50_ms: float = 0.0
    health_p99_ms: float = 0.0
    health_worst_ms: float = 0.0
    uploads: int = 0
    batches: int = 0
    refused_503: int = 0
    other_5xx: int = 0
    requests: int = 0
    memory_mb_after_500: float = 0.0
    memory_mb_at_the_end: float = 0.0
    load_average: float = 0.0


_CONNECTIONS: list[http.client.HTTPConnection] = []
"""Opened so far, to be closed at the end."""


class Client:
    """One connection to the service, and what it was answered."""

    def __init__(self, server: Server, statuses: Counter[int]) -> None:
        self._netloc = urlsplit(server.url).netloc
        self._statuses = statuses
        self._connection = http.client.HTTPConnection(self._netloc, timeout=120)
        _CONNECTIONS.append(self._connection)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """The status and the content of an answer; 0 where the connection was closed."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._connection.request(method, path, body or None, names)
            response = self._connection.getresponse()
            content, status = response.read(), response.status
        except (OSError, http.client.HTTPException):
            self._connection.close()
            content, status = b"", 0
        self._statuses[status] += 1
        return status, content

    def post(self, path: str, body: object) -> tuple[int, bytes]:
        """The answer to JSON."""
        return self.ask("POST", path, json.dumps(body).encode(), content_type="application/json")


def lot(number: int) -> dict[str, object]:
    """A lot that was not asked about before."""
    return {"title": f"Home care for older people {number}", "postcode": "WS1 1TP"}


def health(server: Server, load: Load, seconds: float) -> None:
    """Ask for the service's health while documents and batches keep it busy."""
    statuses: Counter[int] = Counter()
    over = threading.Event()
    document = word(
        *[f"Lot {n}: home care in area {n}. Visits, meals, cleaning." for n in range(300)]
    )

    def upload() -> None:
        client = Client(server, statuses)
        _, page = client.ask("GET", "/", accept="text/html")
        token = re.findall(rb'name="lbd-form" value="([^"]+)"', page)[0].decode()
        body = b"".join(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
            + value + b"\r\n"
            for name, more, value in (
                ("lbd-form", "", token.encode()),
                ("text", "", b""),
                ("file", '; filename="spec.docx"', document),
            )
        ) + f"--{_BOUNDARY}--\r\n".encode()  # fmt: skip
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        while True:
            status, _ = client.ask(
                "POST", "/need", body, content_type=kind, cookie=f"lbd-form={token}"
            )
            load.uploads += status == 303
            if over.is_set():
                return

    def batch(number: int) -> None:
        client = Client(server, statuses)
        first = number * 10**6
        while True:
            lots = {f"lot-{n}": lot(first + n) for n in range(_BATCH_LOTS)}
            first += _BATCH_LOTS
            status, _ = client.post("/v1/shortlists", {"lots": lots})
            load.batches += status == 200
            if over.is_set():
                return

    threads = [threading.Thread(target=upload) for _ in range(_UPLOADS)]
    threads += [threading.Thread(target=batch, args=(n,)) for n in range(_BATCHES)]
    for thread in threads:
        thread.start()
    times = _health_times(server, seconds)
    over.set()
    for thread in threads:
        thread.join()
    load.health_checks = len(times)
    p50, p99, worst = np.percentile(times, [50, 99, 100]) * 1000
    load.health_p50_ms, load.health_p99_ms = round(float(p50), 1), round(float(p99), 1)
    load.health_worst_ms = round(float(worst), 1)
    _count(load, statuses)


def _health_times(server: Server, seconds: float) -> list[float]:
    times: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        client = Client(server, Counter())  # a new connection, as monitoring makes
        begun = time.perf_counter()
        client.ask("GET", "/healthz", connection="close")
        times.append(time.perf_counter() - begun)
        time.sleep(0.05)
    return times


def memory(server: Server, load: Load, requests: int) -> None:
    """Read the workers' memory after the first mixed requests, and after the last."""
    statuses: Counter[int] = Counter()
    _mixed(server, statuses, 0, min(_FIRST, requests))
    load.memory_mb_after_500 = _private_megabytes(server)
    _mixed(server, statuses, min(_FIRST, requests), requests)
    load.memory_mb_at_the_end = _private_megabytes(server)
    load.requests = requests
    _count(load, statuses)


def _mixed(server: Server, statuses: Counter[int], first: int, last: int) -> None:
    """Ask, ask again, decide, look up, search and load pages, from four clients."""
    lock, numbers = threading.Lock(), iter(range(first, last))

    def work() -> None:
        client, id_, provider = Client(server, statuses), "", ""
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            if number % 10 == 0 or not id_:
                _, answer = client.post("/v1/shortlists", {"lots": {"a": lot(number)}})
                with suppress(ValueError, KeyError, IndexError):
                    shortlist = json.loads(answer)["shortlists"]["a"]
                    id_, provider = shortlist["id"], shortlist["suggestions"][0]["id"]
            else:
                _others(id_, provider)[number % 10 - 1](client)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _others(id_: str, provider: str) -> list[Callable[[Client], object]]:
    choices = [{"provider": provider, "outcome": "invited"}]
    decision = {"by": "A. Officer", "reason": "Near.", "conflicts": "none", "choices": choices}
    return [
        lambda client: client.ask("GET", f"/v1/shortlists/{id_}"),
        lambda client: client.ask("GET", f"/v1/providers?{urlencode({'q': 'care'})}"),
        lambda client: client.post(f"/v1/shortlists/{id_}/decision", decision),
        lambda client: client.ask("GET", f"/lists/{id_}", accept="text/html"),
        lambda client: client.ask("GET", f"/v1/shortlists/{id_}/providers/{provider}"),
        lambda client: client.ask("GET", "/v1/exposure"),
        lambda client: client.ask("GET", f"/v1/places?{urlencode({'q': 'Walsal'})}"),
        lambda client: client.ask("GET", f"/v1/shortlists/{id_}/export.csv"),
        lambda client: client.ask("GET", "/past", accept="text/html"),
    ]


def _private_megabytes(server: Server) -> float:
    """What all processes of the service hold for themselves, without the register's files."""
    pids = [server.process.pid]
    for pid in pids:
        pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    status = "".join(Path(f"/proc/{pid}/status").read_text() for pid in pids)
    return round(sum(map(int, re.findall(r"RssAnon:\s+(\d+) kB", status))) / 1024, 1)


def _count(load: Load, statuses: Counter[int]) -> None:
    load.refused_503 += statuses[503]
    load.other_5xx += sum(n for status, n in statuses.items() if 500 <= status != 503)


def main(arguments: list[str] | None = None) -> None:
    """Measure both, print a table, and write it to the file in --json."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--register", type=Path, default=Path("build/example-register"))
    parser.add_argument("--bundle", default=DEFAULT)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    load = Load()
    with tempfile.TemporaryDirectory() as folder:
        records = ["--records", str(Path(folder) / "records.sqlite"), "--per-minute", str(10**9)]
        words = ["--bundle", options.bundle, "--workers", "2", *records]
        with serving(options.register, *words) as server:
            memory(server, load, options.requests)
        with serving(options.register, *words) as server:
            health(server, load, options.seconds)
    for connection in _CONNECTIONS:
        connection.close()
    load.load_average = round(os.getloadavg()[1], 1)
    table = Table("", "")
    for what, value in asdict(load).items():
        table.add_row(what.replace("_", " "), str(value))
    Console(width=100).print(table)
    if options.json:
        saved = {"workers": 2, "cores": os.cpu_count(), **asdict(load)}
        options.json.write_text(json.dumps(saved, indent=1) + "\n")


if __name__ == "__main__":
    main()
