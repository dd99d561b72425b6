"""Answers as people read them in a terminal: tables and short sentences."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from api.cells import seen

REASONS_SHOWN = 4


def plain(text: str) -> str:
    """The text with square brackets made round, so that rich reads no markup in it."""
    return text.replace("[", "(").replace("]", ")")


class _Console(Console):
    """A console that writes no control character but its own."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else seen(text), style, control)


def console(*, error: bool = False) -> Console:
    """A console; wide enough to read where the output is not a terminal."""
    made = _Console(stderr=error)
    return made if made.is_terminal else _Console(stderr=error, width=120)
