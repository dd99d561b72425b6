"""Writes the organisations of a register, with their columns and indexes, in several processes.

A process makes some consecutive rows at a time, and they are put together in order, so the register
is the same however many processes there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core import workers
from matcher.core.arrays import Ints
from matcher.core.types import Organisation, Provider, Related
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import profile_words
from matcher.register.build.embed import Offers, OffersPart, name_stems
from matcher.register.build.intake import RECORDS, Intake
from matcher.register.build.layout import Layout
from matcher.register.build.record_keys import NAME_KEYS
from matcher.register.build.remarks import Remarks, remarks_on
from matcher.register.build.unchanged import Before, content_of, save
from matcher.register.columns import ProviderColumns
from matcher.register.index_writer import (
    LENGTH_PENALTY,
    PartWriter,
    TextIndexWriter,
    save_part,
)
from matcher.register.linkage import name_similarity
from matcher.register.linkage.merge import names_of, summarise, with_remarks
from matcher.register.linkage.resolve import Resolution
from matcher.register.record_file import RecordFile, RecordFileWriter
from matcher.sources.feed import Progress

_AT_ONCE = 20_000
"""Rows that one process makes before it returns them."""
_LENGTH_PENALTY = 0.3
_NAME_WEIGHT = 2.0
"""The weight of a word in a name, compared with one in a profile."""
_INDEXES = {
    "profiles": LENGTH_PENALTY,
    "told": _LENGTH_PENALTY,
    "names": LENGTH_PENALTY,
    "keys": LENGTH_PENALTY,
}
"""Index of organisations → how much less a term counts in a long document of it."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Some consecutive rows: the records of each, and what else is known of some of them."""

    start: int
    members: Ints
    offsets: Ints
    related: Mapping[int, Sequence[Related]]
    """row, from 0 → the organisations that it is related to"""
    added: Mapping[int, Sequence[Provider]]
    """row, from 0 → remarks on it"""

    @property
    def numbers(self) -> range:
        """The numbers of the rows."""
        return range(self.start, self.start + len(self.offsets) - 1)


@dataclass(frozen=True, slots=True)
class _Written:
    """What is known of some consecutive rows; their files are in the snapshot."""

    sizes: Ints
    """the bytes of each row"""
    columns: ProviderColumns
    contents: npt.NDArray[np.uint64]
    """what each says"""
    same: Ints
    """the row that said the same before; -1 if none did"""


