"""Answers and decisions as entries of the records, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import msgspec

from api.errors import Missing
from api.records.entry import Entry, EntryKind, Listing, NewEntry, digest, once_each
from api.records.records import Records
from api.service.results import (
    Answer,
    Decision,
    DecisionOutcome,
    KeptDecision,
    KeptOutcome,
    KeptShortlist,
    RecordedOutcome,
    ShortlistSummary,
)
from matcher.core.types import Provider
from matcher.market.market import Market
from matcher.ranking.request import Request
from matcher.register.current_snapshot import current_name
from matcher.register.register import Register
from matcher.register.unfinished import Removal

_T = TypeVar("_T")
_Read = TypeVar("_Read", bound=Answer | Market)

encode = msgspec.json.Encoder(order="deterministic").encode
"""Any answer of a service as bytes: the same content gives the same bytes."""


def answer_id(*parts: object) -> str:
    """The id of an answer, from what was asked and the versions of what answered it."""
    return digest(encode(parts))[:24]


@dataclass(frozen=True, slots=True)
class LotHeading:
    """As much of a lot as a list of answers shows."""

    title: str
    description: str
    value: float | None = None

    @property
    def label(self) -> str:
        """The title, or the beginning of the description."""
        return self.title or self.description[:80]


@dataclass(frozen=True, slots=True)
class _Outline:
    """As much of a shortlist as a list of shortlists shows; the rest is not decoded."""

    lot: LotHeading
    purpose: str
    place: str
    place_source: str
    scope: str
    request: Request
    suggestions: list[msgspec.Raw]


_decode_outline = msgspec.json.Decoder(_Outline).decode
decode_answer = msgspec.json.Decoder(Answer).decode
"""A shortlist from its bytes."""
decode_decision = msgspec.json.Decoder(Decision).decode
decode_outcome = msgspec.json.Decoder(RecordedOutcome).decode
_EVENTS = {DecisionOutcome.INVITED: "invited", DecisionOutcome.CHOSEN: "chosen"}


def keep(
    records: Records, answers: Sequence[tuple[_T, NewEntry]], decode: Callable[[bytes], _T]
) -> list[_T]:
    """Keep answers, each given with its entry; returns what is kept under each id.

    The first answer under an id stands, so that the same request gives the same bytes after an
    upgrade of this software as well.
    """
    bodies = records.append([entry for _, entry in answers])
    return [
        answer if body == entry.body else decode(body)
        for (answer, entry), body in zip(answers, bodies, strict=True)
    ]


def as_then(now: _Read, then: Answer | Market) -> _Read:
    """An answer of now, which says what the lot was read as only where the one kept before does."""
    return now if then.read_as else replace(now, read_as=())


def shortlist_entry(answer: Answer, register: Register | None = None) -> NewEntry:
    """A shortlist as an entry, with a listing for each provider that it suggests.

    `register` is that which it was computed from, as it was then.
    """
    ids = {
        *(suggestion.id for suggestion in answer.suggestions),
        *(other.id for suggestion in answer.suggestions for other in suggestion.related),
        *(withheld.provider for withheld in answer.request.withheld),
    }
    listings = _suggested(answer)
    return NewEntry(
        EntryKind.SHORTLIST,
        answer.id,
        answer.id,
        encode(answer),
        listings,
        tuple(sorted(ids)),
        None if register is None else partial(named_in, answer, register),
    )


def decision_entry(kept: KeptShortlist, decision: Decision) -> NewEntry:
    """A decision as an entry, with a listing for each provider invited or chosen.

    It has no id yet: the records number it when they write it.
    """
    ids = tuple(choice.provider for choice in decision.choices)
    listings = _decided(kept.answer, decision)
    return NewEntry(EntryKind.DECISION, None, kept.id, encode(decision), listings, ids)


def outcome_entry(kept: KeptShortlist, outcome: RecordedOutcome) -> NewEntry:
    """An outcome as an entry, with a listing for each provider in it.

    It has no id yet: the records number it when they write it.
    """
    ids = tuple(each.provider for each in outcome.results)
    listings = _became(kept.answer, outcome)
    return NewEntry(EntryKind.OUTCOME, None, kept.id, encode(outcome), listings, ids)


def listings_of(
    kind: EntryKind, body: bytes, shortlist: Callable[[], bytes]
) -> tuple[Listing, ...]:
    """The listings that an entry's body gives, to compare with the exposure that is kept.

    `shortlist` gives the body of the shortlist that a decision or an outcome is about.
    Raises ValueError or msgspec.MsgspecError where the body is not one of this kind.
    """
    if kind is EntryKind.SHORTLIST:
        return once_each(_suggested(decode_answer(body)))
    if kind is EntryKind.DECISION:
        return once_each(_decided(decode_answer(shortlist()), decode_decision(body)))
    if kind is EntryKind.OUTCOME:
        return once_each(_became(decode_answer(shortlist()), decode_outcome(body)))
    msgspec.json.decode(body)
    return ()


def _suggested(answer: Answer) -> tuple[Listing, ...]:
    day = answer.on.isoformat()
    return tuple(
        Listing(suggestion.id, "suggested", suggestion.rank, answer.purpose, day)
        for suggestion in answer.suggestions
    )


def _ranks(answer: Answer) -> dict[str, int]:
    """Provider → rank: the best one of a removed organisation that had two."""
    return {suggestion.id: suggestion.rank for suggestion in reversed(answer.suggestions)}


def _decided(answer: Answer, decision: Decision) -> tuple[Listing, ...]:
    ranks = _ranks(answer)
    return tuple(
        Listing(
            choice.provider,
            _EVENTS[choice.outcome],
            ranks.get(choice.provider),
            answer.purpose,
            day="",
        )
        for choice in decision.choices
        if choice.outcome in _EVENTS
    )


def _became(answer: Answer, outcome: RecordedOutcome) -> tuple[Listing, ...]:
    ranks = _ranks(answer)
    return tuple(
        Listing(each.provider, each.result.value, ranks.get(each.provider), answer.purpose, day="")
        for each in outcome.results
    )


def shortlist_in(entries: Iterable[Entry], id_: str) -> Entry:
    """The newest entry of a shortlist that still has its body; without one, the newest.

    Raises Missing where there is none.
    """
    of_kind = [entry for entry in entries if entry.kind is EntryKind.SHORTLIST]
    if not of_kind:
        raise Missing(f"no shortlist {id_!r} is kept here; its id came with the answer")
    return ([entry for entry in of_kind if entry.body is not None] or of_kind)[-1]


def kept_answer(entry: Entry) -> Answer:
    """The shortlist in an entry."""
    return decode_answer(body(entry))


def kept_shortlist(id_: str, entries: Iterable[Entry]) -> KeptShortlist:
    """The shortlist kept under an id, from all entries about it, oldest first.

    Raises Missing where there is none, or where it was removed by pruning.
    """
    about = list(entries)
    entry = shortlist_in(about, id_)
    return KeptShortlist(
        id=id_,
        at=entry.at,
        seq=entry.seq,
        answer=kept_answer(entry),
        decisions=kept_decisions(about),
        hash=entry.hash,
        outcomes=tuple(
            KeptOutcome(each.id, each.at, decode_outcome(body(each)))
            for each in about
            if each.kind is EntryKind.OUTCOME and each.body is not None
        ),
    )


def kept_decisions(entries: Iterable[Entry]) -> tuple[KeptDecision, ...]:
    """The decisions among entries."""
    return tuple(
        KeptDecision(entry.id, entry.at, decode_decision(body(entry)), bool(entry.person))
        for entry in entries
        if entry.kind is EntryKind.DECISION and entry.body is not None
    )


def title(entry: Entry) -> str:
    """The title of the lot that a shortlist is for; '' where its body was removed."""
    return _decode_outline(entry.body).lot.label if entry.body is not None else ""


def summary(entry: Entry, decisions: int) -> ShortlistSummary:
    """A kept shortlist in one line; `decisions` is the number of decisions on it."""
    outline = _decode_outline(body(entry))
    unplaced = outline.place_source == "unknown"
    return ShortlistSummary(
        id=entry.id,
        seq=entry.seq,
        at=entry.at,
        title=outline.lot.label,
        purpose=outline.purpose,
        place="" if unplaced else f"{outline.place} ({outline.place_source})",
        value=outline.lot.value,
        scope=outline.scope,
        request=replace(outline.request, withheld=()),
        suggested=len(outline.suggestions),
        decisions=decisions,
    )


def body(entry: Entry) -> bytes:
    """The body of an entry.  Raises Missing where it was removed by pruning."""
    if entry.body is None:
        raise Missing(
            f"{entry.kind.value} {entry.id} was removed from the records once it had been kept "
            "long enough"
        )
    return entry.body


@dataclass(frozen=True, slots=True)
class _AwardId:
    """As much of an award as is read to find the contracts that an answer shows."""

    id: str


def named_in(answer: Answer, register: Register) -> Mapping[str, Sequence[Provider]]:
    """The records of those on a list, and of the winners of the contracts that it shows, by id.

    `register` is as it was when the answer was computed.  None is read as long as it is in force
    and nobody is being removed from it: then it has nobody who was removed.
    """
    path, snapshot = register.folder.parent, register.folder.name
    if current_name(path) == snapshot and Removal.of(path).snapshot != snapshot:
        return {}
    listed = {row for one in answer.suggestions if (row := register.row(one.id)) is not None}
    shown = {past.id for one in answer.suggestions for past in one.past}
    ids = register.awards.read_as(_AwardId)
    won = {number for row in listed for number in register.won.of(row).tolist()}
    beside = {
        row
        for number in won
        if ids[number].id in shown
        for row in register.winners.of(number).tolist()
    }
    organisations = (register.organisations[row] for row in sorted(listed | beside))
    return {each.provider.id: each.records for each in organisations}
