"""The command `matcher mcp`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from api.cli.named_paths import file_to_read
from api.cli.options import BundleOption, ChainKeyOption, RecordsOption, RegisterOption
from api.http.api_keys import Keys
from api.settings import Settings
from matcher.core.errors import BadInput
from models.bundle import DEFAULT


def mcp(
    register: RegisterOption,
    bundle: BundleOption = DEFAULT,
    records: RecordsOption = "",
    keys: Annotated[
        Path | None,
        typer.Option(
            callback=file_to_read,
            help="The file of API keys. The key to use is read from $MATCHER_KEY.",
        ),
    ] = None,
    chain_key: ChainKeyOption = None,
) -> None:
    """Let an assistant ask, with the Model Context Protocol on standard input and output.

    It has four tools: shortlist, market, splits and provider. They ask in the same way as the
    API: a shortlist needs a purpose, the law decides what may count, and answers are kept. No tool
    decides anything. Needs the extra mcp: pipx install
    'local-by-default[mcp] @ git+REPOSITORY'.

    Example, in the settings of an assistant:
    {"command": "matcher", "args": ["mcp", "--register", "county.register"]}
    """
    if find_spec("mcp") is None:
        raise BadInput(
            "matcher mcp needs the extra mcp; install it with "
            "pipx install 'local-by-default[mcp] @ git+REPOSITORY'"
        )
    key = os.environ.get("MATCHER_KEY", "")
    if keys is not None:
        _check_key(keys, key)
    import anyio

    from api.mcp_server import serve
    from api.service.services import Services

    settings = Settings(
        register=register,
        bundle=bundle,
        records=records or os.environ.get("DATABASE_URL", ""),
        keys=keys,
        chain_key=chain_key,
    )
    Services.open(settings).close()  # so that what cannot be opened is refused here
    sys.stderr.write("Answering on standard input and output (Ctrl-C ends it)\n")
    anyio.run(serve, settings, key)


def _check_key(keys: Path, key: str) -> None:
    """Raise BadInput where the key to use is missing, or is not in the file."""
    if not key:
        raise BadInput("--keys: the key to use is not set; give it in $MATCHER_KEY")
    if Keys.open(keys).find(key) is None:
        raise BadInput(
            f"--keys {keys}: does not hold the key in $MATCHER_KEY; run `matcher keys add NAME "
            f"--keys {keys}`, and give the key that it prints"
        )
