"""What each group of signals is worth, by shuffling its values among a lot's candidates.

Shuffled values keep their distribution but carry no information about a candidate.  Candidates
and the floor do not change, only the ranker's order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ir_measures import Measure

from matcher.core.identifiers import fingerprint
from matcher.core.types import Lot
from matcher.ranking.features.feature import LOT, REASONS
from matcher.ranking.features.registry import FEATURES
from models.calibrated_ranker import CalibratedRanker
from models.ranker import Matrix, Ranker, Vector
from training.evaluation.line_files import Progress, no_progress
from training.evaluation.qrels import Qrels
from training.evaluation.scoring import Scored, Scorer
from training.evaluation.significance import FEWEST, holm, paired
from training.evaluation.slices import Slices
from training.replays.runner import Asker

SHOWN = ("winner", "winner says it is", "size of a winner", "profile of a winner")
"""The kinds of slices that are reported, in addition to all lots."""


@dataclass(frozen=True)
class Shuffled:
    """A ranker with the values of some features shuffled."""

    ranker: Ranker
    without: tuple[str, ...]
    seed: int

    @property
    def features(self) -> tuple[str, ...]:
        """The columns of X, as in the ranker."""
        return self.ranker.features

    def score(self, x: Matrix) -> Vector:
        """Scores of rows after their columns are shuffled together."""
        return self.ranker.score(self._shuffled(x))

    def contributions(self, x: Matrix) -> Matrix:
        """What each feature adds, without shuffling; not used here."""
        return self.ranker.contributions(x)

    def _shuffled(self, x: Matrix) -> Matrix:
        columns = [at for at, name in enumerate(self.features) if name in self.without]
        shuffle_seed = fingerprint(f"{self.seed} {len(x)} {float(x.sum())!r}")
        order = np.random.default_rng(shuffle_seed).permutation(len(x))
        shuffled = x.copy()
        shuffled[:, columns] = x[order][:, columns]
        return shuffled


def groups(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Reason, as officers see it → its features among `names`.

    Leaves out features of the lot, which are the same for all candidates.
    """
    found: dict[str, tuple[str, ...]] = {}
    for reason in REASONS:
        held = tuple(name for name in names if FEATURES[name].reason == reason)
        if held and reason != LOT:
            found[reason] = held
    return found


def without(asker: Asker, names: tuple[str, ...], seed: int, label: str) -> Asker:
    """The asker, with these features shuffled in its rankers."""
    bundle = asker.matcher.bundle
    calibrated_rankers: Mapping[str, CalibratedRanker] = {
        key: replace(calibrated, ranker=Shuffled(calibrated.ranker, names, seed))
        for key, calibrated in bundle.rankers.items()
    }
    matcher = replace(asker.matcher, bundle=replace(bundle, rankers=calibrated_rankers))
    return Asker(label, matcher, asker.request, asker.ids, asker.depth)


@dataclass(frozen=True)
class Trial:
    """The asker, its lots, and the judgements of its lists."""

    asker: Asker
    lots: Sequence[Lot]
    qrels: Qrels
    measures: Sequence[Measure]
    slices: Slices
    seed: int = 7


def report(trial: Trial, progress: Progress = no_progress) -> dict[str, Any]:
    """What the ranker loses without each group of signals, over all lots and by winners."""
    scorer = Scorer(trial.qrels, trial.measures)
    lots, asker = trial.lots, trial.asker
    full = scorer.score(asker.run(lots, progress, len(lots)))
    names = dict.fromkeys(n for s in asker.matcher.bundle.rankers.values() for n in s.features)
    rows = []
    for group, features in groups(tuple(names)).items():
        label = f"without {group[:1].lower()}{group[1:]}"
        run = without(asker, features, trial.seed, label).run(lots, progress, len(lots))
        worth = _worth(trial, full, scorer.score(run))
        rows.append({"group": group, "features": list(features), "worth": worth})
    _correct(rows)
    return {
        "bundle": asker.name,
        "lots": len(lots),
        "measures": {str(m): float(full.over(str(m)).mean()) for m in trial.measures},
        "groups": rows,
        "seed": trial.seed,
    }


def _worth(trial: Trial, full: Scored, reduced: Scored) -> list[dict[str, Any]]:
    """How much higher the full ranker is, for all lots and for each slice of winners."""
    parts = {"all lots": full.lots} | {
        f"{by}: {name}": lots
        for by in SHOWN
        for name, lots in trial.slices.get(by, {}).items()
        if FEWEST <= len(lots) < len(full.lots)
    }
    estimates = []
    for part, lots in parts.items():
        for measure in map(str, trial.measures):
            found = paired(full.over(measure, lots), reduced.over(measure, lots), trial.seed)
            estimates.append(
                {
                    "part": part,
                    "measure": measure,
                    "lots": found.lots,
                    "worth": found.difference,
                    "low": found.low,
                    "high": found.high,
                    "p": found.p,
                }
            )
    return estimates


def _correct(rows: Sequence[dict[str, Any]]) -> None:
    """Add p after Holm, corrected over every group, part and measure of the report."""
    estimates = [one for row in rows for one in row["worth"] if one["p"] is not None]
    for one, p in zip(estimates, holm([one["p"] for one in estimates]), strict=True):
        one["p after Holm"] = p
