"""Taking an organisation's fields out of kept answers and decisions.

Rank, score and what each feature added stay, under a pseudonym, so that the list can still be
defended; name, place, size, income, words and past contracts go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import msgspec

from api.answer import Answer, Choice, Decision
from api.entries import encode
from api.records import Kind
from matcher.suppression import NAME
from matcher.types import Reason, Suggestion

_answer = msgspec.json.Decoder(Answer).decode
_decision = msgspec.json.Decoder(Decision).decode


def without(ids: Collection[str], pseudonym: str) -> Callable[[Kind, bytes], bytes]:
    """A change of bodies: the organisation with any of `ids` is then called `pseudonym`."""
    quoted = [f'"{id_}"'.encode() for id_ in ids]

    def change(kind: Kind, body: bytes) -> bytes:
        if not any(id_ in body for id_ in quoted):
            return body
        if kind is Kind.SHORTLIST:
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
