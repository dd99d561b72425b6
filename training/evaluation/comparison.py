"""Everything that is said of some runs: how good, for whom, whether it is real, how they differ.

The report is plain JSON; `training.reports.comparison_report` makes a page of
it.  A run that never ran
is named as such and is compared with nothing.  Lots that a run has no list for are counted and
named; they count as zero, as in ir-measures, and the mean over the others stands beside.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from ir_measures import Measure

from matcher.core.errors import BadInput
from training.evaluation import exposure, overlap
from training.evaluation.graded import judged_share
from training.evaluation.line_files import Progress, silent
from training.evaluation.metrics import interval
from training.evaluation.qrels import Qrels
from training.evaluation.runs import RowDetails, Run
from training.evaluation.scoring import USUAL, Scored, Scorer
from training.evaluation.significance import (
    FEWEST,
    LEVEL,
    Paired,
    holm,
    paired,
)
from training.evaluation.slices import Slices

Json: TypeAlias = dict[str, Any]
Explain: TypeAlias = Callable[[str, str], Mapping[str, RowDetails]]
"""(run, lot) → provider → what the run says of it."""

MOST_DIFFERENT = 20
_BINS = 10
_LIBRARIES = ("ir_measures", "pytrec_eval-terrier", "numpy")


@dataclass(frozen=True)
class ComparisonRequest:
    """What the evaluator wants to know, and of what."""

    runs: Sequence[Run]
    qrels: Qrels | None = None
    measures: Sequence[Measure] = USUAL
    slices: Slices = field(default_factory=dict)
    groups: exposure.Groups = field(default_factory=dict)
    targets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """by what → group → share of attention"""
    depth: int = 10
    """how deep lists are laid side by side, and attention reaches"""
    explain: Explain | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    provider_name: Callable[[str], str] | None = None
    """a provider's id → what it is called, '' where that is not known"""
    seed: int = 7
    about: Mapping[str, str] = field(default_factory=dict)
    """what else a citation must say: data, window, register"""


def report(asked: ComparisonRequest, progress: Progress = silent) -> Json:
    """The whole report."""
    scored: dict[str, Scored] = {}
    if asked.qrels is not None:
        scorer = Scorer(asked.qrels, asked.measures)
        for number, run in enumerate(asked.runs):
            progress("scoring", number, len(asked.runs))
            scored[run.name] = scorer.score(run)
    progress("comparing", 0, None)
    ran = [run for run in asked.runs if run.ran]
    pairs = list(itertools.combinations([run.name for run in ran], 2))
    found: Json = {
        "runs": [_run(asked, run, scored.get(run.name)) for run in asked.runs],
        "qrels": _qrels(asked.qrels),
        "comparisons": list(_comparisons(asked, scored, pairs)),
        "slices": list(_slices(asked, scored)),
        "overlap": [_overlap(asked, *_pair(ran, pair)) for pair in pairs],
        "exposure": list(_exposure(asked)),
        "reliability": list(_reliability(asked)),
        "by lot": _by_lot(scored),
        "methods": _methods(asked),
    }
    if len(ran) >= 2:
        progress("laying side by side", 0, None)
        found["side by side"] = _side_by_side(asked, ran[0], ran[1], scored)
    return found


def _pair(runs: Sequence[Run], pair: tuple[str, str]) -> tuple[Run, Run]:
    by_name = {run.name: run for run in runs}
    return by_name[pair[0]], by_name[pair[1]]


def _qrels(qrels: Qrels | None) -> Json | None:
    if qrels is None:
        return None
    return {
        "file": qrels.file,
        "lots": len(qrels.lots),
        "judged": qrels.judged,
        "relevant": sum(len(qrels.relevant(lot)) for lot in qrels.lots),
        "lots without anybody relevant": list(qrels.without_relevant),
    }


def _run(asked: ComparisonRequest, run: Run, scored: Scored | None) -> Json:
    found: Json = {
        "run": run.name,
        "file": run.file,
        "status": "ran" if run.ran else "not run",
        "lots": len(run.scores),
        "refused": dict(run.refused),
    }
    if scored is None or not run.ran:
        return found
    found |= {
        "lots left out, not judged": scored.outside,
        "missing": list(scored.missing),
        "status": "ran" if scored.run.ran else "not run on any lot that was judged",
    }
    if scored.run.ran:
        if asked.qrels is not None and asked.qrels.graded:
            found["Judged@10"] = _judged_at_10(asked.qrels, scored, asked.seed)
        found["measures"] = {str(m): _measured(scored, str(m), asked.seed) for m in asked.measures}
    return found