def write_organisations(
    folder: Path,
    intake: Intake,
    layout: Layout,
    resolution: Resolution,
    *,
    remarks: Remarks,
    progress: Progress,
    offers: Offers | None = None,
    before: Before | None = None,
) -> None:
    """Write the organisation of each row of `layout` into the snapshot in `folder`.

    Where an organisation says the same as in the snapshot `before`, its words are taken from there.
    `offers` makes the vectors of their names and profiles.
    """
    rows = len(layout)
    columns = ProviderColumns(rows, intake.table.councils)
    indexes = [TextIndexWriter(folder / name) for name in _INDEXES]
    jobs = workers.ALL_CORES if rows > _AT_ONCE else 1
    tasks = list(_divided(layout, resolution, remarks))
    done, contents, same = 0, [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    if offers is not None:
        offers.start()
    work = partial(_written, folder.absolute(), before, offers)
    with RecordFileWriter[Organisation](folder / "organisations") as out:
        for task, part in zip(tasks, workers.in_order(work, tasks, jobs), strict=True):
            out.append_file(_lines(folder, task), part.sizes)
            columns.extend(part.columns, done)
            for name, index in zip(_INDEXES, indexes, strict=True):
                index.add_block(_block(folder, name, task), len(part.sizes))
            contents.append(part.contents)
            same.append(part.same)
            done += len(part.sizes)
            progress("writing providers", done, rows)
    if offers is not None:
        offers.finish([task.numbers for task in tasks])
    columns.save(folder / "columns", layout.square)
    save(folder, np.concatenate(contents))
    if before is not None:
        new = _new_rows(before.folder, np.concatenate(same))
        for name, index in zip(_INDEXES, indexes, strict=True):
            index.reuse(before.folder / name, new)
    for number, _ in enumerate(workers.in_order(TextIndexWriter.finish, indexes, jobs)):
        progress("indexing providers", number, len(indexes))


def _lines(folder: Path, rows: _Rows) -> Path:
    return folder / f"intake-rows-{rows.start}"


def _block(folder: Path, index: str, rows: _Rows) -> Path:
    return folder / index / f"block-{rows.start}.npz"


def _new_rows(before: Path, same: Ints) -> npt.NDArray[np.int32]:
    """The new row of each row of the snapshot `before`; -1 where it has none."""
    size = len(np.load(before / "organisations.offsets.npy", mmap_mode="r")) - 1
    new = np.full(size, -1, np.int32)
    rows = np.flatnonzero(same >= 0)
    new[same[rows]] = rows
    return new


def _divided(layout: Layout, resolution: Resolution, remarks: Remarks) -> Iterator[_Rows]:
    leader_of_row = resolution.leaders[layout.members[layout.offsets[:-1]]]
    for start in range(0, len(layout), _AT_ONCE):
        stop = min(start + _AT_ONCE, len(layout))
        offsets = layout.offsets[start : stop + 1]
        leaders = leader_of_row[start:stop].tolist()
        yield _Rows(
            start,
            layout.members[offsets[0] : offsets[-1]],
            offsets - offsets[0],
            {
                row: resolution.related[leader]
                for row, leader in enumerate(leaders)
                if leader in resolution.related
            },
            {
                row - start: tuple(remarks_on(remarks.of_row, row))
                for row in range(start, stop)
                if row in remarks.of_row
            },
        )


@dataclass
class _Writer:
    """Makes rows one by one."""

    columns: ProviderColumns
    table: PostcodeTable
    offers: OffersPart | None
    name_keys: RecordFile[list[str]]
    indexes: list[PartWriter] = field(
        default_factory=lambda: [PartWriter(penalty) for penalty in _INDEXES.values()]
    )

    def add(self, row: int, organisation: Organisation, *, is_known: bool) -> None:
        self.columns.put(row, organisation, self.table)
        if is_known:
            for index in self.indexes:
                index.skip()

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
        keys = {key for some in made for key in some}
        for record, some in zip_longest(records, made):
            if not some:
                keys.update(*map(name_similarity.keys, names_of(record)))
        return dict.fromkeys(sorted(keys), 1.0)


def _written(folder: Path, before: Before | None, offers: Offers | None, rows: _Rows) -> _Written:
    """Make some rows, from the records in `folder`, and write them into files there."""
    encode = msgspec.json.Encoder().encode
    records: RecordFile[Provider] = RecordFile(folder / RECORDS, Provider)
    table, count = PostcodeTable.open(folder / "places"), len(rows.numbers)
    mine = offers.part(rows.numbers) if offers is not None else None
    name_keys: RecordFile[list[str]] = RecordFile(folder / NAME_KEYS, list[str])
    writer = _Writer(ProviderColumns(count, table.councils), table, mine, name_keys)
    lines, contents, same = [], np.empty(count, np.uint64), np.full(count, -1, np.int64)
    for row in range(count):
        numbers = rows.members[rows.offsets[row] : rows.offsets[row + 1]].tolist()
        members, added = [records[r] for r in numbers], tuple(rows.added.get(row, ()))
        summary = with_remarks(summarise(members), added)
        organisation = Organisation(summary, (*members, *added), tuple(rows.related.get(row, ())))
        lines.append(encode(organisation) + b"\n")
        contents[row] = content = content_of(lines[-1])
        if before is not None:
            same[row] = before.row_of(content)
        writer.add(row, organisation, is_known=bool(same[row] >= 0))
        if same[row] < 0:
            writer.add_words(row, summary, writer.keys_of(numbers, (*members, *added)))
    for file in (records, name_keys):
        file.free()
    _lines(folder, rows).write_bytes(b"".join(lines))
    for name, index in zip(_INDEXES, writer.indexes, strict=True):
        save_part(_block(folder, name, rows), index.finish(), rows.start)
    if mine is not None:
        mine.save(same)
    sizes = np.array([len(line) for line in lines], np.int64)
    return _Written(sizes, writer.columns, contents, same)
