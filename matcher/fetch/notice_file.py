"""Award notices as they are kept: one small database a service, read newest word first."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from matcher.core.errors import FetchError
from matcher.sources.formats.json_files import ident, listed

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
KNOWN = "SELECT date, body FROM notice WHERE ocid = ? AND id = ?"


def documents(path: Path) -> Iterator[tuple[str, object]]:
    """The notices in the database at `path`, each award in its newest version alone.

    Of one ocid the newest notice comes first and says what has become of its awards; older
    ones give those that it does not speak of.
    """
    with database(path) as base:
        rows = base.execute("SELECT ocid, id, body FROM notice ORDER BY ocid, date DESC, id DESC")
        now, spoken = "", set[str]()
        for ocid, id_, body in rows:
            if ocid != now:
                now, spoken = ocid, set()
            release = _unspoken(json.loads(body), spoken)
            if release is not None:
                yield f"{ocid} {id_}", release


def _unspoken(release: Mapping[str, object], spoken: set[str]) -> Mapping[str, object] | None:
    """The release with those of its awards that no newer one spoke of; None where none is left."""
    awards: Sequence[Mapping[str, object]] = listed(release.get("awards"))
    named = [
        {**award, "id": ident(award.get("id")) or str(place)}
        for place, award in enumerate(awards, 1)
    ]
    left = [award for award in named if ident(award.get("id")) not in spoken]
    spoken.update(ident(award.get("id")) for award in named if not award.keys() <= _BARE)
    return {**release, "awards": left} if left or not awards else None


_BARE = {"id", "amendments"}


@contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    """The database at `path`, made if it is not there.  Raises FetchError where it is damaged."""
    try:
        with closing(sqlite3.connect(path)) as base:
            base.executescript(TABLES)
            yield base
    except sqlite3.DatabaseError as wrong:
        raise FetchError(
            f"{path} cannot be used ({wrong}); if it is damaged, delete its folder and fetch again"
        ) from wrong


def mark(base: sqlite3.Connection, name: str) -> dict[str, str] | None:
    """What was noted of a fetch under `name`: that it is `going`, or `done`."""
    found = base.execute("SELECT said FROM mark WHERE name = ?", (name,)).fetchone()
    return dict(json.loads(found[0])) if found else None


def set_mark(base: sqlite3.Connection, name: str, said: Mapping[str, str]) -> None:
    """Note it."""
    base.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", (name, json.dumps(said)))
