"""A full disk is known by what the system, numpy and Python say of it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from matcher.core.disk import is_full
from tests.postgresql import small_disk

ROOT = Path(__file__).resolve().parents[3]
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")


def _bytes(folder: Path) -> None:
    with FULL.open("wb", buffering=0) as file:
        file.write(b"some")


def _array(folder: Path) -> None:
    with FULL.open("wb") as file:
        np.zeros(100_000).tofile(file)


def _folder(folder: Path) -> None:
    (folder / "from").mkdir()
    (folder / "from" / "file").write_text("some")
    shutil.copytree(
        folder / "from", folder / "to", copy_function=lambda file, _: shutil.copyfile(file, FULL)
    )


@needs_full
@pytest.mark.parametrize("write", [_bytes, _array, _folder])
def test_a_write_to_a_full_disk_is_known(write: Callable[[Path], None], tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"No space|requested") as caught:
        write(tmp_path)
    assert is_full(caught.value)


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), True),
        (OSError(errno.EIO, os.strerror(errno.EIO)), False),
        (PermissionError(errno.EACCES, "Permission denied"), False),
        (OSError("a file that was requested and not written"), False),
        (shutil.Error([("a", "b", "[Errno 13] Permission denied: 'b'")]), False),
        (ValueError("No space left on device"), False),
        (None, False),
    ],
)
def test_another_failure_is_no_full_disk(error: BaseException | None, full: bool) -> None:
    assert is_full(error) == full


_WRITE = """
import sys
from pathlib import Path
import numpy as np
from matcher.core.disk import take_space

path = Path(sys.argv[1])
output = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(4_000_000,))
try:
    take_space(path)
except OSError as error:
    print(error.strerror)
else:
    output[:] = 1
"""


def test_a_map_that_a_full_disk_cannot_hold_is_refused_before_it_is_written(tmp_path: Path) -> None:
    with small_disk(tmp_path, 1) as mounted:
        if not mounted:
            pytest.skip("a small disk can only be mounted by root")
        words = [sys.executable, "-c", _WRITE, str(tmp_path / "array.npy")]
        ran = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "No space left on device\n")
