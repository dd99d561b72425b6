"""Checks, before a build or a copy begins, that the disk can hold what it will write."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from matcher.core.errors import RegisterError
from matcher.core.leftovers import scratch_folder_of
from matcher.register.build.snapshot import current_snapshot, where
from matcher.register.manifest import Manifest

_VECTORS = {"vectors", "encoded"}
"""The folders of a snapshot with the vectors that a model makes."""


def require_space(path: Path, locality: Sequence[str], at_least: int = 0) -> None:
    """Raise RegisterError where the disk of the register in folder `path` has too little free.

    Both the new snapshot and the one in force must fit. The new one is taken to be as large as the
    one in force, if that is of the same areas, and to need the bytes `at_least`.
    """
    needed = max(at_least, _size_of_current(path, tuple(locality)))
    free = shutil.disk_usage(path).free
    if free < needed:
        raise RegisterError(
            f"{where(path)}: the build needs at least {needed / 1e9:,.2f} GB, and the disk has "
            f"{free / 1e9:,.2f} GB free; the register that was there, if any, is unchanged. Free "
            "some space, name a folder on another disk, or build fewer areas with --area"
        )


def _size_of_current(path: Path, locality: tuple[str, ...]) -> int:
    """The bytes of the snapshot in force, without its postcodes, which are only linked."""
    folder = current_snapshot(path)
    with suppress(OSError, ValueError):
        if folder is not None and Manifest.read(folder).locality == locality:
            files = (file for file in folder.rglob("*") if file.is_file())
            return sum(f.stat().st_size for f in files if f.parent.name != "places")
    return 0


def require_space_for_copy(path: Path, folder: Path, scratch: Path) -> int:
    """The bytes that a copy of the snapshot `folder` takes in the folder `scratch`, at least.

    On one disk only the vectors take space: other files are linked.  The vectors are taken to be as
    large as those that it has.  Raises RegisterError where the disk has too little free.
    """
    one_disk = folder.stat().st_dev == scratch.stat().st_dev
    files = [file for file in folder.rglob("*") if file.is_file()]
    if one_disk:
        files = [file for file in files if file.relative_to(folder).parts[0] in _VECTORS]
    needed, free = sum(file.stat().st_size for file in files), shutil.disk_usage(scratch).free
    if free < needed:
        raise RegisterError(
            f"{where(path)}: a copy of the register, in {scratch}, needs at least "
            f"{needed / 1e9:,.2f} GB, and the disk there has {free / 1e9:,.2f} GB free; nothing "
            f"was written. {elsewhere(path, scratch)}"
        )
    return needed


def elsewhere(path: Path, scratch: Path) -> str:
    """What to do where a copy of the register in `path` does not fit into the folder `scratch`."""
    if scratch == path and scratch_folder_of(path) is None:
        return "Free some space, or name a folder on another disk with --register"
    return "Free some space, or name a folder on another disk in $TMPDIR"
