"""The options of `matcher build`: the files that it reads, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.named_paths import (
    Given,
    file_to_read,
    providers_to_read,
    spending_to_read,
    tables_to_read,
)
from api.cli.options import AwardsOption, ParallelOption, QuietOption, TrustIdsOption
from api.cli.store import SourcesOption, StoreOption
from models.bundle import DEFAULT

_NONE: Any = ()
"""No files; a dataclass takes no list as a default."""


def _files(
    name: str, words: str, check: Callable[[typer.CallbackParam, Given], Given] = tables_to_read
) -> Any:  # noqa: ANN401 - as typer says
    return typer.Option(name, metavar="FILE…", callback=check, help=words)


def _file(name: str, words: str) -> Any:  # noqa: ANN401 - as typer says
    return typer.Option(name, callback=file_to_read, help=words)


@dataclass(frozen=True, kw_only=True)
class BuildInputs:
    """What a register is built from, as it was typed."""

    providers: Annotated[
        list[Path],
        _files(
            "--providers",
            "Your own tables of providers: spreadsheets (XLSX), CSV, TSV or JSON Lines.",
            providers_to_read,
        ),
    ] = _NONE
    awards: AwardsOption = _NONE
    charities: Annotated[
        list[Path],
        _files("--charities", "Charity Commission extracts (zip), OSCR or CCNI (CSV)."),
    ] = _NONE
    companies: Annotated[
        list[Path], _files("--companies", "Companies House basic company data: CSV or zip.")
    ] = _NONE
    open_referral: Annotated[
        list[Path], _files("--open-referral", "Open Referral UK responses: JSON.")
    ] = _NONE
    ofsted: Annotated[
        list[Path], _files("--ofsted", "Ofsted's list of children's social care: CSV.")
    ] = _NONE
    spend: Annotated[
        list[Path],
        _files(
            "--spend",
            "What councils paid, as they publish it (payments over £500, card payments): CSV, "
            "XLSX, zips or folders. What each column was taken for is printed.",
            spending_to_read,
        ),
    ] = _NONE
    body: Annotated[
        str, typer.Option(help="Who paid, for spending files and rows that do not say it.")
    ] = ""
    spend_columns: Annotated[
        Path | None,
        _file(
            "--spend-columns",
            'TOML that corrects what columns mean: ["leeds-*.csv"] and supplier = "Vendor".',
        ),
    ] = None
    sizes: Annotated[
        list[Path],
        _files(
            "--sizes",
            "Employers of the gender pay gap service: who has 250 or more staff is large.",
        ),
    ] = _NONE
    sic: Annotated[list[Path], _files("--sic", "What suppliers do: a table of names and SIC.")] = (
        _NONE
    )
    trust_ids: TrustIdsOption = False
    apart: Annotated[
        Path | None,
        _file("--keep-apart", "CSV of pairs of records not to merge, as `matcher merges` writes."),
    ] = None
    join: Annotated[
        Path | None,
        _file("--join", "CSV of pairs of records to merge: columns kept and merged."),
    ] = None
    borders: Annotated[
        Path | None,
        _file("--borders", "CSV with columns a and b: codes of councils that border each other."),
    ] = None
    towns: Annotated[
        list[Path],
        _files(
            "--towns",
            "Towns and villages: OS Open Names or the Index of Place Names, as published. "
            "Default: the downloaded list, or a small one that is built in.",
        ),
    ] = _NONE
    bundle: Annotated[
        str | None,
        typer.Option(
            help="The trained model (bundle) that will rank with this register. "
            f"Default: {DEFAULT}."
        ),
    ] = None
    fetched: Annotated[
        bool,
        typer.Option(
            "--fetched", help="Build from downloaded data, and also from the files you name."
        ),
    ] = False
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the downloaded archives after the build.")
    ] = False
    area: Annotated[
        list[str],
        typer.Option(
            help="Only providers with an address in this council or county, by name or code. You "
            "can repeat it. All past awards are kept."
        ),
    ] = _NONE
    with_neighbours: Annotated[
        bool, typer.Option("--with-neighbours", help="Include the areas that border them.")
    ] = False
    store: StoreOption = None
    sources: SourcesOption = None
    parallel: ParallelOption = None
    quiet: QuietOption = False

    def names_providers(self) -> bool:
        """Whether any file is named that providers can come from."""
        return any(
            (
                *(self.charities, self.companies, self.open_referral),
                *(self.providers, self.awards, self.ofsted),
            )
        )

    def names_remarks(self) -> bool:
        """Whether any file is named that tells more of providers from elsewhere."""
        return any((self.spend, self.sizes, self.sic))
