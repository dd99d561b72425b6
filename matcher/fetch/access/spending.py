"""What a council publishes that it pays: months in many files, on a web page or in a folder.

A council's page changes: links break, and months move.  So one bad file does not stop the others,
and a month that was fetched stays until the same payments arrive from another address.  The files
are kept as published, because they are public and a build reads them anew.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.errors import BadInput, FetchError
from matcher.core.types import Tally
from matcher.fetch.access.base import (
    FetchContext,
    FetchRequest,
    FetchResult,
    FetchTarget,
    SourceAccess,
    StoredSource,
)
from matcher.fetch.access.files import place
from matcher.fetch.access.gathering import Gathering
from matcher.fetch.store import State, StoredFile
from matcher.sources.catalogue import CatalogueEntry
from matcher.sources.payments.spend_files import SpendFile, open_files

_MOST_REASONS = 8


class SpendingAccess(SourceAccess):
    """A council's spending files. Its options are where they are, who paid, and its name."""

    takes_address: ClassVar[bool] = True

    def target(
        self,
        key: str,
        entry: CatalogueEntry,
        request: FetchRequest,
        previous: Mapping[str, str],
    ) -> FetchTarget:
        """The files at the address or in the folder in `previous`.

        Raises BadInput where it is neither a web address nor a folder.
        """
        address, body = previous["address"], request.body or previous.get("body", "")
        if "feed" not in previous:
            _check_place(address)
        name = feed_name(address)
        hosts = (*entry.hosts, *({urlsplit(address).netloc} - {""}))
        titled = msgspec.structs.replace(
            entry, address=address, title=f"{entry.title}: {body or name}", hosts=hosts
        )
        options = {"address": address, "body": body, "feed": body or name}
        return FetchTarget(f"{key}-{name}", key, titled, options)

    def fetch(self, target: FetchTarget, context: FetchContext) -> FetchResult:
        """Fetch the files that are new or have changed, and store them with those known before.

        Raises FetchError where a file could not be fetched; all others are stored before that.
        """
        state = context.store.state(target.name)
        stored = {file.address: file for file in state.files} if state else {}
        generation = context.store.fresh(target.name)
        known = {} if context.anew else stored
        gathering = Gathering(target, context, generation, known)
        gathering.gather()
        if not gathering.arrived and not stored:
            raise FetchError(_nothing(target, gathering))
        is_new = _put_in_force(target, context, state, gathering)
        if gathering.failed:
            raise FetchError(
                f"{target.entry.title}: could not be fetched in full: "
                f"{_some(gathering.failed)}. What arrived is in use; fetch again later"
            )
        return FetchResult(is_new, _some(gathering.notes))

    def spending(self, source: StoredSource, columns: Path | None) -> list[SpendFile]:
        """The tables of payments in the stored files."""
        return open_files(source.paths(), source.state.asked.get("body", ""), columns)


def feed_name(address: str) -> str:
    """The name of a source in the store, made of a page's host and path or a folder's path.

    >>> feed_name("https://www.council.example/spending/over-500")
    'council.example-spending-over-500'
    """
    parts = urlsplit(address)
    written = f"{parts.netloc.removeprefix('www.')}{parts.path}" if parts.netloc else address
    return re.sub(r"[^\w.]+", "-", written).strip("-.")[-100:]


def _check_place(address: str) -> None:
    """Raises BadInput where an address is neither on the web nor a folder."""
    parts = urlsplit(address)
    if not (parts.scheme in {"http", "https"} and parts.hostname) and not Path(address).is_dir():
        raise BadInput(
            f"--from {address!r}: is neither a web address nor a folder; give the page that lists "
            "the files, such as https://council.example/payments-over-500, or a folder with them"
        )


