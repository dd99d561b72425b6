"""Groups of records, and the keys that records to compare share."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from matcher.core.identifiers import fingerprint


class Groups:
    """Groups of records, one for each organisation, as a union-find over record numbers.

    The record with the lowest number in a group is its leader.
    """

    def __init__(self, size: int) -> None:
        self._leader = array("q", range(size))

    def leader(self, record: int) -> int:
        """The leader of the group of `record`."""
        leader = self._leader
        while leader[record] != record:
            leader[record] = leader[leader[record]]
            record = leader[record]
        return record

    def join(self, a: int, b: int) -> None:
        """Join the groups of two records."""
        a, b = self.leader(a), self.leader(b)
        if a != b:
            self._leader[max(a, b)] = min(a, b)

    def leaders(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The leader of every record, shape (records,)."""
        leaders = np.array(self._leader, np.int64)
        while ((further := leaders[leaders]) != leaders).any():
            leaders = further
        return leaders


class BlockingKeys:
    """(key, record) pairs: only records that share a key are compared."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._records = array("q")

    def add(self, key: str, record: int) -> None:
        """Add `key` of `record`."""
        self._keys.append(fingerprint(key))
        self._records.append(record)

    def extend(self, other: BlockingKeys, records: int) -> None:
        """Add the keys of the next records, which follow the first `records`."""
        self._keys.extend(other._keys)
        self._records.frombytes((other.arrays()[1] + records).tobytes())

    def arrays(
        self,
    ) -> tuple[
        np.ndarray[tuple[int], np.dtype[np.uint64]], np.ndarray[tuple[int], np.dtype[np.int64]]
    ]:
        """The hash of each key, and its record."""
        return np.array(self._keys, np.uint64), np.array(self._records, np.int64)

    def first(self, key: str) -> int | None:
        """The first record with `key`; None where no record has it."""
        found = np.flatnonzero(np.array(self._keys, np.uint64) == np.uint64(fingerprint(key)))
        return self._records[int(found[0])] if len(found) else None

    def blocks(self) -> Iterator[list[int]]:
        """The records of each key that two or more share."""
        keys, records = self.arrays()
        order = np.lexsort((records, keys))
        keys, records = keys[order], records[order]
        edges = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1], [True]]))
        for start, stop in pairwise(edges.tolist()):
            if stop - start > 1:
                yield list(dict.fromkeys(records[start:stop].tolist()))
