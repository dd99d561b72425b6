"""What a killed process left is removed by the next; what a living one uses never is."""

from __future__ import annotations

import errno
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from matcher.core.leftovers import new_file, new_folder, scratch_folder

Made = Callable[[Path], AbstractContextManager[Path]]
MADE: dict[str, Made] = {
    "file": lambda folder: new_file(folder / "list.txt"),
    "folder": lambda folder: new_folder(folder / "bundle"),
    "scratch": lambda folder: scratch_folder("training", folder),
}
if "fork" not in multiprocessing.get_all_start_methods():
    pytest.skip("this system cannot copy a process", allow_module_level=True)
FORK = multiprocessing.get_context("fork")
"""Starts a process as a copy of this one: it takes no time to import anything."""


def use(kind: str, folder: Path, end: Connection) -> None:
    """Make something, say what, and use it until told to end; then say whether it was there."""
    with MADE[kind](folder) as made:
        if made.is_dir():
            (made / "inner").mkdir()
            (made / "inner" / "file").write_text("half")
        else:
            made.write_text("half")
            made.with_name(made.name + "-wal").write_text("its log")
        end.send(made)
        end.recv()
        end.send(made.exists())


@contextmanager
def another(kind: str, folder: Path) -> Iterator[tuple[BaseProcess, Connection, Path]]:
    """A process that made something in a folder and uses it, and what it made."""
    mine, its = FORK.Pipe()
    process = FORK.Process(target=use, args=(kind, folder, its))
    process.start()
    with mine, its:
        yield process, mine, mine.recv()
        process.kill()
        process.join()


def left_by_another(kind: str, folder: Path) -> Path:
    """What a process made in a folder that was killed then."""
    with another(kind, folder) as (_, _, left):
        pass
    return left


@pytest.mark.parametrize("kind", MADE)
def test_what_a_killed_process_left_is_removed_by_the_next(kind: str, tmp_path: Path) -> None:
    left = left_by_another(kind, tmp_path)
    assert left.exists()
    with MADE[kind](tmp_path) as mine:
        assert list(tmp_path.iterdir()) == [mine]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", MADE)
def test_what_a_living_process_uses_stays(kind: str, tmp_path: Path) -> None:
    with another(kind, tmp_path) as (process, end, used):
        with MADE[kind](tmp_path) as mine:
            assert mine != used
        assert used.exists()
        end.send("enough")
        assert end.recv() is True
        process.join()
    assert not used.exists()


@pytest.mark.parametrize("kind", MADE)
def test_two_of_one_process_stay(kind: str, tmp_path: Path) -> None:
    with MADE[kind](tmp_path) as one, MADE[kind](tmp_path) as other:
        assert one.exists()
        assert other.exists()


@pytest.mark.parametrize("kind", MADE)
def test_what_has_another_name_stays(kind: str, tmp_path: Path) -> None:
    like = left_by_another(kind, tmp_path).name
    added = ("x", "-my-copy", ".tar", "-wal.gz", "-walrus", "\n")
    others = (f"x{like}", like.upper(), ".list.txt.20260101", "local-by-default-data")
    kept = {*(like + end for end in added), *others}
    for name in kept:
        (tmp_path / name).mkdir()
        (tmp_path / name / "own").write_text("mine")
    with MADE[kind](tmp_path):
        pass
    assert {path.name for path in tmp_path.iterdir()} == kept
    assert all((tmp_path / name / "own").exists() for name in kept)


def test_a_folder_takes_no_file_with_it_that_is_named_like_it(tmp_path: Path) -> None:
    left = left_by_another("folder", tmp_path)
    beside = left.with_name(f"{left.name}-wal")
    beside.write_text("mine")
    with MADE["folder"](tmp_path):
        pass
    assert list(tmp_path.iterdir()) == [beside]


@pytest.mark.parametrize("kind", MADE)
def test_a_link_stays_and_so_does_what_it_leads_to(kind: str, tmp_path: Path) -> None:
    left = left_by_another(kind, tmp_path)
    kept = tmp_path / "kept"
    left.rename(kept)
    left.symlink_to(kept)
    with MADE[kind](tmp_path):
        pass
    assert left.is_symlink()
    assert kept.exists()


@pytest.mark.parametrize("kind", MADE)
def test_what_another_machine_made_stays(kind: str, tmp_path: Path) -> None:
    left = left_by_another(kind, tmp_path)
    stem = left.name.removesuffix(".new")
    machine, own = stem[-16:-8], stem[-8:]
    another_machine = f"{int(machine, 16) ^ 1:08x}"
    kept = left.rename(left.with_name(left.name.replace(machine + own, another_machine + own)))
    with MADE[kind](tmp_path):
        pass
    assert kept.exists()


@pytest.mark.parametrize("kind", MADE)
def test_what_could_not_be_locked_stays(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    with monkeypatch.context() as patch:
        patch.setattr("fcntl.flock", no_locks)
        used = MADE[kind](tmp_path)
        made = used.__enter__()
    left_by_another(kind, tmp_path)
    assert made.exists()
    used.__exit__(None, None, None)
    assert not made.exists()


@pytest.mark.parametrize("kind", MADE)
def test_nothing_is_removed_where_nothing_can_be_locked(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = left_by_another(kind, tmp_path)

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Not supported")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with MADE[kind](tmp_path) as made:
        assert made.exists()
    assert left.exists()


def test_a_folder_is_looked_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = list[Path]()
    listed = Path.iterdir

    def noted(folder: Path) -> Iterator[Path]:
        looked.append(folder)
        return iter(listed(folder))

    monkeypatch.setattr(Path, "iterdir", noted)
    for name in ("one", "another"):
        with new_file(tmp_path / name):
            pass
    assert looked == [tmp_path]


@pytest.mark.parametrize("kind", MADE)
def test_many_at_once_disturb_no_other(kind: str, tmp_path: Path) -> None:
    def make_many() -> None:
        for _ in range(200):
            with MADE[kind](tmp_path) as made:
                assert made.exists()

    processes = [FORK.Process(target=make_many) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert not list(tmp_path.iterdir())
