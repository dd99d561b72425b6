"""What is lost when processes are killed, the disk is full, or the database restarts.

    python -m benchmarks.faults [--register REG] [--seconds 30] [--once | --full]
        [--at-most MINUTES] [--database NAME] [--json OUT]

Clients ask for shortlists and record decisions at the same time, over HTTP, of `matcher serve` with
two workers on loopback.  Meanwhile, at random moments:

- one worker is killed, or all of them and the process that started them (SIGKILL);
- with SQLite, the disk is full: the records are on a tmpfs of their own, which is filled up and
  emptied again.  Where no tmpfs can be mounted, the workers' files are limited (RLIMIT_FSIZE);
- with PostgreSQL, the database is stopped as by a power cut, and started again; or its disk, a
  tmpfs as well, is full.

At the end everything is stopped, and each question and decision that was acknowledged (2xx) is
looked for in the database, and the chain and the exposure are verified.  Wanted: nothing missing,
the chain whole, no answer of 5xx other than 503, and the service never ended by itself.

By default, each database is tried for 30 seconds, about two minutes in all.  `--once` ends when
each kind of fault has happened, each after some requests were acknowledged.  `--full` goes on until
10,000 requests were acknowledged, 1,000 times a worker or all processes were killed, the disk was
full 20 times, and PostgreSQL was restarted 20 times; that takes about an hour for each database.
`--at-most` ends it earlier, and the table says what was done.  The exit code is 1 if a figure is
not as wanted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit
from typing import Any

from rich.console import Console
from rich.table import Table

from api.records.entry import EntryKind
from api.records.records import Records
from api.service.entries import listings_of
from api.settings import Settings
from models.bundle import DEFAULT
from tests.postgresql import PostgreSQL, postgresql, small_disk
from tests.servers import free_port

CLIENTS = 6
DATABASES = ("SQLite", "PostgreSQL")
_DISK_MB = 256
_DATABASE_DISK_MB = 512
_FAULTS = ("worker", "worker", "worker", "all", "full", "restart")
"""Each happens as often as it is here, in an order that is drawn anew each time."""
_ONE_OF_EACH = tuple(dict.fromkeys(_FAULTS))
_FULL_FAULTS = (*("worker",) * 44, *("all",) * 4, "full", "restart")
_PAUSES = (0.3, 4.0)
_FULL_PAUSES = (0.02, 1.5)
"""Seconds between two faults, at random between these."""
_BETWEEN = 40
"""With --once: requests that are acknowledged between two faults."""
_REQUESTS, _KILLS, _DATABASE_FAULTS = 10_000, 1_000, 20
_READY_SECONDS = 600.0
_DECIDED = 20
"""A client asks a new question after so many decisions on the last one."""


@dataclass
class Row:
    """What one database went through, and what came of it."""

    database: str
    seconds: float = 0.0
    questions: int = 0
    decisions: int = 0
    workers_killed: int = 0
    all_killed: int = 0
    disk_full: int = 0
    restarts: int = 0
    ended_by_itself: int = 0
    refused_503: int = 0
    other_5xx: int = 0
    connections_lost: int = 0
    entries: int = 0
    missing: int = 0
    whole: bool = False
    disk: str = ""


@dataclass
class Kept:
    """What was acknowledged so far, by all clients."""

    questions: set[str] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def acknowledged(self) -> int:
        """How many questions and decisions."""
        return len(self.questions) + len(self.decisions)


class Service:
    """`matcher serve` with two workers, which can be killed and started again on its port."""

    def __init__(self, register: Path, bundle: str, records: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        options = ["--bundle", bundle, "--records", records, "--workers", "2"]
        limit = ["--per-minute", "1000000000"]
        self._words = [
            *(sys.executable, "-m", "api.cli.main", "serve", "--register", str(register)),
            *("--port", str(self.port), *options, *limit),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready to keep an answer."""
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    self._words,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                return
            time.sleep(0.2)
        raise RuntimeError("the service did not become ready")

    @property
    def ended(self) -> bool:
        """Whether it ended by itself."""
        return self._process is None or self._process.poll() is not None

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        if self._process is None:
            return []
        pid = self._process.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            return [int(child) for child in children if _is_worker(int(child))]
        except OSError:
            return []

    def kill_worker(self, chance: random.Random) -> int:
        """Kill one worker; how many were killed."""
        workers = self.workers()
        if not workers:
            return 0
        with suppress(ProcessLookupError):
            os.kill(chance.choice(workers), signal.SIGKILL)
        return 1

    def kill(self) -> None:
        """Kill all its processes at once, as a power cut would."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """End it as an administrator does."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


def _is_worker(pid: int) -> bool:
    return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()


