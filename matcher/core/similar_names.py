"""What a person may have meant who wrote a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

_LONGEST = 60
MEANT = "did you mean"
"""Stands where a similar name is suggested."""
_NO_NAMES: Mapping[str, str] = {}


def unknown_name(
    name: str, known: Iterable[str], other_words: Mapping[str, str] = _NO_NAMES
) -> str:
    """Says that no field is called `name`, and which known field has the most similar name.

    `other_words` maps words that people use to the known name.

    >>> unknown_name("titel", ["title", "value"])
    'there is no such field; did you mean title?'
    >>> unknown_name("budget", ["title", "value"], {"budget": "value"})
    'there is no such field; did you mean value?'
    >>> unknown_name("colour", ["title", "value"])
    'there is no such field; give one of title, value'
    """
    names = list(known)
    lower = name[:_LONGEST].lower().replace("-", "_").replace(" ", "_")
    near = get_close_matches(lower, names, n=1, cutoff=0.7)
    meant = other_words.get(lower) or next(iter(near), "")
    way = f"{MEANT} {meant}?" if meant else f"give one of {', '.join(names)}"
    return f"there is no such field; {way}"
