"""Which records are worth comparing by name: those that share a key, and a place, name or role."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import numpy as np

from matcher.core.arrays import Ints
from matcher.core.identifiers import fingerprint
from matcher.core.types import Provider
from matcher.register.linkage import matching, name_similarity
from matcher.register.linkage.blocks import BlockingKeys

LARGEST_BLOCK = 60
"""Keys that more records share are too common to compare their records."""
_NONE, _SEVERAL = 0, 1
"""A record without a postcode, and one with several; likewise names."""
_AT_ONCE = 1 << 21
"""Pairs that are made before those that cannot match are left out."""


class Candidates:
    """The blocking keys of records, and what a pair is sorted out by before it is read."""

    def __init__(self) -> None:
        self._keys = BlockingKeys()
        self._place, self._name, self._same = array("Q"), array("Q"), array("Q")
        self._role, self._gone = array("b"), array("b")

    def add(self, record: Provider) -> None:
        """Add the next record."""
        number = len(self._place)
        names = (record.name, *record.aliases)
        keys = {key for name in names for key in name_similarity.keys(name)}
        for site in record.sites:
            keys.update(f"{name_similarity.normalise(name)}@{site.postcode}" for name in names)
        for key in sorted(keys):
            self._keys.add(key, number)
        places = [site.postcode for site in record.sites]
        self._place.append(_SEVERAL if len(places) > 1 else fingerprint(places[0]) if places else 0)
        spellings = matching.spellings(record.name, record.aliases)
        self._name.append(_SEVERAL if len(spellings) > 1 else fingerprint(min(spellings)))
        self._role.append(matching.has_role(record.name))
        self._gone.append(matching.gone(record))
        self._same.append(fingerprint("|".join((*names, "", *places, record.kind.value))))

    def extend(self, other: Candidates) -> None:
        """Add the next records."""
        self._keys.extend(other._keys, len(self._place))
        for mine, theirs in zip(self._columns(), other._columns(), strict=True):
            mine.extend(theirs)

    def _columns(self) -> tuple[array[int], ...]:
        return (self._place, self._name, self._same, self._role, self._gone)

    def pairs(self, leaders: Ints) -> Iterator[tuple[int, int]]:
        """The pairs of records of different groups that may match or be related, in order."""
        kept = [self._may_match(a, b, leaders) for a, b in self._of_blocks(leaders)]
        size = max(len(leaders), 1)
        for code in np.unique(np.concatenate([np.empty(0, np.int64), *kept])).tolist():
            yield divmod(code, size)

    def _of_blocks(self, leaders: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Arrays of pairs of records that share a key, alike records of one group only once."""
        keys, records = self._keys.arrays()
        alike = np.array(self._same, np.uint64)[records]
        order = np.lexsort((records, alike, leaders[records], keys))
        keys, records, alike = keys[order], records[order], alike[order]
        groups = leaders[records]
        again = (keys[1:] == keys[:-1]) & (groups[1:] == groups[:-1]) & (alike[1:] == alike[:-1])
        once = np.concatenate([[True], ~again]) if len(keys) else np.empty(0, bool)
        keys, records = keys[once], records[once]
        edges = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1], [True]]))
        starts, sizes = edges[:-1], np.diff(edges)
        for size in range(2, LARGEST_BLOCK + 1):
            first, second = np.triu_indices(size, 1)
            mine = starts[sizes == size] if len(keys) else starts[:0]
            step = max(1, _AT_ONCE // len(first))
            for some in range(0, len(mine), step):
                members = records[mine[some : some + step, None] + np.arange(size)]
                yield members[:, first].ravel(), members[:, second].ravel()

    def _may_match(self, a: Ints, b: Ints, leaders: Ints) -> Ints:
        """The pairs that may match, each as one number."""
        place, name, role, gone = (
            np.frombuffer(column, column.typecode)
            for column in (self._place, self._name, self._role, self._gone)
        )
        shared = _shared(place, a, b) | _shared(name, a, b)
        related = (role[a] | role[b]).astype(bool) | (gone[a] != gone[b])
        fits = (leaders[a] != leaders[b]) & (shared | related)
        a, b = a[fits], b[fits]
        codes: Ints = np.unique(np.minimum(a, b) * len(leaders) + np.maximum(a, b))
        return codes


def _shared(
    column: np.ndarray[tuple[int], np.dtype[np.uint64]], a: Ints, b: Ints
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether two records may share a place, or a name."""
    x, y = column[a], column[b]
    may: np.ndarray[tuple[int], np.dtype[np.bool_]] = (x == _SEVERAL) | (y == _SEVERAL)
    may |= (x == y) & (x != _NONE)
    return may
