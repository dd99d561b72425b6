"""The command `matcher demo`."""

from __future__ import annotations

import sys
import webbrowser
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from api.cli.named_paths import folder_to_fill
from api.cli.output import console
from api.cli.output.register import built
from api.cli.progress import progress
from api.cli.serve import run_service
from api.settings import Settings
from matcher.core.errors import BadInput
from matcher.geo.postcodes import PostcodeTable, cache_folder
from matcher.ranking.features.registry import FEATURES
from matcher.register.build.build import BuildOptions, build
from matcher.sources.notices.ocds import AwardSource, merged_notices
from matcher.sources.payments import spend_files
from matcher.sources.providers import own_table
from models.bundle import DEFAULT, Bundle

_NOTICES = "awards.ocds.jsonl", "pipelines.ocds.jsonl"
_SPEND = "spend.csv", "spend-neighbour.csv"
_HOSTS = "localhost,127.0.0.1,[::1]"


def demo(
    register: Annotated[
        Path | None,
        typer.Option(
            "--register",
            callback=folder_to_fill,
            help="The folder to build the example register in. Default: one in the cache folder.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the pages in a browser.")
    ] = True,
) -> None:
    """Build the fictional example, serve it and open it in a browser.

    It works in any folder, and needs no data of your own. Every provider and notice in it is
    fictional. The first time, the table of postcodes is made, which takes about a minute.

    Example: matcher demo
    """
    target = register or cache_folder() / "demo.register"
    build_example(target)
    notice = example_folder() / "notice.json"
    sys.stderr.write(
        f"Ask for lists on the command line as well:\n"
        f"  matcher shortlist {notice} --register {target}\n"
    )
    settings = Settings(register=target, hosts=_HOSTS)
    run_service(settings, "127.0.0.1", port, 1, _open if browser else lambda _: None)


def build_example(register: Path) -> None:
    """Build the register of the packaged example.  Raises BadInput where it is not installed."""
    folder = example_folder()
    register.parent.mkdir(parents=True, exist_ok=True)
    with progress(quiet=False) as bar:
        report = build(
            register,
            [
                *own_table.read([folder / "providers.jsonl"]),
                *merged_notices([AwardSource.file(folder / name) for name in _NOTICES]),
                *(file.feed() for file in spend_files.open_files([folder / n for n in _SPEND])),
            ],
            places_table=PostcodeTable.cached(lambda n, of: bar("compiling postcodes", n, of)),
            options=BuildOptions(bundle=Bundle.open(DEFAULT, FEATURES)),
            progress=bar,
        )
    console.console(error=True).print(built(report))


def example_folder() -> Path:
    """The folder of the example.  Raises BadInput where it is not installed."""
    folder = Path(str(files("api.cli") / "example"))
    if not (folder / "providers.jsonl").is_file():
        raise BadInput("the example is not installed; install the package again")
    return folder


def _open(address: str) -> None:
    if not webbrowser.open(address):
        sys.stderr.write(f"Open {address} in a browser\n")
