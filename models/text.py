"""Splits text into words, in the same way for training and ranking.

A word here is a stem: lower case, without accents, at least two letters, Porter2-stemmed. Stop
words and words that every notice uses are left out.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase

import Stemmer

_MARKUP = {
    "<": r"<[^>]{0,200}>",
    "http": r"https?://\S+",
    "www.": r"www\.\S+",
    "@": r"[^\s@]{1,64}@\S+",
    "[": r"\[(?:supplier|e-mail)\]",
}
_BOILERPLATE = {
    "this is a": r"this is an? (?:contract )?award notice[^.\n]{0,120}[.\n]?",
    "this opportunity has": r"this opportunity has been distributed on \S+",
    "information about this opportunity": (
        r"for (?:more|further) information about this opportunity[^.]{0,200}\.?"
    ),
    "please ": r"please (?:note|see|refer|visit|register)[^.]{0,160}\.",
    "to register": r"to register[^.]{0,120}(?:portal|website|system)[^.]{0,80}\.",
    "to access": r"to access[^.]{0,120}(?:portal|website|system)[^.]{0,80}\.",
    "to express": r"to express[^.]{0,120}(?:portal|website|system)[^.]{0,80}\.",
    "suppliers ": r"suppliers (?:wishing|interested)[^.]{0,200}\.",
    "contract notice": r"\bcontract notice\b",
    "award notice": r"\b(?:contract )?award notice\b",
    "award": r"-\s*award(?:ed)?\s*$",
}
"""Boilerplate patterns, each by a substring that it always contains, for a quick check."""

_LETTERS = bytes(c if chr(c) in ascii_lowercase else ord(" ") for c in range(256))
"""A translation of each byte that is not a lower-case letter to a space."""

_STOP_WORDS = frozenset(Path(__file__).with_name("stopwords.txt").read_text().split()).union(
    ascii_lowercase
)
"""Stop words and single letters."""

WORD = re.compile(r"[^\W\d_]+")
"""A word as it is written, in any script."""
_WORD = re.compile("[a-z]+")

_MAX_CACHED = 50_000
"""The number of stems to cache, because stemming is the slowest step."""

_stemmer = Stemmer.Stemmer("english", 0)


def clean(text: str) -> str:
    """`text` without markup, addresses, notice boilerplate or accents, in lower case."""
    cleaned = _without(_MARKUP, html.unescape(text)).lower()
    cleaned = _without(_BOILERPLATE, cleaned)
    if cleaned.isascii():
        return cleaned
    return unicodedata.normalize("NFKD", cleaned).encode("ascii", "ignore").decode().lower()


def _without(patterns: Mapping[str, str], text: str) -> str:
    """`text` with a space in place of each match of a pattern, by a substring of the match."""
    possible = tuple(filter(text.__contains__, patterns))
    return _any_of(tuple(map(patterns.__getitem__, possible))).sub(" ", text) if possible else text


@lru_cache(256)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.MULTILINE)


def _letter_runs(text: str) -> list[str]:
    """The runs of letters of `text`, in lower case and without accents, in order, with repeats."""
    return text.encode().translate(_LETTERS).decode().split()


class _Stems(dict[str, str]):
    """A cache from a run of letters to its stem, '' for a stop word; emptied when it is full."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _MAX_CACHED:
            self.clear()
        stem = "" if word in _STOP_WORDS else str(_stemmer.stemWord(word))
        self[word] = stem
        return stem


_stem = _Stems().__getitem__


def words(text: str) -> list[str]:
    """The stems of `text`, in order, with repeats.

    >>> words("THIS IS AN AWARD NOTICE. Home-to-school transport for the Borough's children")
    ['home', 'school', 'transport', 'children']
    """
    return list(filter(None, map(_stem, _letter_runs(clean(text)))))


@lru_cache(_MAX_CACHED)
def stem(word: str) -> str:
    """The first stem of one word, '' where it has none.

    >>> stem("Children"), stem("the")
    ('children', '')
    """
    if word.isascii() and word.isalpha():  # nothing to clean
        return _stem(word.lower())
    return next(iter(words(word)), "")


@lru_cache(1 << 14)
def stems(phrase: str) -> tuple[str, ...]:
    """The stems of a word or a short phrase, as `words` gives them; the latest are kept.

    >>> stems("Tail-lifts")
    ('tail', 'lift')
    """
    return tuple(words(phrase))


def without(text: str, dropped: Container[str]) -> str:
    """`text` once clean, on one line, without the words whose stems are `dropped`.

    >>> without("Grass cutting in Leeds,  and verges", {"leed"})
    'grass cutting in , and verges'
    """

    def kept(match: re.Match[str]) -> str:
        word = match.group()
        return " " if _stem(word) in dropped else word

    return " ".join(_WORD.sub(kept, clean(text)).split())


def counts(texts: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The weighted count of each stem over `(text, weight)` pairs."""
    total: dict[str, float] = {}
    for text, weight in texts:
        for stem in words(text):
            total[stem] = total.get(stem, 0.0) + weight
    return total


def stems_as_written(text: str) -> list[str]:
    """The stem of each match of `WORD` in `text`, of which nothing is cleaned; '' if it has none.

    >>> stems_as_written("Cleaning of the Café")
    ['clean', '', '', 'cafe']
    """
    if text.isascii():
        return list(map(_stem, _letter_runs(text.lower())))
    return list(map(stem, WORD.findall(text)))


def spellings(text: str, stems: Container[str]) -> dict[str, str]:
    """The first word in `text` with each of `stems`, in the order of the text."""
    runs = _letter_runs(clean(text))
    own = list(map(_stem, runs))
    shared = set(filter(stems.__contains__, own))
    return {own[at]: runs[at] for at in sorted(map(own.index, shared))}


def phrases(text: str) -> dict[str, int]:
    """The count of each word, number and pair of neighbours in `text`.

    Words are not stemmed, and stop words are kept.

    >>> phrases("Lot 7: the Lot")
    {'lot': 2, '7': 1, 'the': 1, 'lot 7': 1, '7 the': 1, 'the lot': 1}
    """
    tokens = plain(text).split()
    pairs = (f"{one} {next_}" for one, next_ in pairwise(tokens))
    return dict(Counter([*tokens, *pairs]))


def plain(text: str) -> str:
    """Words in lower case without accents or punctuation, separated by single spaces.

    >>> plain("Rhondda Cynon Tâf County-Borough  Council")
    'rhondda cynon taf county borough council'
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", folded.lower()))
