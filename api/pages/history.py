"""Past shortlists, and how often each provider was listed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.drafts import REPLAY, Replays
from api.pages.forms import Form
from api.pages.templating import page, redirect
from api.records.exposure import Exposure
from api.service.services import Services
from matcher.law.types import Purpose

router = APIRouter()

PAGE_SIZE = 20
"""How many shortlists one page shows."""


@router.get("/past")
def history(
    request: Request,
    services: AppServices,
    q: str = "",
    before: int | None = None,
    replay: str = "",
) -> Response:
    """The saved shortlists, newest first; `replay` is the result of running some again."""
    query = q.strip()
    again = REPLAY.get(services, replay) if replay else None
    replays = again.results if again else {}
    found = list(services.shortlists.recent(PAGE_SIZE + 1, before=before, containing=query[:200]))
    rows = found[:PAGE_SIZE]
    more = rows[-1].seq if len(found) > PAGE_SIZE else None
    return page(
        request,
        "history.html",
        query=query,
        before=before,
        rows=rows,
        more=more,
        replays=replays,
    )


@router.post("/past/replay")
def replay(request: Request, form: Form, services: AppServices) -> Response:
    """Run the searches of the shortlists shown again, and say which lists are the same."""
    results = Replays({id_: services.shortlists.replay(id_) for id_ in form.all("id")[:PAGE_SIZE]})
    kept = REPLAY.keep(services, request, results)
    fields = {"q": form.text("q"), "before": form.text("before"), "replay": kept}
    return redirect(f"/past?{urlencode({name: each for name, each in fields.items() if each})}")


@dataclass(frozen=True, slots=True)
class ProviderExposure:
    """How often one provider was listed, invited and chosen.

    `new` is true if the register holds no contract of the provider.
    """

    new: bool
    counts: Exposure


@router.get("/exposure")
def exposure(
    request: Request, services: AppServices, since: str = "", until: str = "", purpose: str = ""
) -> Response:
    """How often each provider was listed, invited and chosen, and what keeps the order fair."""
    errors = {
        name: "Enter a day such as 2026-04-01, or leave this empty"
        for name, text in (("since", since), ("until", until))
        if text and _day(text) is None
    }
    purpose = purpose if purpose in set(Purpose) else ""
    counts = (
        []
        if errors
        else services.register.exposure(since=_day(since), until=_day(until), purpose=purpose)
    )
    rows = [_with_newness(services, exposure) for exposure in counts]
    rankers = services.matcher.bundle.rankers.values()
    return page(
        request,
        "exposure.html",
        status=422 if errors else 200,
        errors=errors,
        since=since,
        until=until,
        purpose=purpose,
        rows=rows,
        places=sum(row.counts.suggested for row in rows),
        top_five=sum(row.counts.suggested for row in rows[:5]),
        without_contract=sum(row.counts.suggested for row in rows if row.new),
        fairness=next((ranker.fairness for ranker in rankers if ranker.fairness), None),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _with_newness(services: Services, counts: Exposure) -> ProviderExposure:
    register = services.matcher.register
    row = register.row(counts.provider)
    return ProviderExposure(row is not None and not len(register.won.of(row)), counts)
