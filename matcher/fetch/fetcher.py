"""Fetching: which sources are asked for, and each brought here in its own way.

A source that cannot be fetched does not keep the others from being fetched; what was here of
it stays in force.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

import msgspec

from matcher.core.errors import BadInput, FetchError
from matcher.core.types import Tally
from matcher.fetch import ocds_api
from matcher.fetch.client import Client
from matcher.fetch.download import Download, PartialFile
from matcher.fetch.link_discovery import addresses
from matcher.fetch.notice_file import FILE
from matcher.fetch.ocds_api import NoticeQuery, Notices, Wanted
from matcher.fetch.open_referral_api import OpenReferralDirectory, feed_name
from matcher.fetch.store import (
    FeedStore,
    State,
    StoredFile,
    held,
)
from matcher.fetch.validation import check, check_layout
from matcher.sources.catalogue import AccessMethod, Catalogue, CatalogueEntry

DIRECTORY_FILE = "services.json"


class FetchEnd(StrEnum):
    """How the fetching of one source ended."""

    NEW = "new"
    SAME = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FetchTarget:
    """One source to be fetched: its folder in the store, and what is asked of it."""

    name: str
    key: str
    entry: CatalogueEntry
    asked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FetchOutcome:
    """What came of one target; `why` says what went wrong, or what was left out."""

    name: str
    title: str
    end: FetchEnd
    why: str = ""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What the user asks for: sources by name or group, and of notices the days and buyers."""

    words: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    areas: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def targets(question: FetchRequest, entries: Catalogue, store: FeedStore) -> list[FetchTarget]:
    """The sources asked for; all that were fetched before where no word names one.

    Raises BadInput that names the word and what would be right.
    """
    if not question.words:
        again = [_again(store, name, entries, question) for name in store.names()]
        if not again:
            raise BadInput(
                "fetch: nothing was fetched before, so there is nothing to refresh; name what to "
                f"fetch: {', '.join(_groups(entries))}, or open-referral and an address"
            )
        return again
    found: list[FetchTarget] = []
    for word in question.words:
        found += _named(word, question, entries, store)
    return list({target.name: target for target in found}.values())


def _groups(entries: Catalogue) -> list[str]:
    return list(
        dict.fromkeys(e.group for e in entries.values() if e.way is not AccessMethod.DIRECTORY)
    )


def _named(
    word: str, question: FetchRequest, entries: Catalogue, store: FeedStore
) -> list[FetchTarget]:
    """The targets that one word of the question means."""
    if "://" in word:
        return [_directory(word, entries)]
    names = [name for name, entry in entries.items() if word in (name, entry.group)]
    if names and entries[names[0]].way is AccessMethod.DIRECTORY:
        return _directories(question, entries, store)
    if not names:
        raise BadInput(
            f"fetch {word!r}: is no source; name one or more of {', '.join(_groups(entries))} "
            f"(or one source of them: {', '.join(entries)}), or open-referral and an address"
        )
    picked = _picked(names, question, entries) if entries[names[0]].group == "awards" else names
    return [_target(name, question, entries, store) for name in picked]


def _picked(names: Sequence[str], question: FetchRequest, entries: Catalogue) -> list[str]:
    """The services that --source names, of those that notices come from."""
    every = [name for name, entry in entries.items() if entry.way is AccessMethod.NOTICES]
    for source in question.sources:
        if source not in every:
            raise BadInput(
                f"--source {source!r}: gives no award notices; name one or more of "
                f"{', '.join(every)}"
            )
    return [name for name in names if not question.sources or name in question.sources]


def _target(name: str, question: FetchRequest, entries: Catalogue, store: FeedStore) -> FetchTarget:
    entry = entries[name]
    if entry.way is not AccessMethod.NOTICES:
        return FetchTarget(name, name, entry)
    state = store.state(name)
    before: Mapping[str, str] = state.asked if state else {}
    first = question.first.isoformat() if question.first else before.get("first", "")
    if not first:
        raise BadInput(
            f"--from: {entry.title} is fetched for the first time; say from which day on, "
            "such as --from 2023-01-01"
        )
    asked = {"first": first, "last": question.last.isoformat() if question.last else ""}
    areas = ";".join(question.areas) if question.areas else before.get("areas", "")
    if question.first and question.last and question.first > question.last:
        raise BadInput(
            f"--from {question.first}: is after --to {question.last}; the first day comes first"
        )
    return FetchTarget(name, name, entry, asked | {"areas": areas})


def _directory(address: str, entries: Catalogue) -> FetchTarget:
    key = next(name for name, entry in entries.items() if entry.way is AccessMethod.DIRECTORY)
    name = feed_name(address)
    entry = msgspec.structs.replace(
        entries[key], address=address, title=f"{entries[key].title}: {name}"
    )
    return FetchTarget(f"{key}-{name}", key, entry, {"address": address, "feed": name})


