"""Files and folders that are replaced whole or not at all, even if the power fails.

The new content is written under a temporary name next to the old, flushed to the disk with
fsync, and then renamed. A reader sees the old content or the new, never a part.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from matcher.core.leftovers import lock_open, new_file, new_folder


@contextmanager
def replacing(path: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """An empty file to write, which takes the name `path` when the block ends.

    `mode` is its permissions, less the umask. If the block raises, the file is removed and
    `path` is unchanged. Raises OSError where the folder cannot be written to.
    """
    with new_file(path, mode=mode) as temporary:
        yield temporary
        _sync(temporary)
        os.replace(temporary, path)  # noqa: PTH105 - Path.replace reads like str.replace
    _sync(path.parent)


def write_bytes(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Replace the content of `path`, or create it; `mode` and errors as in `replacing`."""
    with replacing(path, mode=mode) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Replace the content of `path`, or create it, in UTF-8; errors as in `replacing`."""
    write_bytes(path, content.encode())


def append(path: Path, line: bytes) -> None:
    """Add a line, with its end, to a file, which is made where it is missing, and to the disk.

    Where that fails, nothing of it stays, so that the next line does not follow on a part of it.
    Processes that add to one file wait for each other.  Raises OSError.
    """
    with path.open("ab", buffering=0) as out:
        lock_open(out.fileno(), wait=True)  # or one takes away what another wrote meanwhile
        before, left = out.seek(0, os.SEEK_END), line
        try:
            while left:
                left = left[out.write(left) :]
            os.fsync(out.fileno())
        except BaseException:
            out.truncate(before)
            raise
    if not before:  # it may be new
        _sync(path.parent)


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to fill, which takes the name `folder` when the block ends.

    If the block raises, the new folder is removed and `folder` is unchanged. A folder that is
    already there is renamed before the new one takes its name: if the process is killed
    between the two, or before the old one is removed, it remains as `.NAME.XXXXXXXXXXXXXXXX.old`.
    Raises OSError where the parent folder cannot be written to.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(folder) as temporary:
        yield temporary
        sync_folder(temporary)
        _exchange(temporary, folder)


@contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """The folder, made where it is missing, with those above it; what stays empty is removed.

    Raises OSError where it cannot be made.
    """
    missing = [each for each in (folder, *folder.absolute().parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for each in missing:
            _sync(each.parent)
        yield
    finally:
        with suppress(OSError):
            for each in missing:
                each.rmdir()


def sync_folder(folder: Path) -> None:
    """Flush to the disk every file below `folder`, the folders themselves, and its name."""
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)
    _sync(folder.parent)


def _exchange(new: Path, folder: Path) -> None:
    """Rename `new` to `folder`; if that fails, the old folder gets its name back."""
    old = new.with_suffix(".old")
    if folder.exists():
        folder.rename(old)
    try:
        os.replace(new, folder)  # noqa: PTH105 - as above
    except BaseException:  # also where the user or the system ends the process just now
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise
    _sync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    is_folder = path.is_dir()
    if is_folder and os.name == "nt":
        return  # Windows cannot open a folder.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot flush a folder.
        if not is_folder or error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


WAIT_SECONDS = 20.0
"""for another process that changes the same file"""


@contextmanager
def changing_alone(lock: Path) -> Iterator[None]:
    """Let no other process that names the same lock file run its block meanwhile.

    Raises TimeoutError where another one does not end its own, and OSError where the lock cannot be
    made.
    """
    import filelock  # a fifth of a second; reading needs no lock

    with filelock.FileLock(lock, timeout=WAIT_SECONDS):
        yield
