"""The current snapshot of a register: which folder it is, and whether it can be read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from matcher.core.errors import RegisterError
from matcher.geo.councils import Councils
from matcher.register.manifest import DAMAGE, FORMAT, Manifest, damaged
from matcher.register.manifest import FILE as MANIFEST

TOWNS = "towns.csv"


@contextmanager
def refuse_damage(path: Path, folder: Path) -> Iterator[None]:
    """Raise RegisterError where a part of the snapshot is missing, cut short or damaged."""
    try:
        yield
    except DAMAGE as error:
        raise RegisterError(
            f"--register {path}: the snapshot {folder.name or '(none)'} is damaged; build it again"
        ) from error


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """What a check of every byte of a register found."""

    files: int
    """how many were checked; 0 where an earlier version built it, which wrote no digests"""
    damaged: Sequence[str]
    """those that are missing, new, or not as they were written"""


def check_files(path: Path) -> CheckedFiles:
    """Read every file of the register in folder `path`, and compare it with what was written.

    Raises RegisterError where there is no register, or where its manifest is damaged.
    """
    folder = snapshot_folder(path)
    check_format(path, folder)
    with refuse_damage(path, folder):
        digests = Manifest.read(folder).files
        return CheckedFiles(len(digests), damaged(folder, digests))


def own_councils(folder: Path) -> Councils:
    """The councils as the snapshot in `folder` was built: with its own borders and towns if any."""
    borders, towns = folder / "borders.csv", folder / TOWNS
    return Councils.open(borders if borders.exists() else None, towns if towns.exists() else None)


def snapshot_folder(path: Path) -> Path:
    """The folder of the current snapshot.  Raises RegisterError as `current_name` does."""
    return path / current_name(path)


def check_format(path: Path, folder: Path) -> None:
    """Raise RegisterError where the snapshot has another format, or its manifest is damaged."""
    with refuse_damage(path, folder):
        found = json.loads((folder / MANIFEST).read_text())["format"]
    if found != FORMAT:
        newer = isinstance(found, int) and found > FORMAT
        way_out = "use the newer version that wrote it, or " if newer else ""
        raise RegisterError(
            f"--register {path}: written in format {found}, this version reads {FORMAT}; "
            f"{way_out}build it again with `matcher build`"
        )


def current_name(path: Path) -> str:
    """The name of the current snapshot.  Raises RegisterError where CURRENT cannot be read."""
    try:
        content = (path / "CURRENT").read_text(errors="replace")
    except OSError as error:
        if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
            raise unreadable_current(path, error) from error
        what = (
            "has no CURRENT file"
            if path.is_dir()
            else "is a file, and a register is a folder"
            if path.exists()
            else "does not exist"
        )
        raise RegisterError(
            f"--register {path}: {what}; build one with "
            f"`matcher build --register {path} --providers FILE --awards FILE`"
        ) from error
    return Path(content.strip()).name


def unreadable_current(path: Path, error: OSError) -> RegisterError:
    """The error for a register whose CURRENT is there and cannot be read."""
    return RegisterError(
        f"--register {path}: its file CURRENT, which says what is in use, cannot be read "
        f"({error.strerror or error}); nothing was changed. Let this user read it, and try again"
    )
