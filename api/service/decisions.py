"""What people say of a shortlist, checked before it is kept: decisions, and what came of them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from api.service.results import (
    Choice,
    Decision,
    DecisionOutcome,
    KeptShortlist,
    ProviderOutcome,
    RecordedOutcome,
)
from matcher.core.errors import BadInput
from matcher.core.identifiers import notice_key
from matcher.core.redaction import without_contacts
from matcher.register.build.suppression_list import NAME
from matcher.register.columns import ids_of
from matcher.register.register import Register


def own_ids(
    field: str, sent: Iterable[str], listed: Container[str], register: Register
) -> dict[str, str]:
    """Each id that was sent → the one that the list, or else the register, has for it.

    An id that neither has stays as it is.  Raises BadInput naming `field` for an organisation that
    is named twice, by one id or by two of its ids.
    """
    own: dict[str, str] = {}
    named: dict[str, str] = {}
    for id_ in sent:
        found = _own_id(id_, listed, register)
        before = named.setdefault(found, id_)
        if id_ in own:
            raise BadInput(f"{field}: {id_} is there twice; give one for each provider")
        if before != id_:
            raise BadInput(
                f"{field}: {before} and {id_} are one organisation; give one for each provider"
            )
        own[id_] = found
    return own


def _own_id(id_: str, listed: Container[str], register: Register) -> str:
    if id_ in listed or (row := register.row(id_)) is None:
        return id_
    organisation = register.organisations[row]
    on_list = (each for each in ids_of(organisation) if each in listed)
    return next(on_list, organisation.provider.id)


_LONGEST = 5000
_LEFT_OUT = DecisionOutcome.LEFT_OUT


def checked(decision: Decision, kept: KeptShortlist, register: Register) -> Decision:
    """The decision as it is kept: with the ids of the list, without contact details in its reasons.

    Raises BadInput naming the field that is missing or wrong.
    """
    for field, what in (
        ("by", "the name of the person who decides"),
        ("reason", "why this was decided"),
        ("conflicts", "which conflicts of interest were declared, or 'none'"),
    ):
        _check_text(field, getattr(decision, field), what)
    if not decision.choices:
        raise BadInput("choices: is empty; say for at least one provider what was decided")
    listed = {suggestion.id: suggestion.name for suggestion in kept.answer.suggestions}
    own = own_ids("choices", (c.provider for c in decision.choices), listed, register)
    choices = (replace(choice, provider=own[choice.provider]) for choice in decision.choices)
    return replace(
        decision,
        reason=without_contacts(decision.reason),
        conflicts=without_contacts(decision.conflicts),
        choices=tuple(_choice(choice, listed, register) for choice in choices),
    )


def _check_text(field: str, value: str, what: str) -> None:
    if not value.strip():
        raise BadInput(f"{field}: is missing; give {what}")
    _check_length(field, value)


def _check_length(field: str, value: str) -> None:
    if len(value) > _LONGEST:
        raise BadInput(f"{field}: is {len(value):,} characters long; give at most {_LONGEST:,}")


def _choice(choice: Choice, listed: dict[str, str], register: Register) -> Choice:
    on_list = choice.provider in listed
    name = "" if on_list else _name(choice.provider, register)
    if on_list and listed[choice.provider] == NAME and choice.outcome is not _LEFT_OUT:
        raise BadInput(
            f"choices: {choice.provider} was removed at its own request; it can only be left out"
        )
    if choice.outcome is _LEFT_OUT and not on_list:
        raise BadInput(f"choices: {choice.provider} is not on the list, so it cannot be left out")
    if not choice.reason.strip() and (choice.outcome is _LEFT_OUT or not on_list):
        why = "is left out" if on_list else "is not on the list"
        raise BadInput(f"choices: {choice.provider} {why}; give a reason for it")
    return replace(choice, name=name, reason=without_contacts(choice.reason))


def _name(org_id: str, register: Register) -> str:
    """The name of a provider that is not on the list.  Raises BadInput where it cannot be."""
    row = register.row(org_id)
    if row is None:
        raise BadInput(f"choices: no provider {org_id!r} is on the list or in the register")
    provider = register.organisations[row].provider
    if not provider.status.may_rank:
        raise BadInput(f"choices: {org_id} is {provider.status.value}; it cannot be invited")
    return provider.name


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
    for field in ("by", "note", "notice"):
        _check_length(field, getattr(outcome, field))
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
