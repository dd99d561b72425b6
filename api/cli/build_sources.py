"""What `matcher build` reads: the files named, and what was downloaded."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path

from api.cli.build_options import BuildInputs
from api.cli.output import console
from api.cli.store import open_catalogue, open_store
from matcher.core.errors import BadInput
from matcher.core.leftovers import scratch_folder
from matcher.fetch.clock import Tell
from matcher.fetch.stored_feeds import StoredFeeds
from matcher.geo.councils import Councils
from matcher.geo.named_areas import require_area
from matcher.geo.postcodes import PostcodeTable
from matcher.register.build.snapshot import current_snapshot
from matcher.register.manifest import Manifest
from matcher.sources.area_filter import AreaFilter
from matcher.sources.feed import Feed, Progress
from matcher.sources.notices.ocds import AwardSource, merged_notices
from matcher.sources.payments import spend_files
from matcher.sources.payments.spend_files import SpendFile
from matcher.sources.providers import (
    activities,
    charities,
    childrens_care,
    companies,
    employers,
    open_referral,
    own_table,
)
from matcher.sources.reference.place_names import compile_towns

_COMPANIES_TAKE, _ZIPPED_TAKES = 2, 8
"""The bytes of a register for each byte of company data, plain and zipped; most need more."""


def bytes_needed(companies: Sequence[Path]) -> int:
    """What a register of all the companies in these files takes at least."""
    return sum(
        file.stat().st_size * (_ZIPPED_TAKES if file.suffix == ".zip" else _COMPANIES_TAKE)
        for path in companies
        for file in (path.rglob("*") if path.is_dir() else (path,))
        if file.is_file()
    )


def spending(inputs: BuildInputs) -> list[SpendFile]:
    """The spending files that are named.

    Raises BadInput where a body or columns lack files; columns may be for downloaded files.
    """
    may_have_fetched = inputs.fetched or not inputs.names_providers()
    if not inputs.spend and (inputs.body or (inputs.spend_columns and not may_have_fetched)):
        given = "--body" if inputs.body else "--spend-columns"
        raise BadInput(f"{given}: needs spending files; name them with --spend")
    return spend_files.open_files(inputs.spend, inputs.body, inputs.spend_columns)


def stored_feeds(inputs: BuildInputs, register: Path, tell: Tell) -> StoredFeeds | None:
    """The downloaded data to build from; None if the build does not use it.

    The build uses it with --fetched.  Without files of providers, it also uses it if there is no
    register yet, or if the register was built from it and no --bundle is named.
    Raises BadInput if it is needed and nothing was downloaded.
    """
    store = open_store(inputs.store)
    stored = StoredFeeds(store, open_catalogue(store, inputs.sources), inputs.keep, tell)
    if inputs.fetched and not stored.has_providers():
        raise BadInput(f"--fetched: {_NOTHING.format(store.path)}")
    if inputs.fetched:
        return stored
    if inputs.names_providers():
        return None
    if stored.has_providers() and _built_from_store(register, inputs.bundle):
        return stored
    if current_snapshot(register) is None:
        raise BadInput(
            "nothing to build from: name at least one file with --providers, --awards, "
            "--charities, --companies or --open-referral. Or download some: "
            f"{_NOTHING.format(store.path)}"
        )
    if inputs.names_remarks():
        raise BadInput(
            "--spend, --sizes and --sic tell more of providers from other sources: name some "
            "with --providers, --awards, --charities or --companies, or add --fetched"
        )
    return None


_NOTHING = (
    "no source of providers was downloaded into {}; try "
    "`matcher fetch charities companies postcodes`"
)


def _built_from_store(register: Path, bundle: str | None) -> bool:
    """Whether a register that no option describes is built from downloaded data."""
    if current_snapshot(register) is None:
        return True
    return _manifest(register).fetched and bundle is None


def _manifest(register: Path) -> Manifest:
    """The manifest of the register in force; empty if there is none."""
    folder = current_snapshot(register)
    try:
        return Manifest.read(folder) if folder else Manifest()
    except ValueError:
        return Manifest()


def as_typed(words: Sequence[str], home: Path) -> str:
    """The command of these words, without its register, and with ~ for the user's own folder.

    >>> as_typed(["build", "--register", "a", "--providers=/home/jo/my list.csv"], Path("/home/jo"))
    "matcher build --providers ~/'my list.csv'"
    """
    split = [part for word in words for part in _option_and_value(word)]
    at = [n for n, word in enumerate(split) if word == "--register"]
    kept = [word for n, word in enumerate(split) if n not in at and n - 1 not in at]
    own = f"{home}/"
    return " ".join(
        f"~/{shlex.quote(word.removeprefix(own))}" if word.startswith(own) else shlex.quote(word)
        for word in ("matcher", *kept)
    )


def _option_and_value(word: str) -> list[str]:
    return word.split("=", 1) if word.startswith("--") else [word]


def how_to_build_again(register: Path) -> str:
    """The command that builds a register again as it was built, for people."""
    command = _manifest(register).command
    if command:
        named = f"--register {shlex.quote(str(register))}"
        return f"To build it again as before: `{command} {named}`."
    return (
        f"To build it again: `matcher build --register {register}` with the options and files that "
        "it was built with."
    )


def area_codes(inputs: BuildInputs, previous: Path | None) -> tuple[str, ...]:
    """The codes of the areas that a register is limited to.

    Where none is named, they are those of the `previous` register.
    Raises BadInput if an area is not known.
    """
    if not inputs.area:
        if inputs.with_neighbours:
            raise BadInput("--with-neighbours: needs an area; name it with --area")
        return _manifest(previous).locality if previous else ()
    councils = Councils.open(inputs.borders)
    areas = [require_area(name, councils) for name in inputs.area]
    named = [area.code for area in areas]
    around = councils.neighbours(*named) if inputs.with_neighbours else ()
    return tuple(area.code for area in (*areas, *around))


@contextmanager
def open_feeds(
    inputs: BuildInputs,
    paid: Sequence[SpendFile],
    stored: StoredFeeds | None,
    codes: Sequence[str],
    progress: Progress,
) -> Iterator[tuple[Iterator[Feed], Path, Path | None]]:
    """The feeds, the postcode table and the list of towns, if not the built-in one.

    The notices of files and of the store are merged with each other.  The files named with --towns
    come before a downloaded list.  What the columns of spending files were taken for is printed.
    Where there are `codes`, providers outside these areas are left out.  Archives are deleted
    afterwards.
    """
    with ExitStack() as opened:
        awards = [AwardSource.file(path) for path in inputs.awards]
        table = towns = None
        feeds: Iterator[Feed]
        if stored is None:
            feeds = merged_notices(awards)
        else:
            opened.enter_context(stored.store.locked())
            feeds, table = stored.feeds(awards), stored.postcode_table()
            paid = [*paid, *stored.spending(inputs.spend_columns)]
        for file in paid:
            console.console().print(file.words, markup=False, highlight=False)
        table = table or PostcodeTable.cached(lambda n, of: progress("compiling postcodes", n, of))
        if inputs.towns:
            towns = opened.enter_context(scratch_folder("towns")) / "towns.csv"
            compile_towns(
                towns,
                inputs.towns,
                PostcodeTable.open(table),
                lambda n, of: progress("reading towns", n, of),
            )
        elif stored is not None:
            towns = stored.town_list(table)
        areas = AreaFilter.of(codes, Councils.open(), PostcodeTable.open(table)) if codes else None
        every = chain(_providers(inputs, areas), feeds, _remarks(inputs, paid))
        yield areas.filtered(every) if areas else every, table, towns
        if stored is not None:
            stored.finish()


def _providers(inputs: BuildInputs, areas: AreaFilter | None) -> Iterator[Feed]:
    """The feeds of providers in the files. Each file is opened when its turn comes.

    Of companies outside `areas` no record is made.
    """
    yield from charities.read(inputs.charities)
    yield from companies.read(inputs.companies, areas.includes_postcode if areas else None)
    yield from open_referral.read(inputs.open_referral)
    yield from own_table.read(inputs.providers)
    yield from childrens_care.read(inputs.ofsted)


def _remarks(inputs: BuildInputs, paid: Sequence[SpendFile]) -> Iterator[Feed]:
    """What is paid to providers, who is large, and what they do."""
    yield from (file.feed() for file in paid)
    yield from employers.read(inputs.sizes)
    yield from activities.read(inputs.sic)
