from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.cli import options, split
from matcher.sources.documents.reader import read_document
from tests.published import publish
from tests.replay import Replay, replaying
from tests.training.conftest import trained

__all__ = ["trained"]


@pytest.fixture
def sandboxed() -> None:
    """Documents are read in a process of their own, as always outside the tests."""


@pytest.fixture(autouse=True)
def _documents_are_read_in_this_process(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To start a process takes a second each time.  Tests that ask for `sandboxed` do."""
    if "sandboxed" not in request.fixturenames:
        monkeypatch.setattr(options, "read_in_sandbox", read_document)
        monkeypatch.setattr(split, "read_in_sandbox", read_document)


@pytest.fixture
def replay() -> Iterator[Replay]:
    """A server of everything that is published."""
    with replaying() as server:
        publish(server)
        yield server
