"""Organisation names: how alike two of them are, and the keys they are found by.

A name is read once into words: lower case, no accents, no punctuation, no legal form, one
spelling for each abbreviation.  Each word weighs by how much it says of who the organisation
is ("services" little, "beaumaris" much); the weights are written by hand in `names.toml`.
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
"""From this similarity on, two names are taken for one organisation's."""

_LONGEST = 200  # letters of a name that are read; the longest real ones have about 160
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
_SKIPPED = re.compile(r"(?<=.)[aeiouyhw]|(.)(?=\1)")  # what spellings of one word disagree on
_WORD = re.compile(r"[^\W_]+")
_PAIR_OF_LETTERS = re.compile(r"\b([^\W\d]) and ([^\W\d])\b")
_LETTER_RUN = re.compile(r"\b[^\W\d](?: [^\W\d]\b)+")
_DIGITS = re.compile(r"\d+")

_ASIDE = 0.05  # of its weight keeps a word that only says which branch
_CONTAINED = 0.6  # of the way to 1 goes a name that is wholly inside the other
_ENOUGH = 1.1  # weight of shared words that tell one organisation, about one rare word
_LEFT_ON_BOTH = 0.25  # of the likeness is lost when all that is left over differs
_OTHER_PLACE = 0.75
_OTHER_NUMBER = 0.4
_INITIALS = {2: 0.75, 3: 0.9}  # likeness of "bt" to two words; longer initials are surer
_LONG_INITIALS = 0.98
_LONGEST_INITIALS = 7
_CONCATENATION = 0.99
_FIRST_LETTER = 0.6
_PLURAL = 0.9
_EDIT = 1.2  # likeness lost to an edit, of one letter's share of the word
_DISTINCTIVE = 1.6

