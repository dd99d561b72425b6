"""Files and folders that options name: one that cannot be used is refused before any work is done.

The public functions that take an option are callbacks of options.  What a check cannot foresee,
such as a full disk, `written` refuses in the same words.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TextIO, TypeAlias

import typer

from api.cli.output.console import short
from matcher.core import atomic
from matcher.core.disk import why_not_written
from matcher.core.errors import BadInput
from matcher.sources.formats.folders import FolderFiles

Given: TypeAlias = Path | list[Path] | None
"""What an option with a callback of this module was given."""


_WRITERS = {
    "--keys": "matcher keys add",
    "--pool": "matcher judge pool",
    "--judgements": "matcher judge serve",
    "--since": "matcher place --format json",
    "--keep-apart": "matcher merges --format csv",
}
"""Options that name a file of this product → the command that writes it."""


def to_read(option: typer.CallbackParam, given: Given) -> Given:
    """Refuse a file or a folder that is not there or cannot be read."""
    return _there(option, given, "file or folder")


def _there(option: typer.CallbackParam, given: Given, kind: str) -> Given:
    for path in _paths(given):
        if not path.exists():
            made = _WRITERS.get(_name(option))
            advice = f"`{made}` writes one" if made else "name one that exists"
            raise BadInput(f"{_name(option)} {path}: no such {kind}; {advice}")
        if not os.access(path, os.R_OK):
            raise BadInput(f"{_name(option)} {path}: cannot be read; you have no permission to")
    return given


def tables_to_read(option: typer.CallbackParam, given: Given) -> Given:
    """As `to_read`; of a folder, say which of its files are no tables and are left out."""
    return _folders_read(option, given, FolderFiles.with_texts)


def providers_to_read(option: typer.CallbackParam, given: Given) -> Given:
    """As `tables_to_read`, for what may be spreadsheets too."""
    return _folders_read(option, given, FolderFiles.with_texts_and_sheets)


def spending_to_read(option: typer.CallbackParam, given: Given) -> Given:
    """As `tables_to_read`, for what may be spreadsheets, at any depth."""
    return _folders_read(option, given, FolderFiles.with_tables)


def _folders_read(
    option: typer.CallbackParam, given: Given, files_of: Callable[[Path], FolderFiles]
) -> Given:
    to_read(option, given)
    for path in filter(Path.is_dir, _paths(given)):
        files = files_of(path)
        others = short(", ".join(str(other.relative_to(path)) for other in files.others))
        if not files.data:
            raise BadInput(
                f"{_name(option)} {path}: has no file that can be read"
                + (f", only {others}" if others else "")
            )
        if others:
            sys.stderr.write(f"{_name(option)} {path}: left out, as no data file: {others}\n")
    return given


def file_to_read(option: typer.CallbackParam, given: Given) -> Given:
    """Refuse a file that is not there or cannot be read, and a folder."""
    _there(option, given, "file")
    for path in _paths(given):
        if path.is_dir():
            raise BadInput(f"{_name(option)} {path}: is a folder; name a file")
    return given


def file_to_write(option: typer.CallbackParam, given: Given) -> Given:
    """Refuse a file that cannot be written: its folder is missing, or it is one itself."""
    for path in _paths(given):
        if reason := _unwritable(path):
            raise BadInput(f"{_name(option)} {path}: cannot be written: {reason}")
    return given


def file_to_add_to(option: typer.CallbackParam, given: Given) -> Given:
    """As `file_to_write`; what is there is not replaced, so its folder may be closed."""
    for path in _paths(given):
        if reason := _unusable(path) if path.is_file() else _unwritable(path):
            raise BadInput(f"{_name(option)} {path}: cannot be written: {reason}")
    return given


def folder_to_fill(option: typer.CallbackParam, given: Given) -> Given:
    """Refuse a folder that is not there and cannot be made, or that cannot be written to."""
    for path in _paths(given):
        there = next(each for each in (path, *path.absolute().parents) if each.exists())
        if not there.is_dir():
            what = "it is a file" if there == path else f"{there} is a file"
            reason = f"{what}, so no folder can be made there; name a folder"
        elif not os.access(there, os.W_OK | os.X_OK):
            reason = f"you have no permission to write to {there}; name a folder that you may"
        else:
            continue
        raise BadInput(f"{_name(option)} {path}: cannot be written: {reason}")
    return given


@contextmanager
def written(name: str, path: Path) -> Iterator[TextIO]:
    """A file to write, which gets the name `path` when it is complete.

    Raises BadInput, naming the option `name`, if it cannot be written; nothing is left then.
    """
    try:
        place = nullcontext(path) if _is_device(path) else atomic.replacing(path)
        with place as file, file.open("w", encoding="utf-8") as out:
            yield out
    except OSError as error:
        reason = _unwritable(path) or why_not_written(error)
        raise BadInput(f"{name} {path}: cannot be written: {reason}") from error


def _unusable(path: Path) -> str:
    """Why what is there cannot be written to; '' where it can be."""
    if os.access(path, os.W_OK):
        return ""
    return f"you have no permission to write to {path}; name a file that you may"


def _unwritable(path: Path) -> str:
    """Why a file cannot be written, with what would be right; '' where it can be."""
    folder = path.absolute().parent
    if path.is_dir():
        return "it is a folder; name a file in it"
    if _is_device(path):
        return _unusable(path)
    if not folder.exists():
        return f"there is no folder {path.parent}; make it first, or name a folder that exists"
    if not folder.is_dir():
        return f"{path.parent} is a file and not a folder; name a folder that exists"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"you have no permission to write to {path.parent}; name a folder that you may"
    return ""


def _is_device(path: Path) -> bool:
    """Whether it is one that stays where it is written to, such as /dev/stdout."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _paths(given: Given) -> list[Path]:
    return [given] if isinstance(given, Path) else given or []


def _name(option: typer.CallbackParam) -> str:
    """The name of an option as it is typed; that of an argument as the help shows it."""
    if option.param_type_name == "argument":
        return (option.metavar or option.name or "").rstrip("…")
    return max(option.opts, key=len)
