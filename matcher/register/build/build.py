"""Builds a register: reads every source once, merges records, orders them by place, writes them.

Records are kept in files, and only numbers in memory.  The new snapshot is written next to the old
one and replaces it in one step, so an interrupted build leaves the register unchanged.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from matcher.core.disk import link
from matcher.core.types import Tally
from matcher.geo.councils import Councils
from matcher.geo.national_grid import NOWHERE
from matcher.geo.postcodes import PostcodeTable
from matcher.register import planned
from matcher.register.build import known_rows
from matcher.register.build.awards import write_awards
from matcher.register.build.changes import write_changes
from matcher.register.build.decisions import MergeDecisions
from matcher.register.build.embed import embedder_of, write_vectors
from matcher.register.build.intake import Intake
from matcher.register.build.known_records import KnownRecords
from matcher.register.build.known_rows import RowsBefore
from matcher.register.build.layout import Layout
from matcher.register.build.offers import Offers
from matcher.register.build.organisations import write_organisations
from matcher.register.build.remarks import Remarks
from matcher.register.build.snapshot import (
    current_snapshot,
    locked,
    new_snapshot,
    require_space,
    same_files,
    version,
)
from matcher.register.build.suppression_list import Suppressions
from matcher.register.build.unchanged import Before, made_by, unchanged_since
from matcher.register.build.unplaced import count_unplaced
from matcher.register.current_snapshot import TOWNS, own_councils
from matcher.register.linkage.resolve import Resolution, Rules
from matcher.register.linkage.told_pairs import Pairs
from matcher.register.manifest import DAMAGE, Manifest, PaymentTotals, damaged, digests_of
from matcher.register.payments import FOLDER as PAYMENTS
from matcher.register.record_file import write_records
from matcher.register.unfinished import check_records_changed
from matcher.sources.catalogue import Catalogue, Credit, credits_for, load_catalogue
from matcher.sources.feed import Feed, Progress
from models.bundle import Bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """How a register is built."""

    borders: Path | None = None
    """a table (columns a, b: council codes) used in place of the one derived from postcodes"""
    towns: Path | None = None
    """a list of towns and villages, used in place of the one that comes with the product"""
    trust_ids: bool = False
    """whether records are merged by their ids alone, never by their names"""
    apart: Pairs = frozenset()
    """pairs of ids that are never merged, besides those decided in the register"""
    joined: Pairs = frozenset()
    """pairs of ids that are merged, besides those decided in the register"""
    bundle: Bundle | None = None
    """its embedder, if it has one, makes the vectors"""
    fetched: bool = False
    """whether nothing is read except fetched files, so that it can be built again from them"""
    locality: Sequence[str] = ()
    """codes of the areas that the feeds were narrowed to"""
    bytes_needed: int = 0
    """what the build will write at least, as far as is known before"""
    command: str = ""
    """the command that asked for the build, as it was typed"""


_USUAL = BuildOptions()
_GEONAMES = "https://www.geonames.org/"


def build(
    path: Path,
    feeds: Iterable[Feed],
    *,
    places_table: Path,
    options: BuildOptions = _USUAL,
    progress: Progress = lambda stage, done, total: None,
) -> Manifest:
    """Build the register in folder `path` from `feeds`, replacing the one that is there.

    `places_table` is a compiled postcode table, which is copied into the snapshot. Suppressed
    organisations stay out. Returns the new snapshot's manifest.
    Raises RegisterError where the disk is full or too small, nothing was read, another build is
    writing the register, or a removal was interrupted that has records left to change. The register
    that was there before is then unchanged.
    """
    with locked(path), new_snapshot(path) as folder:
        check_records_changed(path)
        require_space(path, options.locality, options.bytes_needed)
        shutil.copytree(places_table, folder / "places", copy_function=link)
        table = PostcodeTable.open(folder / "places")
        if options.borders is not None:
            Councils.open(options.borders)
            shutil.copyfile(options.borders, folder / "borders.csv")
        if options.towns is not None:
            shutil.copyfile(options.towns, folder / TOWNS)
        decided = MergeDecisions.open(path)
        rules = Rules(
            options.trust_ids,
            options.apart | decided.apart,
            (options.joined | decided.joined) - options.apart,
        )
        councils = own_councils(folder)
        suppressed = Suppressions.open(path)
        whole = _whole_snapshot(path)
        maker, before = _before(whole, options)
        intake = Intake(
            folder,
            rules,
            table,
            progress,
            suppressed=suppressed,
            councils=councils,
            known=_rows_before(before, rules, suppressed),
        )
        tallies = intake.read(feeds)
        if before is not None:
            before = replace(
                before, same_places=same_files(before.folder / "places", folder / "places")
            )
        known = KnownRecords.open(before.folder) if before and before.same_places else None
        resolution = intake.resolve(known)
        keys = intake.keys
        count_unplaced(intake.spans, intake.records, keys.squares, keys.not_listed, table)
        layout = Layout.of(intake, resolution, progress)
        remarks = Remarks.of(intake, resolution, layout, progress)
        if not rules.trust_ids:
            changed = {*remarks.of_row, *layout.row_of_record[[*resolution.not_own]].tolist()}
            known_rows.place(folder, layout.row_of_record, layout.offsets, changed)
        write_organisations(
            folder,
            layout,
            resolution,
            remarks=remarks,
            progress=progress,
            offers=Offers.of(folder, options.bundle.knowledge, before) if options.bundle else None,
            before=before,
        )
        write_awards(folder, intake, layout, table, progress)
        write_records(folder / "merges", (*resolution.merges, *remarks.merges))
        write_records(folder / "alike", resolution.alike)
        payments = _write_payments(folder, remarks, len(layout))
        announced = planned.write(folder, intake.planned.values())
        intake.discard()
        if options.bundle is not None:
            write_vectors(folder, options.bundle.knowledge, progress, whole)
        tallies += _unsure(resolution)
        manifest = _manifest(folder, options, tallies, intake, len(resolution.merges))
        manifest = msgspec.structs.replace(
            manifest, payments=payments, planned=announced, made_by=maker
        )
        changes = write_changes(folder, current_snapshot(path), suppressed, progress)
        manifest = msgspec.structs.replace(manifest, changes=changes)
        manifest.write(folder)
        return manifest


def _whole_snapshot(path: Path) -> Path | None:
    """The snapshot in force, if none of its files was changed since it was written."""
    folder = current_snapshot(path)
    try:
        changed = folder and damaged(folder, Manifest.read(folder).files)
    except DAMAGE:
        return None
    return None if changed else folder


def _before(snapshot: Path | None, options: BuildOptions) -> tuple[str, Before | None]:
    """What reads the organisations, and the snapshot in force, if the same read its own."""
    background = options.bundle.knowledge.background if options.bundle else None
    maker = made_by(background, embedder_of(options.bundle)[1])
    return maker, unchanged_since(snapshot, maker)


def _rows_before(
    before: Before | None, rules: Rules, suppressed: Suppressions
) -> RowsBefore | None:
    """The rows of tables that need not be read, if there are any."""
    if before is None or rules.trust_ids:
        return None
    return RowsBefore.open(before.folder, suppressed, rules.own_ids)


def _unsure(resolution: Resolution) -> tuple[Tally, ...]:
    """What was set aside of the decisions of people, if anything was."""
    tally = Tally("decisions about merges")
    for pair in resolution.unsure:
        tally.reject(
            "not joined: several rows have this name and place, or this name", " and ".join(pair)
        )
    return (tally,) if tally.read else ()


def _write_payments(folder: Path, remarks: Remarks, rows: int) -> PaymentTotals | None:
    if remarks.payments is None:
        return None
    totals = remarks.payments.write(folder / PAYMENTS, remarks.payee_row, rows)
    return msgspec.structs.replace(totals, ambiguous=remarks.ambiguous)


def _credits(intake: Intake, table: PostcodeTable, towns: str) -> tuple[Credit, ...]:
    """The credits due for the sources of the records, the postcodes and the `towns`."""
    entries = load_catalogue()
    sources = [
        (source, licence, None if day == date.min else day)
        for (source, licence), day in intake.sources.items()
    ]
    places = Credit(
        f"Postcodes: {table.version}",
        entries["postcodes"].licence,
        entries["postcodes"].attribution,
        entries["postcodes"].about,
    )
    return (*credits_for(sources, entries), places, _credit_for_towns(towns, entries))


def _credit_for_towns(source: str, entries: Catalogue) -> Credit:
    title = source.partition(",")[0]
    entry = next((entry for entry in entries.values() if entry.title == title), None)
    if entry is None:
        return Credit(f"Towns: {source}", "CC-BY-4.0", f"Contains data from {title}.", _GEONAMES)
    return Credit(f"Towns: {title}", entry.licence, entry.attribution, entry.about)


def _manifest(
    folder: Path, options: BuildOptions, tallies: tuple[Tally, ...], intake: Intake, merges: int
) -> Manifest:
    columns = folder / "columns"
    active, east = np.load(columns / "active.npy"), np.load(columns / "east.npy")
    table = PostcodeTable.open(folder / "places")
    towns = own_councils(folder).towns.source
    bundle, meaning = embedder_of(options.bundle)
    files = digests_of(folder)
    return Manifest(
        files=files,
        version=version(files, meaning=meaning, trust_ids=options.trust_ids),
        records=len(intake.records),
        providers=len(active),
        awards=len(np.load(columns / "award_day.npy")),
        merges=merges,
        inactive=int((~active).sum()),
        active_without_place=int((active & (east == NOWHERE)).sum()),
        tallies=tallies,
        licences=tuple(
            {name: str(value) for name, value in asdict(credit).items() if value}
            for credit in _credits(intake, table, towns)
        ),
        trust_ids=options.trust_ids,
        fetched=options.fetched,
        command=options.command,
        locality=tuple(options.locality),
        bundle=bundle,
        meaning=meaning,
    )
