"""Suppressing an organisation: removing its fields from the records and the register.

Rank, score and the contribution of each feature stay, under a pseudonym, so that the list can
still be explained.  Name, place, size, income, words and past contracts are removed.
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
    """Remove an organisation from the records and the register, and record the removal.

    Raises BadInput where `by` or `why` is empty.
    """
    for name, text in (("by", by), ("why", why)):
        if not text.strip():
            raise BadInput(f"{name}: is missing; give the person who suppresses it, and the reason")
    row = register.row(id_)
    known = register.organisations[row].records if row is not None else ()
    ids = {id_, *(i for record in known for i in (record.id, *record.ids))}
    alias = pseudonym(id_)
    removal = Removal(why=why, by=by, what="an organisation's fields, at its request")
    changed = records.redact(without(ids, alias), removal, alias, sorted(ids))
    # The register comes last: after an interruption, running it again finds the row and goes on.
    in_register = erase.suppress(register.folder.parent, id_) is not None
    return Suppressed(alias, changed, in_register)


def without(ids: Collection[str], pseudonym: str) -> Callable[[EntryKind, bytes], bytes]:
    """A function that replaces the organisation with any of `ids` by `pseudonym` in a body."""
    quoted = [f'"{id_}"'.encode() for id_ in ids]

    def change(kind: EntryKind, body: bytes) -> bytes:
        if not any(id_ in body for id_ in quoted):
            return body
        if kind is EntryKind.SHORTLIST:
            return encode(_without(_answer(body), ids, pseudonym))
        return encode(_undecided(_decision(body), ids, pseudonym))

    return change


def _without(answer: Answer, ids: Collection[str], pseudonym: str) -> Answer:
    kept = (
        _blank(suggestion, pseudonym) if suggestion.id in ids else suggestion
        for suggestion in answer.suggestions
    )
    return replace(answer, suggestions=tuple(kept))


def _blank(suggestion: Suggestion, pseudonym: str) -> Suggestion:
    return replace(
        suggestion,
        id=pseudonym,
        name=NAME,
        kind="",
        reasons=tuple(_wordless(reason) for reason in suggestion.reasons),
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
    """The reason without its words; reasons from the law, the same for all providers, stay."""
    return replace(reason, words="") if reason.counted else reason


def _undecided(decision: Decision, ids: Collection[str], pseudonym: str) -> Decision:
    choices = (
        Choice(pseudonym, choice.outcome, "") if choice.provider in ids else choice
        for choice in decision.choices
    )
    return replace(decision, choices=tuple(choices))
