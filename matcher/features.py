"""Features: a lot and its candidates into numbers, one small function a feature.

The one encoder of learning and of answering.  Each function's docstring is what the user
is shown; each says which signal it draws on, because the gate decides by signal, and which
reason it belongs to, because people read reasons, not features.

A feature that draws on relevance reads only words and codes: what a provider says it does,
what it is called, and what its past contracts were about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.find import Found
from matcher.need import Need
from matcher.past import Floats, Ints, distance_km
from matcher.question import Question
from matcher.register import Register
from matcher.rules import Signal
from matcher.types import Size

Values: TypeAlias = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Look:
    """A lot, its candidates, and what several features need of both."""

    question: Question
    found: Found

    @property
    def register(self) -> Register:
        """The register, knowing what may be known."""
        return self.question.register

    @property
    def need(self) -> Need:
        """The lot as a question."""
        return self.question.need

    @cached_property
    def won(self) -> tuple[Ints, npt.NDArray[np.int32]]:
        """(candidate, award) for every award that a candidate won and that is known."""
        candidate, award = self.register.won.of_many(self.found.rows)
        known = award < self.register.known_awards
        return candidate[known], award[known]

    @cached_property
    def km(self) -> Floats:
        """(n,) kilometres from the lot to the provider's nearest site; infinite if unknown."""
        spot = self.need.place.spot
        if spot is None:
            return np.full(len(self.found.rows), np.inf, np.float32)
        c = self.register.columns
        rows = self.found.rows
        way = distance_km(c.east[rows], c.north[rows], spot)
        at, further = _sites(c.site_row, rows)
        np.minimum.at(way, at, distance_km(c.site_east[further], c.site_north[further], spot))
        return way

    def most(self, values: npt.NDArray[np.number]) -> Floats:
        """(n,) the greatest of `values` (one an award) among each candidate's awards; else 0."""
        candidate, award = self.won
        top = np.zeros(len(self.found.rows), np.float32)
        np.maximum.at(top, candidate, values[award].astype(np.float32))
        return top

    def count(self, of: npt.NDArray[np.bool_]) -> Floats:
        """(n,) how many of each candidate's awards are among those marked (one an award)."""
        candidate, award = self.won
        rows = len(self.found.rows)
        return np.bincount(candidate, of[award].astype(float), rows).astype(np.float32)


def _sites(site_row: npt.NDArray[np.int32], rows: Ints) -> tuple[Ints, Ints]:
    """(position in `rows`, site) for each further site; `site_row` ascends."""
    wanted = rows.astype(np.int32)
    start = site_row.searchsorted(wanted)
    size = site_row.searchsorted(wanted, side="right") - start
    at = np.repeat(np.arange(len(rows)), size)
    return at, np.arange(len(at)) + np.repeat(start - (np.cumsum(size) - size), size)


@dataclass(frozen=True, slots=True)
class Feature:
    """One number a candidate: how it is computed, and what it draws on."""

    name: str
    signal: Signal
    reason: str
    words: str
    compute: Callable[[Look], Values]


FEATURES: dict[str, Feature] = {}

SAYS = "What it says it does"
NAMED = "What it is called"
DONE = "What its past contracts were about"
RECORD = "Its record with public buyers"
NEAR = "Where it is"
SIZE = "How big it is"
REASONS = (SAYS, NAMED, DONE, RECORD, NEAR, SIZE)
"""The reasons an officer is shown, in the order shown."""


def _feature(signal: Signal, reason: str) -> Callable[[Callable[[Look], Values]], Feature]:
    def register(compute: Callable[[Look], Values]) -> Feature:
        words = " ".join((compute.__doc__ or "").split())
        feature = Feature(compute.__name__, signal, reason, words, compute)
        FEATURES[feature.name] = feature
        return feature

    return register


@_feature(Signal.RELEVANCE, SAYS)
def profile_words(look: Look) -> Values:
    """How much of the lot's telling words its profile holds."""
    return look.found.profile


