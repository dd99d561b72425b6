"""Appends entries to the chain, within a transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, func, insert, select

from api.errors import Missing, RecordsError
from api.records.chain_key import ChainKey
from api.records.entry import (
    EntryKind,
    NewEntry,
    Sender,
    digest,
    heading_hash,
    once_each,
    timestamp,
)
from api.records.entry_rows import SuppressedIds, head, own
from api.records.exposure import renamed
from api.records.schema import entries, exposure
from matcher.core.types import Provider

Clock: TypeAlias = Callable[[], datetime]
BodyChange: TypeAlias = Callable[[EntryKind, bytes], bytes]
Redaction: TypeAlias = Callable[[Collection[str], str, Sequence[Provider]], BodyChange]
"""(ids of an organisation, its pseudonym, its records as far as they are known) → a function that
changes a body of a kind."""


@dataclass(frozen=True, slots=True)
class Appending:
    """How one sender's entries are appended: by whom, when, and with which codes."""

    sender: Sender
    clock: Clock
    chain_key: ChainKey | None
    redaction: Redaction | None
    suppressed: SuppressedIds
    may_repeat: bool
    """whether the same may be sent twice by mistake: the request has no key"""

    def append(self, connection: Connection, new: Sequence[NewEntry]) -> list[bytes]:
        """Write entries; returns the body that is kept for each, as `Records.append` does.

        The transaction already holds the only right to write.
        """
        self.check_last_code(connection)
        seq, previous = head(connection)
        aliases = self.suppressed.aliases(connection, seq) if self.redaction else {}
        at = timestamp(self.clock())
        bodies = list[bytes]()
        for computed in new:
            entry = self._without_suppressed(connection, computed, aliases)
            sent_twice = entry.id is None and self.may_repeat
            kept = self._same_as_last(connection, entry) if sent_twice else None
            id_ = ""
            if kept is None:
                id_ = entry.id if entry.id is not None else self._next_id(connection, entry)
                kept = self._kept_body(connection, entry.kind, id_)
            bodies.append(entry.body if kept is None else kept)
            if kept is not None:
                continue
            seq += 1
            heading: dict[str, object] = {
                "seq": seq,
                "kind": entry.kind.value,
                "id": id_,
                "about": entry.about,
                "at": at,
                "digest": digest(entry.body),
                "previous": previous,
                **asdict(self.sender),
            }
            previous = heading_hash(heading)
            code = self.chain_key.code("entry", previous) if self.chain_key else ""
            connection.execute(
                insert(entries).values(**heading, hash=previous, code=code, body=entry.body)
            )
            self._add_exposure(connection, seq, at, entry)
        return bodies

    def _add_exposure(self, connection: Connection, seq: int, at: str, entry: NewEntry) -> None:
        rows = [
            {
                "seq": seq,
                "shortlist": entry.about,
                "authority": self.sender.authority,
                **asdict(listing),
                "day": listing.day or at[:10],
            }
            for listing in entry.listings
        ]
        if rows:
            connection.execute(insert(exposure), rows)

    def _without_suppressed(
        self, connection: Connection, entry: NewEntry, aliases: Mapping[str, str]
    ) -> NewEntry:
        """The entry without organisations that were suppressed; `aliases` is mark → pseudonym."""
        if self.redaction is None or not aliases:
            return entry
        named = entry.named() if entry.named is not None else {}
        marks = {id_: digest(id_.encode()) for id_ in (*entry.providers, *named)}
        gone = {id_: aliases[mark] for id_, mark in marks.items() if mark in aliases}
        body = entry.body
        for id_, alias in gone.items():
            body = self.redaction({id_}, alias, named.get(id_, ()))(entry.kind, body)
        authority, about = self.sender.authority, entry.about
        listings = (
            renamed(connection, authority, about, listing, gone[listing.provider])
            if listing.provider in gone
            else listing
            for listing in entry.listings
        )
        return replace(entry, body=body, listings=once_each(listings))

    def check_last_code(self, connection: Connection) -> None:
        """Raise RecordsError unless the last entry is of somebody who has the same chain key."""
        last = select(entries.c.seq, entries.c.hash, entries.c.code).order_by(entries.c.seq.desc())
        row = connection.execute(last.limit(1)).one_or_none()
        if row is None:
            return
        key = self.chain_key
        if row.code and key is None:
            raise RecordsError(
                "these records are kept with a chain key; give its file with --chain-key FILE"
            )
        if key is None or (row.code and key.matches(row.code, "entry", row.hash)):
            return
        keyed = select(entries.c.seq).where(entries.c.code != "").limit(1)
        if row.code or connection.execute(keyed).first() is not None:
            raise RecordsError(
                f"the last entry of the records, {row.seq}, was not written with this chain key; "
                "run `matcher records verify --chain-key FILE`"
            )

    def _next_id(self, connection: Connection, entry: NewEntry) -> str:
        """The id of the next entry of this kind about an answer.  Raises Missing."""
        kept = select(entries.c.seq).where(
            entries.c.id == entry.about, entries.c.body.is_not(None), own(self.sender)
        )
        if connection.execute(kept).first() is None:
            raise Missing(
                f"{entry.about!r} was removed from the records; nothing can be added to it"
            )
        same = (
            entries.c.kind == entry.kind.value,
            entries.c.about == entry.about,
            own(self.sender),
        )
        count = select(func.count()).select_from(entries).where(*same)
        return f"{entry.about}.{connection.execute(count).scalar_one() + 1}"

    def _same_as_last(self, connection: Connection, entry: NewEntry) -> bytes | None:
        """The body of the last entry of this kind about the answer, if the same one wrote the same.

        Two people who say the same are two entries.
        """
        about = (
            entries.c.kind == entry.kind.value,
            entries.c.about == entry.about,
            own(self.sender),
        )
        last = select(entries).where(*about).order_by(entries.c.seq.desc()).limit(1)
        row = connection.execute(last).one_or_none()
        if row is None or row.digest != digest(entry.body):
            return None
        wrote = Sender(row.key_name, row.authority, row.person, row.subject)
        return row.body if wrote == self.sender else None

    def _kept_body(self, connection: Connection, kind: EntryKind, id_: str) -> bytes | None:
        """The body kept under a kind and id; None where there is none, or it was pruned."""
        same = (
            entries.c.kind == kind.value,
            entries.c.id == id_,
            entries.c.body.is_not(None),
            own(self.sender),
        )
        return connection.execute(select(entries.c.body).where(*same)).scalar()
