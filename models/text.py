"""Text into words: the one cleaning that learning and answering share.

A word here is a stem: lower case, accents folded, at least two letters, Porter2-stemmed,
and neither a stop word nor one of the words that every notice uses.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import Stemmer

_WORD = re.compile(r"[a-z][a-z]+")
_MARKUP = re.compile(
    r"<[^>]{0,200}>|https?://\S+|www\.\S+|[^\s@]{1,64}@\S+|\[(?:supplier|e-mail)\]"
)
_BOILERPLATE = re.compile(
    r"this is an? (?:contract )?award notice[^.\n]{0,120}[.\n]?"
    r"|this opportunity has been distributed on \S+"
    r"|for (?:more|further) information about this opportunity[^.]{0,200}\.?"
    r"|please (?:note|see|refer|visit|register)[^.]{0,160}\."
    r"|to (?:register|access|express)[^.]{0,120}(?:portal|website|system)[^.]{0,80}\."
    r"|suppliers (?:wishing|interested)[^.]{0,200}\."
    r"|\bcontract (?:award )?notice\b|\baward notice\b"
    r"|-\s*award(?:ed)?\s*$",
    re.IGNORECASE | re.MULTILINE,
)

_MARKUP_SIGNS = ("<", "http", "www.", "@", "[")
_BOILERPLATE_SIGNS = (
    *("award", "notice", "opportunity", "please", "suppliers"),
    *("to register", "to access", "to express"),
)
"""A text in ASCII without any of these holds none of the above: looking is quicker."""

_STOP = frozenset(Path(__file__).with_name("stopwords.txt").read_text().split())

_stemmer = Stemmer.Stemmer("english", 50_000)


def clean(text: str) -> str:
    """`text` without markup, addresses, notice boilerplate or accents, in lower case."""
    text = html.unescape(text)
    if any(sign in text for sign in _MARKUP_SIGNS):
        text = _MARKUP.sub(" ", text)
    lower = text.lower()
    if not text.isascii() or any(sign in lower for sign in _BOILERPLATE_SIGNS):
        text = _BOILERPLATE.sub(" ", text)
    folded = unicodedata.normalize("NFKD", text) if not text.isascii() else text
    return folded.encode("ascii", "ignore").decode().lower()


def words(text: str) -> list[str]:
    """The stems of `text`, in order, with repeats.

    >>> words("THIS IS AN AWARD NOTICE. Home-to-school transport for the Borough's children")
    ['home', 'school', 'transport', 'children']
    """
    found = [w for w in _WORD.findall(clean(text)) if w not in _STOP]
    stems: list[str] = _stemmer.stemWords(found)
    return stems


def counts(texts: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Stem → weighted count over `(text, weight)` pairs."""
    total: dict[str, float] = {}
    for text, weight in texts:
        for stem in words(text):
            total[stem] = total.get(stem, 0.0) + weight
    return total


def spellings(text: str, stems: Iterable[str]) -> dict[str, str]:
    """For each of `stems` that `text` holds: the first word that it stands for there."""
    wanted = set(stems)
    spelt = dict.fromkeys(w for w in _WORD.findall(clean(text)) if w not in _STOP)
    found: dict[str, str] = {}
    for word, stem in zip(spelt, _stemmer.stemWords(list(spelt)), strict=True):
        if stem in wanted:
            found.setdefault(stem, word)
    return found


def plain(text: str) -> str:
    """Words in lower case without accents or punctuation, joined by single blanks.

    >>> plain("Rhondda Cynon Tâf County-Borough  Council")
    'rhondda cynon taf county borough council'
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", folded.lower()))
