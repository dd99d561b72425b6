"""Features of where a provider is based and has worked."""

from __future__ import annotations

from dataclasses import replace
from math import fsum

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats, Ints
from matcher.geo.geocoding import distance_km
from matcher.geo.national_grid import NOWHERE
from matcher.law.types import Signal
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.feature import NEAR, feature
from matcher.ranking.features.positions import Values
from matcher.ranking.features.relevance import name_meaning, profile_meaning
from matcher.ranking.retrieval import DISTANCE_WEIGHT
from matcher.register.columns import Columns
from matcher.register.gazetteer import spot_of_words
from matcher.register.register import Register
from matcher.register.rows import best
from models import exact

_BY_MEANING, _BY_WORDS, _BY_BUYER = 6, 4, 3
"""The powers that similarity is raised to where nearby winners are counted."""
_LEAST = np.float32(0.02)


@feature(Signal.PLACE, NEAR)
def past_words_here(context: FeatureContext) -> Values:
    """How much of the lot's words, place names included, its past contracts contain."""
    return context.share_of_best(context.words_score)


@feature(Signal.PLACE, NEAR)
def nearness(context: FeatureContext) -> Values:
    """How near its nearest site is: 1 at the lot, 0.5 at 30 km, 0 where unknown."""
    return 1 / (1 + context.km / np.float32(30))


@feature(Signal.PLACE, NEAR)
def local_votes(context: FeatureContext) -> Values:
    """Similar contracts that it won near the lot."""
    return exact.log1p(4 * context.candidates.past.local_votes)


@feature(Signal.PLACE, NEAR)
def won_near(context: FeatureContext) -> Values:
    """How near its nearest past contract was: 1 at the lot, 0.5 at 10 km, 0 where none."""
    return context.max_over_wins(1 / (1 + context.km_to_wins / np.float32(10)))


@feature(Signal.PLACE, NEAR)
def won_alike_near(context: FeatureContext) -> Values:
    """How near, and how close in meaning, its best past contract was."""
    meaning = context.candidates.past.meaning[context.wins[1]]
    return context.max_over_wins(meaning / (1 + context.km_to_wins / np.float32(20)))


@feature(Signal.PLACE, NEAR)
def distance_likely(context: FeatureContext) -> Values:
    """How typical its distance is of winners of such contracts (logarithm)."""
    return context.query.knowledge.distances.log_ratio(context.km, context.analyzed.codes)


@feature(Signal.PLACE, NEAR)
def meaning_and_place(context: FeatureContext) -> Values:
    """Closeness in meaning plus how typical its distance is of winners."""
    meaning = np.maximum(name_meaning.values(context), profile_meaning.values(context))
    together: Values = meaning + np.float32(DISTANCE_WEIGHT) * distance_likely.values(context)
    return together


@feature(Signal.PLACE, NEAR)
def meaning_and_place_behind_best(context: FeatureContext) -> Values:
    """Closeness in meaning plus typical distance, less the best candidate's."""
    together = meaning_and_place.values(context)
    behind: Values = together - together.max(initial=-np.inf)
    return behind


@feature(Signal.PLACE, NEAR)
def meaning_and_place_behind_best_new(context: FeatureContext) -> Values:
    """Closeness in meaning plus typical distance, less the best newcomer's; 0 if none."""
    if not context.newcomers.any():
        return context.constant(0.0)
    together = meaning_and_place.values(context)
    best = together[context.newcomers].max()
    behind: Values = together - best
    return behind


@feature(Signal.PLACE, NEAR)
def winners_around(context: FeatureContext) -> Values:
    """Winners of contracts close in meaning that are based near it."""
    return _around(context, context.candidates.past.meaning, _BY_MEANING)


@feature(Signal.PLACE, NEAR)
def winners_here_around(context: FeatureContext) -> Values:
    """Winners of contracts with the lot's words, place names included, based near it."""
    return _around(
        context, context.postings_with_places.scores(context.register.known_awards), _BY_WORDS
    )


@feature(Signal.PLACE, NEAR)
def buyers_winners_around(context: FeatureContext) -> Values:
    """This buyer's winners based near it, weighted by closeness in meaning."""
    meaning = context.candidates.past.meaning
    return _around(context, np.where(context.same_buyer, np.maximum(meaning, _LEAST), 0), _BY_BUYER)


def _around(context: FeatureContext, alike: Floats, sharpness: int) -> Floats:
    return winner_density(context.register, context.candidates.rows, alike, sharpness)


