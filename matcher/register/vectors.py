"""The vectors that one bundle's embedder made of a register's awards and providers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats
from matcher.register.inverted_index import mapped
from matcher.register.rows import Rows

ARRAYS = ("awards", "names", "profiles", "profile_rows")


@dataclass(frozen=True, slots=True)
class Vectors:
    """Unit vectors of `d` numbers, or zero where nothing was understood.

    Only rows that say what they do have a profile vector.
    """

    awards: Floats
    """(awards, d)"""
    names: Floats
    """(rows, d)"""
    profiles: Floats
    """(rows with a profile, d)"""
    profile_rows: npt.NDArray[np.int32]
    """the rows of `profiles`, ascending"""

    @classmethod
    def open(cls, folder: Path) -> Vectors:
        """The arrays in `folder`, memory-mapped."""
        return cls(*(mapped(folder / f"{name}.npy") for name in ARRAYS))

    def save(self, folder: Path) -> None:
        """Write the arrays into `folder`, where `open` finds them."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    def names_like(self, vector: Floats, rows: Rows) -> Floats:
        """(rows,) how near each row's name lies to `vector`: the cosine."""
        return rows.take(self.names) @ vector

    def profiles_like(self, vector: Floats, rows: Rows) -> Floats:
        """(rows,) how near each row's profile lies to `vector`; 0 where it has none."""
        near = np.zeros(len(rows), np.float32)
        held = self.profile_rows
        starts, stops = held.searchsorted(np.stack([rows.starts, rows.stops]).astype(np.int32))
        shift = np.concatenate([[0], np.cumsum(rows.stops - rows.starts)])
        for run, (a, b) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
            near[held[a:b] - rows.starts[run] + shift[run]] = self.profiles[a:b] @ vector
        if len(rows.singles) and len(held):
            at = np.minimum(held.searchsorted(rows.singles.astype(np.int32)), len(held) - 1)
            found = np.flatnonzero(held[at] == rows.singles)
            near[shift[-1] + found] = self.profiles[at[found]] @ vector
        return near
