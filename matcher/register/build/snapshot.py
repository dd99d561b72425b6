"""Writes a new snapshot of a register, where it fits, and puts it in force in one step or not."""

from __future__ import annotations

import filecmp
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from matcher.core import atomic
from matcher.core.disk import fullness, refused
from matcher.core.errors import RegisterBusy, RegisterError
from matcher.core.leftovers import scratch_folder_of
from matcher.register.current_snapshot import unreadable_current
from matcher.register.encoded import FOLDER as ENCODED
from matcher.register.manifest import FILE as MANIFEST
from matcher.register.manifest import FORMAT, FileDigest, Manifest
from matcher.register.vectors import FOLDER as VECTORS

_LOCK, _SNAPSHOT = "lock", "snapshot-"
COPY = ".copy-"
"""How the name of a folder in a register begins that has a copy of it for another bundle."""
_KNOWN = {
    *("CURRENT", _LOCK, "keep-apart.csv", "join.csv", "decisions.lock", "suppressed.json"),
    *("suppressing.json", "suppressing.lock", "lost+found", "Thumbs.db", "desktop.ini"),
}
"""What may lie in a folder for a register before there is one."""
_VECTORS = {VECTORS, ENCODED}
"""The folders of a snapshot with the vectors that a model makes."""
_NOT_FACTS = {"content", "known", *_VECTORS}


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let no other process write the register in folder `path` while the block runs.

    Where it ends without a register, a folder that was missing is missing again.
    Raises RegisterBusy where another process is writing it, and RegisterError where it cannot be
    written to, or holds other things.
    """
    import filelock  # a fifth of a second; reading a register needs no lock

    check_own_folder(path)
    with ExitStack() as stack:
        try:
            stack.enter_context(atomic.made_folder(path))
            lock = filelock.FileLock(path / _LOCK, timeout=0)
            lock.acquire()
        except filelock.Timeout as error:
            raise RegisterBusy(
                f"--register {path}: another build is writing it; wait until it has ended, and run "
                "this again"
            ) from error
        except OSError as error:
            raise _write_error(path, error) from error
        stack.callback(lock.release)
        try:
            yield
        finally:
            with suppress(OSError, RegisterError):
                if _named_by_current(path) is None:
                    (path / _LOCK).unlink()


def check_own_folder(path: Path) -> None:
    """Raise RegisterError where a folder has other things than a register in it.

    A register may have further files beside it.
    """
    if _named_by_current(path) is not None or not path.is_dir():
        return
    other = next((each.name for each in sorted(path.iterdir()) if not _may_lie_there(each)), None)
    if other is not None:
        raise RegisterError(
            f"--register {path}: is a folder with other things in it (such as {other}), and no "
            "register; nothing was written. Name a new folder, or an empty one"
        )


def _may_lie_there(path: Path) -> bool:
    """Whether what lies in a folder without a register is left from one, or of no importance."""
    return path.name in _KNOWN or path.name.startswith((".", _SNAPSHOT))


@contextmanager
def new_snapshot(path: Path) -> Iterator[Path]:
    """A folder for a new snapshot, which becomes the current one when the block ends.

    The caller has `locked` the register. If the block raises, the current snapshot stays. Otherwise
    it is removed, and so are those that killed builds left behind.  Once CURRENT names the new one,
    nothing that happens takes it away again.
    """
    remove_leftovers(path)
    folder = _new_folder(path)
    try:
        yield folder
        atomic.sync_folder(folder)
        atomic.write_text(path / "CURRENT", folder.name + "\n")
    except BaseException as error:
        in_force = _may_be_in_force(path, folder)
        if not in_force:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise _not_confirmed(path, error) if in_force else _write_error(path, error) from error
        _tidy(path, folder)
        raise
    _remove_others(path, folder)


def _tidy(path: Path, folder: Path) -> None:
    """Remove the snapshot before the new one, where the process is told to end just after the swap.

    CURRENT may not be on the disk yet; until it is, a power cut would bring back the one before.
    """
    with suppress(OSError, RegisterError):
        if _named_by_current(path) == folder:
            atomic.write_text(path / "CURRENT", folder.name + "\n")
            _remove_others(path, folder)


def _may_be_in_force(path: Path, folder: Path) -> bool:
    try:
        return _named_by_current(path) == folder
    except RegisterError:
        return True


def current_snapshot(path: Path) -> Path | None:
    """The folder of the current snapshot of the register in folder `path`, or None."""
    folder = _named_by_current(path)
    return folder if folder and (folder / MANIFEST).is_file() else None


def _named_by_current(path: Path) -> Path | None:
    """The folder that CURRENT names, or None where there is no such file, or it names none.

    Raises RegisterError where it cannot be read.
    """
    try:
        name = Path((path / "CURRENT").read_text(errors="replace").strip()).name
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unreadable_current(path, error) from error
    return path / name if name.startswith(_SNAPSHOT) else None


def remove_leftovers(path: Path) -> None:
    """Remove what killed builds left behind.  The caller has `locked` the register.

    Nothing is removed where CURRENT is there and does not say which snapshot was in force.
    """
    kept = _named_by_current(path)
    if (kept is not None and kept.is_dir()) or not (path / "CURRENT").exists():
        _remove_others(path, kept)


def _remove_others(path: Path, kept: Path | None) -> None:
    """Remove all snapshots but `kept`, copies, and temporary files.

    With the lock, nobody writes them.  A copy has what the snapshot had that it was made of.
    """
    for old in (*path.glob(f"{_SNAPSHOT}*"), *path.glob(f"{COPY}*"), *path.glob(".CURRENT.*")):
        if old == kept:
            continue
        if old.is_dir():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.unlink(missing_ok=True)


def _new_folder(path: Path) -> Path:
    try:
        folder = Path(tempfile.mkdtemp(prefix=_SNAPSHOT, dir=path))
        folder.chmod(0o755)
    except OSError as error:
        raise _write_error(path, error) from error
    return folder


def where(path: Path) -> str:
    """What names the register in folder `path`: $TMPDIR where it is in a scratch folder."""
    scratch = scratch_folder_of(path)
    return f"$TMPDIR {scratch.parent}" if scratch else f"--register {path}"


def _not_confirmed(path: Path, error: OSError) -> RegisterError:
    """That the disk did not say that it has kept the new snapshot, which is in force."""
    return RegisterError(
        f"{where(path)}: the new register is in use, but the disk did not confirm that it is kept "
        f"({error.strerror or error}); check the disk, and run this again"
    )


def _write_error(path: Path, error: OSError) -> RegisterError:
    if full := fullness(error):
        return RegisterError(
            f"{where(path)}: {full}; the register that was there, if any, is unchanged. "
            "Free some space, or name a folder on another disk"
        )
    return RegisterError(
        f"{where(path)}: cannot be written ({refused(error)}); the register that "
        "was there, if any, is unchanged. Name a folder that can be written to"
    )


def same_files(one: Path, other: Path) -> bool:
    """Whether a folder has the files that the `other` has; links to one file are the same."""
    names = sorted(path.name for path in other.iterdir())
    with suppress(OSError):
        return all(_same(one / name, other / name) for name in names)
    return False


def _same(one: Path, other: Path) -> bool:
    return one.samefile(other) or filecmp.cmp(one, other, shallow=False)


def version(files: Mapping[str, FileDigest], *, meaning: str, trust_ids: bool) -> str:
    """A digest of the facts of a snapshot: its records, indexes and places, and its settings.

    `meaning` is the version of the embedder that made the vectors.  The vectors themselves do not
    count, because they follow from the rest.
    """
    settings = {"format": FORMAT, "meaning": meaning, "trust_ids": trust_ids}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for name, file in files.items():
        if name.partition("/")[0] not in _NOT_FACTS:
            digest.update(name.encode())
            digest.update(bytes.fromhex(file.whole))
    return digest.hexdigest()[:16]


def require_space(path: Path, locality: Sequence[str], at_least: int) -> None:
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
