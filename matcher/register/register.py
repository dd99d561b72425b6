"""The register: all known providers and awards, in one folder, opened read-only.

    REG/
      CURRENT              the name of the current snapshot (replaced in one step)
      lock                 held by the process that writes the register
      SNAPSHOT/
        manifest.json      version, settings, counts, and what each source gave (register.manifest)
        places/            the postcode table that the snapshot was built with
        borders.csv        which councils border which, if the build was given a table of it
        towns.csv          the towns and villages, if a list of them was fetched
        organisations.*    every organisation with its records, by row
        awards.*           every award, oldest first
        merges.*           which records were merged into one organisation, and why
        alike.*            which records are alike and were not merged
        columns/*.npy      one array for each fact, one value a row
        profiles/ names/   word indexes of the providers' profiles and of their names
        told/              a word index of both, as one document a provider
        past/ codes/       indexes of the awards' words and of their CPV codes
        titles/            an index of the words and pairs of words in the awards' titles
        keys/              an index of the keys by which misspelt names are found
        payments/          what public bodies paid, if it was built with spending files
        planned.*          contracts that are announced and not tendered yet, if notices say any
        encoded/*.npy      the vectors of providers and awards, by one bundle's encoder
        vectors/*.npy      the vectors of awards, names and profiles, by one bundle's embedder

Rows are ordered spatially (10 km squares along a Hilbert curve), so a local query reads contiguous
data.  Opening maps the files and runs no code from them.  All are opened at once, because a build
removes the snapshot that others still read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.core import org_ids
from matcher.core.arrays import Ints
from matcher.core.errors import RegisterError
from matcher.core.identifiers import OF_A_NAME, fingerprint, notice_key
from matcher.core.types import Merge, Organisation
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.register.columns import Columns, Links, ids_of
from matcher.register.current_snapshot import (
    check_format,
    current_name,
    own_councils,
    refuse_damage,
    snapshot_folder,
)
from matcher.register.encoded import FOLDER as ENCODED
from matcher.register.encoded import EncodedTexts
from matcher.register.inverted_index import TextIndex
from matcher.register.manifest import Manifest, check_samples
from matcher.register.past_award import PastAward
from matcher.register.payments import FOLDER as PAYMENTS
from matcher.register.payments import NO_LIMIT, Payments
from matcher.register.planned import PlannedContracts
from matcher.register.record_file import RecordFile
from matcher.register.rows import Rows
from matcher.register.unfinished import check_finished
from matcher.register.vectors import FOLDER as VECTORS
from matcher.register.vectors import Vectors

_MANY = 100_000
"""From this many rows on, the winners of all awards are read instead of the awards of all rows."""


@dataclass(frozen=True, slots=True)
class _Id:
    id: str


@dataclass(frozen=True, slots=True)
class _Identified:
    """What `Register.provider_id` reads of an organisation."""

    provider: _Id


@dataclass(frozen=True)
class Register:
    """All known providers and awards of a snapshot; with `before`, only awards before a day."""

    folder: Path
    manifest: Manifest
    columns: Columns
    profiles: TextIndex
    names_and_profiles: TextIndex
    """a provider's names and profile as one document"""
    names: TextIndex
    keys: TextIndex
    """the keys of each name, of `matcher.register.linkage.name_similarity.keys`"""
    past: TextIndex
    titles: TextIndex
    codes: TextIndex
    winners: Links
    """award → the rows that won it"""
    won: Links
    """row → the awards that it won, oldest first"""
    organisations: RecordFile[Organisation]
    awards: RecordFile[PastAward]
    merges: RecordFile[Merge]
    """the merges of records that the build made"""
    alike: RecordFile[Merge]
    """pairs of records that are alike and were not merged, most similar first"""
    postcodes: PostcodeTable
    councils: Councils
    known_awards: int
    """only awards with a lower number are visible"""
    vectors: Vectors | None = None
    """by the embedder of the bundle that the manifest names"""
    encoded: EncodedTexts | None = None
    """by the encoder of that bundle"""
    payments: Payments | None = None
    """what public bodies paid; None where the register was built without spending files"""
    planned: PlannedContracts | None = None
    """the contracts that are announced and not tendered yet, by the day of their notice"""

    def __repr__(self) -> str:
        """Where it is, and how many providers and awards it knows."""
        size = f"{len(self):,} providers, {self.known_awards:,} awards"
        return f"Register({str(self.folder.parent)!r}: {size})"

    @classmethod
    def open(cls, path: Path, *, unfinished: bool = False) -> Register:
        """The register in folder `path`.

        Raises RegisterError where there is none, or where it is damaged or has another format, and,
        unless `unfinished`, where the removal of an organisation was interrupted.
        """
        register = cls._open_current(path)
        if not unfinished:
            check_finished(path, register.folder.name)
        return register

    @classmethod
    def _open_current(cls, path: Path) -> Register:
        folder = snapshot_folder(path)
        while True:
            try:
                return cls._open_snapshot(path, folder)
            except RegisterError:
                newer = snapshot_folder(path)
                if newer == folder:
                    raise
                folder = newer  # a build replaced the snapshot while it was opened

    @classmethod
    def _open_snapshot(cls, path: Path, folder: Path) -> Register:
        check_format(path, folder)
        with refuse_damage(path, folder):
            register = cls._open(folder)
            check_samples(folder, register.manifest.files)
            return register

    @classmethod
    def _open(cls, folder: Path) -> Register:
        columns = Columns.open(folder / "columns")
        register = cls(
            folder=folder,
            manifest=Manifest.read(folder),
            columns=columns,
            profiles=TextIndex.open(folder / "profiles"),
            names_and_profiles=TextIndex.open(folder / "told"),
            names=TextIndex.open(folder / "names"),
            keys=TextIndex.open(folder / "keys"),
            past=TextIndex.open(folder / "past"),
            titles=TextIndex.open(folder / "titles"),
            codes=TextIndex.open(folder / "codes"),
            winners=Links.open(folder / "columns", "winners"),
            won=Links.open(folder / "columns", "won"),
            organisations=RecordFile(folder / "organisations", Organisation),
            awards=RecordFile(folder / "awards", PastAward),
            merges=RecordFile(folder / "merges", Merge),
            alike=RecordFile(folder / "alike", Merge),
            postcodes=PostcodeTable.open(folder / "places"),
            councils=own_councils(folder),
            known_awards=len(columns.award_day),
            vectors=Vectors.open(folder / VECTORS) if (folder / VECTORS).exists() else None,
            encoded=EncodedTexts.open(folder / ENCODED) if (folder / ENCODED).exists() else None,
            payments=Payments.open(folder / PAYMENTS) if (folder / PAYMENTS).exists() else None,
            planned=PlannedContracts.open(folder),
        )
        register._check_encoded()
        return register

    def _check_encoded(self) -> None:
        """Raise ValueError where the vectors are of another snapshot's texts."""
        encoded = self.encoded
        if encoded is not None and (len(encoded.providers), len(encoded.awards)) != (
            len(self),
            len(self.columns.award_day),
        ):
            raise ValueError("the vectors are those of another register")

    def renewed(self, *, unfinished: bool = False) -> Register:
        """The register with its current snapshot: this one, unless it was rebuilt.

        Raises RegisterError as `open` does, which does not name an organisation.
        """
        path = self.folder.parent
        is_current = current_name(path) == self.folder.name
        register = self if is_current else Register.open(path, unfinished=True)
        if not unfinished:
            check_finished(path, register.folder.name, named=False)
        return register

    @property
    def version(self) -> str:
        """A digest of the contents: the same sources and code give the same version."""
        return self.manifest.version

    def __len__(self) -> int:
        return len(self.columns.east)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the folder's path: another process maps the same files."""
        until = self.payments.until if self.payments else NO_LIMIT
        place = self.folder.absolute()
        return _reopen, (place, self.known_awards, self.vectors, self.encoded, until)

    def before(self, day: date) -> Register:
        """This register, with only awards dated before `day` visible, and earlier payments."""
        known = int(np.searchsorted(self.columns.award_day, day.toordinal()))
        payments = self.payments.before(day) if self.payments else None
        return replace(self, known_awards=min(known, self.known_awards), payments=payments)

    def without(self, lot_id: str) -> Register:
        """This register, with only awards visible that are older than any of the lot's notice.

        A notice may be dated long after the award that it announces.
        """
        notices = self.columns.award_notice[: self.known_awards]
        own = np.flatnonzero(notices == np.uint64(notice_key(lot_id)))
        return replace(self, known_awards=int(own[0])) if len(own) else self

    def is_new(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """(n,) whether each row has no visible award."""
        return self._is_new(self.won.offsets[rows], self.won.offsets[rows + 1])

    def new_among(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """(rows,) whether each of `rows` has no visible award."""
        if len(rows) < _MANY:
            return self._is_new(rows.take(self.won.offsets[:-1]), rows.take(self.won.offsets[1:]))
        new = np.ones(len(self), bool)
        new[self.winners.numbers[: self.winners.offsets[self.known_awards]]] = False
        return rows.take(new)

    def _is_new(self, start: Ints, stop: Ints) -> npt.NDArray[np.bool_]:
        """Whether none of the awards at `start` up to `stop` in `won` is visible, for each row."""
        if not len(self.won.numbers):
            return np.ones(len(start), bool)
        first = self.won.numbers.take(start, mode="clip")
        new: npt.NDArray[np.bool_] = (start == stop) | (first >= self.known_awards)
        return new

    def row(self, org_id: str) -> int | None:
        """The row of the provider that has `org_id` among its ids, or None.

        The id may be in any form that people write it in, if only one provider has it.  An id made
        from a name that several have is of the one that has no place beside it, if there is one.
        """
        if (known := self.rows_with(org_id)) is not None:
            if len(known) == 1 or not org_id.startswith(OF_A_NAME):
                return known[0]
            return next((row for row in known if self.provider_id(row) == org_id), None)
        rows = {row for form in org_ids.forms(org_id) for row in (self.rows_with(form) or ())[:1]}
        return rows.pop() if len(rows) == 1 else None

    def rows_with(self, org_id: str) -> list[int] | None:
        """The rows of the organisations with an id; None where there is none."""
        hashes, rows = self.columns.id_hash, self.columns.id_row
        hash_ = np.uint64(fingerprint(org_id))
        at = int(np.searchsorted(hashes, hash_))
        found = []
        while at < len(hashes) and hashes[at] == hash_:
            row = int(rows[at])
            if org_id in ids_of(self.organisations[row]):
                found.append(row)
            at += 1
        return found or None

    def provider_id(self, row: int) -> str:
        """The id of the provider in `row`, without reading the rest of its record."""
        return self._ids[row].provider.id

    @cached_property
    def _ids(self) -> RecordFile[_Identified]:
        return self.organisations.read_as(_Identified)

    def everywhere(self) -> Rows:
        """All rows."""
        return Rows.span(0, len(self))

    def near(self, east: int, north: int, km: float) -> Rows:
        """Rows in squares that touch the circle, and rows with another site inside it."""
        return self.columns.near(east, north, km)

    def within(self, councils: Iterable[str]) -> Rows:
        """Rows that may have a site in one of these councils, given as codes."""
        return self.columns.within(self.council_numbers(councils))

    def council_numbers(self, codes: Iterable[str]) -> npt.NDArray[np.uint16]:
        """Council codes as numbers in the council columns, without unknown codes."""
        numbers = {code: i for i, code in enumerate(self.postcodes.councils)}
        return np.array(sorted(numbers[c] for c in codes if c in numbers), np.uint16)


def _reopen(
    folder: Path,
    known_awards: int,
    vectors: Vectors | None,
    encoded: EncodedTexts | None,
    until: int,
) -> Register:
    register = Register._open(folder)
    payments = replace(register.payments, until=until) if register.payments else None
    return replace(
        register, known_awards=known_awards, vectors=vectors, encoded=encoded, payments=payments
    )
