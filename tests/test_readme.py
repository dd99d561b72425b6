"""The README does not lie: its shortlist, its figures and its options are the product's own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EVALUATING = (ROOT / "docs/evaluating.md").read_text(encoding="utf-8")
COMMANDS = re.findall(
    r"^matcher ((?:judge )?[\w-]+) (.*)$", f"{README}\n{EVALUATING}", re.MULTILINE
)


def matcher(*words: str) -> str:
    """What the command line prints, at the width of a page."""
    done = subprocess.run(
        [sys.executable, "-m", "api.cli.main", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_shortlist_shown_is_what_is_printed(tmp_path: Path) -> None:
    register = str(tmp_path / "register")
    data = ["examples/providers.jsonl", "--awards", "examples/awards.ocds.jsonl"]
    matcher("build", "--register", register, "--providers", *data)
    printed = matcher("shortlist", "examples/notice.json", "--register", register, "-k", "5")
    shown = re.search(r"```text\n(.*?)\n```", README, re.DOTALL)
    assert shown
    lines = [line.rstrip() for line in printed.splitlines()]
    wanted = shown[1].splitlines()
    assert len(wanted) > 20
    assert lines[: len(wanted)] == wanted


@pytest.mark.parametrize(("command", "rest"), COMMANDS)
def test_every_option_shown_exists(command: str, rest: str) -> None:
    known = matcher(*command.split(), "--help")
    for option in re.findall(r"(?<!\S)--[a-z-]+", rest):
        assert option in known


def test_the_speeds_are_those_of_the_frozen_result() -> None:
    frozen = json.loads((ROOT / "benchmarks/results/speed.json").read_text(encoding="utf-8"))
    for size in frozen["sizes"]:
        (row,) = [
            r
            for r in frozen["rows"]
            if r["providers"] == size["providers"] and "30 km" in r["system"]
        ]
        line = (
            f"| {size['providers']:,} | {row['median / peer']:.2f} | {row['p95 / peer']:.2f} "
            f"| {size['open ms']:.0f} ms | {size['build peak MB']:,} MB |"
        )
        assert line in README


def test_the_figures_are_those_of_the_frozen_result() -> None:
    frozen = json.loads((ROOT / "benchmarks/results/replay.json").read_text(encoding="utf-8"))
    rows = frozen["rows"]
    lines = [line for line in README.splitlines() if re.match(r"\| .* \| (all|warm|cold) \|", line)]
    assert len(lines) >= 6
    for line in lines:
        system, part, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        (row,) = [r for r in rows if r["system"] == system and r["slice"] == part]
        for measure, cell in zip(("Success@10", "RR@100"), cells, strict=True):
            mean, low, high = row[measure]
            assert cell == f"{mean:.3f} [{low:.3f}, {high:.3f}]"
