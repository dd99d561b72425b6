"""Writes an inverted index, a part of its rows at a time.

Strength is BM25's saturated term frequency, with a fixed reference length instead of the
collection's mean, so that no other document can change it.  Parts can therefore be made in
several processes, and the index is the same however its rows are divided.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints, mapped, starts_of
from matcher.core.disk import take_space
from matcher.register.inverted_index import TERM_BYTES, encode

_K1, LENGTH_PENALTY = 1.2, 0.6
_BLOCK = 4_000_000
_REFERENCE_LENGTH = 40.0
_POSTINGS_AT_ONCE = 8_000_000
_TERMS_AT_ONCE = 4_000_000
"""Terms of several parts that are sorted at once."""
_ROW_AT, _TERM_AT = 8, 40
_STRENGTH, _ROW = 0xFF, 0xFFFFFFFF
"""Where a posting as one number has its strength, its row and its term."""


class Part(NamedTuple):
    """The postings of some consecutive rows, grouped by term."""

    terms: npt.NDArray[np.bytes_]
    """(terms,) sorted"""
    sizes: Ints
    """(terms,) how many postings each has"""
    rows: npt.NDArray[np.int32]
    """(postings,) from 0, ascending within a term"""
    strengths: npt.NDArray[np.uint8]
    """(postings,)"""
    length: int
    """how many rows"""


class PartWriter:
    """Makes a part of an index of documents, which are added in row order.

    `length_penalty` is BM25's b: how much less a term counts in a long document.
    """

    def __init__(self, length_penalty: float = LENGTH_PENALTY) -> None:
        self._length_penalty = length_penalty
        self._terms: list[str] = []
        self._counts = array("d")
        self._sizes = array("i")
        self._lengths = array("d")

    def __len__(self) -> int:
        """The number of postings."""
        return len(self._terms)

    def add(self, counts: Mapping[str, float]) -> None:
        """Add the next row, as term → count."""
        self._terms.extend(counts)
        self._counts.extend(counts.values())
        self._sizes.append(len(counts))
        self._lengths.append(sum(counts.values()))

    def skip(self, rows: int) -> None:
        """Add rows without terms: their postings come from elsewhere."""
        self._sizes.frombytes(bytes(rows * self._sizes.itemsize))
        self._lengths.frombytes(bytes(rows * self._lengths.itemsize))

    def finish(self) -> Part:
        """The part."""
        number = {term: n for n, term in enumerate(dict.fromkeys(self._terms))}
        every = np.array(list(map(encode, number)), f"S{TERM_BYTES}")
        names, cut = np.unique(every, return_inverse=True)
        spelt = np.fromiter(map(number.__getitem__, self._terms), np.int64, len(self._terms))
        size = np.array(self._sizes, np.int64)
        rows = np.repeat(np.arange(len(size), dtype=np.int32), size)
        terms, counts = cut[spelt], np.array(self._counts)
        order = np.argsort(terms, kind="stable")
        terms, rows, counts = terms[order], rows[order], counts[order]
        if len(names) < len(every):
            terms, rows, counts = _summed(terms, rows, counts)
        lengths = np.array(self._lengths)[rows]
        strengths = _strengths(counts, lengths, self._length_penalty)
        sizes = np.bincount(terms, minlength=len(names))
        return Part(names, sizes, rows, strengths, len(size))


class TextIndexWriter:
    """Writes an index of documents, which are added in row order, one by one or in parts.

    Keeps at most one block of `block` postings in memory, and what parts hold on disk.
    """

    def __init__(
        self, folder: Path, block: int = _BLOCK, length_penalty: float = LENGTH_PENALTY
    ) -> None:
        self._folder = folder.absolute()
        self._length_penalty = length_penalty
        self._block = block
        folder.mkdir(parents=True)
        self._rows = 0
        self._pending = 0
        self._blocks: list[Path] = []
        self._reused: tuple[Path, Path] | None = None
        self._part = PartWriter(length_penalty)

    def add(self, counts: Mapping[str, float]) -> None:
        """Add the next row, as term → count."""
        self._part.add(counts)
        self._pending += 1
        if len(self._part) >= self._block:
            self._flush()

    def extend(self, part: Part) -> None:
        """Add the rows of a part."""
        self._flush()
        self._put(part._replace(rows=part.rows + np.int32(self._rows)))
        self._rows += part.length

    def add_block(self, path: Path, rows: int) -> None:
        """Add so many rows that `save_part` wrote into a file in the folder of the index."""
        self._blocks.append(path.absolute())
        self._rows += rows

    def reuse(self, folder: Path, new_rows: Path) -> None:
        """Take postings from the index in `folder`, once this one is finished.

        The array in the file `new_rows` gives the row of each of its rows; those where it is -1 are
        left out.
        """
        self._reused = folder.absolute(), new_rows.absolute()

    def _put(self, part: Part) -> None:
        path = self._folder / f"more-{len(self._blocks)}.npz"
        save_part(path, part, 0)
        self._blocks.append(path)

    def _flush(self) -> None:
        if self._pending:
            part, self._part, self._pending = self._part, PartWriter(self._length_penalty), 0
            self.extend(part.finish())

    def _read_blocks(self, *columns: str) -> Iterator[tuple[Any, ...]]:
        for path in self._blocks:
            with np.load(path, allow_pickle=False) as block:
                yield tuple(block[name] for name in columns)

    def finish(self) -> None:
        """Write the index and remove the blocks."""
        self._flush()
        if self._reused is not None:
            for part in _moved(*self._reused):
                self._put(part)
        terms = self._all_terms()
        count = np.zeros(len(terms) + 1, np.int64)
        for mine, sizes in self._read_blocks("terms", "sizes"):
            count[terms.searchsorted(mine) + 1] += sizes
        offsets = np.cumsum(count)
        self._merge(terms, offsets)
        np.save(self._folder / "terms.npy", terms)
        np.save(self._folder / "offsets.npy", offsets)
        (self._folder / "index.json").write_text(json.dumps({"rows": self._rows}))
        for path in self._blocks:
            path.unlink()

    def _all_terms(self) -> npt.NDArray[np.bytes_]:
        """The terms of all blocks, sorted."""
        every = np.empty(0, f"S{TERM_BYTES}")
        some: list[npt.NDArray[np.bytes_]] = []
        for (terms,) in self._read_blocks("terms"):
            some.append(terms)
            if sum(map(len, some)) >= _TERMS_AT_ONCE:
                every, some = _merged([every, *some]), []
        return _merged([every, *some])

    def _merge(self, terms: npt.NDArray[np.bytes_], offsets: Ints) -> None:
        """Write the postings of all blocks."""
        postings = _output(self._folder / "postings.npy", int(offsets[-1]), np.int32)
        strengths = _output(self._folder / "strengths.npy", int(offsets[-1]), np.uint8)
        filled = offsets[:-1].copy()
        for mine, sizes, rows, block_strengths in self._read_blocks(
            "terms", "sizes", "rows", "strengths"
        ):
            at = terms.searchsorted(mine)
            first = np.cumsum(sizes) - sizes
            to = np.arange(len(rows)) + np.repeat(filled[at] - first, sizes)
            postings[to], strengths[to] = rows, block_strengths
            filled[at] += sizes
        if self._reused is not None:
            _put_in_order(postings, strengths, offsets)


def save_part(path: Path, part: Part, first: int) -> None:
    """Write a part of an index whose first row has the number `first`."""
    np.savez(
        path,
        terms=part.terms,
        sizes=part.sizes,
        rows=part.rows + np.int32(first),
        strengths=part.strengths,
    )


def _merged(runs: Sequence[npt.NDArray[np.bytes_]]) -> npt.NDArray[np.bytes_]:
    """The different terms of several runs, sorted.  Each is sorted, which a stable sort uses."""
    every = np.concatenate(runs)
    every.sort(kind="stable")
    first = np.ones(len(every), bool)
    first[1:] = every[1:] != every[:-1]
    return every[first]


def _moved(folder: Path, new_rows: Path) -> Iterator[Part]:
    """The postings of the index in `folder`, with the rows that the array in `new_rows` gives."""
    terms, offsets, postings, strengths = (
        mapped(folder / f"{name}.npy") for name in ("terms", "offsets", "postings", "strengths")
    )
    new_row = np.load(new_rows, allow_pickle=False)
    for first, last in _spans(offsets):
        span = slice(offsets[first], offsets[last])
        rows = new_row[postings[span]]
        kept = rows >= 0
        before = starts_of(kept)
        sizes = np.diff(before[offsets[first : last + 1] - offsets[first]])
        some = sizes > 0
        yield Part(terms[first:last][some], sizes[some], rows[kept], strengths[span][kept], 0)


def _put_in_order(postings: npt.NDArray[Any], strengths: npt.NDArray[Any], offsets: Ints) -> None:
    """Sort the postings of each term by row, some millions at a time.

    Each posting is one number: its term within the span, its row and its strength.  Nearly all
    stand in order already, which a stable sort makes use of.
    """
    for first, last in _spans(offsets):
        span = slice(offsets[first], offsets[last])
        term = np.repeat(np.arange(last - first), np.diff(offsets[first : last + 1]))
        every = term << _TERM_AT | postings[span].astype(np.int64) << _ROW_AT | strengths[span]
        every.sort(kind="stable")
        postings[span], strengths[span] = every >> _ROW_AT & _ROW, every & _STRENGTH


def _spans(offsets: Ints) -> Iterator[tuple[int, int]]:
    """The first terms of spans of some millions of postings, and where each of these ends."""
    first = 0
    while first < len(offsets) - 1:
        last = int(offsets.searchsorted(offsets[first] + _POSTINGS_AT_ONCE, "right")) - 1
        last = max(last, first + 1)
        yield first, last
        first = last


def _summed(
    terms: Ints, rows: npt.NDArray[np.int32], counts: npt.NDArray[np.float64]
) -> tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Postings with the counts of a row's long terms added up that the index cuts to one."""
    first = np.flatnonzero(
        np.concatenate([[True], (terms[1:] != terms[:-1]) | (rows[1:] != rows[:-1])])
    )
    return terms[first], rows[first], np.add.reduceat(counts, first)


def _strengths(
    counts: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64], length_penalty: float
) -> npt.NDArray[np.uint8]:
    norm = _K1 * (1 - length_penalty + length_penalty * lengths / _REFERENCE_LENGTH)
    return np.maximum(1, np.rint(255 * counts / (counts + norm))).astype(np.uint8)


def _output(path: Path, size: int, dtype: type) -> npt.NDArray[np.generic]:
    if size == 0:
        np.save(path, np.empty(0, dtype))
        return np.empty(0, dtype)
    output = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=(size,))
    take_space(path)
    return output
