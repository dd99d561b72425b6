"""Why a database of records cannot be opened or written, and what to do about it."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from matcher.core.disk import fullness, owned_by_another

_NOT_WRITABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
_POSTGRESQL_FULL = "53100"


def way_out(url: str, error: Exception) -> str:
    """What to do where a file of records cannot be made or written in its folder; else ''."""
    _, is_file, path = url.partition("sqlite:///")
    if not is_file:
        return ""
    file = Path(path).absolute()
    folder = file.parent
    if is_of_full_disk(error, folder):
        return "; the disk is full: free some space, or name a file on another one with `--records`"
    if not (_kind(error) in _NOT_WRITABLE or isinstance(error, OSError)):
        return ""
    effective = os.access in os.supports_effective_ids
    if file.exists() and not os.access(file, os.R_OK | os.W_OK, effective_ids=effective):
        why = owned_by_another(file) or f": {file} cannot be written"
        return f"{why}; name a file that this user can write with `--records`"
    wrong = "cannot be written" if folder.is_dir() else "does not exist"
    return f"; the folder {folder} {wrong}: name a file in another folder with `--records`"


def is_of_full_disk(error: BaseException, folder: Path) -> bool:
    """Whether a file of records in the folder cannot be written because its disk is full."""
    return bool(fullness(_said(error), folder))


def is_locked(error: BaseException) -> bool:
    """Whether SQLite failed because another connection has the file."""
    return _kind(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _kind(error: BaseException) -> int | None:
    code = getattr(_said(error), "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def without_password(url: str) -> str:
    """The address of a database, to be shown."""
    before, at, after = url.rpartition("@")
    return f"{before.rpartition(':')[0]}:…@{after}" if at and before.count(":") > 1 else url


def reason(error: Exception, folder: Path | None = None) -> str:
    """What the database said, in one line; `folder` is that of a file of records.

    Where a disk is full, what to do about it.
    """
    if getattr(_said(error), "sqlstate", None) == _POSTGRESQL_FULL:
        return "the disk of PostgreSQL is full: free some space on it"
    if folder is not None and is_of_full_disk(error, folder):
        return "the disk of the records is full: free some space on it"
    return str(_said(error)).splitlines()[0]


def _said(error: BaseException) -> BaseException:
    """What the database itself raised."""
    return getattr(error, "orig", None) or error
