"""Which providers may be suggested for a lot, and which of them are worth ranking.

Retrieval is generous: it takes the best by each of several cheap looks (what they say they
do, their name, their past awards, who is near) and leaves the order to the ranker.  Only
looks that the ruling lets count are taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats, Ints, Mask
from matcher.core.types import Kind, Size
from matcher.geo.distance import distance_km
from matcher.geo.geocoding import Spot
from matcher.geo.national_grid import NOWHERE
from matcher.law.scope import Scope
from matcher.law.types import Signal
from matcher.ranking.past_awards import AwardEvidence, award_evidence
from matcher.ranking.query import Query
from matcher.ranking.tie_break import tie_break_keys
from matcher.register.columns import size_code
from matcher.register.register import Register
from matcher.register.rows import Rows, best

Keys: TypeAlias = npt.NDArray[np.uint64]

_VCSE = np.array([kind.vcse for kind in Kind])

QUOTAS = {
    "profile": 60,
    "told": 120,
    "name": 80,
    "past": 100,
    "votes": 100,
    "near": 30,
    "meaning": 100,
    "past meaning": 80,
    "meaning votes": 150,
    "meaning near": 180,
    "new near": 180,
}
"""How many candidates each look may bring."""

A_BAND = 0.2
"""What the logarithm of a distance's likelihood adds to a cosine."""


@dataclass(frozen=True)
class EligibleProviders:
    """The providers that a question may reach, and how many it may not, by reason.

    `rows` are looked at; `allowed` (one value a row of `rows`) says which may be suggested.
    """

    rows: Rows
    numbers: Ints
    allowed: Mask
    set_aside: dict[str, int]
    size_unknown: int


def eligible_providers(query: Query) -> EligibleProviders:
    """The providers that the question's scope reaches."""
    register, scope = query.register, query.ruling.scope
    spot = query.analyzed.place.spot
    rows = _reach(register, spot, scope)
    c = register.columns
    there = rows.take(c.active) & _in_place(register, rows, spot, scope)
    fits = there & _in_size(register, rows, scope)
    allowed = fits & _in_kind(register, rows, scope)
    gone = int(register.manifest["inactive"])
    placeless = int(register.manifest["active_without_place"]) if query.by_place else 0
    elsewhere = len(register) - gone - int(np.count_nonzero(there)) - placeless
    set_aside = {
        "removed, dissolved or insolvent": gone,
        "place not known": placeless,
        "not in the area asked for": elsewhere,
        "larger than asked for": int(np.count_nonzero(there & ~fits)),
        "not voluntary, community or social enterprise": int(np.count_nonzero(fits & ~allowed)),
    }
    unsized = allowed & (rows.take(c.size) == size_code(Size.UNKNOWN))
    unknown = int(np.count_nonzero(unsized))
    return EligibleProviders(
        rows, rows.numbers(), allowed, {k: n for k, n in set_aside.items() if n}, unknown
    )


def _reach(register: Register, spot: Spot | None, scope: Scope) -> Rows:
    if scope.councils:
        return register.within(scope.councils)
    if scope.within_km is not None and spot is not None:
        return register.near(spot.east, spot.north, scope.within_km)
    return register.everywhere()


def _in_place(register: Register, rows: Rows, spot: Spot | None, scope: Scope) -> Mask:
    c = register.columns
    if scope.councils:
        wanted = register.council_numbers(scope.councils)
        inside: Mask = np.isin(rows.take(c.council), wanted)
        further = c.site_row[np.isin(c.site_council, wanted)]
    elif scope.within_km is not None and spot is not None:
        inside = _way(register, rows, spot) <= scope.within_km
        near = distance_km(c.site_east, c.site_north, spot) <= scope.within_km
        further = c.site_row[near]
    elif scope.uk:
        return np.asarray(rows.take(c.east) != NOWHERE)
    else:
        return np.ones(len(rows), bool)
    at = rows.positions(np.asarray(further, np.int64))
    inside[at[at >= 0]] = True
    return inside


def _way(register: Register, rows: Rows, spot: Spot) -> Floats:
    """(rows,) kilometres from each row's first site to `spot`."""
    return distance_km(rows.take(register.columns.east), rows.take(register.columns.north), spot)


