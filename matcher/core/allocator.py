"""How the C library keeps memory that arrays free."""

from __future__ import annotations

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""The names of glibc's settings in <malloc.h>."""
_KEPT, _LARGEST = 128 << 20, 32 << 20
"""The most bytes that are kept, and the largest array whose memory is."""
_ARENAS = 2
"""in which memory is kept, whatever the number of threads

glibc makes one for each thread, up to eight a core, and each keeps what its thread freed.  Sixteen
threads that ask for lists from 48,000 providers grew by 106 MB on two cores, with two arenas by 51
MB, and took as much of the processor: Python lets one thread at a time ask for memory.
"""


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
    settings = (_ARENA_MAX, _ARENAS), (_MMAP_THRESHOLD, _LARGEST), (_TRIM_THRESHOLD, _KEPT)
    return all(bool(mallopt(*setting)) for setting in settings)
