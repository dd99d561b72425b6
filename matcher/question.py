"""One question: what is needed, what may count, and what is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from matcher.index import Query, TextIndex
from matcher.need import Need, asked
from matcher.register import Register
from matcher.rules import Ruling, Signal
from models.background import Background


@dataclass(frozen=True)
class Question:
    """A lot that has passed the gate, and the register as it may be seen."""

    register: Register
    need: Need
    ruling: Ruling
    on: date
    """the day that the rulebook was asked about"""
    background: Background = field(default_factory=Background)

    def counts(self, signal: Signal) -> bool:
        """Whether the ruling lets `signal` count."""
        return signal in self.ruling.counts

    @property
    def by_place(self) -> bool:
        """Whether a provider whose place is not known is left out."""
        scope = self.ruling.scope
        radius = scope.within_km is not None and self.need.place.spot is not None
        return bool(scope.councils) or scope.uk or radius

    @cached_property
    def profile(self) -> Query:
        """What is asked of profiles: the lot's words."""
        return self._asked(self.need.words, self.register.profiles)

    @cached_property
    def category(self) -> Query:
        """What is asked of profiles besides: the words usual under the lot's codes."""
        return self._asked(self.need.category, self.register.profiles)

    @cached_property
    def name(self) -> Query:
        """What is asked of names: both."""
        return self._asked(self.need.category | self.need.words, self.register.names)

    @cached_property
    def past(self) -> Query:
        """What is asked of past awards: the lot's words."""
        known = self.register.known_awards
        return asked(self.need.words, self.register.past, known, self.background)

    def _asked(self, words: dict[str, float], index: TextIndex) -> Query:
        return asked(words, index, None, self.background)