@feature(Signal.PLACE, NEAR)
def near_named_place(context: FeatureContext) -> Values:
    """How near it is to the place in the lot's title: 1 there, 0.5 at 10 km, 0 if none."""
    title_only = replace(context.analyzed.lot, description="", buyer="")
    spot = spot_of_words(context.register, title_only, context.query.knowledge.background)
    if spot is None:
        return context.constant(0.0)
    c, rows = context.register.columns, context.candidates.rows
    return 1 / (1 + distance_km(c.east[rows], c.north[rows], spot) / np.float32(10))


@feature(Signal.PLACE, NEAR)
def beyond_reach(context: FeatureContext) -> Values:
    """How much further the lot is than its past contracts (logarithm); 0 where unknown."""
    candidate, award = context.wins
    c = context.register.columns
    rows = context.candidates.rows[candidate]
    across = c.award_east[award] - c.east[rows].astype(np.float64)
    along = c.award_north[award] - c.north[rows].astype(np.float64)
    known = (c.award_east[award] != NOWHERE) & (c.east[rows] != NOWHERE)
    usual = exact.log1p(np.sqrt(across * across + along * along) / 1000)
    n = len(context.candidates.rows)
    number = np.bincount(candidate[known], minlength=n)
    mean = np.bincount(candidate[known], usual[known], n) / np.maximum(number, 1)
    known_both = (number > 0) & np.isfinite(context.km)
    further = np.zeros(n)
    further[known_both] = exact.log1p(context.km[known_both]) - mean[known_both]
    return further


FEATURES = (
    past_words_here,
    nearness,
    local_votes,
    won_near,
    won_alike_near,
    distance_likely,
    meaning_and_place,
    meaning_and_place_behind_best,
    meaning_and_place_behind_best_new,
    winners_around,
    winners_here_around,
    buyers_winners_around,
    near_named_place,
    beyond_reach,
)


NEAR_KM = 8.0
"""The distance at which a winner counts half."""
_NEAR = NEAR_KM * 1000
_NEAR_STEPS, _SHARE_BITS = float(1 << 26), 24
"""Shares add up to one, so a double holds every sum of their products exactly."""
_MOST = 60
"""The most winners to use, those of the contracts most similar to the lot."""


def winner_density(register: Register, rows: Ints, alike: Floats, sharpness: int) -> Floats:
    """(rows,) the share of winners based near each row, from 0 to 1; 0 where a place is unknown.

    `alike` (one per known award), raised to the power `sharpness`, is the award's weight.  Joint
    winners of an award share it.
    """
    chosen = best(alike, _MOST, lambda award: award)
    at, winner = register.winners.of_many(chosen)
    around = np.zeros(len(rows), np.float32)
    if not len(at):
        return around
    joint = np.bincount(at, minlength=len(chosen))
    sharpened = exact.power(alike[chosen] / alike[chosen].max(), sharpness)
    weight = (sharpened / np.maximum(joint, 1))[at]
    most = np.argsort(-weight, kind="stable")[:_MOST]
    winner, weight = winner[most], weight[most]
    c = register.columns
    winner_placed = c.east[winner] != NOWHERE
    placed = np.flatnonzero(c.east[rows] != NOWHERE)
    if not winner_placed.any() or not len(placed):
        return around
    winners, ours = _metres(c, winner[winner_placed]), _metres(c, rows[placed])
    near = _squared_distances(winners, ours)
    np.divide(_NEAR**2 * _NEAR_STEPS, near, out=near)
    np.rint(near, out=near)
    share = exact.on_grid(weight[winner_placed] / fsum(weight.tolist()), _SHARE_BITS)
    around[placed] = (share @ near) / _NEAR_STEPS
    return around


def _metres(columns: Columns, rows: Ints) -> npt.NDArray[np.float64]:
    """(n, 2) metres east and north of each row."""
    return np.stack([columns.east[rows], columns.north[rows]], axis=1).astype(np.float64)


def _squared_distances(
    some: npt.NDArray[np.float64], others: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(some, others) the squared distance of each two plus that of `NEAR_KM`, square metres.

    Whole numbers under 2**53 throughout: exact, in whatever order they are added.
    """
    ones = np.ones((len(some), 1)), np.ones((len(others), 1))
    far = [(at * at).sum(axis=1, keepdims=True) for at in (some, others)]
    left = np.hstack([some, far[0] + _NEAR**2, ones[0]])
    together: npt.NDArray[np.float64] = left @ np.hstack([-2 * others, ones[1], far[1]]).T
    return together
