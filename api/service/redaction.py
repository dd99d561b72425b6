"""Removing an organisation's fields from the bodies of entries.

Rank, score and the contribution of each feature stay, under a pseudonym, so that the list can
still be explained.  Everything else is removed.  What was said of it under two of its ids is said
once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from api.records.entry import EntryKind
from api.service.entries import decode_answer, decode_decision, decode_outcome, encode
from api.service.results import Answer, Choice, Decision, RecordedOutcome
from matcher.core.types import Provider
from matcher.ranking.shortlist import Reason, Suggestion
from matcher.register.build.suppression_list import (
    NAME,
    by_rare_names,
    without_names,
    written_names,
)


def without(
    ids: Collection[str], pseudonym: str, records: Iterable[Provider] = ()
) -> Callable[[EntryKind, bytes], bytes]:
    """A function that replaces the organisation with any of `ids` by `pseudonym` in a body.

    With its `records`, the title of a contract that others won with it does not name it either,
    where its name is rare.
    """
    quoted = [encode(id_) for id_ in ids]
    named = [each for record in records if (each := by_rare_names(record))]
    names = {name.casefold() for record in named for name in written_names(record)}

    def change(kind: EntryKind, body: bytes) -> bytes:
        known = any(id_ in body for id_ in quoted)
        if kind is EntryKind.SHORTLIST and (known or _says(body, names)):
            answer = decode_answer(body)
            unnamed = tuple(_unnamed(one, named) for one in answer.suggestions)
            if not known and unnamed == answer.suggestions:
                return body  # it is the officer who says the name
            return encode(_without(replace(answer, suggestions=unnamed), ids, pseudonym))
        if not known:
            return body
        if kind is EntryKind.OUTCOME:
            return encode(_unrecorded(decode_outcome(body), ids, pseudonym))
        return encode(_undecided(decode_decision(body), ids, pseudonym))

    return change


def _says(body: bytes, names: Collection[str]) -> bool:
    text = body.decode().casefold() if names else ""
    return any(name in text for name in names)


def _unnamed(suggestion: Suggestion, records: Iterable[Provider]) -> Suggestion:
    """The suggestion, in which no contract and no reason says these names."""

    def said(text: str) -> str:
        for record in records:
            text = without_names(record, text)
        return text

    return replace(
        suggestion,
        reasons=tuple(replace(one, words=said(one.words)) for one in suggestion.reasons),
        past=tuple(replace(one, title=said(one.title)) for one in suggestion.past),
    )


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
