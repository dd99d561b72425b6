"""Queues: whose turn it is to work, and who gives way where a queue is full."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from typing import TypeVar

import anyio
from anyio import CancelScope

T = TypeVar("T")


def slowest(waited_for: Iterable[tuple[T, str, float]], here: Counter[str], new: str) -> T | None:
    """The one that has been waited for longest, of the client with the most here; else None.

    Each comes with its client and since when it is waited for.  `here` counts all that each client
    has; where that is less than the client of the `new` one has, nothing gives way.  So a client
    with many requests loses its own, and an honest one that sends slowly keeps its place.
    """
    found = (each for each in waited_for if here[each[1]] >= here[new])
    longest = max(found, key=lambda each: (here[each[1]], -each[2]), default=None)
    return longest[0] if longest else None


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
        self._most = most
        self._here: list[Turn] = []

    def place(self, client: str) -> Turn | None:
        """A place for a request of this client; None where no other can wait."""
        if len(self._here) >= self._most and not self._make_room(client):
            return None
        turn = Turn(self, client)
        self._here.append(turn)
        return turn

    def leave(self, turn: Turn) -> None:
        """Let another request have this one's place, if it has one."""
        if turn in self._here:
            self._here.remove(turn)

    def _make_room(self, client: str) -> bool:
        """Whether one gave way: one that arrives, or the last to wait of who has more here."""
        here = Counter(turn.client for turn in self._here)
        slow = slowest(((t, t.client, t.since) for t in self._here if t.arrives), here, client)
        waiting = [t for t in reversed(self._here) if t.waits and here[t.client] > here[client] + 1]
        last = max(waiting, key=lambda turn: here[turn.client], default=None)
        either = filter(None, (slow, last))
        gives_way = max(either, key=lambda turn: here[turn.client], default=None)
        if gives_way is not None:
            gives_way.give_way()
        return gives_way is not None


class Turn:
    """A place of one request in a queue, and its turn to work when it has come."""

    def __init__(self, queue: Queue, client: str) -> None:
        self.client = client
        self.since = anyio.current_time()
        self.arrives = True
        """whether its body is not here whole"""
        self.waits = False
        """whether it is here whole and has not had its turn"""
        self.until_begun = CancelScope()
        self.gave_way = False
        self._queue = queue
        self._works = False

    async def begin(self) -> None:
        """Wait for the turn."""
        await self._queue.turns.take(self.client)
        self._works, self.waits = True, False

    def pause(self) -> None:
        """Let the next request work."""
        if self._works:
            self._works = False
            self._queue.turns.give()

    def end(self) -> None:
        """Let the next request work, and another one wait."""
        self.pause()
        self._queue.leave(self)

    def give_way(self) -> None:
        """Leave the place to another request; this one is refused."""
        self.gave_way = True
        self.end()
        self.until_begun.cancel()
