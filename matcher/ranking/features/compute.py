"""Features: a lot and its candidates into numbers, one small function a feature.

The one encoder of learning and of answering.  Each function's docstring is what the user
is shown; each says which signal it draws on, because the gate decides by signal, and which
reason it belongs to, because people read reasons, not features.

A feature that draws on relevance reads only words and codes: what a provider says it does,
what it is called, and what its past contracts were about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from matcher.core.types import Size
from matcher.law.gate import Signal
from matcher.ranking.past_awards import Floats, Ints, distance_km
from matcher.ranking.query import Question
from matcher.ranking.retrieval import A_BAND, Found
from matcher.ranking.winner_density import thickness
from matcher.register.analysis import Need
from matcher.register.gazetteer import spot_of_words
from matcher.register.inverted_index import Held, Rows, best
from matcher.register.register import NOWHERE, Register
from models import text

Values: TypeAlias = npt.NDArray[np.floating]
Mask: TypeAlias = npt.NDArray[np.bool_]
Number = TypeVar("Number", bound=np.number)

_FINE = 1e5
"""How finely values are compared where candidates are put in order."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Candidates put in order by each of several values; those of equal value stand together."""

    order: npt.NDArray[np.int64]
    """(values, n) positions, the greatest value first"""
    first: npt.NDArray[np.int64]
    """(values, n) for each place in a line, where those of its value begin"""

    @classmethod
    def of(cls, values: Values) -> Lines:
        """The lines of `values`, (values, n); those that differ by mere rounding are equal."""
        near = np.rint(values * -_FINE).astype(np.int32)
        order = np.argsort(near, axis=1)
        ranked = _picked(near, order)
        first = np.zeros(near.shape, np.int64)
        first[:, 1:] = np.arange(1, near.shape[1]) * (ranked[:, 1:] != ranked[:, :-1])
        return cls(order, np.maximum.accumulate(first, axis=1, out=first))

    def ahead(self) -> Floats:
        """(values, n) how many have a greater value, as the logarithm of one more."""
        return self._each(self.first)

    def ahead_of(self, some: Mask) -> Floats:
        """(values, n) how many of `some` have a greater value, as the logarithm of one more."""
        here = some[self.order]
        before: npt.NDArray[np.int64] = np.cumsum(here, axis=1) - here
        return self._each(_picked(before, self.first))

    def some(self, lines: Sequence[int]) -> Lines:
        """Those of the lines, by number."""
        return Lines(self.order[lines], self.first[lines])

    def _each(self, count: npt.NDArray[np.int64]) -> Floats:
        logarithms = np.log1p(np.arange(count.shape[1] + 1)).astype(np.float32)
        found = np.empty(count.shape, np.float32)
        found.ravel()[_flat(self.order)] = logarithms[count]
        return found


