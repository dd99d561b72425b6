"""The parts of a bundle other than rankers: word counts, vectors and distances."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.background import Background
from models.distances import Distances
from models.embedder import Embedder
from models.encoder import Encoder
from models.services import Services


@dataclass(frozen=True)
class Knowledge:
    """What was learned from past notices, without any supplier or award.

    Without an embedder, texts are compared only by their words.
    """

    background: Background = field(default_factory=Background)
    distances: Distances = field(default_factory=Distances)
    embedder: Embedder | None = None
    encoder: Encoder | None = None
    services: Services | None = None
    """made with the encoder"""

    @property
    def embedder_version(self) -> str:
        """The versions of embedder, encoder and services; '' where there is none."""
        parts = (self.embedder, self.encoder, self.services)
        return "+".join(one.version for one in parts if one)
