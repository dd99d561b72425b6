"""Recording a named person's decision on the ticked providers, with reasons and conflicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.drafts import DECISION, TICKED, RecordForm, form_about
from api.pages.forms import Form, SubmittedForm
from api.pages.shortlists import Related, RelatedLists, titles
from api.pages.templating import page, redirect
from api.pages.ticked import Ticked, TickedProviders
from api.service.results import Choice, Decision, DecisionOutcome, KeptShortlist
from api.service.services import Services
from matcher.core.errors import BadInput
from matcher.ranking.request import MOST

router = APIRouter()

NO_CONFLICT = (
    "None known: I have checked for actual, potential and perceived conflicts of interest."
)
_LONGEST = {"reason": 5_000, "conflict": 5_000, "by": 200, "role": 200}
_LONGEST_REASON = 2_000
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class FormChoice:
    """What the form says about one provider: ticked or not, and why.

    A provider that is not ticked is left out where there is a reason, else nothing is decided.
    `added` providers are not on the list.
    """

    provider: str
    name: str
    ticked: bool
    reason: str
    added: bool

    @property
    def outcome(self) -> DecisionOutcome | None:
        """The decision on the provider, None for none."""
        if self.ticked:
            return DecisionOutcome.INVITED
        return DecisionOutcome.LEFT_OUT if self.reason else None

    @property
    def error(self) -> str:
        """What is missing or too long, '' if nothing is."""
        if len(self.reason) > _LONGEST_REASON:
            return f"The reason for {self.name} must be {_LONGEST_REASON:,} characters or fewer"
        return f"Enter a reason for adding {self.name}" if self.added and not self.reason else ""


def _choices(
    services: Services, saved: KeptShortlist, ticked: Sequence[str], values: Mapping[str, str]
) -> list[FormChoice]:
    """The choices of a form: providers on the list by rank, then those added by hand."""
    names = {provider.id: provider.name for provider in saved.answer.suggestions}
    listed, wanted = set(names), dict.fromkeys(ticked[:MOST])
    for id_ in wanted:
        if id_ not in names:
            names[id_] = services.register.provider(id_).organisation.provider.name
    return [
        FormChoice(id_, name, id_ in wanted, values.get(f"reason-{id_}", ""), id_ not in listed)
        for id_, name in names.items()
    ]


@router.get("/lists/{id}/decision")
def decision(
    request: Request,
    id: str,  # noqa: A002 - as the address has it
    services: AppServices,
    related: Related,
    ticked: Ticked,
    form: str = "",
) -> Response:
    """The form of the decision; `form` is one that lacked something."""
    saved = services.shortlists.get(id)
    sent = form_about(DECISION, services, form, id)
    values = sent.values
    choices = _choices(services, saved, sent.fields.get("provider", ticked.ids), values)
    return page(
        request,
        "decision.html",
        saved=saved,
        answer=saved.answer,
        related=related,
        titles=titles(services, related),
        chosen=[choice for choice in choices if choice.ticked],
        others=[choice for choice in choices if not choice.ticked],
        ticked=ticked,
        form=form if sent.errors else "",
        seen=len(saved.decisions),
        values=values,
        errors=sent.errors,
    )


@router.post("/lists/{id}/decision")
def decide(request: Request, id: str, form: Form, services: AppServices) -> Response:  # noqa: A002
    """Save the decision.  A saved decision is never changed, and the same one is saved once."""
    saved, related = services.shortlists.get(id), RelatedLists.sent(id, form)
    sent = {name: form.text(name) for name in form.data}
    ticked, seen = form.all("provider"), _number(form.text("seen"))
    choices = _choices(services, saved, ticked, sent)
    values = {name: form.text(name) for name in ("reason", "conflicts", "conflict", "by", "role")}
    values["by"] = services.context.sender.person or values["by"]
    errors = dict(_choice_errors(choices)) | dict(_decision_errors(values))
    if len(ticked) > MOST:
        errors["choices"] = f"Tick at most {MOST:,} providers; {len(ticked):,} were ticked"
    kept = saved
    if not errors:
        try:
            kept = services.shortlists.decide(id, _decision(values, choices))
        except BadInput as error:
            errors = {"by": str(error)}
    if errors:
        return _shown_again(request, services, related, form, errors)
    if form.text("form"):
        DECISION.delete(services, form.text("form"))
    beside = _is_beside_another(seen, saved, kept)
    return redirect(f"/lists/{id}/kept{related.query}&decided={'beside' if beside else 'yes'}")


def _number(text: str) -> int | None:
    """How many decisions a form had seen, None where it does not say."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _is_beside_another(seen: int | None, before: KeptShortlist, after: KeptShortlist) -> bool:
    """Whether a decision was added that its form, which had `seen` so many, did not know of."""
    added = len(after.decisions) > len(before.decisions)
    return added and seen is not None and len(after.decisions) > seen + 1


def _shown_again(
    request: Request,
    services: Services,
    related: RelatedLists,
    form: SubmittedForm,
    errors: Mapping[str, str],
) -> Response:
    """The form again, with what is wrong.

    Which providers are ticked is kept besides: after the decision is saved, Back leads here, where
    the form is gone and the browser fills in only what was typed.
    """
    id_ = related.ids[related.position]
    fields = {
        name: tuple(form.all(name)) if name == "provider" else (form.text(name),)
        for name in form.data
        if name in {"provider", *_LONGEST, "conflicts"} or name.startswith("reason-")
    }
    kept = DECISION.put(services, request, form.text("form"), RecordForm(id_, fields, errors))
    ids = tuple(form.all("provider"))
    ticked = TickedProviders(TICKED.put(services, request, form.text("ticks"), ids))
    return redirect(f"/lists/{id_}/decision{related.query}{ticked.query}&form={kept}")


def _decision(values: Mapping[str, str], choices: Sequence[FormChoice]) -> Decision:
    return Decision(
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


def _choice_errors(choices: Sequence[FormChoice]) -> Iterator[tuple[str, str]]:
    if not any(choice.outcome for choice in choices):
        yield "choices", "Go back and tick a provider, or enter why you leave one out"
    for choice in choices:
        if choice.error:
            yield f"reason-{choice.provider}", choice.error


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
