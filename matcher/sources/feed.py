"""The types that every source gives a build: a feed of records, and a progress callback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints
from matcher.core.types import Award, Payment, PlannedContract, Provider, Remark, Source, Tally

Item: TypeAlias = Provider | Award | PlannedContract | Payment | Remark
"""What a source tells: an organisation or more about one, an award, a plan, or a payment."""
Feed: TypeAlias = tuple[Tally, Iterator[Item]]
"""The tally of a source, and its records; the tally is complete once all records are read."""

Progress = Callable[[str, int, int | None], None]
"""Called with the stage, the items done, and the number of all items (None if unknown)."""


class KnownRows(Protocol):
    """The rows of tables that an earlier build read, by their digests."""

    def find(self, digests: npt.NDArray[np.uint64], day: int) -> Ints:
        """(n,) a number by which each row is known; -1 where it has to be read.

        `day` is that of their source, as an ordinal, 0 where it has none.
        """
        ...


class NoKnownRows:
    """Every row has to be read."""

    def find(self, digests: npt.NDArray[np.uint64], day: int) -> Ints:
        """(n,) -1."""
        return np.full(len(digests), -1, np.int64)


class Row(NamedTuple):
    """A row of a table that was read, and the record that is made of it."""

    record: Provider
    digest: int = 0
    """of all that the record follows from, but the day of the source; 0 where that is more"""
    turns: int = 0
    """the day, as an ordinal, after which the row says something else, 0 for none; negative where
    it says that already"""


@dataclass(slots=True)
class PartTally:
    """What was read, kept and set aside of a part of a file."""

    file: str
    """its name"""
    is_first: bool
    """whether the part is the first of the file"""
    rows: int = 0
    """how many rows it has, with blank ones"""
    read: int = 0
    kept: int = 0
    dropped: dict[str, tuple[int, int | str]] = field(default_factory=dict)
    """why records were set aside → how many, and where first: a row from 0, or in words"""

    def drop(self, reason: str, where: int | str, count: int = 1) -> None:
        """Count records set aside for `reason`."""
        before, first = self.dropped.get(reason, (0, where))
        self.dropped[reason] = before + count, first


@dataclass(frozen=True, slots=True)
class RowsRead:
    """The rows of a part of a table of which records are made."""

    before: Ints
    """(n,) the number by which each is known; -1 for the next of `rows`"""
    rows: list[Row]
    tally: PartTally


class RowPart(Protocol):
    """A part of a table; it can be pickled."""

    @property
    def source(self) -> Source:
        """The source of its records."""
        ...

    def read(self, known: KnownRows) -> RowsRead:
        """Its rows, of which those that are `known` are not read."""
        ...


class RowFeed:
    """The records of a table, each of one row, in parts that can be read side by side."""

    def __init__(self, tally: Tally, parts: Callable[[], Iterator[RowPart]]) -> None:
        self.parts = parts
        self._tally = tally
        self._rows = 0
        self._records = self._every_record()

    def count(self, part: PartTally) -> None:
        """Add what was read of the next part to the tally of the source."""
        tally = self._tally
        self._rows = 0 if part.is_first else self._rows
        tally.read += part.read
        tally.kept += part.kept
        for reason, (count, first) in part.dropped.items():
            where = f"{part.file} row {self._rows + first + 1}" if isinstance(first, int) else first
            tally.set_aside[reason] = tally.set_aside.get(reason, 0) + count
            tally.examples.setdefault(reason, where)
        self._rows += part.rows

    def _every_record(self) -> Iterator[Provider]:
        for part in self.parts():
            found = part.read(NoKnownRows())
            self.count(found.tally)
            for row in found.rows:
                yield row.record

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Provider:
        return next(self._records)
