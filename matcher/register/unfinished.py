"""Notes that an organisation is being removed, so that an interrupted removal is not overlooked.

REG/suppressing.json    the snapshot that still has the organisation, digests of its ids, and its id
                        until the records of the service are changed
REG/suppressing.lock    held while a removal runs
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from matcher.core import atomic
from matcher.core.errors import RegisterError

_FILE = "suppressing.json"
_LOCK = "suppressing.lock"


class Removal(msgspec.Struct, frozen=True):
    """A removal from `snapshot`.  It is over once the register has another snapshot."""

    snapshot: str = ""
    marks: tuple[str, ...] = ()
    pending: str = ""
    """its id, where the records of the service are still to be changed"""

    @classmethod
    def of(cls, register: Path) -> Removal:
        """The last removal that was begun in the register in folder `register`, over or not."""
        try:
            return msgspec.json.decode((register / _FILE).read_bytes(), type=cls)
        except FileNotFoundError:
            return cls()
        except (OSError, msgspec.MsgspecError) as error:
            raise RegisterError(f"--register {register}: {_FILE} cannot be read") from error

    def begin(self, register: Path) -> None:
        """Write it, before anything else is.

        Raises RegisterError where another is unfinished, or this one has records left to change
        and none are given.
        """
        other = self.of(register)
        mine = set(other.marks) <= set(self.marks) and (self.pending or not other.pending)
        if other.snapshot == self.snapshot and not mine:
            raise _unfinished(register, other)
        atomic.write_bytes(register / _FILE, msgspec.json.encode(self))

    def records_changed(self, register: Path) -> None:
        """Note that only the register is left to change."""
        changed = msgspec.structs.replace(self, pending="")
        atomic.write_bytes(register / _FILE, msgspec.json.encode(changed))


def check_records_changed(register: Path) -> None:
    """Raise RegisterError where a removal was interrupted before it changed the records.

    Only the snapshot in force says which ids the records may show.  The caller has `locked` it.
    """
    removal = Removal.of(register)
    if removal.pending:
        raise _unfinished(register, removal)


def check_none_begun(register: Path, snapshot: str) -> None:
    """Raise RegisterError where the removal of an organisation in `snapshot` was interrupted.

    The caller has `locked` the register.
    """
    removal = Removal.of(register)
    if removal.snapshot == snapshot:
        raise _unfinished(register, removal)


@contextmanager
def running(register: Path) -> Iterator[None]:
    """Let readers know, while the block runs, that a removal is not interrupted.

    The caller has `locked` the register.
    """
    import filelock  # a fifth of a second; reading a register needs no lock

    with filelock.FileLock(register / _LOCK):  # readers hold it for a moment only
        yield


def check_finished(register: Path, snapshot: str, *, named: bool = True) -> None:
    """Raise RegisterError where `snapshot` has an organisation whose removal was interrupted.

    While the removal runs, the snapshot is in force; a build that runs does not count as one.
    Without `named`, the error does not say which organisation it is.
    """
    removal = Removal.of(register)
    if removal.snapshot != snapshot or _is_running(register):
        return
    current = (register / "CURRENT").read_text(errors="replace").strip()
    if current == snapshot:  # it did not end just now
        raise _unfinished(register, removal, named=named)


def _is_running(register: Path) -> bool:
    """Whether a process holds the lock, in a way in which readers do not see each other."""
    if sys.platform == "win32":  # it has no shared locks: other readers are waited for
        import filelock

        try:
            with filelock.FileLock(register / _LOCK, timeout=0.2, poll_interval=0.01):
                return False
        except (filelock.Timeout, OSError) as error:
            return isinstance(error, filelock.Timeout)
    import fcntl

    try:
        file = os.open(register / _LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError)
    finally:
        os.close(file)
    return False


def _unfinished(register: Path, removal: Removal, *, named: bool = True) -> RegisterError:
    again = (
        f"run `matcher records suppress {removal.pending}` again with the same options"
        if removal.pending and named
        else "run the same `matcher records suppress` again"
        if removal.pending
        else "run the same `matcher records suppress` again, or `matcher build`"
    )
    return RegisterError(
        f"--register {register}: the removal of an organisation was interrupted, and it would be "
        f"listed: {again}"
    )
