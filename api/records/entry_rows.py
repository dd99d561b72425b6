"""Entries as rows of the database, and the suppressed ids that they tell of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, select, update

from api.errors import RecordsError
from api.records.entry import FIRST, Entry, EntryKind, Removal, Sender
from api.records.schema import entries

_PAGE_SIZE = 200


def replace_body(connection: Connection, seq: int, body: bytes | None) -> None:
    """Put another body in the place of an entry's, or none."""
    connection.execute(update(entries).where(entries.c.seq == seq).values(body=body))


def head(connection: Connection) -> tuple[int, str]:
    """The number and the hash of the last entry."""
    last = select(entries.c.seq, entries.c.hash).order_by(entries.c.seq.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    return (row.seq, row.hash) if row else (0, FIRST)


def own(sender: Sender) -> ColumnElement[bool]:
    """Limits a query to the entries of the authority that `sender` is of."""
    return entries.c.authority == sender.authority


def entry_of(row: Row[Any]) -> Entry:
    """The entry in a row.  Raises RecordsError where its kind is unknown."""
    fields = dict(row._mapping)
    try:
        return Entry(**{**fields, "kind": EntryKind(fields["kind"])})
    except ValueError as error:
        raise RecordsError(
            f"entry {fields['seq']} is of an unknown kind ({fields['kind']})"
        ) from error


def all_entries(connection: Connection) -> Iterator[Entry]:
    """Every entry in order, read a page at a time."""
    last = -1
    while page := connection.execute(
        select(entries).where(entries.c.seq > last).order_by(entries.c.seq).limit(_PAGE_SIZE)
    ).all():
        yield from map(entry_of, page)
        last = page[-1].seq


class SuppressedIds:
    """The ids of suppressed organisations, by their digests; each entry is read once."""

    def __init__(self) -> None:
        self._seen = 0
        self._aliases: dict[str, str] = {}

    def aliases(self, connection: Connection, last: int) -> dict[str, str]:
        """Digest of an id → pseudonym, up to the `last` entry of a transaction that writes."""
        if last < self._seen:
            self._seen, self._aliases = 0, {}
        new = select(entries.c.about, entries.c.body).where(
            entries.c.kind == EntryKind.SUPPRESSION.value,
            entries.c.body.is_not(None),
            entries.c.seq > self._seen,
        )
        for row in connection.execute(new):
            for mark in msgspec.json.decode(row.body, type=Removal).marks:
                self._aliases.setdefault(mark, row.about)
        self._seen = last
        return self._aliases
