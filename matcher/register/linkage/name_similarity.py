"""Organisation names: how similar two of them are, and the keys to find them by.

A name is normalised to words: lower case, no accents, no punctuation, no legal form, one spelling
for each abbreviation.  A word weighs more the better it identifies an organisation ("services"
little, "beaumaris" much); the weights are written by hand in `names.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

from rapidfuzz.distance import OSA

SAME = 0.87
"""From this similarity on, two names at one place are taken to be of one organisation."""

_LONGEST = 200  # characters of a name that are read; the longest real names have about 160
_CACHED = 1 << 14  # names
_TABLE = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))
_PARTICLES = frozenset(_TABLE["particles"])
_BRANCH = frozenset(_TABLE["branch"])
_PLACES = frozenset(_TABLE["places"].split())
_SPELLING: dict[str, str] = _TABLE["same"] | _TABLE["numbers"]
_TIER: dict[str, float] = {
    _SPELLING.get(word, word): tier["weight"]
    for tier in reversed(_TABLE["tier"])
    for word in tier["words"].split()
}


def _any_of(phrases: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(phrases, key=len, reverse=True)) + ")"


_LEGAL = re.compile(rf"\b{_any_of(_TABLE['legal']['anywhere'])}\b")
_LEGAL_END = re.compile(rf"(?<=\w)(?: {_any_of(_TABLE['legal']['end'])}){{1,8}}$")
_LEGAL_START = re.compile(rf"^(?:{_any_of(_TABLE['legal']['start'])} )+(?=\w)")
_TRADING = re.compile(
    r"(?<!\w)(?:t/as?|t\.a\.|d/?b/?a|trading\s+(?:as|under)"
    r"|(?:also\s+|formerly\s+)?known\s+as|formerly)(?!\w)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ı": "i"})
_ELISION = re.compile(r"\b[ld]['’](?=\w{3})")  # l'avenir, d'exploitation
_JOINED = re.compile(r"['’`´\ufffd]|(?<=\b\w)\.(?=\w\b)")  # john's, c.i.c., a letter lost in coding
_SKIPPED = re.compile(r"(?<=.)[aeiouyhw]|(.)(?=\1)")  # letters that misspellings change
_WORD = re.compile(r"[^\W_]+")
_PAIR_OF_LETTERS = re.compile(r"\b([^\W\d]) and ([^\W\d])\b")
_LETTER_RUN = re.compile(r"\b[^\W\d](?: [^\W\d]\b)+")
_DIGITS = re.compile(r"\d+")

_BRANCH_WEIGHT = 0.05  # factor on the weight of words that only name a branch
_CONTAINED = 0.6  # share of the missing similarity that is added if one name contains the other
_ENOUGH = 1.1  # weight of shared words that identifies an organisation, about one rare word
_LEFT_ON_BOTH = 0.25  # share of the similarity lost if both names have other words as well
_OTHER_PLACE = 0.75
_OTHER_NUMBER = 0.4
_INITIALS = {2: 0.75, 3: 0.9}  # similarity of "bt" and two words; longer initials are surer
_LONG_INITIALS = 0.98
_LONGEST_INITIALS = 7
_CONCATENATION = 0.99
_FIRST_LETTER = 0.6
_PLURAL = 0.9
_EDIT = 1.2  # similarity lost by an edit, as a multiple of 1 / the letters of the word
_DISTINCTIVE = 1.6

_Match = tuple[float, tuple[str, ...], tuple[str, ...]]
"""The similarity of some words of one name and some of the other."""


@dataclass(frozen=True, slots=True)
class _Name:
    """A normalised name: its words, the weight of each, and their initials."""

    text: str
    words: tuple[str, ...]
    weights: dict[str, float]
    total: float
    numbers: frozenset[str]
    initials: str
    parts: tuple[_Name, ...]


def parts(name: str) -> tuple[str, ...]:
    """The names in one written name: the legal name, then the trading names.

    >>> parts("Jones Ltd T/A Castle Cars")
    ('Jones Ltd', 'Castle Cars')
    """
    names = (part.strip(" -,;:()") for part in _TRADING.split(name[:_LONGEST]))
    return tuple(part for part in names if part)


@lru_cache(_CACHED)
def normalise(name: str) -> str:
    """`name` in one spelling, without legal form and "trading as"; "" if it has no words.

    >>> normalise("The Beacon Centre & Café C.I.C.")
    'beacon center and cafe'
    """
    text = _plain(" ".join(parts(name)))
    bare = " ".join(_LEGAL.sub(" ", text).split()) or text
    bare = _LEGAL_START.sub("", _LEGAL_END.sub("", bare))
    return " ".join(_SPELLING.get(word, word) for word in bare.split())


def tokens(name: str) -> tuple[str, ...]:
    """The different words of the normalised `name` in order, without words such as "of".

    >>> tokens("University of the Arts Ltd")
    ('university', 'arts')
    """
    words = normalise(name).split()
    return tuple(dict.fromkeys(w for w in words if w not in _PARTICLES)) or tuple(words)


def similarity(a: str, b: str) -> float:
    """How similar two names are, 0 to 1; 1.0 if they normalise to the same, 0.0 if one is empty.

    If only one of them has a trading name, its most similar part counts.
    """
    first, second = (_read(name) for name in sorted((a, b)))
    similar = _compare(first, second)
    if bool(first.parts) == bool(second.parts):
        return similar
    pairs = ((x, y) for x in first.parts or (first,) for y in second.parts or (second,))
    return max([similar, *(_compare(x, y) for x, y in pairs)])


def distinctive(name: str) -> bool:
    """Whether `name` is so rare that two organisations are unlikely to share it.

    >>> distinctive("St John's Primary School"), distinctive("Penllergare Valley Woods")
    (False, True)
    """
    weights = _read(name).weights
    return sum(weights.values()) >= _DISTINCTIVE and any(w not in _TIER for w in weights)


def keys(name: str) -> frozenset[str]:
    """Blocking keys of `name`: two spellings of one name nearly always share a key.

    For each of its `parts`: all words joined, each rare word without its vowels, pairs of the
    three heaviest words unless both are common, and initials of three letters or more.

    >>> sorted(keys("Hatherley Care Ltd") & keys("Hatherly Home Care"))
    ['care htrl', '~htrl']
    """
    return frozenset(key for part in parts(name) for key in _keys(part))


def _keys(part: str) -> Iterator[str]:
    read = _read(part)
    weights = read.weights
    if not weights:
        return
    rare = {w for w in weights if w not in _TIER}
    yield "".join(weights)
    yield from (f"~{_skeleton(w)}" for w in rare - _PLACES)
    for pair in combinations(sorted(weights, key=lambda w: (-weights[w], w))[:3], 2):
        if not rare or not rare.isdisjoint(pair):
            yield " ".join(sorted(map(_skeleton, pair)))
    for letters in (*read.initials.split(), *rare):
        if 3 <= len(letters) <= _LONGEST_INITIALS:
            yield f"={letters}"


def _skeleton(word: str) -> str:
    """`word` without the letters that misspellings change: vowels, h, w and doubled letters."""
    bare = _SKIPPED.sub("", word)
    return bare if len(bare) > 2 else word


def _plain(name: str) -> str:
    """Lower case, no accent or punctuation, "&" as "and", initials joined, no "the"."""
    folded = unicodedata.normalize("NFKD", name).casefold().translate(_LETTERS)
    text = "".join(c for c in folded if not unicodedata.combining(c))
    text = _JOINED.sub("", _ELISION.sub(" ", text)).replace("&", " and ").replace("+", " and ")
    text = " ".join(word for word in _WORD.findall(text) if word != "the")
    text = _PAIR_OF_LETTERS.sub(r"\1 \2", text)
    return _LETTER_RUN.sub(lambda run: run[0].replace(" ", ""), text)


@lru_cache(_CACHED)
def _read(name: str) -> _Name:
    text, words, names = normalise(name), tokens(name), parts(name)
    initials = "".join(w[0] for w in words) + " " + "".join(w[0] for w in text.split())
    branch = _branch_words(name, words)
    weights = {
        w: _weight(w) * (_BRANCH_WEIGHT if w in branch else 1.0)
        for w in words
        if len(w) < 3 or w not in initials
    } or dict.fromkeys(words, 1.0)
    return _Name(
        text=text,
        words=words,
        weights=weights,
        total=sum(weights.values()),
        numbers=frozenset(_DIGITS.findall(text)),
        initials=initials,
        parts=tuple(_read(part) for part in names) if len(names) > 1 else (),
    )


def _weight(word: str) -> float:
    """How well `word` identifies an organisation: its tier's weight, else about 1."""
    if word in _TIER:
        return _TIER[word]
    if word.isdigit():
        return 1.0
    return 0.35 if len(word) == 1 else min(1.25, 0.85 + 0.03 * len(word))


