from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matcher.fetch.access.base import FetchContext, FetchRequest
from matcher.fetch.client import Client
from matcher.fetch.fetcher import Fetcher, FetchOutcome
from matcher.fetch.ocds_api import every_release
from matcher.fetch.store import FeedStore
from matcher.fetch.targets import targets
from matcher.sources.catalogue import (
    AccessMethod,
    Catalogue,
    CatalogueEntry,
    load_catalogue,
)
from tests.published import publish
from tests.replay import FakeClock, Replay, replaying, sources_toml


@pytest.fixture
def replay() -> Iterator[Replay]:
    """A server that nothing is published on yet."""
    with replaying() as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(clock: FakeClock) -> Iterator[Client]:
    with Client(clock, env={}) as polite:
        yield polite


def entry(address: str, **told: Any) -> CatalogueEntry:
    """A source of one file at an address."""
    usual: dict[str, Any] = {
        "title": "Test Source",
        "group": "test",
        "way": AccessMethod.FILES,
        "layout": "mutuals",
        "licence": "OGL-UK-3.0",
        "attribution": "Test.",
        "pause": 0,
    }
    return CatalogueEntry(address=address, **(usual | told))


@dataclass
class World:
    """A store, a server on which every source is published, and a clock."""

    replay: Replay
    clock: FakeClock
    store: FeedStore
    client: Client
    entries: Catalogue

    def fetch(self, *words: str, anew: bool = False, **asked: Any) -> list[FetchOutcome]:
        """Fetch what the words name, as the command does."""
        question = FetchRequest(tuple(words), **asked)
        wanted = targets(question, self.entries, self.store)
        fetcher = Fetcher(FetchContext(self.store, self.client, lambda areas: every_release, anew))
        return fetcher.fetch(wanted)

    def one(self, *words: str, **asked: Any) -> FetchOutcome:
        """The one outcome of fetching one source."""
        (outcome,) = self.fetch(*words, **asked)
        return outcome


@pytest.fixture
def world(replay: Replay, clock: FakeClock, client: Client, tmp_path: Path) -> World:
    publish(replay)
    entries = load_catalogue([sources_toml(tmp_path, replay)])
    return World(replay, clock, FeedStore(tmp_path / "store"), client, entries)
