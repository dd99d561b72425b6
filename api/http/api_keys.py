"""API keys.  Only their hashes are kept, in a file with one JSON object on each line.

A key is 256 random bits, so one round of SHA-256 is enough; it is shown once, when it is made.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from api.http.roles import Role
from matcher.core import atomic
from matcher.core.atomic import changing_alone
from matcher.core.disk import why_not_written
from matcher.core.errors import BadInput
from matcher.core.parser_words import in_words

_PREFIX = "lbd_"
_NAME = re.compile(r"[\w.@-]{1,60}", re.ASCII)
_AUTHORITY = re.compile(r"[\w.@&'()-][\w .@&'()-]{0,59}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: its name, its SHA-256 and the day it was made.

    A key that was made before there were roles may do everything, and belongs to the authority
    without a name.
    """

    name: str
    hash: str
    made: date
    role: Role = Role.ADMIN
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a file."""

    path: Path
    known: tuple[Key, ...]

    @classmethod
    def open(cls, path: Path) -> Keys:
        """The keys in the file at `path`; none where the file does not exist.

        Raises BadInput where the file is not a file of keys.
        """
        try:
            lines = path.read_bytes().splitlines() if path.exists() else []
            known = tuple(msgspec.json.decode(line, type=Key) for line in lines if line.strip())
        except (OSError, msgspec.MsgspecError) as error:
            raise BadInput(
                f"--keys {path}: is not a file of keys ({in_words(error)}); `matcher keys add` "
                "writes one"
            ) from error
        bad = next((key.name for key in known if not _DIGEST.fullmatch(key.hash)), None)
        if bad is not None:
            raise BadInput(f"--keys {path}: the hash of {bad} is damaged; remove and add it again")
        return cls(path, known)

    def find(self, key: str) -> Key | None:
        """What is kept of a key; None where it is not known."""
        found = None
        digest = _hash(key)
        for known in self.known:  # all are compared, so that the time taken reveals nothing
            if hmac.compare_digest(known.hash, digest):
                found = known
        return found

    def add(self, name: str, today: date, *, role: Role = Role.ADMIN, authority: str = "") -> str:
        """Make a key with this name, keep its hash, and return the key.

        Keys that others add or remove at the same moment are added and removed too.
        Raises BadInput for a name or an authority that cannot be used.
        """
        if not _NAME.fullmatch(name):
            raise BadInput(
                f"name {name!r} cannot be used: give up to 60 letters, digits, or . _ @ - "
            )
        if authority and not _AUTHORITY.fullmatch(authority):
            raise BadInput(
                f"--authority {authority!r} cannot be used: give up to 60 letters, digits, spaces, "
                "or . _ @ & ' ( ) -"
            )
        key = _PREFIX + secrets.token_urlsafe(32)
        with self._as_they_are() as known:
            if any(each.name == name for each in known):
                raise BadInput(
                    f"name {name!r} is taken: remove that key first, or give another name"
                )
            self._write((*known, Key(name, _hash(key), today, role, authority)))
        return key

    def remove(self, name: str) -> None:
        """Remove the key with this name.  Raises BadInput where there is none."""
        with self._as_they_are() as known:
            left = [key for key in known if key.name != name]
            if len(left) == len(known):
                names = ", ".join(key.name for key in known) or "none"
                raise BadInput(f"no key is called {name!r}; there are: {names}")
            self._write(left)

    @contextmanager
    def _as_they_are(self) -> Iterator[tuple[Key, ...]]:
        """The keys in the file now, which no other process changes while the block runs."""
        lock = self.path.with_name(f".{self.path.name}.lock")
        try:
            with changing_alone(lock):
                yield Keys.open(self.path).known
        except TimeoutError as error:
            raise BadInput(
                f"--keys {self.path}: another program is changing it; try again"
            ) from error
        except OSError as error:
            raise self._unwritable(error) from error

    def _write(self, keys: Iterable[Key]) -> None:
        """Write the file whole or not at all; only its owner may read it."""
        lines = b"".join(msgspec.json.encode(key) + b"\n" for key in keys)
        try:
            atomic.write_bytes(self.path, lines, mode=0o600)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> BadInput:
        return BadInput(f"--keys {self.path}: cannot be written ({why_not_written(error)})")


class KeyFile:
    """The keys of a file that can change at any time: a removed key is refused at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._now()
        self._keys = Keys.open(path)

    def find(self, key: str) -> Key | None:
        """What is kept of a key; None where it is not known."""
        stamp = self._now()
        if stamp != self._stamp:
            self._keys, self._stamp = Keys.open(self._path), stamp
        return self._keys.find(key)

    def _now(self) -> tuple[int, int, int]:
        try:
            stat = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
