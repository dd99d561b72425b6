"""Notes that an organisation is being removed, so that an interrupted removal is not overlooked.

REG/suppressing.json    the snapshot that still has the organisation, digests of its ids, and its id
                        until the records of the service are changed
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from matcher.core import atomic
from matcher.core.errors import RegisterError

_FILE = "suppressing.json"


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


def check_finished(register: Path, snapshot: str) -> None:
    """Raise RegisterError where `snapshot` has an organisation whose removal was interrupted.

    While the removal runs, the snapshot is in force.
    """
    removal = Removal.of(register)
    if removal.snapshot != snapshot:
        return
    import filelock  # a fifth of a second; only this needs it to read a register

    try:
        with filelock.FileLock(register / "lock", timeout=0):
            pass
    except filelock.Timeout:
        return
    except OSError:
        pass  # a register that cannot be written to: nobody is writing it
    raise _unfinished(register, removal)


def _unfinished(register: Path, removal: Removal) -> RegisterError:
    again = (
        f"run `matcher records suppress {removal.pending}` again with the same options"
        if removal.pending
        else "run the same `matcher records suppress` again, or `matcher build`"
    )
    return RegisterError(
        f"--register {register}: the removal of an organisation was interrupted, and it would be "
        f"listed: {again}"
    )
