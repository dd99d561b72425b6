"""Watching: a line of log a request, and metrics; neither holds what was asked or who is in it.

A log line names the route (`/v1/providers/{id}`) and not the path, since a path may name a
person's business; an error is told by its type and place, and not by its message.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import time
import traceback
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
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import problems
from api.http.problems import ProblemType, problem

LOGGER = "local_by_default"
_FAILED = ProblemType(500, "failed", "Something went wrong here")

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
    """Count lots by what became of them."""
    _LOTS.labels(purpose, "answered").inc(answered)
    _LOTS.labels(purpose, "refused").inc(refused)


def count_providers(providers: int) -> None:
    """Tell how many providers the register holds."""
    _PROVIDERS.set(providers)


def metrics() -> bytes:
    """All metrics in Prometheus' text form, those of all workers together."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


class TelemetryMiddleware:
    """Logs and measures each request to `app`, and answers for what fails in it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = logging.getLogger(LOGGER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, size = time.perf_counter(), 0, 0
        request = secrets.token_hex(8)

        async def noting(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_headers(request)]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as wrong:
            self._log.error("failed", extra={"told": {"request": request, **_place(wrong)}})
            if status == 0:
                answer = problems.response(problem(_FAILED, f"it is logged as request {request}"))
                await answer(scope, receive, noting)
        self._note(scope, request, status, size, time.perf_counter() - begun)

    def _note(self, scope: Scope, request: str, status: int, size: int, took: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        _REQUESTS.labels(scope["method"], route, str(status)).inc()
        _SECONDS.labels(route).observe(took)
        told = {
            "request": request,
            "method": scope["method"],
            "route": route,
            "status": status,
            "milliseconds": round(took * 1000, 1),
            "bytes": size,
            "key": scope.get("client_name"),
        }
        self._log.info("request", extra={"told": told})


def _headers(request: str) -> list[tuple[bytes, bytes]]:
    return [(b"x-request-id", request.encode()), (b"x-content-type-options", b"nosniff")]


def _place(wrong: Exception) -> dict[str, str]:
    """The type of an error and where it arose; its message may hold what was asked."""
    last = traceback.extract_tb(wrong.__traceback__)[-1]
    return {"error": type(wrong).__name__, "at": f"{last.filename}:{last.lineno}"}


class _Lines(logging.Formatter):
    """Each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = getattr(record, "told", {})
        line = {"at": at, "level": record.levelname.lower(), "event": record.getMessage(), **told}
        return msgspec.json.encode(line).decode()


def log_to(out: TextIO = sys.stderr) -> None:
    """Write the service's log, and its server's, to `out`: a line of JSON an event."""
    handler = logging.StreamHandler(out)
    handler.setFormatter(_Lines())
    for name in (LOGGER, "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)
