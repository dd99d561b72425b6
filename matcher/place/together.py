"""Siloed services together: the same need, bought by several departments or neighbouring councils.

Two purposes are the same need if their categories have the same words, whatever their order,
endings and capitals.  Two are of one kind if their words mean one CPV category, or where money is
known from awards, if they have it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import fsum, log
from typing import Any

import numpy as np

from matcher.core.arrays import Ints
from matcher.core.cpv import category_names, category_words
from matcher.place.ledger import Ledger
from matcher.place.services import Known, says
from matcher.register.register import Register
from models import text

_MOST = 15
_MOST_PROVIDERS = 5
_MOST_NAMES = 6
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
    names: tuple[str, ...] = ()
    """what the buyers call it, those of most money first"""


@dataclass(frozen=True)
class _Lines:
    """All lines that say a need; arrays have one value a line."""

    need: Ints
    buyer: Ints
    """a number into `buyers`"""
    name: Ints
    """a number into `names`"""
    row: Ints
    pence: Ints
    buyers: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    needs: int

    @classmethod
    def of(cls, books: Sequence[tuple[str, Ledger]], says_: Callable[[str], Hashable]) -> _Lines:
        """The lines of books whose categories say something; `says_` is what they say."""
        needs, buyers, names = _Numbers(), _Numbers(), _Numbers()
        departments: dict[str, str] = {}
        parts: list[tuple[Ints, ...]] = []
        for council, book in books:
            of_purpose = np.array(
                [
                    (
                        needs.number(key) if (key := says_(category)) else -1,
                        buyers.number((council, departments.setdefault(_plain(name), name))),
                        names.number(category),
                    )
                    for category, name in zip(book.categories, book.departments, strict=True)
                ],
                np.int64,
            ).reshape(-1, 3)
            lines = of_purpose[book.purpose]
            kept = ~book.left_out & (lines[:, 0] >= 0)
            parts.append((*lines[kept].T, book.row[kept], book.pence[kept]))
        need, buyer, name, row, pence = map(np.concatenate, zip(*parts, strict=True))
        known = tuple(buyers), tuple(names), len(needs)
        return cls(need, buyer, name, row, pence, *known)

    def by_need(self, of: Ints, number: int) -> tuple[Ints, Ints, Ints]:
        """(need, value of `of`, pence) for each pair that the lines have; values below `number`."""
        pairs, at = np.unique(self.need * number + of, return_inverse=True)
        pence = np.zeros(len(pairs), np.int64)
        np.add.at(pence, at, self.pence)
        return pairs // number, pairs % number, pence


class _Numbers(dict[Any, int]):
    """Numbers things in the order in which they are first seen."""

    def number(self, thing: object) -> int:
        return self.setdefault(thing, len(self))


@cache
def _plain(department: str) -> str:
    return re.sub(r"\W+", "", department.casefold())


def shared_needs(register: Register, books: Sequence[tuple[str, Ledger]]) -> tuple[SharedNeed, ...]:
    """The needs that are bought most by several; `books` are councils with their money."""
    return _shared_needs(register, _Lines.of(books, says))


def shared_kinds(
    register: Register,
    books: Sequence[tuple[str, Ledger]],
    by_awards: Sequence[tuple[str, Ledger]],
) -> tuple[SharedNeed, ...]:
    """The kinds of service that several buy in different words, those bought most first.

    `by_awards` are further councils, with the value of their contracts.  Kinds that all of `books`
    call the same, and nobody else buys, are left out, because they are among the needs.
    """
    further = {council for council, _ in by_awards}
    found = _shared_needs(register, _Lines.of([*books, *by_awards], kind_of))
    return tuple(
        replace(need, name=kind_of(need.name))
        for need in found
        if len({says(name) for name in need.names}) > 1
        or any(share.council in further for share in need.shares)
    )


def _shared_needs(register: Register, lines: _Lines) -> tuple[SharedNeed, ...]:
    if not len(lines.need):
        return ()
    need, buyer, pence = lines.by_need(lines.buyer, len(lines.buyers))
    enough = pence >= _LEAST
    buyers = np.bincount(need[enough], minlength=lines.needs)
    totals = np.zeros(lines.needs, np.int64)
    np.add.at(totals, need[enough], pence[enough])
    shared = np.flatnonzero(buyers > 1)
    ranked = shared[np.argsort(-totals[shared], kind="stable")][:_MOST]
    found = []
    for number in ranked.tolist():
        of = enough & (need == number)
        shares = zip(buyer[of].tolist(), pence[of].tolist(), strict=True)
        found.append(_shared(register, lines, number, dict(shares)))
    return tuple(found)


def _shared(register: Register, lines: _Lines, need: int, shares: dict[int, int]) -> SharedNeed:
    """One need, and what each of its buyers spent on it."""
    own = (lines.need == need) & np.isin(lines.buyer, list(shares))
    names, at = np.unique(lines.name[own], return_inverse=True)
    spent = np.bincount(at, lines.pence[own])
    rows, buyers = lines.row[own], lines.buyer[own]
    known = rows >= 0
    pairs = np.unique(rows[known] * len(lines.buyers) + buyers[known])
    payee, of = np.unique(pairs // len(lines.buyers), return_counts=True)
    ranked = sorted(shares.items(), key=lambda item: (-item[1], lines.buyers[item[0]]))
    by_money = names[np.argsort(-spent, kind="stable")]
    return SharedNeed(
        name=lines.names[int(by_money[0])],
        pence=sum(shares.values()),
        shares=tuple(Share(*lines.buyers[buyer], pence) for buyer, pence in ranked),
        providers=len(np.unique(rows)),
        several=tuple(_known(register, payee[of > 1][:_MOST_PROVIDERS].tolist())),
        names=tuple(lines.names[name] for name in by_money[:_MOST_NAMES].tolist()),
    )


def _known(register: Register, rows: Iterable[int]) -> Iterator[Known]:
    for row in rows:
        provider = register.organisations[row].provider
        yield Known(provider.id, provider.name)


_DIVISION, _GROUP = 2, 3
_LEAST_LETTERS = 4
_VAGUE = frozenset(
    stem
    for line in (
        "adult adults team teams sales second area locality project projects finance child",
        "commission commissions internal external goods",
        "licence licences licencing street parking travel property animal specialist",
        "wholesale wholesaler wholesalers heating servicing window windows public private",
    )
    for stem in text.words(line)
)
"""Words that alone do not tell a kind of service, although only one category has them."""
_ENOUGH = 0.65
"""The least share of the weight of a category's words that a CPV category must have."""


