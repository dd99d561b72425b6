"""Refusals as pages, for whoever asks with a browser.

Whatever refuses, the services, the porter or the framework, answers with a problem detail.  A
browser says that it wants a page, and gets the same in words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import MEDIA_TYPE, Problem
from api.pages.templating import page, ready
from matcher.sources.documents.reader import LARGEST_FILE

_UPLOAD = "/need"
_DRAINED = 300_000_000
"""Bytes of a refused upload that are thrown away, so that its sender gets to read the answer."""
_TOO_LARGE = (
    f"The file is too large: it may have {LARGEST_FILE / 1e6:,.0f} MB. Leave its pictures out, "
    "or paste the part that says what is wanted."
)


@dataclass(slots=True)
class _Answer:
    """An answer on its way out; a problem is held back."""

    start: Message | None = None
    body: list[bytes] = field(default_factory=list)


class HtmlErrorMiddleware:
    """Turns the problem details that `app` answers a browser with into pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        ready()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        held = _Answer()

        async def looking(message: Message) -> None:
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                held.start = message if kind.startswith(MEDIA_TYPE) else None
            if held.start is None:
                await send(message)
            elif message["type"] == "http.response.body":
                held.body.append(message.get("body", b""))

        await self._app(scope, receive, looking)
        if held.start is not None:
            if held.start["status"] == 413:
                await _drain(receive)
            await _as_page(scope, held)(scope, receive, send)


def _as_page(scope: Scope, held: _Answer) -> ASGIApp:
    one = msgspec.json.decode(b"".join(held.body), type=Problem)
    if one.status == 413 and scope["path"] == _UPLOAD:
        one = replace(one, title="The file is too large", detail=_TOO_LARGE)
    response = page(
        Request(scope),
        "refused.html",
        status=one.status,
        title=one.title,
        message=one.detail,
        offer=one.offer,
    )
    told = Headers(raw=held.start["headers"]) if held.start else Headers()
    for name in ("www-authenticate", "retry-after"):
        if name in told:
            response.headers[name] = told[name]
    return response


async def _drain(receive: Receive) -> None:
    left = _DRAINED
    while left > 0:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            return
        left -= len(message.get("body", b""))
