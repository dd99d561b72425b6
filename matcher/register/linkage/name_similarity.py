"""Organisation names: how similar two of them are, and the keys to find them by.

A name is read as words: lower case, Latin letters, no accents, no punctuation, no legal form, one
spelling for each abbreviation (`spelling`).  Two names are compared in some thirty ways
(`comparisons`), and small boosted trees learned from real and invented pairs weigh them
(`python -m training.learning.names`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from matcher.register.linkage import comparisons
from matcher.register.linkage.first_names import with_full_first_names
from matcher.register.linkage.nhs_trusts import is_trust_cut_short
from matcher.register.linkage.opposites import opposed
from matcher.register.linkage.reading import (
    BODIES,
    BRANCH_WEIGHT,
    LOCAL_GROUPS,
    LONGEST_INITIALS,
    PLACES,
    PREMISES,
    RARE,
    RARITY,
    Read,
    rarity,
    read,
    tokens,
)
from matcher.register.linkage.similar_words import is_plural, sounds
from matcher.register.linkage.spelling import PARTICLES, normalise, parts, plain
from models.small_trees import SmallTrees

__all__ = [
    "SAME",
    "Judged",
    "distinctive",
    "has_own_word",
    "is_local_group",
    "judge",
    "keys",
    "normalise",
    "of_one_body",
    "parts",
    "similarity",
    "telling",
    "tokens",
]

SAME = 0.87
"""From this similarity on, two names at one place are taken to be of one organisation."""

_MARGINS = (-8.0, -5.0, -3.0, -2.0, -1.0, 3.0, 6.0)
_SIMILARITIES = (0.0, 0.35, 0.6, 0.75, SAME, 0.98, 0.999)
"""The similarity at these log odds, in straight lines between; SAME is where F1 is best."""
_MOST = 0.999
"""The similarity of names that are not the same word for word is at most this."""
_OPPOSED = 0.86
"""The similarity of names with opposites, north and south, is at most this: less than `SAME`."""
_CUT_SHORT = 0.95
"""The similarity of an NHS trust's name to that name without "Trust" is at least this."""
_CUT_OFF = 45
"""Letters of a name from which on it may be cut off within a word."""
_SHORTEST_CUT = 5
"""Letters of a word from which on it may be cut off; shorter ones may be numerals: "VII"."""
_DISTINCTIVE = 1.3
_SEVERAL_WORDS = 1.3
"""The rarity of the words, added up, of a name of three words or more that is one body's own."""
_SHORTEST_SINGLE = 4
_LONG_WORD = 7
"""Letters from which on a word that few names have identifies an organisation alone."""
_UNCOMMON = 0.85
"""The rarity of words that few names have."""
_SKIPPED = frozenset("aeiouyhw")
"""Letters that misspellings change."""
_COMPOUND = re.compile(r"\b[^\W_]{2,30}-[^\W_]{2,30}\b")
_TREES = SmallTrees.read(Path(__file__).with_name("name_trees.csv"), comparisons.NAMES)


class Judged(NamedTuple):
    """How similar two names are, and the comparisons behind it; () where they are the same."""

    similarity: float
    values: tuple[float, ...] = ()


def similarity(a: str, b: str) -> float:
    """How similar two names are, 0 to 1; 1.0 if they normalise to the same, 0.0 if one is empty.

    If only one of them has a trading name, its most similar part counts.
    """
    return judge(a, b).similarity


def judge(a: str, b: str) -> Judged:
    """The similarity of two names with its comparisons."""
    first, second = read(a), read(b)
    if first.text == second.text:
        return Judged(1.0 if first.text else 0.0)
    if not first.letters.isdisjoint(second.letters) or _is_cut_off(first, second):
        return Judged(_MOST)
    best = _judge(first, second)
    if bool(first.parts) == bool(second.parts):
        return best
    for x in first.parts or (first,):
        for y in second.parts or (second,):
            if not x.letters.isdisjoint(y.letters):
                return Judged(_MOST)
            best = max(best, _judge(x, y))
    return best


