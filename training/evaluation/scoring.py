"""Score runs against judgements, with ir-measures' own definitions.

Scores go to ir-measures as they are in the run, so that the values equal those of its command line.
It has two rules for equal scores: trec_eval's measures hold scores as 32-bit numbers and order
equal ones by provider id from last to first; RR@k and Judged@k order them from first to last.
`training.evaluation.tied_scores` has the expected value over all orders of equal scores.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import ir_measures
import numpy as np
import numpy.typing as npt
from ir_measures import RR, Judged, Measure, Success, nDCG

from matcher.core.errors import BadInput
from training.evaluation import tied_scores
from training.evaluation.qrels import Qrels
from training.evaluation.runs import Run

Vector: TypeAlias = npt.NDArray[np.float64]
Values: TypeAlias = dict[str, dict[str, float]]
"""Measure → lot → value."""

USUAL = (Success @ 10, nDCG @ 10, RR @ 100)
_MEASURE = re.compile(r"(\w+)(?:\(([^()]*)\))?(?:@(\d+))?")
_COUNTS = frozenset({"NumQ", "NumRel", "NumRet", "NumRelRet", "Judged"})
_LEFT_OUT = frozenset({"runtime", "gdeval"})
"""Providers of ir-measures that need other programs; gdeval needs perl."""
_WAYS: Any = ir_measures.providers
_PIPELINE: Any = _WAYS.FallbackProvider(
    [one for one in ir_measures.DefaultPipeline.providers if one.NAME not in _LEFT_OUT]
)
_NO_CUTOFF = 1000
"""The k of Judged@k for a measure without a cutoff."""


def parse_measures(text: str) -> tuple[Measure, ...]:
    """The measures in a text of ir-measures' names separated by spaces.  Raises BadInput."""
    values = tuple(dict.fromkeys(_measure(word) for word in re.split(r"[\s;]+", text) if word))
    if not values:
        raise BadInput("--metrics: has no measure; give some such as 'Success@10 nDCG@10'")
    return values


def _measure(word: str) -> Measure:
    match = _MEASURE.fullmatch(word)
    kind: Any = ir_measures.measures.registry.get(match[1]) if match else None
    if match is None or kind is None:
        raise BadInput(
            f"--metrics: {word!r} is not a measure of ir-measures; give names such as "
            "Success@10, nDCG@10, RR@100, AP, P@5, R@100, Bpref"
        )
    try:
        pairs = [pair.partition("=") for pair in (match[2] or "").split(",") if pair.strip()]
        params = {key.strip(): ast.literal_eval(value.strip()) for key, _, value in pairs}
        if match[3]:
            params[kind.AT_PARAM] = int(match[3])
        made = kind(**params)
        made.validate_params()
        supported = _PIPELINE.supports(made)
    except (ValueError, SyntaxError, AssertionError, TypeError) as bad:
        raise BadInput(f"--metrics: {word!r} cannot be used ({bad})") from bad
    measure: Measure = made
    if not supported:
        raise BadInput(f"--metrics: {word!r} needs {_library_for(measure)}")
    if measure.NAME in _COUNTS:
        raise BadInput(
            f"--metrics: {word!r} only counts, and does not say how good a list is; "
            "Judged@k is reported with every measure anyway"
        )
    return measure


def _library_for(measure: Measure) -> str:
    """What a measure needs, as ir-measures says."""
    for provider in _PIPELINE.providers:
        if provider.supports(measure) and provider.install_instructions():
            return f"a library that is not installed: {provider.install_instructions()}"
    return "parameters, or a program, that are not here"


def cutoff(measure: Measure) -> int | None:
    """The cutoff of a measure; None where it uses the whole list."""
    values = measure.params.get("cutoff")
    return int(values) if isinstance(values, int) else None


def judged_measure(measure: Measure) -> Measure:
    """The share of judged providers, with the same cutoff as the measure."""
    return Judged @ (cutoff(measure) or _NO_CUTOFF)


@dataclass(frozen=True)
class Scored:
    """The values of one run, by measure and lot, over judged lots."""

    run: Run
    lots: tuple[str, ...]
    """all lots judged, in the order of the judgements"""
    missing: tuple[str, ...]
    """judged lots without a list in the run; they count as zero"""
    outside: int
    """the number of lots of the run without judgements, left out"""
    values: Values
    judged: Values
    expected: Mapping[str, dict[str, float]]
    """measure → lot → expected value over all orders of equal scores, where it can be computed"""
    tied: Mapping[str, int]
    """measure → the number of lots where the order of equal scores can change it"""
    condensed: Values
    """as `values`, of lists without rows that are not judged; only lots with a judged row"""

    def over(self, measure: str, lots: Iterable[str] | None = None) -> Vector:
        """(lots,) the values of a measure; 0 where the run has no list."""
        values = self.values[measure]
        return np.array([values.get(lot, 0.0) for lot in (self.lots if lots is None else lots)])

    @property
    def answered(self) -> tuple[str, ...]:
        """The lots that the run has a list for."""
        return tuple(lot for lot in self.lots if lot in self.run.scores)


class Scorer:
    """Scores several runs with the same judgements and measures."""

    def __init__(self, qrels: Qrels, measures: Sequence[Measure]) -> None:
        self.qrels = qrels
        self.measures = tuple(measures)
        judged_measures = dict.fromkeys(judged_measure(measure) for measure in measures)
        self._evaluator = _PIPELINE.evaluator([*measures, *judged_measures], qrels.grades)

    def score(self, run: Run) -> Scored:
        """Score a run lot by lot; lots without judgements are left out and counted."""
        lots = self.qrels.lots
        kept = run.only(lots)
        values = self._values(kept)
        expectations = tied_scores.Expectations(self.qrels, kept)
        expected = {str(m): expectations.of(m) for m in self.measures}
        return Scored(
            run=kept,
            lots=lots,
            missing=tuple(lot for lot in lots if lot not in kept.scores),
            outside=len(run.scores) - len(kept.scores),
            values={str(m): values[str(m)] for m in self.measures},
            judged={str(m): values[str(judged_measure(m))] for m in self.measures},
            expected={m: value for m, value in expected.items() if value is not None},
            tied={str(m): expectations.tied(cutoff(m)) for m in self.measures},
            condensed=self._condensed(kept),
        )

    def _condensed(self, run: Run) -> Values:
        """The measures over judged rows alone; empty where only winners are known."""
        if not self.qrels.graded:
            return {}
        scores = {
            lot: {p: score for p, score in listed.items() if p in self.qrels.grades[lot]}
            for lot, listed in run.scores.items()
        }
        lists = {lot: listed for lot, listed in scores.items() if listed}
        values = self._values(replace(run, scores=lists))
        return {str(m): {lot: values[str(m)][lot] for lot in lists} for m in self.measures if lists}

    def _values(self, run: Run) -> Values:
        values: Values = {}
        for metric in self._evaluator.iter_calc(run.scores):
            values.setdefault(str(metric.measure), {})[metric.query_id] = float(metric.value)
        return values


def judged_share(listed: Sequence[str], grades: Mapping[str, float], depth: int = 10) -> float:
    """The share of the first `depth` rows that is judged; 0 for an empty list."""
    shown = listed[:depth]
    return sum(provider in grades for provider in shown) / len(shown) if shown else 0.0
