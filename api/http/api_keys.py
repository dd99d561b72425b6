"""API keys: who may ask.  Only their hashes are kept, in a file of one JSON object a line.

A key is 256 random bits, so one round of SHA-256 hides it; it is shown once, when it is made.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from matcher.core import atomic
from matcher.core.errors import BadInput

_BEGINS = "lbd_"
_NAME = re.compile(r"[\w.@-]{1,60}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: what it is called, its SHA-256, and when it was made."""

    name: str
    hash: str
    made: date


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a file."""

    path: Path
    known: tuple[Key, ...]

    @classmethod
    def open(cls, path: Path) -> Keys:
        """The keys in the file at `path`; none where there is no file yet.

        Raises BadInput where the file is not one of keys.
        """
        try:
            lines = path.read_bytes().splitlines() if path.exists() else []
            known = tuple(msgspec.json.decode(line, type=Key) for line in lines if line.strip())
        except (OSError, msgspec.MsgspecError) as wrong:
            raise BadInput(
                f"--keys {path}: is not a file of keys ({wrong}); `matcher keys add` writes one"
            ) from wrong
        bad = next((key.name for key in known if not _DIGEST.fullmatch(key.hash)), None)
        if bad is not None:
            raise BadInput(f"--keys {path}: the hash of {bad} is damaged; remove and add it again")
        return cls(path, known)

    def named(self, given: str) -> str | None:
        """What the key `given` is called; None where it is not known."""
        found = None
        said = _hash(given)
        for key in self.known:  # all are compared, so that time tells nothing
            if hmac.compare_digest(key.hash, said):
                found = key.name
        return found

    def add(self, name: str, today: date) -> str:
        """Make a key called `name` and keep its hash; the key itself, which is shown once."""
        if not _NAME.fullmatch(name):
            raise BadInput(
                f"name {name!r} cannot be used: give up to 60 letters, digits, or . _ @ - "
            )
        if any(key.name == name for key in self.known):
            raise BadInput(f"name {name!r} is taken: remove that key first, or give another name")
        made = _BEGINS + secrets.token_urlsafe(32)
        self._write((*self.known, Key(name, _hash(made), today)))
        return made

    def remove(self, name: str) -> None:
        """Forget the key called `name`.  Raises BadInput where there is none."""
        left = [key for key in self.known if key.name != name]
        if len(left) == len(self.known):
            names = ", ".join(key.name for key in self.known) or "none"
            raise BadInput(f"no key is called {name!r}; there are: {names}")
        self._write(left)

    def _write(self, keys: Iterable[Key]) -> None:
        """Write the file whole or not at all; only its owner may read it."""
        lines = b"".join(msgspec.json.encode(key) + b"\n" for key in keys)
        try:
            atomic.write_bytes(self.path, lines, mode=0o600)
        except OSError as wrong:
            raise BadInput(f"--keys {self.path}: cannot be written ({wrong.strerror})") from wrong


class KeyFile:
    """The keys of a file that may change while it is read: one removed no longer opens."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._now()
        self._keys = Keys.open(path)

    def named(self, given: str) -> str | None:
        """What the key `given` is called; None where it is not known."""
        stamp = self._now()
        if stamp != self._stamp:
            self._keys, self._stamp = Keys.open(self._path), stamp
        return self._keys.named(given)

    def _now(self) -> tuple[int, int, int]:
        try:
            told = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (told.st_mtime_ns, told.st_size, told.st_ino)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
