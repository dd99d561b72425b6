"""Turns a lot and its candidates into the numbers that a ranker reads."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "FEATURES",
    "Feature",
    "FeatureContext",
]

if TYPE_CHECKING:
    from matcher.ranking.features.context import FeatureContext
    from matcher.ranking.features.feature import Feature
    from matcher.ranking.features.registry import FEATURES
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.ranking.features.context": ["FeatureContext"],
            "matcher.ranking.features.feature": ["Feature"],
            "matcher.ranking.features.registry": ["FEATURES"],
        },
    )
