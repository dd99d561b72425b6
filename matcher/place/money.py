"""Where the money goes: spending by place and size of who gets it, in all and by group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints
from matcher.core.formatting import count
from matcher.place.classes import (
    CLASSES,
    ELSEWHERE,
    LOCAL,
    NEAR,
    PLACES,
    SIZES,
    UNKNOWN,
    PlaceView,
)
from matcher.place.ledger import Ledger

LEAST_PLACED = 0.6
"""The least share of the pounds whose place must be known for anything to be said of the places."""
_MOST_ROWS = 40
NOT_GIVEN = "(not given)"


@dataclass(frozen=True, slots=True)
class Spending:
    """The spending of one group: a service, a department, a year, or all together.

    `pence` is everything, and `left_out` what of it went to people and redacted payees.  `by` is
    the rest: place → size → pence.  `hhi` is the Herfindahl-Hirschman index of the payees, 0 to
    10,000; None where nothing positive was paid.  `placed` is the share of the rest that went to a
    known place; where it is under 60%, `sure` is False and nothing is claimed of the places.
    Shares are of what was paid: a place or size that paid back more than it got has none.
    """

    name: str
    pence: int
    left_out: int
    payments: int
    payees: int
    hhi: float | None
    by: dict[str, dict[str, int]]
    shares: dict[str, float]
    """place → the share of the rest"""
    size_shares: dict[str, float]
    """size → the share of the rest"""
    placed: float
    sure: bool
    local_share: float | None
    """the local share of what went to a known place; None where too little is known"""

    def at(self, place: str) -> int:
        """The pence that went to a place."""
        return sum(self.by[place].values())

    def to(self, size: str) -> int:
        """The pence that went to organisations of a size."""
        return sum(sizes[size] for sizes in self.by.values())


@dataclass(frozen=True, slots=True)
class Money:
    """Where a council's money goes.  Each group's tables add up to `total`."""

    basis: str
    bodies: tuple[str, ...]
    first: int
    """the first month, as year * 12 + month - 1; 0 where there is nothing"""
    last: int
    total: Spending
    by_year: tuple[Spending, ...]
    by_department: tuple[Spending, ...]
    by_service: tuple[Spending, ...]
    largest_unknown: tuple[tuple[str, int], ...]
    """payees whose place is not known, and their pence, the largest first"""


def money(view: PlaceView, book: Ledger, name: str) -> Money:
    """Where the money of a council goes; `name` is that of the place."""
    tally = _Tally.of(view, book)
    years = book.years()
    return Money(
        basis=book.basis,
        bodies=book.bodies,
        first=int(book.month.min(initial=1 << 30)) if len(book.month) else 0,
        last=int(book.month.max(initial=0)),
        total=tally.spending(np.zeros(len(book.row), np.int64), [name])[0],
        by_year=tally.years(years),
        by_department=tally.groups(book.departments),
        by_service=tally.groups(book.services),
        largest_unknown=tally.largest_unknown(),
    )


@dataclass(frozen=True)
class _Tally:
    view: PlaceView
    book: Ledger
    classes: npt.NDArray[np.int64]
    """(lines,) the class of each payee"""

    @classmethod
    def of(cls, view: PlaceView, book: Ledger) -> _Tally:
        rows, at = np.unique(book.row, return_inverse=True)
        return cls(view, book, view.classes(rows)[at])

    def years(self, years: Ints) -> tuple[Spending, ...]:
        """By the council's year, the newest first."""
        found, at = np.unique(years, return_inverse=True)
        names = [f"{year}–{(year + 1) % 100:02d}" for year in found.tolist()]
        return tuple(reversed(self.spending(at, names)))

    def groups(self, labels: Sequence[str]) -> tuple[Spending, ...]:
        """By a label of the purposes, the largest first; small groups together as others."""
        if not any(labels):
            return ()
        names: dict[str, str] = {}
        for label in labels:
            names.setdefault(label.casefold(), label or NOT_GIVEN)
        order = list(names)
        number = {key: at for at, key in enumerate(order)}
        of = np.array([number[label.casefold()] for label in labels], np.int64)[self.book.purpose]
        totals = np.bincount(of, self.book.pence, len(order))
        ranked = np.argsort(-totals, kind="stable")
        place = np.empty(len(order), np.int64)
        place[ranked] = np.minimum(np.arange(len(order)), _MOST_ROWS)
        shown = [names[order[at]] for at in ranked[:_MOST_ROWS].tolist()]
        if len(order) > _MOST_ROWS:
            shown.append(count(len(order) - _MOST_ROWS, "other"))
        return tuple(self.spending(place[of], shown))

    def spending(self, group: Ints, names: Sequence[str]) -> list[Spending]:
        """The spending of each group of lines."""
        book, n = self.book, len(names)
        kept = ~book.left_out
        code = group[kept] * CLASSES + self.classes[kept]
        table = _sums(code, book.pence[kept], n * CLASSES).reshape(n, len(PLACES), len(SIZES))
        total = _sums(group, book.pence, n)
        left = _sums(group[book.left_out], book.pence[book.left_out], n)
        times = _sums(group, book.times, n)
        payees, hhi = self._concentration(group, n)
        return [
            _spending(name, total[g], left[g], table[g], (int(times[g]), payees[g], hhi[g]))
            for g, name in enumerate(names)
        ]

    def _concentration(self, group: Ints, n: int) -> tuple[list[int], list[float | None]]:
        """How many payees each group has, and their index of concentration."""
        kept = ~self.book.left_out
        rows, payee = np.unique(self.book.row[kept], return_inverse=True)
        pairs, at = np.unique(group[kept] * len(rows) + payee, return_inverse=True)
        pence = np.maximum(_sums(at, self.book.pence[kept], len(pairs)), 0).astype(np.float64)
        of = pairs // max(len(rows), 1)
        whole = np.bincount(of, pence, n)
        squares = np.bincount(of, pence**2, n)
        counts = np.bincount(of, minlength=n).tolist()
        return counts, [
            round(float(10_000 * squares[g] / whole[g] ** 2), 1) if whole[g] > 0 else None
            for g in range(n)
        ]

    def largest_unknown(self) -> tuple[tuple[str, int], ...]:
        """The 15 payees of unknown place that got most."""
        book = self.book
        unknown = (self.classes // len(SIZES) == PLACES.index(UNKNOWN)) & ~book.left_out
        rows, at = np.unique(book.row[unknown], return_inverse=True)
        pence = _sums(at, book.pence[unknown], len(rows))
        ranked = np.argsort(-pence, kind="stable")[:15]
        return tuple((self._name(int(rows[n])), int(pence[n])) for n in ranked)

    def _name(self, row: int) -> str:
        if row < 0:
            return self.book.payees[row]
        return self.view.register.organisations[row].provider.name


def _spending(
    name: str,
    pence: int,
    left_out: int,
    table: npt.NDArray[np.int64],
    counts: tuple[int, int, float | None],
) -> Spending:
    """The spending of a group; `counts` are its payments, its payees and their concentration."""
    payments, payees, hhi = counts
    by = {
        place: {size: int(table[p, s]) for s, size in enumerate(SIZES)}
        for p, place in enumerate(PLACES)
    }
    anything = pence > left_out
    at = {place: _paid(by[place].values(), anything) for place in PLACES}
    to = {size: _paid((by[place][size] for place in PLACES), anything) for size in SIZES}
    counted, known = sum(at.values()), at[LOCAL] + at[NEAR] + at[ELSEWHERE]
    placed = known / counted if counted else 0.0
    sure = placed >= LEAST_PLACED
    return Spending(
        name=name,
        pence=int(pence),
        left_out=int(left_out),
        payments=payments,
        payees=payees,
        hhi=hhi,
        by=by,
        shares={place: _share(pence_, counted) for place, pence_ in at.items()},
        size_shares={size: _share(pence_, sum(to.values())) for size, pence_ in to.items()},
        placed=round(placed, 4),
        sure=sure,
        local_share=_share(at[LOCAL], known) if sure and known > 0 else None,
    )


def _paid(parts: Iterable[int], anything: bool) -> int:
    """What was paid net of refunds; 0 where that is less, or where nothing was paid in all."""
    return max(sum(parts), 0) if anything else 0


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole > 0 else 0.0


def _sums(group: Ints, values: Ints, n: int) -> npt.NDArray[np.int64]:
    """(n,) the sum of whole numbers for each group, exactly."""
    total = np.zeros(n, np.int64)
    np.add.at(total, group, values)
    return total
