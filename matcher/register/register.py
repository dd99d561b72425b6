"""The register: every provider and award known, in one folder, opened read-only.

    REG/
      CURRENT              the name of the snapshot in force (replaced in one step)
      lock                 held by the process that writes the register
      SNAPSHOT/
        manifest.json      version, settings, counts, and what each source gave (register.manifest)
        places/            the postcode table that the snapshot was built with
        borders.csv        which councils border which, if the build was given a table of it
        organisations.*    every organisation with its records, by row
        awards.*           every award, oldest first
        merges.*           which records were taken for one organisation, and why
        columns/*.npy      one array a fact, one value a row
        profiles/ told/ names/ past/ codes/    word indexes
        titles/            the awards' titles word for word, and by two neighbouring words
        keys/              the keys that a name, however misspelt, is found by
        encoded/*.npy      what one bundle's encoder made of providers and awards
        vectors/*.npy      what one bundle's embedder made of awards, names and profiles

Rows are laid out by neighbourhood (10 km squares along a Hilbert curve), so that a local
question reads a local part of everything.  Opening maps the files and runs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints
from matcher.core.errors import RegisterError
from matcher.core.identifiers import fingerprint, notice_key
from matcher.core.types import Lot, Merge, Organisation
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.register.columns import SQUARE, Columns, Links
from matcher.register.encoded import FOLDER as ENCODED
from matcher.register.encoded import EncodedTexts
from matcher.register.inverted_index import TextIndex
from matcher.register.manifest import FORMAT, Manifest
from matcher.register.record_file import RecordFile
from matcher.register.rows import Rows
from matcher.register.vectors import Vectors

_MOST_STRETCHES = 8
_DAMAGE = (
    *(RegisterError, OSError, ValueError, LookupError, TypeError, EOFError),
    *(SyntaxError, TokenError),
)
"""What reading a damaged file of a snapshot may raise; the last two, of an array's header."""


@dataclass(frozen=True, slots=True)
class PastAward:
    """An award as the register keeps it: what was bought, when, for how much."""

    id: str
    lot: Lot
    day: date
    value: float | None
    source: str


