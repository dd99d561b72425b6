"""Encodes texts and names as sparse rows, in the same way for training and ranking.

Lots, past contracts and profiles are *texts*: stems and CPV codes. The name of an organisation
is a *name*: stems, and pieces of three to five letters, so that compound and invented words are
used too. Pieces are hashed into buckets, so no list of them is kept. Place names are left out
of names, because they say where an organisation is, not what it does.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from models import exact, text

Floats: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int32]
Row: TypeAlias = tuple[Ints, Floats]
"""Columns, without duplicates, and their values."""


class ManyRows(NamedTuple):
    """The rows of many: (entries,) the row, the column and the value of each entry."""

    size: int
    row: npt.NDArray[np.int64]
    columns: Ints
    values: Floats


BUCKETS = 32_768
_CODES = np.float32(0.6)
"""The weight of a text's CPV codes compared with its words."""
_HALF = np.float32(np.sqrt(0.5))
_LOGS = exact.log(np.maximum(np.arange(1000), 1))
"""The natural logarithm of each whole number; more repeats of a piece count as 999."""
_LEGAL = frozenset(
    (
        *("ltd", "limited", "llp", "lp", "plc", "the", "uk", "gb", "group", "company", "co"),
        *("cic", "cio", "and", "of", "for", "services"),
    )
)


