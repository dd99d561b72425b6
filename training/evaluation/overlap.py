"""How alike two rankings are, without a word on which is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.runs import Run

PERSISTENCE = 0.9
"""Of RBO: the first ten places then carry about 86% of the weight."""


@dataclass(frozen=True, slots=True)
class RunOverlap:
    """How alike two lists of one lot are, down to one depth."""

    lot: str
    rbo: float
    overlap: float
    """share of the places of the longer list that both fill with the same provider"""
    left: int
    """providers of the first list that are not in the second"""
    came: int
    """providers of the second list that are not in the first"""
    moved: float | None
    """places that those in both moved, the mean; None where nobody is in both"""


def compare_lists(lot: str, one: Sequence[str], other: Sequence[str], depth: int) -> RunOverlap:
    """Compare two lists; RBO sees them whole, the rest down to `depth`."""
    first, second = list(one[:depth]), list(other[:depth])
    both = set(first) & set(second)
    longer = max(len(first), len(second))
    ways = [abs(first.index(provider) - second.index(provider)) for provider in both]
    return RunOverlap(
        lot=lot,
        rbo=rbo(one, other),
        overlap=len(both) / longer if longer else 1.0,
        left=len(first) - len(both),
        came=len(second) - len(both),
        moved=float(np.mean(ways)) if ways else None,
    )


def compared(one: Run, other: Run, depth: int) -> list[RunOverlap]:
    """Every lot that either run has a list for, those that differ most first."""
    lots = dict.fromkeys((*one.scores, *other.scores))
    found = [compare_lists(lot, one.first(lot), other.first(lot), depth) for lot in lots]
    return sorted(found, key=lambda pair: (pair.rbo, pair.overlap, pair.lot))


def rbo(one: Sequence[str], other: Sequence[str], persistence: float = PERSISTENCE) -> float:
    """Rank-biased overlap, extrapolated beyond both lists (Webber et al. 2010, equation 32).

    1 for the same list twice, 0 for lists with nobody in common.

    >>> round(rbo("abc", "cba"), 3)
    0.855
    """
    short, long_ = sorted((list(one), list(other)), key=len)
    if not short:
        return 1.0 if not long_ else 0.0
    s, whole = len(short), len(long_)
    p = persistence
    shared, seen_short, seen_long = 0, set[str](), set[str]()
    total, at_s = 0.0, 0
    for d in range(1, whole + 1):
        if d <= s:
            seen_short.add(short[d - 1])
            shared += short[d - 1] in seen_long
        seen_long.add(long_[d - 1])
        shared += long_[d - 1] in seen_short
        total += shared / d * p**d
        if d == s:
            at_s = shared
        elif d > s:
            total += at_s * (d - s) / (s * d) * p**d
    return (1 - p) / p * total + ((shared - at_s) / whole + at_s / s) * p**whole
