"""Records of the first layout, opened by this version: nothing is lost, whatever interrupts it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import api.records
from api.records.entry import EntryKind, Listing, NewEntry
from api.records.records import Records
from api.records.store import LAYOUT

THEN = datetime(2026, 5, 4, 12, tzinfo=UTC)
ENTRIES = 30
_OPEN = "import sys; from api.records.records import Records; Records.open(sys.argv[1]).close()"
_OPEN_UNTIL = """
import os, signal, sys
from sqlalchemy import Engine, event
from api.records.records import Records

seen = 0

@event.listens_for(Engine, "before_cursor_execute")
def count(connection, cursor, statement, *_):
    global seen
    seen += statement.split()[0] in ("CREATE", "ALTER", "INSERT", "DROP", "UPDATE")
    if seen == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

Records.open(sys.argv[1]).close()
print(seen)
"""


def first_layout(path: Path, entries: Sequence[NewEntry]) -> str:
    """The URL of records in `path` as the first version of this software left them."""
    now = path.with_name("now.sqlite")
    records = Records.open(f"sqlite:///{now}", lambda: THEN)
    records.append(entries)
    records.close()
    url = f"sqlite:///{path}"
    config = Config()
    config.set_main_option(
        "script_location", str(Path(api.records.__file__).with_name("migrations"))
    )
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("ATTACH ? AS now", (str(now),))
        for table in ("entries", "exposure"):
            columns = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
            names = ", ".join(columns)
            connection.execute(f"INSERT INTO {table} SELECT {names} FROM now.{table}")
    connection.close()
    return url


def shortlists(number: int, body: bytes = b'{"list":%d}') -> list[NewEntry]:
    shown = (Listing("GB-CHC-1000001", "suggested", 1, "engagement", "2026-05-04"),)
    return [
        NewEntry(EntryKind.SHORTLIST, f"{n:024x}", f"{n:024x}", body % n, shown)
        for n in range(number)
    ]


def is_whole(url: str) -> None:
    """Everything is there once, in the newest layout, and the chain is unbroken."""
    records = Records.open(url)
    try:
        assert records.verify().broken == ()
        kept = records.newest(EntryKind.SHORTLIST, 2 * ENTRIES)
        assert [entry.body for entry in kept] == [
            b'{"list":%d}' % n for n in reversed(range(ENTRIES))
        ]
        with records._store.reading() as connection:
            layout = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
            assert layout.scalar() == LAYOUT
            listed = connection.exec_driver_sql("SELECT count(*) FROM exposure")
            assert listed.scalar() == ENTRIES
    finally:
        records.close()


def test_records_of_the_first_layout_are_upgraded_whole(tmp_path: Path) -> None:
    url = first_layout(tmp_path / "old.sqlite", shortlists(ENTRIES))
    is_whole(url)


def test_processes_that_open_old_records_at_once_upgrade_them_once(tmp_path: Path) -> None:
    url = first_layout(tmp_path / "old.sqlite", shortlists(ENTRIES))
    started = [subprocess.Popen([sys.executable, "-c", _OPEN, url]) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    is_whole(url)


def test_an_upgrade_waits_for_longer_than_other_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may upgrade records of many entries meanwhile."""
    url = first_layout(tmp_path / "old.sqlite", shortlists(ENTRIES))
    monkeypatch.setattr("api.records.store._PRAGMAS", ("busy_timeout = 1", "journal_mode = WAL"))
    other = sqlite3.connect(tmp_path / "old.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")
    ends = threading.Timer(0.5, other.execute, ["COMMIT"])
    ends.start()
    Records.open(url).close()
    ends.join()
    other.close()
    is_whole(url)


@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL")
@pytest.mark.parametrize("statement", [2, 6, 12])
def test_an_upgrade_that_is_killed_half_way_leaves_the_old_records(
    tmp_path: Path, statement: int
) -> None:
    url = first_layout(tmp_path / "old.sqlite", shortlists(ENTRIES))
    words = [sys.executable, "-c", _OPEN_UNTIL, url, str(statement)]
    killed = subprocess.run(words, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed
    with sqlite3.connect(tmp_path / "old.sqlite") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    connection.close()
    is_whole(url)
