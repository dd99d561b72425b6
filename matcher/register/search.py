"""Finds a provider by its name, whatever the spelling, or by one of its ids.

Compares only names that share a key with the query (`linkage.name_similarity.keys`), so a search
takes milliseconds in a register of any size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matcher.core import org_ids
from matcher.core.identifiers import SCHEMES
from matcher.core.types import Provider
from matcher.geo.national_grid import NOWHERE, km
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.register.inverted_index import TextIndex, WeightedTerms
from matcher.register.linkage.merge import names_of
from matcher.register.linkage.name_similarity import (
    SAME,
    distinctive,
    keys,
    normalise,
    similarity,
    tokens,
    whole_key,
)
from matcher.register.linkage.relations import relation
from matcher.register.register import Register
from matcher.register.rows import best
from models import text

_COMPARED = 150
"""The most names to compare: those that share the rarest keys."""
_MOST_COMPLETIONS = 40
_SHORTEST_PREFIX = 2
"""letters of an unfinished word"""

_RAISED = {1.0: 0.5, 0.5: 0.2}
"""By place score: the share of the missing similarity that the same place adds."""
_LOWERED = {1.0: 1.0, 0.5: 0.98, 0.0: 1.0, -0.5: 0.92, -1.0: 0.85}
"""By place score: the factor on the similarity."""
_FAR_KM = 40.0
_CLEAR = 0.05
"""How much better than the second hit the first must be to be sure."""
_GOOD = 0.75
"""The score from which words spelt with other keys are not searched for."""
_ONE_EDIT, _TWO_EDITS = 4, 8
"""The shortest words, in letters, that are searched for with one edit, and with two."""
_MOST_TERMS = 200_000
_LEAST = 0.35
"""The lowest score of a hit."""
_NUMBER = re.compile(r"[A-Z]{0,2}\d{5,8}", re.IGNORECASE)
_SOCIETY = re.compile(r"\d{1,6}[A-Z]{1,3}")
"""The number of a society with the letters of its series: 129CUS."""


@dataclass(frozen=True, slots=True)
class NameQuery:
    """The provider to search for: its name, and its ids and postcode where known."""

    name: str
    ids: tuple[str, ...] = ()
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class NameHit:
    """A provider that may be the one searched for.

    `score` is from 0 to 1: 1 where an id is the same (`number`), else `similarity`, that
    of the names, raised or lowered by `place`.  `name` is the provider's most similar name.  `sure`
    means that nobody needs to check it: an id is the same, or a rare name that is not that of
    its branch or its friends, and no other hit scores nearly as high.
    """

    id: str
    name: str
    score: float
    similarity: float
    number: bool
    place: float
    """1 the same postcode, 0.5 the same district, -0.5 elsewhere, -1 far away, 0 not known"""
    active: bool
    sure: bool = False


def look_up(register: Register, query: NameQuery, limit: int = 10) -> list[NameHit]:
    """The providers that match best, best first; at most `limit`."""
    with_id = _rows_with_ids(register, (*query.ids, *_as_ids(query.name)))
    rows = dict.fromkeys([*with_id, *_sharing_keys(register, query.name)])
    hits = [_hit(register, query, row, row in with_id) for row in rows]
    if not any(hit.score >= _GOOD for hit in hits):
        more = (row for row in _misspelt(register, query.name) if row not in rows)
        hits += [_hit(register, query, row, number=False) for row in more]
    ranked = sorted((hit for hit in hits if hit.score >= _LEAST), key=_best_first)
    return _mark_sure(register, ranked, query)[:limit]


def complete(register: Register, typed: str, limit: int = 10) -> list[NameHit]:
    """The providers with a name that has the words typed so far, best first.

    The last word may be unfinished.  If no name has these words, the most similar names.
    """
    words = tokens(typed)
    rows = _rows_with_prefix(register, words) if words else []
    if not rows:
        return look_up(register, NameQuery(typed), limit)
    hits = [_hit(register, NameQuery(typed), row, number=False) for row in rows]
    return sorted(hits, key=_best_first)[:limit]


def rows_named(register: Register, name: str) -> list[int]:
    """The rows of organisations with exactly this name, whatever its case and punctuation."""
    written = normalise(name)
    rows = register.keys.rows_with(whole_key(name)).tolist() if written else []
    named = (set(map(normalise, names_of(register.organisations[row].provider))) for row in rows)
    return [row for row, names in zip(rows, named, strict=True) if written in names]


def _best_first(hit: NameHit) -> tuple[float, bool, bool, str, str]:
    return (-hit.score, not hit.number, not hit.active, normalise(hit.name), hit.id)


def _as_ids(name: str) -> tuple[str, ...]:
    """The ids that `name` may be: as it is, in its usual form, or a number of each register."""
    bare = org_ids.in_address(name).strip().upper()
    usual = org_ids.forms(bare) if any(letter.isdecimal() for letter in bare) else ()
    if _SOCIETY.fullmatch(bare):
        return (*usual, f"GB-MPR-{bare}")
    if _NUMBER.fullmatch(bare):
        return (*usual, *(f"{scheme}-{bare}" for scheme in SCHEMES))
    return (bare, *usual) if "-" in bare and " " not in bare else usual


def _rows_with_ids(register: Register, ids: tuple[str, ...]) -> list[int]:
    rows = (register.row(org_id) for org_id in ids if org_id)
    return [row for row in dict.fromkeys(rows) if row is not None]


def _sharing_keys(register: Register, name: str) -> list[int]:
    """The rows that share a key with the name; if none does, those that share a word."""
    rows = _best_rows(register, register.keys, tuple(sorted(keys(name))))
    return rows or _best_rows(register, register.names, tuple(sorted(set(text.words(name)))))


def _misspelt(register: Register, name: str) -> list[int]:
    """The rows with words one or two edits from those of the name; the first letter is the same."""
    similar: set[str] = set()
    for word in set(text.words(name)):
        if len(word) >= _ONE_EDIT:
            edits = 1 if len(word) < _TWO_EDITS else 2
            terms = register.names.terms_with_prefix(word[0], _MOST_TERMS)
            nearest = process.extract(word, terms, scorer=OSA.distance, score_cutoff=edits, limit=5)
            similar.update(term for term, _, _ in nearest)
    return _best_rows(register, register.names, tuple(sorted(similar)))


def _best_rows(register: Register, index: TextIndex, terms: tuple[str, ...]) -> list[int]:
    """The rows that share the rarest of these terms."""
    unweighted = WeightedTerms(terms, np.ones(len(terms), np.float32))
    query = WeightedTerms(terms, index.rarity(unweighted) + np.float32(1e-3))
    scores = index.scores(query, register.everywhere())
    rows: list[int] = best(scores, _COMPARED, register.columns.draw.take).tolist()
    return rows


def _rows_with_prefix(register: Register, words: tuple[str, ...]) -> list[int]:
    """The rows whose names have every word but the last, and a word that begins with the last."""
    *whole, last = words
    if len(last) < _SHORTEST_PREFIX:
        return []
    begun = register.names.terms_with_prefix(_stem(last) if whole else last, _MOST_COMPLETIONS)
    terms = dict.fromkeys([*begun, _stem(last)])  # 'community' is under 'communiti'
    rows = np.unique(
        np.concatenate([np.empty(0, np.int32), *(register.names.rows_with(t) for t in terms)])
    )
    for word in whole:
        rows = np.intersect1d(rows, register.names.rows_with(_stem(word)), assume_unique=True)
    tie_keys = register.columns.draw[rows]
    first: list[int] = rows[np.argsort(tie_keys, kind="stable")[:_COMPARED]].tolist()
    return first


def _stem(word: str) -> str:
    return next(iter(text.words(word)), word)


def _hit(register: Register, query: NameQuery, row: int, number: bool) -> NameHit:
    provider = register.organisations[row].provider
    similar, called = max(
        ((similarity(query.name, name), name) for name in names_of(provider)),
        key=lambda pair: pair[0],
    )
    place = _place_score(register, query.postcode, row, provider)
    return NameHit(
        id=provider.id,
        name=called,
        score=1.0 if number else _score(similar, place),
        similarity=similar,
        number=number,
        place=place,
        active=provider.status.may_rank,
    )


def _score(similar: float, place: float) -> float:
    """The similarity of the names: raised in the same place, lowered in another."""
    return (similar + (1 - similar) * similar * _RAISED.get(place, 0.0)) * _LOWERED[place]


def _place_score(register: Register, postcode: str, row: int, provider: Provider) -> float:
    """How near the provider is to `postcode`, as in `NameHit.place`."""
    postcode = tidy_postcode(postcode)
    sites = [site.postcode for site in provider.sites]
    if not postcode or not sites:
        return 0.0
    if postcode in sites:
        return 1.0
    if postcode.partition(" ")[0] in {site.partition(" ")[0] for site in sites}:
        return 0.5
    return -1.0 if _is_far(register, postcode, row) else -0.5


def _is_far(register: Register, postcode: str, row: int) -> bool:
    point, columns = register.postcodes.find(postcode), register.columns
    east, north = int(columns.east[row]), int(columns.north[row])
    if point is None or east == NOWHERE:
        return False
    return km(point.east, point.north, east, north) > _FAR_KM


def _is_nearest(first: NameHit, rest: list[NameHit]) -> bool:
    """Whether no other hit has a name that is more like the one searched for."""
    return all(one.similarity <= first.similarity for one in rest)


def _has_other_number(register: Register, hit: NameHit, query: NameQuery) -> bool:
    """Whether a provider has another number in a register of which the query gives one."""
    row = register.row(hit.id)
    if hit.number or row is None:
        return False
    provider = register.organisations[row].provider
    asked = set(map(org_ids.form_of, filter(org_ids.tidy, query.ids)))
    return not asked.isdisjoint(map(org_ids.form_of, (provider.id, *provider.ids)))


def _mark_sure(register: Register, ranked: list[NameHit], query: NameQuery) -> list[NameHit]:
    """The hits; the first is marked where it is sure."""
    if not ranked:
        return []
    first, *rest = ranked
    decided = first.number and not any(one.number for one in rest) and _is_nearest(first, rest)
    clear = decided or not rest or first.score - rest[0].score >= _CLEAR
    same_name = first.similarity >= SAME and first.place >= 0 and distinctive(query.name)
    is_it = first.number or (same_name and relation(query.name, first.name) is None)
    sure = clear and is_it and not _has_other_number(register, first, query)
    return [replace(first, sure=sure), *rest]
