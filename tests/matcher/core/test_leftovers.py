"""What a killed process left is removed by the next; what a living one uses never is."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from matcher.core.leftovers import new_file, new_folder, scratch_folder

ROOT = Path(__file__).resolve().parents[3]
_OTHER = """
import sys
from pathlib import Path
from tests.matcher.core.test_leftovers import MADE

with MADE[sys.argv[1]](Path(sys.argv[2])) as made:
    if made.is_dir():
        (made / "inner").mkdir()
        (made / "inner" / "file").write_text("half")
    else:
        made.write_text("half")
        made.with_name(made.name + "-wal").write_text("its log")
    print(made, flush=True)
    sys.stdin.readline()
    print(made.exists(), flush=True)
"""
Made = Callable[[Path], AbstractContextManager[Path]]
MADE: dict[str, Made] = {
    "file": lambda folder: new_file(folder / "list.txt"),
    "folder": lambda folder: new_folder(folder / "bundle"),
    "scratch": lambda folder: scratch_folder("training", folder),
}
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")


@contextmanager
def another(kind: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that made something in a folder and uses it, and what it made."""
    with subprocess.Popen(
        [sys.executable, "-c", _OTHER, kind, folder],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.kill()


@pytest.mark.parametrize("kind", MADE)
def test_what_a_killed_process_left_is_removed_by_the_next(kind: str, tmp_path: Path) -> None:
    with another(kind, tmp_path) as (process, left):
        process.kill()
        process.wait()
    assert left.exists()
    with MADE[kind](tmp_path) as mine:
        assert list(tmp_path.iterdir()) == [mine]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", MADE)
def test_what_a_living_process_uses_stays(kind: str, tmp_path: Path) -> None:
    with another(kind, tmp_path) as (process, used):
        with MADE[kind](tmp_path) as mine:
            assert mine != used
        assert used.exists()
        assert process.communicate("\n")[0] == "True\n"
    assert not used.exists()


@pytest.mark.parametrize("kind", MADE)
def test_two_of_one_process_stay(kind: str, tmp_path: Path) -> None:
    with MADE[kind](tmp_path) as one, MADE[kind](tmp_path) as other:
        assert one.exists()
        assert other.exists()


@pytest.mark.parametrize("kind", MADE)
def test_what_has_another_name_or_is_a_link_stays(kind: str, tmp_path: Path) -> None:
    with MADE[kind](tmp_path) as mine:
        like = mine.name
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / like).symlink_to(kept)
    others = (f"{like}x", f"x{like}", like.upper(), ".list.txt.20260101", "local-by-default-data")
    for name in others:
        (tmp_path / name).write_text("mine")
    before = sorted(tmp_path.iterdir())
    with MADE[kind](tmp_path):
        pass
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("kind", MADE)
def test_many_at_once_disturb_no_other(kind: str, tmp_path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom tests.matcher.core.test_leftovers import MADE\n"
        "for _ in range(200):\n    with MADE[sys.argv[1]](Path(sys.argv[2])) as made:\n"
        "        assert made.exists()\n"
    )
    command = [sys.executable, "-c", script, kind, str(tmp_path)]
    processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert not list(tmp_path.iterdir())
