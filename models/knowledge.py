"""What was learned of words, meanings and distances: all that a question needs of a bundle."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.background import Background
from models.distances import Distances
from models.embedder import Embedder


@dataclass(frozen=True)
class Knowledge:
    """Holds no supplier and no award; without an embedder, only words that agree count."""

    background: Background = field(default_factory=Background)
    distances: Distances = field(default_factory=Distances)
    embedder: Embedder | None = None

    @property
    def meaning(self) -> str:
        """Names the embedder and what it reads; '' where there is none."""
        return self.embedder.version if self.embedder else ""
