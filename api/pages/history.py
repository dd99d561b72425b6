"""Past shortlists, whether they still come out the same, and who was suggested how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.forms import TheForm
from api.pages.templating import page
from api.records.exposure import Exposure
from api.service.results import ReplayResult
from api.service.services import Services
from matcher.law.types import Purpose

router = APIRouter()

SHOWN = 20
"""Shortlists on one page."""


@router.get("/past")
def past(
    request: Request, services: AppServices, q: str = "", before: int | None = None
) -> Response:
    """The shortlists kept, newest first."""
    return _past(request, services, q.strip(), before, {})


@router.post("/past/replay")
def replay(request: Request, form: TheForm, services: AppServices) -> Response:
    """Ask again those that are shown, and say of each whether it is the same."""
    before = form.text("before")
    from_ = int(before) if before.isascii() and before.isdigit() else None
    done = {id_: services.shortlists.replay(id_) for id_ in form.all("id")[:SHOWN]}
    return _past(request, services, form.text("q"), from_, done)


def _past(
    request: Request,
    services: Services,
    q: str,
    before: int | None,
    replayed: dict[str, ReplayResult],
) -> Response:
    found = list(services.shortlists.recent(SHOWN + 1, before=before, containing=q[:200]))
    rows = found[:SHOWN]
    more = rows[-1].seq if len(found) > SHOWN else None
    return page(
        request,
        "past.html",
        q=q,
        before=before,
        rows=rows,
        more=more,
        replayed=replayed,
    )


@dataclass(frozen=True, slots=True)
class ProviderExposure:
    """How often one provider was suggested, invited and chosen; `new` without known contract."""

    new: bool
    counts: Exposure


@router.get("/exposure")
def exposure(
    request: Request, services: AppServices, since: str = "", until: str = "", purpose: str = ""
) -> Response:
    """Who was suggested, invited and chosen how often, and what makes it fair."""
    errors = {
        name: "Give a day such as 2026-04-01, or leave this empty"
        for name, said in (("since", since), ("until", until))
        if said and _day(said) is None
    }
    purpose = purpose if purpose in {each.value for each in Purpose} else ""
    counted = (
        []
        if errors
        else services.register.exposure(since=_day(since), until=_day(until), purpose=purpose)
    )
    rows = [_share(services, one) for one in counted]
    places = sum(one.counts.suggested for one in rows)
    first = sum(one.counts.suggested for one in rows[:5])
    fair = next((s.fairness for s in services.matcher.bundle.sieves.values() if s.fairness), None)
    return page(
        request,
        "exposure.html",
        status=422 if errors else 200,
        errors=errors,
        since=since,
        until=until,
        purpose=purpose,
        rows=rows,
        places=places,
        first=first,
        fair=fair,
        newcomers=sum(one.counts.suggested for one in rows if one.new),
    )


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def _share(services: Services, one: Exposure) -> ProviderExposure:
    register = services.matcher.register
    row = register.row(one.provider)
    return ProviderExposure(row is not None and not len(register.won.of(row)), one)
