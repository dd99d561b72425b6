"""The layers of a sentence encoder, with exact arithmetic.

Weights are integers of 8 bits, activations are rounded to integers, and float32 or float64 hold
every sum exactly.  So the order of adding and the processor cannot change a result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.errors import BundleError

Floats: TypeAlias = npt.NDArray[np.float32]
Bytes: TypeAlias = npt.NDArray[np.int8]

EXACT = 1 << 24
"""Float32 holds all integers up to here."""
HEAD = 32
"""The numbers of an attention head."""
NORM_STEPS = 4096
"""Steps for each unit before a layer is normalised."""

_KEY, _VALUE = 32, 256
"""Steps for each unit of queries and keys, and of values, in attention."""
_SHARES = 4095
"""The sum of the attention of one token, about."""
_STEPS = 64
"""Steps for each unit of a function that is read from a table."""
_LOW, _HIGH = -8, 24
"""The first and the last value in the table of the activation."""
_ACTIVATIONS = 1023
"""The largest rounded activation."""


def _gelu() -> Floats:
    x = np.arange(_LOW * _STEPS, _HIGH * _STEPS) / _STEPS
    normal = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x.tolist()])
    table: Floats = np.rint(x * normal * _STEPS).astype(np.float32)
    return table


def _falling() -> Floats:
    whole = range(12 * _STEPS)
    return np.array([round(65535 * math.exp(-i / _STEPS)) for i in whole], np.float32)


_GELU = _gelu()
_EXP = _falling()
_EXP[-1] = 0


@dataclass(frozen=True)
class Linear:
    """A linear layer: weights (in, out) as integers, a scale for each output, and a bias."""

    numbers: Bytes
    scale: Floats
    bias: Floats

    @classmethod
    def of(cls, weights: Floats, bias: Floats) -> Linear:
        """The layer with these weights (in, out), rounded to 8 bits."""
        scale = np.maximum(np.abs(weights).max(axis=0), 1e-12).astype(np.float32) / np.float32(127)
        return cls(np.rint(weights / scale).astype(np.int8), scale, bias.astype(np.float32))

    @cached_property
    def largest(self) -> int:
        """The largest activation for which every sum is exact."""
        return min(_ACTIVATIONS, EXACT // max(int(_sums(self.numbers).max()), 1))

    def __call__(self, x: Floats) -> Floats:
        """(n, out) from activations (n, in), which are rounded row by row."""
        step = np.abs(x).max(axis=1, keepdims=True)
        np.maximum(step, np.float32(1e-9), out=step)
        step /= np.float32(self.largest)
        y: Floats = np.rint(x / step) @ _floats(self.numbers)
        y *= step
        y *= self.scale
        y += self.bias
        return y

    def of_steps(self, x: Floats) -> Floats:
        """(n, out) from activations of the table: integers, `_STEPS` for each unit."""
        y: Floats = np.zeros((len(x), len(self.scale)), np.float32)
        for at in self._parts:
            y += x[:, at] @ _floats(self.numbers[at])
        y *= np.float32(1 / _STEPS)
        y *= self.scale
        y += self.bias
        return y

    @cached_property
    def _parts(self) -> list[slice]:
        """Parts of the input, each so short that its sums are exact."""
        limit = EXACT // (_HIGH * _STEPS)
        for pieces in (1, 2, 3, 4, 6, 8, 12, 16, 24):
            size = -(-len(self.numbers) // pieces)
            parts = [slice(c, c + size) for c in range(0, len(self.numbers), size)]
            if all(_sums(self.numbers[at]).max() <= limit for at in parts):
                return parts
        raise BundleError("the encoder's weights are too large to be summed exactly")


def _floats(numbers: Bytes) -> Floats:
    """The weights as floats, made anew each time.

    Four times as many bytes would come slower from memory than bytes are converted, as no cache
    of a core holds the weights of all layers.
    """
    return numbers.astype(np.float32)


def _sums(numbers: Bytes) -> npt.NDArray[np.int64]:
    """(out,) the sum of the sizes of the weights of each output."""
    sums: npt.NDArray[np.int64] = np.abs(numbers, dtype=np.int64).sum(axis=0)
    return sums


def normalised(x: Floats, scale: Floats, shift: Floats) -> Floats:
    """Each row of `x` with mean 0 and standard deviation 1, times `scale` plus `shift`."""
    steps = x * np.float32(NORM_STEPS)
    np.rint(steps, out=steps)
    width = x.shape[1]
    mean = steps.sum(axis=1, dtype=np.float64, keepdims=True) / width
    square = (steps * steps).sum(axis=1, dtype=np.float64, keepdims=True) / width
    inverse = 1 / np.sqrt(np.maximum(square - mean * mean, 1e-6))
    steps -= mean.astype(np.float32)
    steps *= inverse.astype(np.float32)
    steps *= scale
    steps += shift
    return steps


@dataclass(frozen=True)
class Layer:
    """Attention, then two linear layers. Each is added to its input and normalised."""

    attend: Linear
    out: Linear
    norm: tuple[Floats, Floats]
    up: Linear
    down: Linear
    norm_after: tuple[Floats, Floats]

    def __call__(self, x: Floats, texts: int, unread: npt.NDArray[np.bool_] | None) -> Floats:
        """(texts x length, d) from `x` of that shape; `unread` (texts, length) marks padding."""
        x = normalised(x + self.out(self._attention(x, texts, unread)), *self.norm)
        wide = self.up(x)
        wide *= np.float32(_STEPS)
        wide -= np.float32(_LOW * _STEPS - 0.5)
        np.clip(wide, 0, len(_GELU) - 1, out=wide)
        active = _GELU.take(wide.astype(np.int32))
        return normalised(x + self.down.of_steps(active), *self.norm_after)

    def _attention(self, x: Floats, texts: int, unread: npt.NDArray[np.bool_] | None) -> Floats:
        width = x.shape[1]
        heads = width // HEAD
        parts = self.attend(x).reshape(texts, -1, 3, heads, HEAD).transpose(2, 0, 3, 1, 4)
        steps = parts * _ATTENDED
        np.rint(steps, out=steps)
        for part, most in zip(steps, _MOST_ATTENDED, strict=True):
            np.clip(
                part, -most, most, out=part
            )  # numbers, because an array takes ten times as long
        query, key, value = steps
        near = query @ key.swapaxes(-1, -2)
        if unread is not None:
            near[np.broadcast_to(unread[:, None, None, :], near.shape)] = -EXACT
        near -= near.max(axis=-1, keepdims=True)
        near *= np.float32(-_STEPS / (_KEY * _KEY * math.sqrt(HEAD)))
        near += np.float32(0.5)
        np.minimum(near, len(_EXP) - 1, out=near)
        share = _EXP.take(near.astype(np.int32))
        share *= np.float32(_SHARES) / share.sum(axis=-1, keepdims=True)
        np.rint(share, out=share)
        whole = share.sum(axis=-1, keepdims=True)
        mixed: Floats = share @ value
        mixed /= whole * np.float32(_VALUE)
        return np.ascontiguousarray(mixed.transpose(0, 2, 1, 3)).reshape(-1, width)


_ATTENDED = np.array([_KEY, _KEY, _VALUE], np.float32).reshape(3, 1, 1, 1, 1)
_MOST_ATTENDED = 720, 720, 2047
"""Limits that keep a product of two heads (32 x 720 x 720) and the mixed values exact."""
