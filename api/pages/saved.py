"""What is kept of a shortlist: its decision, its rules, its proof, to print and to take away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.forms import TheForm
from api.pages.shortlists import (
    Lots,
    RelatedList,
    is_fictional,
    not_counted,
    titles,
)
from api.pages.templating import GUARDED, page
from api.service.results import Answer, KeptShortlist, ReplayResult
from api.service.services import Services
from matcher.law.types import Rule

router = APIRouter()


@router.get("/lists/{id}/kept")
def kept(
    request: Request,
    id: str,  # noqa: A002 - as the address has it
    services: AppServices,
    lots: Lots = "",
    decided: str = "",
) -> Response:
    """The record of one shortlist."""
    return page(
        request, "kept.html", **_record(services, id, lots), decided=bool(decided), replay=None
    )


@router.post("/lists/{id}/replay")
def replay(request: Request, id: str, form: TheForm, services: AppServices) -> Response:  # noqa: A002
    """Ask again what was asked, and say whether the answer is the same."""
    shown = _record(services, id, form.text("lots"))
    done: ReplayResult = services.shortlists.replay(id)
    return page(request, "kept.html", **shown, decided=False, replay=done)


@router.get("/lists/{id}/print")
def printed(request: Request, id: str, services: AppServices) -> Response:  # noqa: A002
    """The whole record on one plain page."""
    return page(request, "print.html", **_record(services, id, ""))


def _record(services: Services, id_: str, lots: str) -> dict[str, Any]:
    saved, among = services.shortlists.get(id_), RelatedList.of(id_, lots)
    return {
        "saved": saved,
        "answer": saved.answer,
        "among": among,
        "titles": titles(services, among),
        "rules": list(_rules(services, saved.answer)),
        "names": _names(saved),
        "neutral": not_counted(services, saved.answer),
        "fictional": is_fictional(saved.answer),
    }


def _rules(services: Services, answer: Answer) -> Iterator[Rule]:
    """The text of each rule that the list was drawn up by."""
    known = {rule.id: rule for rule in services.matcher.rulebook.rules}
    yield from (known[id_] for id_ in answer.rule_ids if id_ in known)


def _names(saved: KeptShortlist) -> dict[str, str]:
    """The names of the providers that were listed or decided on, by id."""
    names = {one.id: one.name for one in saved.answer.suggestions}
    for one in saved.decisions:
        for choice in one.decision.choices:
            names.setdefault(choice.provider, choice.name or choice.provider)
    return names


@router.get("/lists/{id}/export.{form}")
def export(id: str, form: Literal["csv", "xlsx"], services: AppServices) -> Response:  # noqa: A002
    """The list as a spreadsheet; a list of whom to invite needs a decision first."""
    made = services.shortlists.export(id, form)
    named = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type=made.media_type, headers={**GUARDED, **named})
