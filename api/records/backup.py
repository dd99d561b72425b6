"""Backup and restore: records copied, whole, from one database to another.

A backup is a SQLite database of records, whatever database it was made of.  It is read in one
transaction, so that it is the records at one moment, while a service goes on writing.  Next to it
is its head, as a line of a file of anchors.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

from sqlalchemy import Connection, FromClause, func, insert, select

from api.errors import RecordsError
from api.records import anchors
from api.records.anchors import Anchor
from api.records.chain_key import ChainKey
from api.records.reasons import is_of_full_disk
from api.records.records import Records
from api.records.schema import entries, exposure, stored_entries
from api.records.store import RecordsStore
from api.records.verification import ListingsOf, Verification
from matcher.core import atomic
from matcher.core.disk import why_not_written
from matcher.core.errors import BadInput
from matcher.core.leftovers import scratch_folder

_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Copy:
    """Records that were copied: their head, and the result of checking the copy."""

    anchor: Anchor
    verification: Verification


def head_file(path: Path) -> Path:
    """The file with the head of the backup at `path`."""
    return path.parent / f"{path.name}.head"


def backup(
    url: str, path: Path, *, chain_key: ChainKey | None = None, listings_of: ListingsOf
) -> Copy:
    """Copy the records at `url` into a new file, and check the copy.

    A copy of records that are broken is made as well; the result says so.  Its head is on the disk
    before it takes its name, since a backup without its head is of no use.
    Raises BadInput where the file exists or cannot be written, and RecordsError.
    """
    for file in (path, head_file(path)):
        if file.exists():
            raise BadInput(f"{file}: exists; name a new file for each backup")
    source = RecordsStore.open(url)
    try:
        with atomic.replacing(path, mode=0o600) as temporary:
            with _new_copy(temporary) as target:
                with source.snapshot() as reading, target.writing() as writing:
                    _copy(reading, writing)
                copy = _checked(target, chain_key, listings_of, ())
                target.check_unused()  # and so it is one file, without a log next to it
            anchors.append(head_file(path), copy.anchor)
    except BaseException as error:
        if not path.exists():
            with suppress(OSError):  # as on a file system that cannot be written at all
                head_file(path).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise BadInput(f"{path}: cannot be written ({why_not_written(error)})") from error
        raise
    finally:
        source.close()
    return copy


@contextmanager
def _new_copy(temporary: Path) -> Iterator[RecordsStore]:
    """The new database that becomes a backup.

    Raises OSError where its disk is full: RecordsError would read as if the records were at fault.
    """
    try:
        target = RecordsStore.open(_sqlite(temporary))
        try:
            yield target
        finally:
            target.close()
    except RecordsError as error:
        if is_of_full_disk(error.__cause__ or error, temporary.parent):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise


def restore(
    path: Path, url: str, *, chain_key: ChainKey | None = None, listings_of: ListingsOf
) -> Copy:
    """Copy a backup into empty records at `url`, and check them.

    Nothing is written unless the backup is whole and has the head that is kept next to it.
    Raises BadInput for a file that is no such backup, and RecordsError where the records at `url`
    are in use or are not empty.
    """
    if not path.is_file():
        raise BadInput(f"{path}: no such file; `matcher records backup` writes one")
    heads = anchors.read(head_file(path))
    if not heads:
        raise BadInput(f"{head_file(path)}: is missing or empty; it belongs to the backup")
    with scratch_folder("restore") as folder:
        # Opening records can upgrade them, and the backup must stay as it is.
        source = RecordsStore.open(_sqlite(copyfile(path, folder / "backup")))
        try:
            found = _checked(source, chain_key, listings_of, heads).verification
            if found.broken:
                raise RecordsError(f"{path}: is not whole: {found.broken[0]}; nothing was restored")
            return _restore(source, url, chain_key, listings_of)
        finally:
            source.close()


def _restore(
    source: RecordsStore, url: str, chain_key: ChainKey | None, listings_of: ListingsOf
) -> Copy:
    target = RecordsStore.open(url)
    try:
        target.check_unused()
        with source.snapshot() as reading, target.writing() as writing:
            kept = writing.execute(select(func.count()).select_from(entries)).scalar_one()
            if kept:
                raise RecordsError(
                    f"the records hold {kept:,} entries; restore into a new file or an empty "
                    "database"
                )
            _copy(reading, writing)
        return _checked(target, chain_key, listings_of, ())
    finally:
        target.close()


def _sqlite(path: Path) -> str:
    return f"sqlite:///{path.absolute()}"


def _checked(
    store: RecordsStore,
    chain_key: ChainKey | None,
    listings_of: ListingsOf,
    heads: Sequence[Anchor],
) -> Copy:
    records = Records(store, chain_key=chain_key)
    return Copy(records.anchor(), records.verify(anchors=heads, listings_of=listings_of))


def _copy(reading: Connection, writing: Connection) -> None:
    """Copy every entry and its exposure, a page at a time."""
    last = -1
    while page := _rows(reading, stored_entries, last, limit=_PAGE_SIZE):
        writing.execute(insert(stored_entries), page)
        listed = _rows(reading, exposure, last, until=page[-1]["seq"])
        if listed:
            writing.execute(insert(exposure), listed)
        last = page[-1]["seq"]


def _rows(
    connection: Connection,
    table: FromClause,
    after: int,
    *,
    until: int | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    query = select(table).where(table.c.seq > after).order_by(table.c.seq).limit(limit)
    if until is not None:
        query = query.where(table.c.seq <= until)
    return [dict(row) for row in connection.execute(query).mappings()]
