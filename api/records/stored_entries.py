"""Entries as they are in the database, of whatever types, with the exposure kept for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Table, select, type_coerce
from sqlalchemy.types import NullType

from api.errors import RecordsError
from api.records.body import original
from api.records.entry import EntryKind
from api.records.schema import entries, exposure
from api.records.verification import Fields, StoredEntry

_PAGE_SIZE = 200


def stored_entries(connection: Connection) -> Iterator[StoredEntry]:
    """Every entry in order, read a page at a time."""
    with _any_text(connection):
        last = -1
        while page := _rows(connection, entries, last, None, _PAGE_SIZE):
            until = page[-1]["seq"]
            listed = defaultdict[Any, list[Fields]](list)
            for row in _rows(connection, exposure, last, until, None):
                listed[row["seq"]].append(row)
            for row in page:
                yield StoredEntry(row, listed[row["seq"]], _shortlist(connection, row))
            last = until


def count_stray_exposure(connection: Connection) -> int:
    """The number of rows of the exposure that belong to no entry."""
    stray = select(exposure.c.seq).where(exposure.c.seq.not_in(select(entries.c.seq)))
    return len(connection.execute(stray).all())


def _rows(
    connection: Connection, table: Table, after: int, until: int | None, limit: int | None
) -> list[Fields]:
    columns = [type_coerce(column, NullType()).label(column.name) for column in table.c]
    query = select(*columns).where(table.c.seq > after).order_by(table.c.seq)
    if until is not None:
        query = query.where(table.c.seq <= until)
    return [_readable(dict(row)) for row in connection.execute(query.limit(limit)).mappings()]


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its body decompressed; a damaged body stays as it is, and is reported."""
    if isinstance(row.get("body"), bytes):
        with suppress(RecordsError):
            row["body"] = original(row["body"])
    return row


def _shortlist(connection: Connection, entry: Fields) -> Callable[[], bytes]:
    def body() -> bytes:
        kept = select(type_coerce(entries.c.body, NullType())).where(
            entries.c.kind == EntryKind.SHORTLIST.value,
            entries.c.id == entry["about"],
            entries.c.authority == entry["authority"],
            entries.c.body.is_not(None),
        )
        found = connection.execute(kept).scalar()
        if not isinstance(found, bytes):
            raise ValueError(f"shortlist {entry['about']} is not kept")  # noqa: TRY004
        try:
            return original(found)
        except RecordsError as error:
            raise ValueError(str(error)) from error

    return body


@contextmanager
def _any_text(connection: Connection) -> Iterator[None]:
    """Let SQLite hand over text that is not UTF-8, so that it is reported and does not crash."""
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    usual = driver.text_factory
    driver.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = usual
