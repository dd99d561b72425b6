"""The commands `matcher records verify`, `prune`, `suppress`, `backup` and `restore`."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from api.cli.named_paths import file_to_add_to, file_to_write
from api.cli.options import ChainKeyOption, RecordsOption, RegisterOption
from api.cli.records_options import (
    BesideOption,
    chain_key_of,
    changing,
    kept_url,
    opened_records,
    settings_of,
)
from api.records import anchors, backup
from api.records.entry import EntryKind, Removal
from api.records.verification import RecordedRemoval
from api.service import suppression
from api.service.entries import listings_of
from api.service.results import Suppressed
from api.settings import Settings
from matcher.core.errors import BadInput
from matcher.core.formatting import count
from matcher.register.register import Register

records_app = typer.Typer(
    no_args_is_help=True,
    help="Check, prune, back up and restore the records of what was asked and decided.",
)

_KEPT_FOR = timedelta(days=3 * 365 + 1)
"""The least that a record is kept. Procurement Act 2023 s.98: three years from the contract."""

ByOption = Annotated[str, typer.Option("--by", help="Your name. It is recorded.")]
_HEAD = re.compile(r"[0-9a-f]{64}")


@records_app.command()
def verify(
    register: BesideOption = None,
    records: RecordsOption = "",
    head: Annotated[
        str,
        typer.Option(help="A hash that this command printed before. An entry must still have it."),
    ] = "",
    chain_key: ChainKeyOption = None,
    anchor: Annotated[
        Path | None,
        typer.Option(
            callback=file_to_add_to,
            help="A file of hashes that this command adds to. Every entry named in it must still "
            "have its hash. Keep it on another machine.",
        ),
    ] = None,
) -> None:
    """Check the whole chain of records: was anything changed, moved, forged or removed?

    The file of anchors next to the records, which the service adds to whenever it stops, is
    checked too. Give a file on another machine with --anchor, or keep the hash that this prints
    and give it as --head next time: this shows that no entry was removed at the end, even to
    somebody who can change every file here.

    Exit code 4: the chain is broken.
    """
    if head and not _HEAD.fullmatch(head):
        raise BadInput(
            f"--head {head}: is not a hash, which has 64 digits and letters from a to f; copy the "
            "last hash that this command printed before"
        )
    settings = settings_of(register, records, chain_key)
    files = {settings.anchors_path, *([anchor] if anchor else [])}
    kept = [anchor for file in sorted(files) for anchor in anchors.read(file)]
    for file in sorted(files):
        for line in anchors.cut_short(file):
            sys.stdout.write(_cut_short_line(file, line))
    with opened_records(settings) as opened:
        found = opened.verify(head, anchors=kept, listings_of=listings_of)
        if anchor and not found.broken:
            anchors.append(anchor, opened.anchor())
    for removal in found.removals:
        sys.stdout.write(_removal_line(removal))
    if found.keyed_from:
        sys.stdout.write(_key_line(found.keyed_from, checked=chain_key is not None))
    _write_broken(found.broken)
    state = f"{'is' if found.entries == 1 else 'are'}{' NOT' if found.broken else ''} whole"
    sys.stdout.write(
        f"{count(found.entries, 'entry', 'entries')} {state}; "
        f"{found.redacted:,} with fields removed and "
        f"{found.taken_away:,} pruned, each by an entry that says so.\nLast hash: {found.head}\n"
    )
    if found.broken:
        raise typer.Exit(4)


def _write_broken(problems: Sequence[str]) -> None:
    for problem in problems:
        sys.stdout.write(f"Broken: {problem}\n")


def _key_line(first: int, *, checked: bool) -> str:
    before = f" Entries 1 to {first - 1} were written without it." if first > 1 else ""
    how = "" if checked else " Give --chain-key to check them."
    return f"Codes made with a chain key begin with entry {first}.{before}{how}\n"


def _cut_short_line(file: Path, line: int) -> str:
    return (
        f"{file}: line {line} was cut short, as when the power fails; the other lines are "
        "checked. Without it, entries removed at the end since the line before are not noticed.\n"
    )


def _removal_line(removal: RecordedRemoval) -> str:
    what = "removed" if removal.kind == EntryKind.PRUNING else "changed"
    numbers = ", ".join(map(str, removal.entries)) or "none"
    entries = "entry" if len(removal.entries) == 1 else "entries"
    return (
        f"Entry {removal.seq}: {removal.kind} by {removal.by} on {removal.at[:10]} "
        f"({removal.why}); {what} {entries}: {numbers}\n"
    )


@records_app.command("backup")
def back_up(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", callback=file_to_write, help="The new file to write."),
    ],
    register: BesideOption = None,
    records: RecordsOption = "",
    chain_key: ChainKeyOption = None,
) -> None:
    """Copy the records into a new SQLite file, while the service runs, and check the copy.

    The file FILE.head next to it holds the hash of the last entry. Keep the two together, and
    apart from this machine.

    Exit code 4: the records are broken, and so is the copy.
    """
    settings = settings_of(register, records, chain_key, anchored=False)
    copy = backup.backup(
        kept_url(settings), file, chain_key=chain_key_of(settings), listings_of=listings_of
    )
    _write_broken(copy.verification.broken)
    sys.stdout.write(
        f"{count(copy.anchor.seq, 'entry was', 'entries were')} copied to {file}.\n"
        f"Last hash: {copy.anchor.hash}\n"
    )
    if copy.verification.broken:
        raise typer.Exit(4)


@records_app.command()
def restore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file that `matcher records backup` wrote.")
    ],
    register: BesideOption = None,
    records: RecordsOption = "",
    chain_key: ChainKeyOption = None,
) -> None:
    """Copy a backup into new or empty records, and check them. Stop the service first.

    Nothing is written unless the backup is whole and ends with the hash in FILE.head.
    """
    settings = settings_of(register, records, chain_key)
    copy = backup.restore(
        file, settings.records_url, chain_key=chain_key_of(settings), listings_of=listings_of
    )
    sys.stdout.write(
        f"{count(copy.anchor.seq, 'entry was', 'entries were')} restored whole.\n"
        f"Last hash: {copy.anchor.hash}\n"
    )
    later = [line for line in anchors.read(settings.anchors_path) if line.seq > copy.anchor.seq]
    if later:
        sys.stdout.write(
            f"{settings.anchors_path} names entries up to {later[-1].seq}: what was kept after "
            f"entry {copy.anchor.seq} is lost. `matcher records verify` reports it until you move "
            "that file away.\n"
        )


@records_app.command()
def prune(
    by: ByOption,
    register: BesideOption = None,
    records: RecordsOption = "",
    before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Remove entries before this day. Default: three years ago."
        ),
    ] = None,
    younger: Annotated[
        bool,
        typer.Option(
            "--younger", help="Remove entries even if they are less than three years old."
        ),
    ] = False,
    chain_key: ChainKeyOption = None,
) -> None:
    """Remove shortlists and decisions that were kept long enough. The chain stays whole.

    The Procurement Act 2023 s.98 asks for three years from the contract. If the contract came
    long after the list, keep the record for longer.
    """
    oldest = datetime.now(UTC) - _KEPT_FOR
    until = before.replace(tzinfo=UTC) if before else oldest
    if until > oldest and not younger:
        raise BadInput(
            f"--before {until.date()}: is less than three years ago, and records must be kept for "
            "three years (Procurement Act 2023 s.98); "
            f"give {oldest.date()} or earlier, or add --younger"
        )
    removal = Removal(why="kept long enough", by=by, what=f"entries before {until.date()}")
    with changing(settings_of(register, records, chain_key)) as opened:
        pruned = opened.prune(until, removal)
    were = count(pruned, "entry was", "entries were")
    says_so = "A new entry says so." if pruned else "Nothing was changed."
    sys.stdout.write(f"{were} removed. {says_so}\n")


@records_app.command()
def suppress(
    org_id: Annotated[
        str,
        typer.Argument(metavar="ID", help="Any ID of the organisation, such as GB-COH-01234567."),
    ],
    register: RegisterOption,
    by: ByOption,
    why: Annotated[str, typer.Option(help="The reason. It is recorded, so name nobody.")],
    records: RecordsOption = "",
    chain_key: ChainKeyOption = None,
) -> None:
    """Remove an organisation at its own request from the records, the register and exports.

    It is no longer listed or found, and a new build does not bring it back. A running server
    takes this up at once. Where no server has kept records, the register alone is changed.
    """
    settings = settings_of(register, records, chain_key)
    if _never_kept(settings):
        done = suppression.suppress(None, _to_change(register), org_id, by=by, why=why)
        sys.stdout.write(_register_alone_line(settings, done))
        return
    with changing(settings) as opened:
        done = suppression.suppress(opened, _to_change(register), org_id, by=by, why=why)
    if not (done.in_register or done.entries):
        sys.stdout.write(
            f"It {_state(done)}, and no entry shows it: check how {org_id} is written. "
            "Later builds leave it out.\n"
        )
        return
    sys.stdout.write(
        f"It {_state(done)}. Its fields were removed from "
        f"{count(done.entries, 'entry, which now shows', 'entries, which now show')} "
        f"{done.pseudonym}. You must correct files that were exported before.\n"
    )


def _to_change(register: Path) -> Register:
    return Register.open(register, unfinished=True)


def _never_kept(settings: Settings) -> bool:
    """Whether no records are named, and there are none where they are by default."""
    _, _, path = settings.records_url.partition("sqlite:///")
    return not settings.records and not Path(path).exists()


def _state(done: Suppressed) -> str:
    return "was removed from the register" if done.in_register else "was not in the register"


def _register_alone_line(settings: Settings, done: Suppressed) -> str:
    _, _, path = settings.records_url.partition("sqlite:///")
    ids = " and ".join(done.ids)
    return (
        f"It {_state(done)}, and later builds leave it out. There are no records at {path}, so "
        "only the register was changed, and your name and the reason were not recorded. If a "
        "server keeps records elsewhere, run this again with --records for each ID that they may "
        f"show: {ids}. You must correct files that were exported before.\n"
    )
