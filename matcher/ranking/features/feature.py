"""What a feature is: one number a candidate, with the signal it draws on and its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matcher.law.types import Signal
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.positions import Values

SAYS = "What it says it does"
NAMED = "What it is called"
DONE = "What its past contracts were about"
RECORD = "Its record with public buyers"
NEAR = "Where it is"
SIZE = "How big it is"
LOT = "What is asked for, the same for all"
REASONS = (SAYS, NAMED, DONE, RECORD, NEAR, SIZE, LOT)
"""The reasons an officer is shown, in the order shown."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One number a candidate: how it is computed, and what it draws on."""

    name: str
    signal: Signal
    reason: str
    words: str
    compute: Callable[[FeatureContext], Values]
    of: str = ""
    """the feature whose values this one ranks, for a rank position"""

    def values(self, context: FeatureContext) -> Values:
        """(n,) its value for each candidate, computed once a context."""
        return context.cached(self.name, self.compute)


def feature(signal: Signal, reason: str) -> Callable[[Callable[[FeatureContext], Values]], Feature]:
    """Make a feature of a function: its name and its docstring are the feature's."""

    def make(compute: Callable[[FeatureContext], Values]) -> Feature:
        words = " ".join((compute.__doc__ or "").split())
        return Feature(compute.__name__, signal, reason, words, compute)

    return make
