"""The keys of requests that may be sent again: each request is worked on once.

A key's row is `working`, and then `done`.  It is `written` once an entry was appended for it, in
the same transaction, so that a process that is killed in between leaves no doubt.  When an
organisation asks to be removed, or records are pruned, all answers under keys are forgotten.

The worker that has claimed a request renews its claim.  Where a claim is not renewed, because the
worker was killed or hangs, the next attempt takes it over.  A worker that only hung can append
nothing after that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from api.errors import TakenOver
from api.records.entry import Sender, digest, timestamp
from api.records.schema import request_keys

KEPT_HOURS = 24
"""that the answer to a key is kept"""
RENEWED_SECONDS = 5.0
"""between two renewals of a claim by the process that works on the request"""
LEASE_SECONDS = 20.0
"""after which a claim that was not renewed is that of a process that was killed"""
_DONE = "done"


class KeyState(StrEnum):
    """What a request finds under its key."""

    NEW = "new"
    """nothing: it is to be worked on"""
    WORKING = "working"
    """another request with the key is being worked on"""
    ANSWERED = "answered"
    """the answer"""
    WRITTEN = "written"
    """an entry that was appended; its answer was not kept"""
    OTHER = "other"
    """another request than this one"""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A key (a digest), the authority that sent it, and the digest of what was sent.

    `attempt` tells this time that it was sent from others.
    """

    authority: str
    key: str
    request: str
    attempt: str

    @classmethod
    def of(cls, sender: Sender, key: str, request: str, attempt: str) -> RequestKey:
        """What `sender` sent under `key`: each person and API key has keys of its own."""
        own = digest("\n".join((sender.key_name, sender.subject, key)).encode())
        return cls(sender.authority, own, request, attempt)


@dataclass(frozen=True, slots=True)
class Claim:
    """What was found under a key; `answer` where it was answered.

    `attempt` is the one that works on the request; where an entry was written, who goes on from
    there does so as that attempt.
    """

    state: KeyState
    attempt: str
    answer: bytes = b""


def claim(connection: Connection, key: RequestKey, clock: Callable[[], datetime]) -> Claim:
    """What is known under a key; where it is nothing, the caller is to work on the request."""
    now = _now(connection, clock)
    connection.execute(delete(request_keys).where(_outdated(now)))
    row = connection.execute(select(request_keys).where(_is(key))).one_or_none()
    if row is None:
        _begin(connection, key, now)
        return Claim(KeyState.NEW, key.attempt)
    if row.request != key.request:
        return Claim(KeyState.OTHER, row.attempt)
    if row.answer is not None:
        return Claim(KeyState.ANSWERED, row.attempt, row.answer)
    if row.state != _DONE:
        return Claim(KeyState(row.state), row.attempt)
    _begin(connection, key, now)
    return Claim(KeyState.NEW, key.attempt)


def renew(connection: Connection, key: RequestKey, clock: Callable[[], datetime]) -> None:
    """Keep the claim of this attempt, if it is not lost."""
    at = timestamp(_now(connection, clock))
    connection.execute(update(request_keys).where(_works(key)).values(at=at))


def mark_written(connection: Connection, key: RequestKey) -> None:
    """Note, in the transaction that appends an entry, that it was appended for this key.

    Raises TakenOver where another attempt works on the request.
    """
    marked = update(request_keys).where(_is_unfinished(key))
    if not connection.execute(marked.values(state=KeyState.WRITTEN.value)).rowcount:
        raise TakenOver(
            "this took so long that the request was begun again when it was sent again; nothing "
            "was kept here; send it once more for its answer"
        )


def keep_answer(connection: Connection, key: RequestKey, answer: bytes | None) -> None:
    """End the work on a request; keep the answer, unless it was to be forgotten meanwhile."""
    if answer is not None:
        kept = _is_unfinished(key) & request_keys.c.keep
        connection.execute(update(request_keys).where(kept).values(answer=answer))
    connection.execute(update(request_keys).where(_works(key)).values(state=_DONE))


def release(connection: Connection, key: RequestKey) -> None:
    """Let the request be sent again, after one that was refused; nothing was written for it."""
    connection.execute(delete(request_keys).where(_works(key)))


def forget(connection: Connection) -> None:
    """Remove every answer that is kept, of all authorities, and keep none that is being made."""
    connection.execute(update(request_keys).values(answer=None, keep=False))


def _now(connection: Connection, clock: Callable[[], datetime]) -> datetime:
    """The moment by the database; by the machine's clock for SQLite, which is on the machine."""
    if connection.dialect.name != "postgresql":
        return clock()
    now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return now


def _begin(connection: Connection, key: RequestKey, now: datetime) -> None:
    connection.execute(delete(request_keys).where(_is(key)))
    state = KeyState.WORKING.value
    connection.execute(
        insert(request_keys).values(**asdict(key), keep=True, at=timestamp(now), state=state)
    )


def _is(key: RequestKey) -> ColumnElement[bool]:
    return and_(request_keys.c.authority == key.authority, request_keys.c.key == key.key)


def _works(key: RequestKey) -> ColumnElement[bool]:
    """Whether this attempt works on the request, and wrote nothing."""
    return _is_unfinished(key) & (request_keys.c.state == KeyState.WORKING.value)


def _is_unfinished(key: RequestKey) -> ColumnElement[bool]:
    """Whether this attempt works on the request, or wrote an entry for it."""
    own = request_keys.c.attempt == key.attempt
    return and_(_is(key), own, request_keys.c.state != _DONE)


def _outdated(now: datetime) -> ColumnElement[bool]:
    """Whether a row is too old, or nobody renews it: by a clock that may have been set back."""
    old = timestamp(now - timedelta(hours=KEPT_HOURS))
    lease = timedelta(seconds=LEASE_SECONDS)
    stuck = ~request_keys.c.at.between(timestamp(now - lease), timestamp(now + lease))
    working = request_keys.c.state == KeyState.WORKING.value
    return or_(request_keys.c.at < old, and_(stuck, working))
