"""Commands for evaluators: score runs against judgements, and compare them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.evaluation_options import (
    METRICS,
    BeforeOption,
    DepthOption,
    FormOption,
    GroupsOption,
    HtmlOption,
    JudgedOnly,
    LotsOption,
    MetricsOption,
    PurposeOption,
    QrelsOption,
    RegisterOption,
    ReportFormat,
    SeedOption,
    SlicesOption,
    TargetOption,
    deliver,
    needs_training,
    with_target,
)
from api.cli.options import QuietOption, gathers
from api.cli.output import console, register
from api.cli.progress import Bar, progress
from matcher.core.errors import BadInput
from matcher.core.types import Lot
from matcher.law.types import Purpose
from matcher.ranking.filters import Filters
from matcher.ranking.request import Request
from matcher.register.register import Register
from matcher.sources.notices import lots as lot_files

if TYPE_CHECKING:
    from training.evaluation.comparison import ComparisonRequest
    from training.evaluation.qrels import Qrels
    from training.evaluation.runs import Run
    from training.replays.runner import Asker

_BUNDLE = "bundle:"


_RUN = (
    "A TREC run, a CSV, the JSON of `matcher shortlist`; or bundle:NAME, asked on the spot "
    "(needs --register and --lots)."
)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("evaluate")(evaluate)
    app.command("compare")(compare)


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """What the options of `evaluate` and `compare` say."""

    qrels: QrelsOption = None
    slices: SlicesOption = None
    groups: GroupsOption = None
    target: TargetOption = "pool"
    metrics: MetricsOption = METRICS
    judged_only: JudgedOnly = False
    depth: DepthOption = 10
    seed: SeedOption = 7
    register: RegisterOption = None
    lots: LotsOption = None
    before: BeforeOption = None
    purpose: PurposeOption = Purpose.ENGAGEMENT
    form: FormOption = ReportFormat.TABLE
    html: HtmlOption = None
    quiet: QuietOption = False

    @property
    def known(self) -> date | None:
        """The day before which bundles know awards; None: they know all."""
        return self.before.date() if self.before else None


@gathers(_Wanted)
def evaluate(
    wanted: _Wanted, run: Annotated[list[str], typer.Argument(metavar="RUN…", help=_RUN)]
) -> None:
    """Score runs against judgements: how good, for whom, and whether differences are real.

    Lots that a run lacks are counted and named, and count as zero.  Several runs are compared
    in pairs, corrected for how many there are; nothing is claimed on fewer than ten lots.
    """
    if wanted.qrels is None:
        raise BadInput("--qrels: is missing; without judgements, `matcher compare` tells two apart")
    _evaluate(run, wanted, "Evaluation")


@gathers(_Wanted)
def compare(
    wanted: _Wanted,
    first: Annotated[str, typer.Argument(metavar="RUN_A", help=_RUN)],
    second: Annotated[str, typer.Argument(metavar="RUN_B", help="The other, likewise.")],
) -> None:
    """Compare two runs: which is better, for whom, and the lots that differ most, with reasons.

    Without --qrels it tells how alike they are (RBO, overlap, churn, places moved), and not
    which is better.
    """
    _evaluate([first, second], wanted, "Comparison")


def _evaluate(said: Sequence[str], wanted: _Wanted, title: str) -> None:
    with needs_training():
        from training.evaluation import comparison
    with progress(wanted.quiet) as bar, ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        asked = _asked(said, wanted, scratch, bar)
        report = comparison.report(asked, bar)
    names = " and ".join(run.name for run in asked.runs)
    deliver(report, f"{title}: {names}", wanted.form, wanted.html)


def _asked(said: Sequence[str], wanted: _Wanted, scratch: Path, bar: Bar) -> ComparisonRequest:
    from training.evaluation import (
        comparison,
        qrels,
        scoring,
        slices,
    )
    from training.evaluation.runs import named_apart
    from training.replays.runner import names_in

    measures = scoring.measures(wanted.metrics)
    judged = qrels.read(wanted.qrels, bar) if wanted.qrels else None
    runs, askers = _runs(said, judged, wanted, scratch, bar)
    runs = named_apart(runs)
    if judged is not None and not wanted.judged_only:
        for run in runs:
            qrels.check_lots(run, judged)
    if wanted.slices and judged is None:
        raise BadInput("--slices: means over slices need --qrels")
    by_name = {run.name: asker for run, asker in zip(runs, askers, strict=True) if asker}
    asked = comparison.ComparisonRequest(
        runs=runs,
        qrels=judged,
        wanted=measures,
        slices=slices.read(wanted.slices, judged.grades) if wanted.slices and judged else {},
        depth=wanted.depth,
        explain=lambda name, lot: (
            by_name[name].explain(lot, wanted.depth) if name in by_name else {}
        ),
        named=names_in(Register.open(wanted.register)) if wanted.register else None,
        seed=wanted.seed,
        about=_about(said, wanted),
    )
    return _with_groups(asked, wanted, bar)


def _about(said: Sequence[str], wanted: _Wanted) -> dict[str, str]:
    """What a citation must name: the files by their SHA-256, and what bundles knew."""
    files = {word: Path(word) for word in said if not word.startswith(_BUNDLE)}
    files |= {"judgements": wanted.qrels} if wanted.qrels else {}
    files |= {"slices": wanted.slices} if wanted.slices else {}
    files |= {"groups": wanted.groups} if wanted.groups else {}
    about = {
        (path.name if name == str(path) else name): f"{path.name}, SHA-256 {_digest(path)}"
        for name, path in files.items()
    }
    if wanted.register:
        about["register"] = Register.open(wanted.register).version
    if wanted.known:
        about["awards known"] = f"those before {wanted.known}"
    return about


def _digest(path: Path) -> str:
    with path.open("rb") as text:
        return hashlib.file_digest(text, "sha256").hexdigest()


def _with_groups(asked: ComparisonRequest, wanted: _Wanted, bar: Bar) -> ComparisonRequest:
    from training.evaluation import exposure

    if wanted.groups:
        groups = exposure.read(wanted.groups)
    elif wanted.register:
        bar("grouping providers", 0, None)
        register = Register.open(wanted.register)
        groups = exposure.groups_of(register.before(wanted.known) if wanted.known else register)
    else:
        return asked
    return with_target(replace(asked, groups=groups), wanted.target)


def _runs(
    said: Sequence[str], judged: Qrels | None, wanted: _Wanted, scratch: Path, bar: Bar
) -> tuple[list[Run], list[Asker | None]]:
    """The runs named, in order, and who was asked for those that are bundles.

    An organisation with several ids is listed by those that the files know it by.
    """
    from training.evaluation import runs

    read = {word: runs.read(Path(word), bar) for word in said if not word.startswith(_BUNDLE)}
    known = {one for run in read.values() for listed in run.scores.values() for one in listed}
    known.update(one for held in (judged.grades if judged else {}).values() for one in held)
    found: list[Run] = []
    askers: list[Asker | None] = []
    for word in said:
        asker = None
        if word.startswith(_BUNDLE):
            asker = _asker(word, known, wanted, scratch, bar)
            found.append(asker.run(_lots(word, wanted), bar))
        else:
            found.append(read[word])
        askers.append(asker)
    return found, askers


def _lots(word: str, wanted: _Wanted) -> list[Lot]:
    if wanted.lots is None:
        raise BadInput(f"{word}: needs --lots, the lots to ask it")
    tally, lots = lot_files.iter_lots(wanted.lots)
    found = list(lots)
    for line in register.set_aside(tally):
        console.console(error=True).print(line)
    return found


def _asker(word: str, known: set[str], wanted: _Wanted, scratch: Path, bar: Bar) -> Asker:
    from training.replays.runner import Asker, known_ids, matcher_for

    if wanted.register is None:
        raise BadInput(f"{word}: needs --register, to ask it")
    matcher = matcher_for(wanted.register, word.removeprefix(_BUNDLE), scratch, bar)
    request = Request(wanted.purpose, Filters(everyone=True), before=wanted.known)
    return Asker(matcher.bundle.name, matcher, request, known_ids(known))