def _measured(scored: Scored, measure: str, seed: int) -> Json:
    values = scored.over(measure)
    expected = scored.expected.get(measure)
    return {
        "mean": float(values.mean()),
        "interval": list(interval(values.tolist(), seed)),
        "mean over lots answered": float(scored.over(measure, scored.answered).mean()),
        "expected over ties": None
        if expected is None
        else float(np.mean([expected.get(lot, 0.0) for lot in scored.lots])),
        "lots where ties can matter": scored.tied[measure],
        "judged": float(np.mean([scored.judged[measure][lot] for lot in scored.answered])),
        **_condensed(scored, measure, seed),
    }


def _condensed(scored: Scored, measure: str, seed: int) -> Json:
    """The mean over judged rows alone, where the judgements say who is not relevant too."""
    values = list(scored.condensed.get(measure, {}).values())
    if not values:
        return {}
    return {
        "condensed": {
            "mean": float(np.mean(values)),
            "interval": list(interval(values, seed)),
            "lots": len(values),
        }
    }


def _judged_at_10(qrels: Qrels, scored: Scored, seed: int) -> Json:
    """The share of the first ten rows that is judged, over the lots that the run answers."""
    shares = [judged_share(scored.run.first(lot), qrels.grades[lot]) for lot in scored.answered]
    return {"mean": float(np.mean(shares)), "interval": list(interval(shares, seed))}


def _by_lot(scored: Mapping[str, Scored]) -> dict[str, dict[str, dict[str, float]]]:
    """Run → measure → lot → value, of the lots that the run has a list for."""
    return {
        run: {m: {lot: found[lot] for lot in one.answered} for m, found in one.values.items()}
        for run, one in scored.items()
    }


# --- is it real? ---


def _comparisons(
    asked: ComparisonRequest, scored: Mapping[str, Scored], pairs: Sequence[tuple[str, str]]
) -> Iterator[Json]:
    """Each pair on each measure; p corrected after Holm over all of them together."""
    told: list[tuple[Json, Paired]] = []
    for (a, b), measure in itertools.product(pairs, map(str, asked.measures)):
        if a in scored and scored[a].run.ran and scored[b].run.ran:
            one, other = scored[a], scored[b]
            found = paired(one.over(measure), other.over(measure), asked.seed)
            row: Json = {"first": a, "second": b, "measure": measure}
            if one.missing or other.missing:
                both = [lot for lot in one.answered if lot in other.run.scores]
                alone = paired(one.over(measure, both), other.over(measure, both), asked.seed)
                row["over lots that both answered"] = asdict(alone)
            told.append((row, found))
    tested = [found.p for _, found in told if found.p is not None]
    corrected = iter(holm(tested))
    for row, found in told:
        p = None if found.p is None else next(corrected)
        yield (
            row
            | asdict(found)
            | {
                "p after Holm": p,
                "tests": len(tested),
                "claim": claim(row["first"], row["second"], found, p),
            }
        )


def claim(first: str, second: str, found: Paired, p: float | None) -> str:
    """What may be said of two runs, and no more."""
    if p is None or found.difference is None:
        return f"no claim: {found.lots} lots, at least {FEWEST} are needed"
    if p < LEVEL:
        better, worse = (first, second) if found.difference > 0 else (second, first)
        return f"{better} is better than {worse}"
    return "no difference was shown"


# --- for whom? ---


def _slices(asked: ComparisonRequest, scored: Mapping[str, Scored]) -> Iterator[Json]:
    for by, some in asked.slices.items():
        for name, lots in some.items():
            row: Json = {"by": by, "slice": name, "lots": len(lots), "runs": {}}
            for run, one in scored.items():
                if one.run.ran:
                    row["runs"][run] = {
                        str(m): _slice_mean(one.over(str(m), lots).tolist(), asked.seed)
                        for m in asked.measures
                    }
            yield row


def _slice_mean(values: Sequence[float], seed: int) -> list[float | None]:
    """The mean and, from ten lots on, its interval."""
    between = interval(values, seed) if len(values) >= FEWEST else (None, None)
    return [float(np.mean(values)), *between]


def _exposure(asked: ComparisonRequest) -> Iterator[Json]:
    for by, target in asked.targets.items():
        held = asked.groups.get(by, {})
        for run in asked.runs:
            if run.ran:
                found = exposure.measured(run, held, target, asked.depth, asked.seed)
                yield {"by": by, "run": run.name} | found


