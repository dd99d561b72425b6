"""The rows of tables from which a snapshot's records were made, so that a build need not read them.

A row is known by its digest.  It stands for the same record while the code that reads it is the
same, the same organisations are suppressed, and the day of its source does not change what it says.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.types import Organisation, Source
from matcher.register.build.known_records import CONTENTS
from matcher.register.build.known_records import FOLDER as KNOWN
from matcher.register.build.suppression_list import Suppressions, digest_of
from matcher.register.manifest import DAMAGE
from matcher.register.record_file import RecordFile

FOLDER = "rows"
"""Where a snapshot keeps them, beside what its records say."""
_SUPPRESSED = "suppressed.json"
_ARRAYS = {"digests": np.uint64, "turns": np.int32, "order": np.int32, "rows": np.int32}
_NOT_ALONE = -1
"""In place of the row of an organisation that has more to it than the record."""
_READ_AT_ONCE = 4_000
"""Lines of the snapshot before that are read before the system may free their memory: they lie
anywhere in its file, and some 64 KB are mapped around each."""
_RECORDS, _RELATED = b',"records":[', b'],"related":['
_DAY, _LICENCE = b',"day":', b',"licence":"'
"""What stands before the only record of an organisation, after it, and around the day of its
source.  No text has these, because quotes in it are escaped."""


@dataclass(slots=True)
class RowsBefore:
    """The rows of the tables that a snapshot was built from, by the numbers of its records.

    Tables keep their order from month to month, so a row is first sought after the last.
    """

    contents: Sequence[int]
    """what each record says"""
    digests: Sequence[int]
    """of each record's row; 0 where that is not all that the record follows from"""
    turns: Sequence[int]
    """as `matcher.sources.feed.Row` has it"""
    _order: Sequence[int]
    _rows: Sequence[int]
    _organisations: RecordFile[Organisation]
    _next: int = field(default=0, init=False)
    _taken: int = field(default=0, init=False)

    @classmethod
    def open(cls, snapshot: Path, suppressed: Suppressions) -> RowsBefore | None:
        """Those of a snapshot; None where it has none, it is damaged, or others are suppressed."""
        folder = snapshot / KNOWN / FOLDER
        try:
            if json.loads((folder / _SUPPRESSED).read_text()) != _digest(suppressed):
                return None
            contents = _mapped(snapshot / KNOWN / CONTENTS)
            arrays = {name: _mapped(folder / f"{name}.npy") for name in _ARRAYS}
            organisations = RecordFile(snapshot / "organisations", Organisation)
        except DAMAGE:
            return None
        for name, kind in _ARRAYS.items():
            if arrays[name].dtype != kind or arrays[name].shape != contents.shape:
                return None
        parts: list[Any] = [memoryview(array) for array in (contents, *arrays.values())]
        return cls(*parts, *[organisations])

    def find(self, digest: int, day: int) -> int:
        """The number of the record that was made of a row; -1 where it has to be read.

        `day` is that of its source, as an ordinal, 0 where it has none.
        """
        at = self._next
        if at >= len(self.digests) or self.digests[at] != digest:
            place = bisect_left(self._order, digest, key=self.digests.__getitem__)
            at = self._order[place] if place < len(self._order) else -1
            if at < 0 or self.digests[at] != digest:
                self._next += 1
                return -1
        self._next = at + 1
        turns = self.turns[at]
        has_turned = 0 < abs(turns) < day
        return at if self._rows[at] >= 0 and has_turned == (turns < 0) else -1

    def line(self, number: int, source: Source) -> bytes:
        """The JSON of a record that `find` gave, with the day of `source`, and a line end."""
        self._taken += 1
        if self._taken % _READ_AT_ONCE == 0:
            self._organisations.free()
        line = self._organisations.line(self._rows[number])
        start = line.index(_RECORDS) + len(_RECORDS)
        day = line.index(_DAY, start) + len(_DAY)
        after = line.index(_LICENCE, day)
        stop = line.index(_RELATED, after)
        return b"".join((line[start:day], _written(source), line[after:stop], b"\n"))


@lru_cache(64)
def _written(source: Source) -> bytes:
    return msgspec.json.encode(source.day)


class RowsNow:
    """The rows of which the records of a new snapshot are made, by the numbers of the records."""

    def __init__(self) -> None:
        self._digests, self._turns = array("Q"), array("i")

    def add(self, digest: int, turns: int) -> None:
        """Add the row of the next record; 0 and 0 where it is made of more than a row."""
        self._digests.append(digest)
        self._turns.append(turns)

    def save(self, snapshot: Path, suppressed: Suppressions) -> None:
        """Write them into a new snapshot."""
        folder = snapshot / KNOWN / FOLDER
        folder.mkdir()
        digests = np.array(self._digests, np.uint64)
        np.save(folder / "digests.npy", digests)
        np.save(folder / "turns.npy", np.array(self._turns, np.int32))
        np.save(folder / "order.npy", np.argsort(digests, kind="stable").astype(np.int32))
        (folder / _SUPPRESSED).write_text(json.dumps(_digest(suppressed)))


def place(
    snapshot: Path,
    row_of_record: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    with_remarks: Iterable[int],
) -> None:
    """Note where the snapshot has each record as the only one of an organisation without remarks.

    `offsets` (rows + 1,) are where each row's records start in the layout.
    """
    alone = np.diff(offsets) == 1
    alone[list(with_remarks)] = False
    rows = np.where(alone[row_of_record], row_of_record, _NOT_ALONE)
    np.save(snapshot / KNOWN / FOLDER / "rows.npy", rows.astype(np.int32))


def _digest(suppressed: Suppressions) -> str:
    return digest_of("\n".join(sorted(suppressed.marks)))


def _mapped(path: Path) -> Any:  # noqa: ANN401 - numpy decides the type
    return np.load(path, mmap_mode="r", allow_pickle=False)
