"""Rankers for past lots that did not learn from these: each window's learned from the others.

The rankers of a bundle that learned from a window cannot be measured on it.  Here, they are
trained once a window, from the lots of the other windows alone; all else that they build on is
of the awards before the first window.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from models.bundle import Bundle
from training.learning.examples import TrainingWindow
from training.learning.taught import blended, flat, work_read_by
from training.learning.windows import (
    SETS,
    Training,
    asked_window,
    examples_of,
    grown,
    windows_before,
)


def cross_fitted(job: Training, until: date) -> Iterator[tuple[TrainingWindow, Bundle]]:
    """Each window before `until`, and the bundle whose rankers learned from the others.

    All bundles have the words, distances and meanings of the awards before the first window, and
    an encoder that knows no later ones.  Their scores have no curve of probabilities.
    Raises BundleError where a window has too few lots, or every encoder knows the first one.
    """
    windows = windows_before(job, until)
    asked = [asked_window(job, window) for window in windows]
    taught = {key: [examples_of(job, one, key) for one in asked] for key in SETS}
    knowledge = Bundle.open(asked[0].at.bundle, ()).knowledge
    for at, window in enumerate(windows):
        others = {key: flat([*found[:at], *found[at + 1 :]]) for key, found in taught.items()}
        rankers = {key: grown(job, others[key], key) for key in SETS}
        relevance = job.relevance and work_read_by(rankers["relevance"], job.relevance)
        name = f"without-{window.first}"
        yield (
            window,
            Bundle(
                name,
                "",
                {"knows awards before": windows[0].first.isoformat(), "learned without": name},
                {key: blended(ranker, relevance) for key, ranker in rankers.items()},
                knowledge,
            ),
        )
