"""The types that every source gives a build: a feed of records, and a progress callback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol, Self, TypeAlias

from matcher.core.types import Award, Payment, PlannedContract, Provider, Remark, Source, Tally

Item: TypeAlias = Provider | Award | PlannedContract | Payment | Remark
"""What a source tells: an organisation or more about one, an award, a plan, or a payment."""
Feed: TypeAlias = (
    tuple[Tally, Iterator[Provider]]
    | tuple[Tally, Iterator[Award]]
    | tuple[Tally, Iterator[Award | PlannedContract]]
    | tuple[Tally, Iterator[Payment]]
    | tuple[Tally, Iterator[Remark]]
    | tuple[Tally, Iterator[Item]]
)
"""The tally of a source, and its records; the tally is complete once all records are read."""

Progress = Callable[[str, int, int | None], None]
"""Called with the stage, the items done, and the number of all items (None if unknown)."""


class KnownRows(Protocol):
    """The rows of tables that an earlier build read, by their digests."""

    def find(self, digest: int, day: int) -> int:
        """The number of the record that was made of a row; -1 where it has to be read.

        `day` is that of its source, as an ordinal, 0 where it has none.
        """
        ...


class NoKnownRows:
    """Every row has to be read."""

    def find(self, digest: int, day: int) -> int:
        """-1."""
        return -1


class Row(NamedTuple):
    """A row of a table of which one record is made."""

    source: Source
    record: Provider | None
    """None where an earlier build made it of the same row"""
    before: int = -1
    """its number in that build; -1 where it was read"""
    digest: int = 0
    """of all that the record follows from, but the day of the source; 0 where that is more"""
    turns: int = 0
    """the day, as an ordinal, after which the row says something else, 0 for none; negative where
    it says that already"""


class RowFeed:
    """The records of a table, each of one row.  A build need not read the rows that it knows."""

    def __init__(self, rows: Callable[[KnownRows], Iterator[Row]]) -> None:
        self.rows = rows
        self._records = (row.record for row in rows(NoKnownRows()) if row.record is not None)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Provider:
        return next(self._records)
