"""A build that is killed leaves a register that answers and a store that can be built from."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from matcher.fetch.store import FeedStore
from matcher.fetch.stored_feeds import StoredFeeds
from matcher.register.register import Register
from matcher.sources.catalogue import load_catalogue
from tests.api.conftest import Run
from tests.published import CHARITIES, ccew, charity
from tests.replay import Replay, blob, sources_toml

ROOT = Path(__file__).resolve().parents[3]
OPERATIONS = 150
"""about how many things a build of this size does to the file system, at least"""

PROGRAM = """
import os, signal, sys

at, watched = int(sys.argv.pop(1)), sys.argv.pop(1)
names = {"os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir"}
left = at

def watch(event, args):
    global left
    if event in names or (event == "open" and watched in str(args[0])):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

from api.cli import main

sys.addaudithook(watch)
main.main()
"""


def providers(store: FeedStore) -> dict[str, int]:
    """How many records each source in the store gives."""
    stock = StoredFeeds(store, load_catalogue([store.path / "sources.toml"]), keep=True)
    return {tally.source: len(list(items)) for tally, items in stock.feeds()}


def test_killed_anywhere_register_and_store_are_whole(
    run: Run, replay: Replay, tmp_path: Path
) -> None:
    desk = tmp_path / "desk"
    store, register = FeedStore(desk / "store"), desk / "register"
    store.path.mkdir(parents=True)
    sources_toml(store.path, replay)
    words = ("--store", store.path)
    run("fetch", "charity-commission", "mutuals", "postcodes", *words)
    assert run("build", "--register", register, *words).code == 0
    before = Register.open(register).version
    newer = ccew("charity", *CHARITIES, charity(7, "Newly Registered", "WS1 1AA"))
    replay.serve("/ccew/publicextract.charity.zip", blob(newer))
    assert run("fetch", *words).code == 0
    wanted = providers(store)
    kept = tmp_path / "kept"
    shutil.copytree(desk, kept)
    assert run("build", "--register", register, *words).code == 0
    after = Register.open(register).version
    for at in random.Random(11).sample(range(1, OPERATIONS), 4):
        shutil.rmtree(desk)
        shutil.copytree(kept, desk)
        asked = ["build", "--register", str(register), "--store", str(store.path), "--quiet"]
        process = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(at), str(desk), *asked],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.returncode == -signal.SIGKILL, process.stderr
        assert Register.open(register).version in (before, after)
        assert providers(store) == wanted
        assert run("build", "--register", register, *words).code == 0
        assert Register.open(register).version == after
        assert not list(store.path.rglob("publicextract.*.zip"))
