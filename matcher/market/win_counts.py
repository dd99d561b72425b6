"""Of providers who each win with a chance of their own: how many, and how many are to win."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Doubles, Mask
from models import exact

_TAIL = 0.025
_ROUND_TO = 4
"""Digits to which a number of providers that is expected is given."""


def _busy(count: int) -> Doubles:
    """(count,) equally likely factors of how busy a service is, by a squared normal variate."""
    middles = (np.arange(count) + 0.5) / count
    found = np.array([NormalDist().inv_cdf((1 + q) / 2) ** 2 for q in middles])
    return exact.to_places(found / found.mean(), 9)


BUSY = _busy(8)
"""How much more or less is awarded of a service, near a place and in a month, than usual: by
which all of a lot's probabilities rise and fall together.  Without it the interval is too
narrow; with it, on months held back, about one lot in twenty lay outside (`benchmarks.market`)."""


@dataclass(frozen=True, slots=True)
class WinCount:
    """How many are credible; and how many of them the calibration expects to win.

    `number` are the providers above the floor.  `expected` is the sum of their probabilities;
    in nineteen of twenty markets like it, from `low` to `high` of them do win.  The interval is
    that of the Poisson-binomial distribution, where each wins or not by a probability of its
    own, mixed over how busy the service then is.
    """

    number: int
    expected: float
    low: int
    high: int


def win_counts(probabilities: Doubles, sets: Sequence[Mask]) -> tuple[WinCount, ...]:
    """For each set of providers, (n,), how many they are and how many are expected to win."""
    chances = np.array([np.where(one, probabilities, 0.0) for one in sets])
    chances = chances.reshape(len(sets), len(probabilities))
    busier = np.minimum(BUSY[:, None, None] * chances, 1.0)
    n = len(probabilities)
    spread = win_distribution(busier.reshape(len(BUSY) * len(sets), n), _more_than_win(busier))
    mixed = spread.reshape(len(BUSY), len(sets), spread.shape[1]).mean(axis=0)
    low, high = _interval(mixed)
    expected = exact.to_places(exact.to_places(chances.sum(axis=1), _ROUND_TO + 5), _ROUND_TO)
    return tuple(
        WinCount(int(np.count_nonzero(one)), float(expected[i]), int(low[i]), int(high[i]))
        for i, one in enumerate(sets)
    )


def win_distribution(chances: Doubles, most: int | None = None) -> Doubles:
    """(sets, n + 1) how likely it is that 0, 1, ... n win, by the chances of each, (sets, n).

    Exact: each provider in turn is added to all sets.  With `most`, up to so many winners only.
    """
    sets, n = chances.shape
    top = n if most is None else min(n, most)
    spread = np.zeros((top + 1, sets))
    spread[0] = 1.0
    for at in range(n):
        wins, end = chances[:, at], min(at + 1, top) + 1
        spread[1:end] += wins * (spread[: end - 1] - spread[1:end])
        spread[0] *= 1 - wins
    return spread.T


def _more_than_win(chances: Doubles) -> int:
    """A number of winners that no set reaches, by its chances in the last axis.

    Chernoff's bound: a sum of independent chances is above its mean m by t with a probability of
    at most exp(-t² / (2m + 2t / 3)); here that is under 1e-20 for any m.
    """
    mean = float(chances.sum(axis=-1).max(initial=0.0))
    return ceil(mean + 12 * sqrt(mean) + 40)


def _interval(spread: Doubles) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(sets,) the least and the most, outside of which a fortieth lies at each end."""
    below = np.cumsum(spread, axis=1)
    below[:, -1] = 1.0
    return np.argmax(below > _TAIL, axis=1), np.argmax(below >= 1 - _TAIL, axis=1)
