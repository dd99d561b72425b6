"""First names as firms abbreviate them: "Wm Kestrel & Sons", "Geo. Kestrel"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from matcher.register.linkage.names_table import TABLE
from matcher.register.linkage.reading import RARITY, Read

_FULL: dict[str, str] = TABLE["first_names"]
_SURNAMES = frozenset(TABLE["surnames"])
_FAMILY = frozenset({"brothers", "son", "sons"})


def same_first_names(a: Read, b: Read) -> Iterator[tuple[str, str]]:
    """The words of `a` and `b` of which one abbreviates the other, a first name.

    A surname that both names have follows: "Geo Surveys" is not of a George.
    """
    if not _FULL.keys().isdisjoint(a.words):
        yield from _abbreviated(a, b)
    if not _FULL.keys().isdisjoint(b.words):
        yield from ((full, short) for short, full in _abbreviated(b, a))


def _abbreviated(short: Read, long: Read) -> Iterator[tuple[str, str]]:
    for word in _first_names(short):
        full = _FULL[word]
        if full in long.words and full not in short.words and word not in long.words:
            surname = _surname(short.words, word)
            if surname == _surname(long.words, full) and surname:
                yield word, full


def _first_names(name: Read) -> Iterator[str]:
    """The words of a name that abbreviate first names, as they are written.

    "WM Kestrel" has two initials, unless all of the name is in capitals.
    """
    for word in name.words:
        if word in _FULL:
            written = re.search(rf"\b{word}\b", name.name, re.IGNORECASE)
            if written and (len(word) > 2 or not written[0].isupper() or name.name.isupper()):
                yield word


def _surname(words: Sequence[str], first: str) -> str:
    """The surname after a first name and initials; '' where it may be another word."""
    after = [word for word in words[words.index(first) + 1 :] if len(word) > 1]
    if not after:
        return ""
    is_family = len(after) > 1 and after[1] in _FAMILY
    return after[0] if is_family or after[0] not in RARITY or after[0] in _SURNAMES else ""


def with_full_first_names(words: Collection[str]) -> str:
    """The letters of `words` with each abbreviated first name in full; '' where none is."""
    if _FULL.keys().isdisjoint(words):
        return ""
    return "".join([_FULL.get(word, word) for word in words])
