"""A bundle: rankers by what may lawfully count, and a card that says what they are.

A folder of JSON files.  Opening it runs nothing from it.

    background.json   how common each word is in public notices; may be missing
    bundle.json    {"format": 1, "name": …, "card": {…},
                    "rankers": {"all": RANKER, "relevance": RANKER}}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.background import Background
from models.errors import BundleError
from models.ranker import LinearRanker, Ranker

FORMAT = 1
BUNDLES = Path(__file__).with_name("bundles")
DEFAULT = "hand"


@dataclass(frozen=True)
class Bundle:
    """Opened rankers, by name of the signal set that each was made for."""

    name: str
    version: str
    card: dict[str, Any]
    rankers: dict[str, Ranker]
    floors: dict[str, float] = field(default_factory=dict)
    """signal set → what the relevance of a provider must add to its score to be listed"""
    background: Background = field(default_factory=Background)

    @classmethod
    def open(cls, name: str | Path, features: Collection[str]) -> Bundle:
        """The bundle NAME that ships, or the one in folder `name`.

        `features` are the names that the caller's code can compute; a bundle that wants
        another refuses to open.
        """
        folder = BUNDLES / name if isinstance(name, str) and "/" not in name else Path(name)
        saved, version = _read(folder)
        rankers: dict[str, Ranker] = {}
        for key, ranker in saved["rankers"].items():
            rankers[key] = LinearRanker.from_json(ranker)
            foreign = sorted(set(rankers[key].features) - set(features))
            if foreign:
                raise BundleError(
                    f"bundle {folder.name}: its ranker '{key}' wants features that this version "
                    f"does not compute: {', '.join(foreign)}"
                )
        background = Background.open(folder / "background.json")
        name = str(saved.get("name", folder.name))
        floors = {key: float(r.get("floor", "-inf")) for key, r in saved["rankers"].items()}
        return cls(name, version, saved.get("card", {}), rankers, floors, background)

    def ranker(self, signals: str) -> Ranker:
        """The ranker made for a signal set: 'all' or 'relevance'."""
        try:
            return self.rankers[signals]
        except KeyError:
            raise BundleError(
                f"bundle {self.name} has no ranker for the signal set '{signals}'; "
                f"it has {', '.join(sorted(self.rankers)) or 'none'}"
            ) from None


def _read(folder: Path) -> tuple[dict[str, Any], str]:
    path = folder / "bundle.json"
    try:
        raw = path.read_bytes()
        saved = json.loads(raw)
    except OSError as wrong:
        here = ", ".join(sorted(p.name for p in BUNDLES.iterdir() if (p / "bundle.json").exists()))
        raise BundleError(f"--bundle {folder.name}: no bundle there; these ship: {here}") from wrong
    except ValueError as wrong:
        raise BundleError(f"--bundle {folder.name}: bundle.json is damaged ({wrong})") from wrong
    if not isinstance(saved, dict) or saved.get("format") != FORMAT:
        found = saved.get("format") if isinstance(saved, dict) else type(saved).__name__
        raise BundleError(f"--bundle {folder.name}: format {found}, this version reads {FORMAT}")
    if not isinstance(saved.get("rankers"), dict):
        raise BundleError(f"--bundle {folder.name}: bundle.json is damaged (it has no 'rankers')")
    beside = folder / "background.json"
    raw += beside.read_bytes() if beside.exists() else b""
    return saved, hashlib.sha256(raw).hexdigest()[:16]
