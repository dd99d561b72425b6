"""Rank positions: how many candidates have a greater value than each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats, Mask
from models import exact

Values: TypeAlias = npt.NDArray[np.floating]


Number = TypeVar("Number", bound=np.number)


_FINE = 1e5
"""Values are compared in steps of one over this."""


@dataclass(frozen=True, slots=True)
class RankPositions:
    """Candidates sorted by each of several values; equal values share a position."""

    order: npt.NDArray[np.int64]
    """(values, n) positions, the greatest value first"""
    first: npt.NDArray[np.int64]
    """(values, n) for each position, where the run of equal values begins"""

    @classmethod
    def of(cls, values: Values) -> RankPositions:
        """The positions by `values`, (values, n); values that differ only by rounding are equal."""
        steps = np.rint(values * -_FINE)
        small = not steps.size or np.abs(steps).max() < np.iinfo(np.int32).max
        near = steps.astype(np.int32 if small else np.int64)
        order = np.argsort(near, axis=1)
        ranked = _picked(near, order)
        first = np.zeros(near.shape, np.int64)
        first[:, 1:] = np.arange(1, near.shape[1]) * (ranked[:, 1:] != ranked[:, :-1])
        return cls(order, np.maximum.accumulate(first, axis=1, out=first))

    def ahead(self) -> Floats:
        """(values, n) how many have a greater value, as the logarithm of one more."""
        return self._each(self.first)

    def ahead_of(self, some: Mask) -> Floats:
        """(values, n) how many of `some` have a greater value, as the logarithm of one more."""
        here = some[self.order]
        before: npt.NDArray[np.int64] = np.cumsum(here, axis=1) - here
        return self._each(_picked(before, self.first))

    def subset(self, values: Sequence[int]) -> RankPositions:
        """The positions by some of the values only."""
        at = list(values)
        return RankPositions(self.order[at], self.first[at])

    def _each(self, count: npt.NDArray[np.int64]) -> Floats:
        values = np.empty(count.shape, np.float32)
        values.ravel()[_flat(self.order)] = _logarithms(count.shape[1] + 1)[count]
        return values


@lru_cache(256)
def _logarithms(most: int) -> Floats:
    """(most,) the logarithm of each number and one."""
    return exact.log1p(np.arange(most)).astype(np.float32)


def _flat(columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Indices `columns`, (rows, n), of each row as indices into the flattened array."""
    flat: npt.NDArray[np.int64] = columns + (np.arange(len(columns)) * columns.shape[1])[:, None]
    return flat


def _picked(values: npt.NDArray[Number], columns: npt.NDArray[np.int64]) -> npt.NDArray[Number]:
    """(rows, n) of each row of `values` those at `columns`."""
    return values.ravel()[_flat(columns)]
