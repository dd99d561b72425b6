"""Access: API keys, a rate limit for each client, and a limit on the size of a request.

With a file of keys, every request except health checks must have one: as `Authorization:
Bearer`, as `X-API-Key`, or as the password in the browser's login dialogue.

Where people sign in, the pages need a signed-in person instead, and keys open only the API.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import problems
from api.http.api_keys import KeyFile
from api.http.origins import is_foreign
from api.http.people import SIGN_IN, Person, is_for_programs, is_open
from api.http.problems import ProblemType, problem
from api.http.roles import READS, Role, needed
from api.records.entry import Sender
from api.settings import Settings
from matcher.core.errors import BadInput

OPEN_TO_ALL = frozenset({"/healthz", "/readyz"})

_NO_KEY = ProblemType(401, "no-key", "An API key is needed")
_BAD_KEYS = ProblemType(503, "keys", "The API keys cannot be read")
_KEYS_UNREADABLE = (
    "the file of API keys is damaged or cannot be read, so no key can be checked; ask the "
    "administrator to correct it"
)
NOT_SIGNED_IN = ProblemType(401, "not-signed-in", "You are not signed in")
_NOT_ALLOWED = ProblemType(403, "not-allowed", "Your role does not allow this")
_FOREIGN = ProblemType(403, "other-website", "A page of another website sent this")
_FROM_ANOTHER_SITE = (
    "a page of another website sent this, and only pages of this service and programs may; nothing "
    "was kept"
)
_API = "/v1/"
_TOO_MANY = ProblemType(429, "too-many", "Too many requests")
_TOO_LARGE = ProblemType(413, "too-large", "The request is too large")
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="API key", Bearer realm="Local by Default"'}
"""Chromium looks only at the first, and asks for a key only where that is Basic."""
_HOW_TO_SEND = (
    "send one as 'Authorization: Bearer KEY'; in a browser, load the page again, and give any name "
    "and the key as password"
)
_NO_DIALOGUE = {"WWW-Authenticate": 'Bearer realm="Local by Default"'}
_MOST_CLIENTS = 10_000


class RateLimiter:
    """The requests that each client can still make; at most one minute's worth is saved up."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """Count one request of a client: 0, or the seconds until the next one is allowed."""
        now = self._clock()
        left, since = self._left.pop(client, (self._most, now))
        left = min(self._most, left + (now - since) * self._most / 60)
        wait = 0.0 if left >= 1 else (1 - left) * 60 / self._most
        self._left[client] = (left if wait else left - 1, now)
        if len(self._left) > _MOST_CLIENTS:
            self._left.popitem(last=False)
        return wait

    def charge(self, client: str, requests: float) -> None:
        """Count further requests of a client: what it lacks, it has to wait for.

        At most one minute's worth can be lacking.
        """
        if client in self._left and requests > 0:
            left, since = self._left[client]
            self._left[client] = (max(left - requests, -self._most), since)


class TooLarge(HTTPException):
    """Raised when the request body exceeds the limit; FastAPI passes HTTP exceptions on."""

    def __init__(self) -> None:
        super().__init__(_TOO_LARGE.status)


@dataclass(frozen=True, slots=True)
class _Refused:
    problem: problems.Problem
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Client:
    """Who sends a request: the name under which their requests are counted, and their role.

    `holder` is how a refusal names them.  Without a role, they may do everything.
    """

    name: str
    role: Role | None = None
    holder: str = ""
    sender: Sender | None = None


