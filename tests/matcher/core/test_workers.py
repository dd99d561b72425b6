"""Tasks in one process and in several."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matcher.core import workers
from matcher.core.errors import BadSource


def tasks(good: int) -> Iterator[int]:
    yield from range(good)
    raise BadSource("part.csv is damaged")


@pytest.mark.parametrize("place", ["1", "2"])
@pytest.mark.parametrize("good", [0, 1, 9])
def test_an_error_in_making_the_tasks_is_raised(place: str, good: int) -> None:
    with workers.running_on(place), pytest.raises(BadSource, match=r"part\.csv is damaged"):
        list(workers.in_order(abs, tasks(good)))
