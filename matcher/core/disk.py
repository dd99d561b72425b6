"""Files on a disk: digests, links in place of copies, and what a full disk does to who writes."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

_SQLITE_FULL = 13
_SQLITE_FAILED = (10, 14)
"""What SQLite says of a share of the disk that is used up: that it failed, or that no file can be
made."""
_TRIED = 1 << 16
"""Bytes that are written to see whether there is room, as many as SQLite needs beside a file."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_PART_WRITTEN = re.compile(r"\d+ requested and \d+ written")
"""All that numpy says where it could write only a part of an array, whatever the cause."""
_IS_FULL = "the disk is full"
_DENIED = (errno.EACCES, errno.EPERM)
_CANNOT_BE_TAKEN = (errno.EOPNOTSUPP, errno.EINVAL)


def fullness(error: BaseException | None, folder: Path | None = None) -> str:
    """That a write failed because the disk, or the user's share of it, is full, in words.

    '' where nothing says so.  Of an array that was written in part the cause is not known.
    `folder` is that of a SQLite file: where SQLite does not say why it failed, it is tried there.
    """
    if isinstance(error, shutil.Error):  # of several files; only the words are kept of each
        return _IS_FULL if any(os.strerror(code) in str(error) for code in _FULL) else ""
    if not isinstance(error, OSError):
        code = getattr(error, "sqlite_errorcode", None)  # SQLite's errors are none of the system's
        if code is None:
            return ""
        full = code & 0xFF == _SQLITE_FULL
        if not full and folder is not None and code & 0xFF in _SQLITE_FAILED:
            full = _has_no_room(folder)
        return _IS_FULL if full else ""
    if _PART_WRITTEN.fullmatch(str(error)):
        return "a file could be written only in part, perhaps because the disk is full"
    return _IS_FULL if error.errno in _FULL else ""


def _has_no_room(folder: Path) -> bool:
    """Whether a small file cannot be written in a folder because its disk is full."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(os.urandom(_TRIED))  # what says little takes little, on some disks
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.errno in _FULL
    return False


def why_not_written(error: OSError) -> str:
    """Why a file cannot be written, with what to do where the disk is full."""
    if full := fullness(error):
        return f"{full}; free some space, or name a file on another disk"
    return refused(error)


def refused(error: OSError) -> str:
    """Why a file cannot be written, with its owner where it is another user's, such as root."""
    said = error.strerror or str(error)
    if error.errno not in _DENIED or not isinstance(error.filename, str | bytes):
        return said
    name = Path(os.fsdecode(error.filename))
    return f"{said}{owned_by_another(name) or owned_by_another(name.parent)}"


def owned_by_another(path: Path) -> str:
    """That a file or folder is another user's, to follow after other words; else ''."""
    try:
        if sys.platform == "win32" or path.stat().st_uid == os.geteuid():
            return ""
        owner = path.owner()
    except OSError:
        return ""
    except KeyError:  # the number has no name here, as in a container
        owner = str(path.stat().st_uid)
    return f": {path} belongs to the user {owner}"


def take_space(path: Path) -> None:
    """Take the disk space that a file says it needs, before it is written through a map.

    Without it, a write to the map ends the process where the disk is full.  Raises OSError then.
    Some disks, such as those of ZFS, cannot be asked; there the file stays as it is.
    """
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
            except OSError as error:
                if error.errno not in _CANNOT_BE_TAKEN:
                    raise


def sha256(path: Path) -> str:
    """The digest of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def link(source: str | Path, target: str | Path) -> None:
    """Link `target` to `source`; copy it where links are impossible."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
