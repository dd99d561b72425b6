"""The record of a saved shortlist: its decisions, rules and proof, to read, print or download."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices, charge
from api.pages.drafts import REPLAY, Replays
from api.pages.forms import Form
from api.pages.shortlists import (
    Related,
    RelatedLists,
    not_counted,
    titles,
)
from api.pages.templating import page, redirect
from api.service.results import Answer, KeptShortlist
from api.service.services import Services
from api.templating import SECURITY_HEADERS
from matcher.law.types import Rule

router = APIRouter()


@router.get("/lists/{id}/kept")
def record(
    request: Request,
    id: str,  # noqa: A002 - as the address has it
    services: AppServices,
    related: Related,
    decided: str = "",
    recorded: str = "",
    replay: str = "",
) -> Response:
    """The record of one shortlist; `replay` is the result of running its search again."""
    context = _record(services, id, related)
    found = REPLAY.get(services, replay) if replay else None
    result = found.results.get(id) if found else None
    return page(
        request,
        "record.html",
        **context,
        just_decided=bool(decided),
        beside_another=decided == "beside",
        just_recorded=bool(recorded),
        replay=result,
    )


@router.post("/lists/{id}/replay")
def replay(request: Request, id: str, form: Form, services: AppServices) -> Response:  # noqa: A002
    """Run the search again, and say whether the list is the same."""
    charge(request, services.shortlists.get(id).answer.limit)
    results = Replays({id: services.shortlists.replay(id)})
    kept = REPLAY.keep(services, request, results)
    return redirect(f"/lists/{id}/kept{RelatedLists.sent(id, form).query}&replay={kept}")


@router.get("/lists/{id}/print")
def print_view(request: Request, id: str, services: AppServices) -> Response:  # noqa: A002
    """The whole record on one plain page."""
    return page(request, "print.html", **_record(services, id, RelatedLists.of(id, "")))


def _record(services: Services, id_: str, related: RelatedLists) -> dict[str, Any]:
    saved = services.shortlists.get(id_)
    return {
        "saved": saved,
        "answer": saved.answer,
        "related": related,
        "titles": titles(services, related),
        "rules": list(_rules(services, saved.answer)),
        "names": _names(saved),
        "neutral": not_counted(services, saved.answer),
        "fictional": saved.answer.is_fictional,
    }


def _rules(services: Services, answer: Answer) -> Iterator[Rule]:
    """The rules that applied to the list."""
    known = {rule.id: rule for rule in services.matcher.rulebook.rules}
    yield from (known[id_] for id_ in answer.rule_ids if id_ in known)


def _names(saved: KeptShortlist) -> dict[str, str]:
    """The names of the providers that were listed or decided on, by id."""
    names = {provider.id: provider.name for provider in saved.answer.suggestions}
    for entry in saved.decisions:
        for choice in entry.decision.choices:
            names.setdefault(choice.provider, choice.name or choice.provider)
    return names


@router.get("/lists/{id}/export.{form}")
def export(id: str, form: Literal["csv", "xlsx"], services: AppServices) -> Response:  # noqa: A002
    """The list as a spreadsheet. A list of who to invite needs a decision first."""
    file = services.shortlists.export(id, form)
    disposition = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    headers = {**SECURITY_HEADERS, **disposition}
    return Response(file.content, media_type=file.media_type, headers=headers)
