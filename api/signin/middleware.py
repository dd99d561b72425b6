"""Sessions: a signed cookie says who is signed in, until they sign out or their time is up."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import RecordsError
from api.http import problems
from api.http.people import SIGN_IN, Person, is_for_programs, is_open, person_in
from api.signin.settings import SignIn

_COOKIE = "lbd-session"
_SECURE_COOKIE = f"__Host-{_COOKIE}"
"""A browser takes a cookie of this name only over HTTPS, and from this host itself."""
_HOURS_TO_SIGN_IN = 1.0
"""How long somebody may take at the identity provider, however short a session is."""
_NO_STORE = {"Cache-Control": "no-store"}


class SignInMiddleware:
    """Puts the signed-in person into `scope["person"]`, and sends others to the sign-in.

    The cookie is `Secure` where the request came over HTTPS, as the trusted proxy says.
    """

    def __init__(self, app: ASGIApp, sign_in: SignIn) -> None:
        self._app = app
        self._reading = CapacityLimiter(4)
        age = int(max(sign_in.hours, _HOURS_TO_SIGN_IN) * 3600) + 1
        secret = sign_in.session_secret
        self._sessions = {
            "http": SessionMiddleware(self._in_session, secret, _COOKIE, age),
            "https": SessionMiddleware(
                self._in_session, secret, _SECURE_COOKIE, age, https_only=True
            ),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its session."""
        session = self._sessions.get(scope.get("scheme", ""))
        if scope["type"] != "http" or session is None:
            await self._app(scope, receive, send)
            return
        await session(scope, receive, send)

    async def _in_session(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        try:
            scope["person"] = None if is_open(path) else await self._person(scope)
        except RecordsError as error:
            refused = problems.response(problems.error_problem(error))
            await refused(scope, receive, send)
            return
        wants_page = "text/html" in Headers(scope=scope).get("accept", "")
        if (
            scope["person"] is None
            and scope["method"] in {"GET", "HEAD"}
            and wants_page
            and not is_open(path)
            and not is_for_programs(path)
        ):
            query = scope["query_string"].decode("latin-1")
            to = urlencode({"to": f"{path}?{query}" if query else path})
            await RedirectResponse(f"{SIGN_IN}?{to}", 303, headers=_NO_STORE)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _person(self, scope: Scope) -> Person | None:
        """The person whose session this is, unless it was ended.  Raises RecordsError."""
        person = person_in(scope["session"], time.time())
        services = scope["app"].state.services
        if person is None or services is None:
            return person
        records = services.context.records
        ended = await run_sync(records.session_ended, person.session, limiter=self._reading)
        return None if ended else person
