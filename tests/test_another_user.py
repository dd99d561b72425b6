"""What root left in a folder that others may write: the refusal names the file, and whose it is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.records.records import Records
from matcher.core.errors import MatcherError
from matcher.fetch.store import FeedStore
from matcher.register.build.decisions import decide
from matcher.register.build.snapshot import locked

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder, with a space and a letter beyond ASCII in its name, that every user may write."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can be another user")
    with tempfile.TemporaryDirectory(prefix="lbd é ") as name:
        Path(name).chmod(0o777)
        yield Path(name)


@contextmanager
def as_nobody() -> Iterator[None]:
    group = os.getegid()
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


def _build(folder: Path) -> None:
    with locked(folder):
        pass


def _decide(folder: Path) -> None:
    decide(folder, "a", "b", same=False)


def _fetch(folder: Path) -> None:
    with FeedStore(folder).locked():
        pass


def _open_records(folder: Path) -> None:
    Records.open(f"sqlite:///{folder / 'records.sqlite'}").close()


@pytest.mark.parametrize(
    ("use", "left"),
    [
        (_build, "lock"),
        (_decide, "decisions.lock"),
        (_fetch, "lock"),
        (_open_records, "records.sqlite"),
    ],
)
def test_a_file_that_root_left_is_named_with_its_owner(
    use: Callable[[Path], None], left: str, folder: Path, tmp_path: Path
) -> None:
    use(tmp_path)  # which imports what nobody may not read
    (folder / left).touch(mode=0o644)
    with as_nobody(), pytest.raises(MatcherError) as caught:
        use(folder)
    assert f"{folder / left} belongs to the user root" in str(caught.value)
    (folder / left).unlink()
    with as_nobody():
        use(folder)


def test_a_folder_that_root_left_is_named_with_its_owner(folder: Path) -> None:
    (folder / "reg").mkdir(mode=0o755)
    with as_nobody(), pytest.raises(MatcherError) as caught:
        _build(folder / "reg")
    assert f"{folder / 'reg'} belongs to the user root" in str(caught.value)
