"""The name of an organisation as it is compared: its words, what each tells, and its pieces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from matcher.register.linkage.beside_names import name_alone
from matcher.register.linkage.names_table import TABLE
from matcher.register.linkage.respelling import respelt
from matcher.register.linkage.spelling import (
    CACHED,
    PARTICLES,
    normalise,
    parts,
    plain,
    words_and_forms,
)
from matcher.register.linkage.word_counts import known_counts
from models import exact

PLACES = frozenset(TABLE["places"].split())
_BRANCH = frozenset(TABLE["branch"])
BODIES = frozenset(TABLE["bodies"])
ROLES = frozenset(TABLE["roles"])
"""Words that tell an organisation from a related one, such as "friends" and "holdings"."""
_FORM_CLASS: dict[str, str] = {
    form: name for name, forms in TABLE["form_classes"].items() for form in forms
}
_HERE = frozenset(TABLE["legal"]["here"])
PREMISES = frozenset(map(normalise, TABLE["premises"]))
"""Words for a building or an institution, as names end with them."""
LOCAL_GROUPS = frozenset(TABLE["local_groups"])
"""Words of groups that each place has one of."""
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


RARE = 0.68
"""From this on, a word is rare enough to find an organisation by."""

_DIGITS = re.compile(r"\d+")
_GLUED = re.compile(r"(?<=[a-z]{2})[24](?=[a-z]{2})")
_WORD_OF = {"2": " to ", "4": " for "}
"""What a digit between letters is read as: 'drive2arrive'."""
_ROUND = str.maketrans("[]", "()")
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_TAIL = re.compile(r"\s[-–—|:]\s|[-–—|:]\s|,\s|\s/\s")

_HEAD = re.compile(
    rf"\s[-–—|:]+\s|\s[-–—|]|[-–—|:]\s|/|_|\(|,\s|\s(?:{'|'.join(sorted(_BRANCH))}|secteur)\b",
    re.IGNORECASE,
)
_FOREIGN = frozenset(TABLE["foreign"])
_SEGMENT = re.compile(r"\s[-–—|]+\s|[()/:,_]")

_COMPANIES = frozenset({"company", "corporation", "compagnie", "societe", "soc", "association"})
"""Words left out as legal forms that initials count: "KTC" is "Kestrel Training Company"."""

BRANCH_WEIGHT = 0.05  # factor on the weight of words that only name a branch


@dataclass(frozen=True)
class Read:
    """A normalised name: its words, the weight of each, and their initials.

    What only comparing two names needs is made when it is first asked for.
    """

    name: str
    """as it is written"""
    text: str
    words: tuple[str, ...]
    weights: dict[str, float]
    total: float
    initials: str
    """of the words without particles, of all words, and of `with_company`"""
    with_company: tuple[str, ...]
    """the words where one of them, such as "company", is left out as a legal form; or none"""
    plain_forms: tuple[str, ...]
    """its legal forms as they are written, in plain words"""
    forms: frozenset[str]
    """classes of legal form"""
    parts: tuple[Read, ...]

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Numbers, and single letters, which tell J Smith from K Smith as numbers would."""
        return frozenset(_DIGITS.findall(self.text)).union(w for w in self.words if len(w) == 1)

    @cached_property
    def joined(self) -> str:
        """The words without spaces."""
        return "".join(self.weights)

    @cached_property
    def letters(self) -> frozenset[str]:
        """All letters without the spaces, as written and in one spelling; also "2" as "to"."""
        words, _ = words_and_forms(self.name)
        found = {_run_together(words), _run_together(self.text.split())}
        if _GLUED.search(written := self.name.casefold()):
            spelt = _GLUED.sub(lambda digit: _WORD_OF[digit[0]], written)
            found.add(_run_together(words_and_forms(spelt)[0]))
        return frozenset(found - {""})

    @cached_property
    def spaced(self) -> str:
        """The words with spaces."""
        return " ".join(self.weights)

    @cached_property
    def ordered(self) -> str:
        """The words in alphabetical order."""
        return " ".join(sorted(self.weights))

    @cached_property
    def segments(self) -> frozenset[str]:
        """Normalised pieces between brackets, dashes and slashes, where there are several."""
        pieces = [normalise(piece) for piece in _SEGMENT.split(self.name)]
        return frozenset(piece for piece in pieces if piece) if len(pieces) > 1 else frozenset()

    @cached_property
    def before_brackets(self) -> str:
        """What stands before the first bracket, normalised."""
        return normalise(self.name.partition("(")[0])

    @cached_property
    def head(self) -> str:
        """What stands before a dash, a slash or a word such as "agence", normalised."""
        return normalise(_HEAD.split(self.name, maxsplit=1)[0])

    @cached_property
    def from_abroad(self) -> frozenset[str]:
        """Its legal forms, where only companies of other countries have them: "GmbH".

        Forms of two letters do not tell: they may be words.
        """
        own = frozenset(form for form in self.plain_forms if form in _FORM_CLASS)
        tells = _HERE.isdisjoint(own) and any(len(form) > 2 for form in own)
        return own if tells else frozenset()

    @cached_property
    def foreign(self) -> bool:
        """Whether its words or its legal form are of another language than English."""
        return not _FOREIGN.isdisjoint((*self.text.split(), *self.plain_forms))


def _run_together(words: Iterable[str]) -> str:
    return "".join([word for word in words if len(word) == 1 or word not in PARTICLES])


def tokens(name: str) -> tuple[str, ...]:
    """The different words of the normalised `name` in order, without words such as "of".

    >>> tokens("University of the Arts Ltd")
    ('university', 'arts')
    """
    return _without_particles(normalise(name).split())


def _without_particles(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([w for w in words if w not in PARTICLES])) or tuple(words)


@lru_cache(CACHED)
def read(name: str) -> Read:
    """The name as it is compared."""
    name = name_alone(name)
    name = name.translate(_ROUND) if "[" in name else name
    text, names = normalise(name), parts(name)
    plain_words = text.split()
    words = _without_particles(plain_words)
    initials = "".join([w[0] for w in words]) + " " + "".join([w[0] for w in plain_words])
    with_company = _with_company(names, plain_words)
    if with_company:
        initials += " " + "".join([w[0] for w in with_company])
    branch = _branch_words(name, words)
    weights = {
        w: rarity(w) * (BRANCH_WEIGHT if w in branch else 1.0)
        for w in words
        if len(w) < 3 or w not in initials
    } or dict.fromkeys(words, 1.0)
    _, forms = words_and_forms(name)
    return Read(
        name=name,
        text=text,
        words=words,
        weights=weights,
        total=sum(weights.values()),
        initials=initials,
        with_company=with_company,
        plain_forms=forms,
        forms=frozenset([_FORM_CLASS[f] for f in forms if f in _FORM_CLASS]),
        parts=tuple(map(read, names)) if len(names) > 1 else (),
    )


def _with_company(names: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    """The words of one name with those such as "company" and "society"; () where it has none."""
    _, forms = words_and_forms(names[0]) if len(names) == 1 else ((), ())
    if _COMPANIES.isdisjoint(forms):
        return ()
    kept = {*words, *_COMPANIES}
    return tuple(w for w in respelt(plain(names[0]).split()) if w in kept and w not in PARTICLES)


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


learn_rarity(known_counts())
