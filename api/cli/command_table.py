"""A table of commands, each of which is imported only when it runs or shows its own help."""

from __future__ import annotations

import re
from collections import UserDict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """One command: its panel in the help, its name, its source and its line in the help.

    `source` is "module:name" of a function or of a Typer app with commands of its own.
    """

    panel: str
    name: str
    source: str
    summary: str

    def load(self) -> Any:  # noqa: ANN401 - a command or a group, by what the source is
        """Import the command."""
        module, _, name = self.source.partition(":")
        target = getattr(import_module(module), name)
        app = typer.Typer(add_completion=False, rich_markup_mode="rich")
        app.callback()(lambda: None)
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=self.name)
        else:
            app.command(self.name)(target)
        return _flowing(typer.main.get_group(app).commands[self.name])

    def stub(self) -> TyperCommand:
        """A command that only has a line in the help."""
        return TyperCommand(
            self.name, help=self.summary, rich_help_panel=self.panel, rich_markup_mode="rich"
        )


_LINE_BREAK = re.compile(r"(?<![:\n])\n(?=\S)")
"""The end of a line of the source within a sentence; none before an example."""


def _flowing(command: Any) -> Any:  # noqa: ANN401 - a command or a group
    """A command whose help fills the lines of the terminal, whatever the lines of the source."""
    command.help = _LINE_BREAK.sub(" ", command.help or "")
    for inner in getattr(command, "commands", {}).values():
        _flowing(inner)
    return command


_PLAIN_WORDS = (
    ("Value error, ", ""),
    ("Input should be a valid integer, unable to parse string as an integer", "not a whole number"),
    ("Input should be a valid number, unable to parse string as a number", "not a number"),
    ("Input should be greater than or equal to ", "too small; the smallest is "),
    ("Input should be less than or equal to ", "too large; the largest is "),
    (
        "does not match the formats '%Y-%m-%d'.",
        "is not a date that exists; give one such as 2026-04-01.",
    ),
)
"""Words of the validator → words for a person."""


def plain_words(message: str) -> str:
    """A message of Typer about the value of an option, in plain words.

    >>> plain_words("Value error, 'soon' does not match the formats '%Y-%m-%d'.")
    "'soon' is not a date that exists; give one such as 2026-04-01."
    """
    for words, plain in _PLAIN_WORDS:
        message = message.replace(words, plain)
    return message


class _LazyCommands(UserDict[str, Any]):
    """Commands by name. Each is loaded when it is first read."""

    def __init__(self, entries: Iterable[CommandEntry]) -> None:
        super().__init__({entry.name: entry for entry in entries})

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        command = self.data[name]
        if isinstance(command, CommandEntry):
            command = self.data[name] = command.load()
        return command


class CommandTable(TyperGroup):
    """A group whose commands are the `entries` of a subclass."""

    entries: tuple[CommandEntry, ...] = ()

    def __init__(self, **attrs: Any) -> None:  # noqa: ANN401 - what Typer passes
        super().__init__(**{**attrs, "commands": _LazyCommands(self.entries)})

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer's own types
        """Run the command; a value that an option cannot take is refused in plain words."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = plain_words(error.message)
            raise

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer's own types
        """Write the help from the table, so that no command is imported."""
        shown = TyperGroup(
            name=self.name,
            commands={entry.name: entry.stub() for entry in self.entries},
            rich_markup_mode=self.rich_markup_mode,
            help=self.help,
            params=self.params,
        )
        shown.format_help(ctx, formatter)
