"""Shortlists as rows of cells, safe for a terminal and for a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from unicodedata import category, normalize

from matcher.ranking.shortlist import Shortlist, Suggestion

COLUMNS = (
    "lot",
    "lot_title",
    "purpose",
    "rank",
    "id",
    "name",
    "kind",
    "body",
    "match",
    "relevance",
    "score",
    "probability",
    "size",
    "income",
    "km_in_a_straight_line",
    "across_water",
    "postcode",
    "place_evidence",
    "reasons",
    "nearest_words",
    "matched_words",
    "past_contracts",
    "not_known",
    "related",
    "rules",
    "seed",
    "bundle",
    "register",
)
_OPERATORS = frozenset("=+-@−")
_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"})
_UNSEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that show nothing."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """The text without characters that a terminal obeys: control and direction characters."""
    return _CONTROL.sub("", text)


def rows(shortlist: Shortlist) -> Iterator[list[object]]:
    """One row for each suggestion, in the order of COLUMNS."""
    for suggestion in shortlist.suggestions:
        yield row(shortlist, suggestion)


def row(shortlist: Shortlist, suggestion: Suggestion) -> list[object]:
    """The row of one suggestion."""
    return [
        shortlist.lot.id,
        shortlist.lot.title,
        shortlist.purpose,
        suggestion.rank,
        suggestion.id,
        suggestion.name,
        suggestion.kind,
        suggestion.body,
        suggestion.mark,
        suggestion.relevance,
        suggestion.score,
        suggestion.probability,
        suggestion.size,
        suggestion.income,
        suggestion.km,
        suggestion.across,
        suggestion.postcode,
        suggestion.place_evidence,
        " | ".join(f"{r.contribution:.3f} {r.name}: {r.words}" for r in suggestion.reasons),
        f"{suggestion.quote.words} ({suggestion.quote.source})" if suggestion.quote else "",
        "; ".join(f"{m.asked} = {m.found} ({m.where})" for m in suggestion.matches),
        "; ".join(f"{c.day} {c.title}" for c in suggestion.past),
        "; ".join(suggestion.unknown),
        "; ".join(f"{other.relation} {other.name} ({other.id})" for other in suggestion.related),
        " ".join(shortlist.rule_ids),
        shortlist.seed,
        shortlist.model,
        shortlist.register,
    ]


def safe(row: Iterable[object]) -> list[object]:
    """The row with cells that a spreadsheet reads as text, never as a formula."""
    return [_safe(cell) for cell in row]


def _safe(cell: object) -> object:
    if not isinstance(cell, str):
        return "" if cell is None else cell
    text = visible(cell)
    return "'" + text if _like_formula(text) and not _is_number(text) else text


def _like_formula(text: str) -> bool:
    """Whether the first character that can be seen is an operator, in whatever width."""
    seen = (c for c in text if c not in _UNSEEN and category(c) not in _UNSEEN_KINDS)
    return normalize("NFKC", next(seen, ""))[:1] in _OPERATORS


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
