"""Commands that ask a register: shortlist and rank."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, TextIO

import typer

from api.cli.options import (
    BeforeOption,
    BundleOption,
    EveryoneOption,
    Format,
    FormatOption,
    PurposeOption,
    QuietOption,
    RegisterOption,
    SeedOption,
    lots_in,
)
from api.cli.output import console, files
from api.cli.progress import progress as _progress
from matcher.core import atomic
from matcher.core.errors import BadInput, BadLot, NotLawful
from matcher.law.types import Contract, Purpose
from matcher.ranking.batch import Refusal, refusal, shortlists, with_whole_values
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.sources.notices import lots
from models.bundle import DEFAULT


def shortlist(
    lot: Annotated[
        str,
        typer.Argument(
            metavar="NOTICE_OR_LOT",
            help="An OCDS notice, a lot as JSON, plain text (.txt), or - for standard input.",
        ),
    ],
    register: RegisterOption,
    purpose: PurposeOption = Purpose.ENGAGEMENT,
    within: Annotated[
        str | None, typer.Option(help="A radius such as 30km or 20 miles. Usual: 30km.")
    ] = None,
    area: Annotated[
        str | None, typer.Option(help="A council or county, by code or name; or uk.")
    ] = None,
    with_neighbours: Annotated[
        bool, typer.Option("--with-neighbours", help="And what borders the area.")
    ] = False,
    size: Annotated[
        str | None, typer.Option(help="small (usual: not large, unknown kept) or any.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="vcse or any (usual).")] = None,
    everyone: EveryoneOption = False,
    limit: Annotated[int, typer.Option("-k", "--limit", help="How many to list.")] = 10,
    seed: SeedOption = 0,
    before: BeforeOption = None,
    fair: Annotated[
        bool,
        typer.Option(
            "--fair-share",
            help="Among near-equals, give providers without a known contract their share of "
            "places. Engagement only.",
        ),
    ] = False,
    contract: Annotated[
        Contract | None,
        typer.Option(help="The kind of contract; otherwise read from category and CPV codes."),
    ] = None,
    whole_value: Annotated[
        float | None,
        typer.Option(
            "--whole-value", help="Pounds, VAT included, of all lots together. Usual: their sum."
        ),
    ] = None,
    bundle: BundleOption = DEFAULT,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the providers to consider for each lot, best first, with the reasons."""
    found, tally = lots_in(lot)
    wish = Filters(within, area, with_neighbours, size, kind, everyone)
    known = before.date() if before else None
    request = Request(purpose, wish, limit, seed, known, whole_value, contract, fair)
    matcher = Matcher.open(register, bundle)
    given = list(shortlists(matcher, found, request))
    files.WRITERS[form.value](given, tally, sys.stdout)
    if given and all(isinstance(one, Refusal) for one in given):
        raise typer.Exit(3)


def rank(
    register: RegisterOption,
    lot_file: Annotated[
        Path, typer.Option("--lots", help="Lots: OCDS, JSON Lines or plain notices.")
    ],
    run: Annotated[Path, typer.Option("--run", help="The TREC run to write.")],
    purpose: PurposeOption = Purpose.ENGAGEMENT,
    everyone: EveryoneOption = False,
    limit: Annotated[int, typer.Option("-k", "--limit", help="How many a lot.")] = 100,
    seed: SeedOption = 0,
    before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Know only awards before this day; without it, before each lot's own day.",
        ),
    ] = None,
    bundle: BundleOption = DEFAULT,
    quiet: QuietOption = False,
) -> None:
    """Rank providers for many lots and write a TREC run, one line a lot and provider.

    A line is: lot id, Q0, provider id, rank, score, tag.  The lot id is the ocid, and '#'
    and the lot's own id where a notice has several.  Scores fall strictly from rank to rank,
    so that a reader who sorts by score sees the drawn order.
    """
    matcher = Matcher.open(register, bundle)
    request = Request(
        purpose, Filters(everyone=everyone), limit, seed, before.date() if before else None
    )
    tally, found = lots.iter_lots(lot_file)
    refused: list[Refusal] = []
    ranked = 0
    with _progress(quiet) as bar, _whole_or_not(run) as out:
        for lot, asked in with_whole_values(matcher, found, request):
            try:
                query = matcher.query(lot, asked)
            except (NotLawful, BadLot) as wrong:
                refused.append(refusal(lot, wrong))
                continue
            ranking = matcher.rank(query, eligible_providers(query), seed)
            out.writelines(files.trec(matcher, lot.id, ranking, limit))
            ranked += 1
            bar("ranking", ranked, None)
    console.console(error=True).print(files.summary(ranked, refused, tally))
    if refused and not ranked:
        raise typer.Exit(3)


@contextmanager
def _whole_or_not(run: Path) -> Iterator[TextIO]:
    """A file to write that takes the name `run` once it is whole, and else leaves nothing."""
    try:
        with atomic.replacing(run) as temporary, temporary.open("w", encoding="utf-8") as out:
            yield out
    except OSError as wrong:
        raise BadInput(
            f"--run {run}: cannot be written ({wrong.strerror or wrong}); name a file in a folder "
            "that is there and can be written to"
        ) from wrong
