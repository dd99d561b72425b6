"""Removes one organisation from the files of a snapshot.

Its records, its words in every index, its place, its vectors, the links to its awards, its names in
the texts of notices, and the changes that name it.  Its row stays, empty and marked as removed,
so that no other row moves.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.arrays import starts_of
from matcher.core.identifiers import without_number, without_place
from matcher.core.types import (
    Kind,
    Merge,
    Organisation,
    PlannedContract,
    Provider,
    Size,
    Source,
    Status,
    Tally,
)
from matcher.geo.national_grid import NOWHERE
from matcher.register.analysis import lot_words
from matcher.register.build.changes import rewrite_without
from matcher.register.build.posting_eraser import keep_postings, save_anew, still_present
from matcher.register.build.row_parts import INDEXES
from matcher.register.build.shared_names import NameEraser, shared_names
from matcher.register.build.snapshot import version
from matcher.register.build.suppression_list import NAME, names_alone, pseudonym
from matcher.register.build.unchanged import FOLDER as CONTENT
from matcher.register.columns import size_code
from matcher.register.encoded import FOLDER as ENCODED
from matcher.register.encoded import NO_TEXT, OF_SERVICES
from matcher.register.linkage.name_similarity import normalise
from matcher.register.manifest import FILE, digests_of
from matcher.register.past_award import PastAward
from matcher.register.payments import FOLDER as PAYMENTS
from matcher.register.payments import LEFT_OUT, NOBODY, Payee
from matcher.register.planned import NAME as PLANNED
from matcher.register.record_file import RecordFile, RecordFileWriter
from matcher.register.register import Register
from matcher.register.vectors import FOLDER as VECTORS
from models.text import phrases

_T = TypeVar("_T")
_Array = npt.NDArray[Any]


class Eraser:
    """Removes the organisation on one row from a snapshot whose files are links to another's.

    Replaces the link by a new file wherever something changes, so the other snapshot does not.
    """

    def __init__(self, register: Register, folder: Path, row: int, org_id: str) -> None:
        self._register = register
        self._folder = folder
        self._row = row
        self._id = org_id
        self._organisation = register.organisations[row]
        self._awards = frozenset(register.won.of(row).tolist())
        self._names = NameEraser(register, row)
        self._removed_terms: dict[str, dict[int, set[str]]] = {"past": {}, "titles": {}}
        """index of awards → award → the terms that its text no longer has"""

    def erase(self) -> None:
        """Remove it from every file, and update the manifest."""
        self._organisations()
        self._changes()
        self._merges()
        self._award_texts()
        self._planned()
        for name in INDEXES:
            keep_postings(self._folder / name, self._of_others)
        for name, removed in self._removed_terms.items():
            keep_postings(self._folder / name, partial(still_present, removed))
        self._columns()
        self._payments()
        self._vectors()
        self._encoded()
        self._manifest()

    def _organisations(self) -> None:
        source = Source("suppressed")
        blank = Provider(pseudonym(self._id), NAME, source, status=Status.REMOVED)

        ids = self._ids()

        def change(row: int, organisation: Organisation) -> Organisation:
            if row == self._row:
                return Organisation(blank, ())
            kept = tuple(other for other in organisation.related if other.id not in ids)
            return replace(organisation, related=kept)

        self._rewrite("organisations", self._register.organisations, change)

    def _ids(self) -> set[str]:
        return {i for record in self._organisation.records for i in (record.id, *record.ids)}

    def _changes(self) -> None:
        records = self._organisation.records
        names = {name for record in records for name in (record.name, *record.aliases)}
        rewrite_without(self._register.folder, self._folder, {self._id, *self._ids()}, names)

    def _merges(self) -> None:
        ids = self._ids()

        def change(_: int, merge: Merge) -> Merge | None:
            return None if {merge.kept, merge.merged} & ids else merge

        self._rewrite("merges", self._register.merges, change)
        self._rewrite("alike", self._register.alike, change)

    def _award_texts(self) -> None:
        def change(number: int, award: PastAward) -> PastAward:
            lot = self._names.without(award.lot, own=number in self._awards)
            if lot == award.lot:
                return award
            before = lot_words(award.lot.title, award.lot.description)
            after = lot_words(lot.title, lot.description)
            removed = self._removed_terms
            removed["past"][number] = before.keys() - after.keys()
            removed["titles"][number] = phrases(award.lot.title).keys() - phrases(lot.title).keys()
            return replace(award, lot=lot)

        self._rewrite("awards", self._register.awards, change)

    def _planned(self) -> None:
        def change(_: int, announced: PlannedContract) -> PlannedContract:
            return replace(announced, lot=self._names.without(announced.lot, own=False))

        if (planned := self._register.planned) is not None:
            self._rewrite(PLANNED, planned.records, change)

    def _rewrite(
        self, name: str, records: RecordFile[_T], change: Callable[[int, _T], _T | None]
    ) -> None:
        """Replace a file of records by what `change` makes of them; None leaves a record out."""
        fresh = self._folder / f"fresh-{name.replace('/', '-')}"
        with RecordFileWriter[_T](fresh) as out:
            for number in range(len(records)):
                record = change(number, records[number])
                if record is not None:
                    out.add(record)
        for ending in (".jsonl", ".offsets.npy"):
            os.replace(fresh.with_suffix(ending), self._folder / f"{name}{ending}")  # noqa: PTH105

    def _of_others(self, _: _Array, __: _Array, rows: _Array) -> _Array:
        """(postings,) whether each is of another row."""
        others: _Array = rows != self._row
        return others

    def _columns(self) -> None:
        row, folder = self._row, self._folder / "columns"
        blanks = {
            "east": NOWHERE,
            "north": NOWHERE,
            "council": 0,
            "size": size_code(Size.UNKNOWN),
            "kind": list(Kind).index(Kind.UNKNOWN),
            "income": np.nan,
            "active": False,
            "draw": 0,
        }
        for name, blank in blanks.items():
            values = self._load(name)
            values[row] = blank
            save_anew(folder / f"{name}.npy", values)
        for owner, others in (
            ("id_row", ("id_hash",)),
            ("site_row", ("site_east", "site_north", "site_council")),
        ):
            keep = self._load(owner) != row
            for name in (owner, *others):
                save_anew(folder / f"{name}.npy", self._load(name)[keep])
        if (said := self._folder / CONTENT).is_dir():
            rows, numbers = (np.load(said / f"{name}.npy") for name in ("rows", "numbers"))
            save_anew(said / "numbers.npy", numbers[rows != row])
            save_anew(said / "rows.npy", rows[rows != row])
        self._links("winners", lambda numbers, _: numbers != row)
        self._links("won", lambda _, holder: holder != row)

    def _links(
        self, name: str, keep: Callable[[_Array, _Array], _Array], folder: Path | None = None
    ) -> None:
        folder = folder or self._folder / "columns"
        offsets, numbers = (
            np.load(folder / f"{part}.npy", allow_pickle=False)
            for part in (f"{name}_offsets", name)
        )
        holder = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        kept = keep(numbers, holder)
        count = np.bincount(holder[kept], minlength=len(offsets) - 1)
        save_anew(folder / f"{name}.npy", numbers[kept])
        save_anew(folder / f"{name}_offsets.npy", starts_of(count))

    def _payments(self) -> None:
        """Forget the names, also rare ones alone, under which it was paid; count it as left out."""
        payments, folder = self._register.payments, self._folder / PAYMENTS
        if payments is None:
            return
        payees, shared = payments.payees, shared_names(self._register, self._row)
        alone = names_alone(self._organisation.records) - shared
        hidden = frozenset(np.flatnonzero(payments.payee_row == self._row).tolist()) | {
            number
            for number, row in enumerate(payments.payee_row.tolist())
            if row == NOBODY
            and not payees[number].number
            and normalise(payees[number].name) in alone
        }

        def change(number: int, payee: Payee) -> Payee:
            return Payee("", "") if number in hidden else payee

        self._rewrite(f"{PAYMENTS}/payees", payments.payees, change)
        payee, rows = np.array(payments.payee), np.array(payments.payee_row)
        payee[np.isin(payee, list(hidden))] = LEFT_OUT
        rows[list(hidden)] = NOBODY
        save_anew(folder / "payee.npy", payee)
        save_anew(folder / "payee_row.npy", rows)
        self._links("by_row", lambda _, holder: holder != self._row, folder)

    def _vectors(self) -> None:
        vectors, folder = self._register.vectors, self._folder / VECTORS
        if vectors is None:
            return
        names = np.array(vectors.names)
        names[self._row] = 0
        keep = vectors.profile_rows != self._row
        save_anew(folder / "names.npy", names)
        save_anew(folder / "profiles.npy", vectors.profiles[keep])
        save_anew(folder / "profile_rows.npy", vectors.profile_rows[keep])

    def _encoded(self) -> None:
        """Forget the vectors of its texts, but of those that others say word for word."""
        encoded, folder = self._register.encoded, self._folder / ENCODED
        if encoded is None:
            return
        providers, sentences = np.array(encoded.providers), np.array(encoded.sentences)
        texts, fingerprints = np.array(encoded.texts), np.array(encoded.fingerprints)
        own = np.append(sentences[self._row], providers[self._row])
        providers[self._row], sentences[self._row] = NO_TEXT, NO_TEXT
        others = np.concatenate([providers, encoded.awards, sentences.ravel()])
        gone = np.setdiff1d(own, others)
        texts[gone], fingerprints[gone] = 0, 0
        save_anew(folder / "providers.npy", providers)
        save_anew(folder / "sentences.npy", sentences)
        save_anew(folder / "texts.npy", texts)
        save_anew(folder / "fingerprints.npy", fingerprints)
        for name in OF_SERVICES:
            if (array := getattr(encoded, name)) is not None:
                near = np.array(array)
                near[gone] = 0
                save_anew(folder / f"{name}.npy", near)

    def _manifest(self) -> None:
        active = self._load("active")
        nowhere = self._load("east") == NOWHERE
        manifest = self._register.manifest
        (self._folder / FILE).unlink()
        files = digests_of(self._folder, self._register.folder, manifest.files)
        msgspec.structs.replace(
            manifest,
            files=files,
            version=version(files, meaning=manifest.meaning, trust_ids=manifest.trust_ids),
            inactive=int((~active).sum()),
            active_without_place=int((active & nowhere).sum()),
            suppressed=manifest.suppressed + 1,
            tallies=tuple(map(self._unnamed, manifest.tallies)),
        ).write(self._folder)

    def _unnamed(self, tally: Tally) -> Tally:
        """A tally whose examples of what was set aside do not name the organisation."""
        ids = {self._id, *self._ids()}
        ids |= {without_number(without_place(org_id))[0] for org_id in ids}
        ids |= {site.postcode for one in self._organisation.records for site in one.sites}
        named = {reason for reason, where in tally.examples.items() if any(i in where for i in ids)}
        return replace(tally, examples=tally.examples | dict.fromkeys(named, "not named"))

    def _load(self, name: str) -> _Array:
        values: _Array = np.load(self._folder / "columns" / f"{name}.npy", allow_pickle=False)
        return values
