"""What two names have in common, and what not, as numbers with a name each.

The words of two names are paired: the same word, initials or joined words of the other name, a
similar spelling.  Each comparison is a number from the pairs and from the words left over.  None
depends on which name comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from matcher.register.linkage.first_names import same_first_names
from matcher.register.linkage.reading import (
    BRANCH_WEIGHT,
    LOCAL_GROUPS,
    LONGEST_INITIALS,
    PLACES,
    PREMISES,
    RARITY,
    ROLES,
    Read,
)
from matcher.register.linkage.similar_words import SOUNDS_SAME, word_similarity

_INITIALS = {2: 0.75, 3: 0.9}  # similarity of "bt" and two words; longer initials are surer
_LONG_INITIALS = 0.98
_CONCATENATION = 0.99
_FIRST_NAME = 0.96

_Match = tuple[float, tuple[str, ...], tuple[str, ...]]
"""The similarity of some words of one name and some of the other."""

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
_OF_PLACES = PREMISES | LOCAL_GROUPS | {"home"}
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
    """whether two common words, or a word and its plural that lead, were taken for spellings"""
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
            self.common = (
                self.common
                or (known and similar < SOUNDS_SAME)
                or (_leads(words_a[0], a, words_b[0]) and _leads(words_b[0], b, words_a[0]))
            )
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
        fuzz.ratio(a.spaced, b.spaced) / 100,
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


def _leads(word: str, name: Read, other: str) -> bool:
    """Whether a word, or its plural in another name, tells most of the name of a place or a group.

    Such names are often made of a common word: "Acorn Nursery" and "Acorns Nursery" are two.
    """
    if word not in (f"{other}s", other.removesuffix("s")) or _OF_PLACES.isdisjoint(name.words):
        return False
    weights = name.weights
    return all(weights[beside] < weights[word] for beside in weights if beside != word)


def _has_role(left: Set[str], name: Read) -> bool:
    return any(w in ROLES and name.weights[w] > BRANCH_WEIGHT for w in left)


def _align(a: Read, b: Read) -> tuple[list[_Match], Set[str], Set[str]]:
    """The matching words of two names, surest first; and the other words of each."""
    same = a.weights.keys() & b.weights.keys()
    matches: list[_Match] = [(1.0, (w,), (w,)) for w in a.weights if w in same]
    left_a, left_b = a.weights.keys() - same, b.weights.keys() - same
    if left_a and left_b:
        matches += _take_first_names(left_a, left_b, a, b)
        matches += _take_runs(left_a, left_b, b)
        matches += [(similar, run, word) for similar, word, run in _take_runs(left_b, left_a, a)]
        if left_a and left_b:
            matches += _take_similar(left_a, left_b)
    return matches, left_a, left_b


def _take_first_names(left_a: set[str], left_b: set[str], a: Read, b: Read) -> Iterator[_Match]:
    """Match first names and their abbreviations, and remove them."""
    for x, y in same_first_names(a, b):
        if x in left_a and y in left_b:
            left_a.discard(x)
            left_b.discard(y)
            yield _FIRST_NAME, (x,), (y,)


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
        # one word for each letter of `initials`
        words = (*name.words, "", *name.text.split(), "", *name.with_company)
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
