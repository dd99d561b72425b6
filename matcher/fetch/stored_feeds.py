"""Stored sources as feeds for a build, and what the store keeps after the build.

While a build reads a source's archive, it writes the records to a copy that holds no personal
data.  When the build succeeds the archive is deleted, unless it is to be kept.  The next build
reads the copy, so nothing is fetched twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from matcher.core import atomic
from matcher.core.errors import FetchError
from matcher.core.types import Provider
from matcher.fetch.access.base import StoredFeed, StoredSource
from matcher.fetch.access.methods import access_to
from matcher.fetch.clock import Tell, silent
from matcher.fetch.readers import CODES
from matcher.fetch.store import FeedStore, State, stored_file
from matcher.geo.postcodes import META, PostcodeTable
from matcher.sources.catalogue import Catalogue, CatalogueEntry
from matcher.sources.feed import Feed
from matcher.sources.notices.ocds import AwardSource, merged_notices
from matcher.sources.payments.spend_files import SpendFile
from matcher.sources.reference import nspl, place_names

_TABLE = "table"
_TOWNS = "towns.csv"
_PLACE_NAMES = "place-names"


@dataclass
class StoredFeeds:
    """The sources in a store that a build can read.  `keep` keeps their archives afterwards."""

    store: FeedStore
    entries: Catalogue
    keep: bool = False
    tell: Tell = silent
    _feeds_read: dict[str, list[StoredFeed]] = field(default_factory=dict)

    def states(self) -> dict[str, tuple[State, CatalogueEntry]]:
        """The state of each stored source, with its catalogue entry, by name.

        Raises FetchError where the catalogue has no such entry.
        """
        states: dict[str, tuple[State, CatalogueEntry]] = {}
        for name in self.store.names():
            state = self.store.state(name)
            if state is not None:
                states[name] = state, self._entry(name, state)
        return states

    def _entry(self, name: str, state: State) -> CatalogueEntry:
        if state.entry not in self.entries:
            raise FetchError(
                f"--store {self.store.path}: has {name}, which is not in the catalogue of "
                "sources; give the file that lists it with --sources, or delete that folder"
            )
        return self.entries[state.entry]

    def has_providers(self) -> bool:
        """Whether any stored source has providers."""
        reference = {"postcodes", _PLACE_NAMES, "spending", *CODES}
        return any(entry.layout not in reference for _, entry in self.states().values())

    def feeds(self, files: Sequence[AwardSource] = ()) -> Iterator[Feed]:
        """Each source as one or more feeds: all providers first, then all awards.

        The notices of the store are merged with those of `files`, by the same rule of which notice
        stands. Raises FetchError where a stored file has changed.
        """
        sources = [
            StoredSource(name, state, entry, self.store, self.keep, self._add_labels)
            for name, (state, entry) in self.states().items()
        ]
        notices = list(files)
        for source in sources:
            for feed in access_to(source.entry).feeds(source):
                self._feeds_read.setdefault(source.name, []).append(feed)
                yield feed.tally, feed.records
            if (stored := access_to(source.entry).notices(source)) is not None:
                self._feeds_read[source.name] = [StoredFeed(stored.tally, iter(()))]
                notices.append(stored)
        yield from merged_notices(notices)

    def spending(self, columns: Path | None = None) -> list[SpendFile]:
        """The tables of payments in the store; `columns` corrects what their columns mean.

        Raises FetchError where a stored file has changed.
        """
        found: list[SpendFile] = []
        for name, (state, entry) in self.states().items():
            source = StoredSource(name, state, entry, self.store, self.keep, self._add_labels)
            found += access_to(entry).spending(source, columns)
        return found

    def _add_labels(self, record: Provider) -> Provider:
        """The record, with names added to tags that are only a SIC code."""
        if any(tag.isdecimal() for tag in record.tags):
            return replace(record, tags=tuple(map(self._label, record.tags)))
        return record

    def _label(self, tag: str) -> str:
        name = self.sic_names.get(tag.zfill(5)) if tag.isdecimal() else None
        return f"{tag.zfill(5)} - {name}" if name else tag

    @cached_property
    def sic_names(self) -> Mapping[str, str]:
        """The names of SIC codes; empty where the list was not fetched."""
        for name, (state, entry) in self.states().items():
            if entry.layout == "sic":
                paths = [self.store.verified(name, state, file) for file in state.files]
                return CODES["sic"](paths)
        return {}

    def finish(self) -> None:
        """After a build: note what was read, and delete the archives unless they are kept."""
        for name, feeds in self._feeds_read.items():
            state = self.store.state(name)
            if state is None or (state.records and not state.files):
                continue
            access = access_to(self.entries[state.entry])
            tallies = tuple(access.final_tally(feed.tally, state) for feed in feeds)
            copies = [feed.copy for feed in feeds if feed.copy is not None]
            if copies:
                state = replace(state, files=(), records=tuple(map(stored_file, copies)))
            self.store.put(name, replace(state, tallies=tallies))
        for name, (state, entry) in self.states().items():
            compiled = {"postcodes": _TABLE, _PLACE_NAMES: _TOWNS}.get(entry.layout)
            folder = self.store.path / name / state.generation
            if compiled and not self.keep and (folder / compiled).exists():
                self.store.put(name, replace(state, files=()))

    def postcode_table(self) -> Path | None:
        """The compiled table of the fetched postcodes, or None where there are none.

        Raises FetchError where the table and its files are missing.
        """
        for name, (state, entry) in self.states().items():
            if entry.layout == "postcodes":
                table = self.store.path / name / state.generation / _TABLE
                return table if (table / META).is_file() else self._compile(name, state, table)
        return None

    def town_list(self, table: Path) -> Path | None:
        """The list of the fetched towns and villages, or None where none were fetched.

        `table` is the postcode table that tells which council each is in. Raises FetchError where
        the list and its files are missing.
        """
        for name, (state, entry) in self.states().items():
            if entry.layout == _PLACE_NAMES:
                towns = self.store.path / name / state.generation / _TOWNS
                if not towns.is_file():
                    self._compile_towns(name, state, towns, table)
                return towns
        return None

    def _compile_towns(self, name: str, state: State, towns: Path, table: Path) -> None:
        if not state.files:
            raise FetchError(
                f"--store {self.store.path}: the list of towns is missing; fetch it again with "
                f"`matcher fetch {name} --again`"
            )
        paths = [self.store.verified(name, state, file) for file in state.files]

        def progress(done: int, total: int) -> None:
            self.tell("reading towns", done, total, "files")

        tally = place_names.compile_towns(towns, paths, PostcodeTable.open(table), progress)
        self.store.put(name, replace(state, tallies=(tally,)))

    def _compile(self, name: str, state: State, table: Path) -> Path:
        if not state.files:
            raise FetchError(
                f"--store {self.store.path}: the postcode table is missing; fetch it again with "
                f"`matcher fetch {name} --again`"
            )
        paths = [self.store.verified(name, state, file) for file in state.files]

        def progress(done: int, total: int) -> None:
            self.tell("compiling postcodes", done, total, "files")

        with atomic.replacing_folder(table) as folder:
            tally, _ = nspl.compile_table(folder, paths, progress)
        self.store.put(name, replace(state, tallies=(tally,)))
        return table
