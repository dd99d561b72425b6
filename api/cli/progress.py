"""A progress bar for long commands. It shows one stage at a time."""

from __future__ import annotations

import sys

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from api.cli.output import console


class Bar:
    """A progress bar that shows one stage at a time."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._stage = ""
        self._task = progress.add_task("starting", total=None)

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Show how many of `total` are done in a stage."""
        if stage != self._stage:
            self._stage = stage
            self._progress.reset(self._task, description=stage, total=total)
        self._progress.update(self._task, completed=done, total=total)

    def end(self) -> None:
        """Take the bar away, before the answer is written to the same terminal."""
        self._progress.stop()

    def tell(self, stage: str, done: int, total: int | None, _unit: str) -> None:
        """As above, for callers that also name the unit."""
        self(stage, done, total)


class progress:  # noqa: N801 - used as a function
    """A bar on standard error while the block runs; none if it is not a terminal."""

    def __init__(self, quiet: bool) -> None:
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
        return Bar(self._progress)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
