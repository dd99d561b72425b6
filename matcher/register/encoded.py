"""The vectors that a sentence encoder made of a register's providers and awards."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import AnyInts, Floats, Ints, mapped
from matcher.register.rows import Rows
from models.encoder import QUERY, STORED, Shorts
from models.services import NEAREST, NearServices

ARRAYS = ("fingerprints", "texts", "providers", "awards", "sentences")
OF_SERVICES = ("services", "service_weights")
"""The arrays that only a bundle with services makes."""
_SCALE = np.float32(1 / (QUERY * STORED))
_CHUNK = 1024
"""Rows compared at a time: so many that a core keeps them in its cache."""
FOLDER = "encoded"
"""Where a snapshot keeps them."""
NO_TEXT = 0
"""The number of the empty text, whose vector is zero."""

Bytes: TypeAlias = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """One vector of whole numbers for each different text, and which text is whose."""

    fingerprints: npt.NDArray[np.uint64]
    """(texts,) of each text: what is known already need not be encoded again"""
    texts: Bytes
    """(texts, d) unit vectors times `STORED`"""
    providers: npt.NDArray[np.int32]
    """(rows,) the text of each provider"""
    awards: npt.NDArray[np.int32]
    """(awards,) the text of each award"""
    sentences: npt.NDArray[np.int32]
    """(rows, n) the text of each of the first n sentences of a profile; n is 0 if none was read"""

    services: npt.NDArray[np.int16] | None = None
    """(texts, n) the services that each text is nearest to; None where the bundle has none"""
    service_weights: npt.NDArray[np.uint8] | None = None
    """(texts, n) how much each counts"""

    folder: Path | None = field(default=None, compare=False)
    """where the arrays are mapped from; None where they are in memory"""

    @classmethod
    def open(cls, folder: Path) -> EncodedTexts:
        """The arrays in `folder`, memory-mapped."""
        files = {name: folder / f"{name}.npy" for name in (*ARRAYS, *OF_SERVICES)}
        arrays: dict[str, Any] = {n: mapped(file) for n, file in files.items() if file.exists()}
        if "sentences" not in arrays:  # as registers were built before 28 November 2026
            arrays["sentences"] = np.empty((len(arrays["providers"]), 0), np.int32)
        encoded = cls(**arrays, folder=folder)
        encoded._check()
        return encoded

    def _check(self) -> None:
        """Raise ValueError where the arrays are not those of one set of texts."""
        number = len(self.fingerprints)
        whole = (
            self.texts.ndim == 2
            and self.texts.dtype == np.int8
            and self.sentences.ndim == 2
            and number == len(self.texts)
            and len(self.providers) == len(self.sentences)
        )
        near, weights = self.services, self.service_weights
        whole = whole and (near is None) == (weights is None)
        if near is not None and weights is not None:
            kinds = near.dtype == np.int16 and weights.dtype == np.uint8
            shapes = near.shape == weights.shape == (number, NEAREST)
            whole = whole and kinds and shapes and (not near.size or near.min() >= 0)
        for numbers in (self.providers, self.awards, self.sentences):
            whole = (
                whole
                and numbers.dtype == np.int32
                and (not numbers.size or (numbers.min() >= 0 and numbers.max() < number))
            )
        if not whole:
            raise ValueError("the vectors of texts do not belong together")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the folder's path: another process maps the same files."""
        if self.folder is not None:
            return EncodedTexts.open, (self.folder.absolute(),)
        return EncodedTexts, tuple(getattr(self, name) for name in (*ARRAYS, *OF_SERVICES))

    def save(self, folder: Path) -> None:
        """Write the arrays into `folder`, where `open` finds them."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in (*ARRAYS, *OF_SERVICES):
            if (array := getattr(self, name)) is not None:
                np.save(folder / f"{name}.npy", array)

    def providers_like(self, vector: Shorts, rows: Rows) -> Floats:
        """(rows,) the cosine of each row's text and the lot's `vector`."""
        return self._like(vector, rows.take(self.providers))

    def rows_like(self, vector: Shorts, rows: AnyInts) -> Floats:
        """(n,) the cosine of the text of each of `rows` and the lot's `vector`."""
        return self._like(vector, self.providers[rows])

    def sentences_like(self, vector: Shorts, row: int) -> Floats:
        """(n,) the cosine of each sentence of a row and the lot's `vector`; 0 where it has none."""
        return self._like(vector, self.sentences[row])

    def rows_sharing(self, lot: NearServices, rows: AnyInts) -> Floats:
        """(n,) how far the text of each of `rows` is about the services of the lot, from 0 to 1."""
        return self._sharing(lot, self.providers[rows])

    def awards_sharing(self, lot: NearServices, awards: AnyInts) -> Floats:
        """(n,) how far each award's text is about the services of the lot, from 0 to 1."""
        return self._sharing(lot, self.awards[awards])

    def service_shared(self, lot: NearServices, row: int, least: float) -> int | None:
        """The service that a row's text shares most with the lot.

        None where they share less than `least`, from 0 to 1.
        """
        near = self._services_of(self.providers[row : row + 1])
        if near is None or near.shared_with(lot)[0] < least:
            return None
        return int(near.most_shared_with(lot)[0])

    def _sharing(self, lot: NearServices, texts: npt.NDArray[np.int32]) -> Floats:
        near = self._services_of(texts)
        return np.zeros(len(texts), np.float32) if near is None else near.shared_with(lot)

    def _services_of(self, texts: npt.NDArray[np.int32]) -> NearServices | None:
        if self.services is None or self.service_weights is None:
            return None
        return NearServices(self.services[texts], self.service_weights[texts])

    def awards_like(self, vector: Shorts, awards: AnyInts | slice) -> Floats:
        """(n,) the cosine of each award's text and the lot's `vector`."""
        return self._like(vector, self.awards[awards])

    def _like(self, vector: Shorts, texts: Ints | npt.NDArray[np.int32]) -> Floats:
        """Exact: whole numbers whose products add up to less than float32 holds."""
        query = vector.astype(np.float32)
        found = np.empty(len(texts), np.float32)
        for start in range(0, len(texts), _CHUNK):
            part = self.texts[texts[start : start + _CHUNK]]
            found[start : start + _CHUNK] = part.astype(np.float32) @ query
        found *= _SCALE
        return found
