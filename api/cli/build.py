"""The command that builds a register from files and from what was fetched: `matcher build`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from api.cli import fetch
from api.cli.options import (
    AwardsOption,
    QuietOption,
    RegisterOption,
    TrustIdsOption,
)
from api.cli.output import console
from api.cli.output.register import built
from api.cli.progress import Bar, progress
from matcher.geo.postcodes import PostcodeTable
from matcher.ranking.features.registry import FEATURES
from matcher.register.build.build import build
from matcher.register.build.embed import embed
from matcher.register.linkage.resolve import keep_apart
from matcher.sources.feed import Feed
from matcher.sources.notices import ocds
from matcher.sources.providers import (
    charities,
    companies,
    open_referral,
)
from matcher.sources.providers import (
    own_table as table,
)
from models.bundle import DEFAULT, Bundle

_Providers = Annotated[
    list[Path], typer.Option(metavar="FILE…", help="Tables of one's own: CSV, TSV, JSON Lines.")
]
_Charities = Annotated[
    list[Path],
    typer.Option(
        "--charities", metavar="FILE…", help="Charity Commission extract zips, OSCR or CCNI CSV."
    ),
]
_Companies = Annotated[
    list[Path],
    typer.Option("--companies", metavar="FILE…", help="Companies House basic data, CSV or zip."),
]
_OpenReferral = Annotated[
    list[Path],
    typer.Option("--open-referral", metavar="FILE…", help="Open Referral UK responses, JSON."),
]
_KeepApart = Annotated[
    Path | None,
    typer.Option("--keep-apart", help="CSV of pairs not to merge, as `matcher merges` writes."),
]
_Borders = Annotated[
    Path | None,
    typer.Option(help="CSV with columns a, b: codes of councils that border each other."),
]
_ReadBy = Annotated[
    str | None,
    typer.Option(
        help=f"The bundle that will rank: its embedder reads what is built. Usual: {DEFAULT}."
    ),
]
_Fetched = Annotated[
    bool,
    typer.Option(
        "--fetched", help="Build from what `matcher fetch` brought, and from files named too."
    ),
]
_Keep = Annotated[
    bool, typer.Option("--keep", help="Keep the archives that were fetched after the build.")
]
_Areas = Annotated[
    list[str],
    typer.Option(
        help="Of the registers, only who has an address in this council or county, by name or "
        "code; say it once for each. Past awards stay whole."
    ),
]
_Neighbours = Annotated[
    bool, typer.Option("--with-neighbours", help="And in what borders the areas.")
]


@dataclass(frozen=True, slots=True)
class _Files:
    """The files named, by where they come from."""

    charities: Sequence[Path]
    companies: Sequence[Path]
    open_referral: Sequence[Path]
    providers: Sequence[Path]
    awards: Sequence[Path]

    def any(self) -> bool:
        """Whether a file is named at all."""
        return any(
            (self.charities, self.companies, self.open_referral, self.providers, self.awards)
        )

    def feeds(self) -> Iterator[Feed]:
        """What they hold; a file is opened when its turn comes."""
        yield from charities.read(self.charities)
        yield from companies.read(self.companies)
        yield from open_referral.read(self.open_referral)
        yield from table.read(self.providers)
        yield from ocds.read_awards(self.awards)


def build_command(
    register: RegisterOption,
    providers: _Providers = [],  # noqa: B006 - Typer reads the default and never changes it
    awards: AwardsOption = [],  # noqa: B006
    charity: _Charities = [],  # noqa: B006
    company: _Companies = [],  # noqa: B006
    referral: _OpenReferral = [],  # noqa: B006
    trust_ids: TrustIdsOption = False,
    apart: _KeepApart = None,
    borders: _Borders = None,
    bundle: _ReadBy = None,
    fetched: _Fetched = False,
    keep: _Keep = False,
    area: _Areas = [],  # noqa: B006
    with_neighbours: _Neighbours = False,
    store: fetch.StoreOption = None,
    sources: fetch.SourcesOption = None,
    quiet: QuietOption = False,
) -> None:
    """Read the sources, find which records are one organisation, and write the register.

    The register that was there stays in force until the new one is whole.  Without any file it
    is built from what was fetched; a register that was built from files, or for which a --bundle
    is named, is then only made ready for that bundle, and nothing else changes.
    """
    opened = Bundle.open(bundle or DEFAULT, FEATURES)
    files = _Files(charity, company, referral, providers, awards)
    named = files.any()
    pairs = keep_apart(apart)
    with progress(quiet) as bar:
        drawing = fetch.StoreUse(store, sources, fetched, keep)
        stock = drawing.stock(register, named=named, bundle=bundle, tell=bar.tell)
        if stock is None and not named:
            _embed_again(register, opened, bar)
            return
        ours = stock is not None and not named
        with fetch.drawn(stock) as (fed, places):
            table = places or PostcodeTable.cached(lambda n, of: bar("compiling postcodes", n, of))
            wanted = fetch.areas(area, with_neighbours, borders, register if ours else None)
            report = build(
                register,
                fetch.narrowed(chain(files.feeds(), fed), wanted, table),
                places_table=table,
                borders=borders,
                trust_ids=trust_ids,
                apart=pairs,
                bundle=opened,
                fetched=ours,
                locality=wanted,
                progress=bar,
            )
    console.console().print(built(report))


def _embed_again(register: Path, bundle: Bundle, bar: Bar) -> None:
    version = embed(register, bundle, bar)
    console.console().print(
        f"The vectors of {register} were made again by bundle {bundle.name}; nothing else "
        f"changed. It is now version {version}. (To read what was fetched anew, say --fetched.)"
    )
