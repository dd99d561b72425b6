"""Siloed services together: the same need, bought by several departments or neighbouring councils.

Two purposes are the same need if their categories have the same words, whatever their order,
endings and capitals.  Where money is known from awards, two are the same if they share a CPV
category.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from matcher.place.ledger import Ledger
from matcher.place.services import Known, says
from matcher.register.register import Register

_MOST = 15
_MOST_PROVIDERS = 5
_LEAST = 100_000
"""Pence that a department must have spent on a need for it to count."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one department of one council spent on a need."""

    council: str
    department: str
    pence: int


@dataclass(frozen=True, slots=True)
class SharedNeed:
    """One need that several departments or councils buy; who works for two of them or more."""

    name: str
    pence: int
    shares: tuple[Share, ...]
    providers: int
    """different payees in all"""
    several: tuple[Known, ...]


@dataclass(slots=True)
class _Need:
    names: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    pence: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    payees: dict[int, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))


def shared_needs(register: Register, books: Sequence[tuple[str, Ledger]]) -> tuple[SharedNeed, ...]:
    """The needs that are bought most by several; `books` are councils with their money."""
    needs: dict[tuple[str, ...], _Need] = defaultdict(_Need)
    departments: dict[str, str] = {}
    for council, book in books:
        for key, name, department, row, pence in _lines(book):
            plain = re.sub(r"\W+", "", department.casefold())
            buyer = council, departments.setdefault(plain, department)
            need = needs[key]
            need.names[name] += pence
            need.pence[buyer] += pence
            if row >= 0:
                need.payees[row].add(buyer)
    found = filter(None, (_shared(register, need) for need in needs.values()))
    return tuple(sorted(found, key=lambda need: (-need.pence, need.name))[:_MOST])


def _lines(book: Ledger) -> Iterator[tuple[tuple[str, ...], str, str, int, int]]:
    """(key of the need, its name, department, row, pence) for each purpose and payee."""
    keys = [says(category) for category in book.categories]
    kept = ~book.left_out
    pairs = book.purpose[kept] << 32 | (book.row[kept] + (1 << 31))
    distinct, at = np.unique(pairs, return_inverse=True)
    pence = np.zeros(len(distinct), np.int64)
    np.add.at(pence, at, book.pence[kept])
    for pair, sum_ in zip(distinct.tolist(), pence.tolist(), strict=True):
        purpose, row = pair >> 32, (pair & 0xFFFFFFFF) - (1 << 31)
        if keys[purpose]:
            name = book.categories[purpose]
            yield keys[purpose], name, book.departments[purpose], row, sum_


def _shared(register: Register, need: _Need) -> SharedNeed | None:
    """A need as a shared one; None where only one buyer spent enough on it."""
    shares = [
        Share(*buyer, pence)
        for buyer, pence in sorted(need.pence.items(), key=lambda item: (-item[1], item[0]))
        if pence >= _LEAST
    ]
    if len(shares) < 2:
        return None
    buyers = {(share.council, share.department) for share in shares}
    several = [row for row, of in need.payees.items() if len(of & buyers) > 1]
    return SharedNeed(
        name=max(need.names, key=lambda name: (need.names[name], name)),
        pence=sum(share.pence for share in shares),
        shares=tuple(shares),
        providers=len(need.payees),
        several=tuple(_known(register, sorted(several)[:_MOST_PROVIDERS])),
    )


def _known(register: Register, rows: Iterable[int]) -> Iterator[Known]:
    for row in rows:
        provider = register.organisations[row].provider
        yield Known(provider.id, provider.name)
