"""The command `matcher rank`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from api.cli.named_paths import file_to_read, file_to_write, written
from api.cli.options import (
    BundleOption,
    EveryoneOption,
    ParallelOption,
    PurposeOption,
    QuietOption,
    RegisterOption,
    SeedOption,
    is_document,
    read_lots,
)
from api.cli.output import console, files
from api.cli.output.refusals import RefusalTally
from api.cli.progress import progress
from matcher.core import workers
from matcher.core.errors import BadLot
from matcher.core.types import Lot
from matcher.core.workers import running_on
from matcher.law.types import Purpose
from matcher.ranking.batch import Refusal, Task, queries, refusal, with_whole_values
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import Query
from matcher.ranking.request import Request
from matcher.sources.notices import lots
from matcher.sources.notices.lot_documents import UNUSABLE
from models.bundle import DEFAULT


def rank(
    register: RegisterOption,
    lot_file: Annotated[
        Path,
        typer.Option(
            "--lots",
            callback=file_to_read,
            help="The lots: OCDS, JSON Lines, a table, text, Word or PDF.",
        ),
    ],
    run: Annotated[
        Path, typer.Option("--run", callback=file_to_write, help="The TREC run to write.")
    ],
    purpose: PurposeOption = Purpose.ENGAGEMENT,
    everyone: EveryoneOption = False,
    limit: Annotated[
        int, typer.Option("-k", "--limit", help="The number of providers to list for each lot.")
    ] = 100,
    seed: SeedOption = 0,
    before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Use only awards before this day. Default: before the day of each lot.",
        ),
    ] = None,
    bundle: BundleOption = DEFAULT,
    parallel: ParallelOption = None,
    quiet: QuietOption = False,
) -> None:
    """Rank the providers for many lots, and write a TREC run.

    Each line holds: lot ID, Q0, provider ID, rank, score, tag.  The lot ID is the ocid, followed
    by '#' and the ID of the lot if the notice has several lots.  Scores fall strictly with the
    rank, so that sorting by score keeps the order of ties.

    Example: matcher rank --register county.register --lots lots.jsonl --run run.txt --everyone
    """
    matcher = Matcher.open(register, bundle)
    request = Request(
        purpose, Filters(everyone=everyone), limit, seed, before.date() if before else None
    )
    refused: list[Refusal] = []

    def check(lot: Lot) -> None:
        try:
            matcher.place_check(lot)
        except BadLot as error:
            refused.append(refusal(lot, error))
            raise

    found: Iterable[Lot]
    tally = RefusalTally(lot_file.name)
    if is_document(lot_file):
        found, _ = read_lots(str(lot_file), tally)
    else:
        found = lots.iter_lots(lot_file, tally, check)[1]
    ranked = 0
    with running_on(parallel), progress(quiet) as bar, written("--run", run) as out:
        tasks = list(with_whole_values(matcher, found, request))
        for done, result in enumerate(_ranked(matcher, tasks), 1):
            if isinstance(result, Refusal):
                refused.append(result)
            else:
                out.writelines(result)
                ranked += 1
            bar("ranking", done, len(tasks))
    refused += _unreadable(tally, refused)
    console.console(error=True).print(files.summary(ranked, refused, tally))
    if not ranked and (refused or tally.set_aside):
        raise typer.Exit(3)


def _unreadable(tally: RefusalTally, known: Sequence[Refusal]) -> list[Refusal]:
    """Those of the lots set aside that were not usable, without those known; no more counted so."""
    unusable = [each for each in tally.refused if each.message.startswith(UNUSABLE)]
    tally.take_back(UNUSABLE, len(unusable))
    messages = tuple(each.message for each in known)
    return [each for each in unusable if not each.message.endswith(messages)]


_MOST_A_PART = 50
"""The most lots that one process ranks before it returns them."""


def _ranked(matcher: Matcher, tasks: Sequence[Task]) -> Iterator[list[str] | Refusal]:
    """The lines of the run for each lot, or its refusal, in order."""
    size = max(1, min(_MOST_A_PART, len(tasks) // workers.processes()))
    parts = [tasks[at : at + size] for at in range(0, len(tasks), size)]
    return chain.from_iterable(workers.in_order(partial(_ranked_part, matcher), parts))


def _ranked_part(matcher: Matcher, tasks: Sequence[Task]) -> list[list[str] | Refusal]:
    return [
        query if isinstance(query, Refusal) else _ranked_lot(matcher, query, request)
        for (_, request), query in queries(tasks, matcher.query)
    ]


def _ranked_lot(matcher: Matcher, query: Query, request: Request) -> list[str]:
    ranking = matcher.rank(query, eligible_providers(query), request.seed)
    return list(files.trec(matcher, query.analyzed.lot.id, ranking, request.limit))
