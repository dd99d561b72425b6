"""One question: what is needed, what may count, and what is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import fsum

import numpy as np

from matcher.core.arrays import Floats
from matcher.law.gate import Ruling
from matcher.law.types import Signal
from matcher.register.analysis import NONE, AnalyzedLot, lot_words
from matcher.register.inverted_index import Prior, TextIndex, WeightedTerms
from matcher.register.register import Register
from matcher.register.vectors import Vectors
from models import exact, text
from models.background import Background
from models.knowledge import Knowledge

_MOST_HERE = 40
"""How many of a lot's words are asked of past awards at most."""
_MOST_PHRASES = 24
"""How many words and neighbouring words of its title are."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a lot means: its vector, (d,), and those of the register that it compares with."""

    vector: Floats
    vectors: Vectors


@dataclass(frozen=True)
class Query:
    """A lot that has passed the gate, and the register as it may be seen."""

    register: Register
    analyzed: AnalyzedLot
    ruling: Ruling
    on: date
    """the day that the rulebook was asked about"""
    knowledge: Knowledge = field(default_factory=Knowledge)

    def counts(self, signal: Signal) -> bool:
        """Whether the ruling lets `signal` count."""
        return signal in self.ruling.counts

    @property
    def by_place(self) -> bool:
        """Whether a provider whose place is not known is left out."""
        scope = self.ruling.scope
        radius = scope.within_km is not None and self.analyzed.place.spot is not None
        return bool(scope.councils) or scope.uk or radius

    @cached_property
    def profile(self) -> WeightedTerms:
        """What is asked of profiles: the lot's words, and those usual under its codes."""
        return self._asked(self.register.profiles)

    @cached_property
    def profile_and_name(self) -> WeightedTerms:
        """What is asked of profiles and names together: the lot's words, however rare."""
        background = self.knowledge.background
        return weighted_terms(
            self.analyzed.words, self.register.told, None, background, rarest=None
        )

    @cached_property
    def past_with_places(self) -> WeightedTerms:
        """What is asked of past awards where place counts: all the lot's words, as BM25 does.

        Weights are rarity times stress, not scaled.
        """
        lot, index = self.analyzed.lot, self.register.past
        said = lot_words(lot.title, lot.description)
        plain = WeightedTerms.of(dict.fromkeys(said, 1.0))
        rarity = index.rarity(plain, self.register.known_awards)
        stress = np.array([said[term] for term in plain.terms], np.float32)
        weights = dict(zip(plain.terms, (rarity * stress).tolist(), strict=True))
        telling = sorted(weights, key=lambda term: (-weights[term], term))[:_MOST_HERE]
        return WeightedTerms.of({term: weights[term] for term in telling})

    @cached_property
    def codes(self) -> WeightedTerms:
        """What is asked of past awards' codes: the lot's, the rarer the more."""
        known = self.register.known_awards
        plain = WeightedTerms.of(dict.fromkeys(self.analyzed.codes, 1.0))
        rarity = self.register.codes.rarity(plain, known)
        return WeightedTerms(plain.terms, rarity)

    @cached_property
    def name(self) -> WeightedTerms:
        """What is asked of names: the same."""
        return self._asked(self.register.names)

    @cached_property
    def past(self) -> WeightedTerms:
        """What is asked of past awards: the lot's words."""
        known = self.register.known_awards
        return weighted_terms(
            self.analyzed.words, self.register.past, known, self.knowledge.background
        )

    @cached_property
    def title(self) -> WeightedTerms:
        """What is asked of past awards' titles: the rarest words and neighbours of the lot's.

        Weights are rarity squared, and together one.
        """
        index, known = self.register.titles, self.register.known_awards
        plain = WeightedTerms.of(dict.fromkeys(text.phrases(self.analyzed.lot.title), 1.0))
        weights = index.rarity(plain, known) ** 2
        rarest = np.argsort(-weights, kind="stable")[:_MOST_PHRASES]
        whole = fsum(weights[rarest].tolist()) or 1.0
        return WeightedTerms.of({plain.terms[i]: float(weights[i]) / whole for i in rarest})

    @cached_property
    def meaning(self) -> Meaning | None:
        """The lot as a vector beside the register's own; None where no embedder made any."""
        embedder, vectors = self.knowledge.embedder, self.register.vectors
        if embedder is None or vectors is None:
            return None
        return Meaning(embedder.text(self.analyzed.words, self.analyzed.codes), vectors)

    def _asked(self, index: TextIndex) -> WeightedTerms:
        words = self.analyzed.category | self.analyzed.words
        return weighted_terms(words, index, None, self.knowledge.background)


_MOST_WORDS = 32


_RAREST = 7.0
"""Beyond this a word is as likely a name or a slip as a telling word."""


_TELLING = 12


def weighted_terms(
    words: dict[str, float],
    index: TextIndex,
    below: int | None = None,
    background: Background = NONE,
    rarest: float | None = _RAREST,
) -> WeightedTerms:
    """The words as a query to `index`: stress times rarity to the power 1.5.

    Only the most telling words are kept.

    Rarity is counted over the index (rows under `below`) and over the background, and ends at
    `rarest`, if there is such.

    Weights are scaled so that the dozen most telling words together weigh one: a score of 1
    means that a document holds as much as all of them.
    """
    terms = sorted(words)
    plain = WeightedTerms(tuple(terms), np.ones(len(terms), np.float32))
    stress = exact.log1p([words[t] for t in terms])
    prior = Prior(background.weight, background.shares(terms))
    rarity = index.rarity(plain, below, prior)
    rarity = rarity if rarest is None else np.minimum(rarity, rarest)
    weights = (stress * rarity * np.sqrt(rarity)).astype(np.float32)
    order = np.argsort(-weights, kind="stable")
    whole = fsum(weights[order[:_TELLING]].tolist()) or 1.0
    return WeightedTerms.of({terms[i]: float(weights[i]) / whole for i in order[:_MOST_WORDS]})
