"""Calibrate scores: the probability that a provider is a credible supplier of a lot.

Credible means that it won the lot, or a similar lot nearby in the same window.  Only winners are
known, so this counts too few: a firm that could have won but did not is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Mask
from matcher.core.cpv import code_prefixes
from matcher.geo.national_grid import NOWHERE
from matcher.register.register import Register
from models.calibrated_ranker import Calibration
from training.learning.examples import Ranked, TrainingWindow

Vector: TypeAlias = npt.NDArray[np.float64]

CLASS = 4
"""Digits of CPV code that two similar contracts share."""
NEAR_KM = 60.0
_BINS = 10


def credible_mask(
    register: Register, window: TrainingWindow, answer: Ranked, *, by_place: bool
) -> Mask:
    """(ranked,) which providers won this lot or, in the window, another of its CPV class.

    With `by_place`, the other lot must be within 60 km of this one.
    """
    start, end = (register.before(day).known_awards for day in (window.first, window.end))
    codes = code_prefixes(register.awards[answer.number].lot.cpv)
    similar = {answer.number}
    for prefix in (c for c in codes if len(c) == CLASS):
        held = register.codes.rows_with(prefix)
        similar.update(held[held.searchsorted(start) : held.searchsorted(end)].tolist())
    awards = np.array(sorted(similar))
    if by_place:
        awards = awards[_near(register, answer.number, awards)]
    _, winners = register.winners.of_many(awards)
    found: Mask = np.isin(answer.rows, winners)
    return found


def _near(register: Register, number: int, awards: npt.NDArray[np.int64]) -> Mask:
    c = register.columns
    east = c.award_east[awards] - float(c.award_east[number])
    north = c.award_north[awards] - float(c.award_north[number])
    placed = (c.award_east[awards] != NOWHERE) & (c.award_east[number] != NOWHERE)
    near: Mask = placed & (np.hypot(east, north) <= NEAR_KM * 1000)
    near |= awards == number
    return near


def calibrate(
    register: Register, window: TrainingWindow, answers: Sequence[Ranked], *, by_place: bool
) -> tuple[Calibration, dict[str, Any]]:
    """A curve from scores to probabilities from a held-back window, and a report on it.

    The report tests a curve from the lots of every second day on the lots of the other days.
    """
    outcomes = [credible_mask(register, window, answer, by_place=by_place) for answer in answers]
    days = register.columns.award_day[[answer.number for answer in answers]]
    odd = np.unique(days, return_inverse=True)[1] % 2 == 1
    scores = [answer.scores for answer in answers]
    curve = Calibration.learn(*_flat(scores, outcomes, odd))
    probabilities = curve.probability(_flat(scores, outcomes, ~odd)[0])
    near = f" within {NEAR_KM:.0f} km" if by_place else ""
    what = f"won this lot, or in the window another of its CPV class{near}"
    report = {"what": what} | _reliability(probabilities, _flat(scores, outcomes, ~odd)[1])
    return Calibration.learn(*_flat(scores, outcomes, odd | ~odd)), report


def _flat(scores: Sequence[Vector], outcomes: Sequence[Mask], kept: Mask) -> tuple[Vector, Mask]:
    at = np.flatnonzero(kept).tolist()
    none, never = np.empty(0), np.empty(0, bool)
    return (
        np.concatenate([none, *(scores[i] for i in at)]),
        np.concatenate([never, *(outcomes[i] for i in at)]),
    )


def _reliability(probabilities: Vector, outcomes: Mask) -> dict[str, Any]:
    """The Brier score, that of giving everyone the mean, and the bins of the chart."""
    order = np.argsort(probabilities, kind="stable")
    shares = 1 - 0.5 ** np.arange(_BINS + 1)
    edges = np.unique(np.quantile(probabilities, shares)) if len(probabilities) else np.empty(0)
    bins = np.searchsorted(edges, probabilities[order], side="right")
    rows = []
    for number in np.unique(bins).tolist():
        inside = order[bins == number]
        rows.append(
            {
                "candidates": len(inside),
                "told": round(float(probabilities[inside].mean()), 4),
                "came true": round(float(outcomes[inside].mean()), 4),
            }
        )
    mean = float(outcomes.mean()) if len(outcomes) else float("nan")
    return {
        "candidates": len(probabilities),
        "mean": round(mean, 5),
        "brier": round(float(np.mean((probabilities - outcomes) ** 2)), 5)
        if len(probabilities)
        else None,
        "brier of the mean": round(mean * (1 - mean), 5),
        "bins": rows,
    }
