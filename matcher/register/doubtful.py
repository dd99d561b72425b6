"""Which merges a person should look at first, and which alike pairs were not merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matcher.core.types import Merge
from matcher.register.linkage.matching import DOUBTFUL, MERGED, SURE
from matcher.register.register import Register


@dataclass(frozen=True, slots=True)
class DoubtfulPair:
    """Two records that are alike: whether the register has them as one organisation, and why."""

    pair: Merge
    merged: bool


def doubtful_pairs(register: Register) -> list[DoubtfulPair]:
    """Pairs for a person to look at: records of one number with unlike names come first.

    Of the others, those nearest to the limit between the two answers come first.  Other merges by
    an official number, and those by names that are nearly the same, are not doubtful.
    """
    return sorted(_pairs(register), key=_by_doubt)


def _pairs(register: Register) -> Iterator[DoubtfulPair]:
    merges, alike = register.merges, register.alike
    for number in range(len(merges)):
        merge = merges[number]
        if merge.similarity is not None and merge.similarity < SURE:
            yield DoubtfulPair(merge, merged=True)
    for number in range(len(alike)):
        yield DoubtfulPair(alike[number], merged=False)


def _by_doubt(doubt: DoubtfulPair) -> tuple[bool, float, str, str]:
    pair, similar = doubt.pair, doubt.pair.similarity or 0.0
    unlike = doubt.merged and similar < DOUBTFUL
    distance = 0.0 if unlike else round(abs(similar - MERGED), 4)
    return (not unlike, distance, pair.kept, pair.merged)
