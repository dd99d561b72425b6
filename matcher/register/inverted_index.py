"""An inverted index on disk: the rows that have a term, and how strongly.

Postings are grouped by term, with ascending row numbers and one byte of strength each, and are
memory-mapped.  A query reads only the postings of its own terms, and of those only the ranges of
rows that it is about.  Rows are ordered spatially, so a local query reads contiguous data.

Strength is BM25's saturated term frequency (`matcher.register.index_writer`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import AnyInts, Floats, mapped, starts_of
from matcher.register.rows import Rows
from models import exact

TERM_BYTES = 24
"""The length of a term in the index; longer terms are cut."""
_LOOKED_UP = 10
"""How many postings are looked up in a table of rows in the time that it takes to find one row."""
_CACHED = 50_000
"""Terms whose numbers are cached: lots share most of their words."""


@dataclass(frozen=True, slots=True)
class WeightedTerms:
    """The terms of a query and the weight of each; `terms` are sorted and distinct."""

    terms: tuple[str, ...]
    weights: Floats

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> WeightedTerms:
        """A query from term → weight, without terms whose weight is not positive."""
        terms = tuple(sorted(t for t, w in weights.items() if w > 0))
        return cls(terms, np.array([weights[t] for t in terms], np.float32))


@dataclass(frozen=True, slots=True)
class Prior:
    """Rows outside the index: how many, and the share of them that has each term."""

    rows: float
    shares: Floats | float


_NO_PRIOR = Prior(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Postings:
    """The postings of those terms of a query that the index has, in the order of the terms."""

    weights: Floats
    """(terms,) the weight of each"""
    sizes: npt.NDArray[np.int64]
    """(terms,) how many postings each has"""
    rows: AnyInts
    """(postings,) the row that has the term"""
    strengths: npt.NDArray[np.uint8]
    """(postings,) how strongly, of 255"""

    @classmethod
    def of(cls, terms: Iterable[_TermPostings]) -> Postings:
        """The postings of several terms, joined."""
        parts = list(terms)
        return cls(
            weights=np.array([weight for _, _, weight in parts], np.float32),
            sizes=np.array([len(rows) for rows, _, _ in parts], np.int64),
            rows=np.concatenate([_NO_ROWS, *(rows for rows, _, _ in parts)]),
            strengths=np.concatenate([_NO_STRENGTHS, *(strengths for _, strengths, _ in parts)]),
        )

    @classmethod
    def joined(cls, parts: Iterable[Postings]) -> Postings:
        """The postings of several lists of terms as those of one list."""
        every = list(parts)
        if len(every) == 1:
            return every[0]
        return cls(
            weights=np.concatenate([_NO_WEIGHTS, *(part.weights for part in every)]),
            sizes=np.concatenate([_NO_ROWS, *(part.sizes for part in every)], dtype=np.int64),
            rows=np.concatenate([_NO_ROWS, *(part.rows for part in every)]),
            strengths=np.concatenate([_NO_STRENGTHS, *(part.strengths for part in every)]),
        )

    def scores(self, rows: int) -> Floats:
        """Σ weight x strength, one value for each of the first `rows` rows."""
        return np.bincount(self.rows, self._contributions, rows).astype(np.float32)

    def where(self, kept: npt.NDArray[np.int64]) -> Postings:
        """The postings at the ascending positions `kept`."""
        ends = kept.searchsorted(np.cumsum(self.sizes))
        sizes = np.diff(ends, prepend=0)
        return Postings(self.weights, sizes, self.rows.take(kept), self.strengths.take(kept))

    @property
    def _contributions(self) -> Floats:
        """(postings,) what each adds to the score of its row."""
        shares = np.repeat(self.weights / np.float32(255), self.sizes)
        return np.multiply(shares, self.strengths, dtype=np.float32)


_TermPostings: TypeAlias = tuple[AnyInts, npt.NDArray[np.uint8], float]
"""The rows that have a term, its strength in each, and its weight."""
_Span: TypeAlias = tuple[int, int, float]
"""Where the postings of a term start and stop, and its weight."""
_NO_ROWS, _NO_STRENGTHS = np.empty(0, np.int32), np.empty(0, np.uint8)
_NO_WEIGHTS = np.empty(0, np.float32)


def _count_below(rows: npt.NDArray[np.int32], below: int) -> int:
    """How many of the ascending `rows` are less than `below`."""
    # numpy copies all rows unless `below` has their type.
    return int(rows.searchsorted(np.int32(below)))


def _common(
    a: npt.NDArray[np.int32], b: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The positions, in each of two ascending lists, of the numbers that they share."""
    if len(a) > len(b):
        in_b, in_a = _common(b, a)
        return in_a, in_b
    at = np.minimum(b.searchsorted(a), len(b) - 1)
    in_a = np.flatnonzero(b[at] == a)
    return in_a, at[in_a]


def encode(term: str) -> bytes:
    """The bytes of a term in the index."""
    return term.encode()[:TERM_BYTES]


class _TermNumbers(dict[str, int]):
    """Term → its number in the index, -1 where it has none; cleared when it gets too large."""

    def __init__(self, terms: npt.NDArray[np.bytes_]) -> None:
        self._terms = terms

    def __missing__(self, term: str) -> int:
        if len(self) >= _CACHED:
            self.clear()
        encoded = np.array(encode(term), f"S{TERM_BYTES}")
        at = int(np.searchsorted(self._terms, encoded))
        number = at if at < len(self._terms) and self._terms[at] == encoded else -1
        self[term] = number
        return number


