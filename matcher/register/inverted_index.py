"""A word index on disk: which rows hold which word, and how strongly.

Term-major postings (row numbers ascending, one byte of strength each), memory-mapped.  A
question touches only the postings of its own words, and of those only the stretches of
rows that it asks about: because the register lays its providers out by neighbourhood, a
local question reads a local part of the index, whatever the size of the whole.

Strength is BM25's saturated term frequency, with a fixed reference length instead of the
collection's mean, so that no other document can change it.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import AnyInts, Floats
from matcher.register.rows import Rows
from models import exact

_K1, _B = 1.2, 0.6
_TERM_BYTES = 24
_BLOCK = 4_000_000
_REFERENCE_LENGTH = 40.0
_FEW = 150_000
"""So many postings are read whole sooner than sought for the rows asked about."""
_REMEMBERED = 50_000
"""Terms whose places are kept at hand: lots share most of their words."""


@dataclass(frozen=True, slots=True)
class WeightedTerms:
    """Words asked for and how much each counts; `terms` are sorted and distinct."""

    terms: tuple[str, ...]
    weights: Floats

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> WeightedTerms:
        """A query from term → weight; terms that count for nothing are left out."""
        terms = tuple(sorted(t for t, w in weights.items() if w > 0))
        return cls(terms, np.array([weights[t] for t in terms], np.float32))


@dataclass(frozen=True, slots=True)
class Prior:
    """Rows known from elsewhere: how many, and the share of them that holds each term."""

    rows: float
    shares: Floats | float


_NO_PRIOR = Prior(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Postings:
    """The postings of a query's known terms, those of the first term first."""

    weights: Floats
    """(terms,) what each counts"""
    sizes: npt.NDArray[np.int64]
    """(terms,) how many postings each has"""
    rows: AnyInts
    """(postings,) the row that holds it"""
    strengths: npt.NDArray[np.uint8]
    """(postings,) how strongly, of 255"""

    @classmethod
    def of(cls, parts: Iterable[_Part]) -> Postings:
        """The parts together."""
        told = list(parts)
        return cls(
            weights=np.array([weight for _, _, weight in told], np.float32),
            sizes=np.array([len(ids) for ids, _, _ in told], np.int64),
            rows=np.concatenate([_NO_ROWS, *(ids for ids, _, _ in told)]),
            strengths=np.concatenate([_NO_STRENGTHS, *(strong for _, strong, _ in told)]),
        )

    def scores(self, rows: int) -> Floats:
        """Σ weight x strength, one value for each of the first `rows` rows."""
        return np.bincount(self.rows, self._adds, rows).astype(np.float32)

    def among(self, rows: Rows) -> Floats:
        """Σ weight x strength, one value a row of `rows`."""
        at = rows.positions(self.rows)
        inside = at >= 0
        return np.bincount(at[inside], self._adds[inside], len(rows)).astype(np.float32)

    @property
    def _adds(self) -> Floats:
        """(postings,) what each adds to its row."""
        shares = np.repeat(self.weights / np.float32(255), self.sizes)
        return np.multiply(shares, self.strengths, dtype=np.float32)


_Part: TypeAlias = tuple[AnyInts, npt.NDArray[np.uint8], float]
"""The rows that hold a term, how strongly, and what it counts."""
_Span: TypeAlias = tuple[int, int, float]
"""Where the postings of a term begin and end, and what it counts."""
_NO_ROWS, _NO_STRENGTHS = np.empty(0, np.int32), np.empty(0, np.uint8)


def mapped(path: Path) -> Any:  # noqa: ANN401 - numpy decides the type
    """The array in `path`, memory-mapped; a plain view, which is quicker to slice."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _under(rows: npt.NDArray[np.int32], below: int) -> int:
    """How many of the ascending `rows` are under `below`.

    Sought as a number of their own type: of another, numpy would first copy them all.
    """
    return int(rows.searchsorted(np.int32(below)))


def _common(
    a: npt.NDArray[np.int32], b: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where the numbers that two ascending lists share stand in each; the shorter is sought."""
    if len(a) > len(b):
        in_b, in_a = _common(b, a)
        return in_a, in_b
    at = np.minimum(b.searchsorted(a), len(b) - 1)
    found = np.flatnonzero(b[at] == a)
    return found, at[found]


def encode(term: str) -> bytes:
    """A term as the index holds it."""
    return term.encode()[:_TERM_BYTES]


