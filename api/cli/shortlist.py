"""The command `matcher shortlist`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import (
    BeforeOption,
    BundleOption,
    EveryoneOption,
    Format,
    FormatOption,
    PurposeOption,
    RegisterOption,
    SeedOption,
    read_lots,
)
from api.cli.output import files
from api.cli.output.refusals import RefusalTally
from matcher.law.types import Contract, Purpose
from matcher.ranking.batch import Refusal, shortlists
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from models.bundle import DEFAULT


def shortlist(
    lot: Annotated[
        str,
        typer.Argument(
            metavar="NOTICE_OR_LOT",
            help="An OCDS notice, a lot as JSON, lots in a table (.csv, .xlsx), a specification "
            "(.txt, .docx, .pdf), or - for standard input.",
        ),
    ],
    register: RegisterOption,
    purpose: PurposeOption = Purpose.ENGAGEMENT,
    within: Annotated[
        str | None,
        typer.Option(help="Distance from the lot, such as 30km or 20 miles. Default: 30km."),
    ] = None,
    area: Annotated[
        str | None,
        typer.Option(
            help="Only providers based in this council or county, by code or name; or uk."
        ),
    ] = None,
    with_neighbours: Annotated[
        bool, typer.Option("--with-neighbours", help="Include the areas that border it.")
    ] = False,
    size: Annotated[
        str | None, typer.Option(help="small (the default: not large, or size not known) or any.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="vcse (voluntary, community, social enterprise) or any (the default)."),
    ] = None,
    everyone: EveryoneOption = False,
    limit: Annotated[
        int, typer.Option("-k", "--limit", help="The number of providers to list.")
    ] = 10,
    seed: SeedOption = 0,
    before: BeforeOption = None,
    fair: Annotated[
        bool,
        typer.Option(
            "--fair-share",
            help="Give providers with no known contract a fair share of places among near-equals. "
            "Only for the purpose engagement.",
        ),
    ] = False,
    weak: Annotated[
        bool,
        typer.Option(
            "--weak",
            help="List providers whose work hardly fits too, after the others, marked weak.",
        ),
    ] = False,
    contract: Annotated[
        Contract | None,
        typer.Option(
            help="The kind of contract. Default: worked out from the category and the CPV codes."
        ),
    ] = None,
    whole_value: Annotated[
        float | None,
        typer.Option(
            "--whole-value",
            min=0,
            help="Value of all lots together, in pounds including VAT. Default: their sum.",
        ),
    ] = None,
    bundle: BundleOption = DEFAULT,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the providers to consider for each lot, best first, with reasons.

    Examples:
      matcher shortlist notice.json --register county.register

      matcher shortlist specification.docx --register county.register --within 10miles -k 5

      matcher shortlist notice.json --register county.register --purpose invite

    Exit code 3: no lot got a list.
    """
    filters = Filters(within, area, with_neighbours, size, kind, everyone)
    known_before = before.date() if before else None
    request = Request(
        purpose, filters, limit, seed, known_before, whole_value, contract, fair, weak=weak
    )
    matcher = Matcher.open(register, bundle)
    tally = RefusalTally("standard input" if lot == "-" else Path(lot).name)
    lots, _ = read_lots(lot, tally, matcher.place_check)
    answers = [*shortlists(matcher, lots, request), *tally.refused]
    files.WRITERS[form.value](answers, tally, sys.stdout)
    if answers and all(isinstance(answer, Refusal) for answer in answers):
        raise typer.Exit(3)
