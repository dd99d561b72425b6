"""Whose turn it is: one client's many requests do not keep another's waiting."""

from __future__ import annotations

import anyio
import pytest

from api.http.turns import Queue, Turn, Turns


def test_clients_take_turns_however_many_requests_each_sends() -> None:
    order: list[str] = []

    async def ask(turns: Turns, client: str) -> None:
        await turns.take(client)
        order.append(client)
        await anyio.wait_all_tasks_blocked()
        turns.give()

    async def run() -> None:
        turns = Turns(1)
        await turns.take("before")
        async with anyio.create_task_group() as tasks:
            for client in ("many", "many", "many", "many", "one", "other", "other"):
                tasks.start_soon(ask, turns, client)
                await anyio.wait_all_tasks_blocked()
            turns.give()
        with anyio.fail_after(5):
            await turns.take("after")  # every turn was given back

    anyio.run(run)
    assert order == ["many", "one", "other", "many", "other", "many", "many"]


def test_who_gives_up_waiting_holds_up_nobody() -> None:
    async def take_and_give(turns: Turns) -> None:
        await turns.take("late")
        turns.give()

    async def run() -> None:
        turns = Turns(2)
        await turns.take("a")
        await turns.take("a")
        for _ in range(3):
            with anyio.move_on_after(0):
                await turns.take("gone")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(take_and_give, turns)
            await anyio.wait_all_tasks_blocked()
            turns.give()  # the turn comes
            tasks.cancel_scope.cancel()  # at the moment when it is given up
        with anyio.fail_after(5):
            await turns.take("b")
        turns.give()
        turns.give()
        with anyio.fail_after(5):
            await turns.take("c")
            await turns.take("c")

    anyio.run(run)


@pytest.mark.parametrize("client", ["many", "other", "new"])
def test_who_has_many_requests_takes_no_place_of_one_that_still_arrives(client: str) -> None:
    def place(queue: Queue, client: str, *, arrived: bool) -> Turn:
        turn = queue.place(client)
        assert turn is not None
        turn.arrives, turn.waits = not arrived, arrived
        return turn

    async def run() -> None:
        queue = Queue(1, 5)
        many = [place(queue, "many", arrived=True) for _ in range(4)]
        other = place(queue, "other", arrived=False)
        has_place = queue.place(client) is not None
        assert has_place == (client != "many")
        assert not other.gave_way
        assert [turn.gave_way for turn in many] == [False, False, False, has_place]

    anyio.run(run)


def test_of_a_client_with_many_requests_the_slowest_to_arrive_gives_way() -> None:
    async def run() -> None:
        queue = Queue(1, 3)
        first, second, third = (queue.place("many") for _ in range(3))
        assert first
        assert second
        assert third
        first.arrives, first.waits = False, True
        assert queue.place("new")
        assert [turn.gave_way for turn in (first, second, third)] == [False, True, False]

    anyio.run(run)