def _branch_words(name: str, words: tuple[str, ...]) -> frozenset[str]:
    """Words that only name a branch, or that are added to a repeat of the name in brackets."""
    starts = [i for i, word in enumerate(words) if i and word in _BRANCH]
    branch = frozenset(words[starts[0] :] if starts else ())
    if "(" not in name:
        return branch
    outside = frozenset(tokens(_BRACKETS.sub(" ", name)))
    inside = frozenset(tokens(" ".join(_BRACKETS.findall(name))))
    return branch | (inside - outside) if inside & outside else branch


def _compare(a: _Name, b: _Name) -> float:
    """The similarity of two names: the share of their weight in matching words, then adjusted.

    Raised if one name contains the other; lowered if both have other words, places or numbers.
    """
    if a.text == b.text:
        return 1.0 if a.text else 0.0
    matches, left_a, left_b = _align(a, b)
    if not matches:
        return 0.0
    shared_a = sum(similar * a.weights[w] for similar, words, _ in matches for w in words)
    shared_b = sum(similar * b.weights[w] for similar, _, words in matches for w in words)
    score = (shared_a + shared_b) / (a.total + b.total)
    shared, left = min(shared_a, shared_b), min(a.total - shared_a, b.total - shared_b)
    other_places = not _PLACES.isdisjoint(left_a), not _PLACES.isdisjoint(left_b)
    if not any(other_places):
        contained = max(shared_a / a.total, shared_b / b.total)
        score += (1 - score) * _CONTAINED * contained * min(1.0, shared / _ENOUGH)
    score *= 1 - _LEFT_ON_BOTH * left / (left + shared)
    score *= _OTHER_PLACE if all(other_places) else 1.0
    score *= 1.0 if a.numbers <= b.numbers or b.numbers <= a.numbers else _OTHER_NUMBER
    return min(score, 0.999)