def _flat(columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where the places `columns`, (rows, n), of each row stand in the whole, row after row."""
    flat: npt.NDArray[np.int64] = columns + (np.arange(len(columns)) * columns.shape[1])[:, None]
    return flat


def _picked(values: npt.NDArray[Number], columns: npt.NDArray[np.int64]) -> npt.NDArray[Number]:
    """(rows, n) of each row of `values` those at `columns`."""
    return values.ravel()[_flat(columns)]


@dataclass(frozen=True, slots=True)
class _Winners:
    """Who of the candidates won which award: a compressed table."""

    number: npt.NDArray[np.int64]
    """(awards,) how many of them won it"""
    first: npt.NDArray[np.int64]
    """(awards,) where they begin in `candidate`"""
    candidate: Ints

    def of_many(self, awards: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
        """For many: (position in `awards`, candidate), flat and in order."""
        number = self.number[awards]
        position = np.repeat(np.arange(len(awards)), number)
        within = np.arange(len(position)) - np.repeat(np.cumsum(number) - number, number)
        return position, self.candidate[np.repeat(self.first[awards], number) + within]


@dataclass(frozen=True)
class Look:
    """A lot, its candidates, and what several features need of both."""

    question: Question
    found: Found
    known: dict[str, Values] = field(default_factory=dict)
    """feature → its values, (n,), as far as they were worked out"""

    def values(self, name: str) -> Values:
        """(n,) the feature `name` of each candidate, worked out once."""
        if name not in self.known:
            self.known[name] = FEATURES[name].compute(self)
        return self.known[name]

    @property
    def register(self) -> Register:
        """The register, knowing what may be known."""
        return self.question.register

    @property
    def need(self) -> Need:
        """The lot as a question."""
        return self.question.need

    def stand_in_line(self, names: Sequence[str]) -> None:
        """Work out, of the features `names`, those that are places in line; all at once."""
        of = list(dict.fromkeys(FEATURES[name].of for name in names if FEATURES[name].of))
        if not of:
            return
        lines = Lines.of(np.array([self.values(name) for name in of]))
        every = [name for name in of if f"{name}{_AHEAD}" in names]
        newer = [name for name in of if f"{name}{_AHEAD_NEW}" in names]
        ahead = lines.some([of.index(name) for name in every]).ahead()
        ahead_new = lines.some([of.index(name) for name in newer]).ahead_of(self.new)
        self.known.update(zip((f"{name}{_AHEAD}" for name in every), ahead, strict=True))
        self.known.update(zip((f"{name}{_AHEAD_NEW}" for name in newer), ahead_new, strict=True))

    @cached_property
    def names(self) -> Floats:
        """(n, d) the vectors of their names; d is 0 where no embedder made any."""
        vectors, rows = self.register.vectors, self.found.rows
        return np.zeros((len(rows), 0), np.float32) if vectors is None else vectors.names[rows]

    @cached_property
    def new(self) -> Mask:
        """(n,) which of them have no award that is known."""
        return self.register.is_new(self.found.rows)

    @cached_property
    def won(self) -> tuple[Ints, npt.NDArray[np.int32]]:
        """(candidate, award) for every award that a candidate won and that is known."""
        candidate, award = self.register.won.of_many(self.found.rows)
        known = award < self.register.known_awards
        return candidate[known], award[known]

    @cached_property
    def by_candidate(self) -> tuple[Ints, Ints]:
        """The candidates that won something, and where in `won` each begins."""
        candidate, _ = self.won
        first = np.flatnonzero(np.diff(candidate, prepend=-1))
        return candidate[first], first

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
        return self.greatest(values[self.won[1]])

    def greatest(self, values: npt.NDArray[np.number]) -> Floats:
        """(n,) the greatest of `values` (one an award won, as in `won`) of each; at least 0."""
        top = np.zeros(len(self.found.rows), np.float32)
        if len(values):
            winner, first = self.by_candidate
            top[winner] = np.maximum(np.maximum.reduceat(values, first), 0)
        return top

    def count(self, of: npt.NDArray[np.bool_]) -> Floats:
        """(n,) how many of each candidate's awards are among those marked (one an award)."""
        candidate, award = self.won
        rows = len(self.found.rows)
        return np.bincount(candidate, of[award].astype(float), rows).astype(np.float32)

    def all(self, value: float) -> Floats:
        """(n,) the same `value` for every candidate."""
        return np.full(len(self.found.rows), value, np.float32)

    def mean(self, values: npt.NDArray[np.floating]) -> Floats:
        """(n,) the mean of `values` (one an award won, as in `won`); 0 where none was won."""
        candidate, _ = self.won
        rows = len(self.found.rows)
        number = np.bincount(candidate, minlength=rows)
        total = np.bincount(candidate, values, rows)
        return (total / np.maximum(number, 1)).astype(np.float32)

    def together(self, held: Held) -> Floats:
        """(n,) how much of a query each candidate's awards hold, read as one document.

        A word counts the more the more of them hold it, ever less, and less among many awards.
        `held` are the awards that hold its words.
        """
        rows, terms = len(self.found.rows), len(held.weights)
        length = np.bincount(self.won[0], minlength=rows)
        half = _HALF_HELD * (1 - _BY_LENGTH + _BY_LENGTH * length / _USUAL_LENGTH)
        winners = self.by_award
        term = np.repeat(np.arange(terms), held.sizes)
        ours = np.flatnonzero(winners.number[held.rows])
        posting, winner = winners.of_many(held.rows[ours])
        at = term[ours][posting] * rows + winner
        strong = held.strengths[ours][posting]
        sum_held = np.bincount(at, strong, terms * rows).reshape(terms, rows) / 255
        return (held.weights @ (sum_held / (sum_held + half))).astype(np.float32)

    @cached_property
    def by_award(self) -> _Winners:
        """The candidates that won each known award."""
        candidate, award = self.won
        number = np.bincount(award, minlength=self.register.known_awards)
        return _Winners(number, np.cumsum(number) - number, candidate[np.argsort(award)])

    @cached_property
    def here(self) -> Held:
        """Which awards hold the lot's words, also those that say where."""
        return self.register.past.held(self.question.here, self.register.known_awards)

    @cached_property
    def titles(self) -> Floats:
        """(awards,) how alike the title of each known award is, word for word."""
        every = Rows.span(0, self.register.known_awards)
        return self.register.titles.scores(self.question.title, every)

    @cached_property
    def words_here(self) -> Floats:
        """(n,) how much of all the lot's words, also those that say where, its awards hold."""
        return self.together(self.here)

    @cached_property
    def codes_together(self) -> Floats:
        """(n,) how much of the lot's CPV codes its awards were for."""
        codes, known = self.register.codes, self.register.known_awards
        return self.together(codes.held(self.question.codes, known))

    @cached_property
    def record(self) -> Values:
        """(n,) words, codes and buyer in common, as BM25 over all its awards would have it."""
        known = self.register.known_awards
        same = int(self.same_buyer.sum())
        rarity = np.log1p((known - same + 0.5) / (same + 0.5))
        own = self.from_buyer / (self.from_buyer + _HALF_HELD)
        together: Values = self.words_here + self.codes_together + _BUYER * rarity * own
        return together

    @cached_property
    def same_buyer(self) -> Mask:
        """(awards,) which known awards are of this lot's buyer."""
        known = self.register.columns.award_buyer[: self.register.known_awards]
        same: Mask = (known == np.uint64(self.need.buyer)) & (self.need.buyer != 0)
        return same

    @cached_property
    def from_buyer(self) -> Floats:
        """(n,) how many known awards of this lot's buyer each candidate won."""
        return self.count(self.same_buyer)

    def beside_best(self, values: Values) -> Values:
        """(n,) `values` as a share of the best candidate's; 0 where none has any."""
        best = values.max(initial=0)
        return values / best if best > 0 else np.zeros(len(values), np.float32)

    @cached_property
    def way_to_won(self) -> Floats:
        """(awards won,) kilometres from the lot to the place of each; infinite if unknown."""
        _, award = self.won
        spot = self.need.place.spot
        if spot is None:
            return np.full(len(award), np.inf, np.float32)
        c = self.register.columns
        return distance_km(c.award_east[award], c.award_north[award], spot)


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
    of: str = ""
    """the feature by which it puts candidates in line, where it does"""


FEATURES: dict[str, Feature] = {}

_HALF_HELD, _BY_LENGTH, _USUAL_LENGTH = 0.6, 0.2, 3.0
_BUYER = 3.0
_MEANT, _SAID, _BOUGHT = 6, 4, 3
"""How much likeness is sharpened where the winners around are counted."""
_ANY = np.float32(0.02)
_WINNERS = 400
"""How many of the contracts nearest in meaning say what winners are called."""

SAYS = "What it says it does"
NAMED = "What it is called"
DONE = "What its past contracts were about"
RECORD = "Its record with public buyers"
NEAR = "Where it is"
SIZE = "How big it is"
LOT = "What is asked for, the same for all"
REASONS = (SAYS, NAMED, DONE, RECORD, NEAR, SIZE, LOT)
"""The reasons an officer is shown, in the order shown."""
_OF_MEANING = frozenset(
    (
        *("profile_meaning", "name_meaning", "name_meaning_beside_best"),
        *("name_meaning_of_title", "named_like_winners"),
    )
)


def _feature(signal: Signal, reason: str) -> Callable[[Callable[[Look], Values]], Feature]:
    def register(compute: Callable[[Look], Values]) -> Feature:
        words = " ".join((compute.__doc__ or "").split())
        feature = Feature(compute.__name__, signal, reason, words, compute)
        FEATURES[feature.name] = feature
        return feature

    return register


@_feature(Signal.RELEVANCE, SAYS)
def profile_words(look: Look) -> Values:
    """How much of the lot's and its category's telling words its profile holds."""
    return look.found.profile


@_feature(Signal.RELEVANCE, SAYS)
def told_words(look: Look) -> Values:
    """How much of the lot's telling words its profile and its names hold together."""
    return look.found.told


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


@_feature(Signal.RELEVANCE, SAYS)
def profile_meaning(look: Look) -> Values:
    """How near in meaning its profile is to the lot."""
    return look.found.profile_meaning


@_feature(Signal.RELEVANCE, NAMED)
def name_meaning(look: Look) -> Values:
    """How near in meaning its name is to the lot: like the names of those who win such lots."""
    return look.found.name_meaning


@_feature(Signal.RELEVANCE, NAMED)
def name_meaning_beside_best(look: Look) -> Values:
    """The same, as a share of the best candidate's."""
    return look.beside_best(look.found.name_meaning)


@_feature(Signal.RELEVANCE, NAMED)
def name_meaning_of_title(look: Look) -> Values:
    """How near in meaning its name is to the lot's title alone."""
    lot, embedder = look.question.meaning, look.question.knowledge.embedder
    if lot is None or embedder is None:
        return np.zeros(len(look.found.rows), np.float32)
    title = {stem: 1.0 for stem in text.words(look.need.lot.title) if stem in look.need.words}
    return look.names @ embedder.text(title)


@_feature(Signal.RELEVANCE, NAMED)
def named_like_winners(look: Look) -> Values:
    """How near its name is to the names of those who won the contracts most like this one."""
    lot, meaning = look.question.meaning, look.found.past.meaning
    if lot is None or not len(meaning):
        return np.zeros(len(look.found.rows), np.float32)
    near = np.sort(best(meaning, _WINNERS, lambda award: award))
    at, winner = look.register.winners.of_many(near)
    weight = (meaning[near] / max(float(meaning.max()), 1e-6))[at] ** 8
    middle = weight @ lot.vectors.names[winner]
    length = float(np.sqrt(middle @ middle)) or 1.0
    return look.names @ (middle / length)


@_feature(Signal.RELEVANCE, DONE)
def past_meaning(look: Look) -> Values:
    """How near in meaning its nearest past contract is."""
    return look.most(look.found.past.meaning)


@_feature(Signal.RELEVANCE, DONE)
def past_meaning_beside_best(look: Look) -> Values:
    """The same, as a share of the best candidate's."""
    return look.beside_best(look.most(look.found.past.meaning))


@_feature(Signal.RELEVANCE, DONE)
def past_meaning_usual(look: Look) -> Values:
    """How near in meaning its past contracts are on average."""
    _, award = look.won
    return look.mean(look.found.past.meaning[award])


@_feature(Signal.RELEVANCE, DONE)
def past_title(look: Look) -> Values:
    """How alike the title of its most alike past contract is, word for word."""
    return look.most(look.titles)


@_feature(Signal.RELEVANCE, DONE)
def past_title_beside_best(look: Look) -> Values:
    """The same, as a share of the best candidate's."""
    return look.beside_best(look.values("past_title"))


@_feature(Signal.RELEVANCE, DONE)
def past_words_beside_best(look: Look) -> Values:
    """How alike the words of its most alike past contract are, as a share of the best's."""
    return look.beside_best(look.most(look.found.past.likeness))


@_feature(Signal.RELEVANCE, DONE)
def past_words_together(look: Look) -> Values:
    """How much of the lot's telling words its past contracts hold, taken together."""
    return look.together(look.register.past.held(look.question.past, look.register.known_awards))


@_feature(Signal.RELEVANCE, DONE)
def past_codes_together(look: Look) -> Values:
    """How much of the lot's CPV codes its past contracts were for, taken together."""
    return look.beside_best(look.codes_together)


@_feature(Signal.RELEVANCE, DONE)
def past_category_share(look: Look) -> Values:
    """What share of its past contracts was in the same CPV class."""
    _, award = look.won
    return look.mean((look.found.past.depth[award] >= 4).astype(np.float32))


@_feature(Signal.RELEVANCE, LOT)
def lot_is_usual(look: Look) -> Values:
    """How near in meaning the nearest past contract of anyone is."""
    return look.all(look.found.past.meaning.max(initial=0))


@_feature(Signal.RELEVANCE, LOT)
def lot_division(look: Look) -> Values:
    """The CPV division (first two digits) of the lot; 0 where it has no code."""
    codes = look.need.lot.cpv
    return look.all(float(codes[0][:2]) if codes else 0.0)


@_feature(Signal.RELEVANCE, LOT)
def lot_length(look: Look) -> Values:
    """How many different words the lot's text has (logarithm)."""
    return look.all(np.log1p(len(look.need.words)))


@_feature(Signal.RECORD, LOT)
def lot_value(look: Look) -> Values:
    """The lot's value in pounds (logarithm); 0 where it is not known."""
    return look.all(np.log1p(look.need.lot.value or 0.0))


@_feature(Signal.RECORD, LOT)
def buyer_is_known(look: Look) -> Values:
    """How many past awards of this buyer are known (logarithm)."""
    return look.all(np.log1p(look.same_buyer.sum()))


@_feature(Signal.RECORD, LOT)
def newcomers(look: Look) -> Values:
    """What share of the candidates has no known award."""
    return look.all(float(look.new.mean()) if len(look.new) else 0.0)


@_feature(Signal.RECORD, RECORD)
def meaning_votes(look: Look) -> Values:
    """How many past contracts near in meaning it won: the nearest and this buyer's count most."""
    return np.log1p(4 * look.found.past.meaning_votes)


@_feature(Signal.RECORD, RECORD)
def meaning_votes_beside_best(look: Look) -> Values:
    """The same, as a share of the best candidate's."""
    return look.beside_best(look.found.past.meaning_votes)


@_feature(Signal.RECORD, RECORD)
def votes_beside_best(look: Look) -> Values:
    """Its votes by words in common, as a share of the best candidate's."""
    return look.beside_best(look.found.past.votes)


@_feature(Signal.RECORD, RECORD)
def won_alike_from_buyer(look: Look) -> Values:
    """How near in meaning the nearest contract is that it won from this buyer."""
    known = look.found.past.meaning
    return look.most(np.where(look.same_buyer, known, 0))


@_feature(Signal.RECORD, RECORD)
def wins(look: Look) -> Values:
    """How many past contracts it won (logarithm)."""
    return np.log1p(np.bincount(look.won[0], minlength=len(look.found.rows)))


@_feature(Signal.RECORD, RECORD)
def months_since_win(look: Look) -> Values:
    """Months since its last known contract before this lot (logarithm; 10 where none)."""
    days = look.register.columns.award_day
    latest = look.most(days)
    newest = float(days[look.register.known_awards - 1]) if look.register.known_awards else 0.0
    months = np.maximum(newest - latest, 0) / 30.4
    return np.where(latest > 0, np.log1p(months), 10.0)


@_feature(Signal.RECORD, RECORD)
def value_unlike(look: Look) -> Values:
    """How far the lot's value is from its usual contracts' (logarithm; 0 where not known)."""
    candidate, award = look.won
    worth = look.register.columns.award_value[award]
    told = np.isfinite(worth) & (worth > 0)
    n = len(look.found.rows)
    number = np.bincount(candidate[told], minlength=n)
    mean = np.bincount(candidate[told], np.log(worth[told]), n) / np.maximum(number, 1)
    asked = look.need.lot.value
    if not asked:
        return np.zeros(n)
    return np.where(number > 0, np.log(asked) - mean, 0.0)


@_feature(Signal.RECORD, RECORD)
def votes(look: Look) -> Values:
    """How many past contracts like this one it won: the most alike and this buyer's count most."""
    return np.log1p(4 * look.found.past.votes)


@_feature(Signal.RECORD, RECORD)
def record_together(look: Look) -> Values:
    """How like this lot its past contracts are together: words, places, codes and buyer."""
    return look.record


@_feature(Signal.RECORD, RECORD)
def record_together_beside_best(look: Look) -> Values:
    """The same, as a share of the best candidate's."""
    return look.beside_best(look.record)


@_feature(Signal.PLACE, NEAR)
def past_words_here(look: Look) -> Values:
    """How much of the lot's words, also those that say where, its past contracts hold."""
    return look.beside_best(look.words_here)


@_feature(Signal.RECORD, RECORD)
def wins_in_category(look: Look) -> Values:
    """How many past contracts in the same CPV class it won (logarithm)."""
    return np.log1p(look.count(look.found.past.depth >= 4))


@_feature(Signal.RECORD, RECORD)
def won_from_buyer(look: Look) -> Values:
    """How many past contracts it won from this buyer (logarithm)."""
    return np.log1p(look.count(look.same_buyer))


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
    return look.greatest(1 / (1 + look.way_to_won / np.float32(10)))


@_feature(Signal.PLACE, NEAR)
def won_alike_near(look: Look) -> Values:
    """How near to here, and how alike in meaning, a contract was that it won."""
    meaning = look.found.past.meaning[look.won[1]]
    return look.greatest(meaning / (1 + look.way_to_won / np.float32(20)))


@_feature(Signal.PLACE, NEAR)
def distance_likely(look: Look) -> Values:
    """How much likelier those who win such contracts are to be this far away (logarithm)."""
    return look.question.knowledge.distances.likelier(look.km, look.need.codes)


@_feature(Signal.PLACE, NEAR)
def meaning_and_place(look: Look) -> Values:
    """How near in meaning it is, and how likely such winners come from where it is, together."""
    meant = np.maximum(look.values("name_meaning"), look.values("profile_meaning"))
    together: Values = meant + np.float32(A_BAND) * look.values("distance_likely")
    return together


@_feature(Signal.PLACE, NEAR)
def meaning_and_place_behind_best(look: Look) -> Values:
    """Likeness in meaning and likely place together, less the best candidate's."""
    together = look.values("meaning_and_place")
    behind: Values = together - together.max(initial=-np.inf)
    return behind


@_feature(Signal.PLACE, NEAR)
def meaning_and_place_behind_best_new(look: Look) -> Values:
    """Likeness in meaning and likely place, less the best newcomer's; 0 where there is none."""
    if not look.new.any():
        return look.all(0.0)
    together = look.values("meaning_and_place")
    best = together[look.new].max()
    behind: Values = together - best
    return behind


@_feature(Signal.PLACE, NEAR)
def winners_around(look: Look) -> Values:
    """How many of the winners of contracts near in meaning lie around it."""
    return _around(look, look.found.past.meaning, _MEANT)


@_feature(Signal.PLACE, NEAR)
def winners_here_around(look: Look) -> Values:
    """How many of the winners of contracts that share its words, also where, lie around it."""
    return _around(look, look.here.scores(look.register.known_awards), _SAID)


@_feature(Signal.PLACE, NEAR)
def buyers_winners_around(look: Look) -> Values:
    """How many of this buyer's winners lie around it, those near in meaning mostly."""
    meaning = look.found.past.meaning
    return _around(look, np.where(look.same_buyer, np.maximum(meaning, _ANY), 0), _BOUGHT)


def _around(look: Look, alike: Floats, sharpness: int) -> Floats:
    return thickness(look.register, look.found.rows, alike, sharpness)


@_feature(Signal.PLACE, NEAR)
def near_named_place(look: Look) -> Values:
    """How near it is to the place that the lot's title names: 1 there, 0.5 at 10 km, 0 if none."""
    alone = replace(look.need.lot, description="", buyer="")
    spot = spot_of_words(look.register, alone, look.question.knowledge.background)
    if spot is None:
        return look.all(0.0)
    c, rows = look.register.columns, look.found.rows
    return 1 / (1 + distance_km(c.east[rows], c.north[rows], spot) / np.float32(10))


@_feature(Signal.PLACE, NEAR)
def beyond_reach(look: Look) -> Values:
    """How much further away this is than its usual contracts (logarithm; 0 where not known)."""
    candidate, award = look.won
    c = look.register.columns
    rows = look.found.rows[candidate]
    across = c.award_east[award] - c.east[rows].astype(np.float64)
    along = c.award_north[award] - c.north[rows].astype(np.float64)
    known = (c.award_east[award] != NOWHERE) & (c.east[rows] != NOWHERE)
    usual = np.log1p(np.hypot(across, along) / 1000)
    n = len(look.found.rows)
    number = np.bincount(candidate[known], minlength=n)
    mean = np.bincount(candidate[known], usual[known], n) / np.maximum(number, 1)
    told = (number > 0) & np.isfinite(look.km)
    further = np.zeros(n)
    further[told] = np.log1p(look.km[told]) - mean[told]
    return further


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
    income = look.register.columns.income[look.found.rows].astype(np.float64)
    return (np.nan_to_num(income) >= 2 * yearly).astype(np.float32)


_STANDING = (
    *("told_words", "profile_meaning", "name_words", "name_meaning", "name_meaning_of_title"),
    *("named_like_winners", "past_words", "past_meaning", "wins", "value_unlike"),
    "past_title",
    *("votes", "meaning_votes", "record_together", "nearness", "distance_likely", "local_votes"),
    *("won_alike_near", "winners_around", "winners_here_around", "buyers_winners_around"),
    "meaning_and_place",
)
"""The features by which a candidate's place among the others says something of its own."""
_STANDING_NEW = (
    *("told_words", "name_words", "name_meaning", "name_meaning_of_title", "distance_likely"),
    *("winners_around", "winners_here_around", "buyers_winners_around", "meaning_and_place"),
)
"""The features by which the place among those without a record does."""


_AHEAD, _AHEAD_NEW = "_standing", "_standing_new"


def _standing(of: Feature, ending: str, who: str, signal: Signal | None = None) -> Feature:
    name = f"{of.name}{ending}"

    def compute(look: Look) -> Values:
        look.stand_in_line([name])
        return look.known[name]

    words = f"{of.words.removesuffix('.')}: how many {who} come before it (logarithm)."
    return Feature(name, signal or of.signal, of.reason, words, compute, of.name)


_LINED = (
    *(_standing(FEATURES[name], _AHEAD, "candidates") for name in _STANDING),
    *(_standing(FEATURES[name], _AHEAD_NEW, "newcomers", Signal.RECORD) for name in _STANDING_NEW),
)
FEATURES |= {feature.name: feature for feature in _LINED}

_PROMISING = ("told_words", "meaning_and_place", "record_together", "name_meaning", "past_words")
"""By whose places in line it is seen who may come to stand among the first at all."""
_PROMISING_BY = 3


def promising(
    x: npt.NDArray[np.float64], names: Sequence[str], most: int, drawn: npt.NDArray[np.uint64]
) -> Ints:
    """Which rows of `x`, whose columns are `names`, a ranker is asked to put in order.

    Those who stand foremost by what they say, where and how near in meaning they are, and what
    they did before, as far as the ranker reads of these; the draw decides among equals.
    """
    at = [names.index(f"{n}{_AHEAD}") for n in _PROMISING if f"{n}{_AHEAD}" in names]
    if len(x) <= most or not at:
        return np.arange(len(x))
    places = x[:, at[:_PROMISING_BY]].sum(axis=1)
    return np.sort(best((1 + places.max() - places).astype(np.float32), most, drawn.take))


BY_MEANING = frozenset(name for name, f in FEATURES.items() if (f.of or name) in _OF_MEANING)
"""The features of what it says and is called that need no word in common with the lot."""


def compute(look: Look, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """The features named, in that order, shape (candidates, features)."""
    look.stand_in_line(names)
    x = np.empty((len(look.found.rows), len(names)))
    for at, name in enumerate(names):
        x[:, at] = look.values(name)
    return x
