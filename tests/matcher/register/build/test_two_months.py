"""A month over known rows where another build runs, or where the disk fills while it is written."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from matcher.core.errors import RegisterError
from matcher.register.build import build as building
from matcher.register.build.snapshot import current_snapshot
from tests.matcher.register.build.test_known_rows import (
    _APRIL,
    _MARCH,
    HEADER,
    built,
    numbered,
    written,
)
from tests.matcher.register.build.test_unchanged import facts
from tests.postgresql import small_disk
from tests.registers import snapshots

ROOT = Path(__file__).resolve().parents[4]
MARCH = numbered(*range(1, 60))
MONTHS = {
    "april": [*numbered(*range(4, 60)), *numbered(101, 102)],
    "may": [*numbered(*range(1, 50), RegAddress__PostCode="WS2 8RR"), *numbered(201)],
}
_MONTH = """
import sys
from pathlib import Path
from matcher.core.errors import RegisterError
from matcher.register.build.build import build
from matcher.sources.providers import companies

register, places, month = map(Path, sys.argv[1:4])

def progress(stage, done, total):
    if sys.argv[4] == stage:
        sys.argv[4] = ""
        print(stage, flush=True)
        sys.stdin.readline()

try:
    build(register, companies.read([month]), places_table=places, progress=progress)
except RegisterError as error:
    print(error)
    sys.exit(1)
