"""Sets of register rows, and the best of one value a row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import AnyInts, Floats

Value = TypeVar("Value", bound=np.generic)
TieKeys: TypeAlias = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.integer]]
"""Positions → the tie keys there; of equal scores, those with the lowest keys come first."""
_SMALL = 4096
"""Up to this many rows, one gather is faster than a copy of each range."""
_GROUP, _GROUPS = 32, 8192
"""The fewest rows in a group, of which `_candidates` first compares only the best scores, and the
most groups: more take longer to compare, and with fewer, more rows are left."""


@dataclass(frozen=True)
class Rows:
    """Some rows of a register: a few ranges `[start, stop)` and some single rows.

    Their order is that of `numbers()`; so is that of arrays with one value for each row.
    """

    starts: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    singles: npt.NDArray[np.int64]

    @classmethod
    @lru_cache(16)
    def span(cls, start: int, stop: int) -> Rows:
        """All rows from `start` up to but not including `stop`."""
        none = np.empty(0, np.int64)
        return cls(np.array([start], np.int64), np.array([stop], np.int64), none)

    def __len__(self) -> int:
        return self._size

    @cached_property
    def _size(self) -> int:
        return int((self.stops - self.starts).sum()) + len(self.singles)

    def numbers(self) -> npt.NDArray[np.int64]:
        """The row numbers."""
        return self._numbers

    @cached_property
    def _numbers(self) -> npt.NDArray[np.int64]:
        runs = [np.arange(a, b) for a, b in zip(self.starts, self.stops, strict=True)]
        numbers = np.concatenate([*runs, self.singles])
        numbers.flags.writeable = False
        return numbers

    @cached_property
    def scattered(self) -> bool:
        """Whether they are not exactly one range."""
        return len(self.starts) != 1 or bool(len(self.singles))

    def take(self, values: npt.NDArray[Value]) -> npt.NDArray[Value]:
        """The values of these rows; `values` has one for each row of the register."""
        if not self.scattered:
            return values[self.starts[0] : self.stops[0]]
        if len(self) <= _SMALL:
            return values.take(self.numbers(), axis=0)
        runs = [values[a:b] for a, b in zip(self.starts, self.stops, strict=True)]
        return np.concatenate([*runs, values[self.singles]])

    def products(self, matrix: Floats, vector: Floats) -> Floats:
        """(rows,) the product of each of these rows of `matrix`, one a row, and `vector`.

        As `take(matrix) @ vector`, without a copy of what may be most of the matrix.
        """
        if len(self) <= _SMALL or not self.scattered:
            return self.take(matrix) @ vector
        runs = [matrix[a:b] @ vector for a, b in zip(self.starts, self.stops, strict=True)]
        return np.concatenate([*runs, matrix.take(self.singles, axis=0) @ vector])

    def positions(self, numbers: AnyInts) -> AnyInts:
        """The position of each of `numbers` among these rows; -1 where it is not one of them."""
        if not self.scattered:
            start, stop = self.starts[0], self.stops[0]
            inside = (numbers >= start) & (numbers < stop)
            return np.where(inside, numbers - start, -1)
        found = self._positions.take(numbers, mode="clip")
        if numbers.min(initial=0) < 0:
            found[numbers < 0] = -1
        return found

    @cached_property
    def _positions(self) -> npt.NDArray[np.int32]:
        """Row number → its position among these rows, or -1; the last -1 is for higher numbers."""
        highest = max(self.stops.max(initial=0) - 1, self.singles.max(initial=-1))
        positions = np.full(int(highest) + 2, -1, np.int32)
        order = np.arange(len(self), dtype=np.int32)
        first = 0
        for start, stop in zip(self.starts.tolist(), self.stops.tolist(), strict=True):
            positions[start:stop] = order[first : first + stop - start]
            first += stop - start
        positions[self.singles] = order[first:]
        return positions


@dataclass(frozen=True, slots=True)
class RowScores:
    """The scores of a few rows, by their positions; every other row has 0."""

    positions: npt.NDArray[np.int64]
    """(few,) ascending and distinct"""
    scores: Floats
    """(few,)"""

    def of(self, asked: npt.NDArray[np.int64]) -> Floats:
        """(asked,) the score of each position, in any order."""
        if not len(self.positions):
            return np.zeros(len(asked), np.float32)
        at = np.minimum(self.positions.searchsorted(asked), len(self.positions) - 1)
        return np.where(self.positions[at] == asked, self.scores[at], np.float32(0))

    def best(self, size: int, tie_keys: TieKeys) -> npt.NDArray[np.int64]:
        """As `best` finds of all rows."""
        return self.positions[best(self.scores, size, lambda at: tie_keys(self.positions[at]))]


def best(scores: Floats, size: int, tie_keys: TieKeys, floor: float = 0.0) -> npt.NDArray[np.int64]:
    """Positions of the `size` highest scores above `floor`, in any order.

    Of equal scores, those with the lowest `tie_keys` are taken, whatever the order of the rows.
    """
    above = _candidates(scores, size, floor)
    if len(above) <= size:
        return above
    values = scores[above]
    lowest = np.partition(values, len(values) - size)[len(values) - size]
    higher, tied = above[values > lowest], above[values == lowest]
    if len(higher) + len(tied) > size:
        tied = tied[np.argsort(tie_keys(tied), kind="stable")[: size - len(higher)]]
    return np.concatenate([higher, tied])


def among_best(
    scores: Floats, size: int, tie_keys: TieKeys, at: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """(n,) whether each position in `at` is one of `best(scores, size, tie_keys)`."""
    asked: Floats = scores[at]
    above = np.sort(asked[asked > 0])
    among = bisect_left(above, True, key=lambda one: int(np.count_nonzero(scores > one)) < size)
    if among == len(above):
        return np.zeros(len(at), bool)
    if np.count_nonzero(scores >= above[among]) > size:
        chosen = np.zeros(len(scores), bool)
        chosen[best(scores, size, tie_keys)] = True
        marked: npt.NDArray[np.bool_] = chosen[at]
        return marked
    found: npt.NDArray[np.bool_] = asked >= above[among]
    return found


def _candidates(scores: Floats, size: int, floor: float) -> npt.NDArray[np.int64]:
    """Positions above `floor` that include the `size` highest scores and all equal to the last.

    If `size` groups have a score of at least `least`, lower scores are not among the highest.
    This leaves few to sort, however many rows there are.
    """
    group = max(_GROUP, len(scores) // _GROUPS)
    whole = len(scores) - len(scores) % group
    if whole // group >= size > 0:
        table = scores[:whole].reshape(group, -1)
        groups = table.max(axis=0)
        least = np.partition(groups, len(groups) - size)[len(groups) - size]
        if least > floor:
            column = np.flatnonzero(groups >= least)
            at, of = np.nonzero(table[:, column] >= least)
            rest = whole + np.flatnonzero(scores[whole:] >= least)
            return np.sort(np.concatenate([at * len(groups) + column[of], rest]))
    return np.flatnonzero(scores > floor)
