"""The store: one folder that holds the fetched sources.

    STORE/
      lock                    locked by a fetch or a build
      sources.toml            the user's own addresses, if any
      SOURCE/
        state.json            the files in use with size and checksum, days, counts
        GENERATION/           the folder that state.json names: the files themselves
        partial/              downloads that can be resumed

A source changes in one step, when its state.json is replaced.  Files that it does not name are
not in use, and the next fetch deletes them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from matcher.core import atomic
from matcher.core.disk import fullness, refused, sha256
from matcher.core.errors import Busy, FetchError
from matcher.core.parser_words import in_words
from matcher.core.types import Tally

STATE = "state.json"
_LOCK = "lock"
PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file: its address, size and checksum."""

    name: str
    address: str
    size: int
    sha256: str
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """The stored state of one source.

    `entry` is its name in the catalogue.  `fetched` is when it was last current, `changed` when it
    last had new data.  `files` are its archives, which a build deletes; `known` lists them, so that
    an unchanged source is not fetched again.  `records` are the record files that a build wrote.
    `asked` has the options of the fetch: dates, areas, an address.
    """

    entry: str
    fetched: datetime
    changed: datetime
    generation: str = ""
    files: tuple[StoredFile, ...] = ()
    known: tuple[StoredFile, ...] = ()
    records: tuple[StoredFile, ...] = ()
    tallies: tuple[Tally, ...] = ()
    asked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FeedStore:
    """The store in folder `path`."""

    path: Path

    @classmethod
    def usual(cls, env: Mapping[str, str]) -> FeedStore:
        """The user's store: $LBD_STORE, or else local-by-default in the data folder."""
        if env.get("LBD_STORE"):
            return cls(Path(env["LBD_STORE"]))
        base = env.get("XDG_DATA_HOME")
        return cls((Path(base) if base else Path.home() / ".local/share") / "local-by-default")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the store.  Raises Busy if it is locked, FetchError if it cannot be written."""
        import filelock  # a fifth of a second; most commands need no lock

        try:
            with (
                atomic.made_folder(self.path),
                filelock.FileLock(self.path / _LOCK, timeout=0),
            ):
                try:
                    yield
                finally:
                    if [each.name for each in self.path.iterdir()] == [_LOCK]:
                        (self.path / _LOCK).unlink()
        except filelock.Timeout as error:
            raise Busy(
                f"--store {self.path}: another fetch or build is using it; wait until it has "
                "ended, and run this again"
            ) from error
        except OSError as error:
            raise self.write_error(error) from error

    def write_error(self, error: OSError) -> FetchError:
        """The error for a store that cannot be written."""
        if full := fullness(error):
            return FetchError(
                f"--store {self.path}: {full}; the copy fetched before is still in "
                "use. Free some space, or use a folder on another disk"
            )
        return FetchError(
            f"--store {self.path}: cannot be written ({refused(error)}); use a folder "
            "that can be written to"
        )

    def names(self) -> list[str]:
        """The names of the stored sources, sorted."""
        if not self.path.is_dir():
            return []
        return sorted(p.name for p in self.path.iterdir() if (p / STATE).is_file())

    def state(self, name: str) -> State | None:
        """The state of a source, or None where it is not stored.

        Raises FetchError where its state cannot be read.
        """
        path = self.path / name / STATE
        try:
            return msgspec.json.decode(path.read_bytes(), type=State)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise FetchError(
                f"{path} cannot be read ({in_words(error)}); delete the folder {path.parent} and "
                f"fetch {name} again"
            ) from error

    def folder(self, name: str) -> Path:
        """The folder of a source, created if necessary."""
        folder = self.path / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def partial(self, name: str) -> Path:
        """The folder of unfinished downloads."""
        folder = self.folder(name) / PARTIAL
        folder.mkdir(exist_ok=True)
        return folder

    def fresh(self, name: str) -> Path:
        """The folder of a new generation, which is not in use yet."""
        return Path(tempfile.mkdtemp(prefix="g-", dir=self.folder(name)))

    def path_of(self, name: str, state: State, file: StoredFile) -> Path:
        """The path of a stored file."""
        return self.path / name / state.generation / file.name

    def put(self, name: str, state: State) -> None:
        """Replace the state of a source in one step, and delete files that it does not list."""
        folder = self.folder(name)
        if state.generation:
            atomic.sync_folder(folder / state.generation)
        encoded = msgspec.json.format(msgspec.json.encode(state), indent=1)
        atomic.write_bytes(folder / STATE, encoded)
        self.sweep(name)

    def sweep(self, name: str) -> None:
        """Delete the generations and files of a source that are not in use."""
        state = self.state(name)
        folder = self.path / name
        for path in folder.glob("g-*"):
            if state is None or path.name != state.generation:
                shutil.rmtree(path, ignore_errors=True)
        if state is not None and state.generation:
            kept = {file.name for file in (*state.files, *state.records)}
            for path in (folder / state.generation).glob("*"):
                if path.name not in kept and path.is_file():
                    path.unlink()

    def verified(self, name: str, state: State, file: StoredFile) -> Path:
        """The path of a stored file, with its size and checksum checked.

        Raises FetchError where the file has changed.
        """
        path = self.path_of(name, state, file)
        if not path.is_file() or path.stat().st_size != file.size or sha256(path) != file.sha256:
            raise FetchError(
                f"{path} has changed since it was fetched: fetch it again with "
                f"`matcher fetch {name} --again`"
            )
        return path


def stored_file(path: Path, address: str = "", *, etag: str = "", modified: str = "") -> StoredFile:
    """The name, size and checksum of the file at `path`."""
    return StoredFile(path.name, address, path.stat().st_size, sha256(path), etag, modified)


def copy_tally(tally: Tally) -> Tally:
    """A copy of a tally, which can be changed independently."""
    return msgspec.convert(msgspec.to_builtins(tally), Tally)
