"""The command around lots that are planned: `matcher market`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated, TextIO, TypeAlias

import typer

from api.cli.options import (
    BeforeOption,
    BundleOption,
    FewestOption,
    FloorOption,
    NeighboursOption,
    QuietOption,
    RegisterOption,
    ValueToIncomeOption,
    WithinOption,
    lots_in,
)
from api.cli.output import console as show
from api.cli.output import markets, register
from api.cli.progress import Bar, progress
from api.service.entries import encode
from matcher.core.types import Tally
from matcher.market.assessment import LotAssessment
from matcher.market.batch import assess_lots
from matcher.market.criteria import MarketCriteria
from matcher.market.market import (
    CombinedMarket,
    Market,
    combined_market,
    market,
)
from matcher.market.value_curve import VALUES
from matcher.ranking.batch import Refusal
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.sources.notices.lots import REPEATED
from matcher.sources.notices.tender import KEPT
from models.bundle import DEFAULT

_USUAL = MarketCriteria()
_MOST_JOBS = 256


class MarketFormat(StrEnum):
    """How markets are written to standard output."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"


def market_command(
    lots: Annotated[
        str,
        typer.Argument(
            metavar="LOTS",
            help="Planned lots: an OCDS notice, lots as JSON or JSON Lines, text (.txt), or - for "
            "standard input.",
        ),
    ],
    register: RegisterOption,
    floor: FloorOption = _USUAL.floor,
    value_to_income: ValueToIncomeOption = _USUAL.value_to_income,
    fewest: FewestOption = _USUAL.fewest,
    curve: Annotated[
        bool,
        typer.Option(
            "--curve", help="Also how many small local providers remain as the lot's value rises."
        ),
    ] = False,
    area: Annotated[
        str | None,
        typer.Option(help="Who is local: based in this council or county. Usual: the lot's own."),
    ] = None,
    with_neighbours: NeighboursOption = False,
    within: WithinOption = None,
    before: BeforeOption = None,
    seed: Annotated[int, typer.Option(help="Decides between equals.")] = 0,
    jobs: Annotated[
        int, typer.Option(min=1, max=_MOST_JOBS, help="Processes that read lots side by side.")
    ] = 1,
    bundle: BundleOption = DEFAULT,
    form: Annotated[
        MarketFormat, typer.Option("--format", help="How to write the answer.")
    ] = MarketFormat.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Read the market of each planned lot: how many could do it, and who they are.

    For market engagement, before anything is published: credible providers with an interval,
    local, small, VCSE and new ones, whom the lot's size fits, how concentrated past awards are;
    lots with fewer than three credible providers are flagged.  What is not known is counted
    apart.
    """
    terms = MarketCriteria(floor, value_to_income, fewest)
    wish = Filters(within, area, with_neighbours)
    request = Request(wish=wish, seed=seed, before=before.date() if before else None)
    tally = Named("standard input" if lots == "-" else Path(lots).name)
    found, _ = lots_in(lots, tally)
    opened = Matcher.open(register, bundle)
    values = VALUES if curve else None
    read: list[LotAssessment] = []
    with progress(quiet) as bar:
        asked = assess_lots(opened, found, request, jobs)
        counted = _counted(_watched(asked, bar, len(found)), terms, values, read)
        given = chain(tally.refused, counted)
        _WRITERS[form](given, lambda: _Rest(combined_market(read, terms), tally), sys.stdout)
    if not read:
        raise typer.Exit(3)


def add_to(app: typer.Typer) -> None:
    """Put the command among the others."""
    app.command("market")(market_command)


@dataclass(slots=True)
class Named(Tally):
    """A tally that keeps of each lot that is set aside where it stands and why."""

    refused: list[Refusal] = field(default_factory=list)

    def drop(self, reason: str, where: str = "") -> None:
        """Count it, and name it, unless it is there still, or stands there again word for word."""
        Tally.drop(self, reason, where)
        if self.names(reason):
            place, _, wrong = where.partition(": ")
            self.refused.append(Refusal(place, "", f"{reason}: {wrong}" if wrong else reason))

    @staticmethod
    def names(reason: str) -> bool:
        """Whether what is set aside for this reason has no answer."""
        return reason != REPEATED and not reason.endswith(KEPT)


def _watched(
    asked: Iterator[LotAssessment | Refusal], bar: Bar, whole: int
) -> Iterator[LotAssessment | Refusal]:
    for done, one in enumerate(asked, 1):
        bar("reading lots", done, whole)
        yield one


def _counted(
    asked: Iterator[LotAssessment | Refusal],
    terms: MarketCriteria,
    values: Sequence[float] | None,
    read: list[LotAssessment],
) -> Iterator[Market | Refusal]:
    """Each lot's market; of its reading, `read` keeps whom the lots together are counted by."""
    for one in asked:
        if isinstance(one, Refusal):
            yield one
        else:
            read.append(one.credible(terms.floor))
            yield market(one, terms, values)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is known once all lots were read."""

    together: CombinedMarket
    tally: Named


_Given: TypeAlias = Iterator[Market | Refusal]
_End: TypeAlias = Callable[[], _Rest]


def _as_json(given: _Given, end: _End, out: TextIO) -> None:
    """One JSON object: markets, refusals, all lots together, and what was set aside."""
    every = list(given)
    rest = end()
    document = {
        "markets": [one for one in every if isinstance(one, Market)],
        "refused": [one for one in every if isinstance(one, Refusal)],
        "together": rest.together,
        "set_aside": rest.tally.set_aside,
    }
    out.write(encode(document).decode() + "\n")


def _as_lines(given: _Given, end: _End, out: TextIO) -> None:
    """A line a lot as soon as it is read, `{"market"}` or `{"refused"}`; then all together."""
    for one in given:
        key = "refused" if isinstance(one, Refusal) else "market"
        out.write(encode({key: one}).decode() + "\n")
        out.flush()
    rest = end()
    last = {"together": rest.together, "set_aside": rest.tally.set_aside}
    out.write(encode(last).decode() + "\n")


def _as_table(given: _Given, end: _End, out: TextIO) -> None:
    every = list(given)
    rest = end()
    console = show.console()
    console.file = out
    console.print(markets.markets(every, rest.together))
    for line in register.set_aside(rest.tally, besides=rest.tally.names):
        console.print(line)


_WRITERS: dict[MarketFormat, Callable[[_Given, _End, TextIO], None]] = {
    MarketFormat.TABLE: _as_table,
    MarketFormat.JSON: _as_json,
    MarketFormat.NDJSON: _as_lines,
}
