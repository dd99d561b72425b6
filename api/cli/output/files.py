"""Shortlists as a table, JSON or CSV, and rankings as lines of a TREC run."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TextIO, TypeAlias

from rich.console import Group, RenderableType
from rich.text import Text

from api import cells
from api.cli.output import console as show
from api.cli.output import register, shortlists
from matcher.core.formatting import count
from matcher.core.types import Tally
from matcher.ranking.batch import Refusal
from matcher.ranking.matcher import Matcher
from matcher.ranking.ranking import Ranking
from matcher.ranking.shortlist import Shortlist

Answers: TypeAlias = Sequence[Shortlist | Refusal]


def as_json(answers: Answers, tally: Tally, out: TextIO) -> None:
    """Write one JSON object: shortlists, refusals, and what was set aside."""
    document = {
        "shortlists": [answer for answer in answers if isinstance(answer, Shortlist)],
        "refused": [answer for answer in answers if isinstance(answer, Refusal)],
        "set_aside": tally.set_aside,
    }
    show.write_json(document, out)


def as_table(answers: Answers, tally: Tally, out: TextIO) -> None:
    """Write a table for each lot, and what holds for all."""
    console = show.console()
    console.file = out
    for part in shortlists.shortlists(answers):
        console.print(part)
    shown = {each.message for each in answers if isinstance(each, Refusal)}
    for line in register.set_aside(tally, lambda reason: _is_shown(reason, shown)):
        console.print(line)


def _is_shown(reason: str, messages: Collection[str]) -> bool:
    """Whether a refusal among the answers gives this reason."""
    return any(message.startswith(reason) for message in messages)


def as_csv(answers: Answers, tally: Tally, out: TextIO) -> None:
    """Write a row for each suggestion, and one for each refused lot."""
    writer = csv.writer(out)
    writer.writerow(cells.COLUMNS)
    for answer in answers:
        rows = _refused_rows(answer) if isinstance(answer, Refusal) else cells.rows(answer)
        writer.writerows(map(cells.safe, rows))
    for reason, times in tally.set_aside.items():
        writer.writerow(cells.safe([f"set aside: {times} {reason}"]))


def _refused_rows(refusal: Refusal) -> Iterator[list[object]]:
    yield [
        refusal.lot,
        refusal.title,
        f"refused: {refusal.message}",
        *[""] * (cells.COLUMNS.index("rules") - 3),
        refusal.rule,
    ]


WRITERS: dict[str, Callable[[Answers, Tally, TextIO], None]] = {
    "json": as_json,
    "table": as_table,
    "csv": as_csv,
}


_STEP = 2.0**-22
"""The relative step between two scores that still differ as 32-bit numbers."""


def trec(matcher: Matcher, lot_id: str, ranking: Ranking, limit: int) -> Iterator[str]:
    """The lines of a run. A tie is lowered by a small step, so that order and scores agree.

    The step survives in 32-bit numbers, as trec_eval reads them.
    """
    last = float("inf")
    for rank, (row, score) in enumerate(
        zip(ranking.rows[:limit].tolist(), ranking.scores[:limit].tolist(), strict=True), 1
    ):
        last = min(float(score), last - max(1e-6, abs(float(score)) * _STEP))
        org_id = _word(matcher.register.provider_id(row))
        yield f"{_word(lot_id)} Q0 {org_id} {rank} {last:.9f} {matcher.bundle.name}\n"


def _word(text: str) -> str:
    """An id as one word, as the format requires."""
    return "_".join(text.split()) or "_"


def summary(ranked: int, refused: Sequence[Refusal], tally: Tally) -> RenderableType:
    """How many lots were ranked, and which were not, with the reason."""
    lines = [Text(f"{count(ranked, 'lot')} ranked, {len(refused):,} refused")]
    lines += [
        Text(f"  refused {show.short(refusal.lot)}: {refusal.message}") for refusal in refused
    ]
    lines += [
        Text(f"  set aside: {times:,} {reason} ({tally.examples.get(reason, '')})")
        for reason, times in tally.set_aside.items()
    ]
    return Group(*lines)
