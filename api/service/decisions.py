"""Checks a decision before it is kept."""

from __future__ import annotations

from dataclasses import replace

from api.service.own_ids import own_ids
from api.service.results import (
    Choice,
    Decision,
    DecisionOutcome,
    KeptShortlist,
)
from matcher.core.errors import BadInput
from matcher.core.redaction import without_contacts
from matcher.register.build.suppression_list import NAME
from matcher.register.register import Register

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
