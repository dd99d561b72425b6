"""Checking the whole chain: was any entry changed, moved, forged or cut off?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

import msgspec

from api.records.anchors import Anchor
from api.records.chain_key import ChainKey
from api.records.entry import (
    FIRST,
    GONE,
    HEADING,
    PRUNED_KINDS,
    REDACTED_KINDS,
    REMOVAL_KINDS,
    EntryKind,
    Listing,
    Removal,
    digest,
    heading_hash,
)

Fields: TypeAlias = Mapping[str, Any]
"""A row of the database, of whatever types it holds."""
ListingsOf: TypeAlias = Callable[[EntryKind, bytes, Callable[[], bytes]], Iterable[Listing]]
"""(kind, body, the body of the shortlist it is about) → the listings that the body gives.

Raises ValueError where the body is not one of its kind."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it is in the database, and the exposure that is kept for it.

    `shortlist` gives the body of the shortlist that it is about, and raises ValueError where
    there is none.
    """

    fields: Fields
    exposure: Sequence[Fields] = ()
    shortlist: Callable[[], bytes] = bytes


@dataclass(frozen=True, slots=True)
class RecordedRemoval:
    """An entry that removed or changed bodies: its number, by whom, when, why, and which."""

    seq: int
    kind: str
    by: str
    at: str
    why: str
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of checking the whole chain; `head` is the hash of its last entry.

    `taken_away` and `redacted` count bodies removed or changed by an entry that says so.
    `keyed_from` is the number of the first entry with a code made with the chain key, 0 for none.
    """

    entries: int
    head: str
    taken_away: int
    redacted: int
    broken: tuple[str, ...]
    removals: tuple[RecordedRemoval, ...] = ()
    keyed_from: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """What the chain is checked against, besides itself.

    `head` is a hash from an earlier check: an entry must still have it, or the end was cut off.
    """

    head: str = ""
    key: ChainKey | None = None
    anchors: Sequence[Anchor] = ()
    listings_of: ListingsOf | None = None


def verify(entries: Iterable[StoredEntry], proof: Proof) -> Verification:
    """Check all entries, in order, whatever their kind and the types of their fields."""
    check = _Check(proof)
    for entry in entries:
        check.add(entry)
    return check.result()


@dataclass(slots=True)
class _Check:
    """The entries that were checked so far."""

    proof: Proof
    broken: list[str] = field(default_factory=list)
    previous: str = FIRST
    number: int = 0
    hashes: dict[int, str] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    written: dict[int, str] = field(default_factory=dict)
    stored: dict[int, str] = field(default_factory=dict)
    expected: dict[int, str] = field(default_factory=dict)
    removals: list[RecordedRemoval] = field(default_factory=list)
    keyed_from: int = 0

    def add(self, entry: StoredEntry) -> None:
        """Check one entry."""
        fields = entry.fields
        seq = fields["seq"]
        self.broken += _wrong_types(fields)
        self.broken += _wrong_links(fields, self.number + 1, self.previous)
        self._check_code(fields)
        self.number, self.previous = seq, fields["hash"]
        self.hashes[seq], self.kinds[seq] = fields["hash"], fields["kind"]
        self.written[seq] = self.expected[seq] = fields["digest"]
        body = fields["body"]
        self.stored[seq] = (
            GONE
            if body is None
            else digest(body if isinstance(body, bytes) else repr(body).encode())
        )
        if fields["kind"] not in set(EntryKind):
            self.broken.append(f"entry {seq} is of an unknown kind ({fields['kind']!r})")
        elif fields["kind"] in REMOVAL_KINDS:
            self._add_removal(fields)
        if self.proof.listings_of is not None:
            self.broken += _wrong_exposure(entry, self.proof.listings_of)

    def result(self) -> Verification:
        """What was found, once every entry was added."""
        self.broken += [
            f"entry {seq}: its body is not what was written, and no later entry says why"
            for seq, now in self.stored.items()
            if now != self.expected[seq]
        ]
        self.broken += self._wrong_anchors()
        if self.proof.head and self.proof.head not in self.hashes.values():
            self.broken.append(
                f"no entry has the hash {self.proof.head}: the end of the records was cut off, or "
                "the hash was mistyped"
            )
        if self.proof.key and self.hashes and not self.keyed_from:
            self.broken.append(
                "no entry has a code made with the chain key: all were written without it, or "
                "all were written again by somebody who does not have it"
            )
        removed = sum(now == GONE for now in self.expected.values())
        redacted = sum(
            self.expected[seq] not in (GONE, first) for seq, first in self.written.items()
        )
        return Verification(
            len(self.hashes),
            str(self.previous),
            removed,
            redacted,
            tuple(self.broken),
            tuple(self.removals),
            self.keyed_from,
        )

    def _check_code(self, fields: Fields) -> None:
        """Once one entry has a code, all later entries must have one."""
        seq, code = fields["seq"], fields["code"]
        if code and not self.keyed_from:
            self.keyed_from = seq
        if not self.keyed_from:
            return
        if not code:
            self.broken.append(
                f"entry {seq} was forged: it has no code made with the chain key, and entry "
                f"{self.keyed_from} before it has one"
            )
        elif self.proof.key and not self.proof.key.matches(str(code), "entry", str(fields["hash"])):
            self.broken.append(f"entry {seq} was forged: its code was not made with this chain key")

    def _add_removal(self, fields: Fields) -> None:
        seq, kind = fields["seq"], fields["kind"]
        try:
            removal = msgspec.json.decode(fields["body"], type=Removal)
            left = {int(number): what for number, what in removal.left.items()}
        except (msgspec.MsgspecError, ValueError, TypeError):
            self.broken.append(f"entry {seq} does not say which bodies were removed")
            return
        for number, what in left.items():
            if self._may_remove(kind, number, what):
                self.expected[number] = what
            else:
                self.broken.append(f"entry {seq}: a {kind} cannot change entry {number} like this")
        self.removals.append(
            RecordedRemoval(
                seq, kind, removal.by, str(fields["at"]), removal.why, tuple(sorted(left))
            )
        )

    def _may_remove(self, kind: str, number: int, left: str) -> bool:
        """Whether a removal of this kind can leave this of an earlier entry's body."""
        if kind == EntryKind.PRUNING:
            return self.kinds.get(number) in PRUNED_KINDS and left == GONE
        is_kept = self.expected.get(number, GONE) != GONE
        return self.kinds.get(number) in REDACTED_KINDS and left != GONE and is_kept

    def _wrong_anchors(self) -> Iterator[str]:
        for anchor in self.proof.anchors:
            key = self.proof.key
            when = f"the anchor of {anchor.at}"
            if anchor.code and key and not anchor.is_signed(key):
                yield f"{when} was forged: its code was not made with this chain key"
            if anchor.seq not in self.hashes:
                yield f"{when} names entry {anchor.seq}, which is missing: the end was cut off"
            elif self.hashes[anchor.seq] != anchor.hash:
                yield f"entry {anchor.seq} is not the one that {when} names"
            if anchor.keyed_from and anchor.keyed_from != self.keyed_from:
                yield (
                    f"{when} says that codes begin with entry {anchor.keyed_from}, and now they "
                    f"begin with {self.keyed_from or 'none'}"
                )


