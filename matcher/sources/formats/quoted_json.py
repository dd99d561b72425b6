"""Reads JSON that a program wrote as a text of JSON: in quotes, with its own quotes escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

_QUOTED = re.compile(r'[\s\ufeff]*+"(?:\s|\\[nrt])*+[\[{](?:\s|\\[nrt])*+(?:\\"|[\[{\]}])')
_WHOLE_SIGNS = re.compile(r'(?:[^"\\]|\\(?:u[0-9a-fA-F]{4}|[^u]))*+')
"""Signs of a text up to its end, or up to an escape that is cut."""
_OBJECTS = re.compile(r'\s*+(?:\[\s*+)?\{\s*+"')
"""How a text of JSON begins that holds an object or a list of objects."""
_DECODER = json.JSONDecoder(strict=False)


def is_quoted(start: str) -> bool:
    r"""Whether a text that starts so is JSON within a text of JSON.

    >>> is_quoted('"[{\\"name\\": 1}]"'), is_quoted('"name","postcode"'), is_quoted('[{"name": 1}]')
    (True, False, False)
    """
    return bool(_QUOTED.match(start))


def without_quotes(text: str) -> str:
    """A whole text as `unquoted` gives it."""
    return "".join(unquoted([text])) if is_quoted(text) else text


def unquoted(pieces: Iterable[str]) -> Iterator[str]:
    r"""A text in pieces of any length; JSON that is quoted comes as it was before.

    >>> list(unquoted(['"{\\"name\\": \\', '"Oak\\"}"', "\n"]))
    ['{"name": ', '"Oak"}']
    """
    pending, within = "", None
    for piece in pieces:
        begins = within is None and bool(piece.strip())
        within = is_quoted(piece) if begins else within
        if not within:
            yield piece
            continue
        pending += piece.partition('"')[2] if begins else piece
        whole = _WHOLE_SIGNS.match(pending)
        end = whole.end() if whole else 0
        if end:
            yield json.loads(f'"{pending[:end]}"', strict=False)
        if pending[end : end + 1] == '"':
            return
        pending = pending[end:]


def held_in(part: object) -> object:
    """The object or the list of objects that a text of JSON holds; another part unchanged.

    >>> held_in('{"title": "Meals"}'), held_in("{Meals}")
    ({'title': 'Meals'}, '{Meals}')
    """
    if not isinstance(part, str) or not _OBJECTS.match(part):
        return part
    try:
        held: object = _DECODER.decode(part)
    except (ValueError, RecursionError):
        return part
    return held
