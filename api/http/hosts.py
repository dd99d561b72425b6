"""The host names that the service answers to.

A page of another website could else give its own name to this address, and read what is here.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http import problems
from api.http.problems import ProblemType, problem

_HOST = re.compile(r"([A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_WRONG = ProblemType(400, "host", "The service does not answer to this name")


class HostMiddleware:
    """Passes requests on to `app` that name one of the `hosts`, whatever the port."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer with a problem."""
        name = _name(scope) if scope["type"] == "http" else None
        if name is None or name.lower() in self._hosts:
            await self._app(scope, receive, send)
            return
        refused = problems.response(problem(_WRONG, _refusal(name)))
        await refused(scope, receive, send)


def _name(scope: Scope) -> str:
    """The host name of a request, without the port; '' where it has none, or two."""
    named = Headers(scope=scope).getlist("host")
    found = _HOST.fullmatch(named[0]) if len(named) == 1 else None
    return found[1] if found else ""


def _refusal(name: str) -> str:
    if not name:
        return "send one 'Host' header, with the name of this service"
    return (
        f"{name!r} is no name of this service; if it is the name of a proxy in front, start the "
        f"service with `--allow-host {name}`"
    )
