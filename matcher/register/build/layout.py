"""The row of each organisation: rows are ordered spatially, so a local query reads one range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import distinct, run_starts, slices, starts_of
from matcher.register.build.intake import Intake
from matcher.register.build.record_keys import square_of
from matcher.register.linkage.merge import summarise
from matcher.register.linkage.resolve import Resolution
from matcher.sources.feed import Progress


@dataclass(frozen=True)
class Layout:
    """The records of the organisation on each row."""

    members: npt.NDArray[np.int64]
    """record numbers, grouped by row"""
    offsets: npt.NDArray[np.int64]
    """(rows + 1,) where each row's records start in `members`"""
    row_of_record: npt.NDArray[np.int64]
    square: npt.NDArray[np.int64]
    """(rows, 2) x and y of each row's square; -1 where no place is known"""

    @classmethod
    def of(
        cls,
        intake: Intake,
        resolution: Resolution,
        progress: Progress,
    ) -> Layout:
        """Order organisations by the Hilbert curve through their squares."""
        leaders = resolution.leaders
        by_leader = np.argsort(leaders, kind="stable")
        starts = run_starts(leaders[by_leader])
        ends = np.append(starts[1:], len(leaders))
        square = intake.keys.squares[by_leader[starts]]
        merged = np.flatnonzero(ends - starts > 1)
        for done, i in enumerate(merged):
            if done % 1000 == 0:
                progress("laying out", done, len(merged))
            records = [intake.records[r] for r in by_leader[starts[i] : ends[i]]]
            square[i] = square_of(summarise(records), intake.table)
        order = np.argsort(_along(square), kind="stable")
        size = (ends - starts)[order]
        offsets = starts_of(size)
        row, index = slices(starts[order], size)
        members = by_leader[index]
        row_of_record = np.empty(len(leaders), np.int64)
        row_of_record[members] = row
        return cls(members, offsets, row_of_record, square[order])

    def __len__(self) -> int:
        return len(self.offsets) - 1


def _along(square: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The same as `hilbert`, which is asked once about each different square."""
    code = (square[:, 0] + 1 << 32) + square[:, 1] + 1
    every = distinct(code)
    squares = np.stack([(every >> 32) - 1, (every & 0xFFFFFFFF) - 1], axis=1)
    along: npt.NDArray[np.int64] = hilbert(squares)[every.searchsorted(code)]
    return along


def hilbert(square: npt.NDArray[np.int64], bits: int = 8) -> npt.NDArray[np.int64]:
    """(n,) the position of each square (n, 2) on a Hilbert curve; no square (-1) comes last."""
    x, y = np.maximum(square[:, 0], 0).copy(), np.maximum(square[:, 1], 0).copy()
    along = np.zeros(len(x), np.int64)
    side = 1 << (bits - 1)
    while side:
        right, up = (x & side) > 0, (y & side) > 0
        along += side * side * ((3 * right) ^ up)
        flip = ~up & right
        x, y = np.where(flip, 2 * side - 1 - x, x), np.where(flip, 2 * side - 1 - y, y)
        x, y = np.where(up, x, y) % (2 * side), np.where(up, y, x) % (2 * side)
        side >>= 1
    return np.where(square[:, 0] < 0, np.int64(1) << (2 * bits + 1), along)
