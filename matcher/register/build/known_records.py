"""The keys of the records of a snapshot, so that a build over it need not read those it has too.

A record is known by what it says, whatever the day on which its source says it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints, mapped, save_joined
from matcher.register.linkage.judging import JudgedPairs
from matcher.register.linkage.key_tables import STARTS, KeyTable, one_after_the_other
from matcher.register.manifest import DAMAGE

FOLDER = "known"
"""Where a snapshot keeps the keys of its records."""
PAIRS = "pairs"
"""In this folder: what pairs of records are to each other."""
NOT_LISTED = "not_listed"
"""A column of the keys: whether each record has whole postcodes, and none of them is known."""
CONTENTS = "contents.npy"
"""In this folder: what each record says, as one number."""


@dataclass(frozen=True, slots=True)
class KnownRecords:
    """The keys of the records of a snapshot, by what the records say."""

    folder: Path
    contents: npt.NDArray[np.uint64]
    order: Ints
    keys: KeyTable

    @classmethod
    def open(cls, snapshot: Path) -> KnownRecords | None:
        """Those of a snapshot; None where it has none, or they are damaged."""
        folder = snapshot / FOLDER
        try:
            contents = mapped(folder / CONTENTS)
            order = mapped(folder / "order.npy")
            keys = KeyTable.open(folder / "keys")
        except DAMAGE:
            return None
        whole = len(contents) == len(order) == keys.size and keys.is_whole()
        whole = whole and NOT_LISTED in keys.columns  # an earlier version did not keep it
        return cls(folder, contents, order, keys) if whole else None

    def judged(self) -> JudgedPairs | None:
        """What pairs of the records are to each other; None where it is missing or damaged."""
        try:
            return JudgedPairs.open(self.folder / PAIRS)
        except DAMAGE:
            return None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the folder's path: another process maps the same files."""
        return KnownRecords.open, (self.folder.parent.absolute(),)

    def numbers_of(self, snapshot: Path, records: Ints) -> Ints:
        """(n,) the number here of each record of a new snapshot; -1 where it is not here."""
        file = mapped(snapshot / FOLDER / CONTENTS)
        new = file[records]
        if not len(self.contents):
            return np.full(len(records), -1, np.int64)
        ascending = np.argsort(new)
        new = new[ascending]
        at = np.minimum(self.contents.searchsorted(new, sorter=self.order), len(self.order) - 1)
        numbers = self.order[at].astype(np.int64)
        found = np.empty(len(records), np.int64)
        found[ascending] = np.where(self.contents[numbers] == new, numbers, -1)
        return found


def start(snapshot: Path, contents: npt.NDArray[np.uint64]) -> None:
    """Keep what each record of a new snapshot says."""
    (snapshot / FOLDER).mkdir()
    np.save(snapshot / FOLDER / CONTENTS, contents)
    order = np.argsort(contents, kind="stable").astype(np.int32)
    np.save(snapshot / FOLDER / "order.npy", order)


def contents(snapshot: Path) -> npt.NDArray[np.uint64] | None:
    """What each record of a new snapshot says; None where that was not kept."""
    path = snapshot / FOLDER / CONTENTS
    return mapped(path) if path.exists() else None


def save(snapshot: Path, parts: Sequence[Path]) -> None:
    """Keep the keys of the records of a new snapshot, from the tables of its parts."""
    (snapshot / FOLDER / "keys").mkdir()
    for file in sorted(parts[0].iterdir()):
        arrays = [mapped(part / file.name) for part in parts]
        if file.stem.endswith(STARTS):
            arrays = one_after_the_other(arrays)
        save_joined(snapshot / FOLDER / "keys" / file.name, arrays)
    for part in parts:
        shutil.rmtree(part)
