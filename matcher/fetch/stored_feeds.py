"""What was fetched, as feeds for a build; and what a build leaves of it.

While a build reads a source's own archive, the records that it reads, which hold nothing
personal, are written beside it.  When the register is whole the archive goes, unless it is
to be kept, and the next build reads those records: nothing has to be fetched twice.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import msgspec

from matcher.core import atomic
from matcher.core.errors import FetchError
from matcher.core.redaction import cleaned
from matcher.core.types import Provider, Tally
from matcher.fetch import notice_file
from matcher.fetch.clock import Tell, silent
from matcher.fetch.readers import CODES, READERS
from matcher.fetch.store import FeedStore, State, held
from matcher.geo.postcodes import META
from matcher.sources.catalogue import AccessMethod, Catalogue, CatalogueEntry
from matcher.sources.feed import Feed
from matcher.sources.notices import ocds
from matcher.sources.providers import open_referral
from matcher.sources.reference import nspl

_TABLE = "table"
_encode = msgspec.json.Encoder().encode


@dataclass
class StoredFeeds:
    """The sources in a store that a build can read; `keep`: their archives stay."""

    store: FeedStore
    entries: Catalogue
    keep: bool = False
    tell: Tell = silent
    _read: dict[str, list[tuple[Tally, Path | None]]] = field(default_factory=dict)

    def states(self) -> dict[str, tuple[State, CatalogueEntry]]:
        """What is in force, by name, with its line in the catalogue.

        Raises FetchError where the catalogue has no such line.
        """
        found: dict[str, tuple[State, CatalogueEntry]] = {}
        for name in self.store.names():
            state = self.store.state(name)
            if state is not None:
                found[name] = state, self._entry(name, state)
        return found

    def _entry(self, name: str, state: State) -> CatalogueEntry:
        if state.entry not in self.entries:
            raise FetchError(
                f"--store {self.store.path}: holds {name}, which the catalogue of sources does not "
                "know; name the file that has it with --sources, or delete that folder"
            )
        return self.entries[state.entry]

    def has_providers(self) -> bool:
        """Whether anything here names a provider."""
        bare = {"postcodes", *CODES}
        return any(entry.layout not in bare for _, entry in self.states().values())

    def feeds(self) -> Iterator[Feed]:
        """Each source as a feed; those of providers first, then those of awards.

        Raises FetchError where a file is no longer what was fetched.
        """
        found = sorted(self.states().items(), key=lambda one: one[1][1].way is AccessMethod.NOTICES)
        for name, (state, entry) in found:
            if entry.way is AccessMethod.NOTICES:
                yield self._awards(name, entry)
            elif entry.way is AccessMethod.DIRECTORY:
                yield from self._directory(name, state)
            elif entry.layout in READERS:
                yield from self._register(name, state, entry)

    def _awards(self, name: str, entry: CatalogueEntry) -> Feed:
        tally = Tally(entry.title)
        self._read[name] = [(tally, None)]
        path = self.store.path / name / notice_file.FILE
        return tally, ocds.awards_in(notice_file.documents(path), tally)

    def _directory(self, name: str, state: State) -> Iterator[Feed]:
        paths = [self.store.verified(name, state, one) for one in state.files]
        for tally, rows in open_referral.read(paths):
            self._read.setdefault(name, []).append((tally, None))
            yield tally, rows

    def _register(self, name: str, state: State, entry: CatalogueEntry) -> Iterator[Feed]:
        if not state.files:
            for tally, one in zip(state.tallies, state.records, strict=True):
                yield _copy(tally), _records(self.store.verified(name, state, one))
            return
        paths = [self.store.verified(name, state, one) for one in state.files]
        for number, (tally, rows) in enumerate(READERS[entry.layout](paths)):
            named = self._named(rows)
            if self.keep:
                self._read.setdefault(name, []).append((tally, None))
                yield tally, named
            else:
                path = self.store.path / name / state.generation / f"records-{number}.jsonl.gz"
                self._read.setdefault(name, []).append((tally, path))
                yield tally, _noted(named, path)

    def _named(self, rows: Iterator[Provider]) -> Iterator[Provider]:
        """The records, with the name of each code that stands alone among their labels."""
        for record in rows:
            if any(tag.isdecimal() for tag in record.tags):
                yield replace(record, tags=tuple(map(self._label, record.tags)))
            else:
                yield record

    def _label(self, tag: str) -> str:
        name = self.sic.get(tag.zfill(5)) if tag.isdecimal() else None
        return f"{tag.zfill(5)} - {name}" if name else tag

    @cached_property
    def sic(self) -> Mapping[str, str]:
        """The names of SIC codes; none where the list was not fetched."""
        return self._codes("sic")

    def _codes(self, layout: str) -> Mapping[str, str]:
        for name, (state, entry) in self.states().items():
            if entry.layout == layout:
                return CODES[layout]([self.store.verified(name, state, one) for one in state.files])
        return {}

    def settle(self) -> None:
        """After a build: note what was read, and let the archives go unless they are kept."""
        for name, read in self._read.items():
            state = self.store.state(name)
            if state is None:
                continue
            tallies = tuple(tally for tally, _ in read)
            written = [path for _, path in read if path is not None]
            if written:
                records = tuple(held(path) for path in written)
                state = replace(state, files=(), records=records)
            if self.entries[state.entry].way is AccessMethod.NOTICES:
                tallies = tuple(_with(tally, state.tallies) for tally in tallies)
            self.store.put(name, replace(state, tallies=tallies))
        for name, (state, entry) in self.states().items():
            if entry.layout == "postcodes" and not self.keep and self._table(name, state).exists():
                self.store.put(name, replace(state, files=()))

    def places(self) -> Path | None:
        """The compiled table of the postcodes that were fetched; None where none were.

        Raises FetchError where they have gone.
        """
        for name, (state, entry) in self.states().items():
            if entry.layout == "postcodes":
                table = self._table(name, state)
                return table if (table / META).is_file() else self._compile(name, state, table)
        return None

    def _table(self, name: str, state: State) -> Path:
        return self.store.path / name / state.generation / _TABLE

    def _compile(self, name: str, state: State, table: Path) -> Path:
        if not state.files:
            raise FetchError(
                f"--store {self.store.path}: the table of postcodes is gone; fetch it again with "
                f"`matcher fetch {name} --again`"
            )
        paths = [self.store.verified(name, state, one) for one in state.files]

        def progress(done: int, total: int) -> None:
            self.tell("compiling postcodes", done, total, "files")

        with atomic.replacing_folder(table) as folder:
            tally, _ = nspl.compile_table(folder, paths, progress)
        self.store.put(name, replace(state, tallies=(tally,)))
        return table


def _noted(rows: Iterator[Provider], path: Path) -> Iterator[Provider]:
    """The records as they pass, each written down without contacts on the way."""
    with (
        atomic.replacing(path) as temporary,
        temporary.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=3, fileobj=file, mtime=0) as out,
    ):
        for record in rows:
            clean = cleaned(record)
            out.write(_encode(clean) + b"\n")
            yield clean


def _records(path: Path) -> Iterator[Provider]:
    decode = msgspec.json.Decoder(Provider).decode
    with gzip.open(path) as file:
        for line in file:
            yield decode(line)


def _copy(tally: Tally) -> Tally:
    return msgspec.convert(msgspec.to_builtins(tally), Tally)


def _with(tally: Tally, fetched: Sequence[Tally]) -> Tally:
    """A tally of reading, with what the fetch had set aside already."""
    both = _copy(tally)
    for one in fetched:
        for reason, count in one.set_aside.items():
            both.set_aside.setdefault(reason, count)
    return both
