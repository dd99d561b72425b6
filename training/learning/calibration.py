"""Who is a credible supplier of a lot: whoever came to win it, or another like it near there.

Only winners are known, so this counts too few: a firm that could and did not win in these
months is not counted.  It is what can be observed.
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
from models.calibration import Calibration
from training.learning.examples import Ranked, TrainingWindow

Vector: TypeAlias = npt.NDArray[np.float64]

CLASS = 4
"""Digits of CPV code that two contracts must share to be alike."""
NEAR_KM = 60.0
_BINS = 10


def credible(register: Register, window: TrainingWindow, one: Ranked, *, by_place: bool) -> Mask:
    """(ranked,) who won this lot or, in the window, another of its CPV class.

    Where place counts, that other must be within 60 km of this one.
    """
    start, end = (register.before(day).known_awards for day in (window.first, window.end))
    codes = code_prefixes(register.awards[one.number].lot.cpv)
    alike = {one.number}
    for prefix in (c for c in codes if len(c) == CLASS):
        held = register.codes.rows_with(prefix)
        alike.update(held[held.searchsorted(start) : held.searchsorted(end)].tolist())
    awards = np.array(sorted(alike))
    if by_place:
        awards = awards[_near(register, one.number, awards)]
    _, winners = register.winners.of_many(awards)
    found: Mask = np.isin(one.rows, winners)
    return found


def _near(register: Register, number: int, awards: npt.NDArray[np.int64]) -> Mask:
    c = register.columns
    across = c.award_east[awards] - float(c.award_east[number])
    along = c.award_north[awards] - float(c.award_north[number])
    placed = (c.award_east[awards] != NOWHERE) & (c.award_east[number] != NOWHERE)
    near: Mask = placed & (np.hypot(across, along) <= NEAR_KM * 1000)
    near |= awards == number
    return near


def calibrate(
    register: Register, window: TrainingWindow, answers: Sequence[Ranked], *, by_place: bool
) -> tuple[Calibration, dict[str, Any]]:
    """The probability that each score means, learned from a window held back; and how true.

    The report's figures come of lots of every second day tested on a curve of the others.
    """
    came = [credible(register, window, one, by_place=by_place) for one in answers]
    days = register.columns.award_day[[one.number for one in answers]]
    odd = np.unique(days, return_inverse=True)[1] % 2 == 1
    scores = [one.scores for one in answers]
    curve = Calibration.learn(*_flat(scores, came, odd))
    told = curve.probability(_flat(scores, came, ~odd)[0])
    near = f" within {NEAR_KM:.0f} km" if by_place else ""
    what = f"won this lot, or in the window another of its CPV class{near}"
    report = {"what": what} | _reliability(told, _flat(scores, came, ~odd)[1])
    return Calibration.learn(*_flat(scores, came, odd | ~odd)), report


def _flat(scores: Sequence[Vector], came: Sequence[Mask], kept: Mask) -> tuple[Vector, Mask]:
    at = np.flatnonzero(kept).tolist()
    none, never = np.empty(0), np.empty(0, bool)
    return (
        np.concatenate([none, *(scores[i] for i in at)]),
        np.concatenate([never, *(came[i] for i in at)]),
    )


def _reliability(told: Vector, came: Mask) -> dict[str, Any]:
    """Brier score beside that of telling everyone the mean, and the bins of the plot."""
    order = np.argsort(told, kind="stable")
    shares = 1 - 0.5 ** np.arange(_BINS + 1)
    edges = np.unique(np.quantile(told, shares)) if len(told) else np.empty(0)
    bins = np.searchsorted(edges, told[order], side="right")
    rows = []
    for number in np.unique(bins).tolist():
        inside = order[bins == number]
        rows.append(
            {
                "candidates": len(inside),
                "told": round(float(told[inside].mean()), 4),
                "came true": round(float(came[inside].mean()), 4),
            }
        )
    mean = float(came.mean()) if len(came) else float("nan")
    return {
        "candidates": len(told),
        "mean": round(mean, 5),
        "brier": round(float(np.mean((told - came) ** 2)), 5) if len(told) else None,
        "brier of the mean": round(mean * (1 - mean), 5),
        "bins": rows,
    }
