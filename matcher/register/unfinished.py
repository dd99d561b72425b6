"""Notes that an organisation is being removed, so that an interrupted removal is not overlooked.

REG/suppressing.json    the snapshot that still has the organisation, and digests of its ids
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
        """Write it, before anything else is.  Raises RegisterError where another is unfinished."""
        other = self.of(register)
        if other.snapshot == self.snapshot and not set(other.marks) <= set(self.marks):
            raise _unfinished(register)
        atomic.write_bytes(register / _FILE, msgspec.json.encode(self))


def check_finished(register: Path, snapshot: str) -> None:
    """Raise RegisterError where `snapshot` has an organisation whose removal was interrupted.

    While the removal runs, the snapshot is in force.
    """
    if Removal.of(register).snapshot != snapshot:
        return
    import filelock  # a fifth of a second; only this needs it to read a register

    try:
        with filelock.FileLock(register / "lock", timeout=0):
            pass
    except filelock.Timeout:
        return
    except OSError:
        pass  # a register that cannot be written to: nobody is writing it
    raise _unfinished(register)


def _unfinished(register: Path) -> RegisterError:
    return RegisterError(
        f"--register {register}: the removal of an organisation was interrupted, and it would be "
        "listed: run the same `matcher records suppress` again, or `matcher build`"
    )
