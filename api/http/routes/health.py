"""Whether the service is alive and ready, and its metrics.

These endpoints never wait for the threads that answer other requests.
"""

from __future__ import annotations

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.http import telemetry
from api.http.openapi import answers
from api.http.routes.dependencies import AppServices, as_json
from api.http.schemas.known import Health, Readiness
from api.service.services import Services

router = APIRouter(tags=["health"])


_readiness = CapacityLimiter(1)
_collecting = CapacityLimiter(1)


@router.get("/healthz", responses=answers("Health"))
async def get_health() -> Response:
    """The process answers."""
    return as_json(Health(alive=True))


@router.get("/readyz", responses=answers("Readiness"))
async def get_readiness(services: AppServices) -> Response:
    """The register can be read and the records can be written; with the versions in use."""
    return await run_sync(_ready, services, limiter=_readiness)


def _ready(services: Services) -> Response:
    matcher = services.matcher
    records = services.context.records
    records.check_writable()
    entries, _ = records.head()
    telemetry.count_providers(len(matcher.register))
    ready = Readiness(True, entries, matcher.register.version, matcher.bundle.version)
    return as_json(ready)


@router.get("/metrics", response_class=Response, include_in_schema=False)
async def metrics() -> Response:
    """The metrics of all workers, for Prometheus."""
    content = await run_sync(telemetry.metrics, limiter=_collecting)
    return Response(content, media_type=CONTENT_TYPE_LATEST)
