"""What people's grades taught, for trial lists and for the bundle, and how it joins a ranker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from matcher.ranking.features.registry import FEATURES
from models.blend import BlendedRanker
from models.bundle import Bundle
from models.calibrated_ranker import CalibratedRanker
from models.errors import BundleError
from models.ranker import LinearRanker
from models.relevance import Relevance
from models.trees import TreesRanker
from training.learning import relevance
from training.learning.examples import Example, RegisterBefore
from training.learning.people import FITS, JudgedLot, graded_rows
from training.learning.settings import TrainingSettings

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


@dataclass(frozen=True)
class Taught:
    """Relevance as people's grades taught it, or as another bundle has it."""

    trial: Relevance | None = None
    """for lists of the held-back window"""
    final: Relevance | None = None
    report: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def learn(
        cls,
        at: RegisterBefore,
        graded: Sequence[JudgedLot],
        names: tuple[str, ...],
        *,
        trial: CalibratedRanker,
        whole: CalibratedRanker,
        settings: TrainingSettings,
    ) -> Taught:
        """From graded lots, asked at the start of the last window.

        `names` are the features of the ranker for invite lists.  It reads only what providers do,
        so its score is one more thing to weigh: of `trial`, which learned from all windows but the
        last, for trial lists, and of `whole`, which learned from all of them, for the bundle.
        """
        read = (*names, *(name for name in relevance.READ if name not in names))
        rows = graded_rows(at, graded, read)
        levels = relevance.Levels(settings.strong, settings.possible)
        learned, report = relevance.learn(rows, read, FITS, levels, _trees(trial))
        return cls(learned, work_read_by(whole, learned), report)


def flat(examples: Sequence[Sequence[Example]]) -> list[Example]:
    """The examples of several windows as one list."""
    return [one for some in examples for one in some]


def work_read_by(ranker: CalibratedRanker, relevance: Relevance) -> Relevance:
    """The relevance with the trees of `ranker` in place of those whose score it reads, if any.

    Trees that learned from the lots of a window would flatter what is measured on it.
    """
    trees = _trees(ranker)
    return replace(relevance, work=trees) if relevance.work and trees else relevance


def _trees(learned: CalibratedRanker) -> TreesRanker | None:
    return learned.ranker if isinstance(learned.ranker, TreesRanker) else None