class Client(threading.Thread):
    """Asks for shortlists and records decisions until it is told to stop."""

    def __init__(self, number: int, url: str, kept: Kept, stop: threading.Event) -> None:
        super().__init__()
        self._number, self._url, self._kept, self._stop_event = number, url, kept, stop

    def run(self) -> None:
        """Ask, then decide several times on the answer, and again."""
        n = 0
        while not self._stop_event.is_set():
            n += 1
            lot = {"title": f"Home care {self._number}.{n}", "postcode": "WS1 1TP"}
            answer = self._post("/v1/shortlists", {"lots": {"a": lot}, "limit": 5})
            if answer is None:
                self._stop_event.wait(0.2)
                continue
            shortlist = answer["shortlists"]["a"]
            self._keep(self._kept.questions, shortlist["id"])
            listed = [one["id"] for one in shortlist["suggestions"]][:1]
            for _ in range(_DECIDED if listed else 0):
                if self._stop_event.is_set():
                    return
                n += 1
                self._decide(shortlist["id"], listed[0], f"Officer {self._number}.{n}")

    def _decide(self, id_: str, provider: str, by: str) -> None:
        body = {
            "by": by,
            "reason": "They do it now.",
            "conflicts": "none",
            "choices": [{"provider": provider, "outcome": "invited"}],
        }
        if self._post(f"/v1/shortlists/{id_}/decision", body) is None:
            self._stop_event.wait(0.1)
        else:
            self._keep(self._kept.decisions, by)

    def _keep(self, where: set[str], what: str) -> None:
        with self._kept.lock:
            where.add(what)

    def _post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """The answer where it is 2xx; None otherwise, which is counted."""
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self._url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                content = response.read()
                status = response.status
        except urllib.error.HTTPError as error:
            with error, self._kept.lock:
                self._kept.statuses[error.code] += 1
            return None
        except (OSError, ValueError, EOFError):
            with self._kept.lock:
                self._kept.lost += 1
            return None
        except Exception:  # a connection cut in the middle of an answer has many names
            with self._kept.lock:
                self._kept.lost += 1
            return None
        with self._kept.lock:
            self._kept.statuses[status] += 1
        return json.loads(content)


def main(arguments: list[str] | None = None) -> None:
    """Try each database, print a table, and write it to the file in --json."""
    options = _options(arguments)
    rows = [_tried(name, options) for name in options.database or DATABASES]
    _print(rows)
    if options.json:
        saved = {
            "clients": CLIENTS,
            "workers": 2,
            "seed": options.seed,
            "cores": os.cpu_count(),
            "rows": [asdict(row) for row in rows],
        }
        options.json.write_text(json.dumps(saved, indent=1) + "\n")
    if any(row.missing or not row.whole or row.other_5xx or row.ended_by_itself for row in rows):
        sys.exit(1)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--register", type=Path, default=Path("build/example-register"))
    parser.add_argument("--bundle", default=DEFAULT)
    parser.add_argument("--seconds", type=float, default=30.0)
    how_long = parser.add_mutually_exclusive_group()
    how_long.add_argument("--once", action="store_true")
    how_long.add_argument("--full", action="store_true")
    parser.add_argument("--at-most", type=float, default=float("inf"), metavar="MINUTES")
    parser.add_argument("--database", action="append", choices=DATABASES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return parser.parse_args(arguments)


def _tried(name: str, options: argparse.Namespace) -> Row:
    row = Row(name)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        disk: Path | None
        if name == "SQLite":
            disk, row.disk = stack.enter_context(_disk(folder))
            records = str(disk / "records.sqlite")
            database = None
        else:
            database = stack.enter_context(postgresql(_DATABASE_DISK_MB))
            disk = database.folder if database.small_disk else None
            row.disk = f"tmpfs of {_DATABASE_DISK_MB} MB" if disk else ""
            records = database.url
        service = Service(options.register, options.bundle, records)
        stack.callback(service.stop)
        kept = Kept()
        service.start()
        faults = _FULL_FAULTS if options.full else _ONE_OF_EACH if options.once else _FAULTS
        _run(row, service, kept, _faults(row, service, disk, database, faults), options)
        service.stop()
        _check(row, kept, Settings(options.register, records=records).records_url)
    return row


@contextmanager
def _disk(folder: Path) -> Iterator[tuple[Path, str]]:
    """A folder on a small tmpfs, where one can be mounted, and what kind of disk it is."""
    disk = folder / "disk"
    disk.mkdir()
    with small_disk(disk, _DISK_MB) as mounted:
        yield disk, f"tmpfs of {_DISK_MB} MB" if mounted else "RLIMIT_FSIZE"


def _faults(
    row: Row,
    service: Service,
    disk: Path | None,
    database: PostgreSQL | None,
    faults: Sequence[str],
) -> Callable[[random.Random], None]:
    """A function that lets something fail."""
    bag: list[str] = []

    def fail(chance: random.Random) -> None:
        if service.ended:
            row.ended_by_itself += 1
            service.start()
        if not bag:
            bag.extend(chance.sample(faults, len(faults)))
        kind = bag.pop()
        if kind == "worker":
            row.workers_killed += service.kill_worker(chance)
        elif kind == "all":
            service.kill()
            row.all_killed += 1
            service.start()
        elif kind == "full" and disk is not None:
            with _full(disk, row.disk, service):
                time.sleep(chance.uniform(0.5, 2.0))
            if database is not None:
                database.start_if_ended()
            row.disk_full += 1
        elif kind == "restart" and database is not None:
            database.stop()
            time.sleep(chance.uniform(0.1, 1.0))
            database.start()
            row.restarts += 1

    return fail


@contextmanager
def _full(disk: Path, kind: str, service: Service) -> Iterator[None]:
    """The disk is full until the block is left."""
    if kind == "RLIMIT_FSIZE":
        workers = service.workers()
        for pid in workers:
            with suppress(ProcessLookupError):
                prlimit(pid, RLIMIT_FSIZE, (4096, RLIM_INFINITY))
        yield
        for pid in workers:
            with suppress(ProcessLookupError):
                prlimit(pid, RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))
        return
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as out:
        for size in (2**20, 2**12):
            with suppress(OSError):
                while out.write(b"\0" * size):
                    pass
    yield
    ballast.unlink()


