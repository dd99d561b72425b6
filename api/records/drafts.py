"""Drafts: forms that a person has not finished, kept for some days under ids nobody can guess.

They are no records.  They are outside the chain and not part of a backup, each replaces its
earlier content, and they are deleted when they expire or when the person asks.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from api.records.entry import can_be_id, timestamp
from api.records.schema import drafts
from api.records.store import RecordsStore

DAYS = 14
"""How long a draft is kept after its last change."""
_ID_BYTES = 24
_AT_ONCE = 500
"""Drafts that one statement deletes; a database takes only so many values in one."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that is not finished; `at` is its last change, in UTC."""

    id: str
    at: str
    body: bytes


class Drafts:
    """The drafts of one authority; those of others are not found.

    Each method is one transaction, so that a draft is always as one form left it, whole.
    """

    def __init__(self, store: RecordsStore, clock: Callable[[], datetime], authority: str) -> None:
        self._store = store
        self._clock = clock
        self._authority = authority

    def keep(self, kind: str, body: bytes, owner: str = "") -> str:
        """Keep a new draft, and return its id.  Drafts that expired are deleted.

        `owner` names the browser that sent the form, so that it can list its drafts.
        """
        id_ = secrets.token_urlsafe(_ID_BYTES)
        with self._store.writing() as connection:
            connection.execute(delete(drafts).where(drafts.c.expires <= timestamp(self._clock())))
            connection.execute(
                insert(drafts).values(
                    id=id_,
                    kind=kind,
                    authority=self._authority,
                    owner=owner,
                    body=body,
                    **self._times(),
                )
            )
        return id_

    def get(self, kind: str, id_: str) -> Draft | None:
        """The draft with this id; None where it never was, expired or was deleted."""
        if not can_be_id(id_):
            return None
        with self._store.reading() as connection:
            found = connection.execute(
                select(drafts.c.id, drafts.c.at, drafts.c.body).where(self._alive(kind, id_))
            ).one_or_none()
        return Draft(*found) if found else None

    def change(self, kind: str, id_: str, body: bytes) -> bool:
        """Replace the content of a draft; False where it is gone, and then nothing is kept."""
        if not can_be_id(id_):
            return False
        with self._store.writing() as connection:
            changed = connection.execute(
                update(drafts).where(self._alive(kind, id_)).values(body=body, **self._times())
            )
        return changed.rowcount == 1

    def delete(self, kind: str, id_: str) -> bool:
        """Delete a draft and overwrite its content; False where it was gone before."""
        if not can_be_id(id_):
            return False
        with self._store.writing() as connection:
            deleted = connection.execute(delete(drafts).where(self._alive(kind, id_)))
        self._store.forget()
        return deleted.rowcount == 1

    def of_owner(self, kind: str, owner: str, limit: int) -> Sequence[Draft]:
        """The drafts that one browser kept, the one changed last first."""
        if not owner:
            return []
        own = (
            drafts.c.kind == kind,
            drafts.c.owner == owner,
            drafts.c.authority == self._authority,
            drafts.c.expires > timestamp(self._clock()),
        )
        query = select(drafts.c.id, drafts.c.at, drafts.c.body).where(*own)
        query = query.order_by(drafts.c.at.desc(), drafts.c.id).limit(limit)
        with self._store.reading() as connection:
            return [Draft(*row) for row in connection.execute(query)]

    def _alive(self, kind: str, id_: str) -> ColumnElement[bool]:
        return (
            (drafts.c.id == id_)
            & (drafts.c.kind == kind)
            & (drafts.c.authority == self._authority)
            & (drafts.c.expires > timestamp(self._clock()))
        )

    def _times(self) -> dict[str, str]:
        now = self._clock()
        return {"at": timestamp(now), "expires": timestamp(now + timedelta(days=DAYS))}


def delete_naming(connection: Connection, providers: Sequence[str]) -> None:
    """Delete the drafts of all authorities that name one of these providers by its id.

    An id is a value, one of several in a value, or the end of the name of a field, such as
    `reason-GB-CHC-1000001`.
    """
    if not providers:
        return
    ids = b"|".join(re.escape(msgspec.json.encode(id_)[1:-1]) for id_ in providers)
    naming = re.compile(rb'(?:"(?:[a-z]+-)?| )(?:' + ids + rb')[" ]')
    gone = [
        row.id
        for row in connection.execute(select(drafts.c.id, drafts.c.body))
        if naming.search(row.body)
    ]
    for start in range(0, len(gone), _AT_ONCE):
        connection.execute(delete(drafts).where(drafts.c.id.in_(gone[start : start + _AT_ONCE])))
