from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.published import publish
from tests.replay import Replay, replaying
from tests.training.conftest import trained

__all__ = ["trained"]


@pytest.fixture
def replay() -> Iterator[Replay]:
    """A server of everything that is published."""
    with replaying() as server:
        publish(server)
        yield server
