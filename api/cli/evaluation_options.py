"""Options that the commands for evaluators share, and how their reports are written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from api.cli.output import console, evaluations
from matcher.core.errors import BadInput
from matcher.law.types import Purpose

if TYPE_CHECKING:
    from training.evaluation.comparison import ComparisonRequest

METRICS = "Success@10 nDCG@10 RR@100"


class ReportFormat(StrEnum):
    """How a report is written to standard output."""

    TABLE = "table"
    JSON = "json"


QrelsOption = Annotated[
    Path | None, typer.Option("--qrels", help="Judgements: TREC qrels, CSV or JSON.")
]


SlicesOption = Annotated[
    Path | None, typer.Option("--slices", help="CSV with the columns lot, by, slice.")
]


GroupsOption = Annotated[
    Path | None,
    typer.Option("--groups", help="CSV with the columns provider, by, group, for exposure."),
]


TargetOption = Annotated[
    str,
    typer.Option(
        help="Whose share of attention is fair: pool (of all providers in a group), relevant, "
        "equal, or a CSV file with the columns by, group, share."
    ),
]


MetricsOption = Annotated[str, typer.Option(help="Measures, in ir-measures' names.")]


JudgedOnly = Annotated[
    bool, typer.Option("--judged-only", help="Leave lots out that nobody judged, and count them.")
]


DepthOption = Annotated[
    int, typer.Option(min=1, help="How deep lists are laid side by side, and attention reaches.")
]


HtmlOption = Annotated[
    Path | None, typer.Option("--html", help="Also write the report as one HTML page.")
]


FormOption = Annotated[ReportFormat, typer.Option("--format", help="How to write the report.")]


SeedOption = Annotated[int, typer.Option(help="Of the bootstrap and the randomisation test.")]


RegisterOption = Annotated[
    Path | None,
    typer.Option("--register", help="To ask bundles, and to group providers for exposure."),
]


LotsOption = Annotated[Path | None, typer.Option("--lots", help="The lots to ask bundles.")]


BeforeOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Bundles know only awards before this day."),
]


PurposeOption = Annotated[Purpose, typer.Option(help="What bundles are asked for.")]


@contextmanager
def needs_training() -> Iterator[None]:
    """Refuse in words where the libraries of training are not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise BadInput(
            f"evaluating needs libraries that are not installed ({missing.name}): where the "
            "product's pyproject.toml lies, run `pip install --editable '.[train]'`"
        ) from missing


def with_target(asked: ComparisonRequest, target: str) -> ComparisonRequest:
    """The same with the target that --target names or that its file holds."""
    from training.evaluation import comparison, exposure

    if not target.endswith(".csv"):
        return comparison.with_targets(asked, target)
    targets = exposure.read_targets(Path(target))
    unknown = sorted(set(targets) - set(asked.groups))
    if unknown:
        raise BadInput(
            f"--target {target}: no provider is grouped by {unknown[0]}; there is "
            f"{', '.join(asked.groups)}"
        )
    return replace(asked, targets=targets)


def deliver(report: dict[str, Any], title: str, form: ReportFormat, html: Path | None) -> None:
    """Write a report as asked; exit code 3 where no run ran."""
    from training.reports.comparison_report import page

    if html is not None:
        write(html, page(title, report), "--html")
    if form is ReportFormat.JSON:
        sys.stdout.write(as_json(report))
    else:
        console.console().print(evaluations.tables(report))
    if not any(run["status"] == "ran" for run in report["runs"]):
        raise typer.Exit(3)


def as_json(report: dict[str, Any]) -> str:
    """A report as JSON; what is not a number is null."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1).decode() + "\n"


def write(path: Path, content: str, option: str) -> None:
    """Write a file that an option names.  Raises BadInput that names the option."""
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as wrong:
        raise BadInput(f"{option} {path}: cannot be written ({wrong.strerror})") from wrong
