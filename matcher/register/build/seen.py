"""Which records were read already, in little memory."""

from __future__ import annotations

from array import array

import numpy as np
import numpy.typing as npt

_BITS = 27
"""A table of so many bits tells of most numbers that they are new: 16 MB."""
_SORTED_FROM, _SHARE = 1 << 14, 8
"""The numbers since they were last sorted are in a dictionary: at most this share of all."""


class Seen:
    """64-bit numbers in the order in which they came, each once."""

    def __init__(self) -> None:
        self._contents = array("Q")
        self._bits = bytearray(1 << (_BITS - 3))
        self._sorted = np.empty(0, np.uint64)
        self._order = np.empty(0, np.int64)
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
        if len(self._recent) > max(_SORTED_FROM, len(self._contents) // _SHARE):
            self._sort()
        return None

    def _find(self, content: int) -> int | None:
        at = int(self._sorted.searchsorted(np.uint64(content)))
        if at < len(self._sorted) and int(self._sorted[at]) == content:
            return int(self._order[at])
        return self._recent.get(content)

    def _sort(self) -> None:
        """Sort the numbers since they were last sorted, and merge them with those before."""
        before = len(self._sorted)
        recent = np.array(self._contents[before:], np.uint64)
        order = np.argsort(recent)
        every = np.concatenate([self._sorted, recent[order]])
        merged = np.argsort(every, kind="stable")  # quick where runs are in order
        self._order = np.concatenate([self._order, before + order])[merged]
        self._sorted = every[merged]
        self._recent.clear()

    def contents(self) -> npt.NDArray[np.uint64]:
        """The numbers, by position."""
        return np.array(self._contents, np.uint64)
