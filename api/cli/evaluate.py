"""Commands for evaluators: score runs against judgements, and compare them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    SeedOption,
    SlicesOption,
    TargetOption,
    needs_training,
    write_report,
)
from api.cli.options import QuietOption, TableOrJson, options_from
from api.cli.output import console, register
from api.cli.progress import progress
from matcher.core.errors import BadInput
from matcher.core.types import Lot
from matcher.law.types import Purpose
from matcher.sources.notices import lots as lot_files

if TYPE_CHECKING:
    from training.replays.named_runs import EvaluationOptions


_RUN = (
    "A TREC run, a CSV, the JSON of `matcher shortlist`; or bundle:NAME, asked on the spot "
    "(needs --register and --lots)."
)


@dataclass(frozen=True, kw_only=True)
class _Options:
    """The options of `evaluate` and `compare`."""

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
    form: FormOption = TableOrJson.TABLE
    html: HtmlOption = None
    quiet: QuietOption = False

    def for_evaluation(self) -> EvaluationOptions:
        """The options as an evaluation takes them."""
        from training.replays.named_runs import EvaluationOptions

        lots = self.lots
        return EvaluationOptions(
            qrels=self.qrels,
            slices=self.slices,
            groups=self.groups,
            target=self.target,
            measures=self.metrics,
            judged_only=self.judged_only,
            depth=self.depth,
            seed=self.seed,
            register=self.register,
            lots=None if lots is None else lambda: _read_lots(lots),
            before=self.before.date() if self.before else None,
            purpose=self.purpose,
            say=console.teller(self.quiet),
        )


@options_from(_Options)
def evaluate(
    options: _Options, run: Annotated[list[str], typer.Argument(metavar="RUN…", help=_RUN)]
) -> None:
    """Score runs against judgements: how good, for whom, and whether differences are real.

    Lots that a run lacks are counted, named, and scored as zero. Several runs are compared in
    pairs, corrected for the number of tests. Nothing is claimed on fewer than ten lots.
    """
    if options.qrels is None:
        raise BadInput("--qrels: is missing; without judgements, use `matcher compare` on two runs")
    _evaluate(run, options, "Evaluation")


@options_from(_Options)
def compare(
    options: _Options,
    first: Annotated[str, typer.Argument(metavar="RUN_A", help=_RUN)],
    second: Annotated[str, typer.Argument(metavar="RUN_B", help="The other run, in a like form.")],
) -> None:
    """Compare two runs: which is better, for whom, and the lots that differ most, with reasons.

    Without --qrels this shows how alike the runs are (RBO, overlap, churn, places moved), but
    not which is better.
    """
    _evaluate([first, second], options, "Comparison")


def _evaluate(names: Sequence[str], options: _Options, title: str) -> None:
    with needs_training():
        from training.replays import named_runs
    with progress(options.quiet) as bar:
        report = named_runs.evaluate_runs(names, options.for_evaluation(), bar)
    runs = " and ".join(run["run"] for run in report["runs"])
    write_report(report, f"{title}: {runs}", options.form, options.html)


def _read_lots(path: Path) -> list[Lot]:
    """The lots in a file; lots that cannot be used are listed on standard error."""
    tally, lots = lot_files.iter_lots(path)
    found = list(lots)
    for line in register.set_aside(tally):
        console.console(error=True).print(line)
    return found
