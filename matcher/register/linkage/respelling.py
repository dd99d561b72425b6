"""One spelling for the words of a name: abbreviations, numbers, other languages, councils."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from matcher.register.linkage.church_names import GAELIC_SAINT, of_churches, with_saints
from matcher.register.linkage.names_table import TABLE

_TENS: dict[str, int] = {word: int(number) for word, number in TABLE["tens"].items()}
_ORDINALS = {
    f"{number}{end}": str(number) for number in range(1, 100) for end in ("st", "nd", "rd", "th")
}
_SPELLING: dict[str, str] = {
    **TABLE["translations"],
    **TABLE["welsh"],
    **TABLE["same"],
    **_ORDINALS,
    **TABLE["numbers"],
}
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
"""Roman numerals that are no single letter, where they do not begin a name: "Fund II"."""
_WELSH = frozenset(TABLE["welsh"])
"""Words by which a name is known to be Welsh."""
_MUTATIONS = (
    *(("p", "b"), ("p", "ph"), ("p", "mh"), ("t", "d"), ("t", "th"), ("t", "nh")),
    *(("c", "g"), ("c", "ch"), ("c", "ngh"), ("b", "f"), ("b", "m"), ("d", "dd"), ("d", "n")),
    *(("g", ""), ("g", "ng"), ("m", "f"), ("ll", "l"), ("rh", "r")),
)
"""The first letters of a Welsh word, and those that it may have after another word."""
_COUNCIL_OF = re.compile(
    r"(?:council of )?(?:(?:london|royal|metropolitan) )?(borough) of ((?:\S+ ){0,4}\S+)"
)
_BOROUGH = re.compile(r"(.+) (?:london|royal|metropolitan) borough council")
"""No other council has the name of these with other words before "council"."""


def _mutated(word: str) -> Iterator[str]:
    """The forms of a Welsh word after another one: 'cymunedol' is 'gymunedol' after 'canolfan'."""
    digraph = word[:2] in ("ch", "dd", "ff", "ng", "ph", "th")
    for first, other in _MUTATIONS:
        if word.startswith(first) and not digraph:
            yield other + word[len(first) :]


_IN_WELSH = {
    **{form: english for word, english in TABLE["beside_welsh"].items() for form in _mutated(word)},
    **{form: english for word, english in TABLE["welsh"].items() for form in _mutated(word)},
    **TABLE["beside_welsh"],
    **_SPELLING,
}
"""What words mean in a Welsh name; alone, some are English words or names: 'tai', 'sir'."""


def respelt(words: Iterable[str]) -> tuple[str, ...]:
    """`words` with one spelling for each abbreviation, number and translation.

    >>> respelt(("canolfan", "gymunedol")), respelt(("twenty", "first", "century"))
    (('center', 'community'), ('21', 'century'))
    >>> respelt(("kestrel", "fund", "ii"))
    ('kestrel', 'fund', '2')
    """
    written = tuple(words)
    if len(written) > 2 and written[-1] == "i":
        written = (*written[:-1], "1")
    if "co" in written[1:]:
        written = tuple(" ".join(written).replace(" and co ", " and company ").split())
    if not _ROMAN.keys().isdisjoint(written[1:]):
        written = (written[0], *(_ROMAN.get(word, word) for word in written[1:]))
    written = of_churches(written)
    if not _WELSH.isdisjoint(written) or not GAELIC_SAINT.isdisjoint(written):
        written = with_saints(written)
    if not _TENS.keys().isdisjoint(written):
        written = tuple(_with_tens(written))
    if not _SPELLING.keys().isdisjoint(written):
        spelling = _SPELLING if _WELSH.isdisjoint(written) else _IN_WELSH
        written = tuple(" ".join([spelling.get(word, word) for word in written]).split())
    return _council(written) if "borough" in written else written


def _with_tens(words: tuple[str, ...]) -> Iterator[str]:
    """The words, with a number such as twenty, or twenty one, in digits."""
    at = 0
    while at < len(words):
        ten = _TENS.get(words[at])
        unit = TABLE["numbers"].get(words[at + 1], "") if ten and at + 1 < len(words) else ""
        is_one = len(unit) == 1
        yield str(ten + int(unit)) if ten and is_one else str(ten) if ten else words[at]
        at += 2 if ten and is_one else 1


def _council(words: tuple[str, ...]) -> tuple[str, ...]:
    """A council with its place first: that of 'borough of Kestrel' as 'Kestrel borough council'.

    The sort of a borough that is in London, royal or metropolitan is left out.
    """
    text = " ".join(words)
    if (named := _BOROUGH.fullmatch(text)) and " of " not in named[1]:
        return (*named[1].split(), "council")
    if found := _COUNCIL_OF.fullmatch(text):
        is_plain = found.start(1) in (0, len("council of "))
        sort = ("borough", "council") if is_plain else ("council",)
        return (*found[2].removesuffix(" council").split(), *sort)
    return words
