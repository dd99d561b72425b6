"""A sentence encoder: turns texts into unit vectors that are close where texts mean the same.

A small BERT (the mean of its last layer, scaled to length one) with exact arithmetic
(`models.encoder_layers`), so the other texts of a batch cannot change a result either.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from models.array_files import DAMAGE, read_arrays, version_of, write_arrays
from models.encoder_layers import HEAD, NORM_STEPS, Bytes, Floats, Layer, Linear, normalised
from models.errors import BundleError
from models.wordpiece import WordPieces

Shorts: TypeAlias = npt.NDArray[np.int16]
Array: TypeAlias = npt.NDArray[np.generic]
Numbers: TypeAlias = npt.NDArray[Any]
Number = TypeVar("Number", bound=np.generic)

QUERY, STORED = 4000, 512
"""The length of the vector of a query, and of one that is kept (as bytes)."""

_TOKENS = 384
"""The most tokens of a batch, so that its numbers fit into the cache of a core."""
_KEPT, _LOCK = 256, Lock()
"""How many of the latest texts keep their vectors, and what guards them."""


@dataclass(frozen=True)
class Encoder:
    """Turns texts into vectors of whole numbers, of the length `QUERY` or `STORED`."""

    pieces: WordPieces
    words: Bytes
    """(pieces, d)"""
    word_scale: Floats
    """(pieces,)"""
    places: Floats
    """(longest text, d) the vector of each position in a text"""
    norm: tuple[Floats, Floats]
    layers: tuple[Layer, ...]
    place_names: frozenset[str] = frozenset()
    """stems that are left out of every text, because they name places"""
    common: frozenset[str] = frozenset()
    """stems that are kept even if a buyer or a place is named so"""
    card: Mapping[str, Any] = field(default_factory=dict)
    """what it learned and from what; `knows awards before` is a day"""
    path: Path | None = field(default=None, compare=False)
    """the file it was opened from, if it was"""

    @property
    def size(self) -> int:
        """The numbers of a vector."""
        return int(self.words.shape[1])

    @property
    def longest(self) -> int:
        """The most pieces of a text that are read."""
        return len(self.places)

    @cached_property
    def version(self) -> str:
        """A digest of the weights. Only vectors with the same version can be compared."""
        return version_of(self._arrays())

    def query(self, text: str, most: int | None = None) -> Shorts:
        """(d,) the vector of one text, to compare with stored ones.

        The latest vectors are kept, because an officer asks for the same lot several times.
        """
        key = (text, most)
        with _LOCK:
            found = self._asked.pop(key, None)
        if found is None:
            found = self.encode([text], QUERY, most)[0]
        self._keep([(key, found)])
        return found

    def read(self, texts: Sequence[str], most: int | None = None) -> None:
        """Make the vectors that `query` gives for these texts together, which is faster."""
        with _LOCK:
            unread = [key for text in texts if (key := (text, most)) not in self._asked]
        unread = list(dict.fromkeys(unread))[:_KEPT]
        found = self.encode([text for text, _ in unread], QUERY, most)
        self._keep(zip(unread, found, strict=True))

    def forget(self) -> None:
        """Forget the vectors of the latest texts: to measure what making them takes."""
        with _LOCK:
            self._asked.clear()

    def _keep(self, found: Iterable[tuple[tuple[str, int | None], Shorts]]) -> None:
        with _LOCK:
            for key, vector in found:
                vector.flags.writeable = False
                self._asked[key] = vector
                if len(self._asked) > _KEPT:
                    del self._asked[next(iter(self._asked))]

    @cached_property
    def _asked(self) -> dict[tuple[str, int | None], Shorts]:
        """The latest texts with their vectors, the oldest first."""
        return {}

    def encode(
        self,
        texts: Sequence[str],
        length: int = STORED,
        most: int | None = None,
        progress: Callable[[int], None] = lambda done: None,
    ) -> Shorts:
        """(n, d) the unit vector of each text times `length`, rounded to whole numbers.

        Texts are lower case and ASCII. At most `most` pieces of each are read. The vector of a
        text without a piece is zero.
        """
        most = min(most or self.longest, self.longest)
        numbered = [self.pieces.numbers(text, most) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(numbered[i]))
        vectors = np.zeros((len(texts), self.size), np.int16)
        start = 0
        while start < len(order):
            stop = _end(numbered, order, start)
            batch = order[start:stop]
            vectors[batch] = self._encode([numbered[i] for i in batch], length)
            start = stop
            progress(start)
        return vectors

    def _encode(self, numbered: list[list[int]], length: int) -> Shorts:
        lengths = np.array([len(n) for n in numbered])
        longest = int(lengths.max())
        pieces = np.zeros((len(numbered), longest), np.intp)
        for row, numbers in zip(pieces, numbered, strict=True):
            row[: len(numbers)] = numbers
        unread = np.arange(longest) >= lengths[:, None]
        x = self.words[pieces].astype(np.float32)
        x *= self.word_scale[pieces][:, :, None]
        x += self.places[:longest]
        x = normalised(x.reshape(-1, self.size), *self.norm)
        for layer in self.layers:
            x = layer(x, len(numbered), unread if unread.any() else None)
        return _unit(x.reshape(len(numbered), longest, -1), unread, lengths, length)

    def _arrays(self) -> dict[str, Array]:
        parts: dict[str, Array] = {
            "pieces": np.array(self.pieces.pieces).astype("S"),
            "words": self.words,
            "word_scale": self.word_scale,
            "places": self.places,
            "norm": np.stack(self.norm),
            "place_names": np.array(sorted(self.place_names)).astype("S"),
            "common": np.array(sorted(self.common)).astype("S"),
        }
        for i, layer in enumerate(self.layers):
            for name in ("attend", "out", "up", "down"):
                linear: Linear = getattr(layer, name)
                parts[f"{i}_{name}"] = linear.numbers
                parts[f"{i}_{name}_scale"] = linear.scale
                parts[f"{i}_{name}_bias"] = linear.bias
            parts[f"{i}_norm"] = np.stack(layer.norm)
            parts[f"{i}_norm_after"] = np.stack(layer.norm_after)
        return parts

    def save(self, path: Path) -> None:
        """Write all arrays to the file `path`. The same encoder gives the same bytes."""
        card = np.frombuffer(json.dumps(dict(self.card), sort_keys=True).encode(), np.uint8)
        write_arrays(path, {**self._arrays(), "card": card})

    @classmethod
    def open(cls, path: Path) -> Encoder:
        """The encoder in the file `path`, which holds only arrays. Runs no code from it.

        Raises BundleError where the file is damaged.
        """
        try:
            return cls._of(read_arrays(path), path)
        except DAMAGE as error:
            raise BundleError(f"{path.name} is damaged ({error})") from error

    @classmethod
    def _of(cls, arrays: Mapping[str, Numbers], path: Path) -> Encoder:
        size = arrays["words"].shape[1]
        layers: list[Layer] = []
        while f"{len(layers)}_attend" in arrays:
            layers.append(_layer(arrays, len(layers), size))
        words = _as(arrays["words"], np.int8, (len(arrays["pieces"]), size))
        places = arrays["places"]
        if size % HEAD or not layers:
            raise ValueError("its arrays do not fit together")
        return cls(
            WordPieces([piece.decode() for piece in arrays["pieces"].tolist()]),
            words,
            _as(arrays["word_scale"], np.float32, (len(words),)),
            _as(places, np.float32, (min(len(places), 128), size)),
            _pair(arrays["norm"], size),
            tuple(layers),
            frozenset(stem.decode() for stem in arrays["place_names"].tolist()),
            frozenset(stem.decode() for stem in arrays["common"].tolist()),
            json.loads(arrays["card"].tobytes()),
            path,
        )


def _end(numbered: list[list[int]], order: list[int], start: int) -> int:
    """The end of the batch that begins at `start` of `order`, which is sorted by length."""
    stop = start + 1
    while stop < len(order) and (stop + 1 - start) * len(numbered[order[stop]]) <= _TOKENS:
        stop += 1
    return stop


def _unit(
    x: Floats, unread: npt.NDArray[np.bool_], lengths: npt.NDArray[np.int_], length: int
) -> Shorts:
    """(n, d) the mean over the pieces of each text, scaled to `length` and rounded."""
    steps = np.rint(x * np.float32(NORM_STEPS))
    steps[unread] = 0
    mean = np.rint(steps.sum(axis=1, dtype=np.float64) / lengths[:, None])
    whole = np.sqrt((mean * mean).sum(axis=1, keepdims=True))
    unit = np.rint(mean / np.maximum(whole, 1) * length)
    unit[lengths <= _EMPTY] = 0
    most = 127 if length == STORED else 32767
    whole_numbers: Shorts = np.clip(unit, -most, most).astype(np.int16)
    return whole_numbers


_EMPTY = 2
"""A text of so many pieces has only its beginning and its end."""


def _layer(arrays: Mapping[str, Numbers], i: int, size: int) -> Layer:
    def linear(name: str, width: int, out: int) -> Linear:
        return Linear(
            _as(arrays[f"{i}_{name}"], np.int8, (width, out)),
            _as(arrays[f"{i}_{name}_scale"], np.float32, (out,)),
            _as(arrays[f"{i}_{name}_bias"], np.float32, (out,)),
        )

    wide = arrays[f"{i}_up"].shape[1]
    return Layer(
        linear("attend", size, 3 * size),
        linear("out", size, size),
        _pair(arrays[f"{i}_norm"], size),
        linear("up", size, wide),
        linear("down", wide, size),
        _pair(arrays[f"{i}_norm_after"], size),
    )


def _pair(array: Numbers, size: int) -> tuple[Floats, Floats]:
    scale, shift = _as(array, np.float32, (2, size))
    return scale, shift


def _as(array: Numbers, kind: type[Number], shape: tuple[int, ...]) -> npt.NDArray[Number]:
    if array.dtype != kind or array.shape != shape:
        raise ValueError("its arrays do not fit together")
    if array.dtype == np.float32 and not np.isfinite(array).all():
        raise ValueError("it holds a value that is not a number")
    return array
