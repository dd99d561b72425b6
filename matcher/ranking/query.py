"""A query: a lot, what may count, and what may be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import fsum

import numpy as np

from matcher.core.arrays import Floats
from matcher.core.types import Lot
from matcher.law.gate import Ruling
from matcher.law.types import Signal
from matcher.register.analysis import NONE, AnalyzedLot, lot_words
from matcher.register.encoded import EncodedTexts
from matcher.register.encoded_texts import lot_text
from matcher.register.inverted_index import Prior, TextIndex, WeightedTerms
from matcher.register.register import Register
from matcher.register.rows import Rows
from matcher.register.vectors import Vectors
from models import exact, text
from models.background import Background
from models.encoder import Encoder, Shorts
from models.knowledge import Knowledge
from models.services import NearServices

_MOST_WITH_PLACES = 40
"""The most of a lot's words to search past awards for, place names included."""
_MOST_PHRASES = 24
"""The most words and word pairs of its title to search past titles for."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a lot means: its vector, (d,), and the register's vectors to compare it with."""

    vector: Floats
    vectors: Vectors


_PIECES = 48
"""Pieces of a lot's text that its encoder reads."""


@dataclass(frozen=True, slots=True)
class EncodedLot:
    """What a sentence encoder makes of a lot, and of the register that it compares with."""

    vector: Shorts
    """(d,)"""
    texts: EncodedTexts
    services: NearServices | None = None
    """what it asks for, of the services that texts are compared with; None where there are none"""


@dataclass(frozen=True)
class Query:
    """A lot that has passed the gate, and the register with the awards that may be known."""

    register: Register
    analyzed: AnalyzedLot
    ruling: Ruling
    on: date
    """the day whose law applies"""
    knowledge: Knowledge = field(default_factory=Knowledge)
    sent: Lot | None = None
    """the lot with the codes that are none of the CPV, which `analyzed` lacks"""

    def counts(self, signal: Signal) -> bool:
        """Whether the ruling lets `signal` count."""
        return signal in self.ruling.counts

    @property
    def by_place(self) -> bool:
        """Whether providers without a known place are left out."""
        scope = self.ruling.scope
        radius = scope.within_km is not None and self.analyzed.place.spot is not None
        return bool(scope.councils) or scope.uk or radius

    @cached_property
    def profile(self) -> WeightedTerms:
        """The search of profiles: the lot's words, and words usual under its CPV codes."""
        return self._weighted(self.register.profiles)

    @cached_property
    def profile_and_name(self) -> WeightedTerms:
        """The search of profiles and names together: the lot's words, however rare."""
        background = self.knowledge.background
        return weighted_terms(
            self.analyzed.words, self.register.names_and_profiles, None, background, rarest=None
        )

    @cached_property
    def past_with_places(self) -> WeightedTerms:
        """The search of past awards where place counts: all the lot's words, as in BM25.

        Weights are rarity times frequency in the lot, not scaled.
        """
        lot, index = self.analyzed.lot, self.register.past
        counts = lot_words(lot.title, lot.description)
        plain = WeightedTerms.of(dict.fromkeys(counts, 1.0))
        rarity = index.rarity(plain, self.register.known_awards)
        frequency = np.array([counts[term] for term in plain.terms], np.float32)
        weights = dict(zip(plain.terms, (rarity * frequency).tolist(), strict=True))
        highest = sorted(weights, key=lambda term: (-weights[term], term))[:_MOST_WITH_PLACES]
        return WeightedTerms.of({term: weights[term] for term in highest})

    @cached_property
    def codes(self) -> WeightedTerms:
        """The search of past awards' codes: the lot's codes, weighted by rarity."""
        known = self.register.known_awards
        plain = WeightedTerms.of(dict.fromkeys(self.analyzed.codes, 1.0))
        rarity = self.register.codes.rarity(plain, known)
        return WeightedTerms(plain.terms, rarity)

    @cached_property
    def name(self) -> WeightedTerms:
        """The search of names: as of profiles."""
        return self._weighted(self.register.names)

    @cached_property
    def past(self) -> WeightedTerms:
        """The search of past awards: the lot's words."""
        known = self.register.known_awards
        return weighted_terms(
            self.analyzed.words, self.register.past, known, self.knowledge.background
        )

    @cached_property
    def title(self) -> WeightedTerms:
        """The search of past titles: the rarest words and word pairs of the lot's title.

        Weights are rarity squared, and add up to one.
        """
        index, known = self.register.titles, self.register.known_awards
        plain = WeightedTerms.of(dict.fromkeys(text.phrases(self.analyzed.lot.title), 1.0))
        weights = index.rarity(plain, known) ** 2
        rarest = np.argsort(-weights, kind="stable")[:_MOST_PHRASES]
        whole = fsum(weights[rarest].tolist()) or 1.0
        return WeightedTerms.of({plain.terms[i]: float(weights[i]) / whole for i in rarest})

    @cached_property
    def paid_likeness(self) -> Floats | None:
        """(categories,) how similar each category of payments is to the lot; None without any."""
        payments = self.register.payments
        if payments is None:
            return None
        terms = self._weighted(payments.words)
        return payments.words.scores(terms, Rows.span(0, len(payments.categories)))

    @cached_property
    def meaning(self) -> Meaning | None:
        """The lot's vector, and the register's; None where there are no vectors."""
        embedder, vectors = self.knowledge.embedder, self.register.vectors
        if embedder is None or vectors is None:
            return None
        return Meaning(embedder.text(self.analyzed.words, self.analyzed.codes), vectors)

    @cached_property
    def encoded(self) -> EncodedLot | None:
        """The lot through the bundle's encoder.

        None where none made vectors of the register, and where the lot has nothing to read.
        """
        encoder, texts = self.knowledge.encoder, self.register.encoded
        if encoder is None or texts is None or (self.analyzed.unread and not self.analyzed.codes):
            return None
        vector, known = encoder.query(self._said(encoder), _PIECES), self.knowledge.services
        return EncodedLot(vector, texts, known.of_lot(vector) if known else None)

    @cached_property
    def services(self) -> NearServices | None:
        """What the lot asks for, of all services; None where it or the bundle says nothing."""
        lot, known = self.encoded, self.knowledge.services
        return known.asked_by(lot.vector) if lot and known else None

    @property
    def read_as(self) -> tuple[str, ...]:
        """The services that the lot is read as, nearest first; none where nothing tells."""
        lot, near, known = self.encoded, self.services, self.knowledge.services
        return known.read_as(lot.vector, near) if lot and near and known else ()

    def _said(self, encoder: Encoder) -> str:
        """What the lot asks for, as the encoder reads it."""
        return lot_text(encoder, self.analyzed.lot, self.analyzed.place)

    def _weighted(self, index: TextIndex) -> WeightedTerms:
        words = self.analyzed.category | self.analyzed.words
        return weighted_terms(words, index, None, self.knowledge.background)


