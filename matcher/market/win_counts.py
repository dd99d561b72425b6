"""Counts providers, and how many of them are expected to win."""

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
"""Decimal places of an expected number of providers."""


def _busy(count: int) -> Doubles:
    """(count,) equally likely factors for how busy a service is: a squared normal variate."""
    middles = (np.arange(count) + 0.5) / count
    factors = np.array([NormalDist().inv_cdf((1 + q) / 2) ** 2 for q in middles])
    return exact.to_places(factors / factors.mean(), 9)


BUSY = _busy(8)
"""Factors for how many contracts of a service are awarded, near a place and in a month, relative
to the usual number.  All of a lot's probabilities rise and fall with them.  Without them the
interval is too narrow; with them, on held-back months, about one lot in twenty was outside
(`benchmarks.market`)."""


@dataclass(frozen=True, slots=True)
class WinCount:
    """How many providers are credible, and how many of them are expected to win.

    `number` is how many are above the floor.  `expected` is the sum of their probabilities of
    winning within a month.  In 19 of 20 cases, `low` to `high` of them win, if the probabilities
    are right.  The interval is that of a Poisson-binomial distribution, mixed over how busy the
    service is.
    """

    number: int
    expected: float
    low: int
    high: int


def win_counts(probabilities: Doubles, sets: Sequence[Mask]) -> tuple[WinCount, ...]:
    """For each set of providers, (n,): how many there are, and how many are expected to win."""
    chances = np.array([np.where(members, probabilities, 0.0) for members in sets])
    chances = chances.reshape(len(sets), len(probabilities))
    busier = np.minimum(BUSY[:, None, None] * chances, 1.0)
    n = len(probabilities)
    spread = win_distribution(busier.reshape(len(BUSY) * len(sets), n), _more_than_win(busier))
    mixed = spread.reshape(len(BUSY), len(sets), spread.shape[1]).mean(axis=0)
    low, high = _interval(mixed)
    expected = exact.to_places(exact.to_places(chances.sum(axis=1), _ROUND_TO + 5), _ROUND_TO)
    return tuple(
        WinCount(int(np.count_nonzero(members)), float(expected[i]), int(low[i]), int(high[i]))
        for i, members in enumerate(sets)
    )


def win_distribution(chances: Doubles, most: int | None = None) -> Doubles:
    """(sets, n + 1) the probability that 0, 1, ... n win; `chances`, (sets, n), are per provider.

    Exact: providers are added one by one.  With `most`, only up to that many winners.
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
    """A number of winners that no set reaches; chances are in the last axis.

    By Chernoff's bound, a sum of independent chances exceeds its mean m by t with a probability
    of at most exp(-t² / (2m + 2t / 3)), which is below 1e-20 here for any m.
    """
    mean = float(chances.sum(axis=-1).max(initial=0.0))
    return ceil(mean + 12 * sqrt(mean) + 40)


def _interval(spread: Doubles) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(sets,) the lower and upper bounds; each tail has a probability of one fortieth."""
    below = np.cumsum(spread, axis=1)
    below[:, -1] = 1.0
    return np.argmax(below > _TAIL, axis=1), np.argmax(below >= 1 - _TAIL, axis=1)
