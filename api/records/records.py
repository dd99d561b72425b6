"""The records: what was asked and answered, decided and removed, appended and never changed.

Each entry's hash covers the one before it, its own heading and the digest of its body, so that
no entry can be changed, moved or taken out of the middle unseen.  A body may be taken away
(three years have passed) or lose an organisation's personal fields (it asked for that); a later
entry says so, with the digest of what is left, and the chain still holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from api.errors import RecordsError
from api.records.schema import entries, exposure
from api.records.store import RecordsStore

Clock: TypeAlias = Callable[[], datetime]

_A_PAGE = 200

FIRST = "0" * 64
"""What the first entry is chained to."""
GONE = ""
"""The digest of a body that was taken away."""


class EntryKind(StrEnum):
    """What an entry says."""

    SHORTLIST = "shortlist"
    DECISION = "decision"
    MARKET = "market"
    SPLITS = "splits"
    SUPPRESSION = "suppression"
    PRUNING = "pruning"


_ABOUT_LISTS = (EntryKind.SHORTLIST, EntryKind.DECISION)
"""The entries whose bodies may be changed or taken away; those that say so may not."""
_PRUNED = (*_ABOUT_LISTS, EntryKind.MARKET, EntryKind.SPLITS)
"""Those that are kept only for so long; a market names no provider, and is never changed."""


@dataclass(frozen=True, slots=True)
class Listing:
    """That a provider was suggested, invited or chosen."""

    provider: str
    event: str
    rank: int | None
    purpose: str
    day: str


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to append; `about` is the id of the shortlist that it belongs to."""

    kind: EntryKind
    id: str
    about: str
    body: bytes
    shown: tuple[Listing, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands in the chain; `body` is None once it was taken away."""

    seq: int
    kind: EntryKind
    id: str
    about: str
    at: str
    digest: str
    previous: str
    hash: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What going through the whole chain found; `head` is the hash of its last entry."""

    entries: int
    head: str
    taken_away: int
    redacted: int
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """The body of an entry that says which bodies were taken away or changed, and why.

    `left` is entry number → digest of what is left of its body, GONE for nothing.
    """

    why: str
    by: str
    what: str
    left: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often a provider was suggested, invited and chosen, and the mean rank it had.

    `name` is what the register calls it today.
    """

    provider: str
    suggested: int
    invited: int
    chosen: int
    mean_rank: float | None
    first: str
    last: str
    name: str = ""


def digest(content: bytes) -> str:
    """SHA-256, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)


