"""Writes the organisations of a register, with their columns and indexes, in several processes.

A process makes some consecutive rows at a time, and they are put together in order, so the register
is the same however many processes there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core import workers
from matcher.core.arrays import Ints
from matcher.core.types import Organisation, Provider, Related
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import profile_words
from matcher.register.build.intake import RECORDS, Intake
from matcher.register.build.layout import Layout
from matcher.register.build.remarks import Remarks, remarks_on
from matcher.register.build.unchanged import Before, content_of, save
from matcher.register.columns import ProviderColumns
from matcher.register.index_writer import (
    LENGTH_PENALTY,
    Part,
    PartWriter,
    TextIndexWriter,
)
from matcher.register.linkage import name_similarity
from matcher.register.linkage.merge import names_of, summarise, with_remarks
from matcher.register.linkage.resolve import Resolution
from matcher.register.record_file import RecordFile, RecordFileWriter
from matcher.sources.feed import Progress
from models import text

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

    members: Ints
    offsets: Ints
    related: Mapping[int, Sequence[Related]]
    """row, from 0 → the organisations that it is related to"""
    added: Mapping[int, Sequence[Provider]]
    """row, from 0 → remarks on it"""

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True)
class _Written:
    """Some consecutive rows as they are written."""

    organisations: bytes
    sizes: Ints
    columns: ProviderColumns
    indexes: tuple[Part, ...]
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
    before: Before | None = None,
) -> None:
    """Write the organisation of each row of `layout` into the snapshot in `folder`.

    Where an organisation says the same as in the snapshot `before`, its words are taken from there.
    """
    rows = len(layout)
    columns = ProviderColumns(rows, intake.table.councils)
    indexes = [
        TextIndexWriter(folder / name, length_penalty=penalty) for name, penalty in _INDEXES.items()
    ]
    jobs = workers.ALL_CORES if rows > _AT_ONCE else 1
    tasks = list(_divided(layout, resolution, remarks))
    done, contents, same = 0, [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    with RecordFileWriter[Organisation](folder / "organisations") as out:
        for part in workers.in_order(partial(_written, folder.absolute(), before), tasks, jobs):
            out.extend(part.organisations, part.sizes)
            columns.extend(part.columns, done)
            for index, mine in zip(indexes, part.indexes, strict=True):
                index.extend(mine)
            contents.append(part.contents)
            same.append(part.same)
            done += len(part.sizes)
            progress("writing providers", done, rows)
    progress("indexing providers", 0, None)
    for name, index in zip(_INDEXES, indexes, strict=True):
        if before is not None:
            index.reuse(before.folder / name, _new_rows(before.folder, np.concatenate(same)))
        index.finish()
    columns.save(folder / "columns", layout.square)
    save(folder, np.concatenate(contents))


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
    indexes: list[PartWriter] = field(
        default_factory=lambda: [PartWriter(penalty) for penalty in _INDEXES.values()]
    )

    def add(self, row: int, organisation: Organisation, *, is_known: bool) -> None:
        self.columns.put(row, organisation, self.table)
        if is_known:
            for index in self.indexes:
                index.skip()
            return
        provider = organisation.provider
        profile, name = profile_words(provider), _name_words(provider)
        words = profile | name
        told = {w: profile.get(w, 0.0) + _NAME_WEIGHT * name.get(w, 0.0) for w in words}
        for index, counts in zip(
            self.indexes, (profile, told, name, _name_keys(provider)), strict=True
        ):
            index.add(counts)


def _written(folder: Path, before: Before | None, rows: _Rows) -> _Written:
    """Make some rows, from the records in `folder`."""
    encode = msgspec.json.Encoder().encode
    records: RecordFile[Provider] = RecordFile(folder / RECORDS, Provider)
    table = PostcodeTable.open(folder / "places")
    writer = _Writer(ProviderColumns(len(rows), table.councils), table)
    lines, contents, same = [], np.empty(len(rows), np.uint64), np.full(len(rows), -1, np.int64)
    for row in range(len(rows)):
        mine = [records[r] for r in rows.members[rows.offsets[row] : rows.offsets[row + 1]]]
        added = tuple(rows.added.get(row, ()))
        summary = with_remarks(summarise(mine), added)
        organisation = Organisation(summary, (*mine, *added), tuple(rows.related.get(row, ())))
        lines.append(encode(organisation) + b"\n")
        contents[row] = content = content_of(lines[-1])
        if before is not None:
            same[row] = before.row_of(content)
        writer.add(row, organisation, is_known=bool(same[row] >= 0))
    records.free()
    return _Written(
        b"".join(lines),
        np.array([len(line) for line in lines], np.int64),
        writer.columns,
        tuple(index.finish() for index in writer.indexes),
        contents,
        same,
    )


def _name_words(provider: Provider) -> dict[str, float]:
    """Stem → 1 for each word in any of a provider's names, however many names have it."""
    return dict.fromkeys((w for name in names_of(provider) for w in text.words(name)), 1.0)


def _name_keys(provider: Provider) -> dict[str, float]:
    """Key → 1 for each blocking key of any of a provider's names."""
    keys = (name_similarity.keys(name) for name in names_of(provider))
    return dict.fromkeys(sorted(frozenset[str]().union(*keys)), 1.0)
