"""What two names have in common, and what not, as numbers with a name each.

The words of two names are paired: the same word, initials or joined words of the other name, a
similar spelling.  Each comparison is a number from the pairs and from the words left over.  None
depends on which name comes first.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from matcher.register.linkage.spelling import (
    CACHED,
    PARTICLES,
    TABLE,
    normalise,
    parts,
    words_and_forms,
)
from models import exact

PLACES = frozenset(TABLE["places"].split())
_BRANCH = frozenset(TABLE["branch"])
BODIES = frozenset(TABLE["bodies"])
ROLES = frozenset(TABLE["roles"])
"""Words that tell an organisation from a related one, such as "friends" and "holdings"."""
_FORM_CLASS: dict[str, str] = {
    form: name for name, forms in TABLE["form_classes"].items() for form in forms
}
LONGEST_INITIALS = 7

_RAREST = 5
"""Names in 100,000 that have a word that is not in the table."""


RARITY: dict[str, float] = {}
"""Common word → how well it identifies an organisation, from 0.2 to 1; 1 for other words."""


def learn_rarity(counts: Mapping[str, int]) -> None:
    """Replace `RARITY` by what follows from how many of 100,000 names have each word."""
    share = np.array([*counts.values()], np.float64) / 100_000
    values = exact.log(share) / float(exact.log(_RAREST / 100_000))
    RARITY.clear()
    RARITY.update(zip(counts, exact.to_places(np.clip(values, 0.2, 1.0), 3).tolist(), strict=True))
    read.cache_clear()


def _known_counts() -> dict[str, int]:
    with Path(__file__).with_name("word_counts.csv").open(encoding="utf-8", newline="") as file:
        return {row["word"]: int(row["per_100000_names"]) for row in csv.DictReader(file)}


RARE = 0.68
"""From this on, a word is rare enough to find an organisation by."""

_SOUNDS = [
    (re.compile(pattern), to)
    for pattern, to in (
        (r"sch|tch|shch|sh|sz|zh|ch|cz|ts|tz|c(?=[eiy])", "s"),
        (r"kh|gh", "h"), (r"ph", "f"), (r"ck|qu|q|c", "k"), (r"x", "ks"), (r"w", "v"),
        (r"ae|oe|ue", "e"), (r"ou", "u"), (r"iy|yy|yi|ij|[yj]", "i"), (r"z", "s"),
        (r"(.)\1+", r"\1"), (r"(?<=.)h", ""), (r"i+", "i"),
    )
]  # fmt: skip
_DIGITS = re.compile(r"\d+")
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_TAIL = re.compile(r"\s[-–—|:]\s|[-–—|:]\s|,\s|\s/\s")

_HEAD = re.compile(
    rf"\s[-–—|:]+\s|\s[-–—|]|[-–—|:]\s|/|_|\(|,\s|\s(?:{'|'.join(sorted(_BRANCH))}|secteur)\b",
    re.IGNORECASE,
)
_FOREIGN = frozenset(TABLE["foreign"])
_SEGMENT = re.compile(r"\s[-–—|]+\s|[()/:,_]")

BRANCH_WEIGHT = 0.05  # factor on the weight of words that only name a branch
_INITIALS = {2: 0.75, 3: 0.9}  # similarity of "bt" and two words; longer initials are surer
_LONG_INITIALS = 0.98
_CONCATENATION = 0.99
_FIRST_LETTER = 0.6
_PLURAL = 0.9
_SOUNDS_SAME = 0.9
_BEGINS = 0.5  # similarity of a word of four letters or more and one that begins with it
_MOST_EXTRA = 4  # letters
_OTHER_START = 0.75  # factor where two words differ in their first letter
_EDIT = 1.2  # similarity lost by an edit, as a multiple of 1 / the letters of the word

_Match = tuple[float, tuple[str, ...], tuple[str, ...]]
"""The similarity of some words of one name and some of the other."""


@dataclass(frozen=True, slots=True)
class Read:
    """A normalised name: its words, the weight of each, and their initials."""

    text: str
    words: tuple[str, ...]
    weights: dict[str, float]
    total: float
    numbers: frozenset[str]
    """and single letters, which tell J Smith from K Smith as numbers would"""
    initials: str
    forms: frozenset[str]
    """classes of legal form"""
    joined: str
    ordered: str
    """the words in alphabetical order"""
    segments: frozenset[str]
    """normalised pieces between brackets, dashes and slashes, where there are several"""
    before_brackets: str
    """what stands before the first bracket, normalised"""
    head: str
    """what stands before a dash, a slash or a word such as "agence", normalised"""
    foreign: bool
    """whether its words or its legal form are of another language than English"""
    parts: tuple[Read, ...]


def tokens(name: str) -> tuple[str, ...]:
    """The different words of the normalised `name` in order, without words such as "of".

    >>> tokens("University of the Arts Ltd")
    ('university', 'arts')
    """
    words = normalise(name).split()
    return tuple(dict.fromkeys(w for w in words if w not in PARTICLES)) or tuple(words)


@lru_cache(CACHED)
def read(name: str) -> Read:
    """The name as it is compared."""
    text, words, names = normalise(name), tokens(name), parts(name)
    initials = "".join(w[0] for w in words) + " " + "".join(w[0] for w in text.split())
    branch = _branch_words(name, words)
    weights = {
        w: rarity(w) * (BRANCH_WEIGHT if w in branch else 1.0)
        for w in words
        if len(w) < 3 or w not in initials
    } or dict.fromkeys(words, 1.0)
    _, forms = words_and_forms(name)
    return Read(
        text=text,
        words=words,
        weights=weights,
        total=sum(weights.values()),
        numbers=frozenset(_DIGITS.findall(text)).union(w for w in words if len(w) == 1),
        initials=initials,
        forms=frozenset(_FORM_CLASS[f] for f in forms if f in _FORM_CLASS),
        joined="".join(weights),
        ordered=" ".join(sorted(weights)),
        segments=_segments(name),
        before_brackets=normalise(name.partition("(")[0]),
        head=normalise(_HEAD.split(name, maxsplit=1)[0]),
        foreign=not _FOREIGN.isdisjoint((*text.split(), *forms)),
        parts=tuple(read(part) for part in names) if len(names) > 1 else (),
    )


def _segments(name: str) -> frozenset[str]:
    pieces = [normalise(piece) for piece in _SEGMENT.split(name)]
    return frozenset(piece for piece in pieces if piece) if len(pieces) > 1 else frozenset()


def rarity(word: str) -> float:
    """How well `word` identifies an organisation, 0.2 to 1."""
    if word in RARITY:
        return RARITY[word]
    return 0.4 if len(word) == 1 and not word.isdigit() else 1.0


def _branch_words(name: str, words: tuple[str, ...]) -> frozenset[str]:
    """Words that only name a branch or department, or repeat the name in brackets."""
    starts = [i for i, word in enumerate(words) if i and word in _BRANCH]
    branch = frozenset(words[starts[0] :] if starts else ())
    head, *tail = _TAIL.split(name, maxsplit=1)
    if tail and not BODIES.isdisjoint(inside := tokens(head)) and len(inside) > 1:
        branch |= frozenset(words) - frozenset(inside)
    if "(" not in name:
        return branch
    outside = frozenset(tokens(_BRACKETS.sub(" ", name)))
    inside_brackets = frozenset(tokens(" ".join(_BRACKETS.findall(name))))
    shared = inside_brackets & outside
    return branch | (inside_brackets - outside) if shared else branch


_DIRECTIONS = {
    "shared words, in rarity": 1,
    "rarest shared word": 1,
    "share of the longer name that is shared": 1,
    "share of the shorter name that is shared": 1,
    "words left in both names": -1,
    "words left in one name only": -1,
    "rarest word left in both names": -1,
    "rarest word left in one name": -1,
    "place left in one name": 0,
    "another place in each name": -1,
    "number left in one name": -1,
    "another number in each name": -1,
    "role word left in one name": -1,
    "another role word in each name": -1,
    "spelling differences": -1,
    "least similar pair of words": -1,
    "both spellings are common words": -1,
    "initials": 0,
    "joined words": 0,
    "order of words": 1,
    "first words differ": 0,
    "letters in common": 1,
    "letters at the start in common": 1,
    "words in alphabetical order, letters in common": 1,
    "another legal form in each name": -1,
    "legal form in one name only": 0,
    "difference in the number of words": 0,
    "words in the shorter name": 0,
    "place shared": 0,
    "one name is a whole part of the other": 1,
    "the same before brackets": 1,
    "the same before a dash or a department": 1,
    "both names go on after the same beginning": 0,
    "names of another language": 0,
}
"""Comparison → whether a larger one may only raise (1), only lower (-1) or do either (0)."""
NAMES = tuple(_DIRECTIONS)
RISING = tuple(_DIRECTIONS.values())
_LEAST_LETTERS = 0.6
"""Letters in common from which on names without a matching word are compared."""
_EXACT = 6
"""Decimal places of a comparison, so that it is the same on every processor."""


@dataclass(slots=True)
class _Shared:
    """What the matching words of two names add up to."""

    a: float = 0.0
    b: float = 0.0
    rarest: float = 0.0
    lost: float = 0.0
    initials: float = 0.0
    joined: float = 0.0
    worst: float = 1.0
    common: bool = False
    """whether two common words were taken for spellings of one"""
    place: bool = False

    def add(self, match: _Match, a: Read, b: Read) -> None:
        similar, words_a, words_b = match
        weight_a = sum([a.weights[w] for w in words_a])
        weight_b = sum([b.weights[w] for w in words_b])
        weight = min(weight_a, weight_b)
        self.a += similar * weight_a
        self.b += similar * weight_b
        self.rarest = max(self.rarest, weight)
        if len(words_a) != len(words_b):
            if similar == _CONCATENATION:
                self.joined += weight
            else:
                self.initials += weight
        elif similar < 1.0:
            self.lost += (1 - similar) * max(weight_a, weight_b)
            self.worst = min(self.worst, similar)
            known = words_a[0] in RARITY and words_b[0] in RARITY
            self.common = self.common or (known and similar < _SOUNDS_SAME)
        elif words_a[0] in PLACES:
            self.place = True


def compare(a: Read, b: Read) -> list[float] | None:
    """The comparisons of two names that differ, in the order of `NAMES`; None if nothing agrees."""
    matches, left_a, left_b = _align(a, b)
    letters = fuzz.ratio(a.joined, b.joined) / 100
    if not matches and letters < _LEAST_LETTERS:
        return None
    shared = _Shared()
    for match in matches:
        shared.add(match, a, b)
    weights_a, weights_b = [a.weights[w] for w in left_a], [b.weights[w] for w in left_b]
    rest_a, rest_b = sum(sorted(weights_a)), sum(sorted(weights_b))
    top_a, top_b = max(weights_a, default=0.0), max(weights_b, default=0.0)
    cover_a, cover_b = shared.a / a.total, shared.b / b.total
    places = (not PLACES.isdisjoint(left_a)) + (not PLACES.isdisjoint(left_b))
    roles = _has_role(left_a, a) + _has_role(left_b, b)
    numbers = bool(a.numbers - b.numbers) + bool(b.numbers - a.numbers)
    other_form = bool(a.forms and b.forms and not a.forms & b.forms)
    values = (
        min(shared.a, shared.b),
        shared.rarest,
        min(cover_a, cover_b),
        max(cover_a, cover_b),
        min(rest_a, rest_b),
        abs(rest_a - rest_b),
        min(top_a, top_b),
        max(top_a, top_b),
        places == 1,
        places == 2,
        numbers == 1,
        numbers == 2,
        roles == 1,
        roles == 2,
        shared.lost,
        1 - shared.worst,
        shared.common,
        shared.initials,
        shared.joined,
        fuzz.ratio(" ".join(a.weights), " ".join(b.weights)) / 100,
        a.words[0] != b.words[0],
        letters,
        JaroWinkler.similarity(a.joined, b.joined),
        fuzz.ratio(a.ordered, b.ordered) / 100,
        other_form,
        bool(a.forms) != bool(b.forms),
        abs(len(a.weights) - len(b.weights)),
        min(len(a.weights), len(b.weights)),
        shared.place,
        a.text in b.segments or b.text in a.segments,
        (before := a.before_brackets) == b.before_brackets and before != "",
        (head := a.head) == b.head,
        head == b.head and a.text not in (b.text, head) and b.text != head,
        a.foreign or b.foreign,
    )
    return [round(float(value), _EXACT) for value in values]


def _has_role(left: Set[str], name: Read) -> bool:
    return any(w in ROLES and name.weights[w] > BRANCH_WEIGHT for w in left)


def _align(a: Read, b: Read) -> tuple[list[_Match], Set[str], Set[str]]:
    """The matching words of two names, surest first; and the other words of each."""
    same = a.weights.keys() & b.weights.keys()
    matches: list[_Match] = [(1.0, (w,), (w,)) for w in a.weights if w in same]
    left_a, left_b = a.weights.keys() - same, b.weights.keys() - same
    if left_a and left_b:
        matches += _take_runs(left_a, left_b, b)
        matches += [(similar, run, word) for similar, word, run in _take_runs(left_b, left_a, a)]
        if left_a and left_b:
            matches += _take_similar(left_a, left_b)
    return matches, left_a, left_b


def _take_runs(left: set[str], others: set[str], name: Read) -> Iterator[_Match]:
    """Match words in `left` that are the initials, or the joined letters, of words of `name`.

    Removes the words that match from `left` and `others`.
    """
    for word in sorted(left):
        similar, run = _run(word, name)
        if run and others.issuperset(run):
            left.discard(word)
            others.difference_update(run)
            yield similar, (word,), run


def _run(word: str, name: Read) -> tuple[float, tuple[str, ...]]:
    """The consecutive words of `name` that `word` abbreviates or joins, or none; and how surely."""
    length = len(word)
    if 2 <= length <= LONGEST_INITIALS and word in name.initials:
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
    pairs = [(similar, x, y) for x in left_a for y in left_b if (similar := word_similarity(x, y))]
    pairs.sort(key=lambda pair: (-pair[0], min(pair[1:]), max(pair[1:])))
    for similar, x, y in pairs:
        if x in left_a and y in left_b:
            left_a.discard(x)
            left_b.discard(y)
            yield similar, (x,), (y,)


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
    if long == short + "s":
        return _PLURAL
    similar = max(0.0, _edited(short, long, extra))
    if len(short) >= 5 and similar < _SOUNDS_SAME and sounds(short) == sounds(long):
        return _SOUNDS_SAME
    if not similar and len(short) >= 4 and extra >= 2 and long.startswith(short):
        return _BEGINS
    return similar


def _edited(short: str, long: str, extra: int) -> float:
    """1 less a part for each edit, further reduced where the first letters differ; or 0."""
    most = (len(short) >= 5) + (len(short) >= 8) + (len(short) >= 12)
    if extra > most or not most:
        return 0.0
    edits = OSA.distance(short, long, score_cutoff=most)
    similar = 1 - _EDIT * edits / len(short) if edits <= most else 0.0
    return similar if short[0] == long[0] else similar * _OTHER_START


learn_rarity(_known_counts())
