"""Look up providers, places and exposure; describe the register, the bundle and the rules."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.http.openapi import answers, text
from api.http.routes.dependencies import AppServices, ProviderId, as_json
from api.http.schemas.as_written import Day
from api.http.strict_route import StrictRoute
from api.records.exposure import ListFilter
from matcher.core.errors import BadInput
from matcher.law.types import Purpose

router = APIRouter(prefix="/v1", tags=["known"], route_class=StrictRoute)

SearchText = Annotated[
    str, Query(min_length=1, max_length=200, description="What to look for, as it is known.")
]
_PAGE = r"^$|^\d{1,15}\.\d{1,9}$"
Limit = Annotated[int, Query(ge=1, le=100, description="How many to return at most.")]


async def _lists(
    since: Annotated[Day | None, Query(description="The first day of the lists.")] = None,
    until: Annotated[Day | None, Query(description="The last day of the lists.")] = None,
    purpose: Annotated[Purpose | None, Query(description="Only lists for this purpose.")] = None,
) -> ListFilter:
    if since and until and since > until:
        raise BadInput(f"since: {since} is after until, {until}; give the earlier day first")
    return ListFilter(since, until, purpose.value if purpose else "")


Lists = Annotated[ListFilter, Depends(_lists)]


@router.get("/providers", responses=answers("NameHit[]"))
@router.get("/providers/", responses=answers("NameHit[]"), include_in_schema=False)
def search_providers(q: SearchText, services: AppServices, limit: Limit = 10) -> Response:
    """Search providers by a name, misspelt or incomplete, or by a charity or company number."""
    return as_json(services.register.search(q, limit))


@router.get("/providers/{id:path}", responses=answers("Profile", 404))
def get_provider(id: ProviderId, services: AppServices) -> Response:  # noqa: A002
    """Everything known about one provider, each fact with its source and date."""
    return as_json(services.register.provider(id))


@router.get("/places", responses=answers("Place[]"))
def search_places(q: SearchText, services: AppServices, limit: Limit = 5) -> Response:
    """Search places by a postcode, a code or a name, misspelt or incomplete."""
    return as_json(services.register.places(q, limit))


@router.get("/exposure", responses=answers("ExposurePage"))
def get_exposure(
    services: AppServices,
    lists: Lists,
    limit: Annotated[int, Query(ge=1, le=1000, description="Providers of a page.")] = 100,
    page: Annotated[str, Query(pattern=_PAGE, description="`next` of the page before.")] = "",
) -> Response:
    """How often each provider was suggested, invited and chosen; both days are included.

    All pages count what was kept when the first one was asked for.
    """
    return as_json(services.register.exposure_page(page, lists, limit))


@router.get("/outcomes", responses=answers("Funnel"))
def outcomes(services: AppServices, lists: Lists) -> Response:
    """How many listed providers were invited, answered and were awarded; by size, sector, time."""
    return as_json(services.register.funnel(lists))


@router.get("/register", responses=answers("RegisterInForce"))
def get_register(services: AppServices) -> Response:
    """The register in force: version, counts, sources, and what each source set aside."""
    return as_json(services.register.describe())


@router.get("/models", responses=answers("Models"))
def get_models(services: AppServices) -> Response:
    """The bundle that ranks: its card, and each ranker's features with descriptions and weights."""
    return as_json(services.register.models())


@router.get("/rules", responses=answers("RulesInForce"))
def get_rules(
    services: AppServices,
    on: Annotated[Day | None, Query(description="The day; by default today.")] = None,
) -> Response:
    """The rulebook in force on a day (default: today), and the contract procedure rules."""
    return as_json(services.register.rules(on))


@router.get("/transparency", response_class=Response, responses=text("text/markdown"))
def get_transparency_record(services: AppServices) -> Response:
    """A draft of the algorithmic transparency record (ATRS), from the versions in use."""
    return Response(
        services.register.transparency_record(), media_type="text/markdown; charset=utf-8"
    )
