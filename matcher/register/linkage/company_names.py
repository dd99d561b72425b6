"""The full names of companies: no two companies may have one name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from matcher.register.linkage import name_similarity
from matcher.register.linkage.comparisons import RARITY, read, word_similarity
from matcher.register.linkage.relations import UNIQUE_FORMS, relation
from matcher.register.linkage.spelling import (
    BRITISH,
    CACHED,
    FOREIGN,
    abbreviated,
    plain,
    respelt,
    without_form,
    words_and_forms,
)

_TELLS_LITTLE = 0.5
"""A name whose words have less rarity than this together, such as "Group Ltd", tells little."""
_FORM_INSIDE = re.compile(r"(?<=\w)[ ,]+(?:ltd|limited|llp|plc|cic)\b\.?", re.IGNORECASE)
_PART_OF_FORM = frozenset({"", "and", "by", "company", "liability", "partnership"})
"""Words after which "Limited" is a part of the name or of a longer legal form."""
_MISSPELT = 0.75
"""Two words of companies' names from this similarity on may be one, misspelt."""
_LONG = 10
"""Letters of a name from which on a "the" at its start is left out, though no space follows it."""
_IN_WORDS = {
    "1": "one", "2": "two", "3": "three", "4": "four", "5": "five",
    "6": "six", "7": "seven", "8": "eight", "9": "nine",
}  # fmt: skip
"""A digit → how a company's name writes it where it is joined to another word."""


class FullName(NamedTuple):
    """A name of a company: `key` is its letters, `form` the class of its legal form.

    An abbreviation that a name gives of itself has no `form`.
    """

    key: str
    form: str
    written: str


def name_key(name: str) -> str:
    """The letters and digits of the normalised `name`.

    >>> name_key("The Big Word Ltd") == name_key("Big-Word Limited")
    True
    """
    return name_similarity.normalise(name).replace(" ", "")


@lru_cache(CACHED)
def full_names(name: str) -> tuple[FullName, ...]:
    """The full names of companies in a written `name`, such as that before "trading as".

    What follows the legal form is no part of the name.

    >>> [full.key for full in full_names("Jones Cars Ltd T/A Castle Cars")]
    ['jonecar']
    >>> full_names("Jones Cars Ltd Walsall") == full_names("Jones Cars Ltd")
    True
    """
    first, *others = tuple(map(_up_to_form, name_similarity.parts(name))) or ("",)
    found = (
        FullName(_company_key(part), form, part)
        for part in (first, *(other for other in others if not _abbreviation(first, other)))
        for form in sorted(UNIQUE_FORMS & read(part).forms)
        if any(len(word) > 2 for word in words_and_forms(part)[1])
    )
    return tuple(full for full in found if full.key)


def short_names(name: str) -> tuple[FullName, ...]:
    """The abbreviations in brackets of a company's full name in a written `name`.

    >>> [short.key for short in short_names("Kestrel Heron Bus Company Ltd (KHBC)")]
    ['khbc']
    """
    if "(" not in name or not full_names(name):
        return ()
    first, *others = name_similarity.parts(name)
    given = filter(None, (_abbreviation(first, other) for other in others))
    return tuple(FullName(short, "", short) for short in given)


def _abbreviation(name: str, other: str) -> str:
    """The plain `other` name without its legal form, if it abbreviates `name`; or ''."""
    short = name_key(other)
    return short if abbreviated(f"{name} ({short})") else ""


def _up_to_form(part: str) -> str:
    """The name up to its legal form, without a town, an address or a department after it."""
    match = _FORM_INSIDE.search(part)
    rest = plain(part[match.end() :]) if match else ""
    if not match or rest.partition(" ")[0] in _PART_OF_FORM or without_form(f"x {rest}")[1]:
        return part
    return part[: match.end()]


def _company_key(part: str) -> str:
    """The letters of a company's name, words in the singular.

    With the legal form where the rest tells little.

    >>> _company_key("The Kestrelfold Two Ltd") == _company_key("TheKestrelfoldTwo Limited")
    True
    """
    if read(part).total < _TELLS_LITTLE:
        return plain(part).replace(" ", "")
    text = plain(part)
    foreign = frozenset[str]() if BRITISH.isdisjoint(text.split()) else FOREIGN
    words = (word.rstrip("s") or word for word in respelt(without_form(text, foreign)[0]))
    letters = "".join(_IN_WORDS.get(word, word) for word in words)
    return letters.removeprefix("the") if len(letters) >= _LONG else letters


def of_one_company(a: Iterable[FullName], b: Iterable[FullName]) -> bool:
    """Whether the names of two groups of records may be those of one company.

    They may where one of them has no full name, or where two full names differ in spelling only.
    """
    some, others = tuple(a), tuple(b)
    if not some or not others or not {x.key for x in some}.isdisjoint(y.key for y in others):
        return True
    return any(_one_spelling(*sorted((x.written, y.written))) for x in some for y in others)


@lru_cache(CACHED)
def _one_spelling(a: str, b: str) -> bool:
    if relation(a, b) is not None:
        return False
    return name_similarity.similarity(a, b) >= name_similarity.SAME or misspelt(a, b)


@lru_cache(CACHED)
def misspelt(a: str, b: str) -> bool:
    """Whether two full names of companies differ in the letters of one uncommon word alone.

    >>> misspelt("Kestrelfold Plc", "Kestrefold PLC"), misspelt("Kestrelfold Plc", "Kestrelfold")
    (True, False)
    """
    first, second = read(a), read(b)
    left_a, left_b = (
        first.weights.keys() - second.weights.keys(),
        second.weights.keys() - first.weights.keys(),
    )
    if len(left_a) != 1 or len(left_b) != 1 or UNIQUE_FORMS.isdisjoint(first.forms & second.forms):
        return False
    (one,), (other,) = left_a, left_b
    return not {one, other} <= RARITY.keys() and word_similarity(one, other) >= _MISSPELT
