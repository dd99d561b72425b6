"""Builds that run at the same time or are killed leave a register that opens."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from matcher.core.errors import RegisterBusy, RegisterError
from matcher.register.build.build import build
from matcher.register.build.erase import suppress
from matcher.register.build.snapshot import current_snapshot, locked, new_snapshot
from matcher.register.register import Register
from tests.factory import provider
from tests.registers import feed, registered

ROOT = Path(__file__).resolve().parents[4]
_BUILD = """
import sys
from pathlib import Path
from matcher.core.errors import RegisterError
from matcher.register.build.build import build
from tests.factory import provider
from tests.registers import feed

def one(name):
    yield provider(f"XX-{name}", name=name)
    print("reading", flush=True)
    if sys.argv[4] == "wait":
        sys.stdin.readline()

register, places, name = sys.argv[1:4]
tally, _ = feed()
try:
    build(Path(register), [(tally, one(name))], places_table=Path(places))
except RegisterError as error:
    print(error)
    sys.exit(1)
"""


def _start(register: Path, places: Path, name: str, how: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _BUILD, register, places, name, how],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _names(register: Path) -> set[str]:
    return {o.provider.name for o in Register.open(register).organisations}


def _snapshots(register: Path) -> list[Path]:
    return sorted(register.glob("snapshot-*"))


def test_a_second_build_is_refused_while_the_first_runs(tmp_path: Path, places_table: Path) -> None:
    reg = tmp_path / "reg"
    first = _start(reg, places_table, "first", "wait")
    assert first.stdout is not None
    assert first.stdout.readline() == "reading\n"
    with pytest.raises(RegisterError, match="another build is writing it; wait until"):
        build(reg, [feed(provider("XX-2", name="second"))], places_table=places_table)
    first.communicate("\n")
    assert first.returncode == 0
    assert _names(reg) == {"first"}
    assert _snapshots(reg) == [current_snapshot(reg)]


def test_a_suppression_is_refused_while_a_build_runs(tmp_path: Path, places_table: Path) -> None:
    reg = tmp_path / "reg"
    registered(reg, places_table, provider("XX-1", name="before"))
    with locked(reg), pytest.raises(RegisterBusy, match="another build is writing it"):
        suppress(reg, "XX-1")
    assert _names(reg) == {"before"}


@pytest.mark.parametrize("many", [2, 5])
def test_simultaneous_builds_leave_the_register_of_one_of_them(
    tmp_path: Path, places_table: Path, many: int
) -> None:
    reg = tmp_path / "reg"
    names = [f"builder {number}" for number in range(many)]
    processes = [_start(reg, places_table, name) for name in names]
    codes = [process.communicate()[0] and process.returncode for process in processes]
    succeeded = {name for name, code in zip(names, codes, strict=True) if code == 0}
    assert succeeded
    assert _names(reg) <= succeeded
    assert len(_names(reg)) == 1
    assert _snapshots(reg) == [current_snapshot(reg)]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no process can be killed here")
def test_a_killed_build_leaves_the_old_register_and_the_next_build_cleans_up(
    tmp_path: Path, places_table: Path
) -> None:
    reg = tmp_path / "reg"
    registered(reg, places_table, provider("XX-1", name="before"))
    killed = _start(reg, places_table, "killed", "wait")
    assert killed.stdout is not None
    assert killed.stdout.readline() == "reading\n"
    killed.kill()
    killed.communicate()
    assert _names(reg) == {"before"}
    assert len(_snapshots(reg)) == 2
    registered(reg, places_table, provider("XX-2", name="after"))
    assert _names(reg) == {"after"}
    assert _snapshots(reg) == [current_snapshot(reg)]


def test_a_failed_write_keeps_the_current_snapshot(tmp_path: Path, places_table: Path) -> None:
    reg = tmp_path / "reg"
    registered(reg, places_table, provider("XX-1", name="before"))
    with pytest.raises(KeyError), locked(reg), new_snapshot(reg):
        raise KeyError
    assert _names(reg) == {"before"}
    assert _snapshots(reg) == [current_snapshot(reg)]


@pytest.mark.parametrize("times", [1, 3])
def test_a_register_that_is_replaced_while_it_is_opened_opens(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    reg = tmp_path / "reg"
    registered(reg, places_table, provider("XX-1", name="before"))
    opened = Register._open
    replaced: list[Path] = []

    def replace_first(folder: Path) -> Register:
        if len(replaced) < times:
            replaced.append(folder)
            build(reg, [feed(provider("XX-2", name="after"))], places_table=places_table)
        return opened(folder)

    monkeypatch.setattr(Register, "_open", replace_first)
    assert _names(reg) == {"after"}


_MOMENTS = ("before the rename", "after the rename", "before the flush", "after the flush")
_ENDINGS: dict[str, Callable[[], BaseException]] = {
    "SIGTERM": lambda: SystemExit(143),
    "a full disk": lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
}


def _end_at(moment: str, end: Callable[[], BaseException], patch: pytest.MonkeyPatch) -> None:
    """Raise once, at a moment of the step that puts a new snapshot in force."""
    replace, fsync, swapped, ended = os.replace, os.fsync, list[bool](), list[bool]()

    def watched(now: str) -> None:
        if now == moment and not ended:
            ended.append(True)
            raise end()

    def replacing(old: Path, new: Path) -> None:
        if new.name != "CURRENT":
            replace(old, new)
            return
        watched("before the rename")
        replace(old, new)
        swapped.append(True)
        watched("after the rename")

    def flushing(descriptor: int) -> None:
        if swapped:
            watched("before the flush")
        fsync(descriptor)
        if swapped:
            watched("after the flush")

    patch.setattr(os, "replace", replacing)
    patch.setattr(os, "fsync", flushing)


@pytest.mark.parametrize("moment", _MOMENTS)
@pytest.mark.parametrize("ending", _ENDINGS)
def test_a_build_that_is_ended_while_it_is_put_in_force_leaves_a_register_that_opens(
    moment: str, ending: str, tmp_path: Path, places_table: Path
) -> None:
    reg = tmp_path / "reg"
    open_before = registered(reg, places_table, provider("XX-1", name="before"))
    with pytest.MonkeyPatch.context() as patch:
        _end_at(moment, _ENDINGS[ending], patch)
        with pytest.raises((SystemExit, RegisterError)) as told:
            build(reg, [feed(provider("XX-2", name="after"))], places_table=places_table)
    new = moment != "before the rename"
    assert _names(reg) == {"after" if new else "before"}
    if isinstance(told.value, RegisterError):
        assert ("the new register is in use" in str(told.value)) == new
        assert ("is unchanged" in str(told.value)) != new
    else:  # the process was told to end, and had time to tidy up
        assert _snapshots(reg) == [current_snapshot(reg)]
    assert open_before.organisations[0].provider.name == "before"
    build(reg, [feed(provider("XX-3", name="later"))], places_table=places_table)
    assert _names(reg) == {"later"}
    assert _snapshots(reg) == [current_snapshot(reg)]


def test_a_build_that_fails_removes_nothing_where_current_is_damaged(
    tmp_path: Path, places_table: Path
) -> None:
    reg = tmp_path / "reg"
    registered(reg, places_table, provider("XX-1", name="before"))
    said = (reg / "CURRENT").read_text()
    for damaged in ("", said[:12], "\0" * len(said)):
        (reg / "CURRENT").write_text(damaged)
        with pytest.raises(KeyError), locked(reg), new_snapshot(reg):
            raise KeyError
    (reg / "CURRENT").write_text(said)
    assert _names(reg) == {"before"}
    (reg / "CURRENT").write_text("")
    build(reg, [feed(provider("XX-2", name="after"))], places_table=places_table)
    assert _names(reg) == {"after"}
    assert _snapshots(reg) == [current_snapshot(reg)]


def test_a_build_is_refused_where_current_cannot_be_read(
    tmp_path: Path, places_table: Path
) -> None:
    reg = tmp_path / "reg"
    registered(reg, places_table, provider("XX-1", name="before"))
    (reg / "CURRENT").rename(tmp_path / "CURRENT")
    (reg / "CURRENT").mkdir()
    with pytest.raises(RegisterError, match=r"CURRENT.*cannot be read.*nothing was changed"):
        build(reg, [feed(provider("XX-2", name="after"))], places_table=places_table)
    with pytest.raises(RegisterError, match=r"CURRENT.*cannot be read"):
        Register.open(reg)
    (reg / "CURRENT").rmdir()
    (tmp_path / "CURRENT").rename(reg / "CURRENT")
    assert _names(reg) == {"before"}
