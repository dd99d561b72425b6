"""How what is in the store, and what changed in a register, are shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich import filesize
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from matcher.core.errors import BadInput
from matcher.core.types import Tally
from matcher.fetch.store import FeedStore, State
from matcher.register.build.changes import RegisterChange, in_force, read_changes
from matcher.sources.catalogue import AccessMethod, Catalogue

if TYPE_CHECKING:
    from matcher.fetch.fetcher import FetchOutcome


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source that is in the store."""

    name: str
    title: str
    fetched: datetime
    changed: datetime
    archive_bytes: int
    """size of the source's own files; 0 once a build has let them go, or where there are none"""
    tallies: tuple[Tally, ...]
    asked: Mapping[str, str]
    licence: str
    attribution: str


@dataclass(frozen=True, slots=True)
class RegisterStatus:
    """A register: when it was built, what it holds, and what changed in it."""

    path: str
    version: str
    built: str
    providers: int
    awards: int
    locality: tuple[str, ...]
    """codes of the areas that its registers were narrowed to; empty where they were not"""
    licences: tuple[Mapping[str, str], ...]
    changes: Mapping[str, int]
    examples: tuple[RegisterChange, ...]


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """All that is here."""

    store: str
    sources: tuple[SourceStatus, ...]
    register: RegisterStatus | None

    @classmethod
    def of(
        cls, store: FeedStore, entries: Catalogue, register: Path | None, limit: int
    ) -> StoreStatus:
        """Look into the store, and into a register if one is named.

        Raises BadInput where there is no such register.
        """
        states = [(name, store.state(name)) for name in store.names()]
        sources = [_source(name, state, entries) for name, state in states if state]
        return cls(
            str(store.path), tuple(sources), _register(register, limit) if register else None
        )


def _source(name: str, state: State, entries: Catalogue) -> SourceStatus:
    entry = entries.get(state.entry)
    if entry is None:
        title = licence = attribution = ""
    else:
        licence, attribution = entry.licence, entry.attribution
        told = entry.way is AccessMethod.DIRECTORY and "feed" in state.asked
        title = f"{entry.title}: {state.asked['feed']}" if told else entry.title
    return SourceStatus(
        name=name,
        title=title or name,
        fetched=state.fetched,
        changed=state.changed,
        archive_bytes=sum(one.size for one in state.files),
        tallies=state.tallies,
        asked=state.asked,
        licence=licence,
        attribution=attribution,
    )


def _written(file: Path) -> str:
    """When `file` was written; manifests say no time, so that equal sources give equal bytes."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat() if file.exists() else ""


def _register(path: Path, limit: int) -> RegisterStatus:
    folder = in_force(path)
    if folder is None:
        raise BadInput(
            f"--register {path}: holds no register; build one with "
            f"`matcher build --register {path}`"
        )
    manifest = json.loads((folder / "manifest.json").read_text())
    return RegisterStatus(
        path=str(path),
        version=manifest["version"],
        built=_written(folder / "organisations.jsonl"),
        providers=manifest["providers"],
        awards=manifest["awards"],
        locality=tuple(manifest.get("locality", ())),
        licences=tuple(manifest.get("licences", ())),
        changes=manifest.get("changes", {}),
        examples=tuple(read_changes(folder, limit)),
    )


def fetched(outcomes: Sequence[FetchOutcome]) -> RenderableType:
    """What came of each source that was fetched."""
    table = Table()
    for column in ("source", "", "not kept"):
        table.add_column(column, overflow="fold")
    for one in outcomes:
        table.add_row(*map(Text, (one.title, one.end.value, one.why)))
    return table if outcomes else Text("")


def status(here: StoreStatus, now: datetime) -> RenderableType:
    """The sources with their age, rows and licence; then the register and what changed in it."""
    if not here.sources:
        first = Text(
            f"Nothing was fetched into {here.store} yet: try "
            "`matcher fetch charities companies postcodes`."
        )
        return Group(first, *_of_register(here))
    table = Table(title=Text(f"Fetched into {here.store}"))
    for column in ("source", "age", "rows kept", "set aside", "archive", "licence"):
        table.add_column(column, overflow="fold")
    for one in here.sources:
        table.add_row(*map(Text, _cells(one, now)))
    terms = [Text(said) for said in dict.fromkeys(o.attribution for o in here.sources) if said]
    return Group(table, *terms, *_of_register(here))


def _cells(one: SourceStatus, now: datetime) -> tuple[str, ...]:
    read = sum(t.kept for t in one.tallies)
    aside = [f"{n:,} × {why}" for t in one.tallies for why, n in t.set_aside.items()]
    days = (now - one.fetched).days
    asked = {"first": "from", "through": "to", "areas": "buyers in"}
    said = "; ".join(f"{asked[k]} {v}" for k, v in one.asked.items() if k in asked and v)
    return (
        f"{one.title} ({one.name})" + (f"\n{said}" if said else ""),
        "today" if days < 1 else f"{days} day{'s' * (days > 1)}",
        f"{read:,}" if one.tallies else "not read yet",
        "\n".join(aside) or "nothing",
        filesize.decimal(one.archive_bytes) if one.archive_bytes else "none",
        one.licence or "its own",
    )


def _is_newer(source: SourceStatus, register: RegisterStatus) -> bool:
    return bool(register.built) and source.changed > datetime.fromisoformat(register.built)


def _of_register(here: StoreStatus) -> Iterator[RenderableType]:
    register = here.register
    if register is None:
        return
    built = register.built[:16].replace("T", " ") or "at a time not noted"
    yield Text(
        f"Register {register.path}: {register.providers:,} providers, {register.awards:,} awards; "
        f"version {register.version}, built {built}."
    )
    if register.locality:
        yield Text(
            f"Of the registers it holds who has an address in {', '.join(register.locality)}."
        )
    newer = [one.title for one in here.sources if _is_newer(one, register)]
    if newer:
        build = f"matcher build --register {register.path}"
        yield Text(f"Fetched since: {', '.join(newer)}. `{build}` reads it.")
    if not register.changes:
        yield Text("No snapshot before it was compared with it.")
        return
    counts = ", ".join(f"{n:,} {what}" for what, n in register.changes.items())
    yield Text(f"Since the snapshot before: {counts}.")
    if register.examples:
        table = Table(title="The first of them")
        for column in ("", "provider", "id", "was", "is"):
            table.add_column(column, overflow="fold")
        for one in register.examples:
            table.add_row(*map(Text, (one.what.value, one.name, one.id, one.was, one.now)))
        yield table
