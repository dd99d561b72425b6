"""The report on several runs: how good, for whom, whether differences are real, how they differ.

The report is plain JSON, and `training.reports.comparison_report` makes a page of it.  A run
without any list is marked as not run and is not compared.  Lots that a run has no list for are
counted, named and scored as zero, as in ir-measures; the mean over the other lots is also given.
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
from training.evaluation.line_files import Progress, no_progress
from training.evaluation.metrics import interval
from training.evaluation.qrels import Qrels
from training.evaluation.reliability import reliability
from training.evaluation.runs import RowDetails, Run
from training.evaluation.scoring import USUAL, Scored, Scorer, judged_share
from training.evaluation.significance import FEWEST, Paired, claim, holm, mean_interval, paired
from training.evaluation.slices import Slices

Json: TypeAlias = dict[str, Any]
Explain: TypeAlias = Callable[[str, str], Mapping[str, RowDetails]]
"""(run, lot) → provider → its name, reasons and probability."""

MOST_DIFFERENT = 20
_LIBRARIES = ("ir_measures", "pytrec_eval-terrier", "numpy")


@dataclass(frozen=True)
class ComparisonRequest:
    """The runs to report on, and how."""

    runs: Sequence[Run]
    qrels: Qrels | None = None
    measures: Sequence[Measure] = USUAL
    slices: Slices = field(default_factory=dict)
    groups: exposure.Groups = field(default_factory=dict)
    targets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """kind of group → group → share of attention"""
    depth: int = 10
    """how many places of each list are compared and get attention"""
    explain: Explain | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    provider_name: Callable[[str], str] | None = None
    """a provider's id → its name, '' where unknown"""
    seed: int = 7
    about: Mapping[str, str] = field(default_factory=dict)
    """more facts for a citation: data, window, register"""


def report(request: ComparisonRequest, progress: Progress = no_progress) -> Json:
    """The whole report."""
    scored: dict[str, Scored] = {}
    if request.qrels is not None:
        scorer = Scorer(request.qrels, request.measures)
        for number, run in enumerate(request.runs):
            progress("scoring", number, len(request.runs))
            scored[run.name] = scorer.score(run)
    progress("comparing", 0, None)
    ran = [run for run in request.runs if run.ran]
    pairs = list(itertools.combinations(ran, 2))
    result: Json = {
        "runs": [_run(request, run, scored.get(run.name)) for run in request.runs],
        "qrels": _qrels(request, request.qrels) if request.qrels else None,
        "comparisons": list(_comparisons(request, scored, pairs)),
        "slices": list(_slices(request, scored)),
        "overlap": [_overlap(request, *pair) for pair in pairs],
        "exposure": list(_exposure(request)),
        "reliability": list(reliability(request.runs, request.qrels)) if request.qrels else [],
        "by lot": _by_lot(scored),
        "methods": _methods(request),
    }
    if len(ran) >= 2:
        progress("comparing lists", 0, None)
        result["side by side"] = _side_by_side(request, ran[0], ran[1], scored)
    return result


def _qrels(request: ComparisonRequest, qrels: Qrels) -> Json:
    named = request.provider_name
    listed = set[str]().union(*(lot for run in request.runs for lot in run.scores.values()))
    return {
        "file": qrels.file,
        "lots": len(qrels.lots),
        "judged": qrels.judged,
        "relevant": sum(len(qrels.relevant(lot)) for lot in qrels.lots),
        "lots without anybody relevant": list(qrels.without_relevant),
        "relevant providers": len(qrels.ever_relevant),
        "on no list": [p for p in qrels.ever_relevant if p not in listed],
        "not in the register": [p for p in qrels.ever_relevant if named and not named(p)],
    }


def _run(request: ComparisonRequest, run: Run, scored: Scored | None) -> Json:
    result: Json = {
        "run": run.name,
        "file": run.file,
        "status": "ran" if run.ran else "not run",
        "lots": len(run.scores),
        "refused": dict(run.refused),
    }
    if scored is None or not run.ran:
        return result
    result |= {
        "lots left out, not judged": scored.outside,
        "missing": list(scored.missing),
        "status": "ran" if scored.run.ran else "not run on any lot that was judged",
    }
    if scored.run.ran:
        if request.qrels is not None and request.qrels.graded:
            result["Judged@10"] = _judged_at_10(request.qrels, scored, request.seed)
        result["measures"] = {
            str(m): _measured(scored, str(m), request.seed) for m in request.measures
        }
    return result


def _measured(scored: Scored, measure: str, seed: int) -> Json:
    values = scored.over(measure)
    expected = scored.expected.get(measure)
    return {
        "mean": float(values.mean()),
        "interval": mean_interval(values.tolist(), seed),
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
            "interval": mean_interval(values, seed),
            "lots": len(values),
        }
    }


def _judged_at_10(qrels: Qrels, scored: Scored, seed: int) -> Json:
    """The share of the first ten rows that is judged, over the lots that the run answers."""
    shares = [judged_share(scored.run.first(lot), qrels.grades[lot]) for lot in scored.answered]
    return {"mean": float(np.mean(shares)), "interval": mean_interval(shares, seed)}


def _by_lot(scored: Mapping[str, Scored]) -> dict[str, dict[str, dict[str, float]]]:
    """Run → measure → lot → value, for lots that the run has a list for."""
    return {
        run: {m: {lot: result[lot] for lot in one.answered} for m, result in one.values.items()}
        for run, one in scored.items()
    }


