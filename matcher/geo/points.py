"""Points on the grid, found by numeric key, in arrays that open memory-mapped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.core.arrays import mapped
from matcher.core.errors import RegisterError
from matcher.geo.national_grid import Metres

Keys: TypeAlias = NDArray[np.uint64]
Numbers: TypeAlias = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Points:
    """Points with ascending `keys`; `east` and `north` in metres; number of `council`; all (n,)."""

    keys: Keys
    east: Metres
    north: Metres
    council: Numbers

    @classmethod
    def open(cls, folder: Path, stem: str) -> Points:
        """Open the arrays saved as `stem` in `folder`.  Raises RegisterError if unreadable."""
        return cls(*(_mapped(folder / f"{stem}-{part}.npy") for part in cls.__slots__))

    def save(self, folder: Path, stem: str) -> None:
        """Write the arrays into `folder` as `stem`."""
        for part in self.__slots__:
            np.save(folder / f"{stem}-{part}.npy", getattr(self, part), allow_pickle=False)

    def find(self, key: int) -> int:
        """The row of `key`, or -1 where there is none."""
        row = int(self.keys.searchsorted(np.uint64(key)))
        return row if row < len(self.keys) and int(self.keys[row]) == key else -1

    def find_many(self, keys: Keys) -> NDArray[np.intp]:
        """(n,) the row of each of `keys`, or -1 where there is none."""
        rows = np.minimum(self.keys.searchsorted(keys), len(self.keys) - 1)
        return np.where(self.keys[rows] == keys, rows, -1)

    def centres(self, keys: Keys) -> Points:
        """The median point and most common council of each distinct key in `keys` (n,)."""
        order = np.argsort(keys, kind="stable")
        distinct, starts = np.unique(keys[order], return_index=True)
        groups = np.split(order, starts[1:])
        return Points(
            distinct,
            np.array([np.median(self.east[rows]) for rows in groups], np.int32),
            np.array([np.median(self.north[rows]) for rows in groups], np.int32),
            np.array([np.bincount(self.council[rows]).argmax() for rows in groups], np.uint16),
        )


def _mapped(path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = mapped(path)
    except (OSError, ValueError) as error:
        raise RegisterError(f"{path} cannot be read: compile the table again") from error
    return array
