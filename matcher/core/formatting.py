"""Amounts, days and lists of names as text for people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

_PHRASES = 5
_OWN_JOIN = re.compile(r" (?:and|or|&) ")


def pounds(amount: float) -> str:
    """An amount of pounds: £207,720, or £207,719.99 where there are pence."""
    return f"£{amount:,.2f}".removesuffix(".00")


def count(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun.

    >>> count(1, "lot"), count(1200, "provider"), count(0, "body", "bodies")
    ('1 lot', '1,200 providers', '0 bodies')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def long_date(day: date) -> str:
    """A day as 4 February 2026."""
    return f"{day.day} {day:%B %Y}"


def month_name(month: int) -> str:
    """A month, counted as year * 12 + month - 1, as February 2026.

    >>> month_name(2026 * 12 + 1)
    'February 2026'
    """
    return f"{date(month // 12, month % 12 + 1, 1):%B %Y}"


def series(names: Iterable[str], word: str = "and") -> str:
    """Names as A, B and C.  Raises ValueError where there is none."""
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


def phrases(words: Iterable[str]) -> str:
    """The first five words and phrases, in quotes where one of them has an "and" of its own.

    >>> phrases(["day centres", "lunch"]), phrases(["food and drink", "lunch"])
    ('day centres and lunch', '“food and drink” and “lunch”')
    """
    shown = list(dict.fromkeys(words))[:_PHRASES]
    if len(shown) > 1 and any(_OWN_JOIN.search(each) for each in shown):
        shown = [f"“{each}”" for each in shown]
    return series(shown)


_SMALL_WORDS = frozenset(
    {
        *("a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to", "under"),
        *("upon", "with"),
    }
)
_SMALL_BETWEEN = _SMALL_WORDS - {"a"}
_SMALL_PARTS = _SMALL_WORDS | {"cum", "en", "la", "le", "next", "super", "y", "yr"}
"""Parts of a word with hyphens that stay small: 'Chester-le-Street'."""
_INITIALS = frozenset(
    {
        *("ABC", "ACAS", "CIC", "CIO", "EDF", "ESPO", "FE", "GB", "HE", "ICB", "II", "III", "IT"),
        *("IV", "NI", "RAF", "RNLI", "RSPCA", "UCL", "UK", "YMCA", "YPO", "YWCA"),
    }
)
"""Words in capitals with a vowel that stay so; those without a vowel do anyway."""
_SHORTENED = frozenset({"LTD", "ST", "DR", "MR", "MRS", "CWM"})
"""Words without a vowel that are no initials."""
_STRAY = " .,;:-–*"
_VOWELS = frozenset("AEIOUY")
_PART = re.compile(r"([-/.])")
"""Between parts of a word that begin with a capital each: 'LANARKSHIRE/AYRSHIRE', 'ST.HELENS'."""


@lru_cache(1 << 12)
def tidy_name(name: str) -> str:
    """A name of a body without stray marks at its ends; in mixed case where it is in capitals.

    Initials and words with a digit stay as they are.

    >>> tidy_name(".East Moss Council"), tidy_name("MOSS AND DALE NHS TRUST"), tidy_name("M4S LTD")
    ('East Moss Council', 'Moss and Dale NHS Trust', 'M4S Ltd')
    """
    name = " ".join(name.split()).strip(_STRAY)
    words = name.split()
    if not name.isupper():
        return " ".join(_small_between(words))
    if len(words) < 2:
        return name
    first, *others = words
    inner = [w.lower() if w.lower() in _SMALL_WORDS else _mixed_case(w) for w in others[:-1]]
    return " ".join([_mixed_case(first), *inner, _mixed_case(others[-1])])


def _small_between(words: Sequence[str]) -> list[str]:
    """The words, with 'Of' and 'And' between others in small letters: not 'A', nor the last."""
    last = len(words) - 1
    return [
        word.lower() if 0 < n < last and word.istitle() and word.lower() in _SMALL_BETWEEN else word
        for n, word in enumerate(words)
    ]


def _mixed_case(word: str) -> str:
    letters = word.strip("(),.&")
    plain = set(unicodedata.normalize("NFD", letters))
    initials = letters in _INITIALS or plain.isdisjoint(_VOWELS)
    if (initials and letters not in _SHORTENED) or any(map(str.isdigit, word)):
        return word
    first, *parts = _PART.split(word)
    return "".join(
        [_capital(first), *(p.lower() if p.lower() in _SMALL_PARTS else _capital(p) for p in parts)]
    )


def _capital(word: str) -> str:
    """A word in capitals in lower case, but for its first letter."""
    first = len(word) - len(word.lstrip("('")) + 1
    return word[:first] + word[first:].lower()
