"""Types of the arrays that modules pass to each other, and one gather of many slices."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Mask: TypeAlias = npt.NDArray[np.bool_]
AnyInts: TypeAlias = npt.NDArray[np.integer]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]


def slices(starts: AnyInts, sizes: AnyInts) -> tuple[Ints, Ints]:
    """The indices in many slices, flat: (position of the slice, index), each (sum(sizes),).

    >>> position, index = slices(np.array([7, 0]), np.array([2, 1]))
    >>> position.tolist(), index.tolist()
    ([0, 0, 1], [7, 8, 0])
    """
    position = np.repeat(np.arange(len(sizes)), sizes)
    before = np.cumsum(sizes) - sizes
    return position, np.arange(len(position)) + np.repeat(starts - before, sizes)
