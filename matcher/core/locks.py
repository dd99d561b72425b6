"""Files that one process changes at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
