"""The command `matcher status`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from api.cli.output import console, store_status
from api.cli.store import SourcesOption, StoreOption, open_catalogue, open_store


class StatusFormat(StrEnum):
    """The formats of the status."""

    TABLE = "table"
    JSON = "json"


def status(
    register: Annotated[
        Path | None,
        typer.Option("--register", help="A register: show also what changed in it."),
    ] = None,
    store_path: StoreOption = None,
    sources: SourcesOption = None,
    form: Annotated[
        StatusFormat, typer.Option("--format", help="How to write the answer.")
    ] = StatusFormat.TABLE,
    limit: Annotated[
        int, typer.Option("-k", "--limit", help="The number of changes to list.")
    ] = 20,
) -> None:
    """Show what was downloaded: its age, its rows, what was left out, and its licence.

    With --register, it also shows what the register holds, and which providers are new, gone,
    renamed or moved since the build before.

    Example: matcher status --register county.register
    """
    store = open_store(store_path)
    found = store_status.StoreStatus.of(store, open_catalogue(store, sources), register, limit)
    if form is StatusFormat.JSON:
        sys.stdout.write(msgspec.json.encode(found, order="deterministic").decode() + "\n")
    else:
        console.console().print(store_status.status(found, datetime.now(UTC)))
