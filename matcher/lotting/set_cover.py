"""An exact search for sets of rows that together cover every column, none of them redundant.

Each column has a weight, and each row a largest share of the whole that it can carry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.core.arrays import Doubles, Mask

FEWEST, MOST = 2, 5
"""The fewest and the most members of a set."""
_STEPS = 200_000
"""The most branches to search."""
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Cover:
    """Rows that together cover every column, ascending, and the share of each.

    A column's weight is divided evenly among the members that cover it.
    """

    members: tuple[int, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Covers:
    """The covers found, smallest first.

    `too_large` covers were dropped because a member's share is more than it can carry.
    `complete` is False where the search stopped before every branch was searched.
    """

    found: tuple[Cover, ...]
    too_large: int
    complete: bool


@dataclass(slots=True)
class _Search:
    """The search state: `rows` has the columns that each row covers, as bits."""

    rows: Sequence[int]
    coverers: Sequence[Sequence[int]]
    whole: int
    left: int = _STEPS

    def sets(self, size: int) -> Iterator[tuple[int, ...]]:
        """Every irredundant cover of exactly `size` rows, each once."""
        yield from self._grown((), 0, frozenset(), size)

    def _grown(
        self, chosen: tuple[int, ...], covered: int, barred: frozenset[int], size: int
    ) -> Iterator[tuple[int, ...]]:
        """The covers that contain `chosen` and nothing in `barred`."""
        if covered == self.whole:
            if len(chosen) == size and self._irredundant(chosen):
                yield tuple(sorted(chosen))
            return
        if len(chosen) == size or self.left <= 0:
            return
        self.left -= 1
        for row in self._branches(covered, barred):
            yield from self._grown((*chosen, row), covered | self.rows[row], barred, size)
            barred |= {row}

    def _branches(self, covered: int, barred: frozenset[int]) -> list[int]:
        """The rows that can cover the uncovered column with the fewest such rows."""
        open_ = [
            [row for row in able if row not in barred]
            for column, able in enumerate(self.coverers)
            if not covered >> column & 1
        ]
        return min(open_, key=len)

    def _irredundant(self, chosen: tuple[int, ...]) -> bool:
        """Whether each member covers a column that no other member does."""
        for row in chosen:
            others = 0
            for other in chosen:
                others |= self.rows[other] if other != row else 0
            if others == self.whole:
                return False
        return True


def find_covers(
    has: Mask,
    weights: Doubles,
    room: Doubles,
    *,
    steps: int = _STEPS,
) -> Covers:
    """All irredundant covers of FEWEST to MOST members, by size and then by members.

    `has` (rows, columns) says which row covers what; `weights` (columns,) add up to one; `room`
    (rows,) is the largest share of the whole that each row can carry.
    """
    bits = [sum(1 << int(c) for c in np.flatnonzero(row)) for row in has]
    coverers = [np.flatnonzero(column).tolist() for column in has.T]
    search = _Search(bits, coverers, (1 << has.shape[1]) - 1, steps)
    found, too_large = [], 0
    for size in range(FEWEST, MOST + 1):
        for members in search.sets(size):
            shares = shares_of(has[list(members)], weights)
            if np.all(shares <= room[list(members)] + _SLACK):
                found.append(Cover(members, tuple(shares.tolist())))
            else:
                too_large += 1
    ordered = sorted(found, key=lambda cover: (len(cover.members), cover.members))
    return Covers(tuple(ordered), too_large, search.left > 0)


def shares_of(has: Mask, weights: Doubles) -> Doubles:
    """(members,) the share of each; every column must be covered."""
    shares: Doubles = (has / has.sum(axis=0) * weights).sum(axis=1)
    return shares