"""


def month(register: Path, places: Path, file: Path, wait_at: str = "") -> subprocess.Popen[str]:
    """A process that builds a month over a register; it waits where it begins a stage."""
    return subprocess.Popen(
        [sys.executable, "-c", _MONTH, str(register), str(places), str(file), wait_at],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """The file of each month."""
    found = {}
    for name, rows in MONTHS.items():
        (tmp_path / name).mkdir()
        found[name] = written(tmp_path / name, _APRIL, rows, HEADER)
    return found


@pytest.mark.parametrize("stage", ["reading names", "writing providers", "indexing providers"])
def test_a_second_month_is_refused_until_the_first_is_in_force(
    stage: str, files: dict[str, Path], tmp_path: Path, places_table: Path
) -> None:
    reg, whole = tmp_path / "reg", tmp_path / "whole"
    built(reg, places_table, _MARCH, *MARCH)
    before = facts(reg)
    with month(reg, places_table, files["april"], stage) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == f"{stage}\n"
        with month(reg, places_table, files["may"]) as second:
            said = second.communicate()[0]
        assert (second.returncode, "another build is writing it; wait until" in said) == (1, True)
        assert facts(reg) == before
        first.communicate("\n")
    assert first.returncode == 0
    built(whole, places_table, _APRIL, *MONTHS["april"])
    assert facts(reg) == facts(whole)
    with month(reg, places_table, files["may"]) as again:
        again.communicate()
    assert again.returncode == 0
    shutil.rmtree(whole)
    built(whole, places_table, _APRIL, *MONTHS["may"])
    assert facts(reg) == facts(whole)
    assert snapshots(reg) == [current_snapshot(reg)]


def test_two_months_that_begin_together_leave_one_of_them_whole(
    files: dict[str, Path], tmp_path: Path, places_table: Path
) -> None:
    reg, whole = tmp_path / "reg", tmp_path / "whole"
    built(reg, places_table, _MARCH, *MARCH)
    both = {name: month(reg, places_table, file) for name, file in files.items()}
    said = {name: process.communicate()[0] for name, process in both.items()}
    done = [name for name, process in both.items() if process.returncode == 0]
    assert done
    assert all("another build is writing it" in said[name] for name in both if name not in done)
    possible = []
    for name in done:
        built(whole, places_table, _APRIL, *MONTHS[name])
        possible.append(facts(whole))
        shutil.rmtree(whole)
    assert facts(reg) in possible
    assert snapshots(reg) == [current_snapshot(reg)]


class Disk:
    """What is opened to be written in a folder, and from which file on the disk is full."""

    def __init__(self) -> None:
        self.folder, self.full_at = Path("/nowhere"), 0
        self.opened = list[str]()

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        """Note a file that is opened to be written; an error where the disk is full."""
        if event != "open" or not str(args[0]).startswith(f"{self.folder}{os.sep}snapshot-"):
            return
        flags = args[2]
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR):
            self.opened.append(Path(str(args[0])).relative_to(self.folder).as_posix())
            if 0 < self.full_at <= len(self.opened):
                raise OSError(errno.ENOSPC, "No space left on device")


DISK = Disk()
sys.addaudithook(DISK)


@contextmanager
def watched(folder: Path, full_at: int = 0) -> Iterator[list[str]]:
    """The files that are written in a register; the disk is full from this one on, from 1."""
    DISK.folder, DISK.full_at, DISK.opened = folder, full_at, []
    try:
        yield DISK.opened
    finally:
        DISK.folder, DISK.full_at = Path("/nowhere"), 0


def test_a_disk_that_fills_in_any_folder_of_a_month_leaves_the_register_as_it_was(
    tmp_path: Path, places_table: Path
) -> None:
    reg, trial = tmp_path / "reg", tmp_path / "trial"
    built(reg, places_table, _MARCH, *MARCH)
    shutil.copytree(reg, trial)
    with watched(trial) as opened:
        built(trial, places_table, _APRIL, *MONTHS["april"])
    before, wanted = facts(reg), facts(trial)
    last = {name.partition("/")[2].rpartition("/")[0]: at for at, name in enumerate(opened, 1)}
    assert {"", "known", "known/keys", "known/rows", "known/pairs", "content"} <= last.keys()
    for folder, at in last.items():
        with watched(reg, at), pytest.raises(RegisterError, match="the disk is full"):
            built(reg, places_table, _APRIL, *MONTHS["april"])
        assert facts(reg) == before, folder
        assert snapshots(reg) == [current_snapshot(reg)], folder
    built(reg, places_table, _APRIL, *MONTHS["april"])
    assert facts(reg) == wanted


@pytest.mark.parametrize("share", [0.15, 0.3, 0.6, 0.9])
def test_a_small_disk_that_fills_while_a_month_is_written(
    share: float,
    tmp_path: Path,
    places_table: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk, 40) as mounted:
        if not mounted:
            pytest.skip("a small disk can only be mounted by root")
        reg = disk / "reg"
        rows = numbered(*range(1, 2000))
        built(reg, places_table, _MARCH, *rows)
        before = facts(reg)
        used = sum(file.stat().st_blocks * 512 for file in reg.rglob("*") if file.is_file())
        monkeypatch.setattr(building, "require_space", lambda *_: None)
        with (disk / "other").open("wb") as other:
            other.write(bytes(shutil.disk_usage(disk).free - int(share * used)))
        with pytest.raises(
            RegisterError, match="the disk is full; the register that was there, if any, is"
        ):
            built(reg, places_table, _APRIL, *rows[7:], *numbered(3001))
        assert facts(reg) == before
        assert snapshots(reg) == [current_snapshot(reg)]
        (disk / "other").unlink()
        built(reg, places_table, _APRIL, *rows[7:], *numbered(3001))
        assert facts(reg) != before


def test_an_attempt_that_could_not_be_removed_is_removed_by_the_next_build(
    tmp_path: Path, places_table: Path
) -> None:
    reg = tmp_path / "reg"
    built(reg, places_table, _MARCH, *MARCH)
    with watched(reg, 20), pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(RegisterError, match="the disk is full"):
            built(reg, places_table, _APRIL, *MONTHS["april"])
    assert len(snapshots(reg)) == 2
    built(reg, places_table, _APRIL, *MONTHS["april"])
    assert snapshots(reg) == [current_snapshot(reg)]
