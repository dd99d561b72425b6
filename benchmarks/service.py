"""What HTTP costs: the service over loopback, compared with the same work in this process.

    python -m benchmarks.service [--register REG] [--lots FILE] [--bundle NAME]
        [--requests 100] [--clients 8] [--rounds 3] [--json OUT]

Every request is for one shortlist of ten, for a new lot (a number is added to its title), so that
each is ranked, explained, encoded and kept.  In one run, one after the other:

- in process: `Matcher.shortlist`, in one thread, nothing encoded or kept;
- service: through the service's functions, encoded and kept in a new SQLite file;
- served: `matcher serve` with 1 and with 2 workers, with one client and then several at once, each
  over its own connection; every answer is read and must be a list.

There are several rounds, and for each row the round with the most requests a second is shown,
because other work on the machine can only slow it.  Requests go only to its own server at
127.0.0.1, at most `--requests` for each row and round.  The clients run in this process and share
the machine with the server.  Times depend on the machine, so compare only rows of one run.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count, cycle, islice
from pathlib import Path
from urllib.parse import urlsplit

os.environ["OMP_NUM_THREADS"] = "1"

import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from api.service.services import Services
from api.settings import Settings
from matcher.core.types import Lot
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.sources.notices import lots as lot_files
from models.bundle import DEFAULT
from tests.servers import serving

MOST_REQUESTS, MOST_CLIENTS = 5000, 32
_WARM = 10
_REQUEST = Request()


@dataclass(frozen=True, slots=True)
class Row:
    """The result for one way of asking: requests a second, and milliseconds a request."""

    way: str
    requests: int
    a_second: float
    p50: float
    p99: float


def main() -> None:
    """Measure, print, and write the rows to the file in --json."""
    told = _arguments()
    found = [lot for file in told.lots for lot in lot_files.read_lots(file)[0]]
    numbers = count()
    fresh = _fresh(found, numbers)
    best: dict[str, Row] = {}
    for _ in range(told.rounds):
        for row in _round(told, fresh):
            if row.way not in best or row.a_second > best[row.way].a_second:
                best[row.way] = row
    rows = list(best.values())
    _print(rows)
    if told.json:
        saved = {
            "providers": len(Matcher.open(told.register, told.bundle).register),
            "requests": told.requests,
            "rounds": told.rounds,
            "clients": told.clients,
            "cores": os.cpu_count(),
            "rows": [asdict(row) for row in rows],
        }
        told.json.write_text(json.dumps(saved, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    examples = [Path("examples/notice.json"), Path("examples/lot.json"), Path("examples/lot.txt")]
    parser.add_argument("--register", type=Path, default=Path("build/example-register"))
    parser.add_argument("--lots", type=Path, nargs="+", default=examples)
    parser.add_argument("--bundle", default=DEFAULT)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 11))
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    if not 1 <= told.requests <= MOST_REQUESTS or not 1 <= told.clients <= MOST_CLIENTS:
        parser.error(f"at most {MOST_REQUESTS} requests and {MOST_CLIENTS} clients, at least 1")
    return told


def _fresh(found: Sequence[Lot], numbers: Iterator[int]) -> Iterator[Lot]:
    """The lots repeatedly, each time with another number in the title."""
    for lot in cycle(found):
        number = next(numbers)
        yield replace(lot, id=f"measured-{number}", title=f"{lot.title} {number}")


def _round(told: argparse.Namespace, fresh: Iterator[Lot]) -> Iterator[Row]:
    yield _in_process(told, fresh)
    yield _through_the_service(told, fresh)
    for workers in (1, 2):
        yield from _served(told, fresh, workers)


def _in_process(told: argparse.Namespace, fresh: Iterator[Lot]) -> Row:
    matcher = Matcher.open(told.register, told.bundle)
    return _one_by_one("in process", matcher.shortlist, fresh, told.requests)


def _through_the_service(told: argparse.Namespace, fresh: Iterator[Lot]) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        records = str(Path(folder) / "records.sqlite")
        services = Services.open(Settings(told.register, told.bundle, records))

        def ask(lot: Lot) -> None:
            if services.shortlists.ask({"a": _given(lot)}, _REQUEST).errors:
                raise RuntimeError(f"not a list: {lot.id}")

        row = _one_by_one("service, encoded and kept", ask, fresh, told.requests)
        services.close()
    return row


def _given(lot: Lot) -> dict[str, object]:
    """The lot as a client writes it."""
    fields: dict[str, object] = json.loads(msgspec.json.encode(lot))
    return {name: value for name, value in fields.items() if value}


def _one_by_one(way: str, ask: Callable[[Lot], object], fresh: Iterator[Lot], n: int) -> Row:
    for lot in islice(fresh, _WARM):
        ask(lot)
    times = []
    for lot in islice(fresh, n):
        begun = time.perf_counter()
        ask(lot)
        times.append(time.perf_counter() - begun)
    return _row(way, times, sum(times))


def _served(told: argparse.Namespace, fresh: Iterator[Lot], workers: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder) / "records.sqlite"
        options = ("--bundle", told.bundle, "--records", records, "--workers", workers)
        limit = ("--per-minute", 10**9)
        with serving(told.register, *map(str, (*options, *limit))) as server:
            for clients in (1, told.clients):
                way = f"served, {workers} worker{'s' * (workers > 1)}, {clients} at once"
                bodies = [_body(lot) for lot in islice(fresh, told.requests + _WARM * clients)]
                yield _asked(way, server.url, bodies, clients)


def _body(lot: Lot) -> bytes:
    return json.dumps({"lots": {"a": _given(lot)}}).encode()


def _asked(way: str, url: str, bodies: Sequence[bytes], clients: int) -> Row:
    """Each client sends its share of the bodies, after a few that are not counted."""
    shares = [bodies[n::clients] for n in range(clients)]
    times: list[float] = []
    ready = threading.Barrier(clients + 1)

    def client(share: Sequence[bytes]) -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        for body in share[:_WARM]:
            _post(connection, body)
        ready.wait()
        for body in share[_WARM:]:
            begun = time.perf_counter()
            _post(connection, body)
            times.append(time.perf_counter() - begun)
        connection.close()

    threads = [threading.Thread(target=client, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    ready.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return _row(way, times, time.perf_counter() - begun)


def _post(connection: http.client.HTTPConnection, body: bytes) -> None:
    connection.request("POST", "/v1/shortlists", body, {"content-type": "application/json"})
    response = connection.getresponse()
    told = response.read()
    if response.status != 200 or b'"shortlists":{"a":{' not in told:
        raise RuntimeError(f"not a list: {response.status} {told[:300]!r}")


def _row(way: str, times: Sequence[float], took: float) -> Row:
    p50, p99 = np.percentile(times, [50, 99])
    return Row(
        way, len(times), round(len(times) / took, 1), round(p50 * 1000, 2), round(p99 * 1000, 2)
    )


def _print(rows: Sequence[Row]) -> None:
    table = Table("way", "requests", "a second", "p50 ms", "p99 ms")
    for row in rows:
        table.add_row(
            row.way, f"{row.requests}", f"{row.a_second:g}", f"{row.p50:g}", f"{row.p99:g}"
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
