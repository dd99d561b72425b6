"""Shorter views of a shortlist, made from the bytes that are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import msgspec
from msgspec import Raw

from matcher.core.errors import BadInput
from matcher.core.parser_words import unknown_name
from matcher.ranking.shortlist import Suggestion

View: TypeAlias = "Callable[[Raw], Any]"
"""A kept shortlist → what a client gets of it."""

_REASONS = 2
_LONGEST_REASON = 110
_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class ShortSuggestion:
    """One provider for one lot: its first reasons, each in one line."""

    rank: int
    """its place on the list, from 1"""
    id: str
    """its org-id"""
    name: str
    kind: str
    size: str
    km: float | None
    """from the lot in a straight line"""
    council: str
    """the council that it is in"""
    score: float
    """the higher, the better it fits; only scores of one list compare"""
    probability: float | None
    """that it is a credible supplier; None where unknown"""
    mark: str
    """'strong', 'possible' or 'weak'"""
    reasons: tuple[str, ...]
    """the first two"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortlistHeading:
    """A shortlist without its suggestions; `GET /v1/shortlists/{id}` has all of it."""

    id: str
    title: str
    purpose: str
    place: str
    """the council or the place that the lot is in"""
    scope: str
    """the filters in words"""
    considered: int
    """providers in scope"""
    on: str
    """the ISO day whose law applies"""
    register: str
    """the version of the register"""
    model: str
    """the version of the bundle that ranked"""
    notes: tuple[str, ...]
    """what a person should know of the answer, in words"""
    read_as: tuple[str, ...] = ()
    """the services that the lot was read as, nearest first"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortAnswer(ShortlistHeading):
    """A shortlist in a few lines."""

    suggestions: list[ShortSuggestion]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedAnswer(ShortlistHeading):
    """A shortlist with only the fields of its suggestions that were asked for."""

    suggestions: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Lot:
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class _Reason:
    words: str
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadSuggestion:
    rank: int
    id: str
    name: str
    kind: str
    score: float
    reasons: tuple[_Reason, ...]
    size: str = ""
    km: float | None = None
    council: str = ""
    probability: float | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    """What both views read of a shortlist."""

    id: str
    lot: _Lot
    purpose: str
    place: str
    scope: str
    considered: int
    on: str
    register: str
    model: str
    notes: tuple[str, ...]
    suggestions: list[Raw]
    read_as: tuple[str, ...] = ()

    def heading(self) -> dict[str, Any]:
        """The fields of `ShortlistHeading`."""
        title = self.lot.title or self.lot.description
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            **{name: own[name] for name in own if name not in {"lot", "suggestions"}},
            "title": cut(title, _LONGEST_TITLE),
        }


_read = msgspec.json.Decoder(_Read).decode
_read_suggestion = msgspec.json.Decoder(_ReadSuggestion).decode
_read_fields = msgspec.json.Decoder(dict[str, Raw]).decode


def short(kept: Raw) -> ShortAnswer:
    """The shortlist in a few lines: under 6 KB for ten providers."""
    read = _read(kept)
    return ShortAnswer(
        **read.heading(), suggestions=[_short(_read_suggestion(one)) for one in read.suggestions]
    )


def selected(names: str) -> View:
    """The view with these fields of each suggestion, separated by commas.

    Raises BadInput for a name that is not one of a suggestion's fields.
    """
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    known = [field.name for field in fields(Suggestion)]
    unknown = next((name for name in chosen if name not in known), None)
    if unknown is not None:
        raise BadInput(f"fields: {unknown[:60]!r}: {unknown_name(unknown, known)}")
    return lambda kept: _selected(kept, chosen)


def _selected(kept: Raw, names: Sequence[str]) -> SelectedAnswer:
    read = _read(kept)
    rows = [_read_fields(one) for one in read.suggestions]
    chosen = [{name: row[name] for name in names if name in row} for row in rows]
    return SelectedAnswer(**read.heading(), suggestions=chosen)


def _short(read: _ReadSuggestion) -> ShortSuggestion:
    own = {f.name: getattr(read, f.name) for f in fields(ShortSuggestion)}
    words = [reason.words for reason in read.reasons if reason.counted and reason.words]
    reasons = tuple(cut(each, _LONGEST_REASON) for each in words[:_REASONS])
    return ShortSuggestion(**{**own, "reasons": reasons})


def cut(text: str, longest: int) -> str:
    """The text in one line, cut at a space with an ellipsis where it is longer.

    >>> cut("Hot meals for older people", 16)
    'Hot meals for…'
    """
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    return line[: longest - 1].rpartition(" ")[0].rstrip(",.;") + "…"
