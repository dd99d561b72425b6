"""Answers as files: JSON, CSV, TREC run lines."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO, TypeAlias

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from api import cells
from api.cli.output import console as show
from api.cli.output import register, shortlists
from matcher.core.types import Tally
from matcher.ranking.batch import Refusal
from matcher.ranking.matcher import Matcher
from matcher.ranking.ranking import Ranking
from matcher.ranking.shortlist import Shortlist

Answers: TypeAlias = Sequence[Shortlist | Refusal]


def as_json(given: Answers, tally: Tally, out: TextIO) -> None:
    """One JSON object: shortlists, refusals, and what of the input was set aside."""
    document = {
        "shortlists": [one for one in given if isinstance(one, Shortlist)],
        "refused": [one for one in given if isinstance(one, Refusal)],
        "set_aside": tally.set_aside,
    }
    out.write(msgspec.json.encode(document, order="deterministic").decode() + "\n")


def as_table(given: Answers, tally: Tally, out: TextIO) -> None:
    """Tables for reading."""
    console = show.console()
    console.file = out
    for one in given:
        console.print(
            shortlists.refusal(one) if isinstance(one, Refusal) else shortlists.shortlist(one)
        )
    console.print(shortlists.small_print([one for one in given if isinstance(one, Shortlist)]))
    for line in register.set_aside(tally):
        console.print(line)


def as_csv(given: Answers, tally: Tally, out: TextIO) -> None:
    """One row a suggestion; a refused lot gets a row that says so."""
    writer = csv.writer(out)
    writer.writerow(cells.COLUMNS)
    for one in given:
        rows = _refused(one) if isinstance(one, Refusal) else cells.rows(one)
        writer.writerows(map(cells.safe, rows))
    for reason, count in tally.set_aside.items():
        writer.writerow(cells.safe([f"set aside: {count} {reason}"]))


def _refused(one: Refusal) -> Iterator[list[object]]:
    yield [one.lot, one.title, f"refused: {one.message}", *[""] * 15, one.rule]


WRITERS: dict[str, Callable[[Answers, Tally, TextIO], None]] = {
    "json": as_json,
    "table": as_table,
    "csv": as_csv,
}


_SEEN = 2.0**-22
"""By what share a number must differ from another to differ as a 32-bit one too."""


def trec(matcher: Matcher, lot_id: str, ranking: Ranking, limit: int) -> Iterator[str]:
    """Run lines; a tie is broken by the least step down, so that order and score agree.

    The step is one that those who read scores as 32-bit numbers see, as trec_eval does.
    """
    organisations = matcher.register.organisations
    last = float("inf")
    for rank, (row, score) in enumerate(
        zip(ranking.rows[:limit].tolist(), ranking.scores[:limit].tolist(), strict=True), 1
    ):
        last = min(float(score), last - max(1e-6, abs(float(score)) * _SEEN))
        org_id = _word(organisations[row].provider.id)
        yield f"{_word(lot_id)} Q0 {org_id} {rank} {last:.9f} {matcher.bundle.name}\n"


def _word(text: str) -> str:
    """An id as one word, as the format needs."""
    return "_".join(text.split()) or "_"


def summary(ranked: int, refused: Sequence[Refusal], tally: Tally) -> RenderableType:
    """How many lots were ranked, and which were not and why."""
    lines = [Text(f"{ranked:,} lots ranked, {len(refused):,} refused")]
    lines += [Text(f"  refused {one.lot}: {one.message}") for one in refused]
    lines += [
        Text(f"  set aside: {count:,} {reason} ({tally.examples.get(reason, '')})")
        for reason, count in tally.set_aside.items()
    ]
    return Group(*lines)
