"""A new snapshot beside the old one, put in force in one step or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matcher.core import atomic
from matcher.core.errors import RegisterError
from matcher.register.register import FORMAT

_NOT_FACTS = ("vectors", "manifest.json")


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


def version(folder: Path, *, meaning: str, trust_ids: bool) -> str:
    """A digest of the facts of a snapshot: its records, indexes and places, and its settings.

    `meaning` is the version of the embedder that made the vectors.  The vectors themselves are
    left out: they follow from the rest.
    """
    settings = {"format": FORMAT, "meaning": meaning, "trust_ids": trust_ids}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        derived = inside.parts[0] in _NOT_FACTS or path.name.startswith(("intake-", "changes."))
        if path.is_file() and not derived:
            digest.update(inside.as_posix().encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
