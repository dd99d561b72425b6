"""Queues for the requests that take long: ranking many lots, and reading a document.

Each queue works on a few requests at a time, and lets some wait.  When it is full, a request is
answered with 503 and a time to try again.  Other requests never wait for these.
"""

from __future__ import annotations

from collections.abc import Mapping

import anyio
from anyio import CapacityLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import problems
from api.http.problems import ProblemType, problem
from api.settings import Settings

RANKING = "ranking"
DOCUMENTS = "documents"
QUEUED = {
    "/v1/shortlists": RANKING,
    "/v1/markets": RANKING,
    "/v1/splits": RANKING,
    "/v1/splits/suggest": RANKING,
    "/v1/consortia": RANKING,
    "/reconcile": RANKING,
    "/reconcile/": RANKING,
    "/reconcile/1.0/match": RANKING,
    "/reconcile/1.0/reconcile": RANKING,
    "/reconcile/1.0/extend": RANKING,
}
"""Path → the queue for what is posted to it."""

_RANKING_ENDS = ("/replay", "/narrow", "/weak")
_BUSY = ProblemType(503, "busy", "The service is busy")
_SLOW = ProblemType(408, "slow", "The request took too long to arrive")
_NDJSON = b"application/x-ndjson"
_RETRY_AFTER = {"Retry-After": "5"}
_CLOSE = {"Connection": "close"}

BODY_SECONDS = 120.0
"""for the whole body of a queued request to arrive"""
PAUSE_SECONDS = 20.0
"""between two pieces of a body, and for a client to read a piece of the answer"""
WAIT_SECONDS = 60.0
"""that a request waits for its turn"""


class _LeftError(Exception):
    """Raised where the client closed the connection before its request had arrived."""


class Queue:
    """Requests of one kind: `at_once` of them work at the same time, in all `most` are here."""

    def __init__(self, at_once: int, most: int) -> None:
        self.turns = CapacityLimiter(at_once)
        self.here = 0
        self._most = most

    @property
    def full(self) -> bool:
        """Whether no other request can wait."""
        return self.here >= self._most


class QueueMiddleware:
    """Passes requests on to `app`; those that take long when it is their turn."""

    def __init__(self, app: ASGIApp, settings: Settings, queued: Mapping[str, str]) -> None:
        self._app = app
        self._queued = queued
        self._queues = {
            RANKING: Queue(settings.rankings, settings.waiting),
            DOCUMENTS: Queue(settings.documents, settings.waiting),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 503 or 408."""
        queue = self._queue(scope)
        if queue is None:
            await self._app(scope, receive, send)
            return
        if queue.full:
            await _refuse(_busy(), _RETRY_AFTER | _CLOSE)(scope, receive, send)
            return
        queue.here += 1
        try:
            await self._in_turn(queue, scope, receive, send)
        finally:
            queue.here -= 1

    def _queue(self, scope: Scope) -> Queue | None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return None
        path: str = scope["path"]
        name = RANKING if path.endswith(_RANKING_ENDS) else self._queued.get(path)
        return self._queues[name] if name else None

    async def _in_turn(self, queue: Queue, scope: Scope, receive: Receive, send: Send) -> None:
        """Receive the whole body first: a slow client must not hold up the others."""
        try:
            with anyio.fail_after(BODY_SECONDS):
                body = await _body(receive)
        except _LeftError:
            return
        except TimeoutError:
            await _refuse(_slow(), _CLOSE)(scope, receive, send)
            return
        turn = object()
        try:
            with anyio.fail_after(WAIT_SECONDS):
                await queue.turns.acquire_on_behalf_of(turn)
        except TimeoutError:
            await _refuse(_busy(), _RETRY_AFTER)(scope, receive, send)
            return
        sending = _Sending(send, queue.turns, turn)
        try:
            await self._app(scope, _replayed(body, receive), sending)
        finally:
            sending.end_turn()


class _Sending:
    """Sends a response, and ends the request's turn as soon as its work is done.

    The work is done when the response begins; only lines are sent while the work goes on.
    """

    def __init__(self, send: Send, turns: CapacityLimiter, turn: object) -> None:
        self._send = send
        self._turns = turns
        self._turn: object | None = turn

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            types = [value for name, value in message["headers"] if name == b"content-type"]
            if types != [_NDJSON]:
                self.end_turn()
        with anyio.fail_after(PAUSE_SECONDS):
            await self._send(message)

    def end_turn(self) -> None:
        """Let the next request work."""
        if self._turn is not None:
            self._turns.release_on_behalf_of(self._turn)
            self._turn = None


async def _body(receive: Receive) -> list[bytes]:
    """The body of a request, in pieces."""
    pieces: list[bytes] = []
    while True:
        with anyio.fail_after(PAUSE_SECONDS):
            message = await receive()
        if message["type"] == "http.disconnect":
            raise _LeftError
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return pieces


def _replayed(pieces: list[bytes], receive: Receive) -> Receive:
    """Gives the pieces again, then what `receive` gives."""
    left = pieces[::-1]

    async def again() -> Message:
        if not left:
            return await receive()
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    return again


def _refuse(detail: problems.Problem, headers: Mapping[str, str]) -> ASGIApp:
    return problems.response(detail, headers)


def _busy() -> problems.Problem:
    return problem(
        _BUSY, "too many other requests are being answered; nothing was kept; try again later"
    )


def _slow() -> problems.Problem:
    return problem(
        _SLOW, f"the body did not arrive in time: send it within {BODY_SECONDS:.0f} seconds"
    )
