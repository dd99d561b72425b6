"""The commands around the records: `matcher records verify, list, prune, suppress`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import RecordsOption, RegisterOption
from api.records.entry import Removal
from api.records.records import Records
from api.service import suppression
from api.settings import Settings
from matcher.core.errors import BadInput
from matcher.register.register import Register

records_app = typer.Typer(no_args_is_help=True, help="The records of what was asked and decided.")

_KEPT_FOR = timedelta(days=3 * 365 + 1)
"""The Procurement Act 2023 s.98: three years from the contract; here, at least from the record."""

ByOption = Annotated[str, typer.Option("--by", help="Who does it, by name; it is recorded.")]


def _settings(register: Path, records: str) -> Settings:
    """The settings that name the records.  Raises BadInput where their file is not there."""
    settings = Settings(register, records=records or os.environ.get("DATABASE_URL", ""))
    _, is_file, path = settings.records_url.partition("sqlite:///")
    if is_file and not Path(path).exists():
        raise BadInput(f"--records {path}: no such file; name the one that `matcher serve` wrote")
    return settings


def _open(register: Path, records: str) -> Records:
    return Records.open(_settings(register, records).records_url)


@records_app.command()
def verify(
    register: RegisterOption,
    records: RecordsOption = "",
    head: Annotated[
        str, typer.Option(help="A hash printed earlier: an entry must still have it.")
    ] = "",
) -> None:
    """Go through the whole chain: whether anything was changed, moved or cut off.

    Keep the hash that is printed somewhere else, and give it as --head the next time: only so
    can be seen that the end was not cut off.
    """
    found = _open(register, records).verify(head)
    for wrong in found.broken:
        sys.stdout.write(f"Broken: {wrong}\n")
    state = "are whole" if not found.broken else "are NOT whole"
    sys.stdout.write(
        f"{found.entries:,} entries {state}; {found.redacted:,} with fields removed and "
        f"{found.taken_away:,} pruned, each by an entry that says so.\nLast hash: {found.head}\n"
    )
    if found.broken:
        raise typer.Exit(4)


@records_app.command()
def prune(
    register: RegisterOption,
    by: ByOption,
    records: RecordsOption = "",
    before: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Usual: three years ago."),
    ] = None,
    younger: Annotated[
        bool, typer.Option("--younger", help="Also what is younger than three years.")
    ] = False,
) -> None:
    """Take away shortlists and decisions that were kept long enough; the chain stays whole.

    The Procurement Act 2023 s.98 asks for three years from the contract: the record of a
    contract that was awarded later than asked for is to be kept for longer.
    """
    oldest = datetime.now(UTC) - _KEPT_FOR
    until = before.replace(tzinfo=UTC) if before else oldest
    if until > oldest and not younger:
        raise BadInput(
            f"--before {until.date()}: is less than three years ago, for which records are to be "
            f"kept (Procurement Act 2023 s.98); give {oldest.date()} or earlier, or --younger"
        )
    removal = Removal(why="kept long enough", by=by, what=f"entries before {until.date()}")
    count = _open(register, records).prune(until, removal)
    sys.stdout.write(f"{count:,} entries were taken away, and an entry says so.\n")


@records_app.command()
def suppress(
    org_id: Annotated[str, typer.Argument(metavar="ID", help="Any of its ids: GB-COH-…")],
    register: RegisterOption,
    by: ByOption,
    why: Annotated[str, typer.Option(help="On what ground; it is recorded, so name nobody.")],
    records: RecordsOption = "",
) -> None:
    """Take an organisation out at its own request: of records, register and exports.

    It no longer ranks, is not found, and does not come in again with a build. A server that
    runs takes it up at once.
    """
    known = Register.open(register)
    done = suppression.suppress(_open(register, records), known, org_id, by=by, why=why)
    where = "taken out of the register" if done.in_register else "not in the register"
    sys.stdout.write(
        f"It was {where}, and its fields out of {done.entries:,} entries; {done.pseudonym} "
        "stands for it there. Files that were exported before are yours to correct.\n"
    )
