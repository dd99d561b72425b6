"""The console that every command writes to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import TextIO

import msgspec
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from api.cells import visible

_WIDTH, _NARROWEST = 120, 40
_LONGEST = 200
_encode = msgspec.json.Encoder(order="deterministic").encode
REASONS_SHOWN = 4
"""How many reasons a list shows for each provider."""


def plain(text: str) -> str:
    """The text with round instead of square brackets, so that rich finds no markup in it."""
    return text.replace("[", "(").replace("]", ")")


def short(text: str) -> str:
    """The text on one line without control characters, and of a long one the beginning.

    >>> short("Hot  meals"), len(short("meals " * 1000))
    ('Hot meals', 200)
    """
    line = " ".join(visible(text[: 2 * _LONGEST]).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


class _Console(Console):
    """A console that removes control characters from the text it shows."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)


def console(*, error: bool = False) -> Console:
    """A console on standard output, or standard error.

    If it is not a terminal, it is as wide as $COLUMNS says, or else 120 columns.
    """
    terminal = _Console(stderr=error)
    if terminal.is_terminal:
        return terminal
    columns = os.environ.get("COLUMNS", "")
    usable = columns.isascii() and columns.isdigit() and int(columns) >= _NARROWEST
    return _Console(stderr=error, width=int(columns) if usable else _WIDTH)


def table(
    title: str | Text, columns: Iterable[str], rows: Iterable[Iterable[str | Text]] = ()
) -> Table:
    """A table whose long cells are folded.  No cell is read as markup."""
    made = Table(title=title or None)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made


def say(words: str, *, error: bool = False) -> None:
    """Print a sentence as it is, and at once, for programs that wait for it."""
    out = console(error=error)
    out.print(words, markup=False, emoji=False, highlight=False, soft_wrap=True)
    out.file.flush()


def teller(quiet: bool) -> Callable[[str], None]:
    """What tells a person a sentence on standard error; nobody is told where `quiet`."""
    return (lambda _: None) if quiet else partial(say, error=True)


def write_json(answer: object, out: TextIO | None = None) -> None:
    """Write an answer as one line of JSON; by default, to standard output."""
    (out or sys.stdout).write(_encode(answer).decode() + "\n")