class _Places(dict[str, int]):
    """Term → where it stands among all, -1 for none; forgets all when it holds too many."""

    def __init__(self, terms: npt.NDArray[np.bytes_]) -> None:
        self._terms = terms

    def __missing__(self, term: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        sought = np.array(encode(term), f"S{_TERM_BYTES}")
        at = int(np.searchsorted(self._terms, sought))
        place = at if at < len(self._terms) and self._terms[at] == sought else -1
        self[term] = place
        return place


class TextIndex:
    """An index opened for reading.  `rows` is the number of documents it holds."""

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
        self._place = _Places(terms)
        self.rows = rows

    @classmethod
    def open(cls, folder: Path) -> TextIndex:
        """The index in `folder`, memory-mapped; nothing of it is executed."""
        parts = [mapped(folder / f"{n}.npy") for n in ("terms", "offsets", "postings", "strengths")]
        rows = int(json.loads((folder / "index.json").read_text())["rows"])
        return cls(parts[0], parts[1], parts[2], parts[3], rows)

    def _spans(self, query: WeightedTerms) -> list[_Span]:
        """The known terms of the query."""
        known, at = self._places(query)
        told = self._offsets[at], self._offsets[at + 1], query.weights[known]
        return list(zip(*(part.tolist() for part in told), strict=True))

    def _places(self, query: WeightedTerms) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
        """(terms,) which of the query's terms are known; and where those stand among all."""
        at = np.array([*map(self._place.__getitem__, query.terms)], np.int64)
        known = at >= 0
        return known, at[known]

    def rarity(
        self, query: WeightedTerms, below: int | None = None, prior: Prior = _NO_PRIOR
    ) -> Floats:
        """Inverse document frequency of each query term, shape (terms,), natural log.

        `below`: count only rows under this number (what was known by some day).  A term
        that no row holds gets the rarity of one in none.  `prior` adds rows that are not
        here, and what share of them holds each term.
        """
        rows = (self.rows if below is None else below) + prior.rows
        frequency = np.zeros(len(query.terms))
        known, at = self._places(query)
        starts, stops = self._offsets[at], self._offsets[at + 1]
        if below is None:
            frequency[known] = stops - starts
        else:
            held = zip(starts.tolist(), stops.tolist(), strict=True)
            frequency[known] = [_under(self._postings[a:b], below) for a, b in held]
        frequency += prior.rows * prior.shares
        idf: Floats = exact.log1p((rows - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        return idf

    def scores(self, query: WeightedTerms, rows: Rows) -> Floats:
        """Σ weight x strength over the query's terms, one value a row of `rows`.

        A weight should hold the term's rarity already.  Strength lies in [0, 1].
        """
        if not rows.scattered and rows.starts[0] == 0:
            return self.held(query, int(rows.stops[0])).scores(len(rows))
        spans = self._spans(query)
        if sum(stop - start for start, stop, _ in spans) <= _FEW:
            return self.held(query, self.rows).among(rows)
        return Postings.of(self._sought(spans, rows)).scores(len(rows))

    def held(self, query: WeightedTerms, below: int) -> Postings:
        """Which rows under `below` hold which of the query's terms, and how strongly."""
        return Postings.of(self._of_spans(self._spans(query), below))

    def _of_spans(self, spans: Iterable[_Span], below: int) -> Iterator[_Part]:
        """The postings of each span that are of rows under `below`, and its weight."""
        for start, stop, weight in spans:
            ids = self._postings[start:stop]
            until = stop if below >= self.rows else start + _under(ids, below)
            yield ids[: until - start], self._strengths[start:until], weight

    def _sought(self, spans: Iterable[_Span], rows: Rows) -> Iterator[_Part]:
        """Where among `rows` each term stands, how strongly, and the term's weight."""
        shift = np.concatenate([[0], np.cumsum(rows.stops - rows.starts)])
        bounds = np.stack([rows.starts, rows.stops], axis=1).ravel().astype(np.int32)
        singles = rows.singles.astype(np.int32)
        for start, stop, weight in spans:
            ids, strong = self._postings[start:stop], self._strengths[start:stop]
            cuts = ids.searchsorted(bounds).tolist()
            for r in range(len(rows.starts)):
                a, b = cuts[2 * r], cuts[2 * r + 1]
                if b > a:
                    yield ids[a:b] - (rows.starts[r] - shift[r]), strong[a:b], weight
            if len(singles):
                hit, at = _common(singles, ids)
                yield shift[-1] + hit, strong[at], weight

    def rows_with(self, term: str) -> npt.NDArray[np.int32]:
        """The rows that hold `term`, ascending."""
        spans = self._spans(WeightedTerms((term,), np.ones(1, np.float32)))
        return self._postings[slice(*spans[0][:2])] if spans else _NO_ROWS

    def terms_from(self, beginning: str, most: int) -> tuple[str, ...]:
        """The terms that begin so, at most so many, in their own order."""
        first = encode(beginning)
        start = int(np.searchsorted(self._terms, np.array(first, f"S{_TERM_BYTES}")))
        near = self._terms[start : start + most].tolist()
        return tuple(t.decode(errors="ignore") for t in near if t.startswith(first))


class TextIndexWriter:
    """Builds an index from documents in row order, holding one block of postings at a time.

    `block` is how many postings that is; `by_length` how much a long document counts less.
    """

    def __init__(self, folder: Path, block: int = _BLOCK, by_length: float = _B) -> None:
        self._folder = folder
        self._by_length = by_length
        self._block = block
        folder.mkdir(parents=True)
        self._term_ids: dict[bytes, int] = {}
        self._known: dict[str, int] = {}
        self._rows = 0
        self._blocks: list[Path] = []
        self._reset()

    def _reset(self) -> None:
        self._terms = array("i")
        self._counts = array("d")
        self._sizes = array("i")
        self._lengths = array("d")

    def add(self, counts: Mapping[str, float]) -> None:
        """Append the next row: its term → count."""
        numbers = [self._known.get(t, -1) for t in counts]
        if -1 in numbers:
            numbers = [self._number(t) for t in counts]
        held: Mapping[int, float] = dict(zip(numbers, counts.values(), strict=True))
        if len(held) < len(numbers):
            held = _summed(numbers, counts.values())
        self._terms.extend(held)
        self._counts.extend(held.values())
        self._sizes.append(len(held))
        self._lengths.append(sum(counts.values()))
        self._rows += 1
        if len(self._terms) >= self._block:
            self._flush()

    def _number(self, term: str) -> int:
        number = self._term_ids.setdefault(encode(term), len(self._term_ids))
        self._known[term] = number
        return number

    def _flush(self) -> None:
        if not self._terms:
            return
        terms = np.array(self._terms, np.int32)
        order = np.argsort(terms, kind="stable")
        size, length = np.array(self._sizes, np.int32), np.array(self._lengths)
        first = self._rows - len(size)
        docs = np.repeat(np.arange(first, self._rows, dtype=np.int32), size)
        strong = _strengths(np.array(self._counts), np.repeat(length, size), self._by_length)
        path = self._folder / f"block-{len(self._blocks)}.npz"
        np.savez(
            path,
            terms=terms[order],
            docs=docs[order],
            strong=strong[order],
        )
        self._blocks.append(path)
        self._reset()

    def _read_blocks(self) -> Iterator[tuple[AnyInts, AnyInts, AnyInts]]:
        for path in self._blocks:
            with np.load(path, allow_pickle=False) as block:
                yield block["terms"], block["docs"], block["strong"]

    def finish(self) -> None:
        """Write the index and remove the blocks."""
        self._flush()
        names = sorted(self._term_ids)
        place = np.empty(len(names), np.int64)
        place[[self._term_ids[t] for t in names]] = np.arange(len(names))
        count = np.zeros(len(names) + 1, np.int64)
        for terms, _, _ in self._read_blocks():
            count[1:] += np.bincount(place[terms], minlength=len(names))
        offsets = np.cumsum(count)
        self._merge(place, offsets)
        np.save(self._folder / "terms.npy", np.array(names, f"S{_TERM_BYTES}"))
        np.save(self._folder / "offsets.npy", offsets)
        (self._folder / "index.json").write_text(json.dumps({"rows": self._rows}))
        for path in self._blocks:
            path.unlink()

    def _merge(self, place: AnyInts, offsets: npt.NDArray[np.int64]) -> None:
        postings = _output(self._folder / "postings.npy", int(offsets[-1]), np.int32)
        strengths = _output(self._folder / "strengths.npy", int(offsets[-1]), np.uint8)
        filled = offsets[:-1].copy()
        for terms, docs, strong in self._read_blocks():
            first = np.flatnonzero(np.diff(terms, prepend=-1))
            size = np.diff(first, append=len(terms))
            within = np.arange(len(terms)) - np.repeat(first, size)
            to = filled[place[terms]] + within
            postings[to], strengths[to] = docs, strong
            filled[place[terms[first]]] += size


def _summed(numbers: Iterable[int], counts: Iterable[float]) -> dict[int, float]:
    """Terms that are one in the index counted together."""
    held: dict[int, float] = {}
    for number, count in zip(numbers, counts, strict=True):
        held[number] = held.get(number, 0.0) + count
    return held


def _strengths(
    counts: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64], by_length: float
) -> npt.NDArray[np.uint8]:
    norm = _K1 * (1 - by_length + by_length * lengths / _REFERENCE_LENGTH)
    return np.maximum(1, np.rint(255 * counts / (counts + norm))).astype(np.uint8)


def _output(path: Path, size: int, dtype: type) -> npt.NDArray[np.generic]:
    if size == 0:
        np.save(path, np.empty(0, dtype))
        return np.empty(0, dtype)
    return np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=(size,))
