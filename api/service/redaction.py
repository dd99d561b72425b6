"""Removing an organisation's fields from the bodies of entries.

Rank, score and the contribution of each feature stay, under a pseudonym, so that the list can
still be explained.  Everything else is removed.  What was said of it under two of its ids is said
once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import msgspec

from api.records.entry import EntryKind
from api.service.entries import encode
from api.service.results import Answer, Choice, Decision, RecordedOutcome
from matcher.ranking.shortlist import Reason, Suggestion
from matcher.register.build.suppression_list import NAME

_answer = msgspec.json.Decoder(Answer).decode
_decision = msgspec.json.Decoder(Decision).decode
_outcome = msgspec.json.Decoder(RecordedOutcome).decode


def without(ids: Collection[str], pseudonym: str) -> Callable[[EntryKind, bytes], bytes]:
    """A function that replaces the organisation with any of `ids` by `pseudonym` in a body."""
    quoted = [encode(id_) for id_ in ids]

    def change(kind: EntryKind, body: bytes) -> bytes:
        if not any(id_ in body for id_ in quoted):
            return body
        if kind is EntryKind.SHORTLIST:
            return encode(_without(_answer(body), ids, pseudonym))
        if kind is EntryKind.OUTCOME:
            return encode(_unrecorded(_outcome(body), ids, pseudonym))
        return encode(_undecided(_decision(body), ids, pseudonym))

    return change


def _without(answer: Answer, ids: Collection[str], pseudonym: str) -> Answer:
    kept = (
        _blank(suggestion, pseudonym) if suggestion.id in ids else _unrelated(suggestion, ids)
        for suggestion in answer.suggestions
    )
    withheld = tuple(
        replace(each, provider=pseudonym, name=NAME) if each.provider in ids else each
        for each in answer.request.withheld
    )
    request = replace(answer.request, withheld=withheld)
    return replace(answer, suggestions=tuple(kept), request=request)


def _blank(suggestion: Suggestion, pseudonym: str) -> Suggestion:
    """What stays of a suggestion: its place on the list, and the numbers that it comes from."""
    return Suggestion(
        rank=suggestion.rank,
        id=pseudonym,
        name=NAME,
        kind="",
        score=suggestion.score,
        base=suggestion.base,
        reasons=tuple(_wordless(reason) for reason in suggestion.reasons),
        contributions=suggestion.contributions,
        features={},
        matches=(),
        past=(),
        unknown=(),
        probability=suggestion.probability,
        relevance=suggestion.relevance,
        mark=suggestion.mark,
        tied_with=suggestion.tied_with,
    )


def _unrelated(suggestion: Suggestion, ids: Collection[str]) -> Suggestion:
    """Another provider's suggestion, which does not say that it is related to the organisation."""
    related = tuple(other for other in suggestion.related if other.id not in ids)
    return replace(suggestion, related=related)


def _wordless(reason: Reason) -> Reason:
    """The reason without its words; reasons from the law, the same for all providers, stay."""
    return replace(reason, words="") if reason.counted else reason


def _undecided(decision: Decision, ids: Collection[str], pseudonym: str) -> Decision:
    choices = (
        Choice(pseudonym, choice.outcome, "") if choice.provider in ids else choice
        for choice in decision.choices
    )
    return replace(decision, choices=tuple(dict.fromkeys(choices)))


def _unrecorded(outcome: RecordedOutcome, ids: Collection[str], pseudonym: str) -> RecordedOutcome:
    results = (
        replace(each, provider=pseudonym, reason="", name="") if each.provider in ids else each
        for each in outcome.results
    )
    return replace(outcome, results=tuple(dict.fromkeys(results)))