@cache
def _codes() -> dict[str, str]:
    """Name of a CPV category → its code, the widest of those with that name."""
    ordered = sorted(category_names().items(), key=lambda item: -len(item[0]))
    return {name: code for code, name in ordered}


def _group(codes: Sequence[str]) -> str:
    """The name of the group that nested categories are in, or of the widest of them."""
    widest = min(codes, key=len)
    groups = {code[:_GROUP] for code in codes if len(code) >= _GROUP}
    known = [code for code in groups if code in category_names()]
    return category_names()[known[0] if len(groups) == len(known) == 1 else widest]


@cache
def _words() -> tuple[dict[str, frozenset[str]], dict[str, float]]:
    """The stems of each CPV category by its code, and the rarity of each stem."""
    stems = {
        code: frozenset(text.words(f"{name}, {category_words().get(code, '')}"))
        for code, name in category_names().items()
    }
    count: dict[str, int] = defaultdict(int)
    for of in stems.values():
        for stem in of:
            count[stem] += 1
    return stems, {stem: log(1 + len(stems) / n) for stem, n in count.items()}


@lru_cache(maxsize=1 << 14)
def kind_of(category: str) -> str:
    """The name of the CPV category that a category means; '' where its words do not tell.

    >>> kind_of("Taxi hire"), kind_of("Coach hire - schools"), kind_of("Supplies and services")
    ('Road transport', 'Road transport', '')
    """
    if category in _codes():
        return _group([_codes()[category]])
    said = says(category)
    if not said:
        return ""
    stems, rarity = _words()
    unknown = max(rarity.values())
    whole = fsum(rarity.get(stem, unknown) for stem in said)
    scores = {
        code: fsum(rarity[stem] for stem in said if stem in of) / whole
        for code, of in stems.items()
    }
    best = max(scores.values())
    alike = [code for code, score in scores.items() if score == best]
    widest = min(alike, key=len)
    shared = stems[widest].intersection(said)
    if best < _ENOUGH or not all(code.startswith(widest) for code in alike):
        return ""
    return _group(alike) if len(shared) > 1 or _is_telling(*shared) else ""


def _is_telling(stem: str) -> bool:
    """Whether a stem alone tells the kind: only categories of one division have it."""
    stems, _ = _words()
    divisions = {code[:_DIVISION] for code, of in stems.items() if stem in of}
    return len(divisions) == 1 and len(stem) >= _LEAST_LETTERS and stem not in _VAGUE
