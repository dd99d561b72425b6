"""Two builds of one register at once, each with processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from json import dumps
from pathlib import Path

import pytest

from matcher.register.build.snapshot import current_snapshot
from matcher.register.register import Register

pytestmark = pytest.mark.slow

NAMES = ("Alder Care", "Birch Care")


def start(reg: Path, name: str) -> subprocess.Popen[str]:
    """`matcher build --parallel 2` of a hundred providers of a name."""
    file = reg.with_name(f"{name}.jsonl")
    rows = (
        {"id": f"XX-{n}", "name": f"{name} {n}", "postcode": "WS1 1TP", "kind": "charity"}
        for n in range(100)
    )
    file.write_text("".join(f"{dumps(row)}\n" for row in rows))
    words = ("build", "--register", reg, "--providers", file, "--bundle", "hand", "--parallel", "2")
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ},
    )


def test_of_two_parallel_builds_at_once_one_is_refused_or_waits_its_turn(tmp_path: Path) -> None:
    reg = tmp_path / "reg"
    builds = [start(reg, name) for name in NAMES]
    said = [build.communicate(timeout=300)[0] for build in builds]
    codes = [build.returncode for build in builds]
    assert set(codes) <= {0, 5}, said
    assert 0 in codes, said
    for code, words in zip(codes, said, strict=True):
        assert ("another build is writing it" in words) == (code == 5)
    register = Register.open(reg)
    rows = range(len(register))
    names = {register.organisations[row].provider.name.rpartition(" ")[0] for row in rows}
    built = {name for name, code in zip(NAMES, codes, strict=True) if code == 0}
    assert len(names) == 1
    assert names <= built
    assert len(register) == 100
    assert list(reg.glob("snapshot-*")) == [current_snapshot(reg)]
