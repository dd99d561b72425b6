"""Temporary files and folders that are removed even where the process that made them was killed.

A process locks what it makes, and the system unlocks it when the process ends, however it ends.  So
what carries such a name and is not locked is of a process that is dead, and another process
removes it: the first time that it makes something in the same folder.

On a shared disk a machine may not see the locks of another.  So a name tells the machine, and only
what the same machine made since it was started is removed.  All else stays: on Windows, on a disk
that knows no locks, and after the machine or the container was started again.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

_SCRATCH = "local-by-default-"
_IS_SCRATCH = re.compile(rf"{_SCRATCH}[^/]{{0,100}}-[0-9a-f]{{16}}")
_UNLOCKED = "0" * 8
"""Stands for the machine in the name of what could not be locked: no machine removes it."""
_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite adds to the name of a file for the files that it keeps beside it."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@contextmanager
def new_file(path: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """An empty file `.NAME.XXXXXXXXXXXXXXXX.new` beside `path`, removed when the block ends.

    It stays where the block gave it another name.  Files that killed processes left there are
    removed.  `mode` is its permissions, less the umask.  Raises OSError where the folder cannot be
    written to.
    """

    def create(made: Path) -> None:
        os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))

    with _made(path.parent, f".{path.name}.", ".new", create) as made:
        yield made


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """An empty folder `.NAME.XXXXXXXXXXXXXXXX.new` beside `path`; else as `new_file`."""
    with _made(path.parent, f".{path.name}.", ".new", Path.mkdir) as made:
        yield made


@contextmanager
def scratch_folder(use: str, inside: Path | None = None) -> Iterator[Path]:
    """An empty folder for one user, removed when the block ends, as are those that were left.

    It is `local-by-default-USE-XXXXXXXXXXXXXXXX` in the folder `inside`, or else in $TMPDIR or the
    system's own temporary folder.  Raises OSError where that cannot be written to.
    """

    def create(made: Path) -> None:
        made.mkdir(0o700)

    parent = inside or Path(tempfile.gettempdir())
    with _made(parent, f"{_SCRATCH}{use}-", "", create) as made:
        yield made


def scratch_folder_of(path: Path) -> Path | None:
    """The scratch folder that a path is in, by its name; None for none."""
    return next((each for each in (path, *path.parents) if _IS_SCRATCH.fullmatch(each.name)), None)


@contextmanager
def _made(parent: Path, start: str, end: str, create: Callable[[Path], None]) -> Iterator[Path]:
    _remove_left(parent.absolute())
    machine = _machine()
    while True:
        made = parent / f"{start}{machine}{token_hex(4)}{end}"
        create(made)
        with ExitStack() as held:
            try:
                if machine != _UNLOCKED and not _held(made, held):
                    machine = _UNLOCKED
                elif made.exists():  # else it was just taken for one that was left
                    yield made
                    return
            finally:
                _remove(made)


@cache
def _machine() -> str:
    """Stands for this machine, or the container on it, from its start to its end."""
    if sys.platform == "win32":
        return _UNLOCKED
    try:
        started = _BOOT.read_text()
    except OSError:
        started = str(uuid.getnode())
    return sha256(f"{platform.node()} {started}".encode()).hexdigest()[:8]


def _held(made: Path, held: ExitStack) -> bool:
    """Lock a file or folder until `held` ends; whether the disk can."""
    with suppress(FileNotFoundError):
        descriptor = os.open(made, os.O_RDONLY)
        held.callback(os.close, descriptor)
        return lock_open(descriptor, wait=True)
    return True


@lru_cache(maxsize=1000)
def _remove_left(folder: Path) -> None:
    """Remove what processes of this machine left in a folder and have died; once each folder."""
    if sys.platform == "win32":
        return
    mine = f"{_machine()}[0-9a-f]{{8}}"
    own = re.compile(rf"\..*\.{mine}\.new|{_SCRATCH}.*-{mine}", re.DOTALL)
    names = list[str]()
    with suppress(OSError):
        names = [each.name for each in folder.iterdir() if own.fullmatch(each.name)]
    for left in names:
        with suppress(OSError):  # it is another user's, or gone meanwhile
            descriptor = os.open(folder / left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if lock_open(descriptor, wait=False):
                    _remove(folder / left)
            finally:
                os.close(descriptor)


def _remove(path: Path) -> None:
    """Remove a folder, or a file with those that SQLite keeps beside it."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        for beside in ("", *_BESIDE):
            path.with_name(path.name + beside).unlink(missing_ok=True)


def lock_open(descriptor: int, *, wait: bool) -> bool:
    """Lock an open file or folder, until it is closed; whether that was possible."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # another process has locked it, or the disk knows no locks
        return False
    return True
