"""A feature: one number per candidate, with the signal and the reason it belongs to."""

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
PAID = "What public bodies paid it"
NEAR = "Where it is"
SIZE = "How big it is"
LOT = "What is asked for, the same for all"
REASONS = (SAYS, NAMED, DONE, RECORD, PAID, NEAR, SIZE, LOT)
"""The reasons that a feature can belong to."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One number per candidate: how it is computed, and which signal it uses."""

    name: str
    signal: Signal
    reason: str
    words: str
    compute: Callable[[FeatureContext], Values]
    of: str = ""
    """for a rank position, the name of the feature that it ranks"""

    def values(self, context: FeatureContext) -> Values:
        """(n,) its value for each candidate, computed once per context."""
        return context.cached(self.name, self.compute)


def feature(signal: Signal, reason: str) -> Callable[[Callable[[FeatureContext], Values]], Feature]:
    """Decorates a function as a feature, named and described as the function is."""

    def make(compute: Callable[[FeatureContext], Values]) -> Feature:
        words = " ".join((compute.__doc__ or "").split())
        return Feature(compute.__name__, signal, reason, words, compute)

    return make
