"""A progress bar for long commands, or a line a minute where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from api.cells import visible
from api.cli.output import console

_LINE_SECONDS = 60.0


class Lines:
    """Lines on standard error that say how far a command is: the first after a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._told = clock, clock()

    def __call__(self, stage: str, done: int, total: int | None, unit: str = "") -> None:
        """Say how many of `total` are done in a stage, if nothing was said for a minute."""
        if self._clock() - self._told < _LINE_SECONDS:
            return
        self._told = self._clock()
        of = f" of {total:,}" if total else ""
        amount = f": {done:,}{of} {unit}".rstrip() if done or total else ""
        with suppress(OSError, ValueError):  # what a command does is worth more than its log
            sys.stderr.write(f"{visible(stage + amount)}\n")
            sys.stderr.flush()


class Bar:
    """A progress bar that shows one stage at a time."""

    def __init__(self, progress: Progress, lines: Lines | None = None) -> None:
        self._progress = progress
        self._lines = lines
        self._stage = ""
        self._task = progress.add_task("starting", total=None)

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Show how many of `total` are done in a stage."""
        if stage != self._stage:
            self._stage = stage
            self._progress.reset(self._task, description=stage, total=total)
        self._progress.update(self._task, completed=done, total=total)
        if self._lines:
            self._lines(stage, done, total)

    def end(self) -> None:
        """Take the bar away, before the answer is written to the same terminal."""
        self._progress.stop()

    def tell(self, stage: str, done: int, total: int | None, _unit: str) -> None:
        """As above, for callers that also name the unit."""
        self(stage, done, total)


class progress:  # noqa: N801 - used as a function
    """A bar on standard error while the block runs; lines if it is not a terminal."""

    def __init__(self, quiet: bool) -> None:
        self._lines = None if quiet or sys.stderr.isatty() else Lines()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console.console(error=True),
            disable=quiet or not sys.stderr.isatty(),
            transient=True,
        )

    def __enter__(self) -> Bar:
        self._progress.start()
        return Bar(self._progress, self._lines)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
