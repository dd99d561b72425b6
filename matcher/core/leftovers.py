"""Temporary files and folders that are removed even where the process that made them was killed.

A process locks what it makes, and the system unlocks it when the process ends, however it ends.  So
what carries such a name and is not locked is of a process that is dead, and the next process that
makes one there removes it.  On Windows, and on a disk that knows no such locks, it stays.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex

_SCRATCH = "local-by-default-"


@contextmanager
def new_file(path: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """An empty file `.NAME.XXXXXXXX.new` beside `path`, which is removed when the block ends.

    It stays where the block gave it another name.  Files that killed processes left beside `path`
    are removed.  `mode` is its permissions, less the umask.  Raises OSError where the folder cannot
    be written to.
    """
    _remove_left(path.parent, f".{path.name}.", ".new")
    while True:
        made = path.with_name(f".{path.name}.{token_hex(4)}.new")
        os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        if (lock := _locked(made)) is not None:
            break
    try:
        yield made
    finally:
        made.unlink(missing_ok=True)
        lock.close()


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """An empty folder `.NAME.XXXXXXXX.new` beside `path`; else as `new_file`."""
    with _folder(path.parent, f".{path.name}.", ".new", 0o777) as made:
        yield made


@contextmanager
def scratch_folder(use: str, inside: Path | None = None) -> Iterator[Path]:
    """An empty folder for one user, removed when the block ends, as are those that were left.

    It is `local-by-default-USE-XXXXXXXX` in the folder `inside`, or else in $TMPDIR or the system's
    own temporary folder.  Raises OSError where that cannot be written to.
    """
    parent = inside or Path(tempfile.gettempdir())
    with _folder(parent, f"{_SCRATCH}{use}-", "", 0o700) as made:
        yield made


@contextmanager
def _folder(parent: Path, start: str, end: str, mode: int) -> Iterator[Path]:
    _remove_left(parent, start, end)
    while True:
        made = parent / f"{start}{token_hex(4)}{end}"
        made.mkdir(mode)
        if (lock := _locked(made)) is not None:
            break
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        lock.close()


def _locked(made: Path) -> ExitStack | None:
    """What unlocks a file or folder again; None where it was just taken for one that was left."""
    held = ExitStack()
    if sys.platform == "win32":
        return held
    with suppress(FileNotFoundError):
        descriptor = os.open(made, os.O_RDONLY)
        held.callback(os.close, descriptor)
        _lock(descriptor, wait=True)
        if made.exists():
            return held
    held.close()
    return None


def _remove_left(parent: Path, start: str, end: str) -> None:
    """Remove what is named so and was made by a process that is dead, with what lies beside it."""
    if sys.platform == "win32":
        return
    name = re.compile(f"{re.escape(start)}[0-9a-f]{{8}}{re.escape(end)}")
    names = list[str]()
    with suppress(OSError):
        names = [each.name for each in parent.iterdir()]
    for left in filter(name.fullmatch, names):
        with suppress(OSError):  # it is another user's, or gone meanwhile
            descriptor = os.open(parent / left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if _lock(descriptor, wait=False):
                    for each in (each for each in names if each.startswith(left)):
                        _remove(parent / each)
            finally:
                os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _lock(descriptor: int, *, wait: bool) -> bool:
    """Lock what is open, until it is closed; whether that was possible."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # another process has locked it, or the disk knows no locks
        return False
    return True
