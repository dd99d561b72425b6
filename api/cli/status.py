"""The command `matcher status`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import TableOrJson, TableOrJsonOption
from api.cli.output import console, store_status
from api.cli.store import SourcesOption, StoreToRead, open_catalogue, open_store
from matcher.core.errors import BadInput
from matcher.core.formatting import count
from matcher.register.current_snapshot import check_files


def status(
    register: Annotated[
        Path | None,
        typer.Option("--register", help="A register: show also what changed in it."),
    ] = None,
    store_path: StoreToRead = None,
    sources: SourcesOption = None,
    form: TableOrJsonOption = TableOrJson.TABLE,
    limit: Annotated[
        int, typer.Option("-k", "--limit", help="The number of changes to list.")
    ] = 20,
    check: Annotated[
        bool,
        typer.Option("--check", help="Read every file of the register: is each as it was written?"),
    ] = False,
) -> None:
    """Show what was downloaded: its age, its rows, what was left out, and its licence.

    With --register, it also shows what the register holds, and which providers are new, gone,
    renamed or moved since the build before. With --check it reads every file of the register, and
    shows only whether each is as it was written. A part of each file is checked whenever a
    register is opened.

    Exit code 4: the register is damaged.

    Example: matcher status --register county.register
    """
    if check:
        _check(register)
        return
    store = open_store(store_path)
    found = store_status.StoreStatus.of(store, open_catalogue(store, sources), register, limit)
    if form is TableOrJson.JSON:
        console.write_json(found)
    else:
        console.console().print(store_status.status(found, datetime.now(UTC)))


def _check(register: Path | None) -> None:
    if register is None:
        raise BadInput("--check: name the register with --register")
    checked = check_files(register)
    if not checked.files:
        sys.stdout.write(
            "An earlier version built this register and kept nothing to check its files by. "
            "Build it again.\n"
        )
        return
    for name in checked.damaged:
        sys.stdout.write(f"Not as it was written: {name}\n")
    if checked.damaged:
        sys.stdout.write(f"The register {register} is damaged: build it again.\n")
        raise typer.Exit(4)
    sys.stdout.write(f"{count(checked.files, 'file is', 'files are')} as written.\n")
