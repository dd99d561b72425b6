"""The command `matcher market`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
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
    ParallelOption,
    QuietOption,
    RegisterOption,
    ValueToIncomeOption,
    WithinOption,
    read_lots,
)
from api.cli.output import console as show
from api.cli.output import markets, register
from api.cli.output.refusals import RefusalTally
from api.cli.progress import Bar, progress
from matcher.core.workers import running_on
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
from matcher.sources.notices.lot_tally import is_unusable
from models.bundle import DEFAULT

_USUAL = MarketCriteria()


class MarketFormat(StrEnum):
    """The formats of the answer."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"


def market_command(
    lots: Annotated[
        str,
        typer.Argument(
            metavar="LOTS",
            help="Planned lots: an OCDS notice, lots as JSON or JSON Lines, a specification (.txt, "
            ".docx, .pdf), or - for standard input.",
        ),
    ],
    register: RegisterOption,
    floor: FloorOption = _USUAL.floor,
    value_to_income: ValueToIncomeOption = _USUAL.value_to_income,
    fewest: FewestOption = _USUAL.fewest,
    curve: Annotated[
        bool,
        typer.Option(
            "--curve", help="Show also how many small local providers remain as the value rises."
        ),
    ] = False,
    area: Annotated[
        str | None,
        typer.Option(help="The council or county that counts as local. Default: the lot's own."),
    ] = None,
    with_neighbours: NeighboursOption = False,
    within: WithinOption = None,
    before: BeforeOption = None,
    seed: Annotated[int, typer.Option(help="Seed for breaking ties at random.")] = 0,
    parallel: ParallelOption = None,
    bundle: BundleOption = DEFAULT,
    form: Annotated[
        MarketFormat, typer.Option("--format", help="How to write the answer.")
    ] = MarketFormat.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Show the market of each planned lot: how many providers could do it, and which.

    For market engagement, before anything is published. It counts the credible providers, with a
    range, and those that are local, small, VCSEs, new, or large enough for the lot. It shows how
    concentrated past awards are, and flags lots with fewer than three credible providers. What
    is not known is counted separately.

    Example: matcher market lots.jsonl --register county.register --curve

    Exit code 3: no lot could be assessed.
    """
    criteria = MarketCriteria(floor, value_to_income, fewest)
    filters = Filters(within, area, with_neighbours)
    request = Request(wish=filters, seed=seed, before=before.date() if before else None)
    tally = RefusalTally("standard input" if lots == "-" else Path(lots).name)
    matcher = Matcher.open(register, bundle)
    planned, _ = read_lots(lots, tally, matcher.place_check)
    values = VALUES if curve else None
    assessed: list[LotAssessment] = []
    with running_on(parallel), progress(quiet) as bar:
        assessments = _with_progress(assess_lots(matcher, planned, request), bar, len(planned))
        results = chain(tally.refused, _markets(assessments, criteria, values, assessed))
        _WRITERS[form](results, lambda: combined_market(assessed, criteria), tally, sys.stdout)
    if not assessed:
        raise typer.Exit(3)


def _with_progress(
    assessments: Iterator[LotAssessment | Refusal], bar: Bar, total: int
) -> Iterator[LotAssessment | Refusal]:
    for done, assessment in enumerate(assessments, 1):
        bar("assessing lots", done, total)
        yield assessment
    bar.end()


def _markets(
    assessments: Iterator[LotAssessment | Refusal],
    criteria: MarketCriteria,
    values: Sequence[float] | None,
    assessed: list[LotAssessment],
) -> Iterator[Market | Refusal]:
    """The market of each lot. `assessed` collects the credible providers of each lot."""
    for assessment in assessments:
        if isinstance(assessment, Refusal):
            yield assessment
        else:
            assessed.append(assessment.credible(criteria.floor))
            yield market(assessment, criteria, values)


_Results: TypeAlias = Iterator[Market | Refusal]
_Together: TypeAlias = Callable[[], CombinedMarket]
"""What gives the market of all lots together, once each was assessed."""


def _as_json(results: _Results, together: _Together, tally: RefusalTally, out: TextIO) -> None:
    """One JSON object: markets, refusals, all lots together, and what was set aside."""
    every = list(results)
    document = {
        "markets": [result for result in every if isinstance(result, Market)],
        "refused": [result for result in every if isinstance(result, Refusal)],
        "together": together(),
        "set_aside": tally.set_aside,
    }
    show.write_json(document, out)


def _as_lines(results: _Results, together: _Together, tally: RefusalTally, out: TextIO) -> None:
    """A line for each lot as soon as it is assessed, then one for all lots together."""
    for result in results:
        key = "refused" if isinstance(result, Refusal) else "market"
        show.write_json({key: result}, out)
        out.flush()
    show.write_json({"together": together(), "set_aside": tally.set_aside}, out)


def _as_table(results: _Results, together: _Together, tally: RefusalTally, out: TextIO) -> None:
    every = list(results)
    console = show.console()
    console.file = out
    console.print(markets.markets(every, together()))
    for line in register.set_aside(tally, besides=is_unusable):
        console.print(line)


_WRITERS: dict[MarketFormat, Callable[[_Results, _Together, RefusalTally, TextIO], None]] = {
    MarketFormat.TABLE: _as_table,
    MarketFormat.JSON: _as_json,
    MarketFormat.NDJSON: _as_lines,
}