class AccessMiddleware:
    """Passes requests on to `app`, or refuses them."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._keys = KeyFile(settings.keys) if settings.keys else None
        self._signs_in = settings.sign_in is not None
        self._limiter = RateLimiter(settings.per_minute)
        self._most_bytes = settings.most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is not None:
            response = problems.response(refused.problem, refused.headers)
            await response(scope, receive, send)
            return
        await self._with_counted_body(scope, receive, send)

    def _refusal(self, scope: Scope) -> _Refused | None:
        headers = Headers(scope=scope)
        address = (scope.get("client") or ("unknown", 0))[0]
        client = self._client(scope, headers, address)
        if isinstance(client, _Refused):
            wait = self._limiter.take(f"unknown {address}")
            return _too_many(wait) if wait else client
        if wait := self._limiter.take(client.name):
            return _too_many(wait)
        if is_foreign(headers) and scope["method"] not in READS and scope["path"].startswith(_API):
            return _Refused(problem(_FOREIGN, _FROM_ANOTHER_SITE), {})
        role = needed(scope["method"], scope["path"])
        if client.role is not None and not client.role.includes(role):
            return _Refused(_not_allowed(client.holder, client.role, role), {})
        if client.sender is not None:
            scope["client_name"], scope["sender"] = client.sender.key_name or None, client.sender
        scope["client_key"] = client.name
        scope["charge"] = partial(self._limiter.charge, client.name)
        if _length(headers) > self._most_bytes:
            return _Refused(self._too_large(), {"Connection": "close"})
        return None

    def _client(self, scope: Scope, headers: Headers, address: str) -> _Client | _Refused:
        path: str = scope["path"]
        if path in OPEN_TO_ALL:
            return _Client(f"health {address}")  # checks pass when other requests are used up
        if self._signs_in:
            person: Person | None = scope["person"]
            if not is_for_programs(path):
                return _Client(address) if is_open(path) else _of_person(person)
            if person is not None and not key_in(headers):
                return _of_person(person) if scope["method"] in READS else _ONLY_KEYS
        elif self._keys is None:
            return _Client(address)
        return self._of_key(headers)

    def _of_key(self, headers: Headers) -> _Client | _Refused:
        try:
            key = self._keys.find(key_in(headers)) if self._keys is not None else None
        except BadInput:
            return _Refused(problem(_BAD_KEYS, _KEYS_UNREADABLE), {})
        if key is None:
            return _Refused(_no_key(headers), _NO_DIALOGUE if self._signs_in else _CHALLENGE)
        holder = f"the key {key.name!r}"
        return _Client(key.name, key.role, holder, Sender(key.name, key.authority))

    async def _with_counted_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; refuse a body without a stated length once it is too large."""
        received, too_large, started = 0, False, False

        async def counting_receive() -> Message:
            nonlocal received, too_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._most_bytes:
                too_large = True
                raise TooLarge
            return message

        async def watching_send(message: Message) -> None:
            """Send on, except the app's own response to a body that is too large."""
            nonlocal started
            if not too_large or started:
                started = True
                await send(message)

        with suppress(TooLarge):  # a middleware can receive the body as well as the app
            await self._app(scope, counting_receive, watching_send)
        if too_large and not started:
            response = problems.response(self._too_large(), {"Connection": "close"})
            await response(scope, receive, send)

    def _too_large(self) -> problems.Problem:
        most = self._most_bytes
        return problem(_TOO_LARGE, f"the body is larger than {most:,} bytes; ask for fewer lots")


def key_in(headers: Headers) -> str:
    """The API key in a request's headers, '' for none."""
    if headers.get("x-api-key"):
        return headers["x-api-key"].strip()
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _no_key(headers: Headers) -> problems.Problem:
    what = "the API key is not known" if key_in(headers) else "the request has no API key"
    return problem(_NO_KEY, f"{what}; {_HOW_TO_SEND}")


def _of_person(person: Person | None) -> _Client | _Refused:
    if person is None:
        detail = (
            "you are not signed in, or your session has ended; nothing was changed. Sign in at "
            f"{SIGN_IN}, and send it again"
        )
        return _Refused(problem(NOT_SIGNED_IN, detail), _NO_DIALOGUE)
    return _Client(f"person {person.subject}", person.role, person.name, person.sender)


_ONLY_KEYS = _Refused(
    problem(_NO_KEY, "a browser's session can only read here; send an API key with this request"),
    _NO_DIALOGUE,
)


def _not_allowed(holder: str, has: Role, role: Role) -> problems.Problem:
    return problem(
        _NOT_ALLOWED,
        f"{holder} has the role {has.value!r}, and this needs the role {role.value!r}; ask the "
        "person who manages access to this service for it",
    )


def _too_many(wait: float) -> _Refused:
    seconds = max(1, round(wait + 0.5))
    detail = f"too many requests in a minute; try again in {seconds} seconds"
    return _Refused(problem(_TOO_MANY, detail), {"Retry-After": str(seconds)})


def _length(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
