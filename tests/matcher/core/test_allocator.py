from __future__ import annotations

import subprocess
import sys

import pytest

from matcher.core.allocator import keep_freed_memory

ANSWERS = """
import resource
import sys

import numpy as np

from matcher.core.allocator import keep_freed_memory

if sys.argv[1] == "keep":
    keep_freed_memory()


def answer():
    some = [np.ones(1_000_000, np.float32) for _ in range(8)]
    return sum(float(each[0]) for each in some)


answer()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    answer()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


THREADS = """
import ctypes
import sys
from threading import Barrier, Thread

import numpy as np

from matcher.core.allocator import keep_freed_memory

if sys.argv[1] == "keep":
    keep_freed_memory()
together = Barrier(8)


def answer():
    together.wait()
    some = [np.ones(100_000) for _ in range(8)]
    together.wait()


threads = [Thread(target=answer) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(out := libc.fdopen(1, b"w")))
libc.fflush(ctypes.c_void_p(out))
"""


def _printed(program: str, how: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program, how], check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.skipif(not keep_freed_memory(), reason="the C library is not glibc")
def test_many_threads_keep_memory_in_two_places() -> None:
    assert _printed(THREADS, "keep").count("<heap nr=") <= 2
    assert _printed(THREADS, "as it is").count("<heap nr=") > 2


@pytest.mark.skipif(not keep_freed_memory(), reason="the C library is not glibc")
def test_later_answers_need_hardly_any_new_memory() -> None:
    assert int(_printed(ANSWERS, "keep")) < int(_printed(ANSWERS, "as it is")) / 10
