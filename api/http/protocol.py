"""The server's side of a connection: limits on headers, on time and on connections.

They hold before the application sees a request, and so before any API key is checked.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from collections import Counter

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.http.problems import MEDIA_TYPE, ProblemType, problem
from api.http.turns import slowest

HEADER_BYTES = 64 * 1024
"""of the request line and all headers"""
HEADER_SECONDS = 15.0
"""for the request line and all headers to arrive"""
BODY_SECONDS = 150.0
"""for the body to arrive"""
UNREAD_SECONDS = 30.0
"""for a client to read some of an answer that waits for it"""


def most_connections() -> int:
    """How many connections each worker process keeps open: half of the files it may have open."""
    try:
        import resource
    except ImportError:  # Windows sets no such limit
        return _CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _CONNECTIONS if files == resource.RLIM_INFINITY else min(_CONNECTIONS, files // 2)


_CONNECTIONS = 512
CONNECTIONS = most_connections()
"""open at the same time, in each worker process"""

_PIECE = 8 * 1024
_OVERHEAD = 8
"""Bytes on the connection for each byte of a body that is sent in the smallest pieces."""
_NO_HTTP = ProblemType(400, "no-http", "The request cannot be read")
_TOO_LONG = ProblemType(431, "headers-too-large", "The headers are too large")
_TOO_SLOW = ProblemType(408, "slow", "The request took too long to arrive")
_TOO_MANY = ProblemType(503, "busy", "The service is busy")
_STOPPING = ProblemType(503, "stopping", "The service is being stopped")
_PHRASES = {
    400: "Bad Request",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
_PASSING = {408, 503}
"""Where the same request may be answered later."""


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with limits that it lacks."""

    _in_headers = True
    _header_bytes = 0
    _message_bytes = 0
    _body_bytes = 0
    _timer: TimerHandle | None = None
    _unread_timer: TimerHandle | None = None
    _since = 0.0
    """when it began to be idle, or its client to be waited for"""
    _gave_way = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, and make room for it.

        Where there are too many connections, the one that was idle for longest is closed.  Where
        none is idle, one whose client has not sent its request whole, or does not read its answer,
        gives way: so clients that are slow keep out nobody.  A request that is here is answered;
        where all are, this one is refused.
        """
        super().connection_made(transport)
        self._since = self.loop.time()
        if len(self.connections) > CONNECTIONS and not self._finds_room():
            self._refuse(_TOO_MANY, f"more than {CONNECTIONS} connections are open; try again")
        else:
            self._within(HEADER_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_timer()
        self._stop_unread_timer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the client to read, but not for ever: it would keep its connection."""
        super().pause_writing()
        self._since = self.loop.time()
        self._wait_until_read()

    def resume_writing(self) -> None:
        """The client has read most of what waited for it."""
        self._stop_unread_timer()
        super().resume_writing()
        if self.transport.is_closing():
            self._wait_until_read()

    def on_response_complete(self) -> None:
        """Be idle from now on, or wait for the client to read the last answer."""
        self._since = self.loop.time()
        super().on_response_complete()
        if self.transport.is_closing():
            self._wait_until_read()

    def send_400_response(self, msg: str) -> None:
        """Say in a problem detail that this is no HTTP; uvicorn says it in plain text."""
        self.transport.write(
            _response(_NO_HTTP, "the headers or the body are not as HTTP has them")
        )
        self.transport.close()

    def shutdown(self) -> None:
        """Answer what is here before the service ends, and wait for nothing that is still sent."""
        if not (self._in_headers or self._is_answered or self.pipeline):
            self._refuse(_STOPPING, "nothing of this request was kept; send it again in a minute")
            return
        super().shutdown()
        if self.transport.is_closing():
            self._wait_until_read()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that had no other request."""
        self._close()

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, a piece at a time while headers arrive."""
        step = _PIECE if self._in_headers else len(data)
        for start in range(0, len(data), step or 1):
            if self.transport.is_closing() or self.parser is None:
                return
            piece = data[start : start + step]
            if self._in_headers:
                self._header_bytes += len(piece)
                if self._timer is None:
                    self._since = self.loop.time()
                    self._within(HEADER_SECONDS)
            else:
                self._message_bytes += len(piece)
            super().data_received(piece)
            self._check_bytes()

    def on_headers_complete(self) -> None:
        """Wait for the body from now on."""
        self._in_headers = False
        self._header_bytes = self._message_bytes = self._body_bytes = 0
        self._within(BODY_SECONDS)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count a piece of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is here; the next one has a time limit once its first byte arrives."""
        self._stop_timer()
        self._in_headers = True
        self._header_bytes = self._message_bytes = self._body_bytes = 0
        super().on_message_complete()

    def _check_bytes(self) -> None:
        """Refuse headers that are too large, and trailers and chunk extensions with them."""
        overhead = self._message_bytes - _OVERHEAD * self._body_bytes
        if max(self._header_bytes, overhead) > HEADER_BYTES:
            self._refuse(_TOO_LONG, f"send at most {HEADER_BYTES:,} bytes of headers")

    def _within(self, seconds: float) -> None:
        """Give the client this long for what it has begun to send."""
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._too_slow, seconds)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait_until_read(self) -> None:
        """Drop the connection if the client reads nothing of what waits for it."""
        self._stop_unread_timer()
        left = self.transport.get_write_buffer_size()
        if left:
            self._unread_timer = self.loop.call_later(UNREAD_SECONDS, self._drop_unread, left)

    def _drop_unread(self, before: int) -> None:
        if self.transport.get_write_buffer_size() < before:
            self._wait_until_read()
        else:
            self.transport.abort()

    def _stop_unread_timer(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def _close(self) -> None:
        self.transport.close()
        self._wait_until_read()

    def _finds_room(self) -> bool:
        """Whether this connection can stay, now that another gave way if one had to."""
        every = (each for each in self.connections if isinstance(each, GuardedProtocol))
        others = [each for each in every if not each._gave_way and each is not self]
        if len(others) < CONNECTIONS:
            return True
        idle = min((each for each in others if each._is_idle), key=_since, default=None)
        slow = ((each, each._address, each._since) for each in others if each._is_waited_for)
        here = Counter(each._address for each in others)
        gives_way = idle or slowest(slow, here, self._address)
        if gives_way is not None:
            gives_way._give_way()
        return gives_way is not None

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    @property
    def _is_answered(self) -> bool:
        """Whether nothing is being worked on for it."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def _is_unread(self) -> bool:
        """Whether its client has yet to read some of what was sent."""
        return self.transport.get_write_buffer_size() > 0

    @property
    def _is_idle(self) -> bool:
        """Whether it has begun no request that is not answered, and all was read."""
        begun = self._header_bytes or not self._in_headers or not self._is_answered
        return not (begun or self._is_unread or self.transport.is_closing())

    @property
    def _is_waited_for(self) -> bool:
        """Whether its request is not here whole, or its answer waits to be read."""
        at_work = not self._is_answered and (self._in_headers or self.pipeline)
        return self._unread_timer is not None or (self._timer is not None and not at_work)

    def _give_way(self) -> None:
        self._gave_way = True
        if self._is_unread:
            self.transport.abort()
        elif self._is_idle:
            self._close()
        else:
            self._refuse(_TOO_MANY, "too many connections are open, and this one was slow")

    def _too_slow(self, seconds: float) -> None:
        self._timer = None
        what = "headers" if self._in_headers else "body"
        self._refuse(_TOO_SLOW, f"the {what} did not arrive within {seconds:.0f} seconds")

    def _refuse(self, type_: ProblemType, detail: str) -> None:
        """Answer with a problem, unless this would mix with another answer, and close."""
        self._stop_timer()
        if self.transport.is_closing():
            return
        arrives = not self._in_headers and not self.cycle.response_started
        if not self.pipeline and (arrives or (self._in_headers and self._is_answered)):
            self.transport.write(_response(type_, detail))
        self._close()


def _since(connection: GuardedProtocol) -> float:
    return connection._since


def _response(type_: ProblemType, detail: str) -> bytes:
    body = msgspec.json.encode(problem(type_, detail))
    again = "Retry-After: 5\r\n" if type_.status in _PASSING else ""
    head = (
        f"HTTP/1.1 {type_.status} {_PHRASES[type_.status]}\r\nContent-Type: {MEDIA_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\n{again}Connection: close\r\n\r\n"
    )
    return head.encode() + body
