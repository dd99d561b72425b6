"""What a measure is to be expected to be where equals are drawn: exact, without drawing.

Any order among equals is as likely as any other (McSherry and Najork 2008).  Scores are equal
where they are as 32-bit numbers, which is how trec_eval holds them.
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
    """A lot's list as steps of equals: how many stand on each, and with which grades."""

    grades: npt.NDArray[np.int64]
    """(listed,) the grade of each provider, 0 where it was not judged"""
    starts: npt.NDArray[np.int64]
    """(steps + 1,) where each step begins, and the end"""
    ideal: npt.NDArray[np.int64]
    """the grades of all that were judged, highest first"""

    @classmethod
    def of(cls, scores: Mapping[str, float], judged: Mapping[str, int]) -> TiedSteps:
        """The ladder of one lot's list, whose scores come best first."""
        grades = np.array([judged.get(provider, 0) for provider in scores], np.int64)
        held = np.fromiter(scores.values(), np.float64, len(scores)).astype(np.float32)
        new = np.flatnonzero(np.diff(held)) + 1
        ideal = np.sort(np.array(list(judged.values()), np.int64))[::-1]
        return cls(grades, np.concatenate([[0], new, [len(held)]]), ideal)

    def tied(self, depth: int | None) -> bool:
        """Whether a step of equals of different grades begins within the first `depth`."""
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
        """(listed,) the gain to expect at each place: the mean of its step."""
        if not len(gains):
            return gains
        size = np.diff(self.starts)
        return np.repeat(np.add.reduceat(gains, self.starts[:-1]) / size, size)

    def first_hit(self, rel: int) -> Vector:
        """(listed,) the chance that the first relevant provider stands at each place."""
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
        """(listed,) for each place: its chance to be relevant times the precision there then."""
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
"""(ladder, depth, least relevant grade) → the value to expect."""


def _success(ladder: TiedSteps, depth: int, rel: int) -> float:
    return float(ladder.first_hit(rel)[:depth].sum())


def _reciprocal(ladder: TiedSteps, depth: int, rel: int) -> float:
    chance = ladder.first_hit(rel)[:depth]
    return float((chance / np.arange(1, len(chance) + 1)).sum())


def _hits(ladder: TiedSteps, depth: int, rel: int) -> float:
    return float(ladder.mean((ladder.grades >= rel).astype(float))[:depth].sum())


def _precision(ladder: TiedSteps, depth: int, rel: int) -> float:
    return _hits(ladder, depth, rel) / depth


def _recall(ladder: TiedSteps, depth: int, rel: int) -> float:
    relevant = int((ladder.ideal >= rel).sum())
    return _hits(ladder, depth, rel) / relevant if relevant else 0.0


def _average(ladder: TiedSteps, depth: int, rel: int) -> float:
    relevant = int((ladder.ideal >= rel).sum())
    return float(ladder.precision_at_hits(rel)[:depth].sum()) / relevant if relevant else 0.0


def _discounted(ladder: TiedSteps, depth: int, rel: int) -> float:
    gains = ladder.mean(np.maximum(ladder.grades, 0).astype(float))[:depth]
    best = np.maximum(ladder.ideal, 0).astype(float)[:depth]
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
    """The lists of a run as ladders, worked out once for all measures."""

    def __init__(self, qrels: Qrels, run: Run) -> None:
        self._ladders = {
            lot: TiedSteps.of(listed, qrels.grades[lot]) for lot, listed in run.scores.items()
        }

    def of(self, measure: Any) -> dict[str, float] | None:  # noqa: ANN401 - ir-measures is untyped
        """Lot → the value of `measure` to expect; None where it is not worked out."""
        formula = _FORMULAS.get(measure.NAME)
        if formula is None or set(measure.params) - _PARAMS:
            return None
        depth, rel = measure.params.get("cutoff"), measure.params.get("rel", 1)
        return {lot: formula(ladder, depth or _ALL, rel) for lot, ladder in self._ladders.items()}

    def tied(self, depth: int | None) -> int:
        """In how many lots equals stand so that their order can matter down to `depth`."""
        return sum(ladder.tied(depth) for ladder in self._ladders.values())


def names() -> Sequence[str]:
    """The measures that can be worked out."""
    return tuple(_FORMULAS)
