"""The commands `matcher records verify`, `prune` and `suppress`."""

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

records_app = typer.Typer(
    no_args_is_help=True, help="Check and prune the records of what was asked and decided."
)

_KEPT_FOR = timedelta(days=3 * 365 + 1)
"""The least that a record is kept. Procurement Act 2023 s.98: three years from the contract."""

ByOption = Annotated[str, typer.Option("--by", help="Your name. It is recorded.")]


def _settings(register: Path, records: str) -> Settings:
    """The settings that name the records.  Raises BadInput if their file does not exist."""
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
        str,
        typer.Option(help="A hash that this command printed before. An entry must still have it."),
    ] = "",
) -> None:
    """Check the whole chain of records: was anything changed, moved or removed?

    Keep the hash that it prints in another place, and give it as --head next time. Only this
    shows that no entry was removed at the end.

    Exit code 4: the chain is broken.
    """
    found = _open(register, records).verify(head)
    for problem in found.broken:
        sys.stdout.write(f"Broken: {problem}\n")
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
        typer.Option(
            formats=["%Y-%m-%d"], help="Remove entries before this day. Default: three years ago."
        ),
    ] = None,
    younger: Annotated[
        bool,
        typer.Option(
            "--younger", help="Remove entries even if they are less than three years old."
        ),
    ] = False,
) -> None:
    """Remove shortlists and decisions that were kept long enough. The chain stays whole.

    The Procurement Act 2023 s.98 asks for three years from the contract. If the contract came
    long after the list, keep the record for longer.
    """
    oldest = datetime.now(UTC) - _KEPT_FOR
    until = before.replace(tzinfo=UTC) if before else oldest
    if until > oldest and not younger:
        raise BadInput(
            f"--before {until.date()}: is less than three years ago, and records must be kept for "
            "three years (Procurement Act 2023 s.98); "
            f"give {oldest.date()} or earlier, or add --younger"
        )
    removal = Removal(why="kept long enough", by=by, what=f"entries before {until.date()}")
    count = _open(register, records).prune(until, removal)
    sys.stdout.write(f"{count:,} entries were removed. A new entry says so.\n")


@records_app.command()
def suppress(
    org_id: Annotated[
        str,
        typer.Argument(metavar="ID", help="Any ID of the organisation, such as GB-COH-01234567."),
    ],
    register: RegisterOption,
    by: ByOption,
    why: Annotated[str, typer.Option(help="The reason. It is recorded, so name nobody.")],
    records: RecordsOption = "",
) -> None:
    """Remove an organisation at its own request from the records, the register and exports.

    It is no longer listed or found, and a new build does not bring it back. A running server
    takes this up at once.
    """
    opened = Register.open(register)
    done = suppression.suppress(_open(register, records), opened, org_id, by=by, why=why)
    state = "was removed from the register" if done.in_register else "was not in the register"
    sys.stdout.write(
        f"It {state}. Its fields were removed from {done.entries:,} entries, which now show "
        f"{done.pseudonym}. You must correct files that were exported before.\n"
    )
