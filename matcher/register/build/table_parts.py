"""Reads the parts of a table in several processes, and writes the records of each into a file."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints
from matcher.core.identifiers import fingerprint, with_place
from matcher.core.redaction import without_provider_contacts
from matcher.core.types import Provider, Source
from matcher.register.build.known_rows import RowsBefore
from matcher.register.build.suppression_list import Suppressions
from matcher.register.linkage.one_number import with_own_id
from matcher.sources.feed import NoKnownRows, PartTally, Row, RowPart

NOT_NAMED = "not named"
"""In place of an example of the organisations that asked to be left out."""
_encode = msgspec.json.Encoder().encode
_without_day = attrgetter(
    *(field.name for field in fields(Provider) if field.name != "source"),
    *(f"source.{field.name}" for field in fields(Source) if field.name != "day"),
)
"""The fields of a record, except the day of its source."""


class NumberedPart(NamedTuple):
    """A part of a table; the number gives the name of a file."""

    number: int
    part: RowPart


@dataclass(frozen=True, slots=True)
class RecordsMade:
    """The records of a part of a table."""

    lines: Path
    """the file of those whose rows were read"""
    sizes: Ints
    """the bytes of each of these"""
    contents: npt.NDArray[np.uint64]
    """(n,) what each says"""
    digests: npt.NDArray[np.uint64]
    turns: npt.NDArray[np.int32]
    """(n,) of the row of each, as `matcher.sources.feed.Row` has them"""
    before: npt.NDArray[np.int32]
    """(n,) the number of each in the snapshot before; -1 where its row was read"""
    rows: npt.NDArray[np.int32]
    """(n,) the row of its organisation there; -1 likewise"""
    source: Source
    tally: PartTally


@dataclass(frozen=True, slots=True, eq=False)
class RecordMaker:
    """Makes the records of a part of a table; a cluster hashes it, so it has no equal."""

    folder: Path
    known: RowsBefore | None
    suppressed: Suppressions
    own_ids: frozenset[str]
    trust_ids: bool

    def __call__(self, numbered: NumberedPart) -> RecordsMade:
        """Make the records of the part that are not suppressed."""
        found = numbered.part.read(self.known or NoKnownRows())
        made = _Made(len(found.before))
        for at, row in zip(np.flatnonzero(found.before < 0).tolist(), found.rows, strict=True):
            record = with_own_id(row.record, self.own_ids)
            if reason := self.suppressed.reason(record):
                found.tally.drop(reason, NOT_NAMED)
                found.tally.kept -= 1
                made.is_kept[at] = False
            else:
                made.add(at, as_kept(record, trust_ids=self.trust_ids), row)
        if self.known is not None:
            made.copy(self.known, found.before)
        file = self.folder / f"intake-part-{numbered.number}"
        return made.saved(file, numbered.part.source, found.tally)


class _Made:
    """The records of a part while they are made."""

    def __init__(self, size: int) -> None:
        self._lines = list[bytes]()
        self._contents, self._digests = np.zeros(size, np.uint64), np.zeros(size, np.uint64)
        self._turns = np.zeros(size, np.int32)
        self._before, self._rows = np.full(size, -1, np.int32), np.full(size, -1, np.int32)
        self.is_kept = np.ones(size, bool)

    def add(self, at: int, record: Provider, row: Row) -> None:
        """Add a record that was made of a row."""
        self._lines.append(_encode(record) + b"\n")
        self._contents[at] = content_of(record)
        self._digests[at], self._turns[at] = row.digest, row.turns

    def copy(self, known: RowsBefore, found: Ints) -> None:
        """Add the records of the rows that are known, by what `known.find` gave."""
        at = np.flatnonzero(found >= 0)
        places = found[at]
        numbers = known.order[places]
        self._before[at], self._rows[at] = numbers, known.rows[numbers]
        self._digests[at] = known.digests[places]
        self._contents[at], self._turns[at] = known.contents[numbers], known.turns[numbers]

    def saved(self, file: Path, source: Source, tally: PartTally) -> RecordsMade:
        """The records that are kept, with the lines of those that were made in `file`."""
        file.write_bytes(b"".join(self._lines))
        sizes = np.fromiter(map(len, self._lines), np.int64, len(self._lines))
        kept = self.is_kept
        said = self._contents[kept], self._digests[kept], self._turns[kept]
        known = self._before[kept], self._rows[kept]
        return RecordsMade(file, sizes, *said, *known, source, tally)


def content_of(record: Provider) -> int:
    """A number for what a record says, whatever the day of its source."""
    return fingerprint(_encode(_without_day(record)))


def as_kept(record: Provider, *, trust_ids: bool) -> Provider:
    """The record as the register keeps it: without contacts, and with an id of its own.

    An id that is made from its name gets its postcode as well, so that two organisations with one
    name do not have one id.  Where ids are trusted, the id stays.
    """
    record = without_provider_contacts(record)
    if trust_ids or not record.sites:
        return record
    org_id = with_place(record.id, record.sites[0].postcode)
    return record if org_id == record.id else replace(record, id=org_id)
