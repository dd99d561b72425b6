"""The command line's doors to open data: fetch it, say what is here, build from it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
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

from api.cli.output import console
from api.cli.output import store_status as stock
from matcher.core.errors import BadInput
from matcher.fetch.clock import Clock, Tell, silent
from matcher.fetch.store import FeedStore
from matcher.fetch.stored_feeds import StoredFeeds
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.register.build.changes import in_force
from matcher.sources.area_filter import Locality
from matcher.sources.catalogue import Catalogue, catalogue
from matcher.sources.feed import Feed

FAILED = 4
"""The exit code where something could not be fetched."""

if TYPE_CHECKING:
    from matcher.fetch.access.base import FetchTarget
    from matcher.fetch.fetcher import Fetcher, FetchOutcome
    from matcher.fetch.ocds_api import ReleaseFilter

app = typer.Typer()

StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        help="Where fetched data lies. Usual: $LBD_STORE, else local-by-default in the data "
        "folder of this user.",
    ),
]
SourcesOption = Annotated[
    Path | None,
    typer.Option(
        "--sources",
        help="TOML with addresses that have moved. Usual: sources.toml in the store, if there.",
    ),
]


class StatusFormat(StrEnum):
    """How what is here is written."""

    TABLE = "table"
    JSON = "json"


def store_of(path: Path | None) -> FeedStore:
    """The store named, or else the usual one."""
    return FeedStore(path) if path else FeedStore.usual(os.environ)


def entries_of(store: FeedStore, own: Path | None) -> Catalogue:
    """The catalogue of sources, with the addresses of one's own."""
    beside = store.path / "sources.toml"
    return catalogue([own] if own else [beside] if beside.is_file() else [])


@app.command()
def fetch(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT…",
            help="charities companies care mutuals postcodes codes awards; one source by name; "
            "or open-referral and an address. Without any: all that was fetched before, again.",
        ),
    ] = [],  # noqa: B006 - Typer reads the default and never changes it
    first: Annotated[
        str, typer.Option("--from", help="Awards: the first day, such as 2023-01-01.")
    ] = "",
    last: Annotated[str, typer.Option("--to", help="Awards: the last day, or today (usual).")] = "",
    areas: Annotated[
        list[str],
        typer.Option(
            "--buyer-area",
            metavar="AREA…",
            help="Awards: only of buyers in these councils or counties, by code or name.",
        ),
    ] = [],  # noqa: B006
    source: Annotated[
        list[str],
        typer.Option("--source", metavar="SOURCE…", help="Awards: only from these services."),
    ] = [],  # noqa: B006
    file: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE…", help="Take these files of one source, fetched by hand, instead."
        ),
    ] = [],  # noqa: B006
    again: Annotated[
        bool, typer.Option("--again", help="Fetch files anew even where nothing changed.")
    ] = False,
    store_path: StoreOption = None,
    sources: SourcesOption = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress bar; only what went wrong.")
    ] = False,
) -> None:
    """Fetch open data from where it is published, and keep the last good of it.

    What has not changed is not fetched again, and what was cut goes on from there. Exit code 0:
    all is here; 2: refused; 4: something could not be fetched, what was here of it stands;
    5: another fetch or build is at work.
    """
    # These imports take a second, and only this command needs them.
    from matcher.fetch.access.base import FetchContext, FetchRequest
    from matcher.fetch.client import Client
    from matcher.fetch.fetcher import Fetcher
    from matcher.fetch.targets import targets

    store = store_of(store_path)
    entries = entries_of(store, sources)
    request = FetchRequest(
        tuple(what), _day("--from", first), _day("--to", last), tuple(areas), tuple(source)
    )
    wanted = targets(request, entries, store)
    with _telling(quiet) as tell, Client(Clock(), tell) as client:
        fetcher = Fetcher(FetchContext(store, client, _buyers(store, entries, tell), again))
        outcomes = _admitted(fetcher, wanted, file) if file else fetcher.fetch(wanted)
    _report(outcomes, quiet=quiet)


def _admitted(
    fetcher: Fetcher, wanted: Sequence[FetchTarget], files: Sequence[Path]
) -> list[FetchOutcome]:
    if len(wanted) != 1:
        named = ", ".join(one.name for one in wanted)
        raise BadInput(f"--file: of which one source? These were named: {named}; name only it")
    return [fetcher.add_files(wanted[0], files)]


def _report(outcomes: Sequence[FetchOutcome], *, quiet: bool) -> None:
    """What came of each source; those that failed are told of even if quiet."""
    failed = [one for one in outcomes if one.end == "failed"]
    if not quiet:
        console.console().print(stock.fetched([one for one in outcomes if one not in failed]))
    for one in failed:
        console.console(error=True).print(
            f"Not fetched: {one.why}", markup=False, highlight=False, soft_wrap=True
        )
    if failed:
        raise typer.Exit(FAILED)


def _day(option: str, said: str) -> date | None:
    """A day of an option, `today` among them; None where none is given."""
    if said in {"", "today"}:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError as wrong:
        raise BadInput(f"{option} {said!r}: is no day; write it as 2023-01-01") from wrong


def _buyers(
    store: FeedStore, entries: Catalogue, tell: Tell
) -> Callable[[Sequence[str]], ReleaseFilter]:
    """What makes of areas the buyers whose notices are wanted."""
    from matcher.fetch.buyer_filter import BuyersIn

    def of(areas: Sequence[str]) -> ReleaseFilter:
        here = StoredFeeds(store, entries, tell=tell).postcode_table()
        table = here or PostcodeTable.cached(
            lambda done, total: tell("compiling postcodes", done, total, "files")
        )
        return BuyersIn.of(areas, Councils.open(), PostcodeTable.open(table))

    return of