def _is_cut_off(a: Read, b: Read) -> bool:
    """Whether a long name ends within the last word of the other: a field had no room for it.

    Not where it ends with a word of its own: "West" is no part of "Westbury".
    """
    if min(len(a.name), len(b.name)) < _CUT_OFF:
        return False
    one, other = (_without_particles(plain(name.name)) for name in (a, b))
    short, long = sorted((one, other), key=len)
    cut, rest = short.rpartition(" ")[2], long.removeprefix(short)
    if not (rest.isalpha() and short[-1:].isalpha() and len(rest) < len(long)):
        return False
    return len(cut + rest) >= _SHORTEST_CUT and cut not in RARITY and cut not in PLACES


def _without_particles(text: str) -> str:
    return " ".join(word for word in text.split() if word not in PARTICLES)


def reasons(judged: Judged, most: int = 3) -> tuple[str, ...]:
    """The names of the comparisons that speak most for one organisation, strongest first."""
    if not judged.values:
        return ()
    shares = sorted(zip(_TREES.contributions(judged.values), comparisons.NAMES, strict=True))
    return tuple(name for share, name in reversed(shares[-most:]) if share > 0)


def _judge(a: Read, b: Read) -> Judged:
    if a.text > b.text:
        a, b = b, a
    values = comparisons.compare(a, b) if a.text else None
    if values is None:
        return Judged(0.0)
    similar = _similarity(_TREES.margin(values))
    if is_trust_cut_short(a, b):
        similar = max(similar, _CUT_SHORT)
    elif similar > _OPPOSED and opposed(_not_of_a_branch(a), _not_of_a_branch(b)):
        similar = _OPPOSED
    return Judged(similar, tuple(values))


def _not_of_a_branch(name: Read) -> set[str]:
    return {word for word, weight in name.weights.items() if weight > BRANCH_WEIGHT}


def _similarity(margin: float) -> float:
    """The similarity at a margin: a rising line of straight pieces."""
    at = bisect_right(_MARGINS, margin)
    if at in (0, len(_MARGINS)):
        return _SIMILARITIES[0] if at == 0 else _MOST
    low, high = _MARGINS[at - 1 : at + 1]
    start, end = _SIMILARITIES[at - 1 : at + 1]
    return round(start + (end - start) * (margin - low) / (high - low), 6)


def distinctive(name: str) -> bool:
    """Whether `name` is so rare that two organisations are unlikely to share it.

    >>> distinctive("St John's Primary School"), distinctive("Penllergare Valley Woods")
    (False, True)

    So is a body of one place, such as "Cardiff University".
    """
    weights = read(name).weights
    if weights.keys() & BODIES and weights.keys() & PLACES and weights.keys() <= BODIES | PLACES:
        return True
    if any(w not in RARITY and len(w) >= _LONG_WORD and w.isalpha() for w in weights):
        return True
    return sum(weights.values()) >= _DISTINCTIVE and any(rarity(w) >= _UNCOMMON for w in weights)


def telling(name: str) -> bool:
    """Whether a name that one organisation of many has is its own wherever it is written.

    So is a distinctive one, one with a word of its own, and one of several words that are not
    of a saint or a place alone.

    >>> telling("Centre for Bird Research"), telling("St Mary's Primary School")
    (True, False)
    """
    if distinctive(name) or has_own_word(name):
        return True
    weights = read(name).weights
    plain_words = [weight for word, weight in weights.items() if word not in PLACES]
    return len(weights) >= 3 and "st" not in weights and sum(plain_words) >= _SEVERAL_WORDS


_MANY_HAVE = PREMISES - {"college", "hospice", "hospital", "university"}
"""Premises of which a town has several with one name: halls, churches, schools."""


_OF_ONE_TOWN = 1.1
"""The weights of words that a name of one town adds up to; 'Community Transport' has less."""


