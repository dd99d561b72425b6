"""Rank positions: how many candidates have a greater value than each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats, Mask
from models import exact

Values: TypeAlias = npt.NDArray[np.floating]


Number = TypeVar("Number", bound=np.number)


_FINE = 1e5
"""How finely values are compared where candidates are put in order."""


@dataclass(frozen=True, slots=True)
class RankPositions:
    """Candidates put in order by each of several values; those of equal value stand together."""

    order: npt.NDArray[np.int64]
    """(values, n) positions, the greatest value first"""
    first: npt.NDArray[np.int64]
    """(values, n) for each place in a line, where those of its value begin"""

    @classmethod
    def of(cls, values: Values) -> RankPositions:
        """The lines of `values`, (values, n); those that differ by mere rounding are equal."""
        near = np.rint(values * -_FINE).astype(np.int32)
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

    def some(self, lines: Sequence[int]) -> RankPositions:
        """Those of the lines, by number."""
        return RankPositions(self.order[lines], self.first[lines])

    def _each(self, count: npt.NDArray[np.int64]) -> Floats:
        logarithms = exact.log1p(np.arange(count.shape[1] + 1)).astype(np.float32)
        found = np.empty(count.shape, np.float32)
        found.ravel()[_flat(self.order)] = logarithms[count]
        return found


def _flat(columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where the places `columns`, (rows, n), of each row stand in the whole, row after row."""
    flat: npt.NDArray[np.int64] = columns + (np.arange(len(columns)) * columns.shape[1])[:, None]
    return flat


def _picked(values: npt.NDArray[Number], columns: npt.NDArray[np.int64]) -> npt.NDArray[Number]:
    """(rows, n) of each row of `values` those at `columns`."""
    return values.ravel()[_flat(columns)]
