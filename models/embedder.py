"""The embedder: texts and names as unit vectors in one learned space.

A lot lies near the names of those who won such lots, and near other lots that they won.
Learned in `training.learning.two_tower`; a bundle keeps it as arrays of numbers and words.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from lzma import LZMAError
from pathlib import Path
from tokenize import TokenError
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.coder import BUCKETS, Coder, Floats, Row, Vocabulary
from models.errors import BundleError

Bytes: TypeAlias = npt.NDArray[np.int8]

_DAMAGE = (
    *(OSError, ValueError, LookupError, TypeError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, LZMAError, SyntaxError, TokenError),
)
"""What reading a damaged file of arrays may raise."""


@dataclass(frozen=True)
class Packed:
    """A table of vectors at one byte a number: `numbers` times the row's `scale`."""

    numbers: Bytes
    scale: Floats

    def __post_init__(self) -> None:
        if self.numbers.ndim != 2 or self.scale.shape != self.numbers.shape[:1]:
            raise BundleError("a table of vectors and its scales differ in shape")

    @classmethod
    def of(cls, vectors: Floats) -> Packed:
        """`vectors`, shape (n, d), rounded."""
        scale = np.maximum(np.abs(vectors).max(axis=1), 1e-12).astype(np.float32) / 127
        return cls(np.rint(vectors / scale[:, None]).astype(np.int8), scale)

    @property
    def vectors(self) -> Floats:
        """The rounded vectors, shape (n, d)."""
        return self.numbers.astype(np.float32) * self.scale[:, None]


@dataclass(frozen=True)
class Embedder:
    """Vectors of `size` numbers, of length one, or zero where nothing in the text is known."""

    coder: Coder
    texts: Packed
    """(text columns, d)"""
    names: Packed
    """(name columns, d)"""

    def __post_init__(self) -> None:
        wanted = (self.coder.text_columns, self.coder.name_columns)
        if (len(self.texts.numbers), len(self.names.numbers)) != wanted:
            raise BundleError("the embedder's tables and vocabularies differ in length")
        if self.texts.numbers.shape[1] != self.names.numbers.shape[1]:
            raise BundleError("the embedder's two tables differ in width")

    @property
    def size(self) -> int:
        """How many numbers a vector has."""
        return int(self.texts.numbers.shape[1])

    @cached_property
    def version(self) -> str:
        """Names what was learned: vectors of two embedders compare only if it is the same."""
        digest = hashlib.sha256()
        for name, array in sorted(self._arrays().items()):
            digest.update(f"{name}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]

    def text(self, words: Mapping[str, float], codes: Sequence[str] = ()) -> Floats:
        """The vector, shape (d,), of stem → count and the CPV codes with all they belong to."""
        return _embed(self._texts, self.coder.text(words, codes))

    def name(self, names: Sequence[str]) -> Floats:
        """The vector, shape (d,), of an organisation by its names."""
        return _embed(self._names, self.coder.name(names))

    @cached_property
    def _texts(self) -> Floats:
        return self.texts.vectors

    @cached_property
    def _names(self) -> Floats:
        return self.names.vectors

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
        """Write all arrays to the file `path`; the same embedder gives the same bytes."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for name, array in sorted(self._arrays().items()):
                with out.open(zipfile.ZipInfo(f"{name}.npy"), "w") as file:
                    saved = array.astype("S") if array.dtype.kind == "U" else array
                    np.lib.format.write_array(file, np.ascontiguousarray(saved))

    @classmethod
    def open(cls, path: Path) -> Embedder:
        """What `save` wrote.  Arrays only: nothing of the file is run."""
        try:
            with zipfile.ZipFile(path) as parts:
                if bent := parts.testzip():
                    raise ValueError(f"{bent} is not as it was written")
            with path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
                arrays = {name: saved[name] for name in saved.files}
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
                Packed(arrays[f"{side}_numbers"], arrays[f"{side}_scale"])
                for side in ("text", "name")
            ]
            return cls(coder, *tables)
        except _DAMAGE as wrong:
            raise BundleError(f"{path.name} is damaged ({wrong})") from wrong


def _strings(array: npt.NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(item.decode() for item in array.astype("S").tolist())


def _embed(table: Floats, row: Row) -> Floats:
    columns, values = row
    vector = values @ table[columns]
    length = float(np.sqrt(vector @ vector))
    return (vector / length if length else vector).astype(np.float32)
