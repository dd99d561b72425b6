"""What several commands take, each said once: options, options as one noun, and lots."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import update_wrapper
from inspect import Signature, signature
from pathlib import Path
from typing import Annotated, Concatenate, ParamSpec, TypeVar

import typer

from matcher.core.types import Lot, Tally
from matcher.law.types import Purpose
from matcher.sources.notices import lots as lot_files

RegisterOption = Annotated[
    Path, typer.Option("--register", help="The register's folder, made by `matcher build`.")
]
BundleOption = Annotated[str, typer.Option(help="A bundle that ships, by name, or a folder.")]
BeforeOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Know only awards before this day.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress bar.")]
SeedOption = Annotated[int, typer.Option(help="Decides between equals, and is recorded.")]
EveryoneOption = Annotated[
    bool, typer.Option("--everyone", help="Lift the limits of place and size.")
]
AwardsOption = Annotated[
    list[Path],
    typer.Option("--awards", metavar="FILE…", help="OCDS award notices, plain or gzipped."),
]
TrustIdsOption = Annotated[
    bool, typer.Option("--trust-ids", help="Take ids as given; merge nothing by name.")
]
FloorOption = Annotated[
    float, typer.Option(help="The probability from which a provider counts as credible.")
]
ValueToIncomeOption = Annotated[
    float,
    typer.Option(
        "--value-to-income",
        help="A lot fits whose income it is at most this share of, by the year.",
    ),
]
FewestOption = Annotated[int, typer.Option(help="A lot with fewer credible providers is thin.")]
NeighboursOption = Annotated[
    bool, typer.Option("--with-neighbours", help="And in what borders the area.")
]
WithinOption = Annotated[
    str | None, typer.Option(help="Who is local: based within 30km or 20 miles of the lot.")
]

Own = ParamSpec("Own")
Noun = TypeVar("Noun")


def gathers(
    noun: Callable[..., Noun],
) -> Callable[[Callable[Concatenate[Noun, Own], None]], Callable[..., None]]:
    """Let a command take the fields of a noun as options, after arguments of its own.

    The command is given the noun first, then its arguments.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, kw_only=True)
    ... class Cut:
    ...     thick: int = 2
    >>> @gathers(Cut)
    ... def slices(cut: Cut, loaf: str) -> None:
    ...     sys.stdout.write(f"{loaf}, {cut.thick}")
    >>> signature(slices)
    <Signature (loaf: str, *, thick: int = 2)>
    >>> slices(loaf="rye", thick=3)
    rye, 3
    """
    fields = signature(noun, eval_str=True).parameters

    def of(command: Callable[Concatenate[Noun, Own], None]) -> Callable[..., None]:
        def typed(*own: Own.args, **said: Own.kwargs) -> None:
            command(noun(**{name: said.pop(name) for name in fields}), *own, **said)

        _, *own = signature(command, eval_str=True).parameters.values()
        update_wrapper(typed, command)
        typed.__signature__ = Signature([*own, *fields.values()])  # type: ignore[attr-defined]
        return typed

    return of


def lots_in(source: str, tally: Tally | None = None) -> tuple[list[Lot], Tally]:
    """The lots in a file, or on standard input where `source` is a dash, counted in `tally`."""
    if source != "-":
        return lot_files.read_lots(source, tally)
    said = sys.stdin.buffer.read().decode("utf-8-sig", errors="replace")
    return lot_files.parse_lots(said, "standard input", tally)


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="How to write the answer.")]


PurposeOption = Annotated[
    Purpose,
    typer.Option(
        help="engagement: find suppliers before a procurement, every signal counts. "
        "invite: below threshold, only what providers do counts. "
        "reserved: below threshold, declared beforehand to an area, SMEs or VCSEs."
    ),
]


RecordsOption = Annotated[
    str,
    typer.Option(
        "--records",
        help="A SQLite file or a database's URL. Usual: $DATABASE_URL, else a file beside the "
        "register.",
    ),
]
