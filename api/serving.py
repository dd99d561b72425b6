"""The command that serves: `matcher serve`."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from api.settings import Settings
from matcher.errors import BadInput
from models.bundle import DEFAULT


def serve(
    register: Annotated[
        Path, typer.Option("--register", help="The register's folder, made by `matcher build`.")
    ],
    bundle: Annotated[str, typer.Option(help="A bundle that ships, by name, or a folder.")] = (
        DEFAULT
    ),
    records: Annotated[
        str,
        typer.Option(
            help="A SQLite file or a database's URL. Usual: $DATABASE_URL, else a file beside "
            "the register."
        ),
    ] = "",
    keys: Annotated[
        Path | None, typer.Option(help="The file of API keys that `matcher keys add` writes.")
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen at.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1, max=64)] = 1,
) -> None:
    """Serve the API, and the officer's pages where they are installed.

    Only on this machine, unless --keys names a file with API keys.
    """
    if keys is None and not _is_loopback(host):
        raise BadInput(
            f"--host {host} can be reached from other machines, and without --keys anybody there "
            "could ask: run `matcher keys add NAME --keys FILE` and give --keys FILE"
        )
    import uvicorn

    settings = Settings(
        register=register,
        bundle=bundle,
        records=records or os.environ.get("DATABASE_URL", ""),
        keys=keys,
    )
    os.environ.update({"OMP_NUM_THREADS": "1", **settings.env()})
    uvicorn.run(
        "api.app:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        server_header=False,
        access_log=False,  # it would name paths, and so providers; api.watch logs routes
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
