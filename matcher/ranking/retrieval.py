"""Which eligible providers are worth ranking for a lot.

Retrieval is generous: each of several retrievers scores every eligible provider cheaply and
brings its best few.  The ranker decides the order.  A retriever runs only where the ruling lets
all of its signals count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.core.allocator import keep_freed_memory
from matcher.core.arrays import Floats, Ints, Mask
from matcher.law.types import Signal
from matcher.ranking.eligibility import EligibleProviders, km_to
from matcher.ranking.past_awards import AwardEvidence, WinnerEvidence, award_evidence
from matcher.ranking.payers import buying_bodies
from matcher.ranking.query import Query
from matcher.ranking.tie_break import Keys, tie_break_keys
from matcher.register.rows import RowScores, best

DISTANCE_WEIGHT = 0.2
"""What the logarithm of a distance's likelihood adds to a cosine."""


@dataclass(frozen=True)
class Candidates:
    """Candidates for a lot: their register rows, and what retrieval learned of them.

    All arrays have one value per candidate, except those of `past` that have one per award.
    """

    rows: Ints
    profile: Floats
    profile_and_name: Floats
    name: Floats
    name_meaning: Floats
    profile_meaning: Floats
    encoded: Floats
    """what the encoder finds in common with its name and profile; 0 without an encoder"""
    past: AwardEvidence
    tie_keys: Keys


@dataclass(frozen=True)
class _Scores:
    """The cheap scores of every eligible row, (rows,).

    A provider that is not allowed has 0.  None means that the lot or the register lacks what
    the score needs.  Scores that are used more than once are kept; the memory of the others is
    used again.
    """

    query: Query
    eligible: EligibleProviders

    @cached_property
    def _allowed(self) -> Floats:
        """(rows,) 1 for a provider that is allowed, else 0."""
        return self.eligible.allowed.astype(np.float32)

    def _of_allowed(self, scores: Floats) -> Floats:
        """`scores`, changed in place: 0 for a provider that is not allowed."""
        scores *= self._allowed
        return scores

    @cached_property
    def profile(self) -> Floats:
        query, rows = self.query, self.eligible.rows
        return self._of_allowed(query.register.profiles.scores(query.profile, rows))

    @cached_property
    def profile_and_name(self) -> Floats:
        query, rows = self.query, self.eligible.rows
        index = query.register.names_and_profiles
        return self._of_allowed(index.scores(query.profile_and_name, rows))

    @cached_property
    def name(self) -> Floats:
        query, rows = self.query, self.eligible.rows
        return self._of_allowed(query.register.names.scores(query.name, rows))

    @cached_property
    def past(self) -> WinnerEvidence:
        return award_evidence(self.query, self.eligible.rows, self.eligible.allowed)

    @cached_property
    def name_meaning(self) -> Floats | None:
        if (lot := self.query.meaning) is None:
            return None
        similar = lot.vectors.names_like(lot.vector, self.eligible.rows)
        return self._of_allowed(np.maximum(similar, 0, out=similar))

    @cached_property
    def profile_meaning(self) -> Floats | None:
        if (lot := self.query.meaning) is None:
            return None
        similar = lot.vectors.profiles_like(lot.vector, self.eligible.rows)
        return self._of_allowed(np.maximum(similar, 0, out=similar))

    @cached_property
    def meaning(self) -> Floats | None:
        """The better of name and profile."""
        if self.name_meaning is None or self.profile_meaning is None:
            return None
        return np.maximum(self.name_meaning, self.profile_meaning)

    @cached_property
    def past_meaning(self) -> RowScores | None:
        """Where the record counts, votes by meaning bring these providers already."""
        if self.query.meaning is None or self.query.counts(Signal.RECORD):
            return None
        return self.past.best_meaning

    @cached_property
    def km(self) -> Floats | None:
        spot = self.query.analyzed.place.spot
        if spot is None or self.eligible.km is not None:
            return self.eligible.km
        return km_to(self.query.register, self.eligible.rows, spot)

    @property
    def nearby(self) -> Floats | None:
        """Words in profile and name, less with distance; proximity alone counts a little."""
        if self.km is None:
            return None
        near: Floats = self.name + self.profile
        near += np.float32(1e-6)
        near = self._of_allowed(near)
        near /= 1 + self.km
        return near

    @cached_property
    def meaning_nearby(self) -> Floats | None:
        """Similar in meaning, at a distance that winners of such lots usually have."""
        if self.km is None or self.meaning is None:
            return None
        return self._at_usual_distance(self.meaning)

    def _at_usual_distance(self, similar: Floats) -> Floats:
        """`similar`, more where winners of such lots usually come from so far away."""
        near: Floats = 1 + similar
        near += self._usual_distance
        return self._of_allowed(near)

    @cached_property
    def _usual_distance(self) -> Floats:
        """(rows,) how usual its distance is for winners of such lots."""
        rows = len(self.eligible.rows)
        km = np.full(rows, np.inf, np.float32) if self.km is None else self.km
        likelihood = self.query.knowledge.distances.log_ratio(km, self.query.analyzed.codes)
        likelihood *= np.float32(DISTANCE_WEIGHT)
        return likelihood

    @cached_property
    def _new(self) -> Mask:
        """(rows,) which providers have no known award."""
        return self.query.register.new_among(self.eligible.rows)

    @property
    def newcomers_nearby(self) -> Floats | None:
        """As `meaning_nearby`, for providers without a known award."""
        if self.meaning_nearby is None:
            return None
        return self.meaning_nearby * self._new

    @property
    def paid(self) -> Floats | None:
        """Paid by this buyer: what for counts most, then what it is called."""
        payments = self.query.register.payments
        if payments is None:
            return None
        cells = payments.cells_of_bodies(buying_bodies(self.query, payments))
        at = self.eligible.rows.positions(payments.payee_row[payments.payee[cells]])
        inside = at >= 0
        at, category = at[inside], payments.category_of(cells[inside])
        likeness = self.query.paid_likeness
        paid = np.zeros(len(self.eligible.rows), np.float32)
        if likeness is not None and len(likeness):
            np.maximum.at(paid, at, np.where(category >= 0, likeness[category], 0))
        once = np.zeros(len(paid), bool)
        once[at] = True
        similar = paid + self.name + self.profile
        if self.meaning is not None:
            similar = similar + self.meaning
        return (similar + 1e-6) * once * self.eligible.allowed

    @cached_property
    def encoded(self) -> Floats | None:
        """Similar to the lot by the sentence encoder, from name and profile."""
        if (lot := self.query.encoded) is None:
            return None
        similar = lot.texts.providers_like(lot.vector, self.eligible.rows)
        return self._of_allowed(np.maximum(similar, 0, out=similar))

    @cached_property
    def encoded_nearby(self) -> Floats | None:
        """As `meaning_nearby`, by the sentence encoder."""
        if self.km is None or self.encoded is None:
            return None
        return self._at_usual_distance(self.encoded)

    @property
    def encoded_newcomers_nearby(self) -> Floats | None:
        """As `encoded_nearby`, for providers without a known award."""
        if self.encoded_nearby is None:
            return None
        return self.encoded_nearby * self._new


