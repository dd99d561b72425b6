"""Choosing providers, and recording a named person's decision with reasons and conflicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.forms import Form, SubmittedForm
from api.pages.shortlists import RelatedLists, show, titles
from api.pages.templating import page, redirect
from api.service.results import (
    Choice,
    Decision,
    DecisionOutcome,
    KeptShortlist,
)
from api.service.services import Services
from matcher.core.errors import BadInput

router = APIRouter()

NO_CONFLICT = (
    "None known: I have checked for actual, potential and perceived conflicts of interest."
)
_LONGEST = {"reason": 5_000, "conflict": 5_000, "by": 200, "role": 200}
_LONGEST_REASON = 2_000
_MOST_CHOICES = 200


@dataclass(frozen=True, slots=True)
class FormChoice:
    """What the officer chose for one provider. `added` providers are not on the list."""

    provider: str
    name: str
    outcome: DecisionOutcome | None
    reason: str
    added: bool

    @property
    def error(self) -> str:
        """What is missing or too long, '' if nothing is."""
        if len(self.reason) > _LONGEST_REASON:
            return f"The reason for {self.name} must be {_LONGEST_REASON:,} characters or fewer"
        if self.reason or not self.outcome:
            return ""
        if self.outcome is DecisionOutcome.LEFT_OUT:
            return f"Enter a reason for leaving out {self.name}"
        return f"Enter a reason for adding {self.name}" if self.added else ""


def _choices(services: Services, saved: KeptShortlist, form: SubmittedForm) -> list[FormChoice]:
    """The choices of a form: providers on the list by rank, then those added by hand."""
    names = {provider.id: provider.name for provider in saved.answer.suggestions}
    listed = set(names)
    for id_ in form.all("add")[:_MOST_CHOICES]:
        names.setdefault(id_, services.register.provider(id_).organisation.provider.name)
    return [
        FormChoice(
            provider=id_,
            name=name,
            outcome=_outcome(form.text(f"choice-{id_}")),
            reason=form.text(f"reason-{id_}"),
            added=id_ not in listed,
        )
        for id_, name in names.items()
    ]


def _outcome(value: str) -> DecisionOutcome | None:
    allowed = {DecisionOutcome.INVITED, DecisionOutcome.LEFT_OUT}
    return DecisionOutcome(value) if value in allowed else None


@router.post("/lists/{id}/choices")
def choose(request: Request, id: str, form: Form, services: AppServices) -> Response:  # noqa: A002
    """Show the decision form; or the list again if a choice lacks its reason."""
    saved, related = services.shortlists.get(id), RelatedLists.of(id, form.text("lots"))
    choices = _choices(services, saved, form)
    errors = dict(_choice_errors(choices))
    if errors:
        by_provider = {choice.provider: choice for choice in choices}
        added = [choice.provider for choice in choices if choice.added]
        return show(
            request, services, saved, related, added=added, choices=by_provider, errors=errors
        )
    return _decision_form(request, services, saved, related, choices, {}, {})


def _choice_errors(choices: Sequence[FormChoice]) -> Iterator[tuple[str, str]]:
    if not any(choice.outcome for choice in choices):
        yield "choices", "Select at least one provider to include or to leave out"
    for choice in choices:
        if choice.error:
            yield f"reason-{choice.provider}", choice.error


def _decision_form(
    request: Request,
    services: Services,
    saved: KeptShortlist,
    related: RelatedLists,
    choices: Sequence[FormChoice],
    values: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    return page(
        request,
        "decision.html",
        status=422 if errors else 200,
        saved=saved,
        answer=saved.answer,
        related=related,
        titles=titles(services, related),
        choices=[choice for choice in choices if choice.outcome],
        undecided=[choice for choice in choices if not choice.outcome],
        values=values,
        errors=errors,
    )


@router.post("/lists/{id}/decision")
def decide(request: Request, id: str, form: Form, services: AppServices) -> Response:  # noqa: A002
    """Save the decision. A saved decision is never changed."""
    saved, related = services.shortlists.get(id), RelatedLists.of(id, form.text("lots"))
    choices = _choices(services, saved, form)
    values = {name: form.text(name) for name in ("reason", "conflicts", "conflict", "by", "role")}
    errors = dict(_choice_errors(choices)) | dict(_decision_errors(values))
    if errors:
        return _decision_form(request, services, saved, related, choices, values, errors)
    decision = Decision(
        by=values["by"],
        role=values["role"],
        reason=values["reason"],
        conflicts=values["conflict"] if values["conflicts"] == "some" else NO_CONFLICT,
        choices=tuple(
            Choice(choice.provider, choice.outcome, choice.reason)
            for choice in choices
            if choice.outcome
        ),
    )
    try:
        services.shortlists.decide(id, decision)
    except BadInput as error:
        errors = {"by": str(error)}
        return _decision_form(request, services, saved, related, choices, values, errors)
    return redirect(f"/lists/{id}/kept{related.query}&decided=yes")


def _decision_errors(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with the form, in the order of its fields."""
    if not values["reason"]:
        yield "reason", "Enter why you made this choice"
    if values["conflicts"] not in {"none", "some"}:
        yield "conflicts", "Select whether there is a conflict of interest"
    if values["conflicts"] == "some" and not values["conflict"]:
        yield "conflict", "Enter what the conflict of interest is and what you are doing about it"
    if not values["by"]:
        yield "by", "Enter the name of the person who decides"
    if not values["role"]:
        yield "role", "Enter the role of the person who decides"
    for name, longest in _LONGEST.items():
        if len(values[name]) > longest:
            yield name, f"This must be {longest:,} characters or fewer"