def encode_together(queries: Sequence[Query]) -> None:
    """Let the encoder read the lots of these queries together, which is faster than one by one."""
    for encoder in {id(e): e for q in queries if (e := q.knowledge.encoder) is not None}.values():
        own = [q for q in queries if q.knowledge.encoder is encoder and q.register.encoded]
        encoder.read([query._said(encoder) for query in own], _PIECES)


_MOST_WORDS = 32


_RAREST = 7.0
"""Above this rarity a word is as likely a name or a typing error as a key word."""


_SCALE_WORDS = 12


def weighted_terms(
    words: dict[str, float],
    index: TextIndex,
    below: int | None = None,
    background: Background = NONE,
    rarest: float | None = _RAREST,
) -> WeightedTerms:
    """The words as a query of `index`: frequency times rarity to the power 1.5.

    Only the words of highest weight are kept.  Rarity is counted over the index (rows below
    `below`) and over the background, and is capped at `rarest`.  Weights are scaled so that the
    twelve highest add up to one: a document that scores 1 contains as much as all of them.
    """
    terms = sorted(words)
    plain = WeightedTerms(tuple(terms), np.ones(len(terms), np.float32))
    frequency = exact.log1p([words[t] for t in terms])
    prior = Prior(background.weight, background.shares(terms))
    rarity = index.rarity(plain, below, prior)
    rarity = rarity if rarest is None else np.minimum(rarity, rarest)
    weights = (frequency * rarity * np.sqrt(rarity)).astype(np.float32)
    order = np.argsort(-weights, kind="stable")
    whole = fsum(weights[order[:_SCALE_WORDS]].tolist()) or 1.0
    return WeightedTerms.of({terms[i]: float(weights[i]) / whole for i in order[:_MOST_WORDS]})
