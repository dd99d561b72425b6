"""JSON as it is accepted from a client: each key of an object only once, no NaN."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

_NO_PLACE = re.compile(r" - at `\$(\[\.\.\.\])+`")
"""How the parser names a place where it has no names."""


def decoded(content: bytes | str, type_: Any = Any) -> Any:  # noqa: ANN401 - what `type_` says
    """The JSON value.

    A byte order mark is left out.  Raises ValueError that says what is wrong, with the key that an
    object has twice.
    """
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        value = msgspec.json.decode(text, type=type_)
        json.loads(text, object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"is not UTF-8 from byte {error.start} on; send the JSON in UTF-8"
        ) from error
    except RecursionError as error:
        raise ValueError("is nested too deeply; send lists and objects in fewer levels") from error
    except msgspec.DecodeError as error:
        said = _NO_PLACE.sub("", str(error))
        raise ValueError(f"is not JSON that can be used: {said}") from error
    return value


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Check the keys of one object; what it holds is not needed."""
    if len({key for key, _ in pairs}) == len(pairs):
        return
    seen = set[str]()
    for key, _ in pairs:
        if key in seen:
            raise ValueError(f"has the key {key[:80]!r} twice in one object; give each key once")
        seen.add(key)
