"""How similar two words are, and how a word sounds."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from matcher.register.linkage.reading import PLACES, RARITY

_SOUNDS = [
    (re.compile(pattern), to)
    for pattern, to in (
        (r"sch|tch|shch|sh|sz|zh|ch|cz|ts|tz|c(?=[eiy])", "s"),
        (r"kh|gh", "h"), (r"ph", "f"), (r"ck|qu|q|c", "k"), (r"x", "ks"), (r"w", "v"),
        (r"ae|oe|ue", "e"), (r"ou", "u"), (r"iy|yy|yi|ij|[yj]", "i"), (r"z", "s"),
        (r"(.)\1+", r"\1"), (r"(?<=.)h", ""), (r"i+", "i"),
    )
]  # fmt: skip
_FIRST_LETTER = 0.6
_PLURAL = 0.9
SOUNDS_SAME = 0.9
_BEGINS = 0.5  # similarity of a word of four letters or more and one that begins with it
_MOST_EXTRA = 4  # letters
HISSING = ("ch", "sh", "ss", "x")
"""How words end whose plural ends in "es"."""
_OTHER_START = 0.75  # factor where two words differ in their first letter
_EDIT = 1.2  # similarity lost by an edit, as a multiple of 1 / the letters of the word


@lru_cache(1 << 16)
def sounds(word: str) -> str:
    """`word` without the differences of transliteration and of common misspellings."""
    for pattern, to in _SOUNDS:
        word = pattern.sub(to, word)
    return word


def word_similarity(a: str, b: str) -> float:
    """1 less a part for each edit between two words; 0 for two places or too many edits."""
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    extra = len(long) - len(short)
    if extra > _MOST_EXTRA or a.isdigit() or b.isdigit():
        return 0.0
    if len(short) < 3 or (a in PLACES and b in PLACES):
        return _FIRST_LETTER if len(short) == 1 and short == long[0] else 0.0
    if is_plural(long, short):
        return _PLURAL
    similar = max(0.0, _edited(short, long, extra))
    if len(short) >= 5 and similar < SOUNDS_SAME and sounds(short) == sounds(long):
        return SOUNDS_SAME
    if not similar and len(short) >= 4 and extra >= 2 and long.startswith(short):
        return _BEGINS
    return similar


def is_plural(word: str, of: str) -> bool:
    """Whether `word` is the plural of another; "ies" only that of a common word.

    >>> is_plural("cars", "car"), is_plural("coaches", "coach"), is_plural("charities", "charity")
    (True, True, True)
    >>> is_plural("davies", "davy")
    False
    """
    if word == f"{of[:-1]}ies":
        return of[-1] == "y" and of in RARITY
    return word == f"{of}s" or (word == f"{of}es" and of.endswith(HISSING))


def _edited(short: str, long: str, extra: int) -> float:
    """1 less a part for each edit, further reduced where the first letters differ; or 0."""
    most = (len(short) >= 5) + (len(short) >= 8) + (len(short) >= 12)
    if extra > most or not most:
        return 0.0
    edits = OSA.distance(short, long, score_cutoff=most)
    similar = 1 - _EDIT * edits / len(short) if edits <= most else 0.0
    return similar if short[0] == long[0] else similar * _OTHER_START