def _put_in_force(
    target: FetchTarget, context: FetchContext, state: State | None, gathering: Gathering
) -> bool:
    """Store what arrived with the files known before.  Returns whether anything is new."""
    store, now = context.store, context.client.clock.now()
    same_options = state is not None and state.asked == target.options
    if state is not None and same_options and not gathering.arrived:
        shutil.rmtree(gathering.folder, ignore_errors=True)
        store.put(target.name, replace(state, fetched=now))
        return False
    files = dict(gathering.arrived)
    for old in state.files if state else ():
        if state is not None and old.address not in files:
            path = store.verified(target.name, state, old)
            placed = place(path, gathering.folder, old.name, len(files))
            files[old.address] = replace(old, name=placed.name)
    kept, tallies = _without_repeats(list(files.values()), target, gathering)
    is_new = {one.sha256 for one in kept} != {one.sha256 for one in (state.files if state else ())}
    changed = now if is_new or state is None else state.changed
    store.put(
        target.name,
        State(
            entry=target.key,
            fetched=now,
            changed=changed,
            generation=gathering.folder.name,
            files=kept,
            tallies=tallies,
            asked=target.options,
        ),
    )
    if not gathering.failed:
        shutil.rmtree(store.partial(target.name), ignore_errors=True)
    return is_new


def _without_repeats(
    files: Sequence[StoredFile], target: FetchTarget, gathering: Gathering
) -> tuple[tuple[StoredFile, ...], tuple[Tally, ...]]:
    """The files without those that say what another says, and what was read of them."""
    folder, body = gathering.folder, target.options["body"]
    lines = [Lines.of(open_files([folder / file.name], body)) for file in files]
    again = repeated(lines)
    for number, other in again.items():
        gathering.notes.append(
            f"{files[number].name} has the payments of {files[other].name} and is left out"
        )
    kept = [number for number in range(len(files)) if number not in again]
    tallies = [tally for number in kept for tally in lines[number].tallies]
    return tuple(files[number] for number in kept), tuple(tallies)


def _nothing(target: FetchTarget, gathering: Gathering) -> str:
    """Why a first fetch has nothing."""
    why = _some([*gathering.notes, *gathering.failed])
    if not gathering.listed and not why:
        why = (
            "no CSV file, spreadsheet or zip is linked or lies there; open it in a browser, and "
            "give the page that lists the files themselves"
        )
    return f"{target.entry.title}: {target.options['address']} gave no spending file: {why}"


def _some(reasons: Sequence[str]) -> str:
    """The first reasons, and how many more there are."""
    more = len(reasons) - _MOST_REASONS
    told = "; ".join(reasons[:_MOST_REASONS])
    return f"{told}; and {more} more" if more > 0 else told


SAME = 0.9
"""The least share of the smaller file's lines that the other has too, if both say the same."""


@dataclass(frozen=True)
class Lines:
    """The payments of some tables as numbers, to compare them with others; `times` of each."""

    keys: npt.NDArray[np.int64]
    times: npt.NDArray[np.int64]
    months: frozenset[int]
    tallies: tuple[Tally, ...]

    @classmethod
    def of(cls, tables: Sequence[SpendFile]) -> Lines:
        """Read all payments of the tables of one file."""
        found, months, tallies = [], set(), []
        for table in tables:
            tally, payments = table.feed()
            for paid in payments:
                found.append(hash((paid.payee, paid.month, paid.pence)))
                months.add(paid.month)
            tallies.append(tally)
        keys, times = np.unique(np.array(found, np.int64), return_counts=True)
        return cls(keys, times.astype(np.int64), frozenset(months), tuple(tallies))

    @property
    def number(self) -> int:
        """How many payments there are."""
        return int(self.times.sum())

    def shared(self, other: Lines) -> int:
        """How many payments both have."""
        if self.months.isdisjoint(other.months):
            return 0
        _, here, there = np.intersect1d(
            self.keys, other.keys, assume_unique=True, return_indices=True
        )
        return int(np.minimum(self.times[here], other.times[there]).sum())


def repeated(files: Sequence[Lines]) -> dict[int, int]:
    """The number of each file that repeats another → the number of that other one.

    Of two that say the same, the one with more lines stays, and of two equal ones the first.
    """
    order = sorted(range(len(files)), key=lambda n: (-files[n].number, n))
    kept: list[int] = []
    out: dict[int, int] = {}
    for number in order:
        least = SAME * files[number].number
        same = (n for n in kept if least and files[number].shared(files[n]) >= least)
        of = next(same, None)
        if of is None:
            kept.append(number)
        else:
            out[number] = of
    return out
