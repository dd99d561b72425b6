"""The parts of a bundle other than rankers: word counts, vectors and distances."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.background import Background
from models.distances import Distances
from models.embedder import Embedder
from models.encoder import Encoder


@dataclass(frozen=True)
class Knowledge:
    """What was learned from past notices, without any supplier or award.

    Without an embedder, texts are compared only by their words.
    """

    background: Background = field(default_factory=Background)
    distances: Distances = field(default_factory=Distances)
    embedder: Embedder | None = None
    encoder: Encoder | None = None

    @property
    def embedder_version(self) -> str:
        """The versions of the embedder and the encoder; '' where there is neither."""
        return "+".join(one.version for one in (self.embedder, self.encoder) if one)
