"""Bodies as they are in the database: compressed where that makes them smaller.

Digests are of the body itself, so that they do not depend on how it is stored.
"""

from __future__ import annotations

import zlib
from typing import Any

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from api.errors import RecordsError

LARGEST = 2**28
"""Bytes of a body; what would become larger is refused, not decompressed."""

_MARK = b"\0"
"""Begins a compressed body.  A body is JSON, which cannot begin with it."""
_LEVEL = 6


def stored(body: bytes) -> bytes:
    """The body as it is stored."""
    small = _MARK + zlib.compress(body, _LEVEL)
    return small if len(small) < len(body) or body.startswith(_MARK) else body


def original(found: bytes) -> bytes:
    """The body that is stored like this; earlier layouts stored it as it is.

    Raises RecordsError where it was compressed and is damaged.
    """
    if not found.startswith(_MARK):
        return found
    reader = zlib.decompressobj()
    try:
        body = reader.decompress(found[len(_MARK) :], LARGEST)
    except zlib.error as error:
        raise RecordsError(f"a body in the records is damaged ({error})") from error
    if not reader.eof or reader.unused_data:
        raise RecordsError("a body in the records is damaged (it does not end where it should)")
    return body


class StoredBody(TypeDecorator[bytes]):
    """A column of bodies."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """A body on its way into the database."""
        return None if value is None else stored(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ANN401
        """A body on its way out of the database."""
        if value is None:
            return None
        if not isinstance(value, bytes | memoryview):
            raise RecordsError(f"a body in the records is of another type ({type(value).__name__})")
        return original(bytes(value))
