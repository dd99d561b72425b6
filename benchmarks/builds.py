"""What is left of a register when builds are interrupted, or run at the same time.

    python -m benchmarks.builds [--interrupted 50] [--at-once 20] [--seed 1] [--json OUT]

Two inputs are built in turn into one register: all of the example's providers, and half of them.

- interrupted: each build is killed (SIGKILL) at a random moment of the time that a whole one takes;
- at once: all builds start at the same moment.  Each must end well (0), or say that another one is
  at work (5).

After each, the register must open, and be one of the two that were asked for.  At the end one more
build must work, and leave no folder of another one behind.  The exit code is 1 if not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from matcher.core.errors import MatcherError
from matcher.register.register import Register

EXAMPLE = Path("examples/providers.jsonl")


@dataclass
class Builds:
    """What was tried, and what came of it."""

    interrupted: int = 0
    finished_before: int = 0
    at_once: int = 0
    ended_well: int = 0
    said_busy: int = 0
    ended_otherwise: int = 0
    opened: int = 0
    not_opened: int = 0
    another_register: int = 0
    left_behind: int = 0
    works_at_the_end: bool = False
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether everything is as wanted."""
        bad = (self.ended_otherwise, self.not_opened, self.another_register, self.left_behind)
        return self.works_at_the_end and not any(bad)


class Desk:
    """A register, and the two inputs that are built into it."""

    def __init__(self, folder: Path) -> None:
        self.register = folder / "register"
        lines = EXAMPLE.read_bytes().splitlines(keepends=True)
        self.inputs = (folder / "all.jsonl", folder / "half.jsonl")
        for path, count in zip(self.inputs, (len(lines), len(lines) // 2), strict=True):
            path.write_bytes(b"".join(lines[:count]))
        self.versions: set[str] = set()
        self.whole_seconds = 0.0
        for path in self.inputs:
            begun = time.monotonic()
            if self.start(path).wait() != 0:
                raise RuntimeError("a build that nothing disturbs does not work")
            self.whole_seconds = time.monotonic() - begun
            self.versions.add(Register.open(self.register).version)

    def start(self, providers: Path) -> subprocess.Popen[bytes]:
        """Start a build."""
        words = ["build", "--register", str(self.register), "--providers", str(providers)]
        return subprocess.Popen(
            [sys.executable, "-m", "api.cli.main", *words, "--quiet"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def check(self, builds: Builds) -> None:
        """Open the register, and count whether it is one that was asked for."""
        try:
            version = Register.open(self.register).version
        except MatcherError as error:
            builds.not_opened += 1
            builds.wrong.append(str(error))
            return
        builds.opened += 1
        builds.another_register += version not in self.versions


def interrupt(desk: Desk, builds: Builds, count: int, chance: random.Random) -> None:
    """Kill as many builds, each at a random moment; some will have ended before."""
    inputs = cycle(desk.inputs)
    while builds.interrupted < count:
        process = desk.start(next(inputs))
        try:
            process.wait(chance.uniform(0, desk.whole_seconds))
            builds.finished_before += 1
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            builds.interrupted += 1
        desk.check(builds)


def together(desk: Desk, builds: Builds, count: int) -> None:
    """Start as many builds at once, and look at the register until the last one has ended."""
    processes = [desk.start(path) for path in islice(cycle(desk.inputs), count)]
    builds.at_once = count
    while any(process.poll() is None for process in processes):
        desk.check(builds)
        time.sleep(0.2)
    codes = [process.returncode for process in processes]
    builds.ended_well, builds.said_busy = codes.count(0), codes.count(5)
    builds.ended_otherwise = count - builds.ended_well - builds.said_busy
    desk.check(builds)


def main(arguments: list[str] | None = None) -> None:
    """Try both, print a table, and write it to the file in --json."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--interrupted", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    builds, begun = Builds(), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        desk = Desk(Path(name))
        interrupt(desk, builds, options.interrupted, random.Random(options.seed))
        together(desk, builds, options.at_once)
        builds.works_at_the_end = desk.start(desk.inputs[0]).wait() == 0
        builds.left_behind = len(list(desk.register.glob("snapshot-*"))) - 1
    builds.seconds = round(time.monotonic() - begun, 1)
    table = Table("", "builds")
    for what, value in asdict(builds).items():
        table.add_row(what.replace("_", " "), str(value))
    Console(width=100).print(table)
    if options.json:
        saved = {"seed": options.seed, "cores": os.cpu_count(), **asdict(builds)}
        options.json.write_text(json.dumps(saved, indent=1) + "\n")
    if not builds.good:
        sys.exit(1)


if __name__ == "__main__":
    main()