class Records:
    """The chain of entries in a store."""

    def __init__(self, store: RecordsStore, clock: Clock = _now) -> None:
        self._store = store
        self._clock = clock

    @classmethod
    def open(cls, url: str, clock: Clock = _now) -> Records:
        """The records at `url`, made there if there are none yet."""
        return cls(RecordsStore.open(url), clock)

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def append(self, new: Sequence[NewEntry]) -> None:
        """Append entries, all or none; one of a kind and id that is there already stays as it is.

        When this returns, they are on the disk.
        """
        if not new:
            return
        with self._store.writing() as connection:
            self._append(connection, new)

    def get(self, kind: EntryKind, id_: str) -> Entry | None:
        """The entry of this kind and id, or None."""
        wanted = select(entries).where(entries.c.kind == kind.value, entries.c.id == id_)
        with self._store.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return _entry(row) if row else None

    def about(self, id_: str) -> list[Entry]:
        """Every entry about a shortlist, oldest first."""
        wanted = select(entries).where(entries.c.about == id_).order_by(entries.c.seq)
        with self._store.reading() as connection:
            return [_entry(row) for row in connection.execute(wanted)]

    def newest(self, kind: EntryKind, limit: int, before: int | None = None) -> list[Entry]:
        """The last `limit` entries of a kind, newest first; `before` is a number to go on from."""
        wanted = select(entries).where(entries.c.kind == kind.value)
        if before is not None:
            wanted = wanted.where(entries.c.seq < before)
        wanted = wanted.order_by(entries.c.seq.desc()).limit(limit)
        with self._store.reading() as connection:
            return [_entry(row) for row in connection.execute(wanted)]

    def counted(self, kind: EntryKind, about: Sequence[str]) -> dict[str, int]:
        """How many entries of a kind there are about each of these shortlists."""
        wanted = (
            select(entries.c.about, func.count())
            .where(entries.c.kind == kind.value, entries.c.about.in_(about))
            .group_by(entries.c.about)
        )
        with self._store.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(wanted)}

    def head(self) -> tuple[int, str]:
        """The number and the hash of the last entry."""
        with self._store.reading() as connection:
            return _head(connection)

    def exposure(
        self, *, since: str = "", until: str = "", purpose: str = "", limit: int = 100
    ) -> list[Exposure]:
        """Providers by how often they were suggested, invited and chosen, most often first.

        `since` and `until` are ISO days, both included.
        """
        with self._store.reading() as connection:
            found = connection.execute(_counted(since, until, purpose, limit)).mappings().all()
        return [_exposed(row) for row in found]

    def verify(self, head: str = "") -> Verified:
        """Go through the whole chain and say what in it is not as it was written.

        `head` is a hash that an earlier verification gave: an entry must still have it, else
        the end of the chain was cut off.
        """
        with self._store.reading() as connection:
            return _verified(_rows(connection), head)

    def redact(
        self,
        change: Callable[[EntryKind, bytes], bytes],
        removal: Removal,
        about: str,
        providers: Sequence[str],
    ) -> int:
        """Change bodies as `change` does, and append that it was done; how many were changed.

        `about` is what stands for the organisation from now on; in the exposure it takes the
        place of the ids `providers`.  All of it, or nothing, is done.
        """
        left: dict[str, str] = {}
        with self._store.writing() as connection:
            for entry in _rows(connection):
                if entry.body is None or entry.kind not in _ABOUT_LISTS:
                    continue
                changed = change(entry.kind, entry.body)
                if changed != entry.body:
                    _replace_body(connection, entry.seq, changed)
                    left[str(entry.seq)] = digest(changed)
            shown = exposure.c.provider.in_(providers)
            connection.execute(update(exposure).where(shown).values(provider=about))
            self._append_removal(
                connection, EntryKind.SUPPRESSION, replace(removal, left=left), about
            )
        self._store.forget()
        return len(left)

    def prune(self, before: datetime, removal: Removal) -> int:
        """Take away the bodies of shortlists and markets of which nothing is younger than `before`.

        Their decisions go with them, and their exposure; the chain stays.  How many went.
        """
        last = func.max(entries.c.at)
        kinds = [kind.value for kind in _PRUNED]
        old = (
            select(entries.c.about)
            .where(entries.c.kind.in_(kinds))
            .group_by(entries.c.about)
            .having(last < _stamp(before))
        )
        going = entries.c.about.in_(old) & entries.c.kind.in_(kinds) & entries.c.body.is_not(None)
        with self._store.writing() as connection:
            gone = list(connection.execute(select(entries.c.seq).where(going)).scalars())
            connection.execute(delete(exposure).where(exposure.c.shortlist.in_(old)))
            for seq in gone:
                _replace_body(connection, seq, None)
            if gone:
                left = dict.fromkeys(map(str, gone), GONE)
                self._append_removal(connection, EntryKind.PRUNING, replace(removal, left=left), "")
        self._store.forget()
        return len(gone)

    def _append_removal(
        self, connection: Connection, kind: EntryKind, removal: Removal, about: str
    ) -> None:
        seq, _ = _head(connection)
        body = msgspec.json.encode(removal, order="deterministic")
        self._append(connection, [NewEntry(kind, f"{kind.value}-{seq + 1}", about, body)])

    def _append(self, connection: Connection, new: Sequence[NewEntry]) -> None:
        seq, previous = _head(connection)
        at = _stamp(self._clock())
        for one in new:
            if _is_there(connection, one):
                continue
            seq += 1
            heading = {
                "seq": seq,
                "kind": one.kind.value,
                "id": one.id,
                "about": one.about,
                "at": at,
                "digest": digest(one.body),
                "previous": previous,
            }
            previous = _hash(heading)
            connection.execute(insert(entries).values(**heading, hash=previous, body=one.body))
            shown = [_shown(one, seq, each) for each in one.shown]
            if shown:
                connection.execute(insert(exposure), shown)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _replace_body(connection: Connection, seq: int, body: bytes | None) -> None:
    connection.execute(update(entries).where(entries.c.seq == seq).values(body=body))


