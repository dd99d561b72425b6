"""How the C library keeps memory that arrays free."""

from __future__ import annotations

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""The names of glibc's settings in <malloc.h>."""
_KEPT, _LARGEST = 128 << 20, 32 << 20
"""The most bytes that are kept, and the largest array whose memory is."""


@cache
def keep_freed_memory() -> bool:
    """Let this process use memory again that an answer freed, in place of asking for new pages.

    A list from a million providers needs some twenty arrays of a few megabytes.  By default they
    go back to the system after each list, and getting them again takes a quarter of its time.
    Does nothing, and returns False, where the C library is not glibc.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST)) and bool(mallopt(_TRIM_THRESHOLD, _KEPT))
