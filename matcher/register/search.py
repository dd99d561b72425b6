"""Finding a provider by its name, however it is spelt, or by a number that it has.

Names are compared only with those that share a key with what was asked
(`matcher.register.linkage.name_similarity.keys`),
so that a register of any size is asked in milliseconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matcher.core.identifiers import SCHEMES
from matcher.core.types import Organisation
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
)
from matcher.register.register import Register
from matcher.register.rows import best
from models import text

_COMPARED = 150
"""How many names are compared at most, those first that share the rarest keys."""
_BEGINNINGS = 40
_FEWEST = 2
"""letters of a word's beginning"""

_RAISED = {1.0: 0.5, 0.5: 0.2}
"""By place: the share of what lacks to a whole likeness that the same place makes up for."""
_LOWERED = {1.0: 1.0, 0.5: 0.98, 0.0: 1.0, -0.5: 0.92, -1.0: 0.85}
"""By place: what is left of the likeness."""
_FAR_KM = 40.0
_CLEAR = 0.05
_GOOD = 0.75  # from here on no misspelling of another kind is looked for
_LONG_ENOUGH, _LONG = 4, 8  # letters of a word with one edit, and with two
_MOST_TERMS = 200_000
_LEAST = 0.35  # names less alike are not worth showing
_NUMBER = re.compile(r"[A-Z]{0,2}\d{5,8}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NameQuery:
    """Who is looked for: a name, and what else is known of it."""

    name: str
    ids: tuple[str, ...] = ()
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class NameHit:
    """A provider that may be the one looked for.

    `score` is from 0 to 1: 1 where a number is the same; else `name`, how alike the names are,
    raised or lowered by `place`.  `called` is the name of its own that fits best.  `sure` says
    that it can be taken without a look: the same number, or a rare name that is the same, and
    no other that is nearly as good.
    """

    id: str
    called: str
    score: float
    name: float
    number: bool
    place: float
    """1 the same postcode, 0.5 the same district, -0.5 elsewhere, -1 far away, 0 not known"""
    active: bool
    sure: bool = False


def look_up(register: Register, sought: NameQuery, limit: int = 10) -> list[NameHit]:
    """The providers most like the one sought, best first; at most `limit`."""
    numbered = _numbered(register, (*sought.ids, *_as_ids(sought.name)))
    rows = dict.fromkeys([*numbered, *_sharing_keys(register, sought.name)])
    hits = [_hit(register, sought, row, row in numbered) for row in rows]
    if not any(hit.score >= _GOOD for hit in hits):
        more = (row for row in _misspelt(register, sought.name) if row not in rows)
        hits += [_hit(register, sought, row, number=False) for row in more]
    ranked = sorted((hit for hit in hits if hit.score >= _LEAST), key=_best_first)
    return _with_sure(ranked, sought)[:limit]


def beginning_with(register: Register, typed: str, limit: int = 10) -> list[NameHit]:
    """The providers whose names have words that begin as what was typed so far; best first.

    The last word may be unfinished; where no name has such words, names that are alike.
    """
    words = tokens(typed)
    found = _rows_beginning(register, words) if words else []
    if not found:
        return look_up(register, NameQuery(typed), limit)
    hits = [_hit(register, NameQuery(typed), row, number=False) for row in found]
    return sorted(hits, key=_best_first)[:limit]


def _best_first(hit: NameHit) -> tuple[float, bool, str, str]:
    return (-hit.score, not hit.active, normalise(hit.called), hit.id)


def _as_ids(said: str) -> tuple[str, ...]:
    """What was typed as an id: as it is, or as a bare number of each register."""
    bare = said.strip().upper()
    if not _NUMBER.fullmatch(bare):
        return (bare,) if "-" in bare and " " not in bare else ()
    return (*(f"{scheme}-{bare}" for scheme in SCHEMES), f"GB-COH-{bare.zfill(8)}")


def _numbered(register: Register, ids: tuple[str, ...]) -> list[int]:
    rows = (register.row(org_id) for org_id in ids if org_id)
    return [row for row in dict.fromkeys(rows) if row is not None]


def _sharing_keys(register: Register, name: str) -> list[int]:
    """The rows that share a key with the name; where none does, those that share a word."""
    found = _best_rows(register, register.keys, tuple(sorted(keys(name))))
    return found or _best_rows(register, register.names, tuple(sorted(set(text.words(name)))))


def _misspelt(register: Register, name: str) -> list[int]:
    """The rows that have words of the name but for a letter or two, though not the first."""
    near: set[str] = set()
    for word in set(text.words(name)):
        if len(word) >= _LONG_ENOUGH:
            edits = 1 if len(word) < _LONG else 2
            terms = register.names.terms_from(word[0], _MOST_TERMS)
            found = process.extract(word, terms, scorer=OSA.distance, score_cutoff=edits, limit=5)
            near.update(term for term, _, _ in found)
    return _best_rows(register, register.names, tuple(sorted(near)))


def _best_rows(register: Register, index: TextIndex, terms: tuple[str, ...]) -> list[int]:
    """The rows that share the rarest of these terms."""
    plain = WeightedTerms(terms, np.ones(len(terms), np.float32))
    query = WeightedTerms(terms, index.rarity(plain) + np.float32(1e-3))
    scores = index.scores(query, register.everywhere())
    rows: list[int] = best(scores, _COMPARED, register.columns.draw.take).tolist()
    return rows


def _rows_beginning(register: Register, words: tuple[str, ...]) -> list[int]:
    """Rows whose names hold every finished word, and a word that begins as the last."""
    *whole, last = words
    if len(last) < _FEWEST:
        return []
    terms = register.names.terms_from(_stem(last) if whole else last, _BEGINNINGS)
    rows = np.unique(
        np.concatenate([np.empty(0, np.int32), *(register.names.rows_with(t) for t in terms)])
    )
    for word in whole:
        rows = np.intersect1d(rows, register.names.rows_with(_stem(word)), assume_unique=True)
    drawn = register.columns.draw[rows]
    found: list[int] = rows[np.argsort(drawn, kind="stable")[:_COMPARED]].tolist()
    return found


def _stem(word: str) -> str:
    return next(iter(text.words(word)), word)


def _hit(register: Register, sought: NameQuery, row: int, number: bool) -> NameHit:
    one = register.organisations[row]
    alike, called = max(
        ((similarity(sought.name, name), name) for name in names_of(one.provider)),
        key=lambda pair: pair[0],
    )
    place = _place(register, sought.postcode, row, one)
    return NameHit(
        id=one.provider.id,
        called=called,
        score=1.0 if number else _score(alike, place),
        name=alike,
        number=number,
        place=place,
        active=one.provider.status.may_rank,
    )


def _score(alike: float, place: float) -> float:
    """The likeness of the names: raised in the same place, lowered in another."""
    return (alike + (1 - alike) * alike * _RAISED.get(place, 0.0)) * _LOWERED[place]


def _place(register: Register, postcode: str, row: int, one: Organisation) -> float:
    wanted = tidy_postcode(postcode)
    known = [site.postcode for site in one.provider.sites]
    if not wanted or not known:
        return 0.0
    if wanted in known:
        return 1.0
    if wanted.partition(" ")[0] in {each.partition(" ")[0] for each in known}:
        return 0.5
    return -1.0 if _is_far(register, wanted, row) else -0.5


def _is_far(register: Register, postcode: str, row: int) -> bool:
    point, columns = register.postcodes.find(postcode), register.columns
    east, north = int(columns.east[row]), int(columns.north[row])
    if point is None or east == NOWHERE:
        return False
    return km(point.east, point.north, east, north) > _FAR_KM


def _with_sure(ranked: list[NameHit], sought: NameQuery) -> list[NameHit]:
    """The hits, the first marked as sure where it is."""
    if not ranked:
        return []
    first, *rest = ranked
    clear = not rest or first.score - rest[0].score >= _CLEAR
    alike = first.name >= SAME and first.place >= 0 and distinctive(sought.name)
    sure = clear and (first.number or alike)
    return [replace(first, sure=sure), *rest]
