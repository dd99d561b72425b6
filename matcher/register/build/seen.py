"""Which records were read already, in little memory."""

from __future__ import annotations

from array import array
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Mask, are_in

Hashes: TypeAlias = npt.NDArray[np.uint64]
_Run: TypeAlias = tuple[Hashes, npt.NDArray[np.int32]]
"""Sorted numbers and their positions."""
_BITS = 27
"""A table of so many bits tells of most numbers that they are new: 16 MB."""
_SORTED_FROM = 1 << 14
"""Numbers that came one by one are in a dictionary, until they are so many."""


class Seen:
    """64-bit numbers in the order in which they came, each once."""

    def __init__(self) -> None:
        self._contents = array("Q")
        self._bits = np.zeros(1 << (_BITS - 3), np.uint8)
        self._runs: list[_Run] = []
        """each is longer than the next"""
        self._recent: dict[int, int] = {}

    def number_of(self, content: int) -> int | None:
        """The position at which `content` came before; None where it is new, and is added."""
        bit = content >> (64 - _BITS)
        byte, mask = bit >> 3, 1 << (bit & 7)
        if self._bits[byte] & mask:
            if (before := self._find(content)) is not None:
                return before
        else:
            self._bits[byte] |= mask
        self._recent[content] = len(self._contents)
        self._contents.append(content)
        if len(self._recent) >= _SORTED_FROM:
            self._sort_recent()
        return None

    def add_new(self, contents: Hashes) -> Mask:
        """Add those that are new.  Returns (n,) whether each is, and not there before it."""
        self._sort_recent()
        is_new = np.zeros(len(contents), bool)
        is_new[np.unique(contents, return_index=True)[1]] = True
        bits = (contents >> np.uint64(64 - _BITS)).astype(np.int64)
        byte, mask = bits >> 3, (1 << (bits & 7)).astype(np.uint8)
        unsure = np.flatnonzero(is_new & (self._bits[byte] & mask > 0))
        for ascending, _ in self._runs:
            is_new[unsure[are_in(contents[unsure], ascending)]] = False
        np.bitwise_or.at(self._bits, byte, mask)
        added = contents[is_new]
        self._add_run(added, len(self._contents))
        self._contents.frombytes(added.tobytes())
        return is_new

    def _find(self, content: int) -> int | None:
        for ascending, order in self._runs:
            at = int(ascending.searchsorted(np.uint64(content)))
            if at < len(ascending) and int(ascending[at]) == content:
                return int(order[at])
        return self._recent.get(content)

    def _sort_recent(self) -> None:
        """Make the numbers that came one by one a run."""
        recent = np.fromiter(self._recent, np.uint64, len(self._recent))
        self._add_run(recent, len(self._contents) - len(recent))
        self._recent.clear()

    def _add_run(self, contents: Hashes, first: int) -> None:
        """Add numbers from the position `first` on, and join runs that are as long as the next."""
        if not len(contents):
            return
        order = np.argsort(contents)
        run = contents[order], (first + order).astype(np.int32)
        while self._runs and len(self._runs[-1][0]) <= len(run[0]):
            run = _joined(self._runs.pop(), run)
        self._runs.append(run)

    def contents(self) -> Hashes:
        """The numbers, by position."""
        return np.array(self._contents, np.uint64)


def _joined(one: _Run, other: _Run) -> _Run:
    every = np.concatenate([one[0], other[0]])
    order = np.argsort(every, kind="stable")  # quick where runs are in order
    return every[order], np.concatenate([one[1], other[1]])[order]
