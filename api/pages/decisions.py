"""Choose, and decide: a named person's decision with its reasons and conflicts of interest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.forms import SubmittedForm, TheForm
from api.pages.shortlists import RelatedList, show, titles
from api.pages.templating import onward, page
from api.service.results import (
    Choice,
    Decision,
    DecisionOutcome,
    KeptShortlist,
)
from api.service.services import Services
from matcher.core.errors import BadInput

router = APIRouter()

NONE_KNOWN = "None known: I have checked for actual, potential and perceived conflicts of interest."
_LONGEST = {"by": 200, "role": 200, "reason": 5_000, "conflict": 5_000}
_MOST_CHOICES = 200


@dataclass(frozen=True, slots=True)
class FormChoice:
    """What was chosen for one provider, as the form says it."""

    provider: str
    name: str
    outcome: DecisionOutcome | None
    reason: str
    added: bool

    @property
    def wrong(self) -> str:
        """What is missing, '' where nothing is."""
        if len(self.reason) > 2_000:
            return f"The reason for {self.name} is longer than 2,000 characters: shorten it"
        if self.reason or not self.outcome:
            return ""
        if self.outcome is DecisionOutcome.LEFT_OUT:
            return f"Give a reason for leaving out {self.name}"
        return f"Give a reason for adding {self.name}" if self.added else ""


def _chosen(services: Services, saved: KeptShortlist, form: SubmittedForm) -> list[FormChoice]:
    """The choices of a form: those on the list by rank, then those added by hand."""
    names = {one.id: one.name for one in saved.answer.suggestions}
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


def _outcome(said: str) -> DecisionOutcome | None:
    return (
        DecisionOutcome(said)
        if said in {DecisionOutcome.INVITED, DecisionOutcome.LEFT_OUT}
        else None
    )


@router.post("/lists/{id}/choices")
def choose(request: Request, id: str, form: TheForm, services: AppServices) -> Response:  # noqa: A002
    """From the choices on the list to the decision; back to the list where one lacks a reason."""
    saved, among = services.shortlists.get(id), RelatedList.of(id, form.text("lots"))
    chosen = _chosen(services, saved, form)
    errors = dict(_wrong(chosen))
    if errors:
        filled = {one.provider: one for one in chosen}
        added = [one.provider for one in chosen if one.added]
        return show(request, services, saved, among, added=added, chosen=filled, errors=errors)
    return _form(request, services, saved, among, chosen, {}, {})


def _wrong(chosen: Sequence[FormChoice]) -> Iterator[tuple[str, str]]:
    if not any(one.outcome for one in chosen):
        yield "choices", "Choose at least one provider to include or to leave out"
    for one in chosen:
        if one.wrong:
            yield f"reason-{one.provider}", one.wrong


def _form(
    request: Request,
    services: Services,
    saved: KeptShortlist,
    among: RelatedList,
    chosen: Sequence[FormChoice],
    said: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    return page(
        request,
        "decide.html",
        status=422 if errors else 200,
        saved=saved,
        answer=saved.answer,
        among=among,
        titles=titles(services, among),
        chosen=[one for one in chosen if one.outcome],
        undecided=[one for one in chosen if not one.outcome],
        said=said,
        errors=errors,
    )


@router.post("/lists/{id}/decision")
def decide(request: Request, id: str, form: TheForm, services: AppServices) -> Response:  # noqa: A002
    """Keep the decision; it is appended, and never changed."""
    saved, among = services.shortlists.get(id), RelatedList.of(id, form.text("lots"))
    chosen = _chosen(services, saved, form)
    said = {name: form.text(name) for name in ("by", "role", "reason", "conflicts", "conflict")}
    errors = dict(_wrong(chosen)) | dict(_missing(said))
    if errors:
        return _form(request, services, saved, among, chosen, said, errors)
    decision = Decision(
        by=said["by"],
        role=said["role"],
        reason=said["reason"],
        conflicts=said["conflict"] if said["conflicts"] == "some" else NONE_KNOWN,
        choices=tuple(
            Choice(one.provider, one.outcome, one.reason) for one in chosen if one.outcome
        ),
    )
    try:
        services.shortlists.decide(id, decision)
    except BadInput as wrong:
        return _form(request, services, saved, among, chosen, said, {"by": str(wrong)})
    return onward(f"/lists/{id}/kept{among.query}&decided=yes")


def _missing(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not said["by"]:
        yield "by", "Give the name of the person who decides"
    if not said["role"]:
        yield "role", "Give the role of the person who decides"
    if not said["reason"]:
        yield "reason", "Say why this choice was made"
    if said["conflicts"] not in {"none", "some"}:
        yield "conflicts", "Say whether there is a conflict of interest"
    if said["conflicts"] == "some" and not said["conflict"]:
        yield "conflict", "Describe the conflict of interest and what is done about it"
    for name, most in _LONGEST.items():
        if len(said[name]) > most:
            yield name, f"This is longer than {most:,} characters: shorten it"
