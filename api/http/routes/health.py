"""Whether the service is alive and ready, and its metrics."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.http import telemetry
from api.http.openapi import answers
from api.http.routes.dependencies import AppServices, as_json

router = APIRouter(tags=["health"])


@router.get("/healthz", responses=answers())
def healthz() -> Response:
    """The process answers."""
    return as_json({"alive": True})


@router.get("/readyz", responses=answers())
def readyz(services: AppServices) -> Response:
    """The register can be read and the records can be written; with the versions in use."""
    matcher = services.matcher
    records = services.context.records
    records.check_writable()
    entries, _ = records.head()
    telemetry.count_providers(len(matcher.register))
    versions = {"register": matcher.register.version, "bundle": matcher.bundle.version}
    return as_json({"ready": True, "entries": entries, **versions})


@router.get("/metrics", response_class=Response, include_in_schema=False)
def metrics() -> Response:
    """The metrics of all workers, for Prometheus."""
    return Response(telemetry.metrics(), media_type=CONTENT_TYPE_LATEST)