def _directories(question: FetchRequest, entries: Catalogue, store: FeedStore) -> list[FetchTarget]:
    """The directories whose addresses follow, or else those that were fetched before."""
    if any("://" in word for word in question.words):
        return []
    again = [_again(store, name, entries, question) for name in store.names()]
    found = [target for target in again if target.entry.way is AccessMethod.DIRECTORY]
    if not found:
        raise BadInput(
            "fetch open-referral: say which directory, by its address, such as "
            "`matcher fetch open-referral https://council.example/api`"
        )
    return found


def _again(store: FeedStore, name: str, entries: Catalogue, question: FetchRequest) -> FetchTarget:
    """A source that was fetched before, asked for as it was then."""
    state = store.state(name)
    if state is None or state.entry not in entries:
        raise BadInput(
            f"--store {store.path}: holds {name}, which the catalogue of sources does not know; "
            "delete that folder, or name the file that has it with --sources"
        )
    if entries[state.entry].way is AccessMethod.DIRECTORY:
        return _directory(state.asked["address"], entries)
    return _target(state.entry, question, entries, store)


@dataclass
class Fetcher:
    """Brings targets into the store; `buyers` makes out of areas whose notices are wanted."""

    store: FeedStore
    caller: Client
    buyers: Callable[[Sequence[str]], Wanted]
    anew: bool = False
    """whether a file is fetched even if nothing changed"""

    def fetch(self, wanted: Sequence[FetchTarget]) -> list[FetchOutcome]:
        """Each of the targets in turn, and how it ended.  Raises Busy where another is at work."""
        with self.store.locked():
            return [self._one(target) for target in wanted]

    def admit(self, target: FetchTarget, paths: Sequence[Path]) -> FetchOutcome:
        """Files that someone has brought, checked and put in force as if they had been fetched.

        Raises BadInput where the source has no files, Busy where another is at work.
        """
        if target.entry.way in (AccessMethod.NOTICES, AccessMethod.DIRECTORY):
            raise BadInput(
                f"--file: {target.entry.title} gives no files but pages; fetch it without --file"
            )
        with self.store.locked():
            return self._ended(target, lambda: (self._bring(target, paths), ""))

    def _bring(self, target: FetchTarget, paths: Sequence[Path]) -> bool:
        arrived: dict[str, tuple[Path, PartialFile]] = {}
        for number, path in enumerate(paths):
            if not path.is_file():
                raise FetchError(f"--file {path}: there is no such file")
            check(target.entry, str(path), path)
            copy = self.store.partial(target.name) / f"brought-{number}"
            shutil.copyfile(path, copy)
            arrived[str(path)] = copy, PartialFile(str(path), path.name)
        return self._put_files(target, self.store.state(target.name), list(arrived), arrived)

    def _one(self, target: FetchTarget) -> FetchOutcome:
        ways = {AccessMethod.NOTICES: self._notices, AccessMethod.DIRECTORY: self._directory}
        return self._ended(target, lambda: ways.get(target.entry.way, self._files)(target))

    def _ended(self, target: FetchTarget, way: Callable[[], tuple[bool, str]]) -> FetchOutcome:
        title = target.entry.title
        try:
            new, why = way()
        except FetchError as wrong:
            return FetchOutcome(target.name, title, FetchEnd.FAILED, str(wrong))
        except OSError as wrong:
            return FetchOutcome(
                target.name, title, FetchEnd.FAILED, str(self.store.unwritten(wrong))
            )
        return FetchOutcome(target.name, title, FetchEnd.NEW if new else FetchEnd.SAME, why)

    def _files(self, target: FetchTarget) -> tuple[bool, str]:
        """The files of a register: new ones checked and put in force together."""
        state = self.store.state(target.name)
        known = {one.address: one for one in (state.files or state.known) if state} if state else {}
        where = addresses(self.caller, target.entry)
        here = {} if self.anew else {address: known.get(address) for address in where}
        arrived = self._arrive(target, where, here)
        if state and known.keys() == set(where) and not arrived:
            self._current(target, state)
            return False, ""
        if state and not state.files:
            missing = [address for address in where if address not in arrived]
            arrived |= self._arrive(target, missing, {})
        return self._put_files(target, state, where, arrived), ""

    def _arrive(
        self, target: FetchTarget, where: Sequence[str], here: Mapping[str, StoredFile | None]
    ) -> dict[str, tuple[Path, PartialFile]]:
        """The files that have changed, whole and checked, by address."""
        folder, arrived = self.store.partial(target.name), {}
        for address in where:
            way = Download(self.caller, target.entry, address, folder, here.get(address))
            if (found := way.run()) is not None:
                try:
                    check(target.entry, address, found[0])
                except FetchError:
                    way.discard()
                    raise
                arrived[address] = found
        return arrived

    def _put_files(
        self,
        target: FetchTarget,
        state: State | None,
        where: Sequence[str],
        arrived: Mapping[str, tuple[Path, PartialFile]],
    ) -> bool:
        """Put the files in force together, new and unchanged; whether any of them is new."""
        fresh = self.store.fresh(target.name)
        kept: list[StoredFile] = []
        before = {one.address: one for one in (*state.files, *state.known)} if state else {}
        for number, address in enumerate(where):
            if address in arrived:
                path, part = arrived[address]
                placed = _place(path, fresh, part.name, number)
                kept.append(held(placed, address, etag=part.etag, modified=part.modified))
            elif state is not None:
                old = before[address]
                _link(self.store.verified(target.name, state, old), fresh / old.name)
                kept.append(old)
        try:
            check_layout(target.entry, [fresh / one.name for one in kept])
        except FetchError:
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.rmtree(self.store.partial(target.name), ignore_errors=True)
            raise
        same = {one.address: one.sha256 for one in kept} == {
            address: one.sha256 for address, one in before.items()
        }
        if state is not None and same:
            shutil.rmtree(fresh, ignore_errors=True)
            self._current(target, state)
        else:
            now = self.caller.clock.now()
            self.store.put(
                target.name, State(target.key, now, now, fresh.name, tuple(kept), tuple(kept))
            )
        shutil.rmtree(self.store.partial(target.name), ignore_errors=True)
        return not same

    def _current(self, target: FetchTarget, state: State) -> None:
        """Remember that what is here was found to be current."""
        self.store.put(target.name, replace(state, fetched=self.caller.clock.now()))

    def _notices(self, target: FetchTarget) -> tuple[bool, str]:
        """The notices of the days asked for; those of other buyers are not kept."""
        today = self.caller.clock.today()
        last = (
            min(date.fromisoformat(target.asked["last"]), today) if target.asked["last"] else today
        )
        first = date.fromisoformat(target.asked["first"])
        if first > last:
            raise FetchError(
                f"{target.entry.title}: --from {first} is after {last}; nothing is published yet"
            )
        areas = [area for area in target.asked["areas"].split(";") if area]
        wanted = self.buyers(areas) if areas else ocds_api.everything
        path = self.store.folder(target.name) / FILE
        service = Notices(path, target.entry, self.caller, wanted)
        new = service.fetch(NoticeQuery(first, last, ";".join(sorted(areas))))
        self._put_notices(target, service, new=new)
        return new, "; ".join(f"{n:,} × {why}" for why, n in service.set_aside.items())

    def _put_notices(self, target: FetchTarget, service: Notices, *, new: bool) -> None:
        state, now = self.store.state(target.name), self.caller.clock.now()
        covered = service.covered()
        days = {"first": str(covered.first), "through": str(covered.last)} if covered else {}
        tally = Tally(target.entry.title, 0, service.kept(), dict(service.set_aside))
        self.store.put(
            target.name,
            State(
                entry=target.key,
                fetched=now,
                changed=now if new or state is None else state.changed,
                tallies=(tally,),
                asked=days | {"areas": target.asked["areas"]},
            ),
        )

    def _directory(self, target: FetchTarget) -> tuple[bool, str]:
        """The services of a directory, as one file."""
        state, now = self.store.state(target.name), self.caller.clock.now()
        arriving = self.store.partial(target.name) / "services.jsonl"
        services = OpenReferralDirectory(
            self.caller, target.entry, target.asked["address"], arriving
        ).fetch()
        fresh = self.store.fresh(target.name)
        path = fresh / target.asked["feed"] / DIRECTORY_FILE
        path.parent.mkdir()
        path.write_text(json.dumps(services, ensure_ascii=False, indent=0), encoding="utf-8")
        kept = replace(held(path, target.asked["address"]), name=str(path.relative_to(fresh)))
        new = state is None or [one.sha256 for one in state.files] != [kept.sha256]
        changed = now if new or state is None else state.changed
        self.store.put(
            target.name,
            State(target.key, now, changed, fresh.name, (kept,), asked=target.asked),
        )
        shutil.rmtree(self.store.partial(target.name), ignore_errors=True)
        return new, ""


def _place(path: Path, folder: Path, name: str, number: int) -> Path:
    """A file that has arrived, under its own name in `folder`; the part stays until all is put."""
    target = folder / name
    if target.exists():
        target = folder / f"{number}-{name}"
    _link(path, target)
    return target


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
