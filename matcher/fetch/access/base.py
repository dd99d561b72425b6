"""What every kind of source can do: say what to fetch, fetch it, and read it back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ClassVar

from matcher.core.types import Provider, Tally
from matcher.fetch.client import Client
from matcher.fetch.ocds_api import ReleaseFilter
from matcher.fetch.store import FeedStore, State
from matcher.sources.catalogue import CatalogueEntry
from matcher.sources.notices.ocds import AwardSource
from matcher.sources.payments.spend_files import SpendFile


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What the user asks for: sources by name or group; for notices also days and areas."""

    words: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    areas: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    address: str = ""
    """for spending: the web page, file or folder"""
    body: str = ""
    """for spending: who paid, where the files do not say it"""


@dataclass(frozen=True, slots=True)
class FetchTarget:
    """One source to fetch: its folder in the store, its catalogue entry and its options."""

    name: str
    key: str
    entry: CatalogueEntry
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FetchContext:
    """What a fetch works with. `anew` fetches files even if they have not changed."""

    store: FeedStore
    client: Client
    buyer_filter: Callable[[Sequence[str]], ReleaseFilter]
    """returns the filter for notices of buyers in the named areas"""
    anew: bool = False


@dataclass(frozen=True, slots=True)
class FetchResult:
    """Whether a fetch brought something new, and a note on what it left out."""

    is_new: bool
    note: str = ""


@dataclass(frozen=True)
class StoredSource:
    """A stored source that a build reads. `keep` keeps its archive after the build."""

    name: str
    state: State
    entry: CatalogueEntry
    store: FeedStore
    keep: bool
    add_labels: Callable[[Provider], Provider]
    """returns a provider with the names of its bare SIC codes added"""

    def paths(self) -> list[Path]:
        """The stored files.  Raises FetchError where one has changed on the disk."""
        return [self.store.verified(self.name, self.state, file) for file in self.state.files]


@dataclass(frozen=True, slots=True)
class StoredFeed:
    """One feed of providers of a stored source, which are written to `copy` while it is read."""

    tally: Tally
    records: Iterator[Provider]
    copy: Path | None = None


class SourceAccess(ABC):
    """One kind of source.

    To add a kind: write one module with a subclass, name it in `AccessMethod`, and add it to
    the table in `matcher.fetch.access.methods`.
    """

    takes_files: ClassVar[bool] = False
    """whether the user can supply its files with --file"""
    takes_address: ClassVar[bool] = False
    """whether the user names it by a web address"""

    def target(
        self,
        key: str,
        entry: CatalogueEntry,
        request: FetchRequest,
        previous: Mapping[str, str],
    ) -> FetchTarget:
        """What to fetch of the source `key`.

        `previous` are the options of its last fetch.  Raises BadInput where the request lacks
        something.
        """
        return FetchTarget(key, key, entry)

    @abstractmethod
    def fetch(self, target: FetchTarget, context: FetchContext) -> FetchResult:
        """Fetch a target into the store.  Raises FetchError; the stored copy then stays."""

    def feeds(self, source: StoredSource) -> Iterator[StoredFeed]:
        """The providers of a stored source.  Raises FetchError where a file has changed."""
        return iter(())

    def notices(self, source: StoredSource) -> AwardSource | None:
        """The award notices of a stored source; None where it holds none."""
        return None

    def spending(self, source: StoredSource, columns: Path | None) -> Sequence[SpendFile]:
        """The tables of payments of a stored source; `columns` corrects what columns mean."""
        return ()

    def final_tally(self, tally: Tally, state: State) -> Tally:
        """The tally to store after a build."""
        return tally
