"""Building a register: read every source once, resolve, lay out by place, write, swap.

Nothing is held in memory but numbers: records pass through a spool on disk.  The new
snapshot is written beside the old one, which stays in force until one small file is
replaced; an interrupted build leaves it as it was.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from operator import attrgetter
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from matcher import places
from matcher.councils import Councils
from matcher.errors import RegisterError
from matcher.ids import fingerprint
from matcher.index import TextIndexWriter
from matcher.need import DESCRIPTION, buyer_key, code_prefixes, labels, lot_words
from matcher.postcodes import PostcodeTable
from matcher.register import FORMAT, NOWHERE, SQUARE, PastAward
from matcher.resolve import Resolution, Resolver
from matcher.spool import Spool, SpoolWriter
from matcher.summary import summarise
from matcher.types import Award, Kind, Merge, Organisation, Provider, Size, Source, Tally
from models import text

Feed = tuple[Tally, Iterator[Provider] | Iterator[Award]]
Progress = Callable[[str, int, int | None], None]
"""Called with the stage, how far it is, and of how many (None where not known)."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a build read, set aside, merged and wrote."""

    tallies: tuple[Tally, ...]
    records: int
    providers: int
    awards: int
    merges: int
    version: str


def build(
    path: Path,
    feeds: Iterable[Feed],
    *,
    places_table: Path,
    trust_ids: bool = False,
    apart: frozenset[tuple[str, str]] = frozenset(),
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Build the register in folder `path` from `feeds`, replacing the one that is there.

    `places_table` is a compiled postcode table; it is copied into the snapshot.
    Raises RegisterError where the disk is full or nothing was read; the register that
    stood before then still stands.
    """
    with _snapshot(path) as folder:
        shutil.copytree(places_table, folder / "places", copy_function=_link)
        table = PostcodeTable.open(folder / "places")
        intake = _Intake(folder, Resolver(trust_ids=trust_ids, apart=apart), table, progress)
        tallies = intake.read(feeds)
        resolution = intake.resolve()
        layout = _Layout.of(intake, resolution, progress)
        _write_organisations(folder, intake, layout, table, progress)
        _write_awards(folder, intake, layout, table, progress)
        _write_merges(folder, resolution.merges)
        report = _manifest(folder, tallies, intake, layout, resolution, trust_ids=trust_ids)
        intake.discard()
    return report


def _link(source: str, target: str) -> None:
    """The postcode table never changes once written, so a link to it does for a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


@contextmanager
def _snapshot(path: Path) -> Iterator[Path]:
    """A folder to write the new snapshot into; put in force if nothing goes wrong."""
    folder = _beside(path)
    try:
        yield folder
        marker = folder / "CURRENT"
        marker.write_text(folder.name + "\n")
        os.replace(marker, path / "CURRENT")  # noqa: PTH105 - says what it does
    except OSError as wrong:
        shutil.rmtree(folder, ignore_errors=True)
        if wrong.errno == errno.ENOSPC:
            raise RegisterError(
                f"--register {path}: the disk is full; the register that was there is unchanged. "
                "Free some space, or name a folder on another disk"
            ) from wrong
        raise _unwritten(path, wrong) from wrong
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    for old in path.glob("snapshot-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)


def _beside(path: Path) -> Path:
    """A fresh folder in `path`, beside the snapshot in force."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="snapshot-", dir=path))
        folder.chmod(0o755)
    except OSError as wrong:
        raise _unwritten(path, wrong) from wrong
    return folder


def _unwritten(path: Path, wrong: OSError) -> RegisterError:
    return RegisterError(
        f"--register {path}: cannot be written ({wrong.strerror or wrong}); the register that "
        "was there, if any, is unchanged. Name a folder that can be written to"
    )


_encode = msgspec.json.Encoder().encode
_but_its_day = attrgetter(
    *(field.name for field in fields(Provider) if field.name != "source"),
    *(f"source.{field.name}" for field in fields(Source) if field.name != "day"),
)
"""All that a record says, but not when."""


class _Intake:
    """Reads the feeds once into spools, noting what resolution will need."""

    def __init__(
        self, folder: Path, resolver: Resolver, table: PostcodeTable, progress: Progress
    ) -> None:
        self._folder = folder
        self._resolver = resolver
        self._table = table
        self._progress = progress
        self._square_x, self._square_y = array("h"), array("h")
        self._seen: dict[int, int] = {}
        self._award_days = array("q")
        self._award_ids = array("Q")
        self._suppliers = array("q")
        self._supplier_ends = array("q", [0])

    def read(self, feeds: Iterable[Feed]) -> tuple[Tally, ...]:
        tallies = []
        with (
            SpoolWriter[Provider](self._folder / "intake-records") as records,
            SpoolWriter[PastAward](self._folder / "intake-awards") as awards,
        ):
            for tally, feed in feeds:
                for item in feed:
                    if isinstance(item, Award):
                        self._award(item, records, awards, tally.source)
                    else:
                        self._record(item, records)
                    if (len(records) + len(awards)) % 500 == 0:
                        self._progress(f"reading {tally.source}", tally.read, None)
                tallies.append(tally)
        self.records: Spool[Provider] = Spool(self._folder / "intake-records", Provider)
        self.awards: Spool[PastAward] = Spool(self._folder / "intake-awards", PastAward)
        if not len(self.records):
            raise RegisterError(
                "nothing to build from: no source held a usable provider or award; "
                "see what was set aside: "
                + "; ".join(f"{t.source}: {t.set_aside or 'no rows'}" for t in tallies)
            )
        return tuple(tallies)

    def _record(self, record: Provider, records: SpoolWriter[Provider]) -> int:
        """Spool a record unless the same source has said the same before."""
        said = fingerprint(_encode(_but_its_day(record)).decode())
        known = self._seen.get(said)
        if known is not None:
            return known
        self._seen[said] = number = records.add(record)
        self._resolver.add(record)
        x, y = self.square(record)
        self._square_x.append(x)
        self._square_y.append(y)
        return number

    def _award(
        self,
        award: Award,
        records: SpoolWriter[Provider],
        awards: SpoolWriter[PastAward],
        source: str,
    ) -> None:
        awards.add(PastAward(award.id, award.lot, award.day, award.value, source))
        self._award_days.append(award.day.toordinal())
        self._award_ids.append(fingerprint(award.id))
        for supplier in award.suppliers:
            self._suppliers.append(self._record(supplier, records))
        self._supplier_ends.append(len(self._suppliers))

    def square(self, provider: Provider) -> tuple[int, int]:
        """The square of its first site that is on the map; -1 where none is."""
        find = self._table.find
        spot = next((p for s in provider.sites if (p := find(s.postcode))), None)
        return (spot.east // SQUARE, spot.north // SQUARE) if spot else (-1, -1)

    def squares(self) -> npt.NDArray[np.int64]:
        """(records, 2) the square of each record taken by itself."""
        return np.stack([self._square_x, self._square_y], axis=1).astype(np.int64)

    def resolve(self) -> Resolution:
        self._progress("resolving", 0, None)
        self._seen.clear()
        table = self._table

        def km(a: str, b: str) -> float | None:
            here, there = table.find(a), table.find(b)
            if here is None or there is None:
                return None
            return places.km(here.east, here.north, there.east, there.north)

        return self._resolver.resolve(self.records.__getitem__, km)

    def oldest_first(self) -> npt.NDArray[np.int64]:
        """Award numbers by day, then by id; the last of those with the same id only."""
        days, ids = np.array(self._award_days), np.array(self._award_ids, np.uint64)
        newest = np.lexsort((-np.arange(len(ids)), ids))
        first = np.ones(len(ids), bool)
        first[1:] = ids[newest][1:] != ids[newest][:-1]
        kept: npt.NDArray[np.int64] = np.sort(newest[first])
        return kept[np.lexsort((ids[kept], days[kept]))]

    def suppliers(self, award: int) -> array[int]:
        """Record numbers of the suppliers of an award."""
        return self._suppliers[self._supplier_ends[award] : self._supplier_ends[award + 1]]

    def discard(self) -> None:
        for path in self._folder.glob("intake-*"):
            path.unlink()


@dataclass(frozen=True)
class _Layout:
    """Which organisation stands on which row, and which records make it up."""

    members: npt.NDArray[np.int64]
    """record numbers, grouped by row"""
    offsets: npt.NDArray[np.int64]
    """(rows + 1,) where each row's records begin in `members`"""
    row_of_record: npt.NDArray[np.int64]
    square: npt.NDArray[np.int64]
    """(rows, 2) x and y of each row's square; -1 where no place is known"""

    @classmethod
    def of(
        cls,
        intake: _Intake,
        resolution: Resolution,
        progress: Progress,
    ) -> _Layout:
        """Order organisations along a curve that keeps neighbours together."""
        leaders = resolution.leaders
        by_leader = np.argsort(leaders, kind="stable")
        starts = np.flatnonzero(np.diff(leaders[by_leader], prepend=-1))
        ends = np.append(starts[1:], len(leaders))
        square = intake.squares()[by_leader[starts]]
        joined = np.flatnonzero(ends - starts > 1)
        for done, i in enumerate(joined):
            if done % 1000 == 0:
                progress("laying out", done, len(joined))
            records = [intake.records[r] for r in by_leader[starts[i] : ends[i]]]
            square[i] = intake.square(summarise(records))
        key = _hilbert(square)
        order = np.lexsort((leaders[by_leader][starts], key))
        size = (ends - starts)[order]
        offsets = np.concatenate([[0], np.cumsum(size)])
        within = np.arange(len(leaders)) - np.repeat(offsets[:-1], size)
        members = by_leader[np.repeat(starts[order], size) + within]
        row_of_record = np.empty(len(leaders), np.int64)
        row_of_record[members] = np.repeat(np.arange(len(order)), size)
        return cls(members, offsets, row_of_record, square[order])

    def __len__(self) -> int:
        return len(self.offsets) - 1


def _hilbert(square: npt.NDArray[np.int64], bits: int = 8) -> npt.NDArray[np.int64]:
    """The place of each square (n, 2) along a Hilbert curve; nowhere comes last."""
    x, y = np.maximum(square[:, 0], 0).copy(), np.maximum(square[:, 1], 0).copy()
    along = np.zeros(len(x), np.int64)
    side = 1 << (bits - 1)
    while side:
        right, up = (x & side) > 0, (y & side) > 0
        along += side * side * ((3 * right) ^ up)
        flip = ~up & right
        x, y = np.where(flip, 2 * side - 1 - x, x), np.where(flip, 2 * side - 1 - y, y)
        x, y = np.where(up, x, y) % (2 * side), np.where(up, y, x) % (2 * side)
        side >>= 1
    return np.where(square[:, 0] < 0, np.int64(1) << (2 * bits + 1), along)


_SIZES, _KINDS = list(Size), list(Kind)
_FORGET = 50_000
"""After how many rows the records that were read may leave memory."""


def _write_organisations(
    folder: Path, intake: _Intake, layout: _Layout, table: PostcodeTable, progress: Progress
) -> None:
    rows = len(layout)
    columns = _ProviderColumns(rows, table.councils)
    profiles = TextIndexWriter(folder / "profiles")
    named = TextIndexWriter(folder / "names")
    with SpoolWriter[Organisation](folder / "organisations") as out:
        for row in range(rows):
            members = layout.members[layout.offsets[row] : layout.offsets[row + 1]]
            records = [intake.records[r] for r in members]
            one = Organisation(summarise(records), tuple(records))
            out.add(one)
            columns.put(row, one, table)
            profiles.add(
                text.counts(
                    [(one.provider.profile, 1.0), *((label, 1.0) for label in labels(one.provider))]
                )
            )
            named.add(_name_words(one.provider))
            if row % 500 == 0:
                progress("writing providers", row, rows)
            if row % _FORGET == 0:
                intake.records.forget()
    progress("indexing providers", 0, None)
    profiles.finish()
    named.finish()
    columns.save(folder / "columns", layout)


def _name_words(provider: Provider) -> dict[str, float]:
    """The words of all its names, each once: a spelling more must not count a word twice."""
    return dict.fromkeys(
        (w for name in (provider.name, *provider.aliases) for w in text.words(name)), 1.0
    )


class _ProviderColumns:
    """One array a fact of the providers, filled row by row."""

    def __init__(self, rows: int, councils: Sequence[str]) -> None:
        self._councils = {code: number for number, code in enumerate(councils)}
        self._east = np.full(rows, NOWHERE, np.int32)
        self._north = np.full(rows, NOWHERE, np.int32)
        self._council = np.zeros(rows, np.uint16)
        self._size = np.zeros(rows, np.uint8)
        self._kind = np.zeros(rows, np.uint8)
        self._income = np.full(rows, np.nan, np.float32)
        self._active = np.zeros(rows, bool)
        self._draw = np.zeros(rows, np.uint64)
        self._sites: list[tuple[int, int, int, int]] = []
        self._ids = array("Q")
        self._id_rows = array("i")

    def put(self, row: int, one: Organisation, table: PostcodeTable) -> None:
        provider = one.provider
        self._size[row] = _SIZES.index(provider.size)
        self._kind[row] = _KINDS.index(provider.kind)
        if provider.income is not None:
            self._income[row] = provider.income
        self._active[row] = provider.status.may_rank
        self._draw[row] = fingerprint(provider.id)
        for org_id in dict.fromkeys(i for r in one.records for i in (r.id, *r.ids)):
            self._ids.append(fingerprint(org_id))
            self._id_rows.append(row)
        spots = [p for s in provider.sites if (p := table.find(s.postcode)) is not None]
        for i, spot in enumerate(spots):
            if i == 0:
                self._east[row], self._north[row] = spot.east, spot.north
                self._council[row] = self._councils[spot.council]
            else:
                number = self._councils[spot.council]
                self._sites.append((row, spot.east, spot.north, number))

    def save(self, folder: Path, layout: _Layout) -> None:
        folder.mkdir(exist_ok=True)
        ids = np.array(self._ids, np.uint64)
        order = np.argsort(ids, kind="stable")
        sites = np.array(self._sites, np.int64).reshape(-1, 4)
        first = _changes(layout.square)
        square = layout.square[first[:-1]]
        number = np.repeat(np.arange(len(square)), np.diff(first))
        pairs = np.unique(np.stack([self._council.astype(np.int64), number], axis=1), axis=0)
        arrays: dict[str, npt.NDArray[np.generic]] = {
            "east": self._east,
            "north": self._north,
            "council": self._council,
            "size": self._size,
            "kind": self._kind,
            "income": self._income,
            "active": self._active,
            "draw": self._draw,
            "id_hash": ids[order],
            "id_row": np.array(self._id_rows, np.int32)[order],
            "site_row": sites[:, 0].astype(np.int32),
            "site_east": sites[:, 1].astype(np.int32),
            "site_north": sites[:, 2].astype(np.int32),
            "site_council": sites[:, 3].astype(np.uint16),
            "square": first,
            "square_x": square[:, 0].astype(np.int32),
            "square_y": square[:, 1].astype(np.int32),
            "council_square": pairs,
        }
        _save(folder, arrays)


def _changes(square: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where a new square begins, and the number of rows at the end."""
    new = np.any(square[1:] != square[:-1], axis=1)
    return np.concatenate([[0], np.flatnonzero(new) + 1, [len(square)]]).astype(np.int64)


def _save(folder: Path, arrays: dict[str, npt.NDArray[np.generic]]) -> None:
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values)


def _write_awards(
    folder: Path, intake: _Intake, layout: _Layout, table: PostcodeTable, progress: Progress
) -> None:
    order = intake.oldest_first()
    councils = Councils.open()
    past, codes = TextIndexWriter(folder / "past"), TextIndexWriter(folder / "codes")
    day, value = np.zeros(len(order), np.int32), np.full(len(order), np.nan, np.float32)
    buyer, lot_hash = np.zeros(len(order), np.uint64), np.zeros(len(order), np.uint64)
    spot = np.full((len(order), 2), NOWHERE, np.int32)
    winners: list[npt.NDArray[np.int64]] = []
    with SpoolWriter[PastAward](folder / "awards") as out:
        for i, number in enumerate(order):
            award = intake.awards[int(number)]
            lot = award.lot
            if len(lot.description) > DESCRIPTION:
                award = replace(award, lot=replace(lot, description=lot.description[:DESCRIPTION]))
            out.add(award)
            past.add(lot_words(lot.title, lot.description))
            codes.add(dict.fromkeys(code_prefixes(lot.cpv), 1.0))
            lot_hash[i] = fingerprint(lot.id)
            day[i], buyer[i] = award.day.toordinal(), buyer_key(lot.buyer)
            value[i] = np.nan if award.value is None else award.value
            place = places.place_of(lot, table, councils).spot
            if place is not None:
                spot[i] = place.east, place.north
            winners.append(np.unique(layout.row_of_record[intake.suppliers(int(number))]))
            if i % 500 == 0:
                progress("writing awards", i, len(order))
    past.finish()
    codes.finish()
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "award_day": day,
        "award_value": value,
        "award_buyer": buyer,
        "award_lot": lot_hash,
        "award_east": spot[:, 0],
        "award_north": spot[:, 1],
    }
    _save(folder / "columns", arrays | _links(winners, len(layout)))


def _links(
    winners: Sequence[npt.NDArray[np.int64]], rows: int
) -> dict[str, npt.NDArray[np.generic]]:
    """Award → rows and row → awards, as compressed tables."""
    size = np.array([len(w) for w in winners], np.int64)
    flat = np.concatenate([np.empty(0, np.int64), *winners])
    award = np.repeat(np.arange(len(winners)), size)
    by_row = np.lexsort((award, flat))
    count = np.bincount(flat.astype(np.int64), minlength=rows)
    return {
        "winners": flat.astype(np.int32),
        "winners_offsets": np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        "won": award[by_row].astype(np.int32),
        "won_offsets": np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
    }


def _write_merges(folder: Path, merges: Sequence[Merge]) -> None:
    with SpoolWriter[Merge](folder / "merges") as out:
        for merge in merges:
            out.add(merge)


def _manifest(
    folder: Path,
    tallies: tuple[Tally, ...],
    intake: _Intake,
    layout: _Layout,
    resolution: Resolution,
    *,
    trust_ids: bool,
) -> Report:
    active = np.load(folder / "columns" / "active.npy")
    east = np.load(folder / "columns" / "east.npy")
    report = Report(
        tallies=tallies,
        records=len(intake.records),
        providers=len(layout),
        awards=len(np.load(folder / "columns" / "award_day.npy")),
        merges=len(resolution.merges),
        version=_version(folder),
    )
    manifest = {
        "format": FORMAT,
        **asdict(report),
        "inactive": int((~active).sum()),
        "active_without_place": int((active & (east == NOWHERE)).sum()),
        "trust_ids": trust_ids,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True))
    return report


def _version(folder: Path) -> str:
    """A digest of all that a question can read."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("intake-"):
            digest.update(str(path.relative_to(folder)).encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
