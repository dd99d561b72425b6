"""What became of the providers of a shortlist: checked before it is kept, read from notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from api.service.own_ids import own_ids
from api.service.results import KeptShortlist, ProviderOutcome, RecordedOutcome
from matcher.core.errors import BadInput
from matcher.core.identifiers import notice_key
from matcher.core.redaction import without_contacts
from matcher.register.register import Register

_LONGEST = 5000


@dataclass(frozen=True, slots=True)
class NoticeAward:
    """An award in the register: the lot's title, the day, and the winners as (id, name)."""

    id: str
    title: str
    day: date
    winners: tuple[tuple[str, str], ...]


def awards_of_notice(register: Register, ocid: str) -> Sequence[NoticeAward]:
    """The awards of a procurement that the register knows, oldest first; none for ''."""
    if not ocid.strip():
        return []
    notices = register.columns.award_notice[: register.known_awards]
    numbers = np.flatnonzero(notices == np.uint64(notice_key(ocid.strip())))
    return [_award(register, int(number)) for number in numbers]


def _award(register: Register, number: int) -> NoticeAward:
    award = register.awards[number]
    winners = (register.organisations[int(row)].provider for row in register.winners.of(number))
    named = tuple((winner.id, winner.name) for winner in winners)
    return NoticeAward(award.id, award.lot.title, award.day, named)


def checked_outcome(
    outcome: RecordedOutcome, kept: KeptShortlist, register: Register
) -> RecordedOutcome:
    """The outcome as it is kept: with the ids of the list, with names, without contact details.

    Raises BadInput naming the field that is missing or wrong.
    """
    if not outcome.by.strip():
        raise BadInput("by: is missing; give the name of the person who records the outcome")
    if not outcome.results:
        raise BadInput("results: is empty; say for at least one provider what became of it")
    for field, text in (("by", outcome.by), ("note", outcome.note), ("notice", outcome.notice)):
        if len(text) > _LONGEST:
            raise BadInput(f"{field}: is {len(text):,} characters long; give at most {_LONGEST:,}")
    names = {suggestion.id: "" for suggestion in kept.answer.suggestions}
    names |= {c.provider: c.name for each in kept.decisions for c in each.decision.choices}
    own = own_ids("results", (each.provider for each in outcome.results), names, register)
    results = (replace(each, provider=own[each.provider]) for each in outcome.results)
    return replace(
        outcome,
        note=without_contacts(outcome.note),
        results=tuple(_result(each, names, register) for each in results),
    )


def _result(each: ProviderOutcome, names: dict[str, str], register: Register) -> ProviderOutcome:
    if len(each.reason) > _LONGEST:
        raise BadInput(f"results: the reason for {each.provider} is longer than {_LONGEST:,}")
    if each.provider in names:
        name = names[each.provider]
    else:
        row = register.row(each.provider)
        if row is None:
            raise BadInput(f"results: no provider {each.provider!r} is on the list or known")
        name = register.organisations[row].provider.name
    return replace(each, name=name, reason=without_contacts(each.reason))
