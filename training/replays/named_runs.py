"""Evaluate runs that are named in words: each is a file, or a bundle that is asked on the spot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from matcher.core.disk import sha256
from matcher.core.errors import BadInput
from matcher.core.leftovers import scratch_folder
from matcher.core.types import Lot
from matcher.law.types import Purpose
from matcher.ranking.filters import Filters
from matcher.ranking.request import Request
from matcher.register.register import Register
from training.evaluation import comparison, exposure, qrels, runs, scoring, slices
from training.evaluation.comparison import ComparisonRequest
from training.evaluation.line_files import Progress
from training.evaluation.qrels import Qrels
from training.evaluation.runs import Run
from training.replays.runner import (
    Asker,
    Say,
    explaining,
    matcher_for,
    provider_names,
    say_nothing,
    shared_ids,
)

BUNDLE = "bundle:"
"""How the name of a run begins that is a bundle, not a file."""


@dataclass(frozen=True, kw_only=True)
class EvaluationOptions:
    """What to evaluate runs against, and how."""

    qrels: Path | None = None
    slices: Path | None = None
    groups: Path | None = None
    target: str = "pool"
    measures: str
    judged_only: bool = False
    depth: int = 10
    seed: int = 7
    register: Path | None = None
    """the register that bundles rank, and that groups providers"""
    lots: Callable[[], Sequence[Lot]] | None = None
    """reads the lots that bundles are asked"""
    before: date | None = None
    """bundles know only awards before this day; None: they know all"""
    purpose: Purpose = Purpose.ENGAGEMENT
    say: Say = say_nothing
    """tells the person that a copy of the register is made"""


def evaluate_runs(
    names: Sequence[str], options: EvaluationOptions, progress: Progress
) -> dict[str, Any]:
    """The report on the runs that are named.  Raises BadInput for what cannot be evaluated."""
    with scratch_folder("evaluation") as scratch:
        request = _comparison_request(names, options, scratch, progress)
        return comparison.report(request, progress)


def _comparison_request(
    names: Sequence[str], options: EvaluationOptions, scratch: Path, progress: Progress
) -> ComparisonRequest:
    measures = scoring.parse_measures(options.measures)
    judgements = qrels.read(options.qrels, progress) if options.qrels else None
    listed, askers = _runs(names, judgements, options, scratch, progress)
    listed = runs.with_unique_names(listed)
    if judgements is not None and not options.judged_only:
        for run in listed:
            qrels.check_lots(run, judgements)
    if options.slices and judgements is None:
        raise BadInput("--slices: means over slices need --qrels")
    request = ComparisonRequest(
        runs=listed,
        qrels=judgements,
        measures=measures,
        slices=slices.read(options.slices, judgements.grades)
        if options.slices and judgements
        else {},
        depth=options.depth,
        explain=explaining(listed, askers, options.depth),
        provider_name=provider_names(Register.open(options.register)) if options.register else None,
        seed=options.seed,
        about=_about(names, options),
    )
    return _with_groups(request, options, progress)


def _about(names: Iterable[str], options: EvaluationOptions) -> dict[str, str]:
    """What a citation must name: the SHA-256 of each file, and what bundles knew."""
    files = {name: Path(name) for name in names if not name.startswith(BUNDLE)}
    files |= {"judgements": options.qrels} if options.qrels else {}
    files |= {"slices": options.slices} if options.slices else {}
    files |= {"groups": options.groups} if options.groups else {}
    about = {
        (path.name if name == str(path) else name): f"{path.name}, SHA-256 {sha256(path)}"
        for name, path in files.items()
    }
    if options.register:
        about["register"] = Register.open(options.register).version
    if options.before:
        about["awards known"] = f"those before {options.before}"
    return about


def _with_groups(
    request: ComparisonRequest, options: EvaluationOptions, progress: Progress
) -> ComparisonRequest:
    """The request with groups of providers from a file or, without one, from the register."""
    if options.groups:
        groups = exposure.read(options.groups)
    elif options.register:
        progress("grouping providers", 0, None)
        register = Register.open(options.register)
        register = register.before(options.before) if options.before else register
        groups = exposure.register_groups(register)
    else:
        return request
    return comparison.with_target(replace(request, groups=groups), options.target)


def _runs(
    names: Sequence[str],
    judgements: Qrels | None,
    options: EvaluationOptions,
    scratch: Path,
    progress: Progress,
) -> tuple[list[Run], list[Asker | None]]:
    """The runs in order, each with the asker of a bundle or None for a file.

    A bundle lists an organisation with several ids under those that the files use.
    """
    files = {name: runs.read(Path(name), progress) for name in names if not name.startswith(BUNDLE)}
    ids = {one for run in files.values() for listed in run.scores.values() for one in listed}
    ids.update(
        one for grades in (judgements.grades if judgements else {}).values() for one in grades
    )
    listed: list[Run] = []
    askers: list[Asker | None] = []
    for name in names:
        asker = None
        if name.startswith(BUNDLE):
            asker, lots = _asker(name, ids, options, scratch, progress)
            listed.append(asker.run(lots(), progress))
        else:
            listed.append(files[name])
        askers.append(asker)
    return listed, askers


def _asker(
    name: str, ids: set[str], options: EvaluationOptions, scratch: Path, progress: Progress
) -> tuple[Asker, Callable[[], Sequence[Lot]]]:
    """The asker of a bundle, and what reads the lots to ask it."""
    if options.register is None:
        raise BadInput(f"{name}: needs --register, to ask it")
    if options.lots is None:
        raise BadInput(f"{name}: needs --lots, the lots to ask it")
    bundle = name.removeprefix(BUNDLE)
    matcher = matcher_for(options.register, bundle, scratch, progress, options.say)
    request = Request(options.purpose, Filters(everyone=True), before=options.before)
    return Asker(matcher.bundle.name, matcher, request, shared_ids(ids)), options.lots
