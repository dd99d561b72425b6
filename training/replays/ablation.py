"""What each group of signals is worth: its numbers shuffled among a lot's candidates.

Shuffled numbers keep their spread and say nothing of whom they stand for.  Candidates and the
floor stay as they are: only the ranker goes without.
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
from models.bundle import CalibratedRanker
from models.ranker import Matrix, Ranker, Vector
from training.evaluation.line_files import Progress, silent
from training.evaluation.qrels import Qrels
from training.evaluation.scoring import Scored, Scorer
from training.evaluation.significance import FEWEST, holm, paired
from training.evaluation.slices import Slices
from training.replays.runner import Asker

SHOWN = ("winner", "winner says it is", "size of a winner", "profile of a winner")
"""The kinds of slices that are reported beside all lots."""


@dataclass(frozen=True)
class Shuffled:
    """A ranker to which some of its features say nothing."""

    ranker: Ranker
    without: tuple[str, ...]
    seed: int

    @property
    def features(self) -> tuple[str, ...]:
        """The columns of X, as the ranker has them."""
        return self.ranker.features

    def score(self, x: Matrix) -> Vector:
        """Scores of rows whose shuffled columns were dealt out anew, together."""
        return self.ranker.score(self._dealt(x))

    def contributions(self, x: Matrix) -> Matrix:
        """What each feature adds; nothing is shuffled here, since nobody asks."""
        return self.ranker.contributions(x)

    def _dealt(self, x: Matrix) -> Matrix:
        columns = [at for at, name in enumerate(self.features) if name in self.without]
        mixed = fingerprint(f"{self.seed} {len(x)} {float(x.sum())!r}")
        order = np.random.default_rng(mixed).permutation(len(x))
        dealt = x.copy()
        dealt[:, columns] = x[order][:, columns]
        return dealt


def groups(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Group → those of the features `names` that belong to it: the reasons an officer is shown.

    What is the same for all candidates of a lot cannot be shuffled among them.
    """
    found: dict[str, tuple[str, ...]] = {}
    for reason in REASONS:
        held = tuple(name for name in names if FEATURES[name].reason == reason)
        if held and reason != LOT:
            found[reason] = held
    return found


def without(asker: Asker, names: tuple[str, ...], seed: int, label: str) -> Asker:
    """The same, whose rankers go without these features."""
    bundle = asker.matcher.bundle
    calibrated_rankers: Mapping[str, CalibratedRanker] = {
        key: replace(calibrated, ranker=Shuffled(calibrated.ranker, names, seed))
        for key, calibrated in bundle.rankers.items()
    }
    matcher = replace(asker.matcher, bundle=replace(bundle, rankers=calibrated_rankers))
    return Asker(label, matcher, asker.request, asker.ids, asker.depth)


@dataclass(frozen=True)
class Trial:
    """Whom to ask what, and by what to judge the answers."""

    whole: Asker
    lots: Sequence[Lot]
    qrels: Qrels
    wanted: Sequence[Measure]
    slices: Slices
    seed: int = 7


def report(trial: Trial, progress: Progress = silent) -> dict[str, Any]:
    """What the ranker loses without each group of signals, over all lots and by who won them."""
    scorer = Scorer(trial.qrels, trial.wanted)
    lots, whole = trial.lots, trial.whole
    own = scorer.score(whole.run(lots, progress, len(lots)))
    names = dict.fromkeys(n for s in whole.matcher.bundle.rankers.values() for n in s.features)
    rows = []
    for group, features in groups(tuple(names)).items():
        label = f"without {group[:1].lower()}{group[1:]}"
        run = without(whole, features, trial.seed, label).run(lots, progress, len(lots))
        worth = _worth(trial, own, scorer.score(run))
        rows.append({"group": group, "features": list(features), "worth": worth})
    _correct(rows)
    return {
        "bundle": whole.name,
        "lots": len(lots),
        "measures": {str(m): float(own.over(str(m)).mean()) for m in trial.wanted},
        "groups": rows,
        "seed": trial.seed,
    }


def _worth(trial: Trial, own: Scored, other: Scored) -> list[dict[str, Any]]:
    """How much higher the whole ranker is, for all lots and for each slice of winners."""
    parts = {"all lots": own.lots} | {
        f"{by}: {name}": lots
        for by in SHOWN
        for name, lots in trial.slices.get(by, {}).items()
        if FEWEST <= len(lots) < len(own.lots)
    }
    told = []
    for part, lots in parts.items():
        for measure in map(str, trial.wanted):
            found = paired(own.over(measure, lots), other.over(measure, lots), trial.seed)
            told.append(
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
    return told


def _correct(rows: Sequence[dict[str, Any]]) -> None:
    """Add p after Holm, over every group, part and measure of the report."""
    told = [one for row in rows for one in row["worth"] if one["p"] is not None]
    for one, p in zip(told, holm([one["p"] for one in told]), strict=True):
        one["p after Holm"] = p
