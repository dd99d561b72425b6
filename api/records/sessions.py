"""Sessions of people who signed out: a copy of the cookie of one is worth nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from api.records.schema import ended_sessions

_CLOCKS = timedelta(days=7)
"""By how much the clocks of machines, or of one before it is set right, are taken to differ."""


def end_session(connection: Connection, session: str, until: int, now: datetime) -> None:
    """Keep that a session has ended.

    Those that would have ended long ago are deleted; one that is over by this clock may go on by
    the clock of another machine.
    """
    long_ago = (now - _CLOCKS).timestamp()
    over = (ended_sessions.c.until < long_ago) | (ended_sessions.c.id == session)
    connection.execute(delete(ended_sessions).where(over))
    connection.execute(insert(ended_sessions).values(id=session, until=until))


def has_ended(connection: Connection, session: str) -> bool:
    """Whether a session was ended."""
    query = select(ended_sessions.c.id).where(ended_sessions.c.id == session)
    return connection.execute(query).first() is not None
