"""How far a long command is, where there is no terminal for a bar: in a log, or under cron."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from api.cli import progress
from api.cli.progress import Lines
from tests.api.conftest import Run


def test_a_line_a_minute_says_how_far_a_command_is(capsys: pytest.CaptureFixture[str]) -> None:
    said: dict[float, tuple[Any, ...]] = {
        59.0: ("reading", 1, None),
        60.0: ("reading \x1b[31m", 1200, None),
        119.0: ("reading", 2400, None),
        120.0: ("comparing", 3, 4000),
        180.0: ("writing", 0, None),
        240.0: ("fetching", 5, 9, "B"),
    }
    now = [0.0]
    tell = Lines(lambda: now[0])
    for now[0], words in said.items():
        tell(*words)
    assert capsys.readouterr().err.splitlines() == [
        "reading [31m: 1,200",
        "comparing: 3 of 4,000",
        "writing",
        "fetching: 5 of 9 B",
    ]


def test_a_log_that_cannot_be_written_ends_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    times = iter([0.0, 60.0, 60.0])
    Lines(lambda: next(times))("reading", 1, 2)


@pytest.mark.parametrize("quiet", [False, True])
def test_a_build_says_what_it_does_unless_it_is_quiet(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: bool
) -> None:
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
    own = tmp_path / "own.csv"
    own.write_text("name,postcode\nFerndale Minibuses,WS1 1TP\n")
    words = ("build", "--register", tmp_path / "reg", "--providers", own)
    done = run(*words, *(["--quiet"] if quiet else []))
    assert done.code == 0
    assert bool(done.err) is not quiet
