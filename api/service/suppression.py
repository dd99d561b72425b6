"""Suppressing an organisation: taking its fields out of records and register.

Rank, score and what each feature added stay, under a pseudonym, so that the list can still be
defended; name, place, size, income, words and past contracts go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import msgspec

from api.records.entry import EntryKind, Removal
from api.records.records import Records
from api.service.entries import encode
from api.service.results import (
    Answer,
    Choice,
    Decision,
    Suppressed,
)
from matcher.core.errors import BadInput
from matcher.ranking.shortlist import Reason, Suggestion
from matcher.register.build import erase
from matcher.register.build.suppression_list import NAME, pseudonym
from matcher.register.register import Register

_answer = msgspec.json.Decoder(Answer).decode
_decision = msgspec.json.Decoder(Decision).decode


def suppress(records: Records, register: Register, id_: str, *, by: str, why: str) -> Suppressed:
    """Take an organisation out of the records and the register, and record that it was done.

    Raises BadInput where `by` or `why` is not said.
    """
    for name, said in (("by", by), ("why", why)):
        if not said.strip():
            raise BadInput(f"{name}: is missing; say who suppresses it, and on what ground")
    row = register.row(id_)
    known = register.organisations[row].records if row is not None else ()
    ids = {id_, *(i for record in known for i in (record.id, *record.ids))}
    stands_for = pseudonym(id_)
    told = Removal(why=why, by=by, what="an organisation's fields, at its request")
    changed = records.redact(without(ids, stands_for), told, stands_for, sorted(ids))
    # The register last: if this is cut short, doing it again finds the row and ends it.
    there = erase.suppress(register.folder.parent, id_) is not None
    return Suppressed(stands_for, changed, there)


def without(ids: Collection[str], pseudonym: str) -> Callable[[EntryKind, bytes], bytes]:
    """A change of bodies: the organisation with any of `ids` is then called `pseudonym`."""
    quoted = [f'"{id_}"'.encode() for id_ in ids]

    def change(kind: EntryKind, body: bytes) -> bytes:
        if not any(id_ in body for id_ in quoted):
            return body
        if kind is EntryKind.SHORTLIST:
            return encode(_without(_answer(body), ids, pseudonym))
        return encode(_undecided(_decision(body), ids, pseudonym))

    return change


def _without(answer: Answer, ids: Collection[str], pseudonym: str) -> Answer:
    kept = (_blank(one, pseudonym) if one.id in ids else one for one in answer.suggestions)
    return replace(answer, suggestions=tuple(kept))


def _blank(one: Suggestion, pseudonym: str) -> Suggestion:
    return replace(
        one,
        id=pseudonym,
        name=NAME,
        kind="",
        reasons=tuple(_wordless(reason) for reason in one.reasons),
        matches=(),
        past=(),
        unknown=(),
        features={},
        size="",
        income=None,
        km=None,
        postcode="",
        council="",
        place_evidence="",
        sources=(),
    )


def _wordless(reason: Reason) -> Reason:
    """The reason without its words; those of the law, which are the same for all, stay."""
    return replace(reason, words="") if reason.counted else reason


def _undecided(decision: Decision, ids: Collection[str], pseudonym: str) -> Decision:
    choices = (
        Choice(pseudonym, one.outcome, "") if one.provider in ids else one
        for one in decision.choices
    )
    return replace(decision, choices=tuple(choices))
