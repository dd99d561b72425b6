"""A log line for each request, and metrics; neither contains what was asked or answered.

A log line has the route (`/v1/providers/{id}`), not the path, because a path can name a person's
business.  An error is logged by its type and place, without its message.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TextIO

import msgspec
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import problems
from api.http.problems import ProblemType, problem

LOGGER = "local_by_default"
_NOT_STORED = ("/v1/", "/reconcile")
_FAILED = ProblemType(500, "failed", "The service failed")

_REQUESTS = Counter("lbd_requests", "Requests answered.", ("method", "route", "status"))
_SECONDS = Histogram(
    "lbd_request_seconds",
    "How long a request took, seconds.",
    ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_LOTS = Counter("lbd_lots", "Lots asked about.", ("purpose", "outcome"))
_PROVIDERS = Gauge(
    "lbd_register_providers", "Providers in the register.", multiprocess_mode="mostrecent"
)


def count_lots(purpose: str, answered: int, refused: int) -> None:
    """Count lots that were answered and lots that were refused."""
    _LOTS.labels(purpose, "answered").inc(answered)
    _LOTS.labels(purpose, "refused").inc(refused)


def count_providers(providers: int) -> None:
    """Set how many providers the register has."""
    _PROVIDERS.set(providers)


def metrics() -> bytes:
    """The metrics of all workers, in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


class TelemetryMiddleware:
    """Logs and measures each request to `app`, and answers 500 where it fails."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = logging.getLogger(LOGGER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and log its outcome."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, size = time.perf_counter(), 0, 0
        request = secrets.token_hex(8)

        async def counting_send(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    *_headers(request, scope["path"], message["headers"]),
                ]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counting_send)
        except ClientDisconnect:
            pass  # it left before its request had arrived, and waits for no answer
        except Exception as error:
            details = {"request": request, **_place(error)}
            self._log.error("failed", extra={"details": details})
            if status == 0:
                detail = f"the log has the details under request {request}"
                response = problems.response(problem(_FAILED, detail))
                await response(scope, receive, counting_send)
        self._record(scope, request, status, size, time.perf_counter() - started)

    def _record(self, scope: Scope, request: str, status: int, size: int, took: float) -> None:
        route = getattr(scope.get("route"), "path_format", "none")
        _REQUESTS.labels(scope["method"], route, str(status)).inc()
        _SECONDS.labels(route).observe(took)
        details = {
            "request": request,
            "method": scope["method"],
            "route": route,
            "status": status,
            "milliseconds": round(took * 1000, 1),
            "bytes": size,
            "key": scope.get("client_name"),
        }
        self._log.info("request", extra={"details": details})


def _headers(
    request: str, path: str, own: Iterable[tuple[bytes, bytes]]
) -> Iterator[tuple[bytes, bytes]]:
    """The headers of every answer; what names a provider is not to be kept on the way."""
    yield b"x-request-id", request.encode()
    yield b"x-content-type-options", b"nosniff"
    if path.startswith(_NOT_STORED) and b"cache-control" not in {name.lower() for name, _ in own}:
        yield b"cache-control", b"no-store"


def _place(error: Exception) -> dict[str, str]:
    """The type and place of an error; its message could contain what was asked."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return {"error": type(error).__name__, "place": f"{last.filename}:{last.lineno}"}


class _JsonLines(logging.Formatter):
    """Each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        details = getattr(record, "details", {})
        line = {
            "at": at,
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **details,
        }
        return msgspec.json.encode(line).decode()


def log_to(out: TextIO = sys.stderr) -> None:
    """Write the log of the service and of uvicorn to `out`, one JSON object a line."""
    handler = logging.StreamHandler(out)
    handler.setFormatter(_JsonLines())
    for name in (LOGGER, "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)
