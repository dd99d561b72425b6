"""The chain key: a secret without which nobody can write an entry that verifies."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path

from matcher.core.errors import BadInput

_SHORTEST = 32


@dataclass(frozen=True, slots=True)
class ChainKey:
    """A secret kept apart from the records; codes are HMAC-SHA256."""

    secret: bytes = field(repr=False)

    @classmethod
    def open(cls, path: Path) -> ChainKey:
        """The key in a file: its bytes, without white space at the end.

        Raises BadInput where it cannot be read or is shorter than 32 bytes.
        """
        try:
            secret = path.read_bytes().rstrip()
        except OSError as error:
            raise BadInput(f"--chain-key {path}: cannot be read ({error.strerror})") from error
        if len(secret) < _SHORTEST:
            raise BadInput(
                f"--chain-key {path}: holds {len(secret)} bytes, and {_SHORTEST} are needed; "
                "`openssl rand -hex 32` makes a key"
            )
        return cls(secret)

    def code(self, purpose: str, text: str) -> str:
        """The code of a text, as 64 hexadecimal digits; each purpose has codes of its own."""
        return hmac.new(self.secret, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()

    def matches(self, code: str, purpose: str, text: str) -> bool:
        """Whether `code` is the code of a text."""
        return hmac.compare_digest(code.encode(), self.code(purpose, text).encode())
