"""Whether one run is really better than another, by their differences lot by lot.

A paired randomisation test: if the runs were equally good, each lot's difference could as well
have the other sign.  Intervals are bootstrap over lots.  Nothing is claimed on fewer than
`FEWEST` lots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from training.evaluation.metrics import interval

Vector: TypeAlias = npt.NDArray[np.float64]

FEWEST = 10
"""The fewest lots for any claim."""
FEWEST_FOR_INTERVAL = 5
LEVEL = 0.05
POWER = 0.8
_FACTOR = 1.959964 + 0.841621
"""The true difference, in standard errors, that is found at `LEVEL` with `POWER`."""
_DRAWS = 20_000
_AT_ONCE = 500
_EXACT = 14
"""With up to so many lots that differ, all signs are tried instead of a sample."""


def mean_interval(values: Sequence[float], seed: int) -> list[float | None]:
    """The 95% interval of a mean over lots; [None, None] of too few, which would look certain."""
    return [*interval(values, seed)] if len(values) >= FEWEST_FOR_INTERVAL else [None, None]


@dataclass(frozen=True, slots=True)
class Paired:
    """How much higher the first run is than the second, over the same lots."""

    lots: int
    better: int
    worse: int
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    """None with too few lots for a claim"""
    effect: float | None
    """the mean difference in standard deviations of the differences; None where these are 0"""
    detectable: float | None
    """the least true difference that so many lots would show with a chance of `POWER`"""


def paired(first: Vector, second: Vector, seed: int = 7) -> Paired:
    """Compare two runs by the values (lots,) of one measure, in the same order of lots."""
    differences = first - second
    lots = len(differences)
    spread = float(differences.std(ddof=1)) if lots > 1 else 0.0
    mean = float(differences.mean()) if lots else None
    low, high = (
        interval(differences.tolist(), seed) if lots >= FEWEST_FOR_INTERVAL else (None, None)
    )
    enough = lots >= FEWEST
    return Paired(
        lots=lots,
        better=int((differences > 0).sum()),
        worse=int((differences < 0).sum()),
        difference=mean,
        low=low,
        high=high,
        p=randomisation_test(differences, seed) if enough else None,
        effect=mean / spread if enough and mean is not None and spread else None,
        detectable=_FACTOR * spread / lots**0.5 if enough else None,
    )


def randomisation_test(differences: Vector, seed: int = 7) -> float:
    """Two-sided p: the share of random signs that give a mean as far from zero.

    Exact where few lots differ; otherwise from a sample that includes the actual signs, so that p
    is never 0.
    """
    differing = differences[differences != 0]
    observed = abs(differing.sum()) * (1 - 1e-9)
    if len(differing) <= _EXACT:
        signs = 1 - 2 * ((np.arange(2 ** len(differing))[:, None] >> np.arange(len(differing))) & 1)
        return float((np.abs(signs @ differing) >= observed).mean())
    random = np.random.default_rng(seed)
    as_far = 0
    for _ in range(0, _DRAWS, _AT_ONCE):
        flipped = random.integers(0, 2, (_AT_ONCE, len(differing)), dtype=np.int8)
        sums = differing.sum() - 2 * (flipped @ differing)
        as_far += int((np.abs(sums) >= observed).sum())
    return (1 + as_far) / (1 + _DRAWS)


def holm(values: Sequence[float]) -> list[float]:
    """p-values corrected for their number after Holm, which bounds the chance of any false claim.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(values)), key=lambda at: values[at])
    corrected = [0.0] * len(values)
    least = 0.0
    for done, at in enumerate(order):
        least = max(least, min(1.0, (len(values) - done) * values[at]))
        corrected[at] = least
    return corrected


def claim(first: str, second: str, result: Paired, p: float | None) -> str:
    """What may be claimed about two runs."""
    if p is None or result.difference is None:
        return f"no claim: {result.lots} lots, at least {FEWEST} are needed"
    if p < LEVEL:
        better, worse = (first, second) if result.difference > 0 else (second, first)
        return f"{better} is better than {worse}"
    return "no difference was shown"
