"""The porter: who may come in, how often, and with how much.

With a file of keys, every request but that for health shows one: as `Authorization: Bearer`, as
`X-API-Key`, or as the password of a browser's own dialogue.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import problems
from api.http.api_keys import KeyFile
from api.http.problems import ProblemType, problem
from api.settings import Settings

OPEN_TO_ALL = frozenset({"/healthz", "/readyz"})

_NO_KEY = ProblemType(401, "no-key", "An API key is needed")
_TOO_MANY = ProblemType(429, "too-many", "Too many requests")
_TOO_LARGE = ProblemType(413, "too-large", "The request is too large")
_ASK_FOR_KEY = {"WWW-Authenticate": 'Bearer realm="Local by Default", Basic realm="API key"'}
_MOST_CALLERS = 10_000


class RateLimiter:
    """How many requests each caller may still make: so many a minute, saved up to a minute's."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """Take one from a caller's allowance; else the seconds until there is one again."""
        now = self._clock()
        left, since = self._left.pop(caller, (self._most, now))
        left = min(self._most, left + (now - since) * self._most / 60)
        wait = 0.0 if left >= 1 else (1 - left) * 60 / self._most
        self._left[caller] = (left if wait else left - 1, now)
        if len(self._left) > _MOST_CALLERS:
            self._left.popitem(last=False)
        return wait


class TooLarge(HTTPException):
    """More came in than may; of a kind that the framework passes on when it reads a body."""

    def __init__(self) -> None:
        super().__init__(_TOO_LARGE.status)


@dataclass(frozen=True, slots=True)
class _Refused:
    problem: problems.Problem
    headers: dict[str, str]


class AccessMiddleware:
    """Lets requests in to `app`, or refuses them."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._keys = KeyFile(settings.keys) if settings.keys else None
        self._allowance = RateLimiter(settings.per_minute)
        self._most_bytes = settings.most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is not None:
            answer = problems.response(refused.problem, refused.headers)
            await answer(scope, receive, send)
            return
        await self._counted(scope, receive, send)

    def _refusal(self, scope: Scope) -> _Refused | None:
        headers = Headers(scope=scope)
        caller = (scope.get("client") or ("unknown", 0))[0]
        if self._keys is not None and scope["path"] not in OPEN_TO_ALL:
            name = self._keys.named(key_in(headers))
            if name is None:
                wait = self._allowance.take(f"stranger {caller}")
                return _too_many(wait) if wait else _Refused(_no_key(headers), _ASK_FOR_KEY)
            scope["client_name"] = caller = name
        if wait := self._allowance.take(caller):
            return _too_many(wait)
        if _length(headers) > self._most_bytes:
            return _Refused(self._too_large(), {"Connection": "close"})
        return None

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and refuse a body of unsaid length once it is too long."""
        came, too_much, started = 0, False, False

        async def counting() -> Message:
            nonlocal came, too_much
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._most_bytes:
                too_much = True
                raise TooLarge
            return message

        async def watching(message: Message) -> None:
            """Send on, but for what the app makes of a body that is too large."""
            nonlocal started
            if not too_much or started:
                started = True
                await send(message)

        await self._app(scope, counting, watching)
        if too_much and not started:
            answer = problems.response(self._too_large(), {"Connection": "close"})
            await answer(scope, receive, send)

    def _too_large(self) -> problems.Problem:
        most = self._most_bytes
        return problem(_TOO_LARGE, f"the body is larger than {most:,} bytes; ask for fewer lots")


def key_in(headers: Headers) -> str:
    """The API key that a request shows, '' for none."""
    if headers.get("x-api-key"):
        return headers["x-api-key"].strip()
    scheme, _, said = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return said.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(said, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _no_key(headers: Headers) -> problems.Problem:
    what = "the API key given is not known" if key_in(headers) else "no API key was given"
    return problem(_NO_KEY, f"{what}; send one as 'Authorization: Bearer KEY'")


def _too_many(wait: float) -> _Refused:
    seconds = max(1, round(wait + 0.5))
    detail = f"more requests than one caller may make in a minute; come back in {seconds} seconds"
    return _Refused(problem(_TOO_MANY, detail), {"Retry-After": str(seconds)})


def _length(headers: Headers) -> int:
    said = headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else 0
