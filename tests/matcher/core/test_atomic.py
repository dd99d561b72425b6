from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from matcher.core import atomic

ROOT = Path(__file__).resolve().parents[3]

Synced = list[str]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Synced:
    """What was flushed and renamed, in order: names of files and folders, and 'rename'."""
    events: Synced = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor: int) -> None:
        events.append(Path(f"/proc/self/fd/{descriptor}").resolve().name)
        fsync(descriptor)

    def note_replace(old: Path, new: Path) -> None:
        events.append("rename")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    return events


def test_a_file_is_flushed_before_it_is_renamed_and_its_folder_after(
    synced: Synced, tmp_path: Path
) -> None:
    atomic.write_text(tmp_path / "list.txt", "é\n")
    written, *rest = synced
    assert written.startswith(".list.txt.")
    assert rest == ["rename", tmp_path.name]
    assert (tmp_path / "list.txt").read_bytes() == "é\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["list.txt"]


def test_every_file_of_a_folder_is_flushed_before_it_is_renamed(
    synced: Synced, tmp_path: Path
) -> None:
    with atomic.replacing_folder(tmp_path / "new") as folder:
        (folder / "inner").mkdir()
        (folder / "inner" / "a.txt").write_text("a")
        (folder / "b.txt").write_text("b")
    assert synced[:3] == ["b.txt", "inner", "a.txt"]
    assert synced[3].startswith(".new.")
    assert synced[4:] == [tmp_path.name, "rename", tmp_path.name]
    assert (tmp_path / "new" / "inner" / "a.txt").read_text() == "a"


def test_the_names_of_folders_that_are_made_are_flushed(synced: Synced, tmp_path: Path) -> None:
    with atomic.made_folder(tmp_path / "outer" / "inner"):
        assert synced == ["outer", tmp_path.name]


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_a_folder_keeps_its_name_where_its_replacement_is_ended_half_way(
    end: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("old")

    def ended(*_: object) -> None:
        raise end

    monkeypatch.setattr(os, "replace", ended)
    with pytest.raises(end):
        _replace_folder(tmp_path)
    assert _contents(tmp_path) == {"folder/file": "old"}
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(("mode", "expected"), [(0o666, 0o640), (0o600, 0o600)])
def test_permissions_follow_the_mode_and_the_umask(
    mode: int, expected: int, tmp_path: Path
) -> None:
    before = os.umask(0o027)
    try:
        atomic.write_bytes(tmp_path / "keys", b"", mode=mode)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == expected


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def _replace_file(path: Path) -> None:
    atomic.write_text(path / "file", "new")


def _replace_folder(path: Path) -> None:
    with atomic.replacing_folder(path / "folder") as folder:
        (folder / "file").write_text("new")


def _contents(path: Path) -> dict[str, str]:
    return {
        str(file.relative_to(path)): file.read_text()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("fails", ["fsync", "replace"])
@pytest.mark.parametrize("replace", [_replace_file, _replace_folder])
def test_a_failure_leaves_what_was_there(
    replace: Callable[[Path], None],
    fails: str,
    old: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if old:
        (tmp_path / "folder").mkdir()
        for name in ("file", "folder/file"):
            (tmp_path / name).write_text("old")
    before = _contents(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, fails, _full)
        with pytest.raises(OSError, match="No space left"):
            replace(tmp_path)
    assert _contents(tmp_path) == before
    assert not list(tmp_path.glob(".*"))
    replace(tmp_path)
    assert "new" in _contents(tmp_path).values()


def _interrupted(path: Path) -> None:
    with atomic.replacing(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt


def test_an_exception_in_the_block_leaves_what_was_there(tmp_path: Path) -> None:
    _replace_file(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        _interrupted(tmp_path / "file")
    assert _contents(tmp_path) == {"file": "new"}


def test_a_folder_is_replaced_with_all_that_it_held(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "left over").write_text("old")
    _replace_folder(tmp_path)
    assert _contents(tmp_path) == {"folder/file": "new"}


@pytest.mark.parametrize("code", [22, 9, 95])
def test_a_file_system_that_cannot_flush_folders_will_do(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def refuse_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, "unsupported")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_folders)
    _replace_file(tmp_path)
    assert _contents(tmp_path) == {"file": "new"}


def test_a_line_is_flushed_and_so_is_the_name_of_a_new_file(synced: Synced, tmp_path: Path) -> None:
    atomic.append(tmp_path / "list", b"one\n")
    atomic.append(tmp_path / "list", b"two\n")
    assert synced == ["list", tmp_path.name, "list"]


@pytest.mark.parametrize("end", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_line_that_is_not_kept_leaves_the_others(
    end: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(_: int) -> None:
        raise end

    atomic.append(tmp_path / "list", b"one\n")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", ended)
        with pytest.raises(type(end)):
            atomic.append(tmp_path / "list", b"two\n")
    atomic.append(tmp_path / "list", b"three\n")
    assert (tmp_path / "list").read_bytes() == b"one\nthree\n"


def test_another_cannot_add_to_a_file_before_a_line_is_kept_or_taken_away_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "list"

    def full(_: int) -> None:
        with path.open("ab") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _full()

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        atomic.append(path, b"one\n")
    assert path.read_bytes() == b""


KILLED = """
import os, signal, sys
from pathlib import Path
from matcher.core import atomic

path, at = Path(sys.argv[1]), sys.argv[2]

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if at == "write":
    with atomic.replacing(path) as temporary:
        temporary.write_text("ne")
        kill()
setattr(os, at, kill)
atomic.write_text(path, "new")
"""


@pytest.mark.parametrize("at", ["write", "fsync", "replace"])
def test_a_kill_before_the_rename_leaves_the_old_file(at: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    done = subprocess.run([sys.executable, "-c", KILLED, path, at], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    atomic.write_text(path, "newer")
    assert path.read_text() == "newer"
