"""Removes an organisation from a register at its own request.

Writes a new snapshot without it (`matcher.register.build.eraser`), after a note that it has begun.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from matcher.core.disk import fullness, link
from matcher.core.errors import RegisterError
from matcher.core.identifiers import OF_A_NAME, is_row_number
from matcher.core.types import Provider
from matcher.register.build.changes import FILE as CHANGES
from matcher.register.build.changes import rewrite_without
from matcher.register.build.decisions import forget
from matcher.register.build.eraser import Eraser
from matcher.register.build.known_records import FOLDER as KNOWN
from matcher.register.build.shared_names import shared_names
from matcher.register.build.snapshot import locked, new_snapshot, remove_leftovers
from matcher.register.build.suppression_list import (
    Suppressions,
    digest_of,
    marks_of,
    where_no_place_is_said,
    without_marks_of,
)
from matcher.register.linkage.name_similarity import distinctive
from matcher.register.register import Register
from matcher.register.unfinished import Removal, running

_NOT_LINKED = shutil.ignore_patterns(KNOWN, f"*{CHANGES}*")
"""What a snapshot without the organisation lacks, or has in other words."""


def check_id(register: Register, org_id: str) -> None:
    """Raise RegisterError for a plain number that is no id of the register.

    It would leave out the row with this number of every table.
    """
    if is_row_number(org_id) and register.row(org_id) is None:
        raise RegisterError(
            f"{org_id}: is a plain number, which rows of any table may have; give the whole ID, "
            "which the register and a shortlist show, such as GB-COH-01234567"
        )


def suppress(path: Path, org_id: str) -> str | None:
    """Remove the organisation that has `org_id` from the register in folder `path`.

    Later builds leave it out too.  Returns the version of the new snapshot, or None if the register
    does not have it.  Raises RegisterError as `removing` does.
    """
    with removing(path, org_id) as found:
        return found.erase()


@contextmanager
def removing(path: Path, org_id: str, *, records: bool = False) -> Iterator[Removing]:
    """What is known of an organisation that is to be removed from the register in folder `path`.

    A note that the removal was begun is written first.  With `records`, the caller changes the
    records of the service before it calls `erase`.  No other process writes the register meanwhile.
    Raises RegisterError where a build is writing the register, where another removal is unfinished,
    where several organisations have the id, which is made from a name, and where the disk is full.
    """
    register = Register.open(path, unfinished=True)
    with locked(path), _refuse_half(path), running(path):
        register = register.renewed(unfinished=True)
        check_id(register, org_id)
        row, having = register.row(org_id), register.rows_with(org_id) or []
        if row is None and having:
            one_of = ", ".join(map(register.provider_id, having))
            raise RegisterError(
                f"{org_id}: several organisations have this name: name one of {one_of}"
            )
        known = register.organisations[row].records if row is not None else ()
        ids = {org_id, *(i for record in known for i in (record.id, *record.ids))}
        marks = _marks(register, org_id, known, ids)
        pending = org_id if records else ""
        noted = Removal(register.folder.name, tuple(sorted(marks)), pending)
        if row is None:  # no snapshot is refused meanwhile, and a build must not bring it in
            Suppressions.open(path).with_marks(noted.marks).save(path)
        else:
            noted.begin(path)
        yield Removing(register, row, org_id, frozenset(ids), noted)


@contextmanager
def _refuse_half(path: Path) -> Iterator[None]:
    """Raise RegisterError, saying what to do, where a removal cannot be written to its end."""
    try:
        yield
    except OSError as error:
        raise RegisterError(
            f"--register {path}: {fullness(error) or f'cannot be written ({error.strerror})'}; the "
            "removal is not complete: free some space or mend the disk, and run the same again"
        ) from error


def _marks(register: Register, org_id: str, known: Sequence[Provider], ids: Set[str]) -> set[str]:
    """What goes on the list for an organisation with these records and ids.

    An id made from a common name that other organisations have too counts without a place alone,
    and a rare name that another one has too does not count alone.
    """
    marks = set() if is_row_number(org_id) else {digest_of(org_id)}
    marks |= {mark for record in known for mark in marks_of(record)}
    if (row := register.row(org_id)) is not None:
        marks = without_marks_of(marks, shared_names(register, row))
    common = not any(distinctive(record.name) for record in known)
    for shared in ids if common else {org_id}:
        if shared.startswith(OF_A_NAME) and len(register.rows_with(shared) or ()) > 1:
            marks = where_no_place_is_said(marks, shared)
    return marks


@dataclass(frozen=True, slots=True)
class Removing:
    """An organisation whose removal was begun (`removing`)."""

    register: Register
    row: int | None
    """None where the register does not have it"""
    org_id: str
    ids: frozenset[str]
    """all its ids, and the one by which it was named"""
    noted: Removal

    @property
    def records(self) -> Sequence[Provider]:
        """Its records in the register; none where the register does not have it."""
        return () if self.row is None else self.register.organisations[self.row].records

    def erase(self) -> str | None:
        """Remove it from the register; the records are changed.

        Returns the version of the new snapshot, or None if the register does not have it.
        """
        register, path = self.register, self.register.folder.parent
        if self.noted.pending and self.row is not None:
            self.noted.records_changed(path)
        Suppressions.open(path).with_marks(self.noted.marks).save(path)
        forget(path, set(self.ids))
        if self.row is None:
            remove_leftovers(path)
            rewrite_without(register.folder, register.folder, {self.org_id}, ())
            return None
        with new_snapshot(path) as folder:
            shutil.copytree(
                register.folder,
                folder,
                ignore=_NOT_LINKED,
                copy_function=link,
                dirs_exist_ok=True,
            )
            Eraser(register, folder, self.row, self.org_id).erase()
        return Register.open(path).version
