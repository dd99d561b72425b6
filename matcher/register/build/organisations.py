"""Writes the organisations of a register, with their columns and indexes, in several processes.

A process makes some consecutive rows at a time, and they are put together in order, so the register
is the same however many processes there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.core import workers
from matcher.core.arrays import Ints, are_in, mapped
from matcher.core.types import Organisation
from matcher.register.build.layout import Layout
from matcher.register.build.offers import Offers
from matcher.register.build.remarks import Remarks, remarks_on
from matcher.register.build.row_parts import (
    INDEXES,
    RowBatch,
    Written,
    block_file,
    lines_file,
    write_rows,
)
from matcher.register.build.unchanged import Before, save
from matcher.register.columns import ProviderColumns
from matcher.register.index_writer import TextIndexWriter
from matcher.register.linkage.resolve import Resolution
from matcher.register.record_file import RecordFileWriter
from matcher.sources.feed import Progress

_AT_ONCE = 20_000
"""RowBatch that one process makes before it returns them."""


def write_organisations(
    folder: Path,
    layout: Layout,
    resolution: Resolution,
    *,
    remarks: Remarks,
    progress: Progress,
    offers: Offers | None,
    before: Before | None,
) -> None:
    """Write the organisation of each row of `layout` into the snapshot in `folder`.

    Where an organisation says the same as in the snapshot `before`, its words are taken from there.
    `offers` makes the vectors of their names and profiles.
    """
    indexes = [TextIndexWriter(folder / name) for name in INDEXES]
    tasks = list(_divided(layout, resolution, remarks))
    work = partial(write_rows, folder.absolute(), before, offers)
    jobs = workers.ALL_CORES if len(tasks) > 1 else 1
    if offers is not None:
        offers.start()
    written = zip(tasks, workers.in_order(work, tasks, jobs), strict=True)
    _write_columns(folder, layout, written, indexes, before=before, progress=progress)
    if offers is not None:
        offers.finish([task.numbers for task in tasks])
    for number, _ in enumerate(workers.in_order(TextIndexWriter.finish, indexes, jobs)):
        progress("indexing providers", number, len(indexes))


def _write_columns(
    folder: Path,
    layout: Layout,
    written: Iterable[tuple[RowBatch, Written]],
    indexes: Sequence[TextIndexWriter],
    *,
    before: Before | None,
    progress: Progress,
) -> None:
    """Put the rows that were written together, and tell `indexes` of their words.

    What it holds of all rows is freed before the indexes, which need the most memory.
    """
    columns = ProviderColumns(len(layout))
    done, contents, same = 0, [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    with RecordFileWriter[Organisation](folder / "organisations") as out:
        for task, part in written:
            out.append_file(lines_file(folder, task), part.sizes)
            columns.extend(part.columns, done)
            for name, index in zip(INDEXES, indexes, strict=True):
                index.add_block(block_file(folder, name, task), len(part.sizes))
            contents.append(part.contents)
            same.append(part.same)
            done += len(part.sizes)
            progress("writing providers", done, len(layout))
    save(folder, np.concatenate(contents))
    if before is not None:
        new, file = _new_rows(before.folder, np.concatenate(same)), folder / "intake-new-rows.npy"
        np.save(file, new)
        if before.same_places:
            columns.reuse(before.folder / "columns", new)
        for name, index in zip(INDEXES, indexes, strict=True):
            index.reuse(before.folder / name, file)
    columns.save(folder / "columns", layout.square)


def _new_rows(before: Path, same: Ints) -> npt.NDArray[np.int32]:
    """The new row of each row of the snapshot `before`; -1 where it has none."""
    size = len(mapped(before / "organisations.offsets.npy")) - 1
    new = np.full(size, -1, np.int32)
    rows = np.flatnonzero(same >= 0)
    new[same[rows]] = rows
    return new


def _divided(layout: Layout, resolution: Resolution, remarks: Remarks) -> Iterator[RowBatch]:
    leader_of_row = resolution.leaders[layout.members[layout.offsets[:-1]]]
    related = np.array(sorted(resolution.related), np.int64)
    not_own = np.array(sorted(resolution.not_own), np.int64)
    for start in range(0, len(layout), _AT_ONCE):
        stop = min(start + _AT_ONCE, len(layout))
        offsets = layout.offsets[start : stop + 1]
        leaders = leader_of_row[start:stop]
        members = layout.members[offsets[0] : offsets[-1]]
        yield RowBatch(
            start,
            members,
            offsets - offsets[0],
            {
                row: resolution.related[int(leaders[row])]
                for row in np.flatnonzero(are_in(leaders, related)).tolist()
            },
            {
                row - start: tuple(remarks_on(remarks.of_row, row))
                for row in range(start, stop)
                if row in remarks.of_row
            },
            {
                record: resolution.not_own[record]
                for record in members[are_in(members, not_own)].tolist()
            },
        )
