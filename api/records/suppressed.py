"""Which organisations were suppressed, as the records themselves say."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from api.records.entry import EntryKind, Removal
from api.records.schema import entries


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
