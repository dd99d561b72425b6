"""One question: what is needed, what may count, and what is known."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.need import Need
from matcher.register import Register
from matcher.rules import Ruling, Signal


@dataclass(frozen=True, slots=True)
class Question:
    """A lot that has passed the gate, and the register as it may be seen."""

    register: Register
    need: Need
    ruling: Ruling

    def counts(self, signal: Signal) -> bool:
        """Whether the ruling lets `signal` count."""
        return signal in self.ruling.counts

    @property
    def by_place(self) -> bool:
        """Whether a provider whose place is not known is left out."""
        scope = self.ruling.scope
        radius = scope.within_km is not None and self.need.place.spot is not None
        return bool(scope.councils) or scope.uk or radius
