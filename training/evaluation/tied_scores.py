"""The exact expected value of a measure over all orders of equal scores.

Every order of equal scores is equally likely (McSherry and Najork 2008).  Scores are compared as
32-bit numbers, as in trec_eval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from training.evaluation.qrels import Qrels
from training.evaluation.runs import Run

Vector: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TiedSteps:
    """A lot's list as steps of equal scores, with the grades of the providers."""

    grades: npt.NDArray[np.int64]
    """(listed,) the grade of each provider, 0 where it was not judged"""
    starts: npt.NDArray[np.int64]
    """(steps + 1,) the first position of each step, and the end"""
    ideal: npt.NDArray[np.int64]
    """the grades of all judged providers, highest first"""

    @classmethod
    def of(cls, scores: Mapping[str, float], judged: Mapping[str, int]) -> TiedSteps:
        """The steps of one lot's list, whose scores are best first."""
        grades = np.array([judged.get(provider, 0) for provider in scores], np.int64)
        held = np.fromiter(scores.values(), np.float64, len(scores)).astype(np.float32)
        new = np.flatnonzero(np.diff(held)) + 1
        ideal = np.sort(np.array(list(judged.values()), np.int64))[::-1]
        return cls(grades, np.concatenate([[0], new, [len(held)]]), ideal)

    def tied(self, depth: int | None) -> bool:
        """Whether a step with different grades begins within the first `depth`."""
        for start, stop in self._steps:
            if depth is not None and start >= depth:
                break
            if stop - start > 1 and len(set(self.grades[start:stop].tolist())) > 1:
                return True
        return False

    @cached_property
    def _steps(self) -> list[tuple[int, int]]:
        return list(zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True))

    def mean(self, gains: Vector) -> Vector:
        """(listed,) the expected gain at each place: the mean of its step."""
        if not len(gains):
            return gains
        size = np.diff(self.starts)
        return np.repeat(np.add.reduceat(gains, self.starts[:-1]) / size, size)

    def first_hit(self, rel: int) -> Vector:
        """(listed,) the probability that the first relevant provider is at each place."""
        chance = np.zeros(len(self.grades))
        for start, stop in self._steps:
            size, hits = stop - start, int((self.grades[start:stop] >= rel).sum())
            if hits:
                whole = comb(size, hits)
                for at in range(size - hits + 1):
                    chance[start + at] = comb(size - at - 1, hits - 1) / whole
                break
        return chance

    def precision_at_hits(self, rel: int) -> Vector:
        """(listed,) for each place, the probability of relevance times the precision then."""
        found = np.zeros(len(self.grades))
        before = 0
        for start, stop in self._steps:
            size, hits = stop - start, int((self.grades[start:stop] >= rel).sum())
            at = np.arange(size)
            others = (hits - 1) / (size - 1) * at if size > 1 else np.zeros(size)
            found[start:stop] = hits / size * (before + 1 + others) / (start + at + 1)
            before += hits
        return found


Formula: TypeAlias = Callable[[TiedSteps, int, int], float]
"""(steps, depth, lowest relevant grade) → the expected value."""


def _success(steps: TiedSteps, depth: int, rel: int) -> float:
    return float(steps.first_hit(rel)[:depth].sum())


def _reciprocal(steps: TiedSteps, depth: int, rel: int) -> float:
    chance = steps.first_hit(rel)[:depth]
    return float((chance / np.arange(1, len(chance) + 1)).sum())


def _hits(steps: TiedSteps, depth: int, rel: int) -> float:
    return float(steps.mean((steps.grades >= rel).astype(float))[:depth].sum())


def _precision(steps: TiedSteps, depth: int, rel: int) -> float:
    return _hits(steps, depth, rel) / depth


def _recall(steps: TiedSteps, depth: int, rel: int) -> float:
    relevant = int((steps.ideal >= rel).sum())
    return _hits(steps, depth, rel) / relevant if relevant else 0.0


def _average(steps: TiedSteps, depth: int, rel: int) -> float:
    relevant = int((steps.ideal >= rel).sum())
    return float(steps.precision_at_hits(rel)[:depth].sum()) / relevant if relevant else 0.0


def _discounted(steps: TiedSteps, depth: int, rel: int) -> float:
    gains = steps.mean(np.maximum(steps.grades, 0).astype(float))[:depth]
    best = np.maximum(steps.ideal, 0).astype(float)[:depth]
    ideal = _dcg(best)
    return _dcg(gains) / ideal if ideal else 0.0


def _dcg(gains: Vector) -> float:
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())


_FORMULAS: Mapping[str, Formula] = {
    "Success": _success,
    "RR": _reciprocal,
    "P": _precision,
    "R": _recall,
    "AP": _average,
    "nDCG": _discounted,
}
_PARAMS = {"cutoff", "rel"}
_ALL = 10**9


class Expectations:
    """The lists of a run as steps, computed once for all measures."""

    def __init__(self, qrels: Qrels, run: Run) -> None:
        self._steps_of = {
            lot: TiedSteps.of(listed, qrels.grades[lot]) for lot, listed in run.scores.items()
        }

    def of(self, measure: Any) -> dict[str, float] | None:  # noqa: ANN401 - ir-measures is untyped
        """Lot → the expected value of a measure; None where it cannot be computed."""
        formula = _FORMULAS.get(measure.NAME)
        if formula is None or set(measure.params) - _PARAMS:
            return None
        depth, rel = measure.params.get("cutoff"), measure.params.get("rel", 1)
        return {lot: formula(steps, depth or _ALL, rel) for lot, steps in self._steps_of.items()}

    def tied(self, depth: int | None) -> int:
        """The number of lots where the order of equal scores can matter down to `depth`."""
        return sum(steps.tied(depth) for steps in self._steps_of.values())


def names() -> Sequence[str]:
    """The measures with an expected value."""
    return tuple(_FORMULAS)
