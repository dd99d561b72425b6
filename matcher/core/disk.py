"""What a disk that is full does to a process that writes to it."""

from __future__ import annotations

import errno
import os
import re
import shutil
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT)
_PART_WRITTEN = re.compile(r"\d+ requested and \d+ written")
"""All that numpy says where it could write only a part of an array."""


def is_full(error: BaseException | None) -> bool:
    """Whether a write failed because the disk, or the user's share of it, is full."""
    if isinstance(error, shutil.Error):  # of several files; only the words are kept of each
        return any(os.strerror(code) in str(error) for code in _FULL)
    if not isinstance(error, OSError):
        return False
    return error.errno in _FULL or bool(_PART_WRITTEN.fullmatch(str(error)))


def take_space(path: Path) -> None:
    """Take the disk space that a file says it needs, before it is written through a map.

    Without it, a write to the map ends the process where the disk is full.  Raises OSError then.
    """
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
