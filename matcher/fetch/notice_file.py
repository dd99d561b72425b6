"""The database in which the award notices of one service are stored."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from matcher.core.disk import fullness
from matcher.core.errors import FetchError

FILE = "notices.sqlite"
TABLES = """
CREATE TABLE IF NOT EXISTS notice
    (ocid TEXT, id TEXT, date TEXT, asked TEXT, body TEXT, PRIMARY KEY (ocid, id));
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, said TEXT);
"""
KEEP = """
INSERT INTO notice VALUES (?, ?, ?, ?, ?) ON CONFLICT (ocid, id) DO UPDATE
    SET date = excluded.date, asked = excluded.asked, body = excluded.body
    WHERE excluded.date >= notice.date
"""
STORED_VERSION = "SELECT date, body FROM notice WHERE ocid = ? AND id = ?"


def documents(path: Path) -> Iterator[tuple[str, object]]:
    """The notices in the database at `path`; those of one ocid are together, oldest first."""
    with database(path) as base:
        for ocid, id_, body in base.execute(
            "SELECT ocid, id, body FROM notice ORDER BY ocid, date, id"
        ):
            yield f"{ocid} {id_}", json.loads(body)


@contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database at `path`, or create it.  Raises FetchError where it is damaged.

    Raises OSError where the disk is full: what is stored is whole, and must not be deleted.
    """
    try:
        with closing(sqlite3.connect(path)) as base:
            base.executescript(TABLES)
            yield base
    except sqlite3.DatabaseError as error:
        if fullness(error, path.parent):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise FetchError(
            f"{path} cannot be used ({error}); if it is damaged, delete its folder and fetch again"
        ) from error


def mark(base: sqlite3.Connection, name: str) -> dict[str, str] | None:
    """The values stored under `name`: `going` (in progress), `done`, or `new` (some came)."""
    row = base.execute("SELECT said FROM mark WHERE name = ?", (name,)).fetchone()
    return dict(json.loads(row[0])) if row else None


def set_mark(base: sqlite3.Connection, name: str, values: Mapping[str, str]) -> None:
    """Store values under `name`."""
    base.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", (name, json.dumps(values)))
