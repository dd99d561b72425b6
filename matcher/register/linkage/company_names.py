"""The full names of companies: no two companies may have one name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from matcher.register.linkage import name_similarity
from matcher.register.linkage.after_forms import BRACKET, up_to_form, without_bracket
from matcher.register.linkage.reading import RARITY, Read, read
from matcher.register.linkage.relations import (
    IDENTIFIES,
    NAMESAKE,
    UNIQUE_FORMS,
    Relation,
    relation,
)
from matcher.register.linkage.respelling import respelt
from matcher.register.linkage.similar_words import HISSING, word_similarity
from matcher.register.linkage.spelling import (
    BRITISH,
    CACHED,
    FOREIGN,
    abbreviated,
    plain,
    without_form,
    words_and_forms,
)

_TELLS_LITTLE = 0.5
"""A name whose words have less rarity than this together, such as "Group Ltd", tells little."""
_BRACKETS = re.compile(r"\([^()]*\)?")
_MISSPELT = 0.75
"""Two words of companies' names from this similarity on may be one, misspelt."""
_LONG = 10
"""Letters of a name from which on a "the" at its start is left out, though no space follows it."""
_TELLING = 0.88
"""The rarity of a company's words from which on its name without the legal form is its own."""
_MOSTLY = 0.8
"""The share of the records of a name whose legal form is the company's: others are mistyped."""
_SHORT_FORMS = ("cic", "llp", "ltd", "plc")
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {key: (row, at) for row, keys in enumerate(_KEYBOARD) for at, key in enumerate(keys)}
_SHORTEST_PLURAL = 4
_VOWELS = frozenset("aeiouy")
ABROAD = "abroad"
"""The form of a company with a legal form of another country, in place of its class."""
_NO_WORDS = frozenset[str]()
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

    A town, an address or a department after the legal form is no part of the name.

    >>> [full.key for full in full_names("Jones Cars Ltd T/A Castle Cars")]
    ['jonecar']
    >>> full_names("Jones Cars Ltd Walsall") == full_names("Jones Cars Ltd")
    True
    """
    if "(" in name:
        name = BRACKET.sub(without_bracket, name)
    first, *others = tuple(map(up_to_form, name_similarity.parts(name))) or ("",)
    found = (
        FullName(_company_key(part), ABROAD if read(part).from_abroad else form, part)
        for part in (first, *(other for other in others if not _abbreviation(first, other)))
        for form in sorted(UNIQUE_FORMS & read(part).forms)
        if any(len(word) > 2 for word in words_and_forms(part)[1])
    )
    return tuple(full for full in found if full.key)


def keys_of(full: FullName) -> set[str]:
    """The keys of a company's full name; two names with one are of one company.

    A company keeps its number when it becomes public or a community interest company, so these
    forms count as one; those of other countries are another.  Letters as they are written count
    too, however words are divided.

    >>> keys_of(*full_names("Made Tech Ltd")).isdisjoint(keys_of(*full_names("Madetech PLC")))
    False
    """
    form = full.form if full.form in ("partnership", ABROAD) else "company"
    letters = "".join(_words_of(full.written))
    return {f"{key} {form}" for key in (full.key, letters) if key}


@lru_cache(CACHED)
def _words_of(part: str) -> tuple[str, ...]:
    """The plain words of a company's name without its legal form, unless they tell little."""
    text = plain(part)
    if read(part).total < _TELLS_LITTLE:
        return (text.replace(" ", ""),)
    words = text.split()
    foreign = _NO_WORDS if BRITISH.isdisjoint(words) or FOREIGN.isdisjoint(words) else FOREIGN
    return without_form(text, foreign)[0]


@lru_cache(CACHED)
def meant_names(name: str) -> tuple[FullName, ...]:
    """The company's full name that is meant where its short legal form has one typing error.

    Such a word may be an abbreviation, so a name of another organisation has to say the same.  One
    that many names have, or that is read as other words, is no error.

    >>> meant_names("Kestrelfold Lifts Lrd") == full_names("kestrelfold lifts ltd")
    True
    """
    first = (*name_similarity.parts(name), "")[0]
    *words, last = plain(first).split() or [""]
    is_word = last in RARITY or respelt((last,)) != (last,)
    if len(words) < 2 or is_word or read(first).plain_forms:
        return ()
    meant = [form for form in _SHORT_FORMS if _is_slip(last, form)]
    return full_names(" ".join((*words, *meant))) if len(meant) == 1 else ()


def _is_slip(word: str, form: str) -> bool:
    """Whether a word is a legal form with a typing error.

    One letter is added, two are exchanged, or one is that of a key beside the right one.  Two
    letters, or three with another letter, are rather initials.

    >>> [_is_slip(word, "plc") for word in ("plcc", "lpc", "olc", "tlc", "pc")]
    [True, True, True, False, False]
    """
    if len(word) < len(form) or OSA.distance(word, form, score_cutoff=1) != 1:
        return False
    other = [(one, right) for one, right in zip(word, form, strict=False) if one != right]
    return len(word) > len(form) or len(other) == 2 or _are_near(*other[0])


def _are_near(one: str, other: str) -> bool:
    (row, at), (other_row, other_at) = (_KEYS.get(key, (9, 9)) for key in (one, other))
    return abs(row - other_row) <= 1 and abs(at - other_at) <= 1


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


def name_before_trading(name: str) -> tuple[FullName, ...]:
    """The name before "trading as" in a written `name`, where it has no legal form.

    >>> [name.key for name in name_before_trading("Kestrel Heron Group trading as Quickmeals")]
    ['kestrelherongroup']
    """
    first, *others = name_similarity.parts(name) or ("",)
    if not others or full_names(first) or abbreviated(name):
        return ()
    return (FullName(_company_key(first), "", first),)


