"""Answers as files: JSON, CSV, TREC run lines."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TextIO, TypeAlias

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from api import show
from matcher.answers import Refusal
from matcher.explain import Ranking
from matcher.matcher import Matcher
from matcher.types import Shortlist, Tally

Answers: TypeAlias = Sequence[Shortlist | Refusal]

_COLUMNS = (
    "lot",
    "lot_title",
    "purpose",
    "rank",
    "id",
    "name",
    "kind",
    "score",
    "probability",
    "size",
    "income",
    "km",
    "postcode",
    "place_evidence",
    "reasons",
    "matched_words",
    "past_contracts",
    "not_known",
    "rules",
    "seed",
    "bundle",
    "register",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
        console.print(show.refusal(one) if isinstance(one, Refusal) else show.shortlist(one))
    console.print(show.small_print([one for one in given if isinstance(one, Shortlist)]))
    for reason, count in tally.set_aside.items():
        console.print(Text(f"Set aside: {count:,} {reason} ({tally.examples.get(reason, '')})"))


def as_csv(given: Answers, tally: Tally, out: TextIO) -> None:
    """One row a suggestion; a refused lot gets a row that says so."""
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for one in given:
        rows = _refused(one) if isinstance(one, Refusal) else _suggested(one)
        writer.writerows(map(safe, rows))
    for reason, count in tally.set_aside.items():
        writer.writerow(safe([f"set aside: {count} {reason}"]))


def _refused(one: Refusal) -> Iterator[list[object]]:
    yield [one.lot, one.title, f"refused: {one.message}", *[""] * 15, one.rule]


def _suggested(answer: Shortlist) -> Iterator[list[object]]:
    for one in answer.suggestions:
        yield [
            answer.lot.id,
            answer.lot.title,
            answer.purpose,
            one.rank,
            one.id,
            one.name,
            one.kind,
            repr(one.score),
            one.probability,
            one.size,
            one.income,
            one.km,
            one.postcode,
            one.place_evidence,
            " | ".join(f"{r.contribution:.3f} {r.name}: {r.words}" for r in one.reasons),
            "; ".join(f"{m.asked} = {m.found} ({m.where})" for m in one.matches),
            "; ".join(f"{c.day} {c.title}" for c in one.past),
            "; ".join(one.unknown),
            " ".join(answer.rule_ids),
            answer.seed,
            answer.model,
            answer.register,
        ]


def safe(row: Iterable[object]) -> list[object]:
    """A row whose cells a spreadsheet takes for text, never for a formula."""
    return [_safe(cell) for cell in row]


def _safe(cell: object) -> object:
    if not isinstance(cell, str):
        return "" if cell is None else cell
    text = show.seen(cell)
    return "'" + text if text.lstrip().startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


WRITERS: dict[str, Callable[[Answers, Tally, TextIO], None]] = {
    "json": as_json,
    "table": as_table,
    "csv": as_csv,
}


def trec(matcher: Matcher, lot_id: str, ranking: Ranking, limit: int) -> Iterator[str]:
    """Run lines; a tie is broken by the least step down, so that order and score agree."""
    organisations = matcher.register.organisations
    last = float("inf")
    for rank, (row, score) in enumerate(
        zip(ranking.rows[:limit].tolist(), ranking.scores[:limit].tolist(), strict=True), 1
    ):
        last = min(float(score), last - 1e-6)
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
