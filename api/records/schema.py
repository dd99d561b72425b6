"""The tables of the records, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    column,
    table,
    text,
)
from sqlalchemy import UniqueConstraint as Unique

from api.records.body import StoredBody

metadata = MetaData()

LONGEST_AUTHORITY = 60
"""Characters of the name of an authority."""

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("id", String(64), nullable=False),
    Column("about", String(64), nullable=False, index=True),
    Column("at", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("body", StoredBody, nullable=True),
    Column("key_name", String(60), nullable=False, server_default=""),
    Column("authority", String(LONGEST_AUTHORITY), nullable=False, server_default=""),
    Column("code", String(64), nullable=False, server_default=""),
    Column("person", String(200), nullable=False, server_default=""),
    Column("subject", String(255), nullable=False, server_default=""),
    Index("entries_listed", "authority", "kind", "seq"),
    Index(
        "entries_kept",
        "kind",
        "id",
        "authority",
        unique=True,
        sqlite_where=text("body IS NOT NULL"),
        postgresql_where=text("body IS NOT NULL"),
    ),
)
"""One row for each entry, chained to the one before; only `body` can be changed or removed.

A kind and id can come again from another authority, and once the body of the earlier entry was
removed.
"""

stored_entries = table(
    "entries",
    *(column(c.name, LargeBinary() if c.name == "body" else c.type) for c in entries.c),
)
"""The same rows with bodies as they are stored, to be copied even where one is damaged."""

exposure = Table(
    "exposure",
    metadata,
    Column("seq", Integer, nullable=False),
    Column("shortlist", String(64), nullable=False),
    Column("provider", String(255), nullable=False),
    Column("event", String(16), nullable=False),
    Column("rank", Integer, nullable=True),
    Column("purpose", String(16), nullable=False),
    Column("day", String(10), nullable=False),
    Column("authority", String(LONGEST_AUTHORITY), nullable=False, server_default=""),
    Index("exposure_provider", "provider"),
    Index("exposure_day", "day"),
    Unique("seq", "provider", "event"),
)
"""Which provider was suggested, invited or chosen, and when: copied from entries, to be counted."""

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("authority", String(LONGEST_AUTHORITY), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("expires", String(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("drafts_owner", "owner"),
    Index("drafts_expires", "expires"),
)
"""Forms that a person has not finished; they are no records, and can be changed and deleted."""

request_keys = Table(
    "request_keys",
    metadata,
    Column("authority", String(LONGEST_AUTHORITY), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("keep", Boolean, nullable=False),
    Column("answer", LargeBinary, nullable=True),
    Column("attempt", String(32), nullable=False, server_default=""),
)
"""Keys of requests that may be sent again, and their answers; kept for a day, not in the chain."""

write_test = Table(
    "write_test",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
)
"""One row that is written to find out whether the database can be written to."""

ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("until", Integer, nullable=False),
)
"""Sessions of people who signed out; `until` is when each would have ended, in seconds of UTC."""