def _wrong_types(fields: Fields) -> Iterator[str]:
    for name, value in fields.items():
        wanted = {"seq": int, "body": (bytes, type(None))}.get(name, str)
        if not isinstance(value, wanted):  # type: ignore[arg-type]
            yield f"entry {fields['seq']}: its {name} is of another type ({type(value).__name__})"


def _wrong_links(fields: Fields, number: int, previous: str) -> Iterator[str]:
    seq = fields["seq"]
    if seq != number:
        yield f"entry {number} is missing: entry {seq} follows the one before it"
    if fields["previous"] != previous:
        yield f"entry {seq} does not follow the one before it"
    if _computed_hash(fields) != fields["hash"]:
        yield f"entry {seq} was changed: its hash is not that of its heading"


def _computed_hash(fields: Fields) -> str:
    """The hash that the heading gives; '' where the heading is not text."""
    try:
        return heading_hash({name: fields[name] for name in HEADING})
    except (TypeError, ValueError, msgspec.MsgspecError):
        return ""


def _wrong_exposure(entry: StoredEntry, listings_of: ListingsOf) -> Iterator[str]:
    """Whether the exposure kept for an entry is what its body gives."""
    fields = entry.fields
    seq, body = fields["seq"], fields["body"]
    listings: Sequence[Listing] = ()
    if isinstance(body, bytes) and fields["kind"] in PRUNED_KINDS:
        try:
            listings = tuple(listings_of(EntryKind(fields["kind"]), body, entry.shortlist))
        except (ValueError, msgspec.MsgspecError) as error:
            yield f"entry {seq}: its body cannot be read as a {fields['kind']} ({error})"
            return
    expected = [(each.provider, each.event, each.rank, each.purpose) for each in listings]
    days = {(each.provider, each.event): each.day for each in listings}
    kept = [(e["provider"], e["event"], e["rank"], e["purpose"]) for e in entry.exposure]
    same = sorted(kept, key=repr) == sorted(expected, key=repr) and all(
        (e["shortlist"], e["authority"]) == (fields["about"], fields["authority"])
        and _same_day(e["day"], days[e["provider"], e["event"]], fields["at"])
        for e in entry.exposure
    )
    if not same:
        yield f"entry {seq}: the exposure kept for it is not what its body gives"


def _same_day(kept: object, day: str, at: object) -> bool:
    """Whether a day of the exposure is right; a day that is not in the body is that of writing.

    An earlier version wrote the day where the officer was, which can be the next or the last one.
    """
    if day:
        return kept == day
    try:
        apart = date.fromisoformat(str(kept)) - date.fromisoformat(str(at)[:10])
    except ValueError:
        return False
    return abs(apart.days) <= 1
