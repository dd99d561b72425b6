"""A service with two workers that is killed, or told to end: what is left, and what starts next."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import time
import urllib.error
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.records.entry import EntryKind
from api.records.records import Records
from tests.registers import registered
from tests.servers import CUT_OFF, Server, serving
from tests.services import LOT, PEOPLE

pytestmark = pytest.mark.slow

PATIENCE = 60.0


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    registered(folder / "reg", places_table, *PEOPLE, trust_ids=True)
    return folder / "reg"


@pytest.fixture
def counters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Path]]:
    """The folders of counters that there are."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return lambda: list(tmp_path.glob("local-by-default-metrics-*"))


def options(tmp_path: Path) -> tuple[str | Path, ...]:
    records = tmp_path / "records.sqlite"
    return "--bundle", "hand", "--workers", "2", "--records", records


def ask(server: Server, *titles: str) -> list[str]:
    """The ids of the shortlists that were acknowledged."""
    lots = {title: {**LOT, "title": title} for title in titles}
    answer = server.post("/v1/shortlists", {"lots": lots, "limit": 1})
    return [each["id"] for each in answer["shortlists"].values()]


def workers(server: Server) -> list[int]:
    """The processes that answer."""
    folder = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    found = map(int, folder.read_text().split())
    return [pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one whose parent has not asked about it yet has too."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def computed(pids: list[int]) -> int:
    """For how many hundredths of a second these processes have computed."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(stat[11]) for stat in stats)


def wait_until(done: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[list[str]]:
    """The ids that were acknowledged, to be filled in: each must be in the records at the end."""
    ids: list[str] = []
    yield ids
    records = Records.open(f"sqlite:///{tmp_path / 'records.sqlite'}")
    assert records.verify().broken == ()
    assert ids
    assert all(records.get(EntryKind.SHORTLIST, id_) for id_ in ids)
    records.close()


def test_workers_end_with_their_parent_and_the_next_start_removes_what_is_left(
    register: Path, tmp_path: Path, counters: Callable[[], list[Path]], kept: list[str]
) -> None:
    with serving(register, *options(tmp_path)) as server:
        kept += ask(server, "Home care before the end")
        left, orphans = counters(), workers(server)
        assert (len(left), len(orphans)) == (1, 2)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        wait_until(lambda: all(map(is_gone, orphans)))
        with pytest.raises(urllib.error.URLError):
            server.get("/healthz")
    assert counters() == left
    port = int(server.url.rpartition(":")[2])
    with serving(register, *options(tmp_path), port=port) as again:
        assert [each["id"] for each in again.get("/v1/shortlists")["shortlists"]] == kept
        assert len(counters()) == 1
        assert counters() != left
    assert counters() == []


def test_a_worker_that_is_killed_is_replaced_and_nothing_acknowledged_is_lost(
    register: Path, tmp_path: Path, kept: list[str]
) -> None:
    with serving(register, *options(tmp_path)) as server:
        before = workers(server)

        def client(number: int) -> int:
            lost = 0
            for n in range(12):
                try:
                    kept.extend(ask(server, f"Home care {number}-{n}"))
                except CUT_OFF:
                    lost += 1
            return lost

        with ThreadPoolExecutor(3) as pool:
            clients = [pool.submit(client, number) for number in range(3)]
            wait_until(lambda: len(kept) > 3)
            os.kill(before[0], signal.SIGKILL)
            assert sum(each.result() for each in clients) <= len(clients)
        wait_until(lambda: len(workers(server)) == 2 and before[0] not in workers(server))
        assert before[1] in workers(server)


def test_a_worker_that_is_killed_while_another_version_builds_ends_no_other(
    places_table: Path, tmp_path: Path, kept: list[str]
) -> None:
    """Two services of this version with one register, which a later version writes meanwhile."""
    register = tmp_path / "reg"
    registered(register, places_table, *PEOPLE, trust_ids=True)
    with (
        serving(register, *options(tmp_path)) as server,
        serving(register, *options(tmp_path)) as beside,
    ):
        kept += ask(server, "Home care")
        snapshot = (register / "CURRENT").read_text()
        shutil.copytree(register / snapshot.strip(), register / "snapshot-newer")
        manifest = register / "snapshot-newer" / "manifest.json"
        content = json.loads(manifest.read_bytes())
        manifest.write_text(json.dumps({**content, "format": content["format"] + 1}))
        (register / "CURRENT").write_text("snapshot-newer")
        before = {each.url: workers(each) for each in (server, beside)}
        os.kill(before[server.url][0], signal.SIGKILL)
        os.kill(before[beside.url][1], signal.SIGKILL)
        for each in (server, beside):
            old = set(before[each.url])
            wait_until(lambda each=each, old=old: len({*workers(each)} - old) == 1)  # type: ignore[misc]
            wait_until(lambda each=each: answers(each) or each.process.poll() is not None)  # type: ignore[misc]
        (register / "CURRENT").write_text(snapshot)
        for each in (server, beside):
            wait_until(lambda each=each: all(is_ready(each) for _ in range(8)))  # type: ignore[misc]
            assert len({*workers(each)} & set(before[each.url])) == 1, "one was never killed"
            kept += ask(each, f"Home care of {each.url}")


def is_ready(server: Server) -> bool:
    try:
        return bool(server.get("/readyz"))
    except CUT_OFF:
        return False


def test_requests_with_keys_that_are_sent_again_after_a_kill_are_kept_once(
    register: Path, tmp_path: Path, kept: list[str]
) -> None:
    with serving(register, *options(tmp_path)) as server:
        (id_,) = ask(server, "Home care")
        kept.append(id_)

        def decide(number: int) -> int:
            body = {
                "by": "Alex Example",
                "reason": f"Reason {number}.",
                "conflicts": "none",
                "choices": [{"provider": "GB-CHC-1000001", "outcome": "invited"}],
            }
            until = time.monotonic() + 3 * PATIENCE
            while time.monotonic() < until:
                with suppress(httpx.TransportError):
                    return httpx.post(
                        f"{server.url}/v1/shortlists/{id_}/decision",
                        json=body,
                        headers={"Idempotency-Key": f"key {number}"},
                        timeout=PATIENCE,
                    ).status_code
            raise TimeoutError

        with ThreadPoolExecutor(24) as pool:
            sent = [pool.submit(decide, number) for number in range(72)]
            before = workers(server)
            wait_until(lambda: claims(tmp_path))
            for pid in before:
                os.kill(pid, signal.SIGKILL)
            assert {each.result() for each in sent} == {200}
        found = server.get(f"/v1/shortlists/{id_}")["decisions"]
        assert sorted(each["decision"]["reason"] for each in found) == sorted(
            f"Reason {number}." for number in range(72)
        )


def test_a_batch_that_is_sent_again_after_its_worker_was_killed_is_answered(
    register: Path, tmp_path: Path, kept: list[str]
) -> None:
    lots = {f"lot {n}": {**LOT, "title": f"Home care {n}"} for n in range(200)}

    def send() -> httpx.Response:
        return httpx.post(
            f"{server.url}/v1/shortlists",
            json={"lots": lots, "limit": 1},
            headers={"Idempotency-Key": "batch"},
            timeout=3 * PATIENCE,
        )

    with serving(register, *options(tmp_path)) as server, ThreadPoolExecutor(1) as pool:
        at_work = workers(server)
        first = pool.submit(send)
        wait_until(lambda: claims(tmp_path))
        for pid in at_work:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            first.result()
        assert claims(tmp_path), "the first one was killed half-way"
        wait_until(lambda: answers(server))
        again = send()
        assert again.status_code == 200, again.text
        kept += [each["id"] for each in again.json()["shortlists"].values()]
        assert len(set(kept)) == len(lots)


def claims(tmp_path: Path) -> int:
    """How many requests with a key are being worked on, or were when their worker was killed."""
    with closing(sqlite3.connect(tmp_path / "records.sqlite")) as database:
        found = database.execute("SELECT count(*) FROM request_keys WHERE state = 'working'")
        return int(found.fetchone()[0])


def answers(server: Server) -> bool:
    try:
        return bool(server.get("/healthz"))
    except CUT_OFF:
        return False


def test_a_batch_in_work_is_answered_whole_before_the_service_ends(
    register: Path, tmp_path: Path, counters: Callable[[], list[Path]], kept: list[str]
) -> None:
    titles = [f"Home care {n}" for n in range(200)]
    with serving(register, *options(tmp_path)) as server, ThreadPoolExecutor(1) as pool:
        at_work = workers(server)
        before = computed(at_work)
        batch: Any = pool.submit(ask, server, *titles)
        wait_until(lambda: computed(at_work) > before + 5)
        server.process.terminate()
        kept += batch.result()
        assert len(set(kept)) == len(titles)
        wait_until(lambda: server.process.poll() is not None and all(map(is_gone, at_work)))
    assert counters() == []


@pytest.mark.parametrize("path", ["/v1/shortlists", "/v1/markets", "/need"])
def test_a_service_ends_while_a_client_still_holds_a_request_back(
    register: Path, tmp_path: Path, kept: list[str], path: str
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    kind = "application/json" if path.startswith("/v1") else "application/x-www-form-urlencoded"
    with serving(register, "--bundle", "hand", "--records", options(tmp_path)[-1]) as server:
        kept += ask(server, "Home care before the end")
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(f"{head}Content-Type: {kind}\r\n\r\nhalf of it".encode())
            assert answers(server)
            assert answers(server)  # by now what was sent before is read
            server.process.terminate()
            server.process.wait(PATIENCE)
            assert client.recv(100).startswith(b"HTTP/1.1 503")
