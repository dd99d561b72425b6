"""Words that tell two bodies with similar names apart: north and south, old and new."""

from __future__ import annotations

from collections.abc import Iterable, Set

from matcher.register.linkage.names_table import TABLE

_SENSES: dict[str, frozenset[tuple[str, int]]] = {
    word: frozenset({(kind, at)})
    for kind, senses in TABLE["opposites"].items()
    for at, sense in enumerate(senses)
    for word in sense.split()
}
"""Word → which list of opposites it is in, and its place there."""
for _first in ("north", "south"):
    for _second in ("east", "west"):
        for _word in (f"{_first}{_second}", f"{_first[0]}{_second[0]}"):
            _SENSES[_word] = _SENSES[_first] | _SENSES[_second]


def opposed(a: Set[str], b: Set[str]) -> bool:
    """Whether the words of two names have opposites, so that they are of two bodies.

    A name may have more than the other, "north east" and "east".

    >>> opposed({"kestrel", "north"}, {"kestrel", "south"}), opposed({"north"}, {"northern"})
    (True, False)
    >>> opposed({"north", "east"}, {"northwest"}), opposed({"north", "east"}, {"east"})
    (True, False)
    """
    if _SENSES.keys().isdisjoint(a) or _SENSES.keys().isdisjoint(b):
        return False
    only_a, only_b = _senses(a - b) - _senses(b), _senses(b - a) - _senses(a)
    return not {kind for kind, _ in only_a}.isdisjoint(kind for kind, _ in only_b)


def _senses(words: Iterable[str]) -> set[tuple[str, int]]:
    return {sense for word in words for sense in _SENSES.get(word, ())}
