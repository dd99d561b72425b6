"""What people's judgements taught of who belongs on a list, and how it joins a ranker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from matcher.ranking.features.registry import FEATURES
from models.blend import BlendedRanker
from models.bundle import Bundle
from models.calibrated_ranker import CalibratedRanker
from models.errors import BundleError
from models.ranker import LinearRanker
from models.relevance import Relevance
from models.trees import TreesRanker

WEIGHT = 0.5
"""How much the log odds of relevance add to a ranker's score.  Less puts worse rows first on needs
that people graded; more finds fewer of the newcomers that won past contracts."""


def of_bundle(name: str | Path) -> Relevance:
    """The relevance of a bundle.  Raises BundleError where it has none."""
    found = Bundle.open(name, FEATURES).rankers
    taught = [one.relevance for one in found.values() if one.relevance]
    if not taught:
        raise BundleError(f"--relevance {name}: that bundle has no relevance that people taught")
    return taught[0]


def blended(calibrated: CalibratedRanker, relevance: Relevance | None) -> CalibratedRanker:
    """The ranker with `relevance` added to its score and in the place of its floor."""
    trees = calibrated.ranker
    if relevance is None or not isinstance(trees, TreesRanker):
        return calibrated
    odds = relevance.log_odds
    weights = tuple(round(WEIGHT * weight, 4) for weight in odds.weights)
    judged = LinearRanker(odds.features, weights, round(WEIGHT * odds.base, 4))
    return replace(calibrated, ranker=BlendedRanker(trees, judged), relevance=relevance)