# --- how do they differ? ---


def _overlap(asked: ComparisonRequest, one: Run, other: Run) -> Json:
    found = overlap.compared(one, other, asked.depth)
    moved = [pair.moved for pair in found if pair.moved is not None]
    return {
        "first": one.name,
        "second": other.name,
        "lots": len(found),
        "depth": asked.depth,
        "RBO": float(np.mean([pair.rbo for pair in found])),
        "overlap": float(np.mean([pair.overlap for pair in found])),
        "churn": float(np.mean([pair.left for pair in found])),
        "moved": float(np.mean(moved)) if moved else None,
        "the same first": float(
            np.mean([one.first(p.lot, 1) == other.first(p.lot, 1) for p in found])
        ),
    }


def _side_by_side(
    asked: ComparisonRequest, one: Run, other: Run, scored: Mapping[str, Scored]
) -> list[Json]:
    """The lots that differ most, with both lists and the reasons that each run gives."""
    found = overlap.compared(one, other, asked.depth)[:MOST_DIFFERENT]
    return [
        {
            "lot": pair.lot,
            "title": asked.titles.get(pair.lot)
            or one.titles.get(pair.lot)
            or other.titles.get(pair.lot, ""),
            "RBO": pair.rbo,
            "overlap": pair.overlap,
            "moved": pair.moved,
            "lists": {run.name: _list(asked, run, pair.lot) for run in (one, other)},
            "measures": {
                run.name: {
                    str(m): scored[run.name].values[str(m)].get(pair.lot, 0.0)
                    for m in asked.measures
                }
                for run in (one, other)
                if asked.qrels is not None and pair.lot in asked.qrels.grades
            },
        }
        for pair in found
    ]


def _list(asked: ComparisonRequest, run: Run, lot: str) -> list[Json]:
    told = run.told.get(lot, {})
    if asked.explain is not None and not any(said.reasons for said in told.values()):
        told = asked.explain(run.name, lot) or told
    grades = asked.qrels.grades.get(lot, {}) if asked.qrels else {}
    listed = []
    for rank, provider in enumerate(run.first(lot, asked.depth), 1):
        said = told.get(provider, RowDetails())
        listed.append(
            {
                "rank": rank,
                "provider": provider,
                "name": said.name or (asked.provider_name(provider) if asked.provider_name else ""),
                "grade": grades.get(provider),
                "reasons": list(said.reasons),
            }
        )
    return listed


def _reliability(asked: ComparisonRequest) -> Iterator[Json]:
    """Told probabilities beside what came true, for runs that tell any."""
    if asked.qrels is None:
        return
    for run in asked.runs:
        pairs = [
            (said.probability, provider in asked.qrels.relevant(lot))
            for lot, told in run.told.items()
            if lot in asked.qrels.grades
            for provider, said in told.items()
            if said.probability is not None
        ]
        if pairs:
            told_, came = np.array(pairs, np.float64).T
            order = np.argsort(told_, kind="stable")
            bins = [part for part in np.array_split(order, _BINS) if len(part)]
            yield {
                "run": run.name,
                "suggestions": len(pairs),
                "brier": float(np.mean((told_ - came) ** 2)),
                "bins": [
                    {
                        "suggestions": len(part),
                        "told": float(told_[part].mean()),
                        "relevant": float(came[part].mean()),
                    }
                    for part in bins
                ],
            }


def _methods(asked: ComparisonRequest) -> Json:
    return {
        "measures": [str(m) for m in asked.measures],
        "seed": asked.seed,
        "depth": asked.depth,
        "libraries": {one: metadata.version(one) for one in _LIBRARIES},
        "product": metadata.version("local-by-default"),
        "about": dict(asked.about),
    }


def with_target(request: ComparisonRequest, target: str) -> ComparisonRequest:
    """The request with a target of attention: one of `exposure.TARGETS`, or a CSV file's.

    Raises BadInput for another name, and for a file about groups that the request does not have.
    """
    if not target.endswith(".csv"):
        targets = {
            by: exposure.named_target(target, group_of, request.qrels)
            for by, group_of in request.groups.items()
        }
        return replace(request, targets=targets)
    shares = exposure.read_targets(Path(target))
    unknown = sorted(set(shares) - set(request.groups))
    if unknown:
        raise BadInput(
            f"--target {target}: providers are not grouped by {unknown[0]}, only by "
            f"{', '.join(request.groups)}"
        )
    return replace(request, targets=shares)
