"""Text into words: the one cleaning that learning and answering share.

A word here is a stem: lower case, accents folded, at least two letters, Porter2-stemmed,
and neither a stop word nor one of the words that every notice uses.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase

import Stemmer

_MARKUP = (
    ("<", r"<[^>]{0,200}>"),
    ("http", r"https?://\S+"),
    ("www.", r"www\.\S+"),
    ("@", r"[^\s@]{1,64}@\S+"),
    ("[", r"\[(?:supplier|e-mail)\]"),
)
_BOILERPLATE = (
    ("this is a", r"this is an? (?:contract )?award notice[^.\n]{0,120}[.\n]?"),
    ("this opportunity has", r"this opportunity has been distributed on \S+"),
    (
        "information about this opportunity",
        r"for (?:more|further) information about this opportunity[^.]{0,200}\.?",
    ),
    ("please ", r"please (?:note|see|refer|visit|register)[^.]{0,160}\."),
    ("to register", r"to register[^.]{0,120}(?:portal|website|system)[^.]{0,80}\."),
    ("to access", r"to access[^.]{0,120}(?:portal|website|system)[^.]{0,80}\."),
    ("to express", r"to express[^.]{0,120}(?:portal|website|system)[^.]{0,80}\."),
    ("suppliers ", r"suppliers (?:wishing|interested)[^.]{0,200}\."),
    ("contract notice", r"\bcontract notice\b"),
    ("award notice", r"\b(?:contract )?award notice\b"),
    ("award", r"-\s*award(?:ed)?\s*$"),
)
"""What is not heard, each with letters that it cannot do without: looking for them is quicker."""

_LETTERS = bytes(c if chr(c) in ascii_lowercase else ord(" ") for c in range(256))
"""Turns each byte that is not a lower-case letter into a blank."""

_UNHEARD = frozenset(Path(__file__).with_name("stopwords.txt").read_text().split()).union(
    ascii_lowercase
)
"""Stop words and single letters."""

_REMEMBERED = 50_000
"""Words whose stems are kept at hand: stemming takes longer than all else."""

_stemmer = Stemmer.Stemmer("english", 0)


def clean(text: str) -> str:
    """`text` without markup, addresses, notice boilerplate or accents, in lower case."""
    said = _without(_MARKUP, html.unescape(text)).lower()
    said = _without(_BOILERPLATE, said)
    if said.isascii():
        return said
    return unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode().lower()


def _without(unwanted: Sequence[tuple[str, str]], text: str) -> str:
    """`text` with a blank for each stretch that fits one of the unwanted patterns."""
    possible = tuple([pattern for sign, pattern in unwanted if sign in text])
    return _any_of(possible).sub(" ", text) if possible else text


@lru_cache(256)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.MULTILINE)


def _spelt(text: str) -> list[str]:
    """The runs of letters in `text` once clean, in order, with repeats."""
    return clean(text).encode().translate(_LETTERS).decode().split()


class _Stems(dict[str, str]):
    """Run of letters → its stem, '' where it is not heard; forgets all when it holds too many."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        stem = "" if word in _UNHEARD else str(_stemmer.stemWord(word))
        self[word] = stem
        return stem


_stem = _Stems().__getitem__


def words(text: str) -> list[str]:
    """The stems of `text`, in order, with repeats.

    >>> words("THIS IS AN AWARD NOTICE. Home-to-school transport for the Borough's children")
    ['home', 'school', 'transport', 'children']
    """
    return list(filter(None, map(_stem, _spelt(text))))


def counts(texts: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Stem → weighted count over `(text, weight)` pairs."""
    total: dict[str, float] = {}
    for text, weight in texts:
        for stem in words(text):
            total[stem] = total.get(stem, 0.0) + weight
    return total


def spellings(text: str, stems: Iterable[str]) -> dict[str, str]:
    """For each of `stems` that `text` holds, in its order: the first word that stands for it."""
    said = _spelt(text)
    of = list(map(_stem, said))
    first = sorted(map(of.index, set(of).intersection(stems)))
    return {of[at]: said[at] for at in first}


def phrases(text: str) -> dict[str, int]:
    """Each word or number of `text` and each two neighbours, and how often they are there.

    Word for word: nothing is stemmed or unheard.

    >>> phrases("Lot 7: the Lot")
    {'lot': 2, '7': 1, 'the': 1, 'lot 7': 1, '7 the': 1, 'the lot': 1}
    """
    said = plain(text).split()
    pairs = (f"{one} {next_}" for one, next_ in pairwise(said))
    return dict(Counter([*said, *pairs]))


def plain(text: str) -> str:
    """Words in lower case without accents or punctuation, joined by single blanks.

    >>> plain("Rhondda Cynon Tâf County-Borough  Council")
    'rhondda cynon taf county borough council'
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", folded.lower()))