_Match = tuple[float, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Name:
    """A name read once: its words, what each weighs, and the first letters of them all."""

    text: str
    words: tuple[str, ...]
    weights: dict[str, float]
    total: float
    numbers: frozenset[str]
    initials: str
    parts: tuple[_Name, ...]


def parts(name: str) -> tuple[str, ...]:
    """The names that one written name holds: the legal one, then the trading names.

    >>> parts("Jones Ltd T/A Castle Cars")
    ('Jones Ltd', 'Castle Cars')
    """
    found = (part.strip(" -,;:()") for part in _TRADING.split(name[:_LONGEST]))
    return tuple(part for part in found if part)


@lru_cache(_CACHED)
def normalise(name: str) -> str:
    """`name` in one spelling, its legal form and "trading as" left out; "" if it has no word.

    >>> normalise("The Beacon Centre & Café C.I.C.")
    'beacon center and cafe'
    """
    text = _plain(" ".join(parts(name)))
    bare = " ".join(_LEGAL.sub(" ", text).split()) or text
    bare = _LEGAL_START.sub("", _LEGAL_END.sub("", bare))
    return " ".join(_SPELLING.get(word, word) for word in bare.split())


def tokens(name: str) -> tuple[str, ...]:
    """The different words of the normalised `name` in order, joining words left out.

    >>> tokens("University of the Arts Ltd")
    ('university', 'arts')
    """
    words = normalise(name).split()
    return tuple(dict.fromkeys(w for w in words if w not in _PARTICLES)) or tuple(words)


def similarity(a: str, b: str) -> float:
    """How alike two names are, 0 to 1; 1.0 when they normalise alike, 0.0 when one is empty.

    Where only one of them says what it trades as, its better-fitting name counts.
    """
    one, other = (_read(name) for name in sorted((a, b)))
    alike = _compare(one, other)
    if bool(one.parts) == bool(other.parts):
        return alike
    pairs = ((x, y) for x in one.parts or (one,) for y in other.parts or (other,))
    return max([alike, *(_compare(x, y) for x, y in pairs)])


def distinctive(name: str) -> bool:
    """Whether `name` is rare enough that two organisations will hardly share it.

    >>> distinctive("St John's Primary School"), distinctive("Penllergare Valley Woods")
    (False, True)
    """
    weights = _read(name).weights
    return sum(weights.values()) >= _DISTINCTIVE and any(w not in _TIER for w in weights)


def keys(name: str) -> frozenset[str]:
    """Keys to find `name` by: two spellings of one organisation nearly always share one.

    For each of its `parts`: the words run together, each rare word without its vowels, the
    three heaviest words by twos unless both are common, and three initials or more.

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
    """`word` without what misspellings change: vowels, h, w and doubled letters."""
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
    text, words, named = normalise(name), tokens(name), parts(name)
    initials = "".join(w[0] for w in words) + " " + "".join(w[0] for w in text.split())
    aside = _aside(name, words)
    weights = {
        w: _weight(w) * (_ASIDE if w in aside else 1.0)
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
        parts=tuple(_read(part) for part in named) if len(named) > 1 else (),
    )


def _weight(word: str) -> float:
    """How much `word` says of who an organisation is: its tier's weight, else about 1."""
    if word in _TIER:
        return _TIER[word]
    if word.isdigit():
        return 1.0
    return 0.35 if len(word) == 1 else min(1.25, 0.85 + 0.03 * len(word))


def _aside(name: str, words: tuple[str, ...]) -> frozenset[str]:
    """Words that only say which branch, or in brackets repeat the name with more to it."""
    starts = [i for i, word in enumerate(words) if i and word in _BRANCH]
    branch = frozenset(words[starts[0] :] if starts else ())
    if "(" not in name:
        return branch
    outside = frozenset(tokens(_BRACKETS.sub(" ", name)))
    inside = frozenset(tokens(" ".join(_BRACKETS.findall(name))))
    return branch | (inside - outside) if inside & outside else branch


def _compare(a: _Name, b: _Name) -> float:
    """The shared weight against the whole, raised where one name holds the other."""
    if a.text == b.text:
        return 1.0 if a.text else 0.0
    matches, left_a, left_b = _align(a, b)
    if not matches:
        return 0.0
    shared_a = sum(alike * a.weights[w] for alike, words, _ in matches for w in words)
    shared_b = sum(alike * b.weights[w] for alike, _, words in matches for w in words)
    score = (shared_a + shared_b) / (a.total + b.total)
    shared, left = min(shared_a, shared_b), min(a.total - shared_a, b.total - shared_b)
    elsewhere = not _PLACES.isdisjoint(left_a), not _PLACES.isdisjoint(left_b)
    if not any(elsewhere):
        held = max(shared_a / a.total, shared_b / b.total)
        score += (1 - score) * _CONTAINED * held * min(1.0, shared / _ENOUGH)
    score *= 1 - _LEFT_ON_BOTH * left / (left + shared)
    score *= _OTHER_PLACE if all(elsewhere) else 1.0
    score *= 1.0 if a.numbers <= b.numbers or b.numbers <= a.numbers else _OTHER_NUMBER
    return min(score, 0.999)


def _align(a: _Name, b: _Name) -> tuple[list[_Match], Set[str], Set[str]]:
    """Pair the words of two names, surest first; and what is left of each."""
    same = a.weights.keys() & b.weights.keys()
    matches: list[_Match] = [(1.0, (w,), (w,)) for w in same]
    left_a, left_b = a.weights.keys() - same, b.weights.keys() - same
    if left_a and left_b:
        matches += _take_runs(left_a, left_b, b)
        matches += [(alike, run, word) for alike, word, run in _take_runs(left_b, left_a, a)]
        matches += _take_alike(left_a, left_b)
    return matches, left_a, left_b


def _take_runs(left: set[str], others: set[str], name: _Name) -> Iterator[_Match]:
    """Words that are several neighbours of `name` in one: their initials or all of them."""
    for word in sorted(left):
        alike, run = _run(word, name)
        if run and others.issuperset(run):
            left.discard(word)
            others.difference_update(run)
            yield alike, (word,), run


def _run(word: str, name: _Name) -> tuple[float, tuple[str, ...]]:
    """The neighbouring words of `name` that `word` stands for, none if there are none."""
    length = len(word)
    if 2 <= length <= _LONGEST_INITIALS and word in name.initials:
        words = (*name.words, "", *name.text.split())  # in step with `initials`
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


def _take_alike(left_a: set[str], left_b: set[str]) -> Iterator[_Match]:
    """Words that are nearly spelt alike, the most alike first."""
    pairs = ((_word_likeness(x, y), x, y) for x in left_a for y in left_b)
    for alike, x, y in sorted((pair for pair in pairs if pair[0] > 0), reverse=True):
        if x in left_a and y in left_b:
            left_a.discard(x)
            left_b.discard(y)
            yield alike, (x,), (y,)


def _word_likeness(a: str, b: str) -> float:
    """1 less what the edits between two words weigh; 0 for two places or too many edits."""
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
