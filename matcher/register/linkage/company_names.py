"""The full names of companies: no two companies may have one name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from matcher.register.linkage import name_similarity
from matcher.register.linkage.comparisons import read
from matcher.register.linkage.relations import UNIQUE_FORMS, relation
from matcher.register.linkage.spelling import CACHED, plain

_TELLS_LITTLE = 0.5
"""The rarity of the words of names such as "Group Ltd", up to which they are no one's own."""


class FullName(NamedTuple):
    """A name of a company: `key` is its letters, `form` the class of its legal form."""

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

    >>> [full.key for full in full_names("Jones Cars Ltd T/A Castle Cars")]
    ['jonecar']
    """
    found = (
        FullName(_company_key(part), form, part)
        for part in name_similarity.parts(name)
        for form in sorted(UNIQUE_FORMS & read(part).forms)
    )
    return tuple(full for full in found if full.key)


def _company_key(part: str) -> str:
    """The letters of a company's name, words in the singular.

    With the legal form where the rest tells little.
    """
    if read(part).total < _TELLS_LITTLE:
        return plain(part).replace(" ", "")
    return "".join(word.rstrip("s") or word for word in name_similarity.normalise(part).split())


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
    alike = name_similarity.similarity(a, b) >= name_similarity.SAME
    return alike and relation(a, b) is None
