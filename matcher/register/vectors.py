"""The vectors of a register's awards and providers, made by the embedder of one bundle."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats, mapped, places_in, starts_of
from matcher.register.rows import Rows

FOLDER = "vectors"
"""Where a snapshot keeps them."""
ARRAYS = ("awards", "names", "profiles", "profile_rows")


@dataclass(frozen=True, slots=True)
class Vectors:
    """Unit vectors of `d` numbers; zero where the embedder knows no word of a text.

    Only providers with a profile have a profile vector.
    """

    awards: Floats
    """(awards, d)"""
    names: Floats
    """(rows, d)"""
    profiles: Floats
    """(rows with a profile, d)"""
    profile_rows: npt.NDArray[np.int32]
    """the rows of `profiles`, ascending"""

    folder: Path | None = field(default=None, compare=False)
    """where the arrays are mapped from; None where they are in memory"""

    @classmethod
    def open(cls, folder: Path) -> Vectors:
        """The arrays in `folder`, memory-mapped."""
        arrays: dict[str, Any] = {name: mapped(folder / f"{name}.npy") for name in ARRAYS}
        return cls(**arrays, folder=folder)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the folder's path: another process maps the same files."""
        if self.folder is not None:
            return Vectors.open, (self.folder.absolute(),)
        return Vectors, tuple(getattr(self, name) for name in ARRAYS)

    def save(self, folder: Path) -> None:
        """Write the arrays into `folder`, where `open` finds them."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    def names_like(self, vector: Floats, rows: Rows) -> Floats:
        """(rows,) the cosine similarity of each row's name and `vector`."""
        return rows.products(self.names, vector)

    def profiles_like(self, vector: Floats, rows: Rows) -> Floats:
        """(rows,) the cosine similarity of each row's profile and `vector`; 0 without a profile."""
        similar = np.zeros(len(rows), np.float32)
        stored = self.profile_rows
        starts, stops = stored.searchsorted(np.stack([rows.starts, rows.stops]).astype(np.int32))
        shift = starts_of(rows.stops - rows.starts)
        for run, (a, b) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
            similar[stored[a:b] - rows.starts[run] + shift[run]] = self.profiles[a:b] @ vector
        if len(rows.singles):
            at = places_in(rows.singles, stored)
            with_profile = np.flatnonzero(at >= 0)
            profiles = self.profiles.take(at[with_profile], axis=0)
            similar[shift[-1] + with_profile] = profiles @ vector
        return similar
