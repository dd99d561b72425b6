"""Sums that no order changes, and rounding that no processor changes."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models import exact

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)
VECTORS = arrays.arrays(np.float64, st.integers(1, 200), elements=st.floats(-10, 10, width=32))


def _exact_dot(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> Fraction:
    pairs = zip(a.tolist(), b.tolist(), strict=True)
    return sum((Fraction(x) * Fraction(y) for x, y in pairs), Fraction(0))


@given(VECTORS, st.randoms(use_true_random=False))
def test_a_dot_product_of_unit_vectors_is_exact_in_any_order(
    vector: npt.NDArray[np.float64], random: object
) -> None:
    other = exact.unit(np.roll(vector, 1) - vector)
    one = exact.unit(vector)
    whole = _exact_dot(one, other)
    order = list(range(len(vector)))
    random.shuffle(order)  # type: ignore[attr-defined]
    for way in (order, order[::-1], range(len(vector))):
        total = np.float32(0)
        for at in way:
            total += one[at] * other[at]
        assert Fraction(float(total)) == whole
    assert Fraction(float(np.stack([one] * 5)[2] @ other)) == whole
    assert [Fraction(v) for v in (np.stack([one] * 5) @ other).tolist()] == [whole] * 5


@pytest.mark.parametrize("size", [64, 300, 4096])
def test_many_random_unit_vectors_multiply_exactly(size: int) -> None:
    draw = np.random.default_rng(size)
    table = np.stack([exact.unit(draw.normal(size=size)) for _ in range(10)])
    sparse = np.zeros(size)
    sparse[:2] = 1.0
    for vector in (table[0], exact.unit(sparse), exact.unit(draw.exponential(size=size))):
        found = (table @ vector).tolist()
        assert [Fraction(value) for value in found] == [_exact_dot(row, vector) for row in table]


@given(VECTORS)
def test_a_unit_vector_has_nearly_the_length_one_and_zero_stays_zero(
    vector: npt.NDArray[np.float64],
) -> None:
    one = exact.unit(vector)
    length = float(np.linalg.norm(one.astype(np.float64)))
    off = math.sqrt(len(vector)) * 2.0 ** -(exact.UNIT_BITS + 1)
    assert length == 0 if not vector.any() else abs(length - 1) <= off + 1e-7


@given(NUMBERS)
def test_rounding_keeps_six_digits_and_is_done_once(value: float) -> None:
    once = float(exact.rounded(value))
    assert once == pytest.approx(value, rel=1e-6, abs=1e-22)
    assert float(exact.rounded(once)) == once
    assert float(exact.rounded(-value)) == -once


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.12345678, 0.1234568),
        (1 / 3, 0.3333333),
        (2 / 3 * 100, 66.6667),
        (1234567.8, 1234568.0),
        (0.0, 0.0),
        (float("inf"), float("inf")),
    ],
)
def test_rounded_values_are_short_decimals(value: float, shown: float) -> None:
    assert float(exact.rounded(value)) == shown


@given(st.floats(1e-3, 1e3), st.integers(1, 12))
def test_a_power_is_a_product_of_factors(value: float, exponent: int) -> None:
    assert float(exact.power(value, exponent)) == pytest.approx(value**exponent, rel=1e-12)


def test_nothing_is_minus_zero() -> None:
    for values in (exact.to_places([-1e-9, -0.0]), exact.rounded([-1e-30, -0.0])):
        assert not np.signbit(values).any()


@given(st.floats(1e-6, 1e12))
def test_logarithms_are_rounded_to_nine_places(value: float) -> None:
    assert float(exact.log(value)) == pytest.approx(math.log(value), abs=1e-9)
    assert float(exact.log1p(value)) == pytest.approx(math.log1p(value), abs=1e-9)