def _abbreviation(name: str, other: str) -> str:
    """The plain `other` name without its legal form, if it abbreviates `name`; or ''."""
    short = name_key(other)
    return short if abbreviated(f"{name} ({short})") else ""


def _company_key(part: str) -> str:
    """The letters of a company's name, words in the singular.

    With the legal form where the rest tells little.

    >>> _company_key("The Kestrelfold Two Ltd") == _company_key("TheKestrelfoldTwo Limited")
    True
    """
    if read(part).total < _TELLS_LITTLE:
        return plain(part).replace(" ", "")
    words = map(_singular, respelt(_words_of(part)))
    letters = "".join(_IN_WORDS.get(word, word) for word in words)
    return letters.removeprefix("the") if len(letters) >= _LONG else letters


def _singular(word: str) -> str:
    """The word without the "s", "es" or "ies" of a plural at its end.

    A word without a vowel, or of fewer than four letters, is left: it may be initials.

    >>> [_singular(word) for word in ("cars", "glass", "dbrs", "mds", "coaches", "charities")]
    ['car', 'glass', 'dbrs', 'mds', 'coach', 'charity']
    """
    if len(word) < _SHORTEST_PLURAL or word[-1] != "s" or word[-2] == "s":
        return word
    if word.endswith("ies") and (one := f"{word[:-3]}y") in RARITY:
        return one
    if word.endswith("es") and word[:-2].endswith(HISSING):
        return word[:-2]
    return word if _VOWELS.isdisjoint(word[:-1]) else word[:-1]


def most_common_form(names: Iterable[str]) -> str | None:
    """The legal form that nearly all spellings of one name have, "" where none has one.

    None where the name is not one organisation's, wherever its records are.
    """
    written = list(names)
    counts = Counter(form for name in written for form in forms(name))
    if not counts:
        return "" if written and all(map(name_similarity.telling, written)) else None
    (form, held), *_ = counts.most_common(1)
    if len({full.key for name in written for full in full_names(name)}) > 1:
        return None
    if held < _MOSTLY * counts.total() or read(written[0]).total < _TELLING:
        return None
    return form


def forms(name: str) -> set[str]:
    """The classes of the legal forms of the full names of companies in a written `name`."""
    return {full.form for full in full_names(name)}


def of_one_company(a: Iterable[FullName], b: Iterable[FullName]) -> bool:
    """Whether the names of two groups of records may be those of one company.

    They may where one of them has no full name, or where two full names differ in spelling only.
    """
    some, others = tuple(a), tuple(b)
    if not some or not others:
        return True
    one, other = ({(full.key, full.form == ABROAD) for full in group} for group in (some, others))
    if not one.isdisjoint(other):
        return True
    return any(_one_spelling(*sorted((x.written, y.written))) for x in some for y in others)


@lru_cache(CACHED)
def _one_spelling(a: str, b: str) -> bool:
    found = relation(a, b)
    if found is not None and found != Relation(NAMESAKE):
        return False
    alike = found is None and name_similarity.similarity(a, b) >= name_similarity.SAME
    return alike or misspelt(a, b)


@lru_cache(CACHED)
def misspelt(a: str, b: str) -> bool:
    """Whether two full names of companies differ in the letters of one uncommon word alone.

    Or in those of the legal form: `meant_names`.

    One of them may lack its legal form where the other words tell much, or the word ends in "s".

    >>> misspelt("Kestrelfold Plc", "Kestrefold PLC"), misspelt("Kestrelfold Plc", "Kestrelfold")
    (True, False)
    >>> misspelt("Kestrelfold Plc", "Kestrelfolds"), misspelt("Kestrelfold Plc", "Kestrefold")
    (True, False)
    """
    if _says_what_is_meant(a, b) or _says_what_is_meant(b, a):
        return True
    first, second = read(a), read(b)
    left_a, left_b = (
        first.weights.keys() - second.weights.keys(),
        second.weights.keys() - first.weights.keys(),
    )
    forms_a, forms_b = UNIQUE_FORMS & first.forms, UNIQUE_FORMS & second.forms
    if len(left_a) != 1 or len(left_b) != 1 or not forms_a | forms_b:
        return False
    (one,), (other,) = left_a, left_b
    if {one, other} <= RARITY.keys() or word_similarity(one, other) < _MISSPELT:
        return False
    if not forms_a.isdisjoint(forms_b):
        return True
    shared = first.weights.keys() & second.weights.keys()
    known = sum(first.weights[word] for word in shared) >= IDENTIFIES
    return not (forms_a and forms_b) and (known or f"{one}s" == other or f"{other}s" == one)


def _says_what_is_meant(full: str, mistyped: str) -> bool:
    meant = {key for name in meant_names(mistyped) for key in keys_of(name)}
    return any(not meant.isdisjoint(keys_of(name)) for name in full_names(full)) if meant else False


@lru_cache(CACHED)
def begins(a: str, b: str) -> int:
    """1 where `b` begins with all words of `a`, which has no legal form; 2 where `a` with `b`'s.

    So it does where it has them around a bracket: "William (Bill) Kestrelfold".

    >>> begins("Kestrelfold", "Kestrelfold Fire Doors Ltd"), begins("Kestrel", "Kestrel Ltd")
    (1, 0)
    """
    first, second = read(a), read(b)
    return 1 if _begins(first, second) else 2 if _begins(second, first) else 0


def _begins(short: Read, name: Read) -> bool:
    if short.parts or not short.words or not UNIQUE_FORMS.isdisjoint(short.forms):
        return False
    size = len(short.words)
    if "(" in name.name and read(_BRACKETS.sub(" ", name.name)).words == short.words:
        return True
    return any(
        len(part.words) > size and part.words[:size] == short.words
        for part in name.parts or (name,)
    )
