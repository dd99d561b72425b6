"""What people's judgements taught of who belongs on a list, and how it joins a ranker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from models.blend import BlendedRanker
from models.bundle import CalibratedRanker
from models.errors import BundleError
from models.ranker import LinearRanker
from models.relevance import Relevance
from models.trees import TreesRanker

WEIGHT = 0.25
"""How much the log odds of relevance add to a ranker's score.  More (0.5 to 2) puts better rows
first on needs that people graded, and finds fewer of the newcomers that won past contracts."""


def read(path: Path) -> Relevance:
    """The relevance in a JSON file.  Raises BundleError where it is not valid."""
    try:
        saved = msgspec.json.decode(path.read_bytes(), type=dict)
    except OSError as error:
        raise BundleError(f"--relevance {path}: cannot be read ({error.strerror})") from error
    except msgspec.DecodeError as error:
        raise BundleError(f"--relevance {path}: {error}") from error
    return Relevance.from_json(saved)


def blended(calibrated: CalibratedRanker, relevance: Relevance | None) -> CalibratedRanker:
    """The ranker with `relevance` added to its score and in the place of its floor."""
    trees = calibrated.ranker
    if relevance is None or not isinstance(trees, TreesRanker):
        return calibrated
    odds = relevance.log_odds
    weights = tuple(round(WEIGHT * weight, 4) for weight in odds.weights)
    judged = LinearRanker(odds.features, weights, round(WEIGHT * odds.base, 4))
    return replace(calibrated, ranker=BlendedRanker(trees, judged), relevance=relevance)