@dataclass(frozen=True, slots=True)
class StoreUse:
    """How a build draws on the store: whether it was told to, and what becomes of the archives."""

    store: Path | None
    sources: Path | None
    fetched: bool
    keep: bool

    def stock(
        self, register: Path, *, named: bool, bundle: str | None, tell: Tell
    ) -> StoredFeeds | None:
        """What to build from of what was fetched; None where that is not wanted.

        It is wanted where one says so; where no file is named and there is no register yet; and
        where none is named and the register was built of what was fetched, unless a bundle is
        named, for which the register is only made ready.
        Raises BadInput where it is wanted and nothing was fetched.
        """
        store = store_of(self.store)
        stock = StoredFeeds(store, entries_of(store, self.sources), self.keep, tell)
        if self.fetched and not stock.has_providers():
            raise BadInput(f"--fetched: {_NOTHING.format(store.path)}")
        if self.fetched or (not named and stock.has_providers() and _is_ours(register, bundle)):
            return stock
        if not named and in_force(register) is None:
            raise BadInput(
                "nothing to build from: name at least one file with --providers, --awards, "
                "--charities, --companies or --open-referral; or fetch some: "
                f"{_NOTHING.format(store.path)}"
            )
        return None


_NOTHING = (
    "nothing that names a provider was fetched into {}; try "
    "`matcher fetch charities companies postcodes`"
)


def _is_ours(register: Path, bundle: str | None) -> bool:
    """Whether a register is to be built of what was fetched though nobody says so."""
    if in_force(register) is None:
        return True
    return bool(_manifest(register).get("fetched")) and bundle is None


def _manifest(register: Path) -> dict[str, Any]:
    """What the register in force says of itself; nothing where there is none."""
    folder = in_force(register)
    try:
        return dict(json.loads((folder / "manifest.json").read_text())) if folder else {}
    except ValueError:
        return {}


def areas(
    named: Sequence[str], with_neighbours: bool, borders: Path | None, before: Path | None
) -> tuple[str, ...]:
    """The codes of the areas that a register is narrowed to; those of `before` if none is named.

    Raises BadInput where an area is not known.
    """
    if not named:
        if with_neighbours:
            raise BadInput("--with-neighbours: of which area? Name it with --area")
        return tuple(_manifest(before).get("locality", ())) if before else ()
    known = Councils.open(borders)
    own = [known.require(area) for area in named]
    around = known.neighbours(*(area.code for area in own)) if with_neighbours else ()
    return tuple(area.code for area in (*own, *around))


def narrowed(feeds: Iterable[Feed], codes: Sequence[str], table: Path) -> Iterable[Feed]:
    """The feeds, without providers that are outside these areas, if there are any."""
    if not codes:
        return feeds
    return Locality.of(codes, Councils.open(), PostcodeTable.open(table)).narrowed(feeds)


@contextmanager
def drawn(stock: StoredFeeds | None) -> Iterator[tuple[Iterator[Feed], Path | None]]:
    """The feeds and the table of places that a stock gives; afterwards its archives are let go."""
    if stock is None:
        yield iter(()), None
        return
    with stock.store.locked():
        yield stock.feeds(), stock.postcode_table()
        stock.finish()


@app.command()
def status(
    register: Annotated[
        Path | None, typer.Option("--register", help="A register, to say what changed in it.")
    ] = None,
    store_path: StoreOption = None,
    sources: SourcesOption = None,
    form: Annotated[
        StatusFormat, typer.Option("--format", help="How to write it.")
    ] = StatusFormat.TABLE,
    limit: Annotated[int, typer.Option("-k", "--limit", help="How many changes to list.")] = 20,
) -> None:
    """Say what is here: how old, how many rows, what was set aside, under which licence.

    With --register, also what the register holds and which providers are new, gone, renamed
    or moved since the snapshot before.
    """
    store = store_of(store_path)
    here = stock.StoreStatus.of(store, entries_of(store, sources), register, limit)
    if form is StatusFormat.JSON:
        sys.stdout.write(msgspec.json.encode(here, order="deterministic").decode() + "\n")
    else:
        console.console().print(stock.status(here, datetime.now(UTC)))


class _Amount(ProgressColumn):
    """How much of a stage is done: bytes with their rate, or a count."""

    def render(self, task: Task) -> Text:
        """The words for it."""
        unit, done, total = task.fields["unit"], int(task.completed), task.total
        if not unit:
            return Text("")
        if unit == "B":
            of = f" of {filesize.decimal(int(total))}" if total else ""
            rate = f", {filesize.decimal(int(task.speed))}/s" if task.speed else ""
            return Text(f"{filesize.decimal(done)}{of}{rate}")
        return Text(f"{done:,} of {int(total):,} {unit}" if total else f"{done:,} {unit}")


@contextmanager
def _telling(quiet: bool) -> Iterator[Tell]:
    """A progress bar that knows one stage at a time; nothing where nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield silent
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

    def tell(now: str, done: int, total: int | None, unit: str) -> None:
        nonlocal stage
        if now != stage:
            stage = now
            bar.reset(task, description=now, total=total, unit=unit)
        bar.update(task, completed=done, total=total)

    with bar:
        yield tell
