"""A bundle: what was learned, and a card that says of what, how and how well.

A folder.  Opening it runs nothing from it, and refuses a file that is not the one it was
saved with.

    bundle.json       {"format": 2, "name": …, "card": {…}, "files": {NAME: SHA-256},
                       "rankers": {"all": RANKER, "relevance": RANKER}}
    background.json   how common each word is in public notices, and which name places
    distances.json    how far suppliers come, by CPV code
    embedder.npz      texts and names as vectors: arrays of numbers and words
    all.txt …         a ranker's trees, in LightGBM's text form

All files but the first may be missing.  A RANKER is {"kind": "linear", "weights", "base"} or
{"kind": "trees", "file"}, with a "floor" and perhaps a "calibration" and a
"fairness".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.background import Background
from models.calibration import Calibration
from models.distances import Distances
from models.embedder import Embedder
from models.errors import BundleError
from models.fairness import Fairness
from models.knowledge import Knowledge
from models.ranker import LinearRanker, Matrix, Ranker
from models.trees import TreesRanker

FORMAT = 2
BUNDLES = Path(__file__).with_name("bundles")
_READ = {".json", ".npz", ".txt"}
"""What is read of a bundle ends so; other files that lie about are passed over."""
DEFAULT = "default"


@dataclass(frozen=True)
class Floor:
    """Who is listed at all: `alike` adds up how much of what a provider does is like the lot."""

    alike: LinearRanker
    least: float = float("-inf")


@dataclass(frozen=True)
class CalibratedRanker:
    """A ranker, who is too unlike the lot to be listed by it, and what its scores mean."""

    ranker: Ranker
    floor: Floor
    calibration: Calibration | None = None
    fairness: Fairness | None = None

    @cached_property
    def features(self) -> tuple[str, ...]:
        """All features that it reads: the ranker's, then what else the floor wants."""
        return tuple(dict.fromkeys((*self.ranker.features, *self.floor.alike.features)))

    def ranked(self, x: Matrix) -> Matrix:
        """The ranker's columns of `x`, whose columns are `features`."""
        return x[:, : len(self.ranker.features)]

    def is_alike(self, x: Matrix) -> npt.NDArray[np.bool_]:
        """(n,) whether each row of `x`, whose columns are `features`, may be listed."""
        how_alike = self.floor.alike.score(x[:, self._of_floor])
        alike: npt.NDArray[np.bool_] = how_alike >= self.floor.least
        return alike

    @cached_property
    def _of_floor(self) -> list[int]:
        """Where among the features the floor's stand."""
        return [self.features.index(name) for name in self.floor.alike.features]


