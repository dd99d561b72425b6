"""What several features need of a lot and its candidates, each computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats, Ints, Mask, run_starts, slices
from matcher.geo.geocoding import distance_km
from matcher.law.types import Signal
from matcher.ranking.features.positions import Values
from matcher.ranking.query import Query
from matcher.ranking.retrieval import Candidates
from matcher.register.analysis import AnalyzedLot
from matcher.register.inverted_index import Postings
from matcher.register.register import Register
from matcher.register.rows import Rows
from models import exact

_SATURATION, _LENGTH_WEIGHT, _USUAL_LENGTH = 0.6, 0.2, 3.0
_BUYER_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class _Winners:
    """Which candidates won each award, as a compressed table."""

    number: npt.NDArray[np.int64]
    """(awards,) how many candidates won it"""
    first: npt.NDArray[np.int64]
    """(awards,) where they begin in `candidate`"""
    candidate: Ints

    def of_many(self, awards: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
        """For many: (position in `awards`, candidate), flat and in order."""
        position, index = slices(self.first[awards], self.number[awards])
        return position, self.candidate[index]


@dataclass(frozen=True)
class FeatureContext:
    """A lot, its candidates, and what several features need of both.  n is their number."""

    query: Query
    candidates: Candidates
    computed: dict[str, Values] = field(default_factory=dict)
    """feature → its values, (n,), for the features computed so far"""

    def cached(self, name: str, compute: Callable[[FeatureContext], Values]) -> Values:
        """(n,) the values of `name`, computed on the first call."""
        if name not in self.computed:
            self.computed[name] = compute(self)
        return self.computed[name]

    @property
    def register(self) -> Register:
        """The register, limited to awards that may be known."""
        return self.query.register

    @property
    def analyzed(self) -> AnalyzedLot:
        """The lot as it is searched for."""
        return self.query.analyzed

    @cached_property
    def name_vectors(self) -> Floats:
        """(n, d) the vectors of the names; d is 0 where the register has none."""
        vectors, rows = self.register.vectors, self.candidates.rows
        return np.zeros((len(rows), 0), np.float32) if vectors is None else vectors.names[rows]

    @cached_property
    def newcomers(self) -> Mask:
        """(n,) which candidates have no known award."""
        return self.register.is_new(self.candidates.rows)

    @cached_property
    def wins(self) -> tuple[Ints, npt.NDArray[np.int32]]:
        """(candidate, award) for every known award that a candidate won: the wins."""
        candidate, award = self.register.won.of_many(self.candidates.rows)
        known = award < self.register.known_awards
        return candidate[known], award[known]

    @cached_property
    def win_starts(self) -> tuple[Ints, Ints]:
        """The candidates with wins, and where in `wins` each begins."""
        candidate, _ = self.wins
        first = run_starts(candidate)
        return candidate[first], first

    @cached_property
    def km(self) -> Floats:
        """(n,) kilometres from the lot to the provider's nearest site; infinite where unknown."""
        spot = self.analyzed.place.spot
        if spot is None:
            return np.full(len(self.candidates.rows), np.inf, np.float32)
        c = self.register.columns
        rows = self.candidates.rows
        km = distance_km(c.east[rows], c.north[rows], spot)
        at, further = _sites(c.site_row, rows)
        np.minimum.at(km, at, distance_km(c.site_east[further], c.site_north[further], spot))
        return km

    def max_by_award(self, values: npt.NDArray[np.number]) -> Floats:
        """(n,) the greatest of `values` (one per award) among each candidate's wins; at least 0."""
        return self.max_over_wins(values[self.wins[1]])

    def max_over_wins(self, values: npt.NDArray[np.number]) -> Floats:
        """(n,) the greatest of `values` (one per win) among each candidate's wins; at least 0."""
        top = np.zeros(len(self.candidates.rows), np.float32)
        if len(values):
            winner, first = self.win_starts
            top[winner] = np.maximum(np.maximum.reduceat(values, first), 0)
        return top

    def count_wins(self, of: npt.NDArray[np.bool_]) -> Floats:
        """(n,) how many of each candidate's wins are marked in `of`, (awards,)."""
        candidate, award = self.wins
        rows = len(self.candidates.rows)
        return np.bincount(candidate, of[award].astype(float), rows).astype(np.float32)

    def constant(self, value: float) -> Floats:
        """(n,) `value` for every candidate."""
        return np.full(len(self.candidates.rows), value, np.float32)

    def mean_over_wins(self, values: npt.NDArray[np.floating]) -> Floats:
        """(n,) the mean of `values` (one per win) for each candidate; 0 where it has no win."""
        candidate, _ = self.wins
        rows = len(self.candidates.rows)
        number = np.bincount(candidate, minlength=rows)
        total = np.bincount(candidate, values, rows)
        return (total / np.maximum(number, 1)).astype(np.float32)

    def bm25_score(self, postings: Postings) -> Floats:
        """(n,) the BM25 score of each candidate's awards, read as one document.

        `postings` are the awards that contain the query's words.  Where the record may not count,
        the number of its awards does not: a word counts as in the award that says most of it.
        """
        rows, terms = len(self.candidates.rows), len(postings.weights)
        by_number = self.query.counts(Signal.RECORD)
        length = np.bincount(self.wins[0], minlength=rows) if by_number else 1
        half = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length / _USUAL_LENGTH)
        winners = self.winners_by_award
        ours = postings.where(np.flatnonzero(winners.number.take(postings.rows)))
        posting, winner = winners.of_many(ours.rows)
        at = np.repeat(np.arange(terms) * rows, ours.sizes)[posting] + winner
        strong = ours.strengths[posting]
        if by_number:
            said = np.asarray(np.bincount(at, strong, terms * rows), np.float64)
        else:
            said = np.zeros(terms * rows)
            np.maximum.at(said, at, strong)
        said = said.reshape(terms, rows) / 255
        weighted = postings.weights[:, None] * (said / (said + half))
        together: Floats = weighted.sum(axis=0).astype(np.float32)
        return together

    @cached_property
    def winners_by_award(self) -> _Winners:
        """Which candidates won each known award."""
        candidate, award = self.wins
        number = np.bincount(award, minlength=self.register.known_awards)
        return _Winners(number, np.cumsum(number) - number, candidate[np.argsort(award)])

    @cached_property
    def postings_with_places(self) -> Postings:
        """The awards that contain the lot's words, place names included."""
        return self.register.past.postings(self.query.past_with_places, self.register.known_awards)

    @cached_property
    def title_likeness(self) -> Floats:
        """(awards,) how similar the title of each known award is, word for word."""
        every = Rows.span(0, self.register.known_awards)
        return self.register.titles.scores(self.query.title, every)

    @cached_property
    def words_score(self) -> Floats:
        """(n,) the BM25 score of each candidate's awards by all the lot's words."""
        return self.bm25_score(self.postings_with_places)

    @cached_property
    def codes_score(self) -> Floats:
        """(n,) the BM25 score of each candidate's awards by the lot's CPV codes."""
        codes, known = self.register.codes, self.register.known_awards
        return self.bm25_score(codes.postings(self.query.codes, known))

    @cached_property
    def record_score(self) -> Values:
        """(n,) the BM25 score of each candidate's awards by words, codes and buyer."""
        known = self.register.known_awards
        same = int(self.same_buyer.sum())
        rarity = exact.log1p((known - same + 0.5) / (same + 0.5))
        own = self.wins_from_buyer / (self.wins_from_buyer + _SATURATION)
        together: Values = self.words_score + self.codes_score + _BUYER_WEIGHT * rarity * own
        return together

    @cached_property
    def same_buyer(self) -> Mask:
        """(awards,) which known awards are by this lot's buyer."""
        buyers = self.register.columns.award_buyer[: self.register.known_awards]
        same: Mask = (buyers == np.uint64(self.analyzed.buyer)) & (self.analyzed.buyer != 0)
        return same

    @cached_property
    def wins_from_buyer(self) -> Floats:
        """(n,) how many awards by this lot's buyer each candidate won."""
        return self.count_wins(self.same_buyer)

    def share_of_best(self, values: Values) -> Values:
        """(n,) `values` as a share of the greatest; 0 where all are 0."""
        best = values.max(initial=0)
        return values / best if best > 0 else np.zeros(len(values), np.float32)

    @cached_property
    def km_to_wins(self) -> Floats:
        """(wins,) kilometres from the lot to the place of each; infinite where unknown."""
        _, award = self.wins
        spot = self.analyzed.place.spot
        if spot is None:
            return np.full(len(award), np.inf, np.float32)
        c = self.register.columns
        return distance_km(c.award_east[award], c.award_north[award], spot)


def _sites(site_row: npt.NDArray[np.int32], rows: Ints) -> tuple[Ints, Ints]:
    """(position in `rows`, site) for each further site; `site_row` ascends."""
    sought = rows.astype(np.int32)
    start = site_row.searchsorted(sought)
    size = site_row.searchsorted(sought, side="right") - start
    return slices(start, size)
