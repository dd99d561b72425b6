"""The sessions of signed-in people that have ended before their time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from api.records.schema import ended_sessions


def end(connection: Connection, session: str, until: int, now: datetime) -> None:
    """Keep that a session has ended, and delete those that would have ended by `now`."""
    over = (ended_sessions.c.until < now.timestamp()) | (ended_sessions.c.id == session)
    connection.execute(delete(ended_sessions).where(over))
    connection.execute(insert(ended_sessions).values(id=session, until=until))


def has_ended(connection: Connection, session: str) -> bool:
    """Whether a session was ended."""
    query = select(ended_sessions.c.id).where(ended_sessions.c.id == session)
    return connection.execute(query).first() is not None
