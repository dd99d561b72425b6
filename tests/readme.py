"""Renews the output shown in the README after a change of the example, the bundle or the wording.

python -m tests.readme
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"```text\n(.*?)```", re.DOTALL)
NOTICE = ROOT / "examples" / "notice.json"
FILES = ("--providers", "examples/providers.jsonl", "--awards", "examples/awards.ocds.jsonl")


def command(*words: str | Path, cwd: Path = ROOT) -> str:
    """What a Python command prints, at the width of a page."""
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "120", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def matcher(*words: str | Path) -> str:
    """What the command line prints."""
    return command("-m", "api.cli.main", *words)


def build(register: Path) -> None:
    """Build the register of the example in folder `register`, as `make shortlist` does."""
    matcher("build", "--quiet", "--register", register, *FILES)


def output(register: Path) -> str:
    """The first suggestion of `make shortlist`, as the README shows it."""
    printed = matcher("shortlist", NOTICE, "--register", register, "-k", "5")
    table = printed[printed.index("┏") :]
    return table[: table.index("├")]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "register")
        shown = f"```text\n{output(Path(folder) / 'register')}```"
    text = README.read_text(encoding="utf-8")
    README.write_text(BLOCK.sub(lambda _: shown, text, count=1), encoding="utf-8")
