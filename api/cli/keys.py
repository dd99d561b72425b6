"""The command `matcher keys`: API keys are added, listed and removed."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.cli.named_paths import file_to_read, file_to_write
from api.http.api_keys import Keys
from api.http.roles import Role

keys_app = typer.Typer(
    no_args_is_help=True, help="Add, list and remove the API keys that let other machines ask."
)

KeysOption = Annotated[
    Path,
    typer.Option("--keys", callback=file_to_read, help="The file that holds the API keys."),
]
KeysToWrite = Annotated[
    Path,
    typer.Option("--keys", callback=file_to_write, help="The file that holds the API keys."),
]


@keys_app.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="Who the key is for. The log shows this name.")],
    keys: KeysToWrite,
    role: Annotated[
        Role,
        typer.Option(
            help="What its holder may do. read: look up and export. ask: also ask for lists. "
            "decide: also record decisions. admin: everything."
        ),
    ] = Role.ADMIN,
    authority: Annotated[
        str,
        typer.Option(
            help="The authority it belongs to. What one authority asks, no other sees. Default: "
            "the authority without a name."
        ),
    ] = "",
) -> None:
    """Make a key and print it. Only its hash is kept, so it cannot be printed again."""
    today = date.today()  # noqa: DTZ011 - the officer's own today
    made = Keys.open(keys).add(name, today, role=role, authority=authority)
    sys.stdout.write(made + "\n")


@keys_app.command("list")
def list_keys(keys: KeysOption) -> None:
    """List the keys: the day each was made, its name, its role and its authority."""
    for key in Keys.open(keys).known:
        sys.stdout.write(f"{key.made} {key.name} {key.role.value} {key.authority}".rstrip() + "\n")


@keys_app.command("remove")
def remove_key(
    name: Annotated[str, typer.Argument(help="The name of the key.")], keys: KeysOption
) -> None:
    """Remove a key. A running server stops accepting it at once."""
    Keys.open(keys).remove(name)
