"""The contracts in a register that buyers announced and have not tendered yet.

planned.*          every planned contract, by the day of its notice, if the sources had any
planned-buyers.npy  `matcher.register.analysis.buyer_key` of each one's buyer
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import mapped
from matcher.core.types import PlannedContract
from matcher.register.analysis import buyer_key
from matcher.register.record_file import RecordFile, write_records

NAME = "planned"
_BUYERS = "planned-buyers.npy"
_LONGEST = 2_000
"""Characters kept of a description."""


@dataclass(frozen=True)
class PlannedContracts:
    """The planned contracts of a snapshot."""

    records: RecordFile[PlannedContract]
    buyers: npt.NDArray[np.uint64]

    @classmethod
    def open(cls, folder: Path) -> PlannedContracts | None:
        """Those of the snapshot in `folder`, memory-mapped; None where it has none.

        Raises ValueError where their file is damaged.
        """
        if not (folder / f"{NAME}.jsonl").exists():
            return None
        return cls(RecordFile(folder / NAME, PlannedContract), mapped(folder / _BUYERS))

    def of(self, buyers: Iterable[int]) -> Iterator[PlannedContract]:
        """Those of the buyers with these keys, by the day of the notice."""
        sought = np.array(sorted(buyers), np.uint64)
        for number in np.flatnonzero(np.isin(self.buyers, sought)).tolist():
            yield self.records[number]


def write(folder: Path, planned: Iterable[PlannedContract]) -> int:
    """Write planned contracts into a snapshot, if there are any.  Returns how many."""
    ordered = sorted(planned, key=lambda one: (one.day, one.id))
    if ordered:
        write_records(folder / NAME, map(_shortened, ordered))
        keys = [buyer_key(one.lot.buyer) for one in ordered]
        np.save(folder / _BUYERS, np.array(keys, np.uint64))
    return len(ordered)


def _shortened(planned: PlannedContract) -> PlannedContract:
    lot = planned.lot
    return replace(planned, lot=replace(lot, description=lot.description[:_LONGEST]))
