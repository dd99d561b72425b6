"""Checking the whole chain: was any entry changed, moved or cut off?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from api.records.entry import FIRST, GONE, REMOVAL_KINDS, Entry, Removal, digest


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of checking the whole chain; `head` is the hash of its last entry.

    `taken_away` and `redacted` count bodies removed or changed by an entry that says so.
    """

    entries: int
    head: str
    taken_away: int
    redacted: int
    broken: tuple[str, ...]


def verify(entries: Iterable[Entry], head: str = "") -> Verification:
    """Check all entries, in order.

    `head` is a hash from an earlier check: an entry must still have it, or the end was cut off.
    """
    previous, count, head_found = FIRST, 0, not head
    broken: list[str] = []
    written: dict[int, str] = {}
    stored: dict[int, str] = {}
    expected: dict[int, str] = {}
    for entry in entries:
        count += 1
        broken += _wrong_links(entry, count, previous)
        count = entry.seq
        written[entry.seq] = expected[entry.seq] = entry.digest
        stored[entry.seq] = GONE if entry.body is None else digest(entry.body)
        if entry.kind in REMOVAL_KINDS and entry.body is not None:
            try:
                expected |= _left(entry.body)
            except (msgspec.MsgspecError, ValueError):
                broken.append(f"entry {entry.seq} does not say which bodies were removed")
        head_found = head_found or entry.hash == head
        previous = entry.hash
    broken += [
        f"entry {seq}: its body is not what was written, and no later entry says why"
        for seq, now in stored.items()
        if now != expected[seq]
    ]
    if not head_found:
        broken.append(f"no entry has the hash {head}: the end of the records was cut off")
    removed = sum(now == GONE for now in expected.values())
    redacted = sum(expected[seq] not in (GONE, first) for seq, first in written.items())
    return Verification(len(written), previous, removed, redacted, tuple(broken))


def _left(body: bytes) -> dict[int, str]:
    removal = msgspec.json.decode(body, type=Removal)
    return {int(seq): left for seq, left in removal.left.items()}


def _wrong_links(entry: Entry, number: int, previous: str) -> Iterator[str]:
    if entry.seq != number:
        yield f"entry {number} is missing: entry {entry.seq} follows the one before it"
    if entry.previous != previous:
        yield f"entry {entry.seq} does not follow the one before it"
    if entry.computed_hash() != entry.hash:
        yield f"entry {entry.seq} was changed: its hash is not that of its heading"
