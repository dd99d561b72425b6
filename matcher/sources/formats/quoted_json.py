"""Reads JSON that a program wrote as a text of JSON: in quotes, with its own quotes escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

_QUOTED = re.compile(r'[\s\ufeff]*+"(?:\s|\\[nrt])*+[\[{](?:\s|\\[nrt])*+(?:\\"|[\[{\]}])')
_WHOLE_SIGNS = re.compile(r'(?:[^"\\]|\\(?:u[0-9a-fA-F]{4}|[^u]))*+')
"""Signs of a text up to its end, or up to an escape that is cut."""
_BETWEEN = " \t\r\n,\ufeff"
"""What may stand between two texts."""
_OBJECTS = re.compile(r'\s*+(?:\[\s*+)?\{\s*+"')
"""How a text of JSON begins that holds an object or a list of objects."""


def whole_number(digits: str) -> int | float:
    """A whole number of JSON; infinity for one of more digits than Python reads.

    >>> whole_number("12"), whole_number("9" * 5000)
    (12, inf)
    """
    try:
        return int(digits)
    except ValueError:
        return float(digits)


_DECODER = json.JSONDecoder(strict=False, parse_int=whole_number)


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

    There may be several such texts, a line each.

    >>> list(unquoted(['"{\\"name\\": \\', '"Oak\\"}"', "\n"]))
    ['{"name": ', '"Oak"}', '\n']
    """
    pending, within, is_open = "", None, False
    for piece in pieces:
        within = is_quoted(piece) if within is None and piece.strip() else within
        if not within:
            yield piece
            continue
        pending += piece
        while pending:
            if is_open:
                whole = _WHOLE_SIGNS.match(pending)
                end = whole.end() if whole else 0
                if end:
                    yield json.loads(f'"{pending[:end]}"', strict=False)
                pending = pending[end:]
                if not pending.startswith('"'):
                    break
                pending, is_open = pending[1:], False
            else:
                between, quote, after = pending.partition('"')
                within = not between.strip(_BETWEEN)
                if between or not within:
                    yield between if within else pending
                pending, is_open = after if within else "", bool(quote)


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
