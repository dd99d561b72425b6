"""Holds the releases of several files, and gives them back grouped by ocid."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import count

from matcher.core.types import Tally
from matcher.sources.formats.json_files import TOO_DEEP
from matcher.sources.formats.json_values import ident
from matcher.sources.notices.merging import moment
from matcher.sources.notices.procurements import PlacedRelease


class ReleaseSpool:
    """The releases of several files in a temporary database on disk, grouped by ocid."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", check_same_thread=False)
        self._number = count()
        self._base.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE release (ocid TEXT, file INTEGER, moment TEXT, place TEXT, "
            "alone INTEGER, body TEXT);"
        )

    def add(self, one: PlacedRelease, tally: Tally) -> None:
        """Put one release in; one that is nested too deeply is set aside in `tally`."""
        try:
            body = json.dumps(one.fields)
        except RecursionError:
            tally.reject(TOO_DEEP, one.where)
            return
        ocid = _printable(_key(one))
        key = ocid or f"\n{next(self._number)}"
        row = (key, one.file, moment(one.fields), _printable(one.where), one.alone, body)
        self._base.execute("INSERT INTO release VALUES (?, ?, ?, ?, ?, ?)", row)

    def groups(self, *, by_moment: bool = False) -> Iterator[tuple[str, list[PlacedRelease]]]:
        """The releases of each ocid that were put in, in the order in which the ocids came first.

        With `by_moment` the order is that of their newest releases, however they came.
        """
        self._base.executescript(
            "CREATE INDEX release_ocid ON release (ocid);"
            "CREATE TABLE home AS SELECT ocid, max(moment) AS newest, 0 AS first FROM release "
            "GROUP BY ocid;"
            "UPDATE home SET first = (SELECT min(rowid) FROM release r WHERE r.ocid = home.ocid);"
        )
        order = "newest, ocid" if by_moment else "first"
        query = f"SELECT ocid FROM home ORDER BY {order}"  # noqa: S608 - one of two orders
        with closing(self._base.cursor()) as ocids:
            for (ocid,) in ocids.execute(query):
                rows = self._base.execute(
                    "SELECT body, place, file, alone FROM release WHERE ocid = ? ORDER BY rowid",
                    (ocid,),
                )
                found = [
                    PlacedRelease(json.loads(body), where, number, bool(alone))
                    for body, where, number, alone in rows
                ]
                yield ident(found[0].fields.get("ocid")), found


def _key(one: PlacedRelease) -> str:
    """The ocid of a release, whose letters a spreadsheet or a portal may have made capitals."""
    return "" if one.alone else ident(one.fields.get("ocid")).lower()


def _printable(text: str) -> str:
    """A text that a database can hold."""
    return text.encode(errors="replace").decode()


def grouped(found: Iterable[PlacedRelease]) -> Iterator[tuple[str, list[PlacedRelease]]]:
    """The releases of each ocid, in the order in which the ocids came first."""
    groups: dict[str, list[PlacedRelease]] = {}
    for number, one in enumerate(found):
        ocid = _key(one)
        groups.setdefault(ocid or f"\n{number}", []).append(one)
    for group in groups.values():
        yield ident(group[0].fields.get("ocid")), group
