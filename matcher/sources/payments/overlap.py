"""Finds spending files that say what another file says: one month under two names or formats.

They are of one council, whatever name for it each has in its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.core.types import Tally
from matcher.sources.payments.spend_files import SpendFile

SAME = 0.9
"""The least share of the smaller file's lines that the other has too, if both say the same."""


@dataclass(frozen=True)
class Lines:
    """The payments of some tables as numbers, to compare them with others; `times` of each."""

    keys: npt.NDArray[np.int64]
    times: npt.NDArray[np.int64]
    months: frozenset[int]
    tallies: tuple[Tally, ...]

    @classmethod
    def of(cls, tables: Sequence[SpendFile]) -> Lines:
        """Read all payments of the tables of one file."""
        found, months, tallies = [], set(), []
        for table in tables:
            tally, payments = table.feed()
            for paid in payments:
                found.append(hash((paid.payee, paid.month, paid.pence)))
                months.add(paid.month)
            tallies.append(tally)
        keys, times = np.unique(np.array(found, np.int64), return_counts=True)
        return cls(keys, times.astype(np.int64), frozenset(months), tuple(tallies))

    @property
    def number(self) -> int:
        """How many payments there are."""
        return int(self.times.sum())

    def shared(self, other: Lines) -> int:
        """How many payments both have."""
        if self.months.isdisjoint(other.months):
            return 0
        _, here, there = np.intersect1d(
            self.keys, other.keys, assume_unique=True, return_indices=True
        )
        return int(np.minimum(self.times[here], other.times[there]).sum())


def repeated(files: Sequence[Lines]) -> dict[int, int]:
    """The number of each file that repeats another → the number of that other one.

    Of two that say the same, the one with more lines stays, and of two equal ones the first.
    """
    order = sorted(range(len(files)), key=lambda n: (-files[n].number, n))
    kept: list[int] = []
    out: dict[int, int] = {}
    for number in order:
        least = SAME * files[number].number
        same = (n for n in kept if least and files[number].shared(files[n]) >= least)
        of = next(same, None)
        if of is None:
            kept.append(number)
        else:
            out[number] = of
    return out
