"""Organisations that are related and not one: a charity and its shop, a school and its friends.

Names are compared by their words without legal forms.  Where two names are the same but for words
that `names.toml` lists as telling related organisations apart, or but for a number, the names are
of two related organisations.
"""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

from matcher.register.linkage.first_names import same_first_names
from matcher.register.linkage.names_table import TABLE
from matcher.register.linkage.nhs_trusts import is_trust_cut_short
from matcher.register.linkage.reading import PLACES, RARE, Read, rarity, read
from matcher.register.linkage.similar_words import word_similarity
from matcher.register.linkage.spelling import PARTICLES

_SAYS: dict[str, str] = {
    word: relation["says"] for relation in TABLE["relation"] for word in relation["words"]
}
ROLES = frozenset(_SAYS)
"""Words that tell related organisations apart."""
GROUP = "in one group with"
NAMESAKE = "shares a name with"
APART = ""
"""Says nothing: nothing but a part of their names shows that they have to do with each other."""
SISTER = "sister organisation of"
EARLIER = "an earlier registration of"
LATER = "the later registration of"
MAY_BE_EARLIER = "perhaps an earlier registration of"
MAY_BE_LATER = "perhaps the later registration of"
_TURNED = {
    "friends or supporters of": "supported by",
    "parents' and teachers' association of": "has the parents' and teachers' association",
    "trading arm of": "has the trading arm",
    "services arm of": "has the services arm",
    "holding company of": "held by",
    "charitable foundation of": "has the charitable foundation",
    "property company of": "has the property company",
    "fund or trustees of": "has the fund or trustees",
    "branch of": "has the branch",
    "club of": "has the club",
    "students' body of": "has the students' body",
    EARLIER: LATER,
    MAY_BE_EARLIER: MAY_BE_LATER,
}
INVERSE = _TURNED | {turned: says for says, turned in _TURNED.items()}
"""A relation → the same relation as the other organisation has it; others read the same."""
_NUMBER = frozenset({"no", "number", "nr"})
IDENTIFIES = 1.5
"""The rarity of shared words, added up, that identifies an organisation."""
UNIQUE_FORMS = frozenset({"private", "public", "partnership", "community"})
"""Legal forms of which no two organisations have one name."""
_CHARITY = frozenset({"charity", "charities"})
_OF_CHARITIES = frozenset({"nhs", "hospital", "hospitals", "council"})
"""Words of public bodies, whose charities have their names."""
_NHS_TRUST = frozenset({"nhs", "trust"})
"""Words of an NHS trust, which may become an NHS foundation trust."""
_SORTS = frozenset({"charity", "school"})
"""Words for the sort of body, which are no other organisation's: "Lakeford School"."""
_SIMILAR = 0.8
"""Words from this similarity on may be spellings of one word."""


class Relation(NamedTuple):
    """How the first of two organisations is related to the second."""

    says: str

    def turned(self) -> Relation:
        """How the second is related to the first."""
        return Relation(INVERSE.get(self.says, self.says))


def relation(a: str, b: str) -> Relation | None:
    """How the organisation named `a` is related to the one named `b`; None if nothing shows it.

    >>> relation("Friends of Tettenhall Wood School", "Tettenhall Wood School")
    Relation(says='friends or supporters of')
    >>> relation("Kestrel Ltd", "Kestrel Holdings Ltd")
    Relation(says='held by')
    >>> relation("Kestrel Ltd", "Kestrel Limited"), relation("Kestrel", "Heron Trading")
    (None, None)
    """
    first, second = read(a), read(b)
    if first.parts or second.parts:
        return _of_parts(first, second)
    return _of_two(first, second)


def _of_parts(a: Read, b: Read) -> Relation | None:
    """How two names are related of which one has a trading name; None where they share a part."""
    parts_a, parts_b = a.parts or (a,), b.parts or (b,)
    if not {x.text for x in parts_a}.isdisjoint(y.text for y in parts_b):
        return None
    each = [_of_two(x, y) for x in (a, *parts_a) for y in (b, *parts_b)]
    found = [one for one in each if one not in (None, Relation(NAMESAKE))]
    return next((one for one in found if one != Relation(APART)), next(iter(found), None))


def _of_two(first: Read, second: Read) -> Relation | None:
    if is_trust_cut_short(first, second):
        return None
    left_a, left_b = _left(first, second)
    if (charity := _charity(first, second, left_a, left_b)) is not None:
        return charity
    roles_a, roles_b = left_a & ROLES, left_b & ROLES
    numbers = _numbers(left_a) | _numbers(left_b)
    if not (roles_a or roles_b or numbers) or not _one_base(first, second, left_a, left_b):
        return _of_two_companies(first, second, left_a, left_b)
    if not _is_told(first, second, left_a, left_b):
        return Relation(APART)
    return _of_roles(first, second, roles_a, roles_b)


