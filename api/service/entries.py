"""Answers and decisions as entries of the records, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from api.errors import Missing
from api.records.records import (
    Entry,
    EntryKind,
    Listing,
    NewEntry,
)
from api.service.results import (
    Answer,
    Decided,
    Decision,
    DecisionOutcome,
    Saved,
    ShortlistSummary,
)

encode = msgspec.json.Encoder(order="deterministic").encode
"""Anything the desk gives, as bytes: the same content, the same bytes."""


@dataclass(frozen=True, slots=True)
class _Named:
    title: str
    description: str

    @property
    def called(self) -> str:
        return self.title or self.description[:80]


@dataclass(frozen=True, slots=True)
class _Outline:
    """As much of an answer as a list of them shows; the rest is passed over unread."""

    lot: _Named
    purpose: str
    suggestions: list[msgspec.Raw]


_outline = msgspec.json.Decoder(_Outline).decode
_answer = msgspec.json.Decoder(Answer).decode
_decision = msgspec.json.Decoder(Decision).decode
_SHOWN = {DecisionOutcome.INVITED: "invited", DecisionOutcome.CHOSEN: "chosen"}


def of_answer(answer: Answer) -> NewEntry:
    """A shortlist as an entry, and that its providers were suggested."""
    day = answer.on.isoformat()
    shown = (
        Listing(one.id, "suggested", one.rank, answer.purpose, day) for one in answer.suggestions
    )
    return NewEntry(EntryKind.SHORTLIST, answer.id, answer.id, encode(answer), tuple(shown))


def of_decision(saved: Saved, decision: Decision, day: str) -> NewEntry:
    """A decision as an entry, and that its providers were invited or chosen."""
    ranks = {one.id: one.rank for one in saved.answer.suggestions}
    shown = (
        Listing(c.provider, _SHOWN[c.outcome], ranks.get(c.provider), saved.answer.purpose, day)
        for c in decision.choices
        if c.outcome in _SHOWN
    )
    number = len(saved.decisions) + 1
    return NewEntry(
        EntryKind.DECISION, f"{saved.id}.{number}", saved.id, encode(decision), tuple(shown)
    )


def answer_of(entry: Entry) -> Answer:
    """The shortlist that an entry keeps."""
    return _answer(body(entry))


def saved(id_: str, entries: Iterable[Entry]) -> Saved:
    """The shortlist kept under an id, out of all entries about it, oldest first.

    Raises Missing where there is none, or its time to be kept has passed.
    """
    held = list(entries)
    first = next((entry for entry in held if entry.kind is EntryKind.SHORTLIST), None)
    if first is None:
        raise Missing(f"no shortlist {id_!r} is kept here; its id came with the answer")
    return Saved(
        id=id_,
        at=first.at,
        seq=first.seq,
        answer=answer_of(first),
        decisions=decisions(held),
        hash=first.hash,
    )


def decisions(entries: Iterable[Entry]) -> tuple[Decided, ...]:
    """The decisions among entries."""
    return tuple(
        Decided(entry.id, entry.at, _decision(body(entry)))
        for entry in entries
        if entry.kind is EntryKind.DECISION and entry.body is not None
    )


def title(entry: Entry) -> str:
    """The title of the lot that a shortlist is for; '' where its body was taken away."""
    return _outline(entry.body).lot.called if entry.body is not None else ""


def brief(entry: Entry, decided: int) -> ShortlistSummary:
    """A kept shortlist in one line; `decided` is how many decisions there are on it."""
    outline = _outline(body(entry))
    return ShortlistSummary(
        id=entry.id,
        seq=entry.seq,
        at=entry.at,
        title=outline.lot.called,
        purpose=outline.purpose,
        suggested=len(outline.suggestions),
        decisions=decided,
    )


def body(entry: Entry) -> bytes:
    """What the entry says.  Raises Missing where it was taken away."""
    if entry.body is None:
        raise Missing(
            f"{entry.kind.value} {entry.id} was removed from the records once it had been kept "
            "long enough"
        )
    return entry.body
