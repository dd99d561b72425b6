"""Commands that ask past lots again: the award replay, and what each signal is worth on it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.evaluation_options import (
    METRICS,
    DepthOption,
    FormOption,
    HtmlOption,
    MetricsOption,
    PurposeOption,
    SeedOption,
    TargetOption,
    as_json,
    needs_training,
    write_report,
)
from api.cli.named_paths import file_to_read, folder_to_fill, providers_to_read, to_read
from api.cli.options import AwardsOption, ParallelOption, QuietOption, TableOrJson, options_from
from api.cli.output import console, evaluations
from api.cli.progress import progress
from matcher.core.workers import running_on
from matcher.law.types import Purpose
from models.bundle import DEFAULT

if TYPE_CHECKING:
    from training.replays.session import ReplayOptions


@dataclass(frozen=True, kw_only=True)
class _ReplayOptions:
    """The options that both commands take."""

    awards: AwardsOption
    window: Annotated[
        tuple[datetime, datetime],
        typer.Option(
            "--window", formats=["%Y-%m-%d"], metavar="FROM TO", help="Both days inclusive."
        ),
    ]
    providers: Annotated[
        list[Path] | None,
        typer.Option(
            "--providers",
            callback=providers_to_read,
            metavar="FILE…",
            help="Tables of providers. They and the suppliers of past awards may be listed.",
        ),
    ] = None
    sample: Annotated[
        int | None, typer.Option(min=1, help="Ask only about this many lots, spread evenly.")
    ] = None
    purpose: PurposeOption = Purpose.ENGAGEMENT
    register: Annotated[
        Path | None,
        typer.Option(
            "--register", callback=folder_to_fill, help="Keep the register here, and use it again."
        ),
    ] = None
    retrain: Annotated[
        bool,
        typer.Option(
            "--retrain",
            help="If a bundle learned from the window, train another one on the awards before it.",
        ),
    ] = False
    as_it_is: Annotated[
        bool,
        typer.Option(
            "--as-it-is", help="Ask a bundle that learned from the window; the report says."
        ),
    ] = False
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", callback=file_to_read, help="Training settings for --retrain, TOML."
        ),
    ] = None
    metrics: MetricsOption = METRICS
    seed: SeedOption = 7
    form: FormOption = TableOrJson.TABLE
    parallel: ParallelOption = None
    quiet: QuietOption = False

    def for_bundles(self, bundles: Sequence[str], **more: Any) -> ReplayOptions:  # noqa: ANN401
        """The options as a replay of these bundles takes them."""
        from training.replays.session import ReplayOptions

        first, last = self.window
        return ReplayOptions(
            awards=self.awards,
            first=first.date(),
            last=last.date(),
            providers=self.providers or (),
            sample=self.sample,
            purpose=self.purpose,
            register=self.register,
            bundles=bundles,
            retrain=self.retrain,
            as_it_is=self.as_it_is,
            config=self.config,
            measures=self.metrics,
            seed=self.seed,
            say=console.teller(self.quiet),
            **more,
        )


@dataclass(frozen=True, kw_only=True)
class _ComparisonOptions(_ReplayOptions):
    """The options of `replay-awards`."""

    beside: Annotated[
        list[Path] | None,
        typer.Option(
            "--beside",
            callback=to_read,
            metavar="RUN…",
            help="Runs of other systems over the same lots.",
        ),
    ] = None
    target: TargetOption = "pool"
    depth: DepthOption = 10
    out: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_fill,
            help="A folder to write the runs, qrels, slices, groups and lots into.",
        ),
    ] = None
    html: HtmlOption = None


@options_from(_ComparisonOptions)
def replay_awards(
    options: _ComparisonOptions,
    bundle: Annotated[
        list[str], typer.Option("--bundle", metavar="NAME…", help="By name, or a folder.")
    ] = [DEFAULT],
) -> None:
    """Ask past lots again, knowing only earlier awards: a hit is a provider that won.

    Lots are those of local government in the window with at most 20 winners, the first of each
    series. Only winners are judged, so a provider that could have done the work but did not win
    counts as a miss.
    """
    with needs_training():
        from training.replays import session
    asked = options.for_bundles(
        bundle,
        target=options.target,
        depth=options.depth,
        other_runs=options.beside or (),
        out=options.out,
    )
    with running_on(options.parallel), progress(options.quiet) as bar:
        report = session.compare_bundles(asked, bar)
    title = f"Award replay, {asked.first} to {asked.last}"
    write_report(report, title, options.form, options.html)


@options_from(_ReplayOptions)
def ablate(
    options: _ReplayOptions,
    bundle: Annotated[str, typer.Option(help="By name, or a folder.")] = DEFAULT,
) -> None:
    """Show what each group of signals is worth on the award replay, also for small and new winners.

    The values of one group are shuffled among a lot's candidates, so that they carry no
    information, and the same ranker orders the candidates again. This is what this ranker loses
    without the signal, not what a ranker trained without it would lose.
    """
    with needs_training():
        from training.replays import session
    with running_on(options.parallel), progress(options.quiet) as bar:
        report = session.ablate(options.for_bundles([bundle]), bar)
    if options.form is TableOrJson.JSON:
        sys.stdout.write(as_json(report))
    else:
        console.console().print(evaluations.ablation(report))
