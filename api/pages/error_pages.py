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

_CHECK_ADDRESS = (
    "Nothing is kept under this address. If you typed or copied the address, check that it is "
    "complete. "
)
_WITHOUT_QUERY = "Correct it, or leave out the question mark and what follows it."
_PLAIN = {
    "no shortlist ": (
        "We cannot find this shortlist",
        f"{_CHECK_ADDRESS}Otherwise look for the title of the lot under Past shortlists.",
    ),
    "no comparison of splits ": (
        "We cannot find this comparison",
        f"{_CHECK_ADDRESS}Otherwise look for it under Ways to split.",
    ),
    "no provider ": (
        "We cannot find this provider",
        "The register does not have it under this ID. It may have been taken out or joined with "
        "another record since. On a shortlist, look for its name under “Why not this provider?”.",
    ),
    " was removed from the records": (
        "This is no longer kept",
        "It was deleted once it had been kept for long enough. You can make a new shortlist for "
        "the same lot.",
    ),
    " is not possible here; use ": (
        "There is no page at this address",
        "It only takes a form that a page sends. Go back to that page and send the form again.",
    ),
    "the body did not arrive in time": (
        "What you sent did not arrive in time",
        "Nothing was changed. Check your connection, go back and send it again.",
    ),
}
"""Part of a message to programs → the title and the message to a person."""


_FOR_OPERATORS = ("/register", "/bundle")
"""The ends of the types of problems that only the people who run the service can mend."""
_TELL_THEM = (
    "Nothing was changed. Lists and decisions that were saved before are still under Past "
    "shortlists. Send this to the people who run the service: "
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
    if problem.status == 422 and problem.errors and scope["method"] == "GET":
        told = "; ".join(f"“{each.where}”: {each.detail}" for each in problem.errors)
        detail = f"What follows the question mark in it cannot be read: {told}. {_WITHOUT_QUERY}"
        problem = replace(problem, title="There is a problem with this address", detail=detail)
    for said, (title, words) in _PLAIN.items():
        if said in problem.detail:
            problem = replace(problem, title=title, detail=words)
    if problem.type.endswith(_FOR_OPERATORS):
        problem = replace(
            problem,
            title="The service cannot make lists at the moment",
            detail=f"{_TELL_THEM}{problem.detail}",
        )
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
