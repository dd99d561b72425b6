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


def _new_pages(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", ANSWERS, how], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


@pytest.mark.skipif(not keep_freed_memory(), reason="the C library is not glibc")
def test_later_answers_need_hardly_any_new_memory() -> None:
    assert _new_pages("keep") < _new_pages("as it is") / 10
