"""Tasks in one process and in several."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from matcher.core import workers
from matcher.core.errors import BadSource, MatcherError


def tasks(good: int) -> Iterator[int]:
    yield from range(good)
    raise BadSource("part.csv is damaged")


@pytest.mark.parametrize("place", ["1", "2"])
@pytest.mark.parametrize("good", [0, 1, 9])
def test_an_error_in_making_the_tasks_is_raised(place: str, good: int) -> None:
    with workers.running_on(place), pytest.raises(BadSource, match=r"part\.csv is damaged"):
        list(workers.in_order(abs, tasks(good)))


class _Kept:
    """Something that another process opens from its file, as it does a register."""

    def __init__(self, path: Path) -> None:
        self.path, self.content = path, path.read_text()

    def __reduce__(self) -> tuple[type[_Kept], tuple[Path]]:
        return _Kept, (self.path,)


def _length(kept: _Kept) -> int:
    return len(kept.content)


def test_what_was_removed_before_another_process_opened_it_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("some")
    kept = _Kept(tmp_path / "file")
    with workers.running_on("2"):
        assert list(workers.in_order(_length, [kept, kept])) == [4, 4]
        (tmp_path / "file").unlink()
        with pytest.raises(MatcherError, match=r"replaced meanwhile, .*; run this again"):
            list(workers.in_order(_length, [kept, kept]))


def test_a_process_that_is_ended_is_a_refusal() -> None:
    with (
        workers.running_on("2"),
        pytest.raises(MatcherError, match=r"was ended, .* with fewer of them"),
    ):
        list(workers.in_order(os._exit, [1, 1]))
