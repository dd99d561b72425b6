"""A new snapshot beside the old one, put in force in one step or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matcher.core import atomic
from matcher.core.errors import RegisterError


@contextmanager
def new_snapshot(path: Path) -> Iterator[Path]:
    """A folder to write the new snapshot into; put in force if nothing goes wrong."""
    folder = _beside(path)
    try:
        yield folder
        atomic.sync_folder(folder)
        atomic.write_text(path / "CURRENT", folder.name + "\n")
    except OSError as wrong:
        shutil.rmtree(folder, ignore_errors=True)
        if wrong.errno == errno.ENOSPC:
            raise RegisterError(
                f"--register {path}: the disk is full; the register that was there is unchanged. "
                "Free some space, or name a folder on another disk"
            ) from wrong
        raise _unwritten(path, wrong) from wrong
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    for old in path.glob("snapshot-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)


def _beside(path: Path) -> Path:
    """A fresh folder in `path`, beside the snapshot in force."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="snapshot-", dir=path))
        folder.chmod(0o755)
    except OSError as wrong:
        raise _unwritten(path, wrong) from wrong
    return folder


def _unwritten(path: Path, wrong: OSError) -> RegisterError:
    return RegisterError(
        f"--register {path}: cannot be written ({wrong.strerror or wrong}); the register that "
        "was there, if any, is unchanged. Name a folder that can be written to"
    )


def link(source: str, target: str) -> None:
    """The postcode table never changes once written, so a link to it does for a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def version(folder: Path) -> str:
    """A digest of all that a question can read."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(("intake-", "changes.")):
            digest.update(str(path.relative_to(folder)).encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
