"""Sources that publish files, which are fetched, checked and stored together."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import msgspec

from matcher.core import atomic
from matcher.core.disk import fullness, link
from matcher.core.errors import FetchError
from matcher.core.redaction import without_provider_contacts
from matcher.core.types import Provider
from matcher.fetch.access.base import (
    FetchContext,
    FetchResult,
    FetchTarget,
    SourceAccess,
    StoredFeed,
    StoredSource,
)
from matcher.fetch.client import Client
from matcher.fetch.download import Download, PartialFile
from matcher.fetch.readers import READERS, check, check_layout, check_own
from matcher.fetch.store import FeedStore, State, StoredFile, copy_tally, stored_file
from matcher.sources.catalogue import CatalogueEntry

_encode = msgspec.json.Encoder().encode

Arrived = Mapping[str, tuple[Path, PartialFile]]
"""Completely downloaded files, by address."""


@dataclass(frozen=True)
class FilesAccess(SourceAccess):
    """A source of files."""

    addresses: Callable[[Client, CatalogueEntry], list[str]]
    """returns where today's files are; raises FetchError where none is found"""

    takes_files: ClassVar[bool] = True

    def fetch(self, target: FetchTarget, context: FetchContext) -> FetchResult:
        """Fetch the files that have changed, and store all files together."""
        state = context.store.state(target.name)
        stored = {file.address: file for file in (state.files or state.known)} if state else {}
        addresses = self.addresses(context.client, target.entry)
        known = {} if context.anew else {address: stored.get(address) for address in addresses}
        arrived = _download(target, context, addresses, known)
        if state and stored.keys() == set(addresses) and not arrived:
            _mark_current(target, context, state)
            return FetchResult(is_new=False)
        if state and not state.files:
            missing = [address for address in addresses if address not in arrived]
            arrived |= _download(target, context, missing, {})
        return FetchResult(_put_in_force(target, context, state, addresses, arrived))

    def feeds(self, source: StoredSource) -> Iterator[StoredFeed]:
        """The providers in the files, or in the copies that an earlier build wrote."""
        if source.entry.layout not in READERS:
            return
        state = source.state
        if not state.files:
            for tally, file in zip(state.tallies, state.records, strict=True):
                path = source.store.verified(source.name, state, file)
                yield StoredFeed(copy_tally(tally), _read_copy(path))
            return
        for number, (tally, rows) in enumerate(READERS[source.entry.layout](source.paths())):
            labelled = map(source.add_labels, rows)
            if source.keep:
                yield StoredFeed(tally, labelled)
            else:
                folder = source.store.path / source.name / state.generation
                copy = folder / f"records-{number}.jsonl.gz"
                yield StoredFeed(tally, _copied(labelled, copy, source.store), copy)


def add_files(target: FetchTarget, context: FetchContext, paths: Sequence[Path]) -> FetchResult:
    """Check files that the user supplies, and store them like fetched files.

    Raises BadInput where one is not of the source.
    """
    check_own(target.entry, paths)
    arrived: dict[str, tuple[Path, PartialFile]] = {}
    for number, path in enumerate(paths):
        copy = context.store.partial(target.name) / f"brought-{number}"
        shutil.copyfile(path, copy)
        arrived[str(path)] = copy, PartialFile(str(path), path.name)
    state = context.store.state(target.name)
    return FetchResult(_put_in_force(target, context, state, list(arrived), arrived))


def _download(
    target: FetchTarget,
    context: FetchContext,
    addresses: Sequence[str],
    known: Mapping[str, StoredFile | None],
) -> dict[str, tuple[Path, PartialFile]]:
    """The complete, checked files that have changed, by address."""
    folder = context.store.partial(target.name)
    arrived: dict[str, tuple[Path, PartialFile]] = {}
    for address in addresses:
        download = Download(context.client, target.entry, address, folder, known.get(address))
        if (file := download.run()) is not None:
            try:
                check(target.entry, address, file[0])
            except FetchError:
                download.discard()
                raise
            arrived[address] = file
    return arrived


def _put_in_force(
    target: FetchTarget,
    context: FetchContext,
    state: State | None,
    addresses: Sequence[str],
    arrived: Arrived,
) -> bool:
    """Store new and unchanged files together.  Returns whether any is new."""
    store = context.store
    generation = store.fresh(target.name)
    before = {file.address: file for file in (*state.files, *state.known)} if state else {}
    files: list[StoredFile] = []
    for number, address in enumerate(addresses):
        if address in arrived:
            path, part = arrived[address]
            placed = place(path, generation, part.name, number)
            files.append(stored_file(placed, address, etag=part.etag, modified=part.modified))
        elif state is not None:
            old = before[address]
            link(store.verified(target.name, state, old), generation / old.name)
            files.append(old)
    try:
        check_layout(target.entry, [generation / file.name for file in files])
    except FetchError:
        shutil.rmtree(generation, ignore_errors=True)
        shutil.rmtree(store.partial(target.name), ignore_errors=True)
        raise
    checksums = {address: file.sha256 for address, file in before.items()}
    same = {file.address: file.sha256 for file in files} == checksums
    if state is not None and same:
        shutil.rmtree(generation, ignore_errors=True)
        _mark_current(target, context, state)
    else:
        now = context.client.clock.now()
        kept = tuple(files)
        store.put(target.name, State(target.key, now, now, generation.name, kept, kept))
    shutil.rmtree(store.partial(target.name), ignore_errors=True)
    return not same


def _mark_current(target: FetchTarget, context: FetchContext, state: State) -> None:
    """Note that the stored files are still current."""
    context.store.put(target.name, replace(state, fetched=context.client.clock.now()))


def place(path: Path, folder: Path, name: str, number: int, *, copy: bool = False) -> Path:
    """Link or copy a file into `folder`, with a number before its name if that is taken."""
    placed = folder / name
    while placed.exists():
        placed, number = folder / f"{number}-{name}", number + 1
    if copy:
        shutil.copyfile(path, placed)
    else:
        link(path, placed)
    return placed


def _copied(rows: Iterator[Provider], path: Path, store: FeedStore) -> Iterator[Provider]:
    """The records without contacts; each is also written to `path`, in the store.

    Raises FetchError where the disk of the store is full: it need not be that of the register.
    """
    try:
        with (
            atomic.replacing(path) as temporary,
            temporary.open("wb") as file,
            gzip.GzipFile("", "wb", compresslevel=3, fileobj=file, mtime=0) as out,
        ):
            for record in rows:
                clean = without_provider_contacts(record)
                out.write(_encode(clean) + b"\n")
                yield clean
    except OSError as error:
        if fullness(error):
            raise store.write_error(error) from error
        raise


def _read_copy(path: Path) -> Iterator[Provider]:
    decode = msgspec.json.Decoder(Provider).decode
    with gzip.open(path) as file:
        for line in file:
            yield decode(line)