@dataclass(frozen=True)
class Bundle:
    """Opened rankers, by the signal set that each was made for, and what else was learned."""

    name: str
    version: str
    card: dict[str, Any]
    sieves: Mapping[str, CalibratedRanker]
    knowledge: Knowledge = field(default_factory=Knowledge)

    @classmethod
    def open(cls, name: str | Path, features: Collection[str]) -> Bundle:
        """The bundle NAME that ships, or the one in folder `name`.

        `features` are the names that the caller's code can compute; a bundle that wants
        another refuses to open.
        """
        folder = find(name)
        saved, version = _read(folder)
        try:
            sieves = {str(key): _sieve(folder, r) for key, r in saved["rankers"].items()}
            for key, sieve in sieves.items():
                _check_features(key, sieve, features)
            return cls(
                name=str(saved.get("name", folder.name)),
                version=version,
                card=saved.get("card", {}),
                sieves=sieves,
                knowledge=_knowledge(folder),
            )
        except BundleError as wrong:
            raise BundleError(f"--bundle {folder.name}: {wrong}") from wrong

    def sieve(self, signals: str) -> CalibratedRanker:
        """The ranker made for a signal set, 'all' or 'relevance', and what goes with it."""
        try:
            return self.sieves[signals]
        except KeyError:
            raise BundleError(
                f"bundle {self.name} has no ranker for the signal set '{signals}'; "
                f"it has {', '.join(sorted(self.sieves)) or 'none'}"
            ) from None

    def save(self, folder: Path, extra_files: Mapping[str, str] | None = None) -> None:
        """Write the bundle into `folder`, which is created if it does not exist.

        `extra_files` maps the names of further text files to their content. Raises BundleError
        where the folder is not empty.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BundleError(f"{folder}: a bundle is saved into an empty folder")
        known = self.knowledge
        known.background.save(folder / "background.json")
        _write_json(folder / "distances.json", known.distances.to_json())
        if known.embedder:
            known.embedder.save(folder / "embedder.npz")
        rankers = {key: _save_sieve(folder, key, s) for key, s in sorted(self.sieves.items())}
        for name, content in (extra_files or {}).items():
            (folder / name).write_text(content, encoding="utf-8")
        files = {p.name: _digest(p) for p in sorted(folder.iterdir())}
        saved = {
            "format": FORMAT,
            "name": self.name,
            "card": self.card,
            "files": files,
            "rankers": rankers,
        }
        text = json.dumps(saved, indent=1, ensure_ascii=False)
        (folder / "bundle.json").write_text(text + "\n", encoding="utf-8")


def shipped() -> list[str]:
    """The bundles that ship, by name."""
    return sorted(p.name for p in BUNDLES.iterdir() if (p / "bundle.json").exists())


def find(name: str | Path) -> Path:
    """The folder of the bundle NAME that ships, or else the folder `name`."""
    return BUNDLES / name if isinstance(name, str) and "/" not in name else Path(name)


def refuse_to_overwrite(folder: Path) -> None:
    """Raise BundleError where `folder` holds anything but a bundle."""
    if folder.is_file() or (
        folder.exists() and not (folder / "bundle.json").is_file() and any(folder.iterdir())
    ):
        raise BundleError(f"--bundle {folder}: the folder holds something else; name another")


def _check_features(key: str, sieve: CalibratedRanker, features: Collection[str]) -> None:
    foreign = sorted(set(sieve.features) - set(features))
    if foreign:
        raise BundleError(
            f"its ranker '{key}' wants features that this version does not compute: "
            f"{', '.join(foreign)}; another version trained it: train it again"
        )


def _read(folder: Path) -> tuple[dict[str, Any], str]:
    """What bundle.json says, and its digest; every file is as it was when saved."""
    try:
        raw = (folder / "bundle.json").read_bytes()
        saved = json.loads(raw)
    except OSError as wrong:
        here = ", ".join(shipped())
        raise BundleError(f"--bundle {folder.name}: no bundle there; these ship: {here}") from wrong
    except ValueError as wrong:
        raise BundleError(f"--bundle {folder.name}: bundle.json is damaged ({wrong})") from wrong
    if not isinstance(saved, dict) or saved.get("format") != FORMAT:
        found = saved.get("format") if isinstance(saved, dict) else type(saved).__name__
        raise BundleError(f"--bundle {folder.name}: format {found}, this version reads {FORMAT}")
    for part in ("rankers", "files"):
        if not isinstance(saved.get(part), dict):
            raise BundleError(
                f"--bundle {folder.name}: bundle.json is damaged (it has no '{part}')"
            )
    _check_files(folder, saved["files"])
    return saved, hashlib.sha256(raw).hexdigest()[:16]


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, digest in files.items():
        path = folder / Path(name).name
        if not path.is_file() or _digest(path) != digest:
            raise BundleError(f"--bundle {folder.name}: {name} is missing or was changed")
    for path in sorted(folder.iterdir()):
        if path.suffix in _READ and path.name not in {"bundle.json", *files}:
            raise BundleError(f"--bundle {folder.name}: {path.name} is none of its files")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _knowledge(folder: Path) -> Knowledge:
    distances, embedder = folder / "distances.json", folder / "embedder.npz"
    return Knowledge(
        Background.open(folder / "background.json"),
        Distances.open(distances),
        Embedder.open(embedder) if embedder.exists() else None,
    )


def _sieve(folder: Path, saved: dict[str, Any]) -> CalibratedRanker:
    if not isinstance(saved, dict) or saved.get("kind") not in {"linear", "trees"}:
        raise BundleError("a ranker must be of kind 'linear' or 'trees'")
    if saved["kind"] == "linear":
        ranker: Ranker = LinearRanker.from_json(saved)
    else:
        path = folder / Path(str(saved.get("file"))).name
        if not path.is_file():
            raise BundleError(f"the trees of a ranker are missing ({path.name})")
        ranker = TreesRanker.from_text(path.read_text())
    curve = saved.get("calibration")
    fair = saved.get("fairness")
    return CalibratedRanker(
        ranker,
        _floor(saved),
        Calibration.from_json(curve) if curve else None,
        Fairness.from_json(fair) if fair else None,
    )


def _floor(saved: dict[str, Any]) -> Floor:
    floor = saved.get("floor")
    if floor is None:
        return Floor(LinearRanker((), ()))
    try:
        least = float(floor["least"])
        if np.isnan(least):
            raise ValueError("'least' is no number")  # noqa: TRY301
        return Floor(LinearRanker.from_json(floor), least)
    except (KeyError, TypeError, ValueError, OverflowError) as wrong:
        raise BundleError(f"a floor needs 'weights', 'base' and 'least': {wrong}") from wrong


def _save_sieve(folder: Path, key: str, sieve: CalibratedRanker) -> dict[str, Any]:
    ranker = sieve.ranker
    if isinstance(ranker, TreesRanker):
        (folder / f"{key}.txt").write_text(ranker.to_text())
        saved: dict[str, Any] = {"kind": "trees", "file": f"{key}.txt"}
    elif isinstance(ranker, LinearRanker):
        saved = ranker.to_json()
    else:
        raise BundleError(f"a ranker of type {type(ranker).__name__} cannot be saved")
    if sieve.floor.alike.features:
        saved["floor"] = {**sieve.floor.alike.to_json(), "least": sieve.floor.least}
    if sieve.calibration:
        saved["calibration"] = sieve.calibration.to_json()
    if sieve.fairness:
        saved["fairness"] = sieve.fairness.to_json()
    return saved


def _write_json(path: Path, saved: object) -> None:
    path.write_text(json.dumps(saved, sort_keys=True, separators=(",", ":")) + "\n")