def _align(a: _Name, b: _Name) -> tuple[list[_Match], Set[str], Set[str]]:
    """The matching words of two names, surest first; and the other words of each."""
    same = a.weights.keys() & b.weights.keys()
    matches: list[_Match] = [(1.0, (w,), (w,)) for w in same]
    left_a, left_b = a.weights.keys() - same, b.weights.keys() - same
    if left_a and left_b:
        matches += _take_runs(left_a, left_b, b)
        matches += [(similar, run, word) for similar, word, run in _take_runs(left_b, left_a, a)]
        matches += _take_similar(left_a, left_b)
    return matches, left_a, left_b


def _take_runs(left: set[str], others: set[str], name: _Name) -> Iterator[_Match]:
    """Match words in `left` that are the initials, or the joined letters, of words of `name`.

    Removes the words that match from `left` and `others`.
    """
    for word in sorted(left):
        similar, run = _run(word, name)
        if run and others.issuperset(run):
            left.discard(word)
            others.difference_update(run)
            yield similar, (word,), run


def _run(word: str, name: _Name) -> tuple[float, tuple[str, ...]]:
    """The consecutive words of `name` that `word` abbreviates or joins, or none; and how surely."""
    length = len(word)
    if 2 <= length <= _LONGEST_INITIALS and word in name.initials:
        words = (*name.words, "", *name.text.split())  # one word for each letter of `initials`
        start = name.initials.index(word)
        run = tuple(w for w in words[start : start + length] if w in name.weights)
        return _INITIALS.get(length, _LONG_INITIALS), run
    words = tuple(name.weights)
    for i, first in enumerate(words):
        if word.startswith(first):
            for run in (words[i : i + 2], words[i : i + 3]):
                if "".join(run) == word:
                    return _CONCATENATION, run
    return 0.0, ()


def _take_similar(left_a: set[str], left_b: set[str]) -> Iterator[_Match]:
    """Match words with a similar spelling, the most similar first, and remove them."""
    pairs = ((_word_similarity(x, y), x, y) for x in left_a for y in left_b)
    for similar, x, y in sorted((pair for pair in pairs if pair[0] > 0), reverse=True):
        if x in left_a and y in left_b:
            left_a.discard(x)
            left_b.discard(y)
            yield similar, (x,), (y,)


def _word_similarity(a: str, b: str) -> float:
    """1 less a part for each edit between two words; 0 for two places or too many edits."""
    if a[0] != b[0] or a.isdigit() or b.isdigit() or (a in _PLACES and b in _PLACES):
        return 0.0
    short, long = sorted((a, b), key=len)
    if len(short) == 1:
        return _FIRST_LETTER
    if long == short + "s" and len(short) > 2:
        return _PLURAL
    most = (len(short) >= 5) + (len(short) >= 9)
    if most == 0 or len(long) - len(short) > most:
        return 0.0
    edits = OSA.distance(a, b, score_cutoff=most)
    return 1 - _EDIT * edits / len(short) if edits <= most else 0.0
