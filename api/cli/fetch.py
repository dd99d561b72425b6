"""The command `matcher fetch`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import filesize
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from api.cli.named_paths import file_to_read
from api.cli.output import console, store_status
from api.cli.progress import Lines
from api.cli.store import SourcesOption, StoreOption, open_catalogue, open_store
from matcher.core.errors import BadInput
from matcher.fetch.clock import Clock, Tell, silent
from matcher.fetch.store import FeedStore
from matcher.fetch.stored_feeds import StoredFeeds
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.catalogue import Catalogue

if TYPE_CHECKING:
    from matcher.fetch.access.base import FetchTarget
    from matcher.fetch.fetcher import Fetcher, FetchOutcome
    from matcher.fetch.ocds_api import ReleaseFilter

FAILED = 4
"""The exit code if something could not be downloaded."""


def fetch(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT…",
            help="charities companies care mutuals postcodes codes awards; or one source by name; "
            "or open-referral and an address; or spend and --from. Without any, everything you "
            "downloaded before.",
        ),
    ] = [],
    first: Annotated[
        str,
        typer.Option(
            "--from",
            help="For awards: the first day, such as 2023-01-01. For spend: the web page that "
            "lists the files, one file, or a folder.",
        ),
    ] = "",
    last: Annotated[
        str, typer.Option("--to", help="For awards: the last day. Default: today.")
    ] = "",
    areas: Annotated[
        list[str],
        typer.Option(
            "--buyer-area",
            metavar="AREA…",
            help="For awards: only buyers in these councils or counties, by code or name.",
        ),
    ] = [],
    source: Annotated[
        list[str],
        typer.Option("--source", metavar="SOURCE…", help="For awards: only from these services."),
    ] = [],
    body: Annotated[
        str, typer.Option("--body", help="For spend: who paid, if files and rows do not say it.")
    ] = "",
    file: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE…",
            callback=file_to_read,
            help="Use these files of one source, which you downloaded by hand.",
        ),
    ] = [],
    again: Annotated[
        bool, typer.Option("--again", help="Download files again even if they have not changed.")
    ] = False,
    store_path: StoreOption = None,
    sources: SourcesOption = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Show no progress, and only what went wrong.")
    ] = False,
) -> None:
    """Download open data from where it is published.

    Files that have not changed are not downloaded again, and an interrupted download continues
    where it stopped. If a download fails, the last good copy is kept.

    Example: matcher fetch charities companies postcodes

    Exit codes: 0 all done; 2 refused; 4 something could not be downloaded; 5 another fetch or
    build is at work.
    """
    # These imports take a second, and only this command needs them.
    from matcher.fetch.access.base import FetchContext, FetchRequest
    from matcher.fetch.client import Client
    from matcher.fetch.fetcher import Fetcher
    from matcher.fetch.targets import targets

    store = open_store(store_path)
    entries = open_catalogue(store, sources)
    request = FetchRequest(
        words=tuple(what),
        first=None if "spend" in what else _day("--from", first),
        last=_day("--to", last),
        areas=tuple(areas),
        sources=tuple(source),
        address=_place("spend", what, first),
        body=body,
    )
    chosen = targets(request, entries, store)
    with _progress(quiet) as tell, Client(Clock(), tell) as client:
        fetcher = Fetcher(FetchContext(store, client, _buyers(store, entries, tell), again))
        outcomes = _add_files(fetcher, chosen, file) if file else fetcher.fetch(chosen)
    _report(outcomes, quiet=quiet)


def _add_files(
    fetcher: Fetcher, chosen: Sequence[FetchTarget], files: Sequence[Path]
) -> list[FetchOutcome]:
    if len(chosen) != 1:
        named = ", ".join(target.name for target in chosen)
        example = f", such as `matcher fetch {chosen[0].name} --file FILE`" if chosen else ""
        raise BadInput(f"--file: name the one source of these files{example}; you named {named}")
    return [fetcher.add_files(chosen[0], files)]


def _report(outcomes: Sequence[FetchOutcome], *, quiet: bool) -> None:
    """Show the outcome of each source. Failures are shown even if `quiet`."""
    failed = [outcome for outcome in outcomes if outcome.end == "failed"]
    if not quiet:
        succeeded = [outcome for outcome in outcomes if outcome not in failed]
        console.console().print(store_status.fetched(succeeded))
    for outcome in failed:
        console.say(f"Not downloaded: {outcome.why}", error=True)
    if failed:
        raise typer.Exit(FAILED)


def _place(word: str, what: Sequence[str], place: str) -> str:
    """Where the files are; the whole path of a folder.  '' for sources other than spending.

    Raises BadInput where other sources are named beside it, for which --from is a day.
    """
    if word not in what or not place:
        return ""
    if len(what) > 1:
        raise BadInput(f"--from {place!r}: fetch {word} by itself, since --from is its place")
    return place if "://" in place else str(Path(place).resolve())


def _day(option: str, text: str) -> date | None:
    """The day that an option names; None if it is empty or 'today'."""
    if text in {"", "today"}:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{option} {text!r}: not a date; write it as 2023-01-01") from error


def _buyers(
    store: FeedStore, entries: Catalogue, tell: Tell
) -> Callable[[Sequence[str]], ReleaseFilter]:
    """A function from areas to the filter that keeps the notices of buyers in them."""
    from matcher.fetch.ocds_api import BuyersIn

    def buyers_in(areas: Sequence[str]) -> ReleaseFilter:
        stored = StoredFeeds(store, entries, tell=tell).postcode_table()
        table = stored or PostcodeTable.cached(
            lambda done, total: tell("compiling postcodes", done, total, "files")
        )
        return BuyersIn.of(areas, Councils.open(), PostcodeTable.open(table))

    return buyers_in


class _Amount(ProgressColumn):
    """A column that shows how much of a stage is done: bytes with their rate, or a count."""

    def render(self, task: Task) -> Text:
        """The text of the column."""
        unit, done, total = task.fields["unit"], int(task.completed), task.total
        if not unit:
            return Text("")
        if unit == "B":
            of = f" of {filesize.decimal(int(total))}" if total else ""
            rate = f", {filesize.decimal(int(task.speed))}/s" if task.speed else ""
            return Text(f"{filesize.decimal(done)}{of}{rate}")
        return Text(f"{done:,} of {int(total):,} {unit}" if total else f"{done:,} {unit}")


@contextmanager
def _progress(quiet: bool) -> Iterator[Tell]:
    """A progress bar that shows one stage at a time; lines if this is not a terminal."""
    if quiet or not sys.stderr.isatty():
        yield silent if quiet else Lines()
        return
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        _Amount(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console.console(error=True),
        transient=True,
    )
    task, stage = bar.add_task("starting", total=None, unit=""), ""

    def tell(new_stage: str, done: int, total: int | None, unit: str) -> None:
        nonlocal stage
        if new_stage != stage:
            stage = new_stage
            bar.reset(task, description=stage, total=total, unit=unit)
        bar.update(task, completed=done, total=total)

    with bar:
        yield tell
