"""The commands `matcher provider`, `matcher merges` and `matcher rules`."""

from __future__ import annotations

import csv
import sys
from datetime import date, datetime
from typing import Annotated

import msgspec
import typer

from api import cells
from api.cli.options import Format, FormatOption, RegisterOption
from api.cli.output import console
from api.cli.output import register as output
from matcher.core.errors import BadInput
from matcher.law.rulebook import Rulebook
from matcher.register.linkage.merge import facts
from matcher.register.register import Register
from matcher.register.search import complete

_MOST_NAMED = 20
"""How many providers with a name like the one given are listed."""


def provider(
    org_id: Annotated[
        str,
        typer.Argument(
            metavar="ID_OR_NAME",
            help="Any ID of the provider, such as GB-CHC-1234567, or its name.",
        ),
    ],
    register: RegisterOption,
) -> None:
    """Show all that is known about one provider, each fact with its source and date.

    A name may be misspelt or incomplete. Where several providers could be meant, they are listed.

    Examples:
      matcher provider GB-CHC-1234567 --register county.register

      matcher provider "Dial a Ride" --register county.register

    Exit code 3: several providers could be meant.
    """
    opened = Register.open(register)
    row = opened.row(org_id)
    if row is None:
        hits = complete(opened, org_id, _MOST_NAMED)
        if not hits:
            raise BadInput(
                f"no provider {org_id!r} in this register; give an ID such as GB-CHC-1234567, or a "
                "name"
            )
        row = opened.row(hits[0].id) if len(hits) == 1 or hits[0].sure else None
        if row is None:
            console.console().print(output.named(opened, hits))
            raise typer.Exit(3)
    organisation = opened.organisations[row]
    won = [opened.awards[int(index)] for index in reversed(opened.won.of(row))]
    rows = [
        (
            award.day.isoformat(),
            award.lot.buyer,
            award.lot.title,
            "" if award.value is None else f"£{award.value:,.0f}",
            award.id,
        )
        for award in won
    ]
    console.console().print(output.organisation(organisation, facts(organisation.records), rows))


def merges(register: RegisterOption, form: FormatOption = Format.TABLE) -> None:
    """List which records were merged into one organisation, and why.

    To undo merges, write the list with --format csv, keep only the rows to undo, and name the
    file in `matcher build --keep-apart`.
    """
    spool = Register.open(register).merges()
    rows = [spool[i] for i in range(len(spool))]
    if form is Format.JSON:
        sys.stdout.write(msgspec.json.encode(rows, order="deterministic").decode() + "\n")
    elif form is Format.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(("kept", "merged", "kept_name", "merged_name", "reason", "similarity"))
        writer.writerows(
            cells.safe((m.kept, m.merged, m.kept_name, m.merged_name, m.reason, m.similarity))
            for m in rows
        )
    else:
        console.console().print(output.merges(rows))


def rules(
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day to show the rules of. Default: today."),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show the rules in force: purposes, thresholds, what may count, and sources.

    This is not legal advice.
    """
    day = on.date() if on else date.today()  # noqa: DTZ011 - the law of the local day
    book = Rulebook.open().describe(day)
    if form is Format.TABLE:
        console.console().print(output.rules(book))
    else:
        sys.stdout.write(msgspec.json.encode(book, order="deterministic").decode() + "\n")
