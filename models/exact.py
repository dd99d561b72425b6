"""Arithmetic that gives the same numbers on every processor.

A matrix product adds in the order that the processor likes best, and numpy's logarithms and
powers differ in the last digit from one instruction set to another.  What reaches an answer
is therefore either exact in any order (vectors on a grid) or rounded to the stated digits.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]

UNIT_BITS = 11
"""Numbers of a unit vector are multiples of 2**-11.  By Cauchy-Schwarz every partial sum of a
dot product of two of them stays under 2**24 multiples of 2**-22, so float32 holds it exactly."""
DIGITS = 6
"""Significant decimal digits of a feature."""
PLACES = 6
"""Decimal places of scores, contributions and probabilities."""
_LOG_PLACES = 9
"""Decimal places of logarithms and exponentials."""
_POWERS = np.array([float(f"1e{n}") for n in range(23)])
"""The powers of ten that a double holds exactly."""
_BEFORE_POINT = (np.arange(2048) - 1022) * 30103 // 100_000  # log10(2) = 0.30103
_SHIFTS = _POWERS[np.clip(DIGITS - _BEFORE_POINT, 0, 22)]
"""By the eleven bits of a double that hold its exponent: what to multiply by before rounding."""


def unit(vector: npt.NDArray[np.floating]) -> Floats:
    """`vector`, shape (d,), at length one and on the grid of `UNIT_BITS`; zero stays zero."""
    values = np.asarray(vector, np.float64)
    length = math.sqrt(math.fsum((values * values).tolist()))
    return on_grid(values / length if length else values, UNIT_BITS).astype(np.float32)


def units(vectors: Doubles) -> Floats:
    """Each of `vectors`, shape (n, d), as `unit` makes it."""
    lengths = [math.sqrt(math.fsum(row)) or 1.0 for row in (vectors * vectors).tolist()]
    return on_grid(vectors / np.array(lengths).reshape(-1, 1), UNIT_BITS).astype(np.float32)


def on_grid(values: npt.NDArray[np.floating], bits: int) -> Doubles:
    """`values` as the nearest multiples of 2**-`bits`."""
    scale = float(1 << bits)
    grid: Doubles = np.rint(np.asarray(values, np.float64) * scale) / scale
    return grid


def rounded(values: npt.ArrayLike) -> Doubles:
    """`values` to `DIGITS` significant digits, or one more; at most 22 decimal places."""
    array = np.asarray(values, np.float64)
    shift = _SHIFTS.take(array.view(np.int64) >> 52 & 0x7FF)
    whole: Doubles = np.rint(array * shift) / shift + 0.0
    return whole


def to_places(values: npt.ArrayLike, places: int = PLACES) -> Doubles:
    """`values` to so many decimal places; never minus zero."""
    shift = float(10**places)
    return np.asarray(np.rint(np.asarray(values, np.float64) * shift) / shift + 0.0)


def log(values: npt.ArrayLike) -> Doubles:
    """The natural logarithm, to nine decimal places."""
    return to_places(np.log(np.asarray(values, np.float64)), _LOG_PLACES)


def log1p(values: npt.ArrayLike) -> Doubles:
    """The natural logarithm of one more, to nine decimal places."""
    return to_places(np.log1p(np.asarray(values, np.float64)), _LOG_PLACES)


def exp(values: npt.ArrayLike) -> Doubles:
    """The exponential, to nine decimal places."""
    return to_places(np.exp(np.asarray(values, np.float64)), _LOG_PLACES)


def power(values: npt.ArrayLike, exponent: int) -> Doubles:
    """`values` multiplied by themselves: `exponent` factors, at least one."""
    factor = np.asarray(values, np.float64)
    product = factor if exponent & 1 else np.ones_like(factor)
    while exponent := exponent >> 1:
        factor = factor * factor
        product = product * factor if exponent & 1 else product
    return product
