"""The Reconciliation API 0.2 and its draft 1.0, for OpenRefine and similar tools."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Form, Query, Request, Response
from starlette.exceptions import HTTPException

from api.http.examples import EXTEND, MATCH, QUERIES
from api.http.openapi import answers
from api.http.origins import own_origin
from api.http.reconciliation import data_extension, draft, suggest
from api.http.reconciliation import queries as matching
from api.http.reconciliation.manifest import manifest
from api.http.routes.dependencies import AppServices
from api.http.routes.dependencies import as_json as same_origin_json
from api.http.schemas.reconciliation import Columns, Queries
from api.http.strict_route import StrictRoute
from api.service.entries import encode
from api.service.services import Services
from matcher.core.errors import BadInput

router = APIRouter(prefix="/reconcile", tags=["reconciliation"], route_class=StrictRoute)

_ANSWERS = "Manifest | {CandidateResult} | Extension"
_QUERIES = {"example": {"value": encode(QUERIES).decode()}}
_EXTEND = {"example": {"value": encode(EXTEND).decode()}}
_MATCH = {"example": {"value": MATCH}}
_FILL = {"example": {"value": EXTEND}}
_SENT = "A batch of queries, as JSON."
_WANTED = "Ids and properties, as JSON."
Prefix = Annotated[str, Query(max_length=200, description="What was typed so far.")]


async def origin_in(request: Request) -> str:
    """The origin of the page that asks, '' for the service's own pages and for programs.

    Raises HTTPException (403) where it may not ask: any website can send a request to this
    machine.
    """
    origin = request.headers.get("origin", "")
    if not origin or own_origin(request.headers):
        return ""
    if origin not in request.app.state.settings.origins.split(","):
        raise HTTPException(
            403, f"pages of {origin[:200]} may not ask; allow it with --allow-origin {origin[:200]}"
        )
    return origin


Origin = Annotated[str, Depends(origin_in)]


def as_json(content: object, origin: str) -> Response:
    """JSON that a page of an allowed origin can read, as OpenRefine's page does."""
    response = same_origin_json(content)
    response.headers["Vary"] = "Origin"
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


@router.get("", responses=answers(_ANSWERS))
@router.get("/", responses=answers(_ANSWERS), include_in_schema=False)
def reconcile(
    request: Request,
    services: AppServices,
    origin: Origin,
    queries: Annotated[str | None, Query(description=_SENT, openapi_examples=_QUERIES)] = None,
    extend: Annotated[str | None, Query(description=_WANTED, openapi_examples=_EXTEND)] = None,
) -> Response:
    """The service manifest; or candidates for a batch of queries; or facts for columns."""
    if queries is None and extend is None:
        return as_json(manifest(str(request.base_url).rstrip("/")), origin)
    return _answer(services, queries, extend, origin)


@router.post("", responses=answers("{CandidateResult} | Extension"))
@router.post("/", responses=answers("{CandidateResult} | Extension"), include_in_schema=False)
def post_reconcile(
    services: AppServices,
    origin: Origin,
    queries: Annotated[str | None, Form(description=_SENT, openapi_examples=_QUERIES)] = None,
    extend: Annotated[str | None, Form(description=_WANTED, openapi_examples=_EXTEND)] = None,
) -> Response:
    """Candidates for a batch of queries, or facts for columns."""
    return _answer(services, queries, extend, origin)


def _answer(services: Services, queries: str | None, extend: str | None, origin: str) -> Response:
    if (queries is None) == (extend is None):
        raise BadInput("send either queries or extend, as JSON")
    if queries is not None:
        return as_json(matching.answer(services, queries), origin)
    return as_json(data_extension.extend(services, extend or ""), origin)


Cursor = Annotated[int, Query(ge=0, le=1000, description="How many to leave out.")]


@router.get("/suggest/entity", responses=answers("SuggestedEntities"))
@router.get("/1.0/suggest/entity", responses=answers("SuggestedEntities"), include_in_schema=False)
def suggest_entities(
    services: AppServices, origin: Origin, prefix: Prefix = "", cursor: Cursor = 0
) -> Response:
    """Providers whose names begin with `prefix`, in the order of their names."""
    return as_json(suggest.suggest_entities(services, prefix, cursor), origin)


@router.get("/suggest/type", responses=answers("SuggestedNames"))
@router.get("/1.0/suggest/type", responses=answers("SuggestedNames"), include_in_schema=False)
def suggest_types(origin: Origin, prefix: Prefix = "", cursor: Cursor = 0) -> Response:
    """Types whose names begin with `prefix`."""
    return as_json(suggest.suggest_types(prefix, cursor), origin)


@router.get("/suggest/property", responses=answers("SuggestedNames"))
@router.get("/1.0/suggest/property", responses=answers("SuggestedNames"), include_in_schema=False)
def suggest_properties(origin: Origin, prefix: Prefix = "", cursor: Cursor = 0) -> Response:
    """Properties whose names begin with `prefix`."""
    return as_json(suggest.suggest_properties(prefix, cursor), origin)


@router.get("/properties", responses=answers("Properties"))
@router.get("/1.0/extend/propose", responses=answers("Properties"), include_in_schema=False)
def propose_properties(
    origin: Origin,
    type: Annotated[  # noqa: A002 - the specification's word
        str, Query(max_length=200, description="The type whose properties are wanted.")
    ] = "organisation",
    limit: Annotated[int, Query(ge=1, le=100, description="How many to return at most.")] = 50,
) -> Response:
    """The properties that can fill a column."""
    return as_json(data_extension.propose_properties(type, limit), origin)


@router.get("/1.0", responses=answers("DraftManifest"))
def describe_draft(request: Request, origin: Origin) -> Response:
    """The manifest of the draft 1.0 of the Reconciliation API."""
    return as_json(draft.manifest(str(request.base_url).rstrip("/")), origin)


@router.post("/1.0/match", responses=answers("DraftResults"))
@router.post("/1.0/reconcile", responses=answers("DraftResults"), include_in_schema=False)
def match(
    services: AppServices,
    origin: Origin,
    asked: Annotated[Queries, Body(title="MatchQueries", openapi_examples=_MATCH)],
) -> Response:
    """Candidates for a list of queries, in their order (draft 1.0)."""
    return as_json(draft.match(services, asked), origin)


@router.post("/1.0/extend", responses=answers("DraftExtension"))
def extend(
    services: AppServices,
    origin: Origin,
    asked: Annotated[Columns, Body(title="ExtendColumns", openapi_examples=_FILL)],
) -> Response:
    """Facts for columns (draft 1.0)."""
    return as_json(draft.extend(services, asked), origin)


@router.options("/1.0/{path:path}", include_in_schema=False)
async def preflight(origin: Origin) -> Response:
    """Let a page of an allowed origin send JSON."""
    headers = {"Access-Control-Allow-Methods": "GET, POST", "Vary": "Origin"}
    headers |= {"Access-Control-Allow-Headers": "Content-Type, Authorization, Accept-Language"}
    if origin:
        headers["Access-Control-Allow-Origin"] = origin
    return Response(status_code=204, headers=headers)
