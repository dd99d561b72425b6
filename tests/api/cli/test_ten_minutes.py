"""The guide for a new council: its files and commands, followed in an empty folder."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.api.conftest import Run

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "ten-minutes.md").read_text("utf-8")
ENDLESS = ("demo", "serve")
"""Commands that go on until they are ended; other tests run them."""


def test_the_guide_ends_with_the_right_provider_first(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, language in (("directory.csv", "csv"), ("need.txt", "text")):
        (block,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
        Path(name).write_text(block)
    commands = re.findall(r"^matcher (.*)$", GUIDE, re.MULTILINE)
    ran = []
    for line in commands:
        words = shlex.split(line, comments=True)
        if words[0] not in ENDLESS:
            ran.append(run(*words))
            assert ran[-1].code == 0, (line, ran[-1].err)
    built, listed = ran
    assert "3" in built.out
    assert "1 │ Ferndale Minibuses" in " ".join(listed.out.split())
