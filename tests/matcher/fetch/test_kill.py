"""A fetch killed at any moment keeps the stored copy, and the next fetch completes it.

The fetch runs in a process of its own, which is killed outright: by the server after so many
bytes, or by itself at the n-th thing that it does to the file system.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from matcher.core.types import Award
from matcher.fetch.fetcher import FetchEnd
from matcher.fetch.store import FeedStore
from matcher.fetch.stored_feeds import StoredFeeds
from matcher.sources.catalogue import load_catalogue
from tests.matcher.fetch.conftest import World
from tests.published import CHARITIES, ccew, charity, notices, release
from tests.replay import blob, sources_toml

ROOT = Path(__file__).resolve().parents[3]
FIRST = date(2026, 10, 1)
CCEW = "Charity Commission for England and Wales"
OPERATIONS = 100
"""about how many things a fetch does to the file system"""
WORDS = ("charity-commission", "mutuals", "find-a-tender")
BIG = tuple(charity(n, f"Charity Number {n}", "WS1 1AA") for n in range(100, 1500))

PROGRAM = """
import os, signal, sys
from datetime import date
from pathlib import Path
from matcher.sources.catalogue import load_catalogue
from matcher.fetch.access.base import FetchContext, FetchRequest
from matcher.fetch.client import Client
from matcher.fetch.fetcher import Fetcher
from matcher.fetch.ocds_api import every_release
from matcher.fetch.store import FeedStore
from matcher.fetch.targets import targets
from tests.replay import FakeClock

store, sources, at, *words = sys.argv[1:]
left = int(at)
WATCHED = {"os.rename", "os.remove", "os.link", "os.mkdir", "shutil.rmtree", "sqlite3.connect"}

def watch(event, args):
    global left
    writes = event == "open" and isinstance(args[0], (str, os.PathLike)) and store in str(args[0])
    if event in WATCHED or writes:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

entries = load_catalogue([Path(sources)])
if left:
    sys.addaudithook(watch)
place = FeedStore(Path(store))
with Client(FakeClock(), env={}) as client:
    request = FetchRequest(tuple(words), date(2026, 10, 1))
    fetcher = Fetcher(FetchContext(place, client, lambda areas: every_release))
    for outcome in fetcher.fetch(targets(request, entries, place)):
        print(outcome.end, outcome.why)
print("operations", -left)
"""


def start(world: World, sources: Path, at: int = 0) -> subprocess.Popen[str]:
    """The fetch in its own process; it ends itself at its `at`-th operation, if that is not 0."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(world.store.path), str(sources), str(at), *WORDS],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def known(store: FeedStore, world: World) -> dict[str, set[str]]:
    """Who and what can be read from the store, by source; each file is as its state says."""
    found: dict[str, set[str]] = {}
    for tally, items in StoredFeeds(store, world.entries, keep=True).feeds():
        found[tally.source] = {
            f"{one.id} {one.value}" if isinstance(one, Award) else f"{one.id} {one.name}"
            for one in items
        }
    return found


@pytest.fixture
def sources(world: World, tmp_path: Path) -> Path:
    path = sources_toml(tmp_path, world.replay)
    world.entries = load_catalogue([path])
    return path


def old(world: World) -> dict[str, set[str]]:
    """The world as it was, fetched whole; what can be read of it."""
    world.fetch("charity-commission", "mutuals")
    world.fetch("find-a-tender", first=FIRST)
    return known(world.store, world)


def change(world: World) -> None:
    """The world as it is now: more charities, and a notice with another value."""
    world.replay.serve("/ccew/publicextract.charity.zip", blob(ccew("charity", *CHARITIES, *BIG)))
    path = "/fts/ocdsReleasePackages"
    fresh = [release(n, day=date(2026, 11, 24), value=99_000 + n) for n in (5, 6, 7)]
    world.replay.serve(path, notices(path, *fresh))


def is_good(
    now: dict[str, set[str]], before: dict[str, set[str]], after: dict[str, set[str]]
) -> None:
    """Each register is as it was or as it is; each notice is one that was or is."""
    assert now.keys() == before.keys()
    for source, rows in now.items():
        if source == "Find a Tender":
            assert rows <= before[source] | after[source]
            assert {row.split()[0] for row in rows} >= {row.split()[0] for row in before[source]}
        else:
            assert rows in (before[source], after[source]), source


def test_a_fetch_killed_anywhere_keeps_the_stored_copy_and_can_resume(
    world: World, sources: Path, tmp_path: Path
) -> None:
    before = old(world)
    change(world)
    reference = World(
        world.replay, world.clock, FeedStore(tmp_path / "reference"), world.client, world.entries
    )
    reference.fetch("charity-commission", "mutuals")
    reference.fetch("find-a-tender", first=FIRST)
    after = known(reference.store, reference)
    for at in random.Random(7).sample(range(1, OPERATIONS), 6):
        copy = FeedStore(tmp_path / f"killed-{at}")
        shutil.copytree(world.store.path, copy.path)
        here = World(world.replay, world.clock, copy, world.client, world.entries)
        process = start(here, sources, at)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, out
        is_good(known(copy, here), before, after)
        whole = start(here, sources)
        out, _ = whole.communicate(timeout=60)
        assert whole.returncode == 0, out
        assert "failed" not in out, (at, out)
        now = known(copy, here)
        assert now["Mutuals Public Register"] == before["Mutuals Public Register"]
        assert now[CCEW] == after[CCEW]
        assert now["Find a Tender"] >= after["Find a Tender"]


@pytest.mark.parametrize("seed", range(3))
def test_a_download_killed_in_a_file_resumes(world: World, sources: Path, seed: int) -> None:
    world.fetch("mutuals")
    body = ccew("charity", *CHARITIES, *BIG)
    world.replay.serve("/ccew/publicextract.charity.zip", blob(body))
    world.replay.sent = 0
    process = start(world, sources)
    point = random.Random(seed).randrange(4096, len(body) - 4096)

    def kill(sent: int) -> None:
        if sent >= point:
            process.kill()
            process.wait()

    world.replay.on_bytes = kill
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    world.replay.on_bytes = lambda sent: None
    assert world.store.names() == ["mutuals"]
    assert world.one("charity-commission").end is FetchEnd.NEW
    assert len(known(world.store, world)[CCEW]) == 1403