def _in_size(register: Register, rows: Rows, scope: Scope) -> Mask:
    if scope.sizes is None:
        return np.ones(len(rows), bool)
    allowed = np.array([size in scope.sizes or size is Size.UNKNOWN for size in Size])
    inside: Mask = allowed[rows.take(register.columns.size)]
    return inside


def _in_kind(register: Register, rows: Rows, scope: Scope) -> Mask:
    if not scope.vcse:
        return np.ones(len(rows), bool)
    inside: Mask = _VCSE[rows.take(register.columns.kind)]
    return inside


@dataclass(frozen=True)
class Candidates:
    """Candidates for a lot: their register rows, and what retrieval learned of them.

    All arrays have one value a candidate, except those of `past` that have one an award.
    """

    rows: Ints
    profile: Floats
    profile_and_name: Floats
    name: Floats
    name_meaning: Floats
    profile_meaning: Floats
    past: AwardEvidence
    tie_keys: Keys


def retrieve(query: Query, eligible: EligibleProviders, seed: int = 0) -> Candidates:
    """The providers of the field that are worth ranking, in row order.

    A draw by `seed` decides between equals where a look is full, and later in the ranking.
    """
    register, analyzed = query.register, query.analyzed
    profile = register.profiles.scores(query.profile, eligible.rows) * eligible.allowed
    told = register.told.scores(query.profile_and_name, eligible.rows) * eligible.allowed
    name = register.names.scores(query.name, eligible.rows) * eligible.allowed
    name_meaning, profile_meaning = _meanings(query, eligible)
    past = award_evidence(query, eligible.rows, eligible.allowed)
    looks = {
        "profile": profile,
        "told": told,
        "name": name,
        "past": past.best_likeness,
    }
    meant = np.maximum(name_meaning, profile_meaning)
    if query.meaning is not None:
        looks["meaning"] = meant
    if query.counts(Signal.RECORD):
        looks |= {"votes": past.votes, "meaning votes": past.meaning_votes}
    elif query.meaning is not None:
        looks["past meaning"] = past.best_meaning
    if query.counts(Signal.PLACE) and analyzed.place.spot is not None:
        way = _way(register, eligible.rows, analyzed.place.spot)
        looks["near"] = (name + profile + 1e-6) * eligible.allowed / (1 + way)
        if query.meaning is not None:
            looks |= _nearby(query, eligible, meant, way)
    keys = eligible.rows.take(register.columns.draw)

    def drawn(at: Ints) -> Keys:
        return tie_break_keys(keys[at], seed, analyzed.lot.id)

    chosen = np.zeros(len(eligible.numbers), bool)
    for look, scores in looks.items():
        chosen[best(scores, QUOTAS[look], drawn)] = True
    at = np.flatnonzero(chosen)
    at = at[np.argsort(eligible.numbers[at])]
    return Candidates(
        rows=eligible.numbers[at],
        profile=profile[at],
        profile_and_name=told[at],
        name=name[at],
        name_meaning=name_meaning[at],
        profile_meaning=profile_meaning[at],
        past=past.subset(at),
        tie_keys=drawn(at),
    )


def _meanings(query: Query, eligible: EligibleProviders) -> tuple[Floats, Floats]:
    """(rows,) how near the lot each name lies, and each profile; 0 where not allowed."""
    lot = query.meaning
    if lot is None:
        return np.zeros(len(eligible.rows), np.float32), np.zeros(len(eligible.rows), np.float32)
    named = lot.vectors.names_like(lot.vector, eligible.rows)
    said = lot.vectors.profiles_like(lot.vector, eligible.rows)
    return np.maximum(named, 0) * eligible.allowed, np.maximum(said, 0) * eligible.allowed


def _nearby(
    query: Query, eligible: EligibleProviders, meant: Floats, way: Floats
) -> dict[str, Floats]:
    """Those who mean the same and lie where such suppliers come from; and the new among them."""
    likelier = query.knowledge.distances.likelier(way, query.analyzed.codes)
    near = (1 + meant + np.float32(A_BAND) * likelier) * eligible.allowed
    new = near
    if query.counts(Signal.RECORD):
        new = near * query.register.new_among(eligible.rows)
    return {"meaning near": near, "new near": new}