@_feature(Signal.RELEVANCE, SAYS)
def profile_category(look: Look) -> Values:
    """How much of the words usual under the lot's CPV codes its profile holds."""
    return look.found.category


@_feature(Signal.RELEVANCE, NAMED)
def name_words(look: Look) -> Values:
    """How much of the lot's and its category's telling words its names hold."""
    return look.found.name


@_feature(Signal.RELEVANCE, DONE)
def past_words(look: Look) -> Values:
    """How alike the words of its most alike past contract are."""
    return look.most(look.found.past.likeness)


@_feature(Signal.RELEVANCE, DONE)
def past_category(look: Look) -> Values:
    """How closely the CPV code of its closest past contract agrees (1: all eight digits)."""
    return look.most(look.found.past.depth) / np.float32(8)


@_feature(Signal.RELEVANCE, DONE)
def past_words_and_category(look: Look) -> Values:
    """How alike its most alike past contract is among those in the same CPV group."""
    past = look.found.past
    return look.most(np.where(past.depth >= 3, past.likeness, 0))


@_feature(Signal.RECORD, RECORD)
def votes(look: Look) -> Values:
    """How many past contracts like this one it won: the most alike and this buyer's count most."""
    return np.log1p(4 * look.found.past.votes)


@_feature(Signal.RECORD, RECORD)
def wins_in_category(look: Look) -> Values:
    """How many past contracts in the same CPV class it won (logarithm)."""
    return np.log1p(look.count(look.found.past.depth >= 4))


@_feature(Signal.RECORD, RECORD)
def won_from_buyer(look: Look) -> Values:
    """How many past contracts it won from this buyer (logarithm)."""
    return np.log1p(look.count(_same_buyer(look)))


def _same_buyer(look: Look) -> npt.NDArray[np.bool_]:
    known = look.register.columns.award_buyer[: look.register.known_awards]
    same: npt.NDArray[np.bool_] = (known == np.uint64(look.need.buyer)) & (look.need.buyer != 0)
    return same


@_feature(Signal.PLACE, NEAR)
def nearness(look: Look) -> Values:
    """How near its nearest site is: 1 at the place itself, 0.5 at 30 km, 0 where unknown."""
    return 1 / (1 + look.km / np.float32(30))


@_feature(Signal.PLACE, NEAR)
def local_votes(look: Look) -> Values:
    """How many contracts like this one it won near here."""
    return np.log1p(4 * look.found.past.local_votes)


@_feature(Signal.PLACE, NEAR)
def won_near(look: Look) -> Values:
    """How near to here a contract was that it won: 1 here, 0.5 at 10 km, 0 where none."""
    spot = look.need.place.spot
    if spot is None:
        return np.zeros(len(look.found.rows), np.float32)
    c = look.register.columns
    candidate, award = look.won
    way = distance_km(c.award_east[award], c.award_north[award], spot)
    nearest = np.zeros(len(look.found.rows), np.float32)
    np.maximum.at(nearest, candidate, 1 / (1 + way / np.float32(10)))
    return nearest


@_feature(Signal.SIZE, SIZE)
def is_small(look: Look) -> Values:
    """Whether it is known to be micro, small or medium."""
    small = [list(Size).index(s) for s in (Size.MICRO, Size.SMALL, Size.MEDIUM)]
    return np.isin(look.register.columns.size[look.found.rows], small).astype(np.float32)


@_feature(Signal.SIZE, SIZE)
def lot_fits(look: Look) -> Values:
    """Whether the lot's yearly value is known to be at most half of its yearly income."""
    lot = look.need.lot
    if not lot.value:
        return np.zeros(len(look.found.rows), np.float32)
    yearly = lot.value / max(lot.years or 1.0, 1.0)
    income = look.register.columns.income[look.found.rows]
    return (np.nan_to_num(income) >= 2 * yearly).astype(np.float32)


def compute(look: Look, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """The features named, in that order, shape (candidates, features)."""
    columns = [np.asarray(FEATURES[name].compute(look), np.float64) for name in names]
    return np.stack(columns, axis=1) if columns else np.zeros((len(look.found.rows), 0))
