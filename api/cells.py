"""Shortlists as rows of cells, safe for a terminal and for a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from matcher.ranking.shortlist import Shortlist, Suggestion

COLUMNS = (
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
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def seen(text: str) -> str:
    """The text without what a terminal would obey: control characters, turns of direction."""
    return _UNSEEN.sub("", text)


def rows(answer: Shortlist) -> Iterator[list[object]]:
    """One row a suggestion, in the order of COLUMNS."""
    for one in answer.suggestions:
        yield row(answer, one)


def row(answer: Shortlist, one: Suggestion) -> list[object]:
    """The row of one suggestion."""
    return [
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
    text = seen(cell)
    return "'" + text if text.lstrip().startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
