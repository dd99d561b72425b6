"""The picture of a place: where a council's money goes, who is there, and what comes up."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.http.openapi import answers
from api.http.routes.dependencies import AppServices, as_json, charge
from api.http.schemas.as_written import Day
from api.http.strict_route import StrictRoute

router = APIRouter(prefix="/v1/places", tags=["places"], route_class=StrictRoute)

_WORK = 20
"""Suggestions that take as long as one picture."""
_MOST_BESIDE = 10

Code = Annotated[str, Path(description="A council's or county's official code, or its name.")]


@router.get("/{code}/picture", responses=answers("Picture", 404))
def place_picture(
    code: Code,
    services: AppServices,
    request: Request,
    on: Annotated[
        Day | None, Query(description="The day of the picture; by default today.")
    ] = None,
    beside: Annotated[
        list[str] | None,
        Query(max_length=_MOST_BESIDE, description="Codes of councils to compare it with."),
    ] = None,
) -> Response:
    """Where a council's money goes, who is there, what is siloed, and which contracts end soon.

    Money is in pence.  What is not known is a class of its own.
    """
    charge(request, _WORK)
    return as_json(services.places.picture(code, on, beside=beside))


@router.post("/{code}/picture", responses=answers("KeptPicture", 404, 409))
def keep_place_picture(code: Code, services: AppServices, request: Request) -> Response:
    """Keep today's picture of a place, without names of providers; says what changed since."""
    charge(request, _WORK)
    return as_json(services.places.keep(code))
