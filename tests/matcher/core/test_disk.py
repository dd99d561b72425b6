"""A full disk is known by what the system, numpy and Python say of it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

import numpy as np
import pytest

from matcher.core.disk import fullness, take_space
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


def test_a_database_that_finds_no_room_is_known() -> None:
    with closing(sqlite3.connect("")) as base:
        base.execute("PRAGMA max_page_count = 2")
        base.execute("CREATE TABLE row (text TEXT)")
        with pytest.raises(sqlite3.OperationalError) as caught:
            base.execute("INSERT INTO row VALUES (?)", ("x" * 100_000,))
    assert fullness(caught.value) == "the disk is full"
    with closing(sqlite3.connect("")) as base, pytest.raises(sqlite3.OperationalError) as other:
        base.execute("SELECT * FROM missing")
    assert fullness(other.value) == ""


@needs_full
@pytest.mark.parametrize(
    ("write", "said"),
    [
        (_bytes, "the disk is full"),
        (_array, "a file could be written only in part, perhaps because the disk is full"),
        (_folder, "the disk is full"),
    ],
)
def test_a_write_to_a_full_disk_is_known(
    write: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match=r"No space|requested") as caught:
        write(tmp_path)
    assert fullness(caught.value) == said


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
    assert fullness(error) == ("the disk is full" if full else "")


@pytest.mark.parametrize(
    ("code", "raises"),
    [
        (errno.EOPNOTSUPP, False),
        (errno.EINVAL, False),
        (errno.ENOSPC, True),
        (errno.EDQUOT, True),
        (errno.EIO, True),
    ],
)
def test_a_disk_that_cannot_be_asked_for_space_is_written_as_it_is(
    code: int, raises: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise OSError(code, os.strerror(code))

    (tmp_path / "file").write_bytes(b"some")
    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    with pytest.raises(OSError, match=re.escape(os.strerror(code))) if raises else nullcontext():
        take_space(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"some"


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
