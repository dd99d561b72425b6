"""A trading name with its company in a bracket after it: "Bright Cleaning (Ardmore Ltd)"."""

from __future__ import annotations

import re
from functools import cache

from matcher.geo.gazetteer import Gazetteer
from matcher.register.linkage.names_table import TABLE
from matcher.register.linkage.word_counts import known_counts

_FORM = r"(?:ltd|limited|llp|plc|cic)"
_BRACKET = re.compile(rf"([^()]+)\(([^()]+ {_FORM}\.?)\)\W?", re.IGNORECASE)
_HAS_FORM = re.compile(rf"\b{_FORM}\b", re.IGNORECASE)
_INITIALS = re.compile(r"[A-Z&. ]{2,9}")
_WORD = re.compile(r"[^\W\d_]{3,}")
_NOT_COMPANIES = frozenset({*TABLE["places"].split(), *TABLE["roles"]})
_SAYS = frozenset(
    {"called", "division", "formally", "formerly", "known", "member", "now", "owned", "part"}
    | {"prev", "previously", "registered", "subsidiary", "trading", "was"}
)
"""Words of a bracket that says of which kind the other name is."""


def company_in_bracket(name: str) -> tuple[str, str] | None:
    """The company that ends a name in a bracket, and the trading name before it; or None.

    The company has a word of its own, that is no common one, no town's and not in the trading
    name: "Griffiths (Contracts Ltd)" is one name, and the Drewlec of "Drewlec Lifts (Drewlec Ltd)"
    may be another company.  Initials before it may be of many.

    >>> company_in_bracket("Bright Cleaning (Ardmore Ltd)")
    ('Ardmore Ltd', 'Bright Cleaning')
    >>> company_in_bracket("Bright Cleaning (Walsall Ltd)"), company_in_bracket("Bright (Ardmore)")
    (None, None)
    """
    match = _BRACKET.fullmatch(name) if name.rstrip(" .").endswith(")") else None
    if match is None or _HAS_FORM.search(match[1]) or len(_HAS_FORM.findall(match[2])) > 1:
        return None
    company = [word for word in _words(match[2]) if not _HAS_FORM.fullmatch(word)]
    before = {*_words(match[1])}
    if not _SAYS.isdisjoint(company):
        return None
    if (
        not before
        or _INITIALS.fullmatch(match[1])
        or not before.isdisjoint(company)
        or " ".join(company) in _towns()
    ):
        return None
    known = known_counts()
    if all(word in known or word in _NOT_COMPANIES or word in _towns() for word in company):
        return None
    return match[2], match[1].strip()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


@cache
def _towns() -> frozenset[str]:
    return frozenset(town.name.casefold() for town in Gazetteer.open().towns)
