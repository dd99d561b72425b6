"""Types of the arrays that modules pass to each other, and what they do with them."""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

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


def distinct(numbers: Ints) -> Ints:
    """The different numbers, ascending; `np.unique` hashes them, which takes many times as long.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ascending = np.sort(numbers)
    return ascending[run_starts(ascending)]


def are_in(numbers: AnyInts, ascending: AnyInts) -> Mask:
    """(n,) whether each of `numbers` is one of those that ascend.

    >>> are_in(np.array([3, 1, 4]), np.array([1, 3, 3])).tolist()
    [True, True, False]
    """
    return places_in(numbers, ascending) >= 0


def places_in(numbers: AnyInts, ascending: AnyInts) -> Ints:
    """(n,) where each of `numbers` is among those that ascend; -1 where it is not.

    >>> places_in(np.array([3, 1, 4]), np.array([1, 3, 3])).tolist()
    [1, 0, -1]
    >>> places_in(np.array([2**32 + 3]), np.array([3], np.int32)).tolist()
    [-1]
    """
    if not len(ascending):
        return np.full(len(numbers), -1, np.int64)
    sought = numbers.astype(ascending.dtype, copy=False)  # or numpy would copy all that ascend
    at = np.minimum(ascending.searchsorted(sought), len(ascending) - 1)
    return np.where(ascending[at] == numbers, at, -1)


def starts_of(sizes: AnyInts) -> Ints:
    """(n + 1,) where each of n runs starts that lie one after the other, and where the last ends.

    >>> starts_of(np.array([2, 0, 3])).tolist()
    [0, 2, 2, 5]
    """
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])


def run_starts(numbers: AnyInts) -> Ints:
    """Where each run of equal numbers begins.

    >>> run_starts(np.array([1, 1, 4, 2, 2])).tolist(), run_starts(np.array([], int)).tolist()
    ([0, 2, 3], [])
    """
    begins = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return begins.nonzero()[0]


def first_of_each(values: Ints) -> Ints:
    """The different values, in the order in which each comes first.

    >>> first_of_each(np.array([7, 2, 7, 5, 2])).tolist()
    [7, 2, 5]
    """
    _, first = np.unique(values, return_index=True)
    return values[np.sort(first)]


def mapped(path: Path) -> Any:  # noqa: ANN401 - numpy decides the type
    """The array in a .npy file, memory-mapped and read-only.

    It is a plain array, which is faster to slice than numpy's own of a file, and to open.  Raises
    OSError, ValueError or another error of numpy's for a file that is not one.
    """
    with path.open("rb") as file:
        if np.lib.format.read_magic(file) != (1, 0):
            return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
        shape, by_column, kind = np.lib.format.read_array_header_1_0(file)
        if kind.hasobject:
            raise ValueError(f"{path.name} holds Python objects, which run code when they are read")
        if not (size := math.prod(shape)):
            return np.zeros(shape, kind)
        held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        flat = np.frombuffer(held, kind, size, file.tell())
    return flat.reshape(shape, order="F" if by_column else "C")


def save_joined(path: Path, arrays: Sequence[npt.NDArray[Any]]) -> None:
    """Write arrays of one type, one after the other, as one .npy file.

    They may be memory-mapped: no more than one of them is in memory.
    """
    shape = (sum(map(len, arrays)), *arrays[0].shape[1:])
    with path.open("wb") as out:
        head = {"descr": arrays[0].dtype.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(out, head)
        for array in arrays:
            out.write(array.tobytes())
