"""Of providers who each win with a chance of their own: how many, and how many are to win."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_TAIL = 0.025
_ROUND_TO = 4
"""Digits to which a number of providers that is expected is given."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many are credible; and how many of them the calibration expects to win.

    `number` are the providers above the floor.  `expected` is the sum of their probabilities;
    in nineteen of twenty markets like it, from `low` to `high` of them do win, if each wins or
    not for itself and the probabilities are right (the Poisson-binomial distribution).
    """

    number: int
    expected: float
    low: int
    high: int


def counts(probabilities: Floats, sets: Sequence[Mask]) -> tuple[Count, ...]:
    """For each set of providers, (n,), how many they are and how many are expected to win.

    The distribution of that number is exact: each provider in turn is added to all sets.
    """
    chances = np.array([np.where(one, probabilities, 0.0) for one in sets])
    chances = chances.reshape(len(sets), len(probabilities))
    spread = np.zeros((len(sets), len(probabilities) + 1))
    spread[:, 0] = 1.0
    for at in range(len(probabilities)):
        wins = chances[:, at : at + 1]
        spread[:, 1 : at + 2] += wins * (spread[:, : at + 1] - spread[:, 1 : at + 2])
        spread[:, :1] *= 1 - wins
    below = np.cumsum(spread, axis=1)
    low = np.argmax(below > _TAIL, axis=1)
    high = np.argmax(below >= 1 - _TAIL, axis=1)
    expected = np.round(chances.sum(axis=1), _ROUND_TO)
    return tuple(
        Count(int(np.count_nonzero(one)), float(expected[i]), int(low[i]), int(high[i]))
        for i, one in enumerate(sets)
    )
