"""Guides that are run: shell blocks in order, each with what it prints in a text block after it.

The block with `matcher serve` says which register is served to the others; it stands as it is.

    python -m tests.notebook GUIDE.md

runs a guide against the example register and writes what its commands print into it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests import readme
from tests.servers import serving

ROOT = Path(__file__).resolve().parents[1]
USUAL = "http://localhost:8000"
_BLOCK = re.compile(r"```sh\n(?P<said>.*?)```\n(?:\n```text\n(?P<printed>.*?)```\n)?", re.DOTALL)
_SERVED = re.compile(r"^matcher serve --register (?P<register>\S+)$", re.MULTILINE)
_WIDTH = "120"


def run(guide: str, folder: Path, register: Path) -> str:
    """The guide as its commands print it, when they are run in `folder` against `register`."""
    for name in ("examples", "build"):
        (folder / name).mkdir(exist_ok=True)
    for file in (ROOT / "examples").iterdir():
        (folder / "examples" / file.name).write_bytes(file.read_bytes())
    named = _SERVED.search(guide)
    assert named, "the guide does not say which register to serve"
    (folder / named["register"]).symlink_to(register)
    with serving(register) as server:
        env = {**os.environ, "COLUMNS": _WIDTH, "PATH": _path(folder)}

        def printed(block: re.Match[str]) -> str:
            if _SERVED.search(block[0]):
                return block[0]
            out = _shell(block["said"].replace(USUAL, server.url), folder, env)
            shown = f"\n```text\n{out.replace(server.url, USUAL)}```\n" if out.strip() else ""
            return f"```sh\n{block['said']}```\n{shown}"

        return _BLOCK.sub(printed, guide)


def _path(folder: Path) -> str:
    """Where commands are found: `matcher` and `python` are those of these tests."""
    here = folder / "bin"
    here.mkdir(exist_ok=True)
    for name, said in (("matcher", f'exec "{sys.executable}" -m api.cli.main "$@"'),
                       ("python", f'exec "{sys.executable}" "$@"')):  # fmt: skip
        (here / name).write_text(f"#!/bin/sh\n{said}\n")
        (here / name).chmod(0o755)
    return f"{here}:{os.environ.get('PATH', '')}"


def _shell(said: str, folder: Path, env: Mapping[str, str]) -> str:
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", said],
        cwd=folder,
        env={**env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise AssertionError(f"{said}\nended with {ran.returncode}: {ran.stdout}{ran.stderr}")
    return "\n".join(line.rstrip() for line in ran.stdout.splitlines()) + "\n"


def main() -> None:
    """Run the guides named, and write into each what its commands print."""
    with tempfile.TemporaryDirectory() as scratch:
        register = Path(scratch) / "register"
        readme.build(register)
        for number, name in enumerate(sys.argv[1:]):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            path = Path(name)
            path.write_text(run(path.read_text("utf-8"), folder, register), "utf-8")


if __name__ == "__main__":
    main()
