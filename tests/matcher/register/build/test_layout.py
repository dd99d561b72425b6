"""The curve along which organisations are laid out keeps neighbours together."""

from __future__ import annotations

import numpy as np

from matcher.register.build.layout import hilbert

SIDE = 16


def test_the_curve_visits_every_square_once_and_steps_to_a_neighbour() -> None:
    squares = np.array([(x, y) for x in range(SIDE) for y in range(SIDE)], np.int64)
    along = hilbert(squares, bits=4)
    assert sorted(along.tolist()) == list(range(SIDE * SIDE))
    steps = np.abs(np.diff(squares[np.argsort(along)], axis=0)).sum(axis=1)
    assert set(steps.tolist()) == {1}


def test_rows_without_a_place_come_last() -> None:
    along = hilbert(np.array([(-1, -1), (0, 0), (69, 129)], np.int64))
    assert along.argmax() == 0
