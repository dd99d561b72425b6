"""Entries of the records, and how each is chained to the one before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from matcher.core.types import Provider

FIRST = "0" * 64
"""The hash that the first entry is chained to."""
_LONGEST_ID = 64
"""as the column of ids in the database is wide"""
GONE = ""
"""The digest of a body that was removed."""


class EntryKind(StrEnum):
    """What an entry holds."""

    SHORTLIST = "shortlist"
    DECISION = "decision"
    OUTCOME = "outcome"
    MARKET = "market"
    SPLITS = "splits"
    PICTURE = "picture"
    SUPPRESSION = "suppression"
    PRUNING = "pruning"


REDACTED_KINDS = (EntryKind.SHORTLIST, EntryKind.DECISION, EntryKind.OUTCOME)
"""Entries that can name providers: suppression changes their bodies."""
PRUNED_KINDS = (*REDACTED_KINDS, EntryKind.MARKET, EntryKind.SPLITS, EntryKind.PICTURE)
"""Entries that are kept only for some years: pruning removes their bodies."""
REMOVAL_KINDS = (EntryKind.SUPPRESSION, EntryKind.PRUNING)
"""Entries that say which bodies were changed or removed."""


def timestamp(moment: datetime) -> str:
    """A moment as the records write it: ISO, in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def can_be_id(id_: str) -> bool:
    """Whether something can be kept under this id; a database refuses to look for some others."""
    return len(id_) <= _LONGEST_ID and id_.isascii() and id_.isprintable()


@dataclass(frozen=True, slots=True)
class Listing:
    """What happened to a provider on an ISO day; '' is the day of writing.

    `event` is 'suggested', 'invited', 'chosen', 'no answer', 'answered' or 'awarded'.
    """

    provider: str
    event: str
    rank: int | None
    purpose: str
    day: str


def once_each(listings: Iterable[Listing]) -> tuple[Listing, ...]:
    """One listing for each provider and event: the one with the best rank.

    A list or a decision may name an organisation by two of its ids, which become one pseudonym.
    """
    found: dict[tuple[str, str], Listing] = {}
    for listing in sorted(listings, key=lambda one: (one.rank is None, one.rank)):
        found.setdefault((listing.provider, listing.event), listing)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to append; `about` is the id of the answer that it belongs to.

    An entry whose `id` is None is numbered when it is written: 'about.1', 'about.2' and so on.
    `providers` are the ids of all providers that the body names.  `named` gives the records of
    those that its words may name, by id; it is asked only where an organisation was suppressed.
    """

    kind: EntryKind
    id: str | None
    about: str
    body: bytes
    listings: tuple[Listing, ...] = ()
    providers: tuple[str, ...] = ()
    named: Callable[[], Mapping[str, Sequence[Provider]]] | None = field(
        default=None, compare=False, repr=False
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry in the chain.

    `at` is when it was written, in UTC.  `key_name` names the API key that sent it, or `person`
    the signed-in person and `subject` the identity provider's id for them; `authority` is the
    authority that the key or the person belongs to.  Each is '' for none.  `body` is None once it
    was removed; `digest` is of the body as it was written.  `code` is made with the chain key and
    covers the hash; '' without a key.
    """

    seq: int
    kind: EntryKind
    id: str
    about: str
    at: str
    digest: str
    previous: str
    hash: str
    body: bytes | None
    key_name: str = ""
    authority: str = ""
    code: str = ""
    person: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends an entry: an API key, or a signed-in person, or nobody who is known."""

    key_name: str = ""
    authority: str = ""
    person: str = ""
    subject: str = ""


UNKNOWN = Sender()


@dataclass(frozen=True, slots=True)
class Removal:
    """The body of an entry that says which bodies were removed or changed, why and by whom.

    `left` is entry number → digest of what is left of its body, GONE for nothing.  `marks` are
    digests of the ids of a suppressed organisation, by which an answer that was computed before
    the suppression and is written after it is recognised.
    """

    why: str
    by: str
    what: str
    left: dict[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()


def digest(content: bytes) -> str:
    """SHA-256, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


HEADING = (
    *("seq", "kind", "id", "about", "at", "digest", "previous"),
    *("key_name", "authority", "person", "subject"),
)
"""The fields that an entry's hash covers."""
_LATER = frozenset({"key_name", "authority", "person", "subject"})


def heading_hash(heading: Mapping[str, object]) -> str:
    """The hash of an entry's heading; what names an unknown sender is not part of it.

    Earlier layouts of the records had none of them, and their hashes still hold.
    """
    covered = {name: heading[name] for name in HEADING if heading.get(name) or name not in _LATER}
    return digest(msgspec.json.encode(covered, order="deterministic"))
