"""The embedder: turns texts and names into vectors of length 1 in the same space.

The vector of a lot is close to those of the names of organisations that won similar lots, and to
those of other lots that they won. It is trained in `training.learning.two_tower`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models import exact
from models.array_files import DAMAGE, read_arrays, version_of, write_arrays
from models.coder import BUCKETS, Coder, Floats, Row, Vocabulary
from models.errors import BundleError

Bytes: TypeAlias = npt.NDArray[np.int8]


_WEIGHT_BITS = 36
"""Weights of at most 1 by numbers of 7 bits, 1,024 of them: 53 bits, which a double holds."""


@dataclass(frozen=True)
class QuantizedVectors:
    """A table of vectors with one byte for each number: `numbers` times the row's `scale`."""

    numbers: Bytes
    scale: Floats

    def __post_init__(self) -> None:
        if self.numbers.ndim != 2 or self.scale.shape != self.numbers.shape[:1]:
            raise BundleError("a table of vectors and its scales differ in shape")

    @classmethod
    def of(cls, vectors: Floats) -> QuantizedVectors:
        """The table of `vectors`, shape (n, d), rounded."""
        scale = np.maximum(np.abs(vectors).max(axis=1), 1e-12).astype(np.float32) / 127
        return cls(np.rint(vectors / scale[:, None]).astype(np.int8), scale)

    @property
    def vectors(self) -> Floats:
        """The rounded vectors, shape (n, d)."""
        return self.numbers.astype(np.float32) * self.scale[:, None]


@dataclass(frozen=True)
class Embedder:
    """Makes vectors of length 1, or 0 where the text contains no known term.

    Their numbers are multiples of 2**-11 (`models.exact`): dot products of them are exact.
    """

    coder: Coder
    texts: QuantizedVectors
    """(text columns, d)"""
    names: QuantizedVectors
    """(name columns, d)"""

    def __post_init__(self) -> None:
        expected = (self.coder.text_columns, self.coder.name_columns)
        if (len(self.texts.numbers), len(self.names.numbers)) != expected:
            raise BundleError("the embedder's tables and vocabularies differ in length")
        if self.texts.numbers.shape[1] != self.names.numbers.shape[1]:
            raise BundleError("the embedder's two tables differ in width")

    @property
    def size(self) -> int:
        """The number of dimensions d of a vector."""
        return int(self.texts.numbers.shape[1])

    @cached_property
    def version(self) -> str:
        """A digest of the arrays: vectors can be compared only if their versions are equal."""
        return version_of(self._arrays())

    def text(self, words: Mapping[str, float], codes: Sequence[str] = ()) -> Floats:
        """(d,) the vector of a text, from counts by stem and its CPV codes with their prefixes."""
        return _embed(self.texts, self.coder.text(words, codes))

    def name(self, names: Sequence[str]) -> Floats:
        """(d,) the vector of an organisation, from its names."""
        return _embed(self.names, self.coder.name(names))

    def names_of(self, organisations: Sequence[tuple[Iterable[str], Sequence[str]]]) -> Floats:
        """(n, d) the vectors of many organisations, each as `name` makes it.

        Each is given by the different stems of its names in order, and by its names.
        """
        rows = self.coder.names(organisations)
        order = np.argsort(rows.row, kind="stable")
        columns = rows.columns[order]
        weights = rows.values[order].astype(np.float64) * self.names.scale[columns]
        weights = exact.on_grid(weights, _WEIGHT_BITS)
        ends = np.cumsum(np.bincount(rows.row, minlength=rows.size)).tolist()
        sums, start = np.zeros((rows.size, self.size)), 0
        for number, end in enumerate(ends):
            numbers = self.names.numbers[columns[start:end]].astype(np.float64)
            sums[number] = weights[start:end] @ numbers
            start = end
        return exact.units(sums)

    def _arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        coder = self.coder
        parts: dict[str, npt.NDArray[np.generic]] = {
            "text_numbers": self.texts.numbers,
            "text_scale": self.texts.scale,
            "name_numbers": self.names.numbers,
            "name_scale": self.names.scale,
            "letters": coder.letters,
            "places": np.array(sorted(coder.places), np.str_),
        }
        for key in ("words", "codes", "name_words"):
            terms: Vocabulary = getattr(coder, key)
            parts[key] = np.array(terms.terms, np.str_)
            parts[f"{key}_rarity"] = terms.rarity
        return parts

    def save(self, path: Path) -> None:
        """Write the arrays to the file `path`; equal embedders give equal bytes."""
        arrays = self._arrays().items()
        saved = {name: a.astype("S") if a.dtype.kind == "U" else a for name, a in arrays}
        write_arrays(path, saved)

    @classmethod
    def open(cls, path: Path) -> Embedder:
        """The embedder in the file `path`, without running any code from it.

        Raises BundleError where the file is damaged.
        """
        try:
            arrays = read_arrays(path)
            terms = {
                key: Vocabulary(_strings(arrays[key]), arrays[f"{key}_rarity"].astype(np.float32))
                for key in ("words", "codes", "name_words")
            }
            letters = arrays["letters"].astype(np.float32)
            if letters.shape != (BUCKETS,) or any(
                len(t.terms) != len(t.rarity) for t in terms.values()
            ):
                raise ValueError("its arrays do not fit together")
            coder = Coder(**terms, letters=letters, places=frozenset(_strings(arrays["places"])))
            tables = [
                QuantizedVectors(arrays[f"{side}_numbers"], arrays[f"{side}_scale"])
                for side in ("text", "name")
            ]
            return cls(coder, *tables)
        except DAMAGE as error:
            raise BundleError(f"{path.name} is damaged ({error})") from error


def _strings(array: npt.NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(item.decode() for item in array.astype("S").tolist())


def _embed(table: QuantizedVectors, row: Row) -> Floats:
    """The unit vector of a row: its columns' vectors, weighted and added, exactly.

    Weights are rounded to a grid, so that every partial sum is a whole multiple of its step.
    """
    columns, values = row
    weights = values.astype(np.float64) * table.scale[columns]
    on_grid = exact.on_grid(weights, _WEIGHT_BITS)
    return exact.unit(on_grid @ table.numbers[columns].astype(np.float64))
