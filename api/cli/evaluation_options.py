"""Options shared by the commands for evaluators, and writing their reports."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from api.cli.named_paths import file_to_read, file_to_write, written
from api.cli.options import TableOrJson
from api.cli.output import console, evaluations
from matcher.core.errors import BadInput
from matcher.law.types import Purpose

METRICS = "Success@10 nDCG@10 RR@100"


QrelsOption = Annotated[
    Path | None,
    typer.Option("--qrels", callback=file_to_read, help="Judgements: TREC qrels, CSV or JSON."),
]

SlicesOption = Annotated[
    Path | None,
    typer.Option("--slices", callback=file_to_read, help="CSV with the columns lot, by, slice."),
]

GroupsOption = Annotated[
    Path | None,
    typer.Option(
        "--groups",
        callback=file_to_read,
        help="CSV with the columns provider, by, group, for exposure.",
    ),
]

TargetOption = Annotated[
    str,
    typer.Option(
        help="The fair share of attention of a group: pool (its share of all providers), relevant, "
        "equal, or a CSV file with the columns by, group, share."
    ),
]

MetricsOption = Annotated[str, typer.Option(help="Measures, in ir-measures' names.")]

JudgedOnly = Annotated[
    bool, typer.Option("--judged-only", help="Leave out and count lots that nobody judged.")
]

DepthOption = Annotated[
    int, typer.Option(min=1, help="How many places of each list are compared and get attention.")
]

HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", callback=file_to_write, help="Also write the report as one HTML page."),
]

FormOption = Annotated[TableOrJson, typer.Option("--format", help="How to write the report.")]

SeedOption = Annotated[int, typer.Option(help="Seed of the bootstrap and the randomisation test.")]

RegisterOption = Annotated[
    Path | None,
    typer.Option(
        "--register", help="The register that bundles rank, and that groups providers for exposure."
    ),
]

LotsOption = Annotated[
    Path | None,
    typer.Option("--lots", callback=file_to_read, help="The lots that bundles are asked."),
]

BeforeOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Bundles know only awards before this day."),
]

PurposeOption = Annotated[Purpose, typer.Option(help="The purpose of the lists that bundles make.")]


@contextmanager
def needs_training() -> Iterator[None]:
    """Raise BadInput with what to install where the libraries of training are missing."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise BadInput(
            f"evaluating needs libraries that are not installed ({missing.name}): in the "
            "folder with the product's pyproject.toml, run `pip install --editable '.[train]'`"
        ) from missing


def write_report(report: dict[str, Any], title: str, form: TableOrJson, html: Path | None) -> None:
    """Write a report to standard output and, if named, an HTML file; exit code 3 if no run ran."""
    from training.reports.comparison_report import page

    if html is not None:
        with written("--html", html) as out:
            out.write(page(title, report))
    if form is TableOrJson.JSON:
        sys.stdout.write(as_json(report))
    else:
        console.console().print(evaluations.tables(report))
    if not any(run["status"] == "ran" for run in report["runs"]):
        raise typer.Exit(3)


def as_json(report: dict[str, Any]) -> str:
    """A report as JSON; NaN becomes null."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1).decode() + "\n"
