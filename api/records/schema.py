"""The tables of the records, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData()

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
    Column("body", LargeBinary, nullable=True),
    UniqueConstraint("kind", "id"),
)
"""One row an entry, each chained to the one before; only `body` may be taken away."""

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
    Index("exposure_provider", "provider"),
    Index("exposure_day", "day"),
    UniqueConstraint("seq", "provider", "event"),
)
"""Who was suggested, invited and chosen, when: drawn from the entries, for counting."""