@dataclass(frozen=True, slots=True)
class Retriever:
    """Brings the `quota` best providers by one score, where all its signals may count."""

    name: str
    quota: int
    signals: frozenset[Signal]
    score: Callable[[_Scores], Floats | RowScores | None]


_WORDS = frozenset({Signal.RELEVANCE})
_RECORD = frozenset({Signal.RELEVANCE, Signal.RECORD})
_PLACE = frozenset({Signal.RELEVANCE, Signal.PLACE})

RETRIEVERS = (
    Retriever("profile", 60, _WORDS, lambda s: s.profile),
    Retriever("profile and name", 120, _WORDS, lambda s: s.profile_and_name),
    Retriever("name", 80, _WORDS, lambda s: s.name),
    Retriever("past contract", 100, _WORDS, lambda s: s.past.best_likeness),
    Retriever("meaning", 100, _WORDS, lambda s: s.meaning),
    Retriever("past contract's meaning", 80, _WORDS, lambda s: s.past_meaning),
    Retriever("votes", 100, _RECORD, lambda s: s.past.votes),
    Retriever("votes by meaning", 150, _RECORD, lambda s: s.past.meaning_votes),
    Retriever("nearby", 30, _PLACE, lambda s: s.nearby),
    Retriever("meaning nearby", 180, _PLACE, lambda s: s.meaning_nearby),
    Retriever("newcomers nearby", 180, _PLACE | _RECORD, lambda s: s.newcomers_nearby),
    Retriever("paid by the buyer", 150, _RECORD, lambda s: s.paid),
    Retriever("encoder", 120, _WORDS, lambda s: s.encoded),
    Retriever("encoder nearby", 120, _PLACE, lambda s: s.encoded_nearby),
    Retriever(
        "encoder, newcomers nearby", 120, _PLACE | _RECORD, lambda s: s.encoded_newcomers_nearby
    ),
)


def retrieve(query: Query, eligible: EligibleProviders, seed: int = 0) -> Candidates:
    """The eligible providers that are worth ranking, in row order.

    Ties are broken at random by `seed`, where a quota is full and later in the ranking.
    """
    keep_freed_memory()
    draw = query.register.columns.draw

    def tie_keys(at: Ints) -> Keys:
        return tie_break_keys(draw[eligible.numbers[at]], seed, query.analyzed.lot.id)

    scores = _Scores(query, eligible)
    chosen = np.zeros(len(eligible.numbers), bool)
    for retriever in RETRIEVERS:
        if all(map(query.counts, retriever.signals)):
            values = retriever.score(scores)
            if isinstance(values, RowScores):
                chosen[values.best(retriever.quota, tie_keys)] = True
            elif values is not None:
                chosen[best(values, retriever.quota, tie_keys)] = True
    at = np.flatnonzero(chosen)
    at = at[np.argsort(eligible.numbers[at])]
    unknown = np.zeros(len(eligible.rows), np.float32)
    return Candidates(
        rows=eligible.numbers[at],
        profile=scores.profile[at],
        profile_and_name=scores.profile_and_name[at],
        name=scores.name[at],
        name_meaning=(unknown if scores.name_meaning is None else scores.name_meaning)[at],
        profile_meaning=(unknown if scores.profile_meaning is None else scores.profile_meaning)[at],
        encoded=(unknown if scores.encoded is None else scores.encoded)[at],
        past=scores.past.of(at),
        tie_keys=tie_keys(at),
    )
