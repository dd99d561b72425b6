"""Measures of one list against graded rows, of which some may not be judged.

Grades go from 0 (unrelated) to 3 (this very service) and may be halves, as the mean of two
readings.  A row that is not judged counts as neither good nor bad: a condensed list leaves such
rows out (Sakai 2007), and Judged@k says how many of the first rows were judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from training.evaluation.scoring import judged_share

DEPTH = 10
SUITED = 2.0
"""The grade from which a provider could credibly be asked."""


def gain(grade: float) -> float:
    """2^grade - 1, as in most uses of nDCG with graded rows.

    >>> gain(0), gain(2)
    (0.0, 3.0)
    """
    return float(2.0**grade - 1)


def ndcg(listed: Sequence[str], grades: Mapping[str, float], depth: int = DEPTH) -> float | None:
    """NDCG of the first `depth` rows, where a row that is not judged has no gain.

    The ideal list has all graded providers.  None where no graded provider has a gain.
    """
    ideal = _dcg(sorted(map(gain, grades.values()), reverse=True)[:depth])
    if not ideal:
        return None
    return _dcg([gain(grades.get(provider, 0.0)) for provider in listed[:depth]]) / ideal


def _dcg(gains: Sequence[float]) -> float:
    return float(sum(g / np.log2(rank + 1) for rank, g in enumerate(gains, 1)))


def condensed(listed: Sequence[str], grades: Mapping[str, float]) -> list[str]:
    """The list without the rows that are not judged."""
    return [provider for provider in listed if provider in grades]


def graded_values(
    listed: Sequence[str], grades: Mapping[str, float], depth: int = DEPTH
) -> dict[str, float | None]:
    """Measure → its value for one list; None where the measure says nothing about it.

    `condensed nDCG` leaves rows out that are not judged.  `first suited` is about the first
    judged row, and only where a suited provider is known.  The shares are of the judged rows
    among the first `depth`; `Judged` is the share of these that is judged.
    """
    shown = list(listed[:depth])
    judged = [grades[provider] for provider in condensed(shown, grades)]
    any_suited = max(grades.values(), default=0.0) >= SUITED
    return {
        f"nDCG@{depth}": ndcg(listed, grades, depth),
        f"condensed nDCG@{depth}": ndcg(condensed(listed, grades), grades, depth),
        "first row suited": float(judged[0] >= SUITED) if judged and any_suited else None,
        "rows suited": _share([grade >= SUITED for grade in judged]),
        "rows unrelated": _share([grade == 0 for grade in judged]),
        f"Judged@{depth}": judged_share(listed, grades, depth) if shown else None,
    }


def _share(marks: Sequence[bool]) -> float | None:
    return sum(marks) / len(marks) if marks else None


def reciprocal_rank_fusion(
    lists: Sequence[Sequence[str]], depth: int = DEPTH, constant: int = 60
) -> list[str]:
    """The first `depth` providers by the sum of 1 / (constant + rank) (Cormack et al. 2009).

    Equal sums are ordered by id.
    """
    scores: dict[str, float] = {}
    for listed in lists:
        for rank, provider in enumerate(listed, 1):
            scores[provider] = scores.get(provider, 0.0) + 1 / (constant + rank)
    return sorted(scores, key=lambda provider: (-scores[provider], provider))[:depth]
