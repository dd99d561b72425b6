"""How a bundle is trained: the settings of every step, and their file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from models.errors import BundleError
from models.trees import TreeSettings

Count = Annotated[int, Meta(ge=1)]
Above = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]


@dataclass(frozen=True)
class TowerSettings:
    """How the embedder is learned."""

    size: Count = 128
    """how many numbers a vector has while it is learned"""
    kept: Count = 64
    """how many it keeps, turned so that these tell the most apart; at most as many as learned"""
    epochs: Count = 8
    batch: Annotated[int, Meta(ge=2)] = 768
    rate: Above = 0.05
    hidden: Annotated[float, Meta(ge=0, lt=1)] = 0.4
    """what share of a text's or a name's pieces is hidden at each step"""
    name_sharpness: Above = 5.0
    text_sharpness: Above = 10.0
    least: Count = 10
    """in how many documents a word must stand to be learned"""
    most: Annotated[float, Meta(gt=0, le=1)] = 0.12
    """in what share of documents a word may stand"""


class TrainingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole of it; what a file leaves out stays as it is here."""

    seed: int = 0
    windows: Annotated[int, Meta(ge=2)] = 4
    """how many stretches of lots are learned from; the last is held back to measure on"""
    months: Count = 1
    """how long a window is"""
    lots: Count = 4000
    """how many lots of a window are learned from at most, spread evenly over it"""
    others: Count = 250
    """how many candidates of a lot that did not win are learned from at most"""
    councils_only: bool = True
    """whether what is held back to measure on, and what counts in full, is local government's"""
    elsewhere: Share = 0.4
    """what a lot of another buyer teaches beside a council's, if those alone count in full"""
    newcomers: Share = 0.4
    """what a lot teaches that is asked once more as if nobody had a record"""
    newcomers_every: Count = 3
    """every how manieth lot is asked once more like that"""
    fewest_lots: Count = 200
    """with fewer lots than this to learn a ranker from, nothing is trained"""
    embedder: TowerSettings = TowerSettings()
    trees: TreeSettings = TreeSettings()

    @classmethod
    def read(cls, path: Path | None) -> TrainingSettings:
        """The settings in a TOML file.  Raises BundleError that names the field that is wrong."""
        if path is None:
            return cls()
        try:
            saved = tomllib.loads(path.read_text(encoding="utf-8"))
            read = msgspec.convert(saved, cls)
        except OSError as wrong:
            raise BundleError(f"--config {path}: cannot be read ({wrong.strerror})") from wrong
        except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as wrong:
            raise BundleError(f"--config {path.name}: {wrong}") from wrong
        for part, kind in (("embedder", TowerSettings), ("trees", TreeSettings)):
            unknown = sorted(set(saved.get(part, {})) - {one.name for one in fields(kind)})
            if unknown:
                raise BundleError(f"--config {path.name}: [{part}] has no field {unknown[0]}")
        return read
