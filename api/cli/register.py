"""The commands `matcher provider`, `matcher merges` and `matcher rules`."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from api import cells
from api.cli.build_sources import how_to_build_again
from api.cli.options import Format, FormatOption, RegisterOption
from api.cli.output import console
from api.cli.output import register as output
from matcher.core.errors import BadInput
from matcher.core.identifiers import OWN
from matcher.core.types import Merge
from matcher.law.rulebook import Rulebook
from matcher.register.build import decisions
from matcher.register.doubtful import DoubtfulPair, doubtful_pairs
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
            example = f" such as {opened.provider_id(0)}" if len(opened.organisations) else ""
            raise BadInput(
                f"no provider {org_id!r} in this register; give a name or an ID{example}"
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


_Pair = tuple[str, str]
_PAIR = "ID ID"


def merges(
    register: RegisterOption,
    form: FormatOption = Format.TABLE,
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="Only what a person should look at, first first.")
    ] = False,
    same: Annotated[
        _Pair | None, typer.Option(metavar=_PAIR, help="Say that two IDs are one organisation.")
    ] = None,
    apart: Annotated[
        _Pair | None, typer.Option(metavar=_PAIR, help="Say that two IDs are two organisations.")
    ] = None,
    undo: Annotated[
        _Pair | None, typer.Option(metavar=_PAIR, help="Forget what was said about two IDs.")
    ] = None,
) -> None:
    """List which records were merged into one organisation, and why.

    --doubtful lists merges of names that are only alike, records of one number with unlike names,
    and alike names at one postcode that were not merged. --same, --apart and --undo write your
    answer into the register. It takes effect when the register is built again from its sources,
    with the command that is shown.

    To undo many merges, write the list with --format csv, keep only the rows to undo, and name the
    file in `matcher build --keep-apart`.

    Example: matcher merges --register county.register --apart GB-CHC-1234567 GB-COH-01234567
    """
    if sum(pair is not None for pair in (same, apart, undo)) > 1:
        raise BadInput("give one of --same, --apart and --undo at a time")
    if same or apart or undo:
        _answer(register, same, apart, undo)
        return
    opened = Register.open(register)
    if doubtful:
        _show_doubtful(doubtful_pairs(opened), form)
        return
    spool = opened.merges
    rows = [spool[i] for i in range(len(spool))]
    if form is Format.JSON:
        console.write_json(rows)
    elif form is Format.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(_COLUMNS)
        writer.writerows(cells.safe(_row(merge)) for merge in rows)
    elif not rows:
        console.console().print("No records were merged: each organisation has one record.")
    else:
        console.console().print(output.merges(rows))


_COLUMNS = ("kept", "merged", "kept_name", "merged_name", "reason", "similarity")


def _row(merge: Merge) -> tuple[str | float | None, ...]:
    names = merge.kept_name, merge.merged_name
    return (merge.kept, merge.merged, *names, merge.reason, merge.similarity)


def _answer(register: Path, same: _Pair | None, apart: _Pair | None, undo: _Pair | None) -> None:
    """Write what the user says about two ids into the register."""
    if undo:
        if not decisions.undo(register, *undo):
            raise BadInput(f"nothing was said about {undo[0]} and {undo[1]}")
        words = "Forgotten"
    else:
        pair = same or apart or ("", "")
        opened = Register.open(register)
        decisions.decide(register, *pair, same=same is not None)
        words = "Written"
        for id_ in pair:
            if opened.rows_with(id_) is None and not _is_in_a_merge(opened, id_):
                note = f"Note: {id_} is not in this register; check how it is written."
                console.say(note, error=True)
    console.say(
        f"{words}. It takes effect when the register is built again from its sources. "
        f"{how_to_build_again(register)}"
    )


def _is_in_a_merge(register: Register, id_: str) -> bool:
    """Whether `id_` is that of a record which has its number and an unlike name."""
    spool = register.merges
    return id_.startswith(OWN) and any(spool[i].merged == id_ for i in range(len(spool)))


def _show_doubtful(doubts: list[DoubtfulPair], form: Format) -> None:
    if form is Format.JSON:
        console.write_json(doubts)
    elif form is Format.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow((*_COLUMNS, "is_merged"))
        writer.writerows(cells.safe((*_row(d.pair), str(d.merged).lower())) for d in doubts)
    elif not doubts:
        console.console().print("Nothing to look at: no merge and no pair left apart is doubtful.")
    else:
        pairs = [
            replace(d.pair, reason=f"merged: {d.pair.reason}") if d.merged else d.pair
            for d in doubts
        ]
        console.console().print(output.merges(pairs, "Pairs to look at, the most doubtful first"))


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
        console.write_json(book)
