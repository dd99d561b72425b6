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
from sqlalchemy import MetaData, create_engine, insert, select

import api.records
from api.records import store
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
    if str(seen) == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

@event.listens_for(Engine, "commit")
def end(connection):
    if seen and sys.argv[2] == "commit":
        os.kill(os.getpid(), signal.SIGKILL)

Records.open(sys.argv[1]).close()
"""
"""Is killed before the statement of a number, of those that change something, or the commit."""


def first_layout(url: str, folder: Path, entries: Sequence[NewEntry]) -> str:
    """Fill the new database at `url` as the first version of this software did; returns `url`."""
    now = f"sqlite:///{folder / 'now.sqlite'}"
    records = Records.open(now, lambda: THEN)
    records.append(entries)
    records.close()
    config = Config()
    config.set_main_option(
        "script_location", str(Path(api.records.__file__).with_name("migrations"))
    )
    engine, source = (
        create_engine(url.replace("postgresql://", "postgresql+psycopg://")),
        create_engine(now),
    )
    with engine.begin() as old, source.connect() as new:
        config.attributes["connection"] = old
        command.upgrade(config, "0001")
        first = MetaData()
        first.reflect(old, only=("entries", "exposure"))
        for table in first.tables.values():
            old.execute(insert(table), [dict(row) for row in new.execute(select(table)).mappings()])
    engine.dispose()
    source.dispose()
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


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of old records in SQLite."""
    return first_layout(f"sqlite:///{tmp_path / 'old.sqlite'}", tmp_path, shortlists(ENTRIES))


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of old records, in each database."""
    found: str = request.getfixturevalue(request.param)
    if request.param == "postgres_url":
        first_layout(found, tmp_path, shortlists(ENTRIES))
    return found


def test_records_of_the_first_layout_are_upgraded_whole(url: str) -> None:
    is_whole(url)


def test_processes_that_open_old_records_at_once_upgrade_them_once(url: str) -> None:
    started = [subprocess.Popen([sys.executable, "-c", _OPEN, url]) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    is_whole(url)


def test_an_upgrade_waits_for_longer_than_other_writes(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may upgrade records of many entries meanwhile."""
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.001)
    other = sqlite3.connect(tmp_path / "old.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")
    ends = threading.Timer(0.5, other.execute, ["COMMIT"])
    ends.start()
    Records.open(sqlite_url).close()
    ends.join()
    other.close()
    is_whole(sqlite_url)


def layout(url: str) -> str:
    """The layout of the records as they are; nothing upgrades them."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    engine.dispose()
    return str(found)


@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL")
@pytest.mark.parametrize("point", ["2", "6", "12", "commit"])
def test_an_upgrade_that_is_killed_half_way_leaves_the_old_records(url: str, point: str) -> None:
    words = [sys.executable, "-c", _OPEN_UNTIL, url, point]
    killed = subprocess.run(words, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed
    assert layout(url) == "0001"
    is_whole(url)


@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL")
def test_who_waits_for_an_upgrade_that_is_killed_upgrades_the_records(url: str) -> None:
    """Two of three that open the records at once are killed while they upgrade them."""
    points = ("3", "commit", "none")
    started = [subprocess.Popen([sys.executable, "-c", _OPEN_UNTIL, url, at]) for at in points]
    ended = [process.wait() for process in started]
    assert ended[2] == 0
    assert set(ended[:2]) <= {-signal.SIGKILL, 0}, "0: the third one was the first to upgrade them"
    is_whole(url)