def _is_there(connection: Connection, one: NewEntry) -> bool:
    same = (entries.c.kind == one.kind.value, entries.c.id == one.id)
    return connection.execute(select(entries.c.seq).where(*same)).first() is not None


def _shown(one: NewEntry, seq: int, each: Listing) -> dict[str, object]:
    return {"seq": seq, "shortlist": one.about, **msgspec.to_builtins(each)}


def _head(connection: Connection) -> tuple[int, str]:
    last = select(entries.c.seq, entries.c.hash).order_by(entries.c.seq.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    return (row.seq, row.hash) if row else (0, FIRST)


def _hash(heading: Mapping[str, object]) -> str:
    return digest(msgspec.json.encode(heading, order="deterministic"))


def _heading(entry: Entry) -> dict[str, object]:
    names = ("seq", "kind", "id", "about", "at", "digest", "previous")
    return {name: getattr(entry, name) for name in names}


def _entry(row: Row[Any]) -> Entry:
    fields = dict(row._mapping)
    try:
        return Entry(**{**fields, "kind": EntryKind(fields["kind"])})
    except ValueError as wrong:
        raise RecordsError(
            f"entry {fields['seq']} is of no known kind ({fields['kind']})"
        ) from wrong


def _rows(connection: Connection) -> Iterator[Entry]:
    """Every entry in order, a page at a time."""
    last = -1
    while page := connection.execute(
        select(entries).where(entries.c.seq > last).order_by(entries.c.seq).limit(_A_PAGE)
    ).all():
        yield from map(_entry, page)
        last = page[-1].seq


def _verified(found: Iterator[Entry], head: str) -> Verified:
    previous, count, seen_head = FIRST, 0, not head
    broken: list[str] = []
    written: dict[int, str] = {}
    whole: dict[int, str] = {}
    held: dict[int, str] = {}
    for entry in found:
        count += 1
        if entry.seq != count:
            broken.append(f"entry {count} is missing: {entry.seq} stands in its place")
            count = entry.seq
        if entry.previous != previous:
            broken.append(f"entry {entry.seq} does not follow the one before it")
        if _hash(_heading(entry)) != entry.hash:
            broken.append(f"entry {entry.seq} was changed: its hash is not that of its heading")
        written[entry.seq] = whole[entry.seq] = entry.digest
        held[entry.seq] = GONE if entry.body is None else digest(entry.body)
        if entry.kind in (EntryKind.SUPPRESSION, EntryKind.PRUNING) and entry.body is not None:
            left = msgspec.json.decode(entry.body, type=Removal).left
            whole |= {int(seq): now for seq, now in left.items()}
        seen_head = seen_head or entry.hash == head
        previous = entry.hash
    broken += [
        f"entry {seq}: its body is not what was written, and no later entry says why"
        for seq, now in held.items()
        if now != whole[seq]
    ]
    if not seen_head:
        broken.append(f"no entry has the hash {head}: the end of the records was cut off")
    gone = sum(now == GONE for now in whole.values())
    redacted = sum(whole[seq] not in (GONE, first) for seq, first in written.items())
    return Verified(count, previous, gone, redacted, tuple(broken))


def _counted(since: str, until: str, purpose: str, limit: int) -> Any:  # noqa: ANN401 - a Select
    c = exposure.c

    def times(name: str) -> Any:  # noqa: ANN401
        return func.count().filter(c.event == name)

    wanted = select(
        c.provider,
        times("suggested").label("suggested"),
        times("invited").label("invited"),
        times("chosen").label("chosen"),
        func.avg(c.rank).filter(c.event == "suggested").label("mean_rank"),
        func.min(c.day).label("first"),
        func.max(c.day).label("last"),
    )
    if since:
        wanted = wanted.where(c.day >= since)
    if until:
        wanted = wanted.where(c.day <= until)
    if purpose:
        wanted = wanted.where(c.purpose == purpose)
    most = times("suggested").desc(), times("invited").desc(), c.provider
    return wanted.group_by(c.provider).order_by(*most).limit(limit)


def _exposed(row: Mapping[Any, Any]) -> Exposure:
    mean = row["mean_rank"]
    return Exposure(**{**row, "mean_rank": None if mean is None else round(float(mean), 2)})
