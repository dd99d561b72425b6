"""Queues for the requests that take long: ranking many lots, and reading a document.

Each queue works on a few requests at a time, and lets some wait.  When it is full, a request is
answered with 503 and a time to try again.  Other requests never wait for these.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping

import anyio
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
_START = "http.response.start"
_NDJSON = b"application/x-ndjson"
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


class Turns:
    """Turns to work, of which `at_once` can be taken at the same time.

    Those who wait get theirs client by client: one that sends many requests at once holds up
    another's by one request, not by all of them.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: OrderedDict[str, deque[anyio.Event]] = OrderedDict()

    async def take(self, client: str) -> None:
        """Wait for a turn."""
        if self._free:
            self._free -= 1
            return
        mine = anyio.Event()
        self._waiting.setdefault(client, deque()).append(mine)
        try:
            await mine.wait()
        except BaseException:
            if mine.is_set():  # it came at the moment when nobody wanted it any more
                self.give()
            else:
                self._waiting[client].remove(mine)
                self._drop_if_empty(client)
            raise

    def give(self) -> None:
        """Give a turn back: the next client has it."""
        if not self._waiting:
            self._free += 1
            return
        client = next(iter(self._waiting))
        self._waiting[client].popleft().set()
        self._waiting.move_to_end(client)
        self._drop_if_empty(client)

    def _drop_if_empty(self, client: str) -> None:
        if not self._waiting[client]:
            del self._waiting[client]


class Queue:
    """Requests of one kind: `at_once` of them work at the same time, in all `most` are here."""

    def __init__(self, at_once: int, most: int) -> None:
        self.turns = Turns(at_once)
        self.here = 0
        self._most = most

    @property
    def full(self) -> bool:
        """Whether no other request can wait."""
        return self.here >= self._most


class _Turn:
    """A place of one request in a queue, and its turn to work when it has come."""

    def __init__(self, queue: Queue, client: str) -> None:
        self._queue = queue
        self._client = client
        self._here = True
        self._works = False
        queue.here += 1

    async def begin(self) -> None:
        """Wait for the turn."""
        await self._queue.turns.take(self._client)
        self._works = True

    def pause(self) -> None:
        """Let the next request work."""
        if self._works:
            self._works = False
            self._queue.turns.give()

    def end(self) -> None:
        """Let the next request work, and another one wait."""
        self.pause()
        self._queue.here -= self._here
        self._here = False


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
        turn = _Turn(queue, scope["client_key"])
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

    async def _in_turn(self, turn: _Turn, scope: Scope, receive: Receive, send: Send) -> None:
        """Receive the whole body first: a slow client must not hold up the others."""
        try:
            with anyio.fail_after(BODY_SECONDS):
                body = await _body(receive)
        except _LeftError:
            return
        except TimeoutError:
            await _refuse(_slow(), _CLOSE)(scope, receive, send)
            return
        try:
            with anyio.fail_after(WAIT_SECONDS):
                await _unless_gone(turn.begin, receive)
        except TimeoutError:
            await _refuse(_busy(), _RETRY_AFTER)(scope, receive, send)
            return
        except _LeftError:
            return
        await self._app(scope, _replayed(body, receive), _Sending(send, turn))


class _Sending:
    """Sends a response; a client that reads it slowly holds up no other request.

    The work is done when the response begins.  Only lines are sent while the work goes on: others
    may work while one is sent.
    """

    def __init__(self, send: Send, turn: _Turn) -> None:
        self._send = send
        self._turn = turn
        self._in_lines = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == _START:
            types = [value for name, value in message["headers"] if name == b"content-type"]
            self._in_lines = types == [_NDJSON]
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
