"""Makes some consecutive rows of a register in one process, and writes them into files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints
from matcher.core.types import Organisation, Provider, Related
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import profile_words
from matcher.register.build import known_records
from matcher.register.build.intake_records import IntakeRecords
from matcher.register.build.offers import Offers, OffersPart, name_stems
from matcher.register.build.record_keys import NAME_KEYS
from matcher.register.build.unchanged import Before, content_of
from matcher.register.columns import ProviderColumns
from matcher.register.index_writer import LENGTH_PENALTY, PartWriter, save_part
from matcher.register.linkage import name_similarity
from matcher.register.linkage.merge import names_of, summarise, with_remarks
from matcher.register.linkage.one_number import without_numbers_of_others
from matcher.register.record_file import RecordFile

_LENGTH_PENALTY = 0.3
_NAME_WEIGHT = 2.0
"""The weight of a word in a name, compared with one in a profile."""
INDEXES = {
    "profiles": LENGTH_PENALTY,
    "told": _LENGTH_PENALTY,
    "names": LENGTH_PENALTY,
    "keys": LENGTH_PENALTY,
}
"""Index of organisations → how much less a term counts in a long document of it."""


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some consecutive rows: the records of each, and what else is known of some of them."""

    start: int
    members: Ints
    offsets: Ints
    related: Mapping[int, Sequence[Related]]
    """row, from 0 → the organisations that it is related to"""
    added: Mapping[int, Sequence[Provider]]
    """row, from 0 → remarks on it"""
    not_own: Mapping[int, frozenset[str]]
    """record of these rows → the numbers which it gives and which are not its own"""

    @property
    def numbers(self) -> range:
        """The numbers of the rows."""
        return range(self.start, self.start + len(self.offsets) - 1)


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of some consecutive rows; their files are in the snapshot."""

    sizes: Ints
    """the bytes of each row"""
    columns: ProviderColumns
    contents: npt.NDArray[np.uint64]
    """what each says"""
    same: Ints
    """the row that said the same before; -1 if none did"""


def lines_file(folder: Path, rows: RowBatch) -> Path:
    """The file of the lines of some rows."""
    return folder / f"intake-rows-{rows.start}"


def block_file(folder: Path, index: str, rows: RowBatch) -> Path:
    """The file of the words of some rows in an index."""
    return folder / index / f"block-{rows.start}.npz"


@dataclass
class _Writer:
    """Makes rows one by one."""

    columns: ProviderColumns
    offers: OffersPart | None
    name_keys: RecordFile[list[str]]
    indexes: list[PartWriter] = field(
        default_factory=lambda: [PartWriter(penalty) for penalty in INDEXES.values()]
    )

    def skip_words(self, rows: int) -> None:
        """Leave out the words of the next rows, which are known."""
        for index in self.indexes:
            index.skip(rows)

    def add_words(self, row: int, provider: Provider, keys: Mapping[str, float]) -> None:
        """Add the words of a row, and the `keys` of its names."""
        profile, names = profile_words(provider), names_of(provider)
        name = name_stems(names)
        told = profile.copy()
        for word in name:
            told[word] = told.get(word, 0.0) + _NAME_WEIGHT
        for index, counts in zip(self.indexes, (profile, told, name, keys), strict=True):
            index.add(counts)
        if self.offers is not None:
            self.offers.add(row, names, name, profile)

    def keys_of(self, numbers: Sequence[int], records: Sequence[Provider]) -> dict[str, float]:
        """Key → 1 for each blocking key of any of an organisation's names, in order.

        Those of the first records were made before, but not where an older snapshot had them.
        """
        made = [self.name_keys[number] for number in numbers]
        if len(made) == len(records) == 1 and made[0]:
            return dict.fromkeys(made[0], 1.0)
        keys = {key for some in made for key in some}
        for record, some in zip_longest(records, made):
            if not some:
                keys.update(*map(name_similarity.keys, names_of(record)))
        return dict.fromkeys(sorted(keys), 1.0)


@dataclass(frozen=True)
class _Maker:
    """Makes the organisations of some rows from the records of a build."""

    rows: RowBatch
    records: IntakeRecords
    said: npt.NDArray[np.uint64] | None
    """what each record says, as a number; None where that is not kept"""

    def numbers(self, row: int) -> list[int]:
        """The numbers of the records of a row."""
        numbers: list[int] = self.rows.members[
            self.rows.offsets[row] : self.rows.offsets[row + 1]
        ].tolist()
        return numbers

    def organisation(self, row: int) -> Organisation:
        """The organisation on a row."""
        members = [self._record(number) for number in self.numbers(row)]
        added = tuple(self.rows.added.get(row, ()))
        summary = with_remarks(summarise(members), added)
        return Organisation(summary, (*members, *added), tuple(self.rows.related.get(row, ())))

    def _record(self, number: int) -> Provider:
        record = self.records[number]
        numbers = self.rows.not_own.get(number)
        return without_numbers_of_others(record, numbers) if numbers else record

    def lines(self) -> tuple[list[bytes], dict[int, Organisation]]:
        """The line of each row, and the organisations that were made for it."""
        encode = msgspec.json.Encoder().encode
        lines, made = [], dict[int, Organisation]()
        first, simple = self.rows.members[self.rows.offsets[:-1]], self._simple()
        before = self.records.organisations(first[simple])
        for row, is_simple in enumerate(simple.tolist()):
            line = next(before) if is_simple else None
            if is_simple and line is None:
                line = line_of_one(self.records.line(first[row]))
            if line is None:
                made[row] = self.organisation(row)
                line = encode(made[row]) + b"\n"
            lines.append(line)
        return lines, made

    def contents(self, lines: Sequence[bytes]) -> npt.NDArray[np.uint64]:
        """What each row says, as a number: where it has one record and no more, what that says."""
        simple = self._simple() if self.said is not None else np.zeros(len(lines), bool)
        contents = np.zeros(len(lines), np.uint64)
        if self.said is not None:
            contents[simple] = self.said[self.rows.members[self.rows.offsets[:-1][simple]]]
        for row in np.flatnonzero(~simple).tolist():
            contents[row] = content_of(lines[row])
        return contents

    def _simple(self) -> npt.NDArray[np.bool_]:
        """Whether each row has one record as its source gives it, and nothing else is known."""
        simple: npt.NDArray[np.bool_] = np.diff(self.rows.offsets) == 1
        simple[[*self.rows.added, *self.rows.related]] = False
        if self.rows.not_own:
            first = self.rows.members[self.rows.offsets[:-1]]
            simple[np.isin(first, [*self.rows.not_own])] = False
        return simple


def line_of_one(record: bytes) -> bytes | None:
    """The line of an organisation with one record, from the line of that; None where it is longer.

    What `summarise` makes of a record with one site is the record itself.  An amount of money
    might be written in another way, so such a record is read.
    """
    if record.count(b'{"postcode":') > 1 or b',"income":null,' not in record:
        return None
    said = record[:-1]
    return b"".join((b'{"provider":', said, b',"records":[', said, b'],"related":[]}\n'))


def write_rows(
    folder: Path, before: Before | None, offers: Offers | None, rows: RowBatch
) -> Written:
    """Make some rows, from the records in `folder`, and write them into files there.

    Of rows that are known only the line is made, and of those with other postcodes the place.
    """
    count = len(rows.numbers)
    maker = _Maker(rows, IntakeRecords(folder), known_records.contents(folder))
    mine = offers.part(rows.numbers) if offers is not None else None
    name_keys: RecordFile[list[str]] = RecordFile(folder / NAME_KEYS, list[str])
    writer = _Writer(ProviderColumns(count), mine, name_keys)
    lines, made = maker.lines()
    lines_file(folder, rows).write_bytes(b"".join(lines))
    contents = maker.contents(lines)
    sizes = np.fromiter(map(len, lines), np.int64, count)
    del lines
    same = np.full(count, -1, np.int64) if before is None else before.rows_with(contents)
    has_columns, done = before is not None and before.same_places, 0
    for row in (np.flatnonzero(same < 0) if has_columns else np.arange(count)).tolist():
        organisation = made.pop(row, None) or maker.organisation(row)
        writer.columns.put(row, organisation)
        if same[row] < 0:
            writer.skip_words(row - done)
            done = row + 1
            keys = writer.keys_of(maker.numbers(row), organisation.records)
            writer.add_words(row, organisation.provider, keys)
    writer.skip_words(count - done)
    writer.columns.place(PostcodeTable.open(folder / "places"))
    for file in (maker.records, name_keys):
        file.free()
    for name, index in zip(INDEXES, writer.indexes, strict=True):
        save_part(block_file(folder, name, rows), index.finish(), rows.start)
    if mine is not None:
        mine.save(same)
    return Written(sizes, writer.columns, contents, same)
