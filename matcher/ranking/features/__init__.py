"""Turns a lot and its candidates into the numbers that a ranker reads."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.ranking.features.context import FeatureContext as FeatureContext
    from matcher.ranking.features.feature import Feature as Feature
    from matcher.ranking.features.registry import FEATURES as FEATURES
else:
    __getattr__, __dir__ = lazy(__name__)
