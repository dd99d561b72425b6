"""How alike two rankings are, without judging which is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.runs import Run

PERSISTENCE = 0.9
"""Persistence of RBO; the first ten places have about 86% of the weight."""


@dataclass(frozen=True, slots=True)
class RunOverlap:
    """How alike the first places of two lists for one lot are."""

    lot: str
    rbo: float
    overlap: float
    """providers in both lists, as a share of the longer list"""
    removed: int
    """providers of the first list that are not in the second"""
    added: int
    """providers of the second list that are not in the first"""
    moved: float | None
    """mean places moved by providers in both; None where no provider is in both"""


def compare_lists(lot: str, one: Sequence[str], other: Sequence[str], depth: int) -> RunOverlap:
    """Compare two lists: RBO over all places, the rest over the first `depth`."""
    first, second = list(one[:depth]), list(other[:depth])
    both = set(first) & set(second)
    longer = max(len(first), len(second))
    ways = [abs(first.index(provider) - second.index(provider)) for provider in both]
    return RunOverlap(
        lot=lot,
        rbo=rbo(one, other),
        overlap=len(both) / longer if longer else 1.0,
        removed=len(first) - len(both),
        added=len(second) - len(both),
        moved=float(np.mean(ways)) if ways else None,
    )


def compared(one: Run, other: Run, depth: int) -> list[RunOverlap]:
    """Every lot with a list in either run, those that differ most first."""
    lots = dict.fromkeys((*one.scores, *other.scores))
    found = [compare_lists(lot, one.first(lot), other.first(lot), depth) for lot in lots]
    return sorted(found, key=lambda pair: (pair.rbo, pair.overlap, pair.lot))


def rbo(one: Sequence[str], other: Sequence[str], persistence: float = PERSISTENCE) -> float:
    """Rank-biased overlap, extrapolated beyond both lists (Webber et al. 2010, equation 32).

    1 for the same list twice, 0 for lists with no provider in common.

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