class TextIndex:
    """An index opened for reading.  `rows` is the number of its documents."""

    def __init__(
        self,
        terms: npt.NDArray[np.bytes_],
        offsets: npt.NDArray[np.int64],
        postings: npt.NDArray[np.int32],
        strengths: npt.NDArray[np.uint8],
        rows: int,
    ) -> None:
        self._terms = terms
        self._offsets = offsets
        self._postings = postings
        self._strengths = strengths
        self._term_numbers = _TermNumbers(terms)
        self.rows = rows

    @classmethod
    def open(cls, folder: Path) -> TextIndex:
        """The index in `folder`, memory-mapped.  Runs no code from it."""
        parts = [mapped(folder / f"{n}.npy") for n in ("terms", "offsets", "postings", "strengths")]
        rows = int(json.loads((folder / "index.json").read_text())["rows"])
        return cls(parts[0], parts[1], parts[2], parts[3], rows)

    def _spans(self, query: WeightedTerms) -> list[_Span]:
        """The spans of those terms of the query that the index has."""
        present, numbers = self._find_terms(query)
        columns = self._offsets[numbers], self._offsets[numbers + 1], query.weights[present]
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def _find_terms(
        self, query: WeightedTerms
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
        """(terms,) which of the query's terms the index has; and the numbers of those."""
        numbers = np.array([*map(self._term_numbers.__getitem__, query.terms)], np.int64)
        present = numbers >= 0
        return present, numbers[present]

    def rarity(
        self, query: WeightedTerms, below: int | None = None, prior: Prior = _NO_PRIOR
    ) -> Floats:
        """Inverse document frequency of each query term, shape (terms,), natural log.

        Counts only rows less than `below`, if given, and adds the rows of `prior`.  A term that
        no row has counts as one with a frequency of 0.
        """
        rows = (self.rows if below is None else below) + prior.rows
        frequency = np.zeros(len(query.terms))
        present, numbers = self._find_terms(query)
        starts, stops = self._offsets[numbers], self._offsets[numbers + 1]
        if below is None or below >= self.rows:
            frequency[present] = stops - starts
        else:
            spans = zip(starts.tolist(), stops.tolist(), strict=True)
            frequency[present] = [_count_below(self._postings[a:b], below) for a, b in spans]
        frequency += prior.rows * prior.shares
        idf: Floats = exact.log1p((rows - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        return idf

    def scores(self, query: WeightedTerms, rows: Rows) -> Floats:
        """Σ weight x strength over the query's terms, one value for each row of `rows`.

        A weight should include the term's rarity.  Strength is from 0 to 1.
        """
        if not rows.scattered and rows.starts[0] == 0:
            return self.postings(query, int(rows.stops[0])).scores(len(rows))
        return Postings.joined(self._search(self._spans(query), rows)).scores(len(rows))

    def postings(self, query: WeightedTerms, below: int) -> Postings:
        """The postings of the query's terms in rows less than `below`."""
        return Postings.of(self._read(self._spans(query), below))

    def _read(self, spans: Iterable[_Span], below: int) -> Iterator[_TermPostings]:
        """The postings of each span in rows less than `below`."""
        for start, stop, weight in spans:
            ids = self._postings[start:stop]
            end = stop if below >= self.rows else start + _count_below(ids, below)
            yield ids[: end - start], self._strengths[start:end], weight

    def _search(self, spans: Iterable[_Span], rows: Rows) -> Iterator[Postings]:
        """The postings of the spans in `rows`; a row's number is its position among `rows`.

        Neighbouring spans that are short are looked up together.
        """
        few = _LOOKED_UP * (2 * len(rows.starts) + len(rows.singles))
        for is_short, some in groupby(spans, lambda span: span[1] - span[0] <= few):
            if is_short:
                every = Postings.of(self._read(some, self.rows))
                at = rows.positions(every.rows)
                every = Postings(every.weights, every.sizes, at, every.strengths)
                yield every.where(np.flatnonzero(at >= 0))
            else:
                yield Postings.of(self._search_each(some, rows))

    def _search_each(self, spans: Iterable[_Span], rows: Rows) -> Iterator[_TermPostings]:
        """As `_search`, of long spans."""
        shift = starts_of(rows.stops - rows.starts)
        bounds = np.stack([rows.starts, rows.stops], axis=1).ravel().astype(np.int32)
        singles = rows.singles.astype(np.int32)
        for start, stop, weight in spans:
            ids, strengths = self._postings[start:stop], self._strengths[start:stop]
            edges = ids.searchsorted(bounds).tolist()
            for r in range(len(rows.starts)):
                a, b = edges[2 * r], edges[2 * r + 1]
                if b > a:
                    yield ids[a:b] - (rows.starts[r] - shift[r]), strengths[a:b], weight
            if len(singles):
                in_singles, in_ids = _common(singles, ids)
                yield shift[-1] + in_singles, strengths[in_ids], weight

    def rows_with(self, term: str) -> npt.NDArray[np.int32]:
        """The rows that have `term`, ascending."""
        spans = self._spans(WeightedTerms((term,), np.ones(1, np.float32)))
        return self._postings[slice(*spans[0][:2])] if spans else _NO_ROWS

    def terms_with_prefix(self, prefix: str, limit: int) -> tuple[str, ...]:
        """The first `limit` terms that begin with `prefix`, ascending."""
        encoded = encode(prefix)
        start = int(np.searchsorted(self._terms, np.array(encoded, f"S{TERM_BYTES}")))
        following = self._terms[start : start + limit].tolist()
        return tuple(t.decode(errors="ignore") for t in following if t.startswith(encoded))