def _of_roles(first: Read, second: Read, roles_a: Set[str], roles_b: Set[str]) -> Relation:
    """How two names of one base are related, of which these roles or a number differ."""
    says_a, says_b = ({_SAYS[word] for word in sorted(roles)} for roles in (roles_a, roles_b))
    if roles_a and roles_b:
        return Relation(SISTER if SISTER in says_a | says_b else GROUP)
    if roles_a:
        return _of_role(min(says_a), first, second)
    if roles_b:
        return _of_role(min(says_b), second, first).turned()
    return Relation(SISTER)


def _of_role(says: str, one: Read, other: Read) -> Relation:
    """How the name that has the role is related to the other."""
    both_trusts = all(_NHS_TRUST.issubset(each.words) for each in (one, other))
    is_foundation = says == _SAYS["foundation"]
    return Relation(MAY_BE_LATER if is_foundation and both_trusts else says)


def _charity(a: Read, b: Read, left_a: Set[str], left_b: Set[str]) -> Relation | None:
    """How the charity of a public body and that body are related; None if they are not these."""
    found = Relation("charitable foundation of")
    if _is_charity_of(b, left_a, left_b):
        return found
    return found.turned() if _is_charity_of(a, left_b, left_a) else None


def _is_charity_of(body: Read, mine: Set[str], theirs: Set[str]) -> bool:
    """Whether a name has nothing but "charity" more than that of a public body."""
    return (
        bool(mine) and mine <= _CHARITY and not theirs and not _OF_CHARITIES.isdisjoint(body.words)
    )


def _of_two_companies(a: Read, b: Read, left_a: Set[str], left_b: Set[str]) -> Relation | None:
    """Full names of two companies that share a part of their names; None if they are not.

    No two companies have the same name, so a word that only one of them has is of another company.
    A company here and one abroad are two, whatever their names: "Kestrel Ltd" and "Kestrel GmbH".
    "Leamington Spa" is not abroad: "Leamington Spa Ltd" shows that the form of SpA is a word there.
    """
    both = not UNIQUE_FORMS.isdisjoint(a.forms) and not UNIQUE_FORMS.isdisjoint(b.forms)
    rest = {w for w in left_a | left_b if w not in PARTICLES}
    respaced = a.text.replace(" ", "") == b.text.replace(" ", "")
    if not both or a.parts or b.parts:
        return None
    abroad = a.from_abroad or b.from_abroad
    if bool(a.from_abroad) != bool(b.from_abroad) and not (
        abroad <= {*a.plain_forms} & {*b.plain_forms}
    ):
        return Relation(NAMESAKE)
    return Relation(NAMESAKE) if rest and not respaced else None


def _left(a: Read, b: Read) -> tuple[Set[str], Set[str]]:
    """The words of each name that the other lacks, in any spelling and however they are divided."""
    if not a.letters.isdisjoint(b.letters):
        return frozenset(), frozenset()
    words_a, words_b = set(a.weights), set(b.weights)
    left_a, left_b = words_a - words_b, words_b - words_a
    for x, y in same_first_names(a, b):
        left_a.discard(x)
        left_b.discard(y)
    for x in sorted(left_a):
        alike = [y for y in sorted(left_b) if word_similarity(x, y) >= _SIMILAR]
        if alike and not ({x, alike[0]} <= ROLES):
            left_a.discard(x)
            left_b.discard(alike[0])
    return left_a, left_b


def _numbers(left: Set[str]) -> Set[str]:
    return {word for word in left if word.isdigit() and len(word) < 3}


def _is_told(a: Read, b: Read, left_a: Set[str], left_b: Set[str]) -> bool:
    """Whether two names of one base show how their organisations are related.

    They show it where the name without a role or number has no word more but for the sort of body:
    "Kestrel Homes Trading" is of Kestrel, and not of Kestrel Taxis, which shares a word with it.
    Nor is what only shares "No.", or a place: "Walsall Trading" is not of Walsall School.
    """
    shared = _shared(a, b) - _NUMBER
    sorts = _SORTS if shared - PLACES else frozenset[str]()
    bare = [
        left - _NUMBER - sorts for left in (left_a, left_b) if not (left & ROLES or _numbers(left))
    ]
    more = bare or [_others(left_a), _others(left_b)]
    return not any(more) and _identifies(shared)


def _one_base(a: Read, b: Read, left_a: Set[str], left_b: Set[str]) -> bool:
    """Whether, without roles and numbers, the names have the same words that identify them."""
    rest_a, rest_b = _others(left_a), _others(left_b)
    if (rest_a and rest_b) or len(rest_a | rest_b) > 1:
        return False
    if not _identifies(_shared(a, b)):
        return False
    return not any(rarity(word) >= RARE or word in PLACES for word in rest_a | rest_b)


def _shared(a: Read, b: Read) -> Set[str]:
    """The words of both names but roles."""
    return (set(a.words) & set(b.words)) - ROLES


def _others(left: Set[str]) -> Set[str]:
    """The words that are neither roles nor numbers."""
    return {w for w in left if w not in ROLES | _NUMBER and not w.isdigit()}


def _identifies(shared: Set[str]) -> bool:
    """Whether words tell which organisation it is."""
    known = sum(rarity(word) for word in shared) >= IDENTIFIES
    return known or any(rarity(word) >= RARE or word in PLACES for word in shared)
