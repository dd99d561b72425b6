"""Rankers as a bundle saves them: an object in bundle.json, and files with their trees.

The object is {"kind": "linear", "weights", "base"}, {"kind": "trees", "file"} or {"kind":
"blended", "file", "weights", "base"}, with a "floor" and optionally a "calibration", a
"fairness", a "relevance" and a "prefilter": the features, of those it reads, whose sum decides
which candidates it ranks where there are many; the lowest come first. With an empty list, it
ranks all of them. Without a list, the first three of `USUAL_PREFILTER` that it reads decide.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models.blend import BlendedRanker
from models.calibrated_ranker import CalibratedRanker, Calibration, Fairness, Floor
from models.errors import BundleError
from models.ranker import LinearRanker, Ranker
from models.relevance import Relevance
from models.trees import TreesRanker

_KINDS = frozenset({"linear", "trees", "blended"})
USUAL_PREFILTER = (
    *("told_words_standing", "meaning_and_place_standing", "record_together_standing"),
    *("name_meaning_standing", "past_words_standing"),
)
"""Features that hold rank positions, 0 for the best candidate; the first three count."""


def usual_prefilter(features: Sequence[str]) -> tuple[str, ...]:
    """The prefilter of a ranker that reads `features`, where its bundle declares none."""
    return tuple(name for name in USUAL_PREFILTER if name in features)[:3]


def check_features(key: str, calibrated: CalibratedRanker, features: Collection[str]) -> None:
    """Raise BundleError where the ranker `key` reads features that are not among `features`."""
    unknown = sorted(set(calibrated.features) - set(features))
    if unknown:
        raise BundleError(
            f"its ranker '{key}' needs features that this version does not compute: "
            f"{', '.join(unknown)}; it was trained by another version: train it again"
        )
    unread = [name for name in calibrated.prefilter if name not in calibrated.features]
    if unread:
        raise BundleError(
            f"the 'prefilter' of its ranker '{key}' names features that the ranker does not read: "
            f"{', '.join(unread)}"
        )


def open_ranker(folder: Path, saved: dict[str, Any]) -> CalibratedRanker:
    """The ranker that is saved as `saved`.  Raises BundleError where it is damaged."""
    if not isinstance(saved, dict) or saved.get("kind") not in _KINDS:
        raise BundleError("a ranker must be of kind 'blended', 'linear' or 'trees'")
    if saved["kind"] == "linear":
        ranker: Ranker = LinearRanker.from_json(saved)
    elif saved["kind"] == "trees":
        ranker = _trees(folder, saved)
    else:
        ranker = BlendedRanker(_trees(folder, saved), LinearRanker.from_json(saved))
    relevance = saved.get("relevance")
    curve = saved.get("calibration")
    fair = saved.get("fairness")
    calibrated = CalibratedRanker(
        ranker,
        _floor(saved),
        Calibration.from_json(curve) if curve else None,
        Fairness.from_json(fair) if fair else None,
        relevance=_relevance(folder, relevance) if relevance else None,
    )
    return replace(calibrated, prefilter=_prefilter(saved, calibrated.features))


def _relevance(folder: Path, saved: dict[str, Any]) -> Relevance:
    work = _trees(folder, {"file": saved["work"]}) if "work" in saved else None
    return Relevance.from_json(saved, work)


def _prefilter(saved: dict[str, Any], features: Sequence[str]) -> tuple[str, ...]:
    names = saved.get("prefilter", usual_prefilter(features))
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise BundleError("the 'prefilter' of a ranker must be a list of names of features")
    return tuple(names)


def _trees(folder: Path, saved: dict[str, Any]) -> TreesRanker:
    path = folder / Path(str(saved.get("file"))).name
    if not path.is_file():
        raise BundleError(f"the trees of a ranker are missing ({path.name})")
    return TreesRanker.from_text(path.read_text())


def _floor(saved: dict[str, Any]) -> Floor:
    floor = saved.get("floor")
    if floor is None:
        return Floor(LinearRanker((), ()))
    try:
        least = float(floor["least"])
        if np.isnan(least):
            raise ValueError("'least' is not a number")  # noqa: TRY301
        return Floor(LinearRanker.from_json(floor), least)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BundleError(f"a floor needs 'weights', 'base' and 'least': {error}") from error


def save_ranker(folder: Path, key: str, calibrated: CalibratedRanker) -> dict[str, Any]:
    """Write the trees of the ranker `key` into `folder`; returns its object."""
    ranker = calibrated.ranker
    if isinstance(ranker, TreesRanker):
        saved: dict[str, Any] = {"kind": "trees", "file": _save_trees(folder, key, ranker)}
    elif isinstance(ranker, BlendedRanker):
        file = _save_trees(folder, key, ranker.trees)
        saved = {**ranker.judged.to_json(), "kind": "blended", "file": file}
    elif isinstance(ranker, LinearRanker):
        saved = ranker.to_json()
    else:
        raise BundleError(f"a ranker of type {type(ranker).__name__} cannot be saved")
    if calibrated.floor.relevance.features:
        saved["floor"] = {**calibrated.floor.relevance.to_json(), "least": calibrated.floor.minimum}
    if calibrated.calibration:
        saved["calibration"] = calibrated.calibration.to_json()
    if calibrated.fairness:
        saved["fairness"] = calibrated.fairness.to_json()
    if calibrated.relevance:
        saved["relevance"] = calibrated.relevance.to_json()
        if work := calibrated.relevance.work:
            saved["relevance"]["work"] = _save_trees(folder, "work", work)
    saved["prefilter"] = list(calibrated.prefilter)
    return saved


def _save_trees(folder: Path, name: str, trees: TreesRanker) -> str:
    """The name of the file with these trees: one that has them already, else a new one."""
    text = trees.text
    same = (path.name for path in sorted(folder.glob("*.txt")) if path.read_text() == text)
    found = next(same, f"{name}.txt")
    (folder / found).write_text(text)
    return found
