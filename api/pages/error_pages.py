"""Shows problem details as pages to a browser.

The service, the access checks and the framework all answer an error with a problem detail
(RFC 9457).  A browser asks for HTML, and gets a page with the same words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.access import NOT_SIGNED_IN
from api.http.problems import MEDIA_TYPE, Problem
from api.pages.templating import compile_templates, page
from matcher.sources.documents.reader import LARGEST_FILE

_UPLOAD = "/need"
_MOST_DRAINED = 300_000_000
"""Bytes of a refused upload that are read and discarded, so that the browser reads the answer."""
_TOO_LARGE = (
    f"The file is too large. The largest allowed is {LARGEST_FILE / 1e6:,.0f} MB. Remove its "
    "pictures, or paste the part that says what you need."
)


@dataclass(slots=True)
class _ProblemResponse:
    """A problem detail that is held back until all of it has arrived."""

    start: Message | None = None
    body: list[bytes] = field(default_factory=list)


class HtmlErrorMiddleware:
    """Turns the problem details that `app` sends to a browser into pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        compile_templates()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and replace a problem detail in the response by a page."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        problem = _ProblemResponse()

        async def hold_back_problem(message: Message) -> None:
            if message["type"] == "http.response.start":
                media_type = Headers(raw=message["headers"]).get("content-type", "")
                problem.start = message if media_type.startswith(MEDIA_TYPE) else None
            if problem.start is None:
                await send(message)
            elif message["type"] == "http.response.body":
                problem.body.append(message.get("body", b""))

        await self._app(scope, receive, hold_back_problem)
        if problem.start is not None:
            if problem.start["status"] == 413:
                await _drain(receive)
            await _error_page(scope, problem)(scope, receive, send)


def _error_page(scope: Scope, response: _ProblemResponse) -> ASGIApp:
    problem = msgspec.json.decode(b"".join(response.body), type=Problem)
    if problem.status == 413 and scope["path"] == _UPLOAD:
        problem = replace(problem, title="The file is too large", detail=_TOO_LARGE)
    shown = page(
        Request(scope),
        "error.html",
        status=problem.status,
        title=problem.title,
        message=problem.detail,
        offer=problem.offer,
        ended=problem.type.endswith(NOT_SIGNED_IN.slug),
    )
    headers = Headers(raw=response.start["headers"]) if response.start else Headers()
    for name in ("www-authenticate", "retry-after"):
        if name in headers:
            shown.headers[name] = headers[name]
    return shown


async def _drain(receive: Receive) -> None:
    """Read and discard the rest of a request."""
    left = _MOST_DRAINED
    while left > 0:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            return
        left -= len(message.get("body", b""))
