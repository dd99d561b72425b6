"""Two services over one register and one file of records, while commands change both."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.records.entry import EntryKind
from api.records.records import Records
from tests.registers import registered
from tests.servers import Server, serving
from tests.services import LOT, PEOPLE

pytestmark = pytest.mark.slow

SOLE_TRADER = "XX-NAME-jsmithcare"
ROUNDS = 3


def command(*words: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def ask(server: Server, title: str) -> str:
    """The id of a shortlist that was acknowledged."""
    lots = {"a": {**LOT, "title": title}}
    answer = server.post("/v1/shortlists", {"lots": lots, "limit": 10})
    id_: str = answer["shortlists"]["a"]["id"]
    return id_


def test_what_two_services_acknowledge_is_kept_and_a_removal_reaches_both(
    tmp_path: Path, places_table: Path
) -> None:
    reg, file = tmp_path / "reg", tmp_path / "records.sqlite"
    registered(reg, places_table, *PEOPLE, trust_ids=True)
    options = "--bundle", "hand", "--records", file
    ended = threading.Event()
    with (
        serving(reg, *options) as one,
        serving(reg, *options) as two,
        ThreadPoolExecutor(4) as pool,
    ):

        def client(number: int) -> list[str]:
            server, kept = (one, two)[number % 2], list[str]()
            while not ended.is_set():
                kept.append(ask(server, f"Home care {number}-{len(kept)}"))
            return kept

        clients = [pool.submit(client, number) for number in range(4)]
        try:
            for round_ in range(ROUNDS):
                fewer = PEOPLE[: len(PEOPLE) - round_ % 2]
                registered(reg, places_table, *fewer, trust_ids=True)
            suppress = "records", "suppress", SOLE_TRADER, "--by", "Dana Example", "--why", "asked"
            command(*suppress, "--register", reg, "--records", file)
        finally:
            ended.set()
        kept = [id_ for each in clients for id_ in each.result()]
        for server in (one, two):
            id_ = ask(server, "Home care after the removal")
            for each in (id_, kept[-1], kept[0]):
                assert "J Smith" not in str(server.get(f"/v1/shortlists/{each}"))
    records = Records.open(f"sqlite:///{file}")
    assert records.verify().broken == ()
    assert all(records.get(EntryKind.SHORTLIST, id_) for id_ in kept)
    assert len(set(kept)) == len(kept) > len(clients)
    records.close()