@dataclass(frozen=True)
class Register:
    """Every provider and award known, as of its snapshot or, through `before`, of some day."""

    folder: Path
    manifest: Manifest
    columns: Columns
    profiles: TextIndex
    told: TextIndex
    """profiles and names as one document, for whoever says it in either"""
    names: TextIndex
    keys: TextIndex
    """the keys of each name, of `matcher.register.linkage.name_similarity.keys`"""
    past: TextIndex
    titles: TextIndex
    codes: TextIndex
    winners: Links
    """award → rows that won it"""
    won: Links
    """row → awards that it won, oldest first"""
    organisations: RecordFile[Organisation]
    awards: RecordFile[PastAward]
    postcodes: PostcodeTable
    councils: Councils
    known_awards: int
    """awards that may be seen: numbers below this one"""
    vectors: Vectors | None = None
    """what the embedder of the bundle that the manifest names made of it"""
    encoded: EncodedTexts | None = None
    """what its encoder made of it"""

    @classmethod
    def open(cls, path: Path) -> Register:
        """The register in folder `path`.

        Raises RegisterError where there is none, or it is damaged or of another format.
        """
        folder = _snapshot_folder(path)
        try:
            return cls._open_whole(path, folder)
        except RegisterError:
            newer = _snapshot_folder(path)
            if newer == folder:
                raise
        return cls._open_whole(path, newer)  # a build replaced the one that was being opened

    @classmethod
    def _open_whole(cls, path: Path, folder: Path) -> Register:
        _check_format(path, folder)
        with _whole(path, folder):
            return cls._open(folder)

    @classmethod
    def _open(cls, folder: Path) -> Register:
        columns = Columns.open(folder / "columns")
        return cls(
            folder=folder,
            manifest=Manifest.read(folder),
            columns=columns,
            profiles=TextIndex.open(folder / "profiles"),
            told=TextIndex.open(folder / "told"),
            names=TextIndex.open(folder / "names"),
            keys=TextIndex.open(folder / "keys"),
            past=TextIndex.open(folder / "past"),
            titles=TextIndex.open(folder / "titles"),
            codes=TextIndex.open(folder / "codes"),
            winners=Links.open(folder / "columns", "winners"),
            won=Links.open(folder / "columns", "won"),
            organisations=RecordFile(folder / "organisations", Organisation),
            awards=RecordFile(folder / "awards", PastAward),
            postcodes=PostcodeTable.open(folder / "places"),
            councils=Councils.open(own_borders(folder)),
            known_awards=len(columns.award_day),
            vectors=Vectors.open(folder / "vectors") if (folder / "vectors").exists() else None,
            encoded=EncodedTexts.open(folder / ENCODED) if (folder / ENCODED).exists() else None,
        )

    def renewed(self) -> Register:
        """The snapshot in force: this one, unless the register was built anew since."""
        path = self.folder.parent
        return self if _current_name(path) == self.folder.name else Register.open(path)

    @property
    def version(self) -> str:
        """Names the contents: the same sources and code give the same version."""
        return self.manifest.version

    def __len__(self) -> int:
        return len(self.columns.east)

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process, which maps the same files itself and knows as much."""
        return _mapped_again, (self.folder, self.known_awards, self.vectors, self.encoded)

    def before(self, day: date) -> Register:
        """The same register, knowing only awards dated before `day`."""
        known = int(np.searchsorted(self.columns.award_day, day.toordinal()))
        return replace(self, known_awards=min(known, self.known_awards))

    def without(self, lot_id: str) -> Register:
        """The same register, knowing only awards older than any of the notice that `lot_id` is of.

        A notice may be dated long after the award that it announces.
        """
        known = self.columns.award_notice[: self.known_awards]
        own = np.flatnonzero(known == np.uint64(notice_key(lot_id)))
        return replace(self, known_awards=int(own[0])) if len(own) else self

    def is_new(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """(n,) which of these rows have won no award that may be seen."""
        return self._is_new(self.won.offsets[rows], self.won.offsets[rows + 1])

    def new_among(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """(rows,) the same of many rows together."""
        return self._is_new(rows.take(self.won.offsets[:-1]), rows.take(self.won.offsets[1:]))

    def _is_new(self, start: Ints, stop: Ints) -> npt.NDArray[np.bool_]:
        """Which of the rows whose awards stand there have none that may be seen."""
        if not len(self.won.numbers):
            return np.ones(len(start), bool)
        first = self.won.numbers.take(start, mode="clip")
        new: npt.NDArray[np.bool_] = (start == stop) | (first >= self.known_awards)
        return new

    def row(self, org_id: str) -> int | None:
        """The row of the provider that has `org_id` among its numbers, or None."""
        hashes, rows = self.columns.id_hash, self.columns.id_row
        wanted = np.uint64(fingerprint(org_id))
        at = int(np.searchsorted(hashes, wanted))
        while at < len(hashes) and hashes[at] == wanted:
            row = int(rows[at])
            if any(org_id in (r.id, *r.ids) for r in self.organisations[row].records):
                return row
            at += 1
        return None

    def merges(self) -> RecordFile[Merge]:
        """The merges made when the register was built."""
        with _whole(self.folder.parent, self.folder):
            return RecordFile(self.folder / "merges", Merge)

    def everywhere(self) -> Rows:
        """All rows."""
        return Rows.span(0, len(self))

    def near(self, east: int, north: int, km: float) -> Rows:
        """Rows in squares that touch the circle; and rows with a further site in it."""
        c, metres = self.columns, km * 1000
        x, y = c.square_x * SQUARE, c.square_y * SQUARE
        dx = np.maximum(np.maximum(x - east, east - (x + SQUARE)), 0)
        dy = np.maximum(np.maximum(y - north, north - (y + SQUARE)), 0)
        touched = (dx.astype(np.float64) ** 2 + dy.astype(np.float64) ** 2) <= metres**2
        across, along = c.site_east - float(east), c.site_north - float(north)
        there = across * across + along * along <= metres**2
        return self._rows(touched, c.site_row[there])

    def within(self, councils: Iterable[str]) -> Rows:
        """Rows that may have a site in one of these councils (codes)."""
        numbers = self.council_numbers(councils)
        c = self.columns
        pairs = c.council_square
        touched = np.zeros(len(c.square_x), bool)
        touched[pairs[np.isin(pairs[:, 0], numbers), 1]] = True
        return self._rows(touched, c.site_row[np.isin(c.site_council, numbers)])

    def council_numbers(self, codes: Iterable[str]) -> npt.NDArray[np.uint16]:
        """Council codes as numbers of the council columns; unknown codes are left out."""
        known = {code: i for i, code in enumerate(self.postcodes.councils)}
        return np.array(sorted(known[c] for c in codes if c in known), np.uint16)

    def _rows(self, squares: npt.NDArray[np.bool_], extra: npt.NDArray[np.int32]) -> Rows:
        """The touched squares as a few stretches, with gaps bridged where they are smallest.

        `extra` rows ascend, and may repeat.
        """
        start, stop = self.columns.square[:-1][squares], self.columns.square[1:][squares]
        if len(start):
            gap = start[1:] - stop[:-1]
            keep = gap > (np.sort(gap)[-_MOST_STRETCHES + 1] if len(gap) >= _MOST_STRETCHES else 0)
            start = start[np.concatenate([[True], keep])]
            stop = stop[np.concatenate([keep, [True]])]
        extra = extra[np.diff(extra, prepend=-1) > 0].astype(np.int64)
        inside = np.searchsorted(start, extra, side="right") - 1
        covered = (inside >= 0) & (extra < stop[np.maximum(inside, 0)]) if len(start) else extra < 0
        return Rows(start.astype(np.int64), stop.astype(np.int64), extra[~covered].astype(np.int64))


@contextmanager
def _whole(path: Path, folder: Path) -> Iterator[None]:
    """Refuse a snapshot of which a part is missing, cut short, or not what it should be."""
    try:
        yield
    except _DAMAGE as wrong:
        raise RegisterError(
            f"--register {path}: the snapshot {folder.name or '(none)'} is damaged; build it again"
        ) from wrong


def _mapped_again(
    folder: Path, known_awards: int, vectors: Vectors | None, encoded: EncodedTexts | None
) -> Register:
    register = Register._open(folder)
    return replace(register, known_awards=known_awards, vectors=vectors, encoded=encoded)


def own_borders(folder: Path) -> Path | None:
    """The table of borders that the snapshot in `folder` was given, if it was given one."""
    path = folder / "borders.csv"
    return path if path.exists() else None


def _snapshot_folder(path: Path) -> Path:
    return path / _current_name(path)


def _check_format(path: Path, folder: Path) -> None:
    with _whole(path, folder):
        found = json.loads((folder / "manifest.json").read_text())["format"]
    if found != FORMAT:
        raise RegisterError(
            f"--register {path}: written in format {found}, this version reads {FORMAT}; "
            "build it again with `matcher build`"
        )


def _current_name(path: Path) -> str:
    """The name of the snapshot in force.  Raises RegisterError where CURRENT cannot be read."""
    try:
        content = (path / "CURRENT").read_text(errors="replace")
    except OSError as error:
        what = "has no CURRENT file" if path.is_dir() else "does not exist"
        raise RegisterError(
            f"--register {path}: {what}; build one with "
            f"`matcher build --register {path} --providers FILE --awards FILE`"
        ) from error
    return Path(content.strip()).name
