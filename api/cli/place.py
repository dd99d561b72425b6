"""The command `matcher place`."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from api.cli.named_paths import file_to_read, file_to_write, written
from api.cli.options import BundleOption, Format, FormatOption, RegisterOption
from api.cli.output import console, places
from matcher.core.errors import BadInput
from matcher.core.parser_words import in_words
from matcher.geo.councils import Area
from matcher.place.picture import Picture, changes, picture_of
from matcher.ranking.matcher import Matcher
from models.bundle import DEFAULT


def place(
    area: Annotated[
        str, typer.Argument(metavar="AREA", help="A council or county, by name or code.")
    ],
    register: RegisterOption,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", callback=file_to_write, help="Also write a report that prints on A4 here."
        ),
    ] = None,
    form: FormatOption = Format.TABLE,
    beside: Annotated[
        list[str],
        typer.Option(
            "--compare-with",
            metavar="AREA…",
            help="Councils to compare it with. Default: those next to it whose payments are known.",
        ),
    ] = [],
    markets: Annotated[
        bool,
        typer.Option(
            "--markets",
            help="Read the market of each contract that ends, and propose a split of it. Slower.",
        ),
    ] = False,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since",
            callback=file_to_read,
            help="An earlier picture (JSON): say what changed since.",
        ),
    ] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day. Default: today.")
    ] = None,
    bundle: BundleOption = DEFAULT,
) -> None:
    """Show where a council's money goes, who is there, and which contracts end soon.

    It divides spending by service, department and year, and by the place and size of who was paid.
    It names services with few local providers, services bought elsewhere though providers are
    here, and needs that several departments buy. What is not known is always counted separately.

    Keep a picture with --format json, and compare a later one with it: --since FILE.

    Example: matcher place Walsall --register walsall.register --html walsall.html
    """
    matcher = Matcher.open(register, bundle)
    councils = matcher.register.councils
    others: list[Area] | None = [councils.require(name) for name in beside] or None
    day = on.date() if on else date.today()  # noqa: DTZ011 - the officer's own today
    found = picture_of(matcher, councils.require(area), day, beside=others, read_markets=markets)
    changed = changes(_earlier(since), found) if since else ()
    if html is not None:
        from api.pages.place import report  # the templates take a moment to load

        with written("--html", html) as out:
            out.write(report(found, changed))
    if form is Format.JSON:
        console.write_json(found)
    elif form is Format.CSV:
        places.as_csv(found, sys.stdout)
    else:
        console.console().print(places.shown(found, changed))


def _earlier(path: Path) -> Picture:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Picture)
    except OSError as error:
        raise BadInput(f"--since {path}: cannot be read ({error.strerror})") from error
    except msgspec.DecodeError as error:
        raise BadInput(
            f"--since {path}: is not a picture ({in_words(error)}); make one with --format json"
        ) from error