def of_one_town(name: str) -> bool:
    """Whether a town has hardly two organisations with this name of several words.

    Groups and buildings of each place, and names of common words alone, are not of one town.

    >>> of_one_town("Western Counselling"), of_one_town("The Village Hall")
    (True, False)
    """
    weights = read(name).weights
    if len(weights) < 2 or sum(weights.values()) < _OF_ONE_TOWN or "st" in weights:
        return False
    return not is_local_group(name) and _MANY_HAVE.isdisjoint(read(name).words)


def has_own_word(name: str) -> bool:
    """Whether a name has a word that hardly another name has."""
    return any(w not in RARITY and len(w) >= 4 and w.isalpha() for w in read(name).weights)


def is_local_group(name: str) -> bool:
    """Whether a name has a word of the groups that each place has, such as "Carers Group"."""
    return not LOCAL_GROUPS.isdisjoint(read(name).words)


def of_one_body(name: str) -> bool:
    """Whether a name tells one body from all others: it is `telling`, and not of a building.

    >>> of_one_body("Institute of Customer Service"), of_one_body("Riverside Community Centre")
    (True, False)
    """
    return telling(name) and normalise(name).rpartition(" ")[2] not in PREMISES


def keys(name: str) -> frozenset[str]:
    """Blocking keys of `name`: two spellings of one name nearly always share a key.

    For each of its `parts`: all words joined, also as written, each rare word without its vowels,
    or else the rarest, words with a hyphen as one, pairs of the three rarest words unless all are
    common, and initials of three letters or more.

    >>> sorted(keys("Hatherley Care Ltd") & keys("Hatherly Home Care"))
    ['care htrl', '~htrl']
    """
    return frozenset([key for part in parts(name) for key in _keys(part)])


def whole_key(name: str) -> str:
    """The key of a name that stands for all of its words; '' where it has none.

    >>> whole_key("Walsall Council") in keys("WALSALL COUNCIL."), whole_key("...")
    (True, '')
    """
    return "".join(read(name).weights)


def _keys(part: str) -> list[str]:
    name = read(part)
    weights = name.weights
    if not weights:
        return []
    rarest = sorted(weights, key=_rarest(weights)) if len(weights) > 1 else [*weights]
    rare = {w for w, weight in weights.items() if weight > BRANCH_WEIGHT and rarity(w) >= RARE}
    found = ["".join(weights), *name.letters]
    if full := with_full_first_names(weights):
        found.append(full)
    found += [f"~{_skeleton(word)}" for word in _compounds(part) if rarity(word) >= RARE]
    identifying = rare - PLACES
    if not identifying:
        elsewhere = [word for word in rarest if word not in PLACES]
        identifying = {(elsewhere or rarest)[0]}
    found += [f"~{_skeleton(form)}" for word in identifying for form in _with_singular(word)]
    for pair in combinations(rarest[:3], 2):
        if not rare or not rare.isdisjoint(pair):
            one, other = map(_skeleton, pair)
            found.append(f"{one} {other}" if one <= other else f"{other} {one}")
    for letters in (*name.initials.split(), *rare):
        if 3 <= len(letters) <= LONGEST_INITIALS:
            found.append(f"={letters}")
    return found


def _with_singular(word: str) -> Iterator[str]:
    """A word, and the one that it may be the plural or the owner's form of: 'smithsons'."""
    yield word
    for ending in ("es", "s"):
        single = word.removesuffix(ending)
        if single != word and len(single) >= _SHORTEST_SINGLE and is_plural(word, single):
            yield single


def _compounds(part: str) -> Iterator[str]:
    """The words of a name that are written with a hyphen, without it."""
    if "-" in part:
        yield from (plain(found[0].replace("-", "")) for found in _COMPOUND.finditer(part))


def _rarest(weights: Mapping[str, float]) -> Callable[[str], tuple[float, str]]:
    """The order of words by their weight, the greatest first."""
    return lambda word: (-weights[word], word)


@lru_cache(1 << 16)
def _skeleton(word: str) -> str:
    """The sounds of `word` without the letters that misspellings change: vowels, h and w."""
    heard = sounds(word)
    bare = heard[:1] + "".join([c for c in heard[1:] if c not in _SKIPPED])
    return bare if len(bare) > 2 else word