# --- are differences real? ---


def _comparisons(
    request: ComparisonRequest, scored: Mapping[str, Scored], pairs: Sequence[tuple[Run, Run]]
) -> Iterator[Json]:
    """Each pair on each measure, with p corrected after Holm over all of them."""
    compared: list[tuple[Json, Paired]] = []
    for (first, second), measure in itertools.product(pairs, map(str, request.measures)):
        a, b = first.name, second.name
        if a in scored and scored[a].run.ran and scored[b].run.ran:
            one, other = scored[a], scored[b]
            result = paired(one.over(measure), other.over(measure), request.seed)
            row: Json = {"first": a, "second": b, "measure": measure}
            if one.missing or other.missing:
                both = [lot for lot in one.answered if lot in other.run.scores]
                alone = paired(one.over(measure, both), other.over(measure, both), request.seed)
                row["over lots that both answered"] = asdict(alone)
            compared.append((row, result))
    p_values = [result.p for _, result in compared if result.p is not None]
    corrected = iter(holm(p_values))
    for row, result in compared:
        p = None if result.p is None else next(corrected)
        yield (
            row
            | asdict(result)
            | {
                "p after Holm": p,
                "tests": len(p_values),
                "claim": claim(row["first"], row["second"], result, p),
            }
        )


# --- for whom? ---


def _slices(request: ComparisonRequest, scored: Mapping[str, Scored]) -> Iterator[Json]:
    for by, some in request.slices.items():
        for name, lots in some.items():
            row: Json = {"by": by, "slice": name, "lots": len(lots), "runs": {}}
            for run, one in scored.items():
                if one.run.ran:
                    row["runs"][run] = {
                        str(m): _slice_mean(one.over(str(m), lots).tolist(), request.seed)
                        for m in request.measures
                    }
            yield row


def _slice_mean(values: Sequence[float], seed: int) -> list[float | None]:
    """The mean, and its interval if there are at least ten lots."""
    between = interval(values, seed) if len(values) >= FEWEST else (None, None)
    return [float(np.mean(values)), *between]


def _exposure(request: ComparisonRequest) -> Iterator[Json]:
    for by, target in request.targets.items():
        group_of = request.groups.get(by, {})
        for run in request.runs:
            if run.ran:
                result = exposure.measure_exposure(
                    run, group_of, target, request.depth, request.seed
                )
                yield {"by": by, "run": run.name} | result


# --- how do they differ? ---


def _overlap(request: ComparisonRequest, one: Run, other: Run) -> Json:
    result = overlap.compared(one, other, request.depth)
    moved = [pair.moved for pair in result if pair.moved is not None]
    return {
        "first": one.name,
        "second": other.name,
        "lots": len(result),
        "depth": request.depth,
        "RBO": float(np.mean([pair.rbo for pair in result])),
        "overlap": float(np.mean([pair.overlap for pair in result])),
        "churn": float(np.mean([pair.removed for pair in result])),
        "moved": float(np.mean(moved)) if moved else None,
        "the same first": float(
            np.mean([one.first(p.lot, 1) == other.first(p.lot, 1) for p in result])
        ),
    }


def _side_by_side(
    request: ComparisonRequest, one: Run, other: Run, scored: Mapping[str, Scored]
) -> list[Json]:
    """The lots whose lists differ most, with both lists and their reasons; none that are equal."""
    pairs = overlap.compared(one, other, request.depth)
    result = [pair for pair in pairs if one.first(pair.lot) != other.first(pair.lot)]
    return [
        {
            "lot": pair.lot,
            "title": request.titles.get(pair.lot)
            or one.titles.get(pair.lot)
            or other.titles.get(pair.lot, ""),
            "RBO": pair.rbo,
            "overlap": pair.overlap,
            "moved": pair.moved,
            "lists": {run.name: _list(request, run, pair.lot) for run in (one, other)},
            "measures": {
                run.name: {
                    str(m): scored[run.name].values[str(m)].get(pair.lot, 0.0)
                    for m in request.measures
                }
                for run in (one, other)
                if request.qrels is not None and pair.lot in request.qrels.grades
            },
        }
        for pair in result[:MOST_DIFFERENT]
    ]


def _list(request: ComparisonRequest, run: Run, lot: str) -> list[Json]:
    by_provider = run.details.get(lot, {})
    if request.explain is not None and not any(found.reasons for found in by_provider.values()):
        by_provider = request.explain(run.name, lot) or by_provider
    grades = request.qrels.grades.get(lot, {}) if request.qrels else {}
    listed = []
    for rank, provider in enumerate(run.first(lot, request.depth), 1):
        details = by_provider.get(provider, RowDetails())
        listed.append(
            {
                "rank": rank,
                "provider": provider,
                "name": details.name
                or (request.provider_name(provider) if request.provider_name else ""),
                "grade": grades.get(provider),
                "reasons": list(details.reasons),
            }
        )
    return listed


def _methods(request: ComparisonRequest) -> Json:
    return {
        "measures": [str(m) for m in request.measures],
        "seed": request.seed,
        "depth": request.depth,
        "libraries": {one: metadata.version(one) for one in _LIBRARIES},
        "product": metadata.version("local-by-default"),
        "about": dict(request.about),
    }


def with_target(request: ComparisonRequest, target: str) -> ComparisonRequest:
    """The request with a target of attention: pool, relevant, equal or a CSV file's.

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
