"""The records of what was asked, answered, decided and removed: appended, never changed.

Each entry's hash covers the one before it, its own heading and the digest of its body, so that
no entry can be changed, moved or taken out of the middle unnoticed.  A body can be removed once
it was kept long enough, or lose an organisation's fields at its request.  A later entry then
records the digest of what is left, and the chain still verifies.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import func, select

from api.records import removals, request_keys
from api.records.anchors import Anchor
from api.records.appending import Appending, BodyChange, Clock, Redaction
from api.records.chain_key import ChainKey
from api.records.drafts import Drafts
from api.records.entry import Entry, EntryKind, NewEntry, Removal, Sender, can_be_id, timestamp
from api.records.entry_rows import SuppressedIds, entry_of, head, own
from api.records.exposure import Exposure, Journeys, ListFilter, count_exposure, journeys
from api.records.request_keys import Claim, RequestKey
from api.records.schema import entries
from api.records.sessions import end_session, has_ended
from api.records.store import RecordsStore
from api.records.stored_entries import count_stray_exposure, stored_entries
from api.records.verification import ListingsOf, Proof, Verification, verify

_LARGEST_NUMBER = 2**53


def _now() -> datetime:
    return datetime.now(UTC)


class Records:
    """The chain of entries in a store.

    Entries are read and appended as one authority's.  New entries keep the API key or the
    signed-in person that sent them, and have a code if there is a chain key.  `redaction` removes
    an organisation that was suppressed while an answer was computed.  Verifying, redacting and
    pruning concern the entries of all authorities.
    """

    def __init__(
        self,
        store: RecordsStore,
        clock: Clock = _now,
        *,
        chain_key: ChainKey | None = None,
        redaction: Redaction | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chain_key = chain_key
        self._redaction = redaction
        self._suppressed = SuppressedIds()
        self._sender = Sender()
        self._request: RequestKey | None = None

    @classmethod
    def open(
        cls,
        url: str,
        clock: Clock = _now,
        *,
        chain_key: ChainKey | None = None,
        redaction: Redaction | None = None,
    ) -> Records:
        """The records at `url`, created where there are none.  Raises RecordsError."""
        store = RecordsStore.open(url)
        return cls(store, clock, chain_key=chain_key, redaction=redaction)

    def sent_by(self, sender: Sender) -> Records:
        """The same records as the sender's authority sees them; new entries keep the sender."""
        records = copy(self)
        records._sender = sender
        return records

    def for_request(self, key: str, request: str, attempt: str) -> Records:
        """The same records for a request with a key: what it appends is appended once.

        `request` is the digest of what was sent; `attempt` tells this time from others.
        """
        records = copy(self)
        records._request = RequestKey.of(self._sender, key, request, attempt)
        return records

    def claim_request(self) -> Claim:
        """What is known under the request's key; where it is nothing, the caller works on it."""
        with self._store.writing() as connection:
            return request_keys.claim(connection, self._known_request, self._clock)

    def renew_claim(self) -> None:
        """Keep the claim on the request for a while longer: it is still being worked on."""
        with self._store.writing() as connection:
            request_keys.renew(connection, self._known_request, self._clock)

    def keep_answer(self, answer: bytes | None) -> None:
        """End the work on the request, and keep its answer for a day; None is not kept."""
        with self._store.writing() as connection:
            request_keys.keep_answer(connection, self._known_request, answer)

    def release_request(self) -> None:
        """Let the request be sent again: it was refused, and nothing was written for it."""
        with self._store.writing() as connection:
            request_keys.release(connection, self._known_request)

    @property
    def _known_request(self) -> RequestKey:
        if self._request is None:
            raise ValueError("these records are not those of a request with a key")
        return self._request

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    @property
    def drafts(self) -> Drafts:
        """The unfinished forms of the authority."""
        return Drafts(self._store, self._clock, self._sender.authority)

    def check_writable(self) -> None:
        """Write something and throw it away later.  Raises RecordsError where that fails."""
        self._store.check_writable(timestamp(self._clock()))

    def end_session(self, session: str, until: int) -> None:
        """Keep that a session has ended, until a week after it would have ended by itself."""
        with self._store.writing() as connection:
            end_session(connection, session, until, self._clock())

    def session_ended(self, session: str) -> bool:
        """Whether a session was ended."""
        with self._store.reading() as connection:
            return has_ended(connection, session)

    def check_chain_key(self) -> None:
        """Raise RecordsError where entries cannot be appended with this chain key, or without."""
        with self._store.reading() as connection:
            self._appending.check_last_code(connection)

    def append(self, new: Sequence[NewEntry]) -> list[bytes]:
        """Append entries, all or none; returns the body that is kept for each, on the disk.

        The first entry of a kind and id stands.  Another one is not appended, and the body of
        the first is returned: a later version of this software may word an answer differently.
        A numbered entry that says the same as the last one about its answer is not appended
        either: the same form or request was sent twice.
        An organisation that was suppressed since an answer was computed is removed from it.
        Raises Missing where a numbered entry is about an answer that is not kept, and TakenOver
        where the request was begun again by another attempt meanwhile.
        """
        if not new:
            return []
        with self._store.writing() as connection:
            if self._request is not None:
                request_keys.mark_written(connection, self._request)
            return self._appending.append(connection, new)

    def get(self, kind: EntryKind, id_: str) -> Entry | None:
        """The entry of this kind and id, or None; the newest where it was pruned and kept again."""
        if not can_be_id(id_):
            return None
        query = select(entries).where(
            entries.c.kind == kind.value, entries.c.id == id_, own(self._sender)
        )
        with self._store.reading() as connection:
            row = connection.execute(query.order_by(entries.c.seq.desc()).limit(1)).one_or_none()
        return entry_of(row) if row else None

    def about(self, id_: str) -> list[Entry]:
        """Every entry about an answer, oldest first."""
        if not can_be_id(id_):
            return []
        query = (
            select(entries).where(entries.c.about == id_, own(self._sender)).order_by(entries.c.seq)
        )
        with self._store.reading() as connection:
            return [entry_of(row) for row in connection.execute(query)]

    def newest(self, kind: EntryKind, limit: int, before: int | None = None) -> list[Entry]:
        """The last `limit` entries of a kind, newest first, those numbered below `before`."""
        query = select(entries).where(entries.c.kind == kind.value, own(self._sender))
        if before is not None:
            query = query.where(entries.c.seq < min(before, _LARGEST_NUMBER))
        query = query.order_by(entries.c.seq.desc()).limit(limit)
        with self._store.reading() as connection:
            return [entry_of(row) for row in connection.execute(query)]

    def counted(self, kind: EntryKind, about: Sequence[str]) -> dict[str, int]:
        """How many entries of a kind there are about each of these answers."""
        query = (
            select(entries.c.about, func.count())
            .where(entries.c.kind == kind.value, entries.c.about.in_(about), own(self._sender))
            .group_by(entries.c.about)
        )
        with self._store.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def head(self) -> tuple[int, str]:
        """The number and the hash of the last entry."""
        with self._store.reading() as connection:
            return head(connection)

    def anchor(self) -> Anchor:
        """The head as a line for a file of anchors, signed if there is a chain key."""
        first = select(func.min(entries.c.seq)).where(entries.c.code != "")
        with self._store.reading() as connection:
            seq, hash_ = head(connection)
            keyed_from = connection.execute(first).scalar() or 0
        anchor = Anchor(seq, hash_, timestamp(self._clock()), keyed_from)
        return anchor.signed(self._chain_key)

    def exposure(
        self,
        lists: ListFilter = ListFilter(),  # noqa: B008 - it never changes
        *,
        limit: int = 100,
        providers: Sequence[str] = (),
        skip: int = 0,
        up_to: int | None = None,
    ) -> list[Exposure]:
        """How often each provider was suggested, invited and chosen, most often first.

        `providers` are ids, empty for all.  The first `skip` are left out, and so are entries
        numbered above `up_to`.
        """
        with self._store.reading() as connection:
            return count_exposure(
                connection,
                self._sender.authority,
                lists,
                limit=limit,
                providers=providers,
                skip=skip,
                up_to=up_to,
            )

    def journeys(self, lists: ListFilter, providers: Sequence[str] = ()) -> list[Journeys]:
        """How far each provider came on each list of the authority; `providers`, empty for all."""
        with self._store.reading() as connection:
            return journeys(connection, self._sender.authority, lists, providers)

    def verify(
        self,
        head: str = "",
        *,
        anchors: Sequence[Anchor] = (),
        listings_of: ListingsOf | None = None,
    ) -> Verification:
        """Check the whole chain, the code of each entry, and the exposure.

        `head` is a hash from an earlier check: an entry must still have it, or the end was cut
        off; so for `anchors`.  Without `listings_of`, the exposure is not compared.
        """
        proof = Proof(head, self._chain_key, anchors, listings_of)
        with self._store.snapshot() as connection:
            found = verify(stored_entries(connection), proof)
            stray = count_stray_exposure(connection) if listings_of else 0
        if not stray:
            return found
        return replace(
            found, broken=(*found.broken, f"{stray:,} rows of the exposure belong to no entry")
        )

    def redact(
        self,
        change: BodyChange,
        removal: Removal,
        about: str,
        providers: Sequence[str],
    ) -> int:
        """Replace bodies by `change(kind, body)`, and record it; returns how many changed.

        `about` is the organisation's pseudonym; it replaces the ids `providers` in the exposure.
        Drafts that name one of these ids are deleted.  All of it is done, or nothing.
        """
        with self._store.writing() as connection:
            changed = removals.redact(
                connection, self._appending, change, removal, about=about, providers=providers
            )
        self._store.forget()
        return changed

    def forget(self, providers: Sequence[str]) -> None:
        """Delete drafts that name one of these ids, and every answer under the key of a request.

        What was kept between the removal of an organisation from the records and from the
        register may name it.
        """
        with self._store.writing() as connection:
            removals.forget(connection, providers)
        self._store.forget()

    def prune(self, before: datetime, removal: Removal) -> int:
        """Remove the bodies of answers with no entry younger than `before`; returns how many.

        Decisions on them and their exposure go too; the chain stays.
        """
        with self._store.writing() as connection:
            removed = removals.prune(connection, self._appending, before, removal)
        self._store.forget()
        return removed

    @property
    def _appending(self) -> Appending:
        return Appending(
            self._sender,
            self._clock,
            self._chain_key,
            self._redaction,
            self._suppressed,
            may_repeat=self._request is None,
        )
