"""The Reconciliation API 0.2, for OpenRefine and similar tools."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.http import reconciliation as protocol
from api.http.examples import EXTEND, QUERIES
from api.http.openapi import answers
from api.http.routes.dependencies import AppServices
from api.http.routes.dependencies import as_json as same_origin_json
from api.service.entries import encode
from api.service.services import Services
from matcher.core.errors import BadInput

router = APIRouter(prefix="/reconcile", tags=["reconciliation"])

_QUERIES = {"example": {"value": encode(QUERIES).decode()}}
_EXTEND = {"example": {"value": encode(EXTEND).decode()}}
Prefix = Annotated[str, Query(max_length=200)]


def as_json(content: object) -> Response:
    """JSON that pages of any origin can read, as OpenRefine's page does: it is public data."""
    response = same_origin_json(content)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@router.get("", responses=answers())
def look(
    request: Request,
    services: AppServices,
    queries: Annotated[str | None, Query(openapi_examples=_QUERIES)] = None,
    extend: Annotated[str | None, Query(openapi_examples=_EXTEND)] = None,
) -> Response:
    """The service manifest; or candidates for a batch of queries; or facts for columns."""
    if queries is None and extend is None:
        return as_json(protocol.manifest(str(request.base_url).rstrip("/")))
    return _answer(services, queries, extend)


@router.post("", responses=answers())
def ask(
    services: AppServices,
    queries: Annotated[str | None, Form(openapi_examples=_QUERIES)] = None,
    extend: Annotated[str | None, Form(openapi_examples=_EXTEND)] = None,
) -> Response:
    """Candidates for a batch of queries, or facts for columns."""
    return _answer(services, queries, extend)


def _answer(services: Services, queries: str | None, extend: str | None) -> Response:
    if (queries is None) == (extend is None):
        raise BadInput("send either queries or extend, as JSON")
    if queries is not None:
        return as_json(protocol.answer(services, queries))
    return as_json(protocol.extend(services, extend or ""))


@router.get("/suggest/entity", responses=answers())
def entities(services: AppServices, prefix: Prefix = "") -> Response:
    """Providers whose names begin with `prefix`."""
    return as_json(protocol.suggest_entities(services, prefix))


@router.get("/suggest/type", responses=answers())
def types(prefix: Prefix = "") -> Response:
    """Types whose names begin with `prefix`."""
    return as_json(protocol.suggest_types(prefix))


@router.get("/suggest/property", responses=answers())
def properties(prefix: Prefix = "") -> Response:
    """Properties whose names begin with `prefix`."""
    return as_json(protocol.suggest_properties(prefix))


@router.get("/properties", responses=answers())
def proposed(
    type: Prefix = "organisation",  # noqa: A002 - the specification's word
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """The properties that can fill a column."""
    return as_json(protocol.propose_properties(type, limit))
