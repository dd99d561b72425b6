"""The command `matcher build`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli.build_sources import (
    InputFiles,
    StoreUse,
    area_codes,
    as_typed,
    how_to_build_again,
    open_feeds,
    spend_of,
)
from api.cli.named_paths import (
    file_to_read,
    providers_to_read,
    spending_to_read,
    tables_to_read,
)
from api.cli.options import (
    AwardsOption,
    ParallelOption,
    QuietOption,
    RegisterToBuild,
    TrustIdsOption,
)
from api.cli.output import console
from api.cli.output.register import built
from api.cli.progress import Bar, progress
from api.cli.store import SourcesOption, StoreOption
from matcher.core.errors import BadInput
from matcher.core.workers import running_on
from matcher.ranking.features.registry import FEATURES
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.embed import embed
from matcher.register.build.snapshot import check_own_folder
from matcher.register.linkage.told_pairs import pairs_in
from models.bundle import DEFAULT, Bundle


def build_command(
    register: RegisterToBuild,
    providers: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE…",
            callback=providers_to_read,
            help="Your own tables of providers: spreadsheets (XLSX), CSV, TSV or JSON Lines.",
        ),
    ] = [],
    awards: AwardsOption = [],
    charity: Annotated[
        list[Path],
        typer.Option(
            "--charities",
            metavar="FILE…",
            callback=tables_to_read,
            help="Charity Commission extracts (zip), OSCR or CCNI (CSV).",
        ),
    ] = [],
    company: Annotated[
        list[Path],
        typer.Option(
            "--companies",
            metavar="FILE…",
            callback=tables_to_read,
            help="Companies House basic company data: CSV or zip.",
        ),
    ] = [],
    referral: Annotated[
        list[Path],
        typer.Option(
            "--open-referral",
            metavar="FILE…",
            callback=tables_to_read,
            help="Open Referral UK responses: JSON.",
        ),
    ] = [],
    ofsted: Annotated[
        list[Path],
        typer.Option(
            "--ofsted",
            metavar="FILE…",
            callback=tables_to_read,
            help="Ofsted's list of children's social care: CSV.",
        ),
    ] = [],
    spend: Annotated[
        list[Path],
        typer.Option(
            "--spend",
            metavar="FILE…",
            callback=spending_to_read,
            help="What councils paid, as they publish it (payments over £500, card payments): CSV, "
            "XLSX, zips or folders. What each column was taken for is printed.",
        ),
    ] = [],
    body: Annotated[
        str,
        typer.Option("--body", help="Who paid, for spending files and rows that do not say it."),
    ] = "",
    spend_columns: Annotated[
        Path | None,
        typer.Option(
            "--spend-columns",
            callback=file_to_read,
            help='TOML that corrects what columns mean: ["leeds-*.csv"] and supplier = "Vendor".',
        ),
    ] = None,
    sizes: Annotated[
        list[Path],
        typer.Option(
            "--sizes",
            metavar="FILE…",
            callback=tables_to_read,
            help="Employers of the gender pay gap service: who has 250 or more staff is large.",
        ),
    ] = [],
    sic: Annotated[
        list[Path],
        typer.Option(
            "--sic",
            metavar="FILE…",
            callback=tables_to_read,
            help="What suppliers do: a table of names and SIC.",
        ),
    ] = [],
    trust_ids: TrustIdsOption = False,
    apart: Annotated[
        Path | None,
        typer.Option(
            "--keep-apart",
            callback=file_to_read,
            help="CSV of pairs of records not to merge, as `matcher merges` writes.",
        ),
    ] = None,
    join: Annotated[
        Path | None,
        typer.Option(
            "--join",
            callback=file_to_read,
            help="CSV of pairs of records to merge: columns kept and merged.",
        ),
    ] = None,
    borders: Annotated[
        Path | None,
        typer.Option(
            callback=file_to_read,
            help="CSV with columns a and b: codes of councils that border each other.",
        ),
    ] = None,
    towns: Annotated[
        list[Path],
        typer.Option(
            "--towns",
            metavar="FILE…",
            callback=tables_to_read,
            help="Towns and villages: OS Open Names or the Index of Place Names, as published. "
            "Default: the downloaded list, or a small one that is built in.",
        ),
    ] = [],
    bundle: Annotated[
        str | None,
        typer.Option(
            help="The trained model (bundle) that will rank with this register. "
            f"Default: {DEFAULT}."
        ),
    ] = None,
    fetched: Annotated[
        bool,
        typer.Option(
            "--fetched", help="Build from downloaded data, and also from the files you name."
        ),
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the downloaded archives after the build.")
    ] = False,
    area: Annotated[
        list[str],
        typer.Option(
            help="Only providers with an address in this council or county, by name or code. You "
            "can repeat it. All past awards are kept."
        ),
    ] = [],
    with_neighbours: Annotated[
        bool, typer.Option("--with-neighbours", help="Include the areas that border them.")
    ] = False,
    store: StoreOption = None,
    sources: SourcesOption = None,
    parallel: ParallelOption = None,
    quiet: QuietOption = False,
) -> None:
    """Build a register from files and from downloaded data.

    It merges records of the same organisation, and follows what was said in `matcher merges`. The
    old register stays in use until the new one is complete.

    Without files, it uses the data that `matcher fetch` downloaded. If the register was built
    from files, or if you name a --bundle, it only prepares the register for that model.

    Examples:
      matcher build --register walsall.register --area Walsall

      matcher build --register county.register --providers directory.csv --awards awards.jsonl
    """
    check_own_folder(register)
    opened = Bundle.open(bundle or DEFAULT, FEATURES)
    files = InputFiles(charity, company, referral, providers, awards, ofsted, (), sizes, sic)
    may_have_fetched = fetched or not files.any()
    paid = spend_of(spend, body, spend_columns, fetched=may_have_fetched)
    files = replace(files, spend=paid)
    pairs, joined = pairs_in(apart, "--keep-apart"), pairs_in(join, "--join")
    with running_on(parallel), progress(quiet) as bar:
        use = StoreUse(store, sources, fetched, keep)
        named = files.any() or files.any_remarks()
        stored = use.feeds(register, has_files=files.any(), bundle=bundle, tell=bar.tell)
        if stored is None and named and not files.any():
            raise BadInput(
                "--spend, --sizes and --sic tell more of providers from other sources: name some "
                "with --providers, --awards, --charities or --companies, or add --fetched"
            )
        if stored is None and not named:
            _embed_again(register, opened, bar)
            return
        only_stored = stored is not None and not named
        previous = register if only_stored else None
        codes = area_codes(area, with_neighbours, borders, previous)
        with open_feeds(files, stored, towns, codes, bar, spend_columns) as (
            feeds,
            table,
            town_list,
        ):
            report = build(
                register,
                feeds,
                places_table=table,
                options=BuildOptions(
                    borders=borders,
                    towns=town_list,
                    trust_ids=trust_ids,
                    apart=pairs,
                    joined=joined,
                    bundle=opened,
                    fetched=only_stored,
                    locality=codes,
                    bytes_needed=0 if codes else files.bytes_needed(),
                    command=as_typed(sys.argv[1:], Path.home()),
                ),
                progress=bar,
            )
    console.console().print(built(report))


def _embed_again(register: Path, bundle: Bundle, bar: Bar) -> None:
    version = embed(register, bundle, bar)
    console.say(
        f"Prepared {register} for the model {bundle.name}. Nothing else changed. It is now version "
        f"{version}.\n{how_to_build_again(register)} From downloaded data: add --fetched."
    )
