"""Writes an inverted index, a block of postings at a time.

Strength is BM25's saturated term frequency, with a fixed reference length instead of the
collection's mean, so that no other document can change it.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import AnyInts
from matcher.register.inverted_index import TERM_BYTES, encode

_K1, _B = 1.2, 0.6
_BLOCK = 4_000_000
_REFERENCE_LENGTH = 40.0


class TextIndexWriter:
    """Writes an index of documents, which are added in row order.

    Keeps at most one block of `block` postings in memory.  `length_penalty` is BM25's b: how much
    less a term counts in a long document.
    """

    def __init__(self, folder: Path, block: int = _BLOCK, length_penalty: float = _B) -> None:
        self._folder = folder
        self._length_penalty = length_penalty
        self._block = block
        folder.mkdir(parents=True)
        self._term_ids: dict[bytes, int] = {}
        self._numbers: dict[str, int] = {}
        self._rows = 0
        self._blocks: list[Path] = []
        self._reset()

    def _reset(self) -> None:
        self._terms = array("i")
        self._counts = array("d")
        self._sizes = array("i")
        self._lengths = array("d")

    def add(self, counts: Mapping[str, float]) -> None:
        """Add the next row, as term → count."""
        numbers = [self._numbers.get(t, -1) for t in counts]
        if -1 in numbers:
            numbers = [self._number(t) for t in counts]
        row: Mapping[int, float] = dict(zip(numbers, counts.values(), strict=True))
        if len(row) < len(numbers):
            row = _summed(numbers, counts.values())
        self._terms.extend(row)
        self._counts.extend(row.values())
        self._sizes.append(len(row))
        self._lengths.append(sum(counts.values()))
        self._rows += 1
        if len(self._terms) >= self._block:
            self._flush()

    def _number(self, term: str) -> int:
        number = self._term_ids.setdefault(encode(term), len(self._term_ids))
        self._numbers[term] = number
        return number

    def _flush(self) -> None:
        if not self._terms:
            return
        terms = np.array(self._terms, np.int32)
        order = np.argsort(terms, kind="stable")
        size, length = np.array(self._sizes, np.int32), np.array(self._lengths)
        first = self._rows - len(size)
        rows = np.repeat(np.arange(first, self._rows, dtype=np.int32), size)
        lengths = np.repeat(length, size)
        strengths = _strengths(np.array(self._counts), lengths, self._length_penalty)
        path = self._folder / f"block-{len(self._blocks)}.npz"
        np.savez(path, terms=terms[order], rows=rows[order], strengths=strengths[order])
        self._blocks.append(path)
        self._reset()

    def _read_blocks(self) -> Iterator[tuple[AnyInts, AnyInts, AnyInts]]:
        for path in self._blocks:
            with np.load(path, allow_pickle=False) as block:
                yield block["terms"], block["rows"], block["strengths"]

    def finish(self) -> None:
        """Write the index and remove the blocks."""
        self._flush()
        names = sorted(self._term_ids)
        position = np.empty(len(names), np.int64)
        position[[self._term_ids[t] for t in names]] = np.arange(len(names))
        count = np.zeros(len(names) + 1, np.int64)
        for terms, _, _ in self._read_blocks():
            count[1:] += np.bincount(position[terms], minlength=len(names))
        offsets = np.cumsum(count)
        self._merge(position, offsets)
        np.save(self._folder / "terms.npy", np.array(names, f"S{TERM_BYTES}"))
        np.save(self._folder / "offsets.npy", offsets)
        (self._folder / "index.json").write_text(json.dumps({"rows": self._rows}))
        for path in self._blocks:
            path.unlink()

    def _merge(self, position: AnyInts, offsets: npt.NDArray[np.int64]) -> None:
        """Write the postings of all blocks; `position` is that of each term in the index."""
        postings = _output(self._folder / "postings.npy", int(offsets[-1]), np.int32)
        strengths = _output(self._folder / "strengths.npy", int(offsets[-1]), np.uint8)
        filled = offsets[:-1].copy()
        for terms, rows, block_strengths in self._read_blocks():
            first = np.flatnonzero(np.diff(terms, prepend=-1))
            size = np.diff(first, append=len(terms))
            within = np.arange(len(terms)) - np.repeat(first, size)
            to = filled[position[terms]] + within
            postings[to], strengths[to] = rows, block_strengths
            filled[position[terms[first]]] += size


def _summed(numbers: Iterable[int], counts: Iterable[float]) -> dict[int, float]:
    """Term number → its total count.  Long terms that the index cuts to one share a number."""
    totals: dict[int, float] = {}
    for number, count in zip(numbers, counts, strict=True):
        totals[number] = totals.get(number, 0.0) + count
    return totals


def _strengths(
    counts: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64], length_penalty: float
) -> npt.NDArray[np.uint8]:
    norm = _K1 * (1 - length_penalty + length_penalty * lengths / _REFERENCE_LENGTH)
    return np.maximum(1, np.rint(255 * counts / (counts + norm))).astype(np.uint8)


def _output(path: Path, size: int, dtype: type) -> npt.NDArray[np.generic]:
    if size == 0:
        np.save(path, np.empty(0, dtype))
        return np.empty(0, dtype)
    return np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=(size,))
