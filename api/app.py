"""The application: the API and the officer's pages over the services."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import parent_process
from threading import Thread

from anyio.to_thread import current_default_thread_limiter, run_sync
from fastapi import FastAPI

from api.errors import RecordsError
from api.http import openapi, problems
from api.http.access import AccessMiddleware
from api.http.head import HeadMiddleware
from api.http.hosts import HostMiddleware
from api.http.queues import QUEUED, QueueMiddleware
from api.http.routes import (
    health,
    markets,
    places,
    reconciliation,
    register,
    shortlists,
    splits,
)
from api.http.telemetry import TelemetryMiddleware, log_to
from api.service.services import Services
from api.settings import Settings
from matcher.core.errors import MatcherError, RegisterError
from models.errors import BundleError

_TRY_AGAIN_SECONDS = 1.0
ROUTERS = (
    shortlists.router,
    markets.router,
    splits.router,
    register.router,
    places.router,
    reconciliation.router,
    health.router,
)


_SWITCH_SECONDS = 0.0005
"""How long a thread that ranks may keep a health check waiting for the interpreter."""
_NOWHERE = {"type": "http", "method": "GET", "path": "/-", "path_params": {}, "headers": []}
"""A request for a path that no route has."""


def create_app(settings: Settings) -> FastAPI:
    """The application that the settings describe; it opens the services when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opening = _open(app, settings)
        sys.setswitchinterval(_SWITCH_SECONDS)
        current_default_thread_limiter().total_tokens = (
            settings.threads + settings.rankings + settings.documents
        )
        _settle(app)
        yield
        gc.unfreeze()
        if opening is not None:
            opening.cancel()
        if app.state.services is not None:
            app.state.services.close()

    app = FastAPI(
        title="Local by Default",
        summary="Finds the small local providers for each lot of a public contract, and says why.",
        version="1",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=openapi.operation_id,
    )
    app.state.settings = settings
    problems.install(app)
    openapi.describe(app)
    app.add_middleware(QueueMiddleware, settings=settings, queued=QUEUED | _queued_pages())
    app.add_middleware(AccessMiddleware, settings=settings)
    _add_sign_in(app, settings)
    if settings.hosts:
        app.add_middleware(HostMiddleware, hosts=settings.hosts.split(","))
    app.add_middleware(TelemetryMiddleware)
    app.add_middleware(HeadMiddleware)
    for router in ROUTERS:
        app.include_router(router)
    _add_pages(app)
    return app


def _settle(app: FastAPI) -> None:
    """Do now what would hold up the requests of others later.

    The framework prepares all routes when the first request is matched.  Each full collection of
    garbage looks at everything that was made since the start, while no other thread can work.
    """
    for route in app.routes:
        route.matches(dict(_NOWHERE))
    gc.freeze()


def _open(app: FastAPI, settings: Settings) -> asyncio.Task[None] | None:
    """Open the services; a task that tries again where they cannot be opened now.

    A worker that starts while the database is down, another version writes the register, or a file
    of the settings is being changed must not end: the process that starts workers would then end
    all of them.  Until all is open, requests are answered with 503.
    """
    app.state.services, app.state.closed_by = None, None
    try:
        app.state.services = Services.open(settings)
    except (MatcherError, BundleError) as error:
        app.state.closed_by = _at_the_moment(error)
        return asyncio.create_task(_open_later(app, settings))
    return None


def _at_the_moment(error: Exception) -> Exception:
    """The error as a request is told it: a file of the service is no fault in what was sent."""
    ours = isinstance(error, RecordsError | RegisterError | BundleError)
    return error if ours else RecordsError(str(error))


async def _open_later(app: FastAPI, settings: Settings) -> None:
    while app.state.services is None:
        await asyncio.sleep(_TRY_AGAIN_SECONDS)
        try:
            app.state.services = await run_sync(Services.open, settings)
        except (MatcherError, BundleError) as error:
            app.state.closed_by = _at_the_moment(error)


def from_environment() -> FastAPI:
    """The application that the environment describes; each of uvicorn's workers calls this."""
    log_to()
    _end_with_parent()
    return create_app(Settings.of(os.environ))


def _end_with_parent() -> None:
    """End this worker in good order when the process that started it is gone, however it ended.

    Else it would go on alone, and keep the port from a service that is started again.
    """
    parent = parent_process()
    if parent is not None:

        def wait() -> None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

        Thread(target=wait, daemon=True).start()


def _queued_pages() -> dict[str, str]:
    """The paths of the pages whose forms wait in a queue, where the pages are installed."""
    if find_spec("api.pages") is None:
        return {}
    queued: dict[str, str] = import_module("api.pages.router").QUEUED
    return queued


def _add_sign_in(app: FastAPI, settings: Settings) -> None:
    """The sign-in with an identity provider, where it is set up."""
    if settings.sign_in is None:
        return
    from api.signin.middleware import SignInMiddleware  # its libraries are an extra
    from api.signin.routes import router
    from api.signin.settings import SignIn

    sign_in = SignIn.open(settings.sign_in, os.environ)
    app.add_middleware(SignInMiddleware, sign_in=sign_in)
    app.include_router(router(sign_in))


def _add_pages(app: FastAPI) -> None:
    """The officer's pages, where they are installed."""
    if find_spec("api.pages") is not None:
        app.include_router(import_module("api.pages.router").router)
        app.add_middleware(import_module("api.pages.error_pages").HtmlErrorMiddleware)
