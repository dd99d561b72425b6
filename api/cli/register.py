"""Commands that look into a register and the rulebook: provider, merges, rules."""

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


def provider(
    org_id: Annotated[str, typer.Argument(metavar="ID", help="Any of its ids: GB-CHC-…")],
    register: RegisterOption,
) -> None:
    """Show everything known of one provider, each fact with its source and date."""
    opened = Register.open(register)
    row = opened.row(org_id)
    if row is None:
        raise BadInput(f"no provider {org_id!r} in this register; ids look like GB-CHC-1234567")
    one = opened.organisations[row]
    past = [opened.awards[int(a)] for a in reversed(opened.won.of(row))]
    rows = [
        (
            award.day.isoformat(),
            award.lot.buyer,
            award.lot.title,
            "" if award.value is None else f"£{award.value:,.0f}",
            award.id,
        )
        for award in past
    ]
    console.console().print(output.organisation(one, facts(one.records), rows))


def merges(register: RegisterOption, form: FormatOption = Format.TABLE) -> None:
    """List which records were taken for one organisation, and why.

    To undo merges, keep their rows of the CSV in a file and name it in `build --keep-apart`.
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
        typer.Option(formats=["%Y-%m-%d"], help="The rulebook on this day; without it, today."),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show the rulebook in force: thresholds, purposes, what may count, and the sources."""
    day = on.date() if on else date.today()  # noqa: DTZ011 - the law is asked for the local day
    book = Rulebook.open().describe(day)
    if form is Format.TABLE:
        console.console().print(output.rules(book))
    else:
        sys.stdout.write(msgspec.json.encode(book, order="deterministic").decode() + "\n")
