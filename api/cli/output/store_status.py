"""What was downloaded and what changed in a register, as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich import filesize
from rich.console import Group, RenderableType
from rich.text import Text

from api.cli.output import console
from api.cli.output import register as register_tables
from matcher.core.errors import BadInput
from matcher.core.formatting import count
from matcher.core.types import Tally
from matcher.fetch.store import FeedStore, State
from matcher.register.build.changes import RegisterChange, read_changes
from matcher.register.build.snapshot import current_snapshot
from matcher.register.current_snapshot import refuse_damage
from matcher.register.manifest import Manifest
from matcher.register.unfinished import check_finished
from matcher.sources.catalogue import NAMED_BY_USER, Catalogue

if TYPE_CHECKING:
    from matcher.fetch.fetcher import FetchOutcome


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One downloaded source."""

    name: str
    title: str
    fetched: datetime
    changed: datetime
    archive_bytes: int
    """size of the downloaded files; 0 if there are none, or after a build has deleted them"""
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
    """codes of the areas that it is limited to; empty if it is not limited"""
    licences: tuple[Mapping[str, str], ...]
    tallies: tuple[Tally, ...]
    """what was read, kept and set aside of each source"""
    changes: Mapping[str, int]
    examples: tuple[RegisterChange, ...]


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """The downloaded sources, and the register if one was named."""

    store: str
    sources: tuple[SourceStatus, ...]
    register: RegisterStatus | None

    @classmethod
    def of(
        cls, store: FeedStore, entries: Catalogue, register: Path | None, limit: int
    ) -> StoreStatus:
        """Read the status of the store, and of a register if one is named.

        Raises BadInput if there is no such register.
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
        told = entry.way in NAMED_BY_USER and "feed" in state.asked
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
    """When `file` was written. Manifests hold no time, so that equal sources give equal bytes."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat() if file.exists() else ""


def _register(path: Path, limit: int) -> RegisterStatus:
    folder = current_snapshot(path)
    if folder is None:
        raise BadInput(
            f"--register {path}: holds no register; build one with "
            f"`matcher build --register {path}`"
        )
    check_finished(path, folder.name)
    with refuse_damage(path, folder):
        manifest = Manifest.read(folder)
        return RegisterStatus(
            path=str(path),
            version=manifest.version,
            built=_written(folder / "organisations.jsonl"),
            providers=manifest.providers,
            awards=manifest.awards,
            locality=manifest.locality,
            licences=manifest.licences,
            tallies=manifest.tallies,
            changes=manifest.changes,
            examples=tuple(read_changes(folder, limit)),
        )


def fetched(outcomes: Sequence[FetchOutcome]) -> RenderableType:
    """The outcome of each download."""
    if not outcomes:
        return Text("")
    rows = ((outcome.title, outcome.end.value, outcome.why) for outcome in outcomes)
    return console.table("", ("source", "outcome", "not kept"), rows)


def status(found: StoreStatus, now: datetime) -> RenderableType:
    """The sources with their age, rows and licence; then the register and what changed in it."""
    if not found.sources:
        first = Text(
            f"Nothing was downloaded into {found.store} yet. Try "
            "`matcher fetch charities companies postcodes`."
        )
        return Group(first, *_register_lines(found.register, found.sources))
    table = console.table(
        Text(f"Downloaded into {found.store}"),
        ("source", "age", "rows kept", "set aside", "archive", "licence"),
        (_cells(source, now) for source in found.sources),
    )
    attributions = dict.fromkeys(source.attribution for source in found.sources)
    lines = [Text(attribution) for attribution in attributions if attribution]
    return Group(table, *lines, *_register_lines(found.register, found.sources))


def _cells(source: SourceStatus, now: datetime) -> tuple[str, ...]:
    kept = sum(tally.kept for tally in source.tallies)
    aside = [f"{n:,} × {why}" for tally in source.tallies for why, n in tally.set_aside.items()]
    days = (now - source.fetched).days
    labels = {"first": "from", "through": "to", "areas": "buyers in"}
    asked = "; ".join(f"{labels[k]} {v}" for k, v in source.asked.items() if k in labels and v)
    return (
        f"{source.title} ({source.name})" + (f"\n{asked}" if asked else ""),
        "today" if days < 1 else count(days, "day"),
        f"{kept:,}" if source.tallies else "not read yet",
        "\n".join(aside) or "nothing",
        filesize.decimal(source.archive_bytes) if source.archive_bytes else "none",
        source.licence or "its own",
    )


def _is_newer(source: SourceStatus, register: RegisterStatus) -> bool:
    return bool(register.built) and source.changed > datetime.fromisoformat(register.built)


def _register_lines(
    register: RegisterStatus | None, sources: Sequence[SourceStatus]
) -> Iterator[RenderableType]:
    if register is None:
        return
    built = register.built[:16].replace("T", " ") or "at an unknown time"
    yield Text(
        f"Register {register.path}: {count(register.providers, 'provider')}, "
        f"{count(register.awards, 'award')}; "
        f"version {register.version}, built {built}."
    )
    if register.locality:
        yield Text(f"It holds only providers with an address in {', '.join(register.locality)}.")
    yield register_tables.sources(register.tallies)
    newer = [source.title for source in sources if _is_newer(source, register)]
    if newer:
        build = f"matcher build --register {register.path}"
        yield Text(f"Downloaded since: {', '.join(newer)}. `{build}` adds it.")
    if not register.changes:
        yield Text("There is no earlier build to compare it with.")
        return
    counts = ", ".join(f"{n:,} {what}" for what, n in register.changes.items())
    yield Text(f"Since the build before: {counts}.")
    if register.examples:
        changes = ((c.what.value, c.name, c.id, c.was, c.now) for c in register.examples)
        columns = ("change", "provider", "id", "was", "is")
        yield console.table("The first changes", columns, changes)