def _run(
    row: Row,
    service: Service,
    kept: Kept,
    fail: Callable[[random.Random], None],
    options: argparse.Namespace,
) -> None:
    chance = random.Random(options.seed)
    stop = threading.Event()
    clients = [Client(number, service.url, kept, stop) for number in range(CLIENTS)]
    begun = time.monotonic()
    for client in clients:
        client.start()
    try:
        while not _is_done(row, kept, time.monotonic() - begun, options):
            _pause(chance, kept, options)
            fail(chance)
        _pause(chance, kept, options)
    finally:
        stop.set()
        for client in clients:
            client.join()
    row.seconds = round(time.monotonic() - begun, 1)
    row.questions, row.decisions = len(kept.questions), len(kept.decisions)
    row.connections_lost = kept.lost
    row.refused_503 = kept.statuses[503]
    row.other_5xx = sum(n for status, n in kept.statuses.items() if 500 <= status != 503)


def _pause(chance: random.Random, kept: Kept, options: argparse.Namespace) -> None:
    """Wait a random time; with --once, until some more requests were acknowledged."""
    if not options.once:
        time.sleep(chance.uniform(*(_FULL_PAUSES if options.full else _PAUSES)))
        return
    until, before = time.monotonic() + _READY_SECONDS, kept.acknowledged
    while kept.acknowledged < before + _BETWEEN:
        if time.monotonic() > until:
            raise RuntimeError("after a fault, requests were not answered any more")
        time.sleep(0.05)


def _is_done(row: Row, kept: Kept, seconds: float, options: argparse.Namespace) -> bool:
    if options.once:
        kinds = [row.workers_killed, row.all_killed]
        kinds += [row.disk_full] if row.disk else []
        kinds += [row.restarts] if row.database == "PostgreSQL" else []
        return all(kinds)
    if not options.full:
        return bool(seconds >= options.seconds)
    return seconds >= options.at_most * 60 or (
        kept.acknowledged >= _REQUESTS
        and row.workers_killed + row.all_killed >= _KILLS
        and (not row.disk or row.disk_full >= _DATABASE_FAULTS)
        and (row.database == "SQLite" or row.restarts >= _DATABASE_FAULTS)
    )


def _check(row: Row, kept: Kept, url: str) -> None:
    """Look in the database for everything that was acknowledged, and verify the chain."""
    records = Records.open(url)
    asked = {entry.id for entry in records.newest(EntryKind.SHORTLIST, 10**6)}
    bodies = [entry.body or b"{}" for entry in records.newest(EntryKind.DECISION, 10**6)]
    decided = {json.loads(body)["by"] for body in bodies}
    row.missing = len(kept.questions - asked) + len(kept.decisions - decided)
    found = records.verify(listings_of=listings_of)
    row.entries, row.whole = found.entries, not found.broken
    records.close()


def _print(rows: list[Row]) -> None:
    table = Table("", *(row.database for row in rows))
    for name in asdict(rows[0]):
        if name != "database":
            table.add_row(name.replace("_", " "), *(str(getattr(row, name)) for row in rows))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
