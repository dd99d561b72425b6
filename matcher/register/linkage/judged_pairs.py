"""What pairs of records are to each other, kept so that the next build need not compare them again.

That follows from what two records say, from where their postcodes are, and from the pairs that a
person keeps apart, while each of the two is alone in its group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from matcher.core.arrays import AnyInts, Ints, Mask, are_in
from matcher.register.linkage.judging import Judged
from matcher.register.linkage.told_pairs import Pairs

_CODES, _FOUND = "codes.npy", "found.json"


class _Found(msgspec.Struct, frozen=True):
    """The content of the file of what was found."""

    records: int
    apart: tuple[tuple[str, str], ...]
    found: list[Judged]


@dataclass(frozen=True, slots=True)
class JudgedPairs:
    """Pairs of records of a snapshot that were judged, each record alone in its group."""

    records: int
    """how many records the snapshot has"""
    apart: Pairs
    """the pairs of ids that a person kept apart"""
    codes: Ints
    """(pairs,) each as one number (`code_of`); they ascend"""
    found: list[Judged]
    """what those are to each other that have something in common"""

    @classmethod
    def open(cls, folder: Path) -> JudgedPairs:
        """Those in a folder.  Raises an error of `manifest.DAMAGE` where they are damaged."""
        said = msgspec.json.decode((folder / _FOUND).read_bytes(), type=_Found)
        codes = np.load(folder / _CODES, allow_pickle=False)
        return cls(said.records, frozenset(said.apart), codes, said.found)

    def save(self, folder: Path) -> None:
        """Write them into a new folder."""
        folder.mkdir()
        np.save(folder / _CODES, self.codes)
        said = _Found(self.records, tuple(sorted(self.apart)), self.found)
        (folder / _FOUND).write_bytes(msgspec.json.encode(said))

    def among(self, codes: Ints, before: AnyInts) -> tuple[Mask, list[Judged]]:
        """Which pairs of a later snapshot were judged, and what was found, by its own numbers.

        `before` (records,) is the number here of each of its records; -1 where it is not here.
        """
        a, b = np.divmod(codes, len(before))
        x, y = before[a].astype(np.int64), before[b].astype(np.int64)
        here = np.where(np.minimum(x, y) < 0, -1, code_of(x, y, self.records))
        judged = are_in(here, self.codes)
        mine = codes_of(self.found, self.records)
        decided = dict(zip(mine.tolist(), self.found, strict=True))
        at = np.flatnonzero(judged & are_in(here, np.sort(mine)))
        found = []
        for code, now, then in zip(
            here[at].tolist(), codes[at].tolist(), x[at].tolist(), strict=True
        ):
            first, _, decision = decided[code]
            one, other = divmod(now, len(before))
            found.append((one, other, decision) if first == then else (other, one, decision))
        return judged, found


def codes_of(pairs: Sequence[Judged], records: int) -> Ints:
    """The numbers of pairs."""
    one, other = np.array([pair[:2] for pair in pairs], np.int64).reshape(-1, 2).T
    return code_of(one, other, records)


def code_of(a: Ints, b: Ints, records: int) -> Ints:
    """Pairs of records as one number each, whichever of the two comes first."""
    return np.minimum(a, b) * records + np.maximum(a, b)