@dataclass(frozen=True)
class Vocabulary:
    """The known terms, sorted, and the rarity of each (natural logarithm of its inverse share)."""

    terms: tuple[str, ...]
    rarity: Floats

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Term → its column."""
        return {term: i for i, term in enumerate(self.terms)}

    def __len__(self) -> int:
        return len(self.terms)

    @classmethod
    def of(cls, documents: Iterable[Iterable[str]], least: int, most: float = 1.0) -> Vocabulary:
        """The terms in at least `least` documents and at most the share `most` of them."""
        count: Counter[str] = Counter()
        total = 0
        for document in documents:
            count.update(set(document))
            total += 1
        kept = sorted(t for t, n in count.items() if least <= n <= max(most * total, least))
        shares = np.array([(total + 1) / (count[t] + 1) for t in kept])
        return cls(tuple(kept), exact.log(shares).astype(np.float32))

    def row(self, counts: Mapping[str, float]) -> Row:
        """The known terms of `counts` as a row of length 1: log frequency times rarity."""
        known = [(self.numbers[t], n) for t, n in counts.items() if t in self.numbers]
        columns = np.array([i for i, _ in known], np.int32)
        rarity = self.rarity[columns].astype(np.float64)
        if all(n <= 1 for _, n in known):  # the words of a name: their logarithms are 0
            return columns, _unit(rarity)
        frequency = 1 + exact.log(np.maximum(np.array([n for _, n in known], np.float64), 1))
        return columns, _unit(frequency * rarity)


def _flat(rows: Sequence[Sequence[int]]) -> Ints:
    return np.fromiter(chain.from_iterable(rows), np.int32, sum(map(len, rows)))


def _units(
    values: npt.NDArray[np.float64], rows: Sequence[Sequence[int]]
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """`_unit` of the values of each of `rows`, which follow each other; and the row of each."""
    squares, at = (values * values).tolist(), 0
    lengths = np.ones(len(rows))
    for number, row in enumerate(rows):
        lengths[number] = math.sqrt(math.fsum(squares[at : at + len(row)])) or 1.0
        at += len(row)
    number_of = np.repeat(np.arange(len(rows)), list(map(len, rows)))
    return (values / lengths[number_of]).astype(np.float32), number_of


def _unit(values: npt.NDArray[np.float64]) -> Floats:
    length = math.sqrt(math.fsum((values * values).tolist()))
    return (values / length if length else values).astype(np.float32)


@dataclass(frozen=True)
class Coder:
    """The vocabularies of an embedder.

    Text columns: words, then codes; name columns: words, then buckets of letters.
    """

    words: Vocabulary
    codes: Vocabulary
    name_words: Vocabulary
    letters: Floats
    """(BUCKETS,) the rarity of each bucket of letters in names"""
    places: frozenset[str] = field(default_factory=frozenset)

    def text(self, words: Mapping[str, float], codes: Sequence[str]) -> Row:
        """The row of a text, from counts by stem and code prefixes, over `text_columns` columns."""
        word, value = self.words.row(words)
        code, weight = self.codes.row(dict.fromkeys(codes, 1.0))
        columns = np.concatenate([word, code + np.int32(len(self.words))])
        return columns, np.concatenate([value, _CODES * weight])

    def name(self, names: Sequence[str]) -> Row:
        """The row of an organisation's names over `name_columns` columns."""
        word, value = self.name_words.row(dict.fromkeys(name_words(names, self.places), 1.0))
        count = letters(names, self.places)
        bucket = np.fromiter(count, np.int32, len(count))
        often = np.fromiter(count.values(), np.intp, len(count))
        frequency = 1 + _LOGS[np.minimum(often, len(_LOGS) - 1)]
        weight = _unit(frequency * self.letters[bucket])
        columns = np.concatenate([word, bucket + np.int32(len(self.name_words))])
        return columns, np.concatenate([_HALF * value, _HALF * weight])

    def names(self, organisations: Sequence[tuple[Iterable[str], Sequence[str]]]) -> ManyRows:
        """The rows of many organisations, as `name` makes them one by one.

        Each is given by the different stems of its names in order, and by its names.
        """
        words: list[list[int]] = []
        pieces: list[list[int]] = []
        counts: list[int] = []
        known = self.name_words.numbers
        for stems, names in organisations:
            words.append([known[s] for s in stems if s in known and s not in self.places])
            found = letters(names, self.places)
            pieces.append(list(found))
            counts.extend(found.values())
        word, bucket = _flat(words), _flat(pieces)
        often = np.array(counts, np.intp)
        frequency = 1 + _LOGS[np.minimum(often, len(_LOGS) - 1)]
        rarity = self.name_words.rarity[word].astype(np.float64)
        value, word_row = _units(rarity, words)
        weight, bucket_row = _units(frequency * self.letters[bucket], pieces)
        return ManyRows(
            len(words),
            np.concatenate([word_row, bucket_row]),
            np.concatenate([word, bucket + np.int32(len(self.name_words))]),
            np.concatenate([_HALF * value, _HALF * weight]),
        )

    @property
    def text_columns(self) -> int:
        """The number of columns in a text's row."""
        return len(self.words) + len(self.codes)

    @property
    def name_columns(self) -> int:
        """The number of columns in a name's row."""
        return len(self.name_words) + len(self.letters)


def name_words(names: Sequence[str], places: frozenset[str] = frozenset()) -> list[str]:
    """The stems of all names, without place names."""
    return [stem for name in names for stem in text.words(name) if stem not in places]


def letters(names: Sequence[str], places: frozenset[str] = frozenset()) -> dict[int, int]:
    """How many pieces of three to five letters of the names' words are in each bucket."""
    words = dict.fromkeys(w for name in names for w in text.plain(name).split())
    every = [bucket for word in words for bucket in _buckets(word, places)]
    pieces = dict.fromkeys(every, 1)
    return pieces if len(pieces) == len(every) else dict(Counter(every))


@lru_cache(1 << 16)
def _buckets(word: str, places: frozenset[str]) -> tuple[int, ...]:
    """The buckets of a word's pieces; none for a legal form or the name of a place."""
    if word in _LEGAL or any(stem in places for stem in text.words(word)):
        return ()
    edged = f" {word} ".encode()
    return tuple(
        zlib.crc32(edged[i : i + n]) % BUCKETS for n in (3, 4, 5) for i in range(len(edged) - n + 1)
    )
