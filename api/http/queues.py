"""Queues for the requests that take long: ranking many lots, and reading a document.

Each queue works on a few requests at a time, and lets some wait.  When it is full, a request is
answered with 503 and a time to try again: of the client that has most here, the one whose body is
longest on its way, or else its last; or else the new one.  Other requests never wait for these.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import problems
from api.http.media_types import LINES
from api.http.problems import ProblemType, problem
from api.http.turns import Queue, Turn
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
_START = "http.response.start"
_RETRY_AFTER = {"Retry-After": "5"}
_CLOSE = {"Connection": "close"}

BODY_SECONDS = 120.0
"""for the whole body of a queued request to arrive"""
PAUSE_SECONDS = 20.0
"""between two pieces of a body, and for a client to read a piece of the answer"""
PIECE = 64 * 1024
"""bytes of an answer that are sent at once"""
SMALL_PIECE = 16 * 1024
"""bytes of a body that are read at once"""
WAIT_SECONDS = 60.0
"""that a request waits for its turn"""


class _LeftError(Exception):
    """Raised where the client closed the connection before the work on its request began."""


class _RefusedError(Exception):
    """Raised where a request is answered without being worked on; holds the answer."""

    def __init__(self, answer: ASGIApp) -> None:
        super().__init__()
        self.answer = answer


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
        turn = queue.place(scope["client_key"])
        if turn is None:
            await _refuse(_busy(), _RETRY_AFTER | _CLOSE)(scope, receive, send)
            return
        try:
            await self._in_turn(turn, scope, receive, send)
        finally:
            turn.end()

    def _queue(self, scope: Scope) -> Queue | None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return None
        path: str = scope["path"]
        name = RANKING if path.endswith(_RANKING_ENDS) else self._queued.get(path)
        return self._queues[name] if name else None

    async def _in_turn(self, turn: Turn, scope: Scope, receive: Receive, send: Send) -> None:
        """Receive the whole body first: a slow client must not hold up the others."""
        try:
            with turn.until_begun:
                body = await _until_begun(turn, receive)
        except _LeftError:
            return
        except _RefusedError as refused:
            await refused.answer(scope, receive, send)
            return
        if turn.gave_way:
            await _refuse(_busy(), _RETRY_AFTER | _CLOSE)(scope, receive, send)
        else:
            await self._app(scope, _replayed(body, receive), _Sending(send, turn))


async def _until_begun(turn: Turn, receive: Receive) -> list[bytes]:
    """The whole body of a request, once it is its turn.

    Raises _LeftError, and _RefusedError where it is not sent, or its turn does not come, in time.
    """
    try:
        with anyio.fail_after(BODY_SECONDS):
            body = await _body(receive)
    except TimeoutError as error:
        raise _RefusedError(_refuse(_slow(), _CLOSE)) from error
    turn.arrives, turn.waits = False, True
    try:
        with anyio.fail_after(WAIT_SECONDS):
            await _unless_gone(turn.begin, receive)
    except TimeoutError as error:
        raise _RefusedError(_refuse(_busy(), _RETRY_AFTER)) from error
    return body


class _Sending:
    """Sends a response; a client that reads it slowly holds up no other request.

    The work is done when the response begins.  Only lines are sent while the work goes on: others
    may work while one is sent.
    """

    def __init__(self, send: Send, turn: Turn) -> None:
        self._send = send
        self._turn = turn
        self._in_lines = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == _START:
            types = [value for name, value in message["headers"] if name == b"content-type"]
            self._in_lines = types == [LINES.encode()]
        if self._in_lines:
            self._turn.pause()
        else:
            self._turn.end()
        for piece in _pieces(message):
            with anyio.fail_after(PAUSE_SECONDS):
                await self._send(piece)
            await anyio.sleep(0)  # a client that reads fast holds up no other either
        if self._in_lines and (message["type"] == _START or message.get("more_body")):
            await self._turn.begin()


def _pieces(message: Message) -> Iterator[Message]:
    """A part of an answer in pieces, each of which a client on a slow line reads in time."""
    content = message.get("body", b"")
    if len(content) <= PIECE:
        yield message
        return
    last = range(0, len(content), PIECE)[-1]
    for start in range(0, len(content), PIECE):
        more = start < last or message.get("more_body", False)
        yield {**message, "body": content[start : start + PIECE], "more_body": more}


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


async def _unless_gone(wait: Callable[[], Awaitable[None]], receive: Receive) -> None:
    """Wait, unless the client closes the connection meanwhile."""
    gone = False

    async def watch(waiting: anyio.CancelScope) -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        waiting.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch, tasks.cancel_scope)
        await wait()
        tasks.cancel_scope.cancel()
    if gone:
        raise _LeftError


def _replayed(pieces: list[bytes], receive: Receive) -> Receive:
    """Gives the pieces again, in smaller ones that are soon read, then what `receive` gives."""
    body = b"".join(pieces)
    starts = iter(range(0, max(1, len(body)), SMALL_PIECE))

    async def again() -> Message:
        start = next(starts, None)
        if start is None:
            return await receive()
        await anyio.sleep(0)  # a form of many fields takes long to read
        piece = body[start : start + SMALL_PIECE]
        more = start + SMALL_PIECE < len(body)
        return {"type": "http.request", "body": piece, "more_body": more}

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
