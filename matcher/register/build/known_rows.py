"""The rows of tables from which a snapshot's records were made, so that a build need not read them.

A row is known by its digest.  It stands for the same record while the code that reads it is the
same, the same organisations are suppressed, people say the same of numbers that are not a record's
own, and the day of its source does not change what it says.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints, mapped
from matcher.core.types import Organisation
from matcher.register.build.known_records import CONTENTS
from matcher.register.build.known_records import FOLDER as KNOWN
from matcher.register.build.suppression_list import Suppressions, digest_of
from matcher.register.manifest import DAMAGE
from matcher.register.record_file import RecordFile

FOLDER = "rows"
"""Where a snapshot keeps them, beside what its records say."""
_TOLD = "told.json"
_ARRAYS = {"turns": np.int32, "rows": np.int32, "digests": np.uint64, "order": np.int32}
_NOT_ALONE = -1
"""In place of the row of an organisation that has more to it than the record."""


@dataclass(frozen=True, slots=True)
class RowsBefore:
    """The rows of the tables that a snapshot was built from, by the numbers of its records."""

    snapshot: Path
    contents: npt.NDArray[np.uint64]
    """what each record says"""
    turns: npt.NDArray[np.int32]
    """as `matcher.sources.feed.Row` has it"""
    rows: npt.NDArray[np.int32]
    """the row of each organisation that is the record alone; _NOT_ALONE for other records"""
    digests: npt.NDArray[np.uint64]
    """ascending: of each record's row; 0 where that is not all that the record follows from"""
    order: npt.NDArray[np.int32]
    """the record of each digest"""

    @classmethod
    def open(
        cls, snapshot: Path, suppressed: Suppressions, own_ids: frozenset[str] = frozenset()
    ) -> RowsBefore | None:
        """Those of a snapshot; None where it has none, it is damaged, or people said otherwise.

        `own_ids` are those that records get in place of a number that is another organisation's.
        """
        try:
            said = (snapshot / KNOWN / FOLDER / _TOLD).read_text()
            RecordFile(snapshot / "organisations", Organisation)
            return cls._of(snapshot) if json.loads(said) == _digest(suppressed, own_ids) else None
        except DAMAGE:
            return None

    @classmethod
    def _of(cls, snapshot: Path) -> RowsBefore:
        """Those of a snapshot.  Raises an error of `manifest.DAMAGE` where they are damaged."""
        contents = mapped(snapshot / KNOWN / CONTENTS)
        arrays = {name: mapped(snapshot / KNOWN / FOLDER / f"{name}.npy") for name in _ARRAYS}
        for name, kind in _ARRAYS.items():
            if arrays[name].dtype != kind or arrays[name].shape != contents.shape:
                raise ValueError(f"{name}.npy is not of the records of the snapshot")
        return cls(snapshot, contents, **arrays)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the folder's path: another process maps the same files."""
        return RowsBefore._of, (self.snapshot.absolute(),)

    def find(self, digests: npt.NDArray[np.uint64], day: int) -> Ints:
        """(n,) where in `digests` and `order` each row is; -1 where it has to be read.

        `day` is that of their source, as an ordinal, 0 where it has none.
        """
        ascending = np.argsort(digests)
        sought = digests[ascending]
        at = np.minimum(self.digests.searchsorted(sought), len(self.digests) - 1)
        numbers = self.order[at].astype(np.int64)
        turns = self.turns[numbers].astype(np.int64)
        has_turned = (turns != 0) & (abs(turns) < day)
        is_known = (self.digests[at] == sought) & (sought != 0) & (self.rows[numbers] >= 0)
        found = np.empty(len(digests), np.int64)
        found[ascending] = np.where(is_known & (has_turned == (turns < 0)), at, -1)
        return found


class RowsNow:
    """The rows of which the records of a new snapshot are made, by the numbers of the records."""

    def __init__(self) -> None:
        self._digests, self._turns = array("Q"), array("i")

    def add_none(self) -> None:
        """Add that the next record is made of more than a row."""
        self._digests.append(0)
        self._turns.append(0)

    def extend(self, digests: npt.NDArray[np.uint64], turns: npt.NDArray[np.int32]) -> None:
        """Add the rows of the next records."""
        self._digests.frombytes(digests.tobytes())
        self._turns.frombytes(turns.tobytes())

    def save(self, snapshot: Path, suppressed: Suppressions, own_ids: frozenset[str]) -> None:
        """Write them into a new snapshot."""
        folder = snapshot / KNOWN / FOLDER
        folder.mkdir()
        digests = np.array(self._digests, np.uint64)
        order = np.argsort(digests, kind="stable").astype(np.int32)
        np.save(folder / "digests.npy", digests[order])
        np.save(folder / "order.npy", order)
        np.save(folder / "turns.npy", np.array(self._turns, np.int32))
        (folder / _TOLD).write_text(json.dumps(_digest(suppressed, own_ids)))


def place(
    snapshot: Path,
    row_of_record: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    changed: Iterable[int],
) -> None:
    """Note where the snapshot has each record as the only one of an organisation, and unchanged.

    `changed` are rows with remarks or another id; `offsets` (rows + 1,) are where each row's
    records start in the layout.
    """
    alone = np.diff(offsets) == 1
    alone[list(changed)] = False
    rows = np.where(alone[row_of_record], row_of_record, _NOT_ALONE)
    np.save(snapshot / KNOWN / FOLDER / "rows.npy", rows.astype(np.int32))


def _digest(suppressed: Suppressions, own_ids: frozenset[str]) -> str:
    return digest_of("\n".join(sorted(suppressed.marks | own_ids)))
