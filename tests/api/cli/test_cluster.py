"""The same work on a real Dask cluster: a scheduler and three workers, each a process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from matcher.core.errors import BadInput
from matcher.core.types import Tally
from matcher.core.workers import in_order, running_on
from matcher.ranking.features.registry import FEATURES
from matcher.register.build import organisations, record_keys
from matcher.register.build.build import BuildOptions, build
from matcher.register.linkage import named_pairs
from matcher.register.register import Register
from models.bundle import Bundle
from tests import factory
from tests.api.conftest import Run

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
ROOT = EXAMPLES.parent
WORKERS = 3


class Cluster:
    """A scheduler on a free port of this machine, and its workers."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._folder = folder
        scheduler = ("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port))
        self._scheduler = self._start(*scheduler, "--no-dashboard")
        self.workers = [self.worker() for _ in range(WORKERS)]

    @property
    def place(self) -> str:
        """What `--parallel` takes."""
        return f"dask://127.0.0.1:{self.port}"

    def worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker, without a nanny that would start it again."""
        one = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        return self._start("dask_worker", f"tcp://127.0.0.1:{self.port}", *one)

    def _start(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *words],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
            )

    def wait(self) -> None:
        """Wait until every worker is known to the scheduler."""
        from distributed import Client

        with Client(f"tcp://127.0.0.1:{self.port}", timeout=60, set_as_default=False) as client:
            client.wait_for_workers(WORKERS, timeout=60)

    def stop(self) -> None:
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="needs the extra [dask]")
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        running.wait()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def lots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seventy different lots, more than one process takes at a time."""
    words = ("Meals at home", "Grounds maintenance", "Youth work", "Home repairs", "Day care")
    places = ("Walsall", "Bloxwich", "Willenhall", "Darlaston", "Aldridge", "Brownhills", "Pelsall")
    path = tmp_path_factory.mktemp("lots") / "lots.jsonl"
    titles = [
        f"{service} for {place}, phase {n}" for n in (1, 2) for service in words for place in places
    ]
    rows = (f'{{"id": "lot-{n}", "title": "{title}"}}' for n, title in enumerate(titles))
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_cluster_gives_the_same_bytes_as_one_process(
    run: Run, example_register: Path, lots: Path, cluster: Cluster, tmp_path: Path
) -> None:
    alone, there = tmp_path / "alone.run", tmp_path / "there.run"
    for out, words in ((alone, ()), (there, ("--parallel", cluster.place))):
        ran = run(
            "rank",
            "--register",
            example_register,
            "--lots",
            lots,
            "--run",
            out,
            "--everyone",
            *words,
        )
        assert ran.code == 0, ran
    assert there.read_bytes() == alone.read_bytes()
    assert len(alone.read_text().splitlines()) > 70


def test_a_build_on_a_cluster_gives_the_same_register(
    cluster: Cluster, places_table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("Acorn Care", "Acorn Care Holdings", "Friends of Acorn Care", "Beacon Meals")
    records = [
        factory.provider(
            f"GB-COH-{n:08}" if n % 3 else f"XX-{n}", "WS1 1TP", name=f"{names[n % 4]} {n % 5}"
        )
        for n in range(30)
    ]
    months = (records, [*records[2:], replace(records[5], name="Kestrel Lifts Ltd")])
    options = BuildOptions(bundle=Bundle.open("lite", FEATURES))

    def months_in(path: Path) -> dict[str, bytes]:
        for month in months:
            feed = Tally("a", len(month), len(month)), iter(month)
            build(path, [feed], places_table=places_table, options=options)
        folder = Register.open(path).folder
        files = (file for file in folder.rglob("*") if file.is_file())
        return {str(file.relative_to(folder)): file.read_bytes() for file in files}

    alone = months_in(tmp_path / "alone")
    monkeypatch.setattr(record_keys, "_AT_ONCE", 4)
    monkeypatch.setattr(record_keys, "partitions_for", lambda records: 4)
    monkeypatch.setattr(named_pairs, "PAIRS_AT_ONCE", 5)
    monkeypatch.setattr(organisations, "_AT_ONCE", 7)
    with running_on(cluster.place):
        there = months_in(tmp_path / "there")
    assert there == alone
    assert (
        alone["merges.jsonl"] or alone["alike.jsonl"] or b"related" in alone["organisations.jsonl"]
    )


def test_the_market_on_a_cluster_is_the_same(
    run: Run, example_register: Path, lots: Path, cluster: Cluster
) -> None:
    words = ("market", lots, "--register", example_register, "--format", "ndjson")
    alone, there = run(*words), run(*words, "--parallel", cluster.place)
    assert alone.code == there.code == 0, (alone, there)
    assert there.out == alone.out


def _slow(number: int) -> tuple[int, int]:
    time.sleep(0.2)
    return number, os.getpid()


def test_a_worker_that_is_killed_half_way_loses_nothing(cluster: Cluster) -> None:
    with running_on(cluster.place):
        results = in_order(_slow, range(40))
        seen = [next(results)]
        cluster.workers[0].kill()
        seen += results
    cluster.workers.append(cluster.worker())
    assert [number for number, _ in seen] == list(range(40))
    assert len({process for _, process in seen}) >= WORKERS - 1


def test_no_scheduler_is_said_in_words(
    run: Run, example_register: Path, lots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matcher.core.workers._CONNECT_SECONDS", 0.3)
    ran = run(
        *("rank", "--register", example_register, "--lots", lots, "--run", tmp_path / "a.run"),
        *("--parallel", "dask://127.0.0.1:9"),
    )
    assert ran.code == 2
    assert "no Dask scheduler answers there" in ran.err
    assert not (tmp_path / "a.run").exists()


@pytest.mark.parametrize("place", ["0", "-1", "2.5", "four", "257", ""])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(BadInput, match="number of processes from 1 to 256"), running_on(place):
        pass


@pytest.mark.parametrize("place", [None, "1", "2", "all"])
def test_results_come_in_the_order_of_the_tasks(place: str | None) -> None:
    with running_on(place):
        assert list(in_order(str, range(25))) == [str(n) for n in range(25)]


def test_an_error_in_another_process_reaches_the_caller() -> None:
    with running_on("2"), pytest.raises(ZeroDivisionError):
        list(in_order((1).__truediv__, [1, 2, 0, 4]))
