"""Sets of register rows, and the best of many values by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import AnyInts, Floats

Value = TypeVar("Value", bound=np.generic)


Draw: TypeAlias = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.integer]]
"""Positions → a number each, by which equals are put in order."""


_GROUP = 32
"""How many rows are looked at by their best alone where the best of all are sought."""


@dataclass(frozen=True)
class Rows:
    """Some rows of a register: a few stretches `[start, stop)` and some single rows.

    Rows are numbered through in the order of `numbers()`; arrays of "one value a row" that
    this module returns follow that order.
    """

    starts: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    singles: npt.NDArray[np.int64]

    @classmethod
    def span(cls, start: int, stop: int) -> Rows:
        """All rows from `start` up to but not including `stop`."""
        none = np.empty(0, np.int64)
        return cls(np.array([start], np.int64), np.array([stop], np.int64), none)

    def __len__(self) -> int:
        return int((self.stops - self.starts).sum()) + len(self.singles)

    def numbers(self) -> npt.NDArray[np.int64]:
        """The row numbers."""
        runs = [np.arange(a, b) for a, b in zip(self.starts, self.stops, strict=True)]
        return np.concatenate([*runs, self.singles])

    @property
    def scattered(self) -> bool:
        """Whether they are more than one stretch."""
        return len(self.starts) != 1 or bool(len(self.singles))

    def take(self, values: npt.NDArray[Value]) -> npt.NDArray[Value]:
        """The value of each row, out of one value a row of the whole register."""
        if not self.scattered:
            return values[self.starts[0] : self.stops[0]]
        runs = [values[a:b] for a, b in zip(self.starts, self.stops, strict=True)]
        return np.concatenate([*runs, values[self.singles]])

    def positions(self, numbers: AnyInts) -> npt.NDArray[np.int64]:
        """Where each of `numbers` stands among these rows; -1 where it is not one of them."""
        if not self.scattered:
            start, stop = self.starts[0], self.stops[0]
            inside = (numbers >= start) & (numbers < stop)
            return np.where(inside, numbers - start, -1)
        places = self._places
        return places[np.minimum(numbers, len(places) - 1)].astype(np.int64)

    @cached_property
    def _places(self) -> npt.NDArray[np.int32]:
        """Row number → where it stands among these rows, -1 for none, as for all after the last."""
        numbers = self.numbers()
        places = np.full(int(numbers.max(initial=-1)) + 2, -1, np.int32)
        places[numbers] = np.arange(len(numbers), dtype=np.int32)
        return places


def best(scores: Floats, size: int, draw: Draw, floor: float = 0.0) -> npt.NDArray[np.int64]:
    """Positions of the `size` highest scores above `floor`, in no order.

    Where the cut falls among equals, the `draw` (positions → a number each) decides, so that
    the order in which rows are stored decides nothing.
    """
    above = _well_above(scores, size, floor)
    if len(above) <= size:
        return above
    values = scores[above]
    cut = np.partition(values, len(values) - size)[len(values) - size]
    sure, tied = above[values > cut], above[values == cut]
    lucky = tied
    if len(sure) + len(tied) > size:
        lucky = tied[np.argsort(draw(tied), kind="stable")[: size - len(sure)]]
    return np.concatenate([sure, lucky])


def _well_above(scores: Floats, size: int, floor: float) -> npt.NDArray[np.int64]:
    """Positions above `floor` that hold the `size` highest scores and all equals of the last.

    Where `size` of the groups hold a score at least so high, no lower one is wanted: few are
    left to be put in order, whatever the number of rows.
    """
    groups = scores[: len(scores) - len(scores) % _GROUP].reshape(_GROUP, -1).max(axis=0)
    if len(groups) >= size > 0:
        least = np.partition(groups, len(groups) - size)[len(groups) - size]
        if least > floor:
            return np.flatnonzero(scores >= least)
    return np.flatnonzero(scores > floor)
