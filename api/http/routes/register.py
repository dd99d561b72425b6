"""What is known and how it works: providers, places, exposure, the register, bundle and rules."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.http.openapi import answers, text
from api.http.routes.dependencies import AppServices, as_json
from matcher.law.types import Purpose

router = APIRouter(prefix="/v1", tags=["known"])

Said = Annotated[str, Query(min_length=1, max_length=200)]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/providers", responses=answers("Hit", many=True))
def providers(q: Said, services: AppServices, limit: Limit = 10) -> Response:
    """Providers by name, misspelt or only begun, or by a charity or company number."""
    return as_json(services.register.search(q, limit))


@router.get("/providers/{id}", responses=answers("Profile", 404))
def provider(id: str, services: AppServices) -> Response:  # noqa: A002 - the caller's word
    """Everything known of one provider, each fact with its source and date."""
    return as_json(services.register.provider(id))


@router.get("/places", responses=answers("Place", many=True))
def places(q: Said, services: AppServices, limit: Limit = 5) -> Response:
    """Places by postcode, by code or by name, misspelt or only begun."""
    return as_json(services.register.places(q, limit))


@router.get("/exposure", responses=answers("Exposed", many=True))
def exposure(
    services: AppServices,
    since: date | None = None,
    until: date | None = None,
    purpose: Purpose | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Who was suggested, invited and chosen how often; `since` and `until` are included."""
    found = services.register.exposure(
        since=since, until=until, purpose=purpose.value if purpose else "", limit=limit
    )
    return as_json(found)


@router.get("/register", responses=answers())
def register(services: AppServices) -> Response:
    """The register in force: its version, its counts, its sources and what they set aside."""
    return as_json(services.register.describe())


@router.get("/models", responses=answers())
def models(services: AppServices) -> Response:
    """The bundle that ranks: its card, and each ranker's features with words and weights."""
    return as_json(services.register.models())


@router.get("/rules", responses=answers())
def rules(services: AppServices, on: date | None = None) -> Response:
    """The rulebook in force on a day (today), and the contract procedure rules to be named."""
    return as_json(services.register.rules(on))


@router.get("/transparency", response_class=Response, responses=text("text/markdown"))
def transparency(services: AppServices) -> Response:
    """A draft of the algorithmic transparency record (ATRS), written from what runs."""
    return Response(
        services.register.transparency_record(), media_type="text/markdown; charset=utf-8"
    )
